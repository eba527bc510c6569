// The text format of WebAssembly 3.0 (core specification, text/): a module in
// text to the same module in binary. Encoding to binary keeps one road into the
// rest of wasmd: everything after this reads binaries.

#ifndef WASMD_WASM_TEXT_WAT_PARSER_H_
#define WASMD_WASM_TEXT_WAT_PARSER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "wasm/features.h"

namespace wasmd {

struct ParseWatOptions {
  FeatureSet features;
  // Emit a name section from the identifiers in the text.
  bool names = true;
};

// `text` is a whole (module ...), or the fields of one without it. Errors:
// InvalidArgument "LINE:COLUMN: what was wrong" (both from 1) for whatever the
// specification calls malformed text; ResourceExhausted past kMaxBlockNesting
// and 4 GiB of text. Thread-safe.
absl::StatusOr<std::vector<uint8_t>> ParseWat(
    std::string_view text, const ParseWatOptions& options = {});

}  // namespace wasmd

#endif  // WASMD_WASM_TEXT_WAT_PARSER_H_

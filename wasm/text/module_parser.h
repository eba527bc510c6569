// A module from tokens to binary; what ParseWat and scripts share.

#ifndef WASMD_WASM_TEXT_MODULE_PARSER_H_
#define WASMD_WASM_TEXT_MODULE_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "wasm/text/token.h"
#include "wasm/text/wat_parser.h"

namespace wasmd::text {

// Tokens [begin, end) are a whole (module ...), or the fields of one. Errors as
// ParseWat. Thread-safe.
absl::StatusOr<std::vector<uint8_t>> ParseModule(
    const TokenList& tokens, size_t begin, size_t end,
    const ParseWatOptions& options);

// The same for the fields alone of a module called `name`.
absl::StatusOr<std::vector<uint8_t>> ParseModuleFields(
    const TokenList& tokens, size_t begin, size_t end,
    const std::optional<std::string>& name, const ParseWatOptions& options);

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_MODULE_PARSER_H_

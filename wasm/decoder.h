// Decoder: the binary format (core specification, binary/) to a Module. Checks
// everything the specification calls malformed except the insides of function
// bodies, which Validate reads; what it calls invalid is Validate's.

#ifndef WASMD_WASM_DECODER_H_
#define WASMD_WASM_DECODER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "wasm/features.h"
#include "wasm/module.h"

namespace wasmd {

struct DecodeOptions {
  FeatureSet features;
  // What gives the hash of the binary, asked when all else is done: for who
  // has it already, computes it meanwhile on another thread, or has no use for
  // it. Null: Decode computes it.
  std::function<Sha256Digest()> hash = nullptr;
};

// Takes the binary and keeps it in the Module. Errors: InvalidArgument for a
// malformed module, ResourceExhausted past a limit of limits.h. The message is
// one line and ends in "(at byte N)". Linear in the size; hostile input never
// makes it allocate more than a small multiple of that size. Thread-safe.
absl::StatusOr<std::shared_ptr<const Module>> Decode(
    std::vector<uint8_t> binary, const DecodeOptions& options = {});
// The same of a binary that others hold too.
absl::StatusOr<std::shared_ptr<const Module>> DecodeShared(
    std::shared_ptr<const std::vector<uint8_t>> binary,
    const DecodeOptions& options = {});

}  // namespace wasmd

#endif  // WASMD_WASM_DECODER_H_

// Validator: the rules of core specification valid/, with the algorithm of its
// appendix. Also finds malformed function bodies, which Decode does not enter.

#ifndef WASMD_WASM_VALIDATOR_H_
#define WASMD_WASM_VALIDATOR_H_

#include <cstdint>

#include "absl/status/status.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/subtyping.h"  // IWYU pragma: export

namespace wasmd {

struct ValidateOptions {
  FeatureSet features;
  // Function bodies are checked on this many threads; 0 = one for each core.
  // The error reported is that of the lowest offset, whatever the number.
  int threads = 1;
};

// OK, or InvalidArgument with a one-line message that ends in
// "(at byte N)" or "(in function F at byte N)". A message of a malformed body
// starts with "malformed: ", any other is about an invalid module; as a binary
// is decoded before it is validated, a malformed body is reported even where
// the module is also invalid. ResourceExhausted for a module past a limit of
// limits.h. Everything else in wasmd may assume that a Module it gets has
// passed. Thread-safe.
absl::Status Validate(const Module& module,
                      const ValidateOptions& options = {});

}  // namespace wasmd

#endif  // WASMD_WASM_VALIDATOR_H_

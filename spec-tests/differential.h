// Runs a module in ways that must not differ: with both dispatch back ends,
// straight and suspended at safepoints, cold and restored from a snapshot, and
// going on with the other back end after each suspension.

#ifndef WASMD_SPEC_TESTS_DIFFERENTIAL_H_
#define WASMD_SPEC_TESTS_DIFFERENTIAL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace wasmd::spec {

// For a module of wasm/testing/module_generator.h. What its calls gave, one a
// line. Internal, saying which ways differ and where, if two did not give the
// same results, traps, exceptions, fuel and, byte by byte, final state; other
// errors if it is not valid or cannot be run.
absl::StatusOr<std::string> CompareRuns(std::vector<uint8_t> binary);

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_DIFFERENTIAL_H_

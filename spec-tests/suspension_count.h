// What was suspended in a run of a script.

#ifndef WASMD_SPEC_TESTS_SUSPENSION_COUNT_H_
#define WASMD_SPEC_TESTS_SUSPENSION_COUNT_H_

#include <cstdint>

namespace wasmd::spec {

struct SuspensionCount {
  uint64_t all = 0;
  // Calls that were not suspended at every Nth safepoint.
  uint64_t sampled_calls = 0;
};

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_SUSPENSION_COUNT_H_

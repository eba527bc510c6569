// ConfinedChild: a computation over untrusted bytes by code that is not ours (a
// library for debugging information), in a child process that can do nothing
// else. Whatever the bytes make that code do, the worst is that there is no
// answer.

#ifndef WASMD_RUNTIME_CONFINED_CHILD_H_
#define WASMD_RUNTIME_CONFINED_CHILD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace wasmd {

struct ConfinedLimits {
  uint32_t seconds = 3;  // of CPU time; of real time some more
  uint64_t memory_bytes = uint64_t{1} << 30;  // beyond what this process has
  size_t answer_bytes = size_t{1} << 20;      // more is cut off
};

// Forks, and gives what `work` in the child hands to `answer`. The child has
// this process's memory as it is now, no open files and no system calls but
// those that memory takes. Internal, if it crashed, was too long at it or could
// not be confined; what it had answered is lost then. What is answered is not
// to be trusted either.
//
// `work` may use malloc and what it finds in memory, and must not wait for
// another thread: there is none.
absl::StatusOr<std::string> RunConfined(
    const std::function<
        void(const std::function<void(std::string_view bytes)>& answer)>& work,
    const ConfinedLimits& limits);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_CONFINED_CHILD_H_

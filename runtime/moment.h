// Moment: a place in the past of a process: a state that the store has, and up
// to which event of the journal the guest is to be run again from there.

#ifndef WASMD_RUNTIME_MOMENT_H_
#define WASMD_RUNTIME_MOMENT_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "runtime/process_options.pb.h"
#include "store/process_db.h"

namespace wasmd {

struct Moment {
  // The state: of this kept point; absent: the last one.
  std::optional<uint64_t> point = {};
  // That of the state. Its runtime_state, which `options` is, says in
  // state_event and end_event what is to be run again: the latter is the event
  // after which the moment is.
  ProcessRecord record = {};
  ProcessOptions options = {};
  // The first block of the journal that it takes; absent: it takes none.
  std::optional<uint64_t> first_block = {};
  // It is where the last commit left the process, so that what the journal
  // holds after the last event counts too.
  bool is_last_commit = false;
};

enum class MomentUse : uint8_t {
  kLook,    // or fork: from the nearest state
  kRewind,  // from a kept one
};

// The moment right after `event` of a process; 0: before its first instruction.
// NotFound if there was no such process or event yet, or it is not kept any
// more: one line that says what is kept. FailedPrecondition if the process
// ended with that event, or has not run yet.
absl::StatusOr<Moment> FindMoment(ProcessDb& db, ProcessNumber process,
                                  uint64_t event, MomentUse use);

// Where its last commit left it. A process that has finished: its last state.
// FailedPrecondition if it has not run yet.
absl::StatusOr<Moment> LastMoment(ProcessDb& db, ProcessNumber process);

// A kept point itself. NotFound if there is none.
absl::StatusOr<Moment> MomentOfPoint(ProcessDb& db, ProcessNumber process,
                                     uint64_t point);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_MOMENT_H_

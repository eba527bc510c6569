// Going back: rewinding a process, and forking it from its past.

#ifndef WASMD_RUNTIME_TIME_TRAVEL_H_
#define WASMD_RUNTIME_TIME_TRAVEL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/engine.h"
#include "store/process_db.h"

namespace wasmd {

// Takes the process back to right after `event` (0: before its first
// instruction): memory, call stack, WASI side and log are as they were, its
// status is PAUSED, and what came after is gone: events, output in the log,
// states that were kept. What it did outside since then stays done.
//
// `number` is claimed, and nobody runs it; it may have finished. All or
// nothing: the way there is run again before anything is changed. Only if what
// is there then cannot be saved again, or this program ends, is that left to
// the next resume; the process is at that event all the same. Errors as
// FindMoment and Process::LookAt have them.
absl::Status RewindProcess(Engine& engine, ProcessNumber number,
                           uint64_t event);

// A new process, PAUSED, with memory, call stack, open files and arguments as
// `parent` had them right after `event`, or has them now; its log is empty, its
// history begins there. Pages are shared until one of the two writes them. What
// it asks of the outside from then on it gets for itself; what the parent did
// to files since stays done. `parent` stays as it is, and is claimed unless
// that moment is at or after a kept state (FailedPrecondition).
//
// `name`: empty for one made from the parent's. Errors as FindMoment and
// Process::LookAt have them; FailedPrecondition if the parent has finished and
// no event is given; AlreadyExists if the name is taken.
struct ForkSource {
  ProcessNumber parent = 0;
  bool is_claimed = false;
  std::optional<uint64_t> event = {};
};
absl::StatusOr<ProcessNumber> ForkProcess(Engine& engine,
                                          const ForkSource& source,
                                          const std::string& name);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_TIME_TRAVEL_H_

// ProcessView: what can be said of a process without running it, for `wasmd
// inspect` and `wasmd fsck`. Reads the store only.

#ifndef WASMD_RUNTIME_PROCESS_VIEW_H_
#define WASMD_RUNTIME_PROCESS_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/engine.h"
#include "store/process_db.h"

namespace wasmd {

struct ProcessView {
  ProcessRecord record;
  bool has_state = false;      // false: it has not run yet
  uint64_t state_bytes = 0;    // of the state record
  uint64_t stored_pages = 0;   // of 4 KiB, that differ from the module's image
  uint64_t stored_bytes = 0;   // of these pages, zeros not counted
  std::string pending_import;  // "wasi_snapshot_preview1.poll_oneoff" or empty
  std::vector<std::string> back_trace;  // innermost first
  uint64_t fuel_used = 0;
  // All of these are as they were after this event, which is where the last
  // commit left the process.
  uint64_t event = 0;
  // Why they are not, but as in the last state before it: the journal since
  // then is damaged. Empty: they are.
  std::string journal_error;
  // States that are kept besides, by the event after which each is.
  std::vector<uint64_t> kept_states;
};

// NotFound if there is none; DataLoss and so on as RestoreSnapshot.
absl::StatusOr<ProcessView> ViewProcess(ProcessDb& db, ProcessNumber number);

// Whether a process could be resumed, or, if it has not run, started: its
// module is there and valid, state and pages make a machine, and that does what
// the journal says when it is run again. Errors as Process::LookAt and
// ModuleLoader::Find. Files that it had open are not looked at.
absl::Status CheckRestorable(Engine& engine, ProcessNumber number);

// Whether one could go back: the states that are kept make machines, and the
// journal can be read. Errors as Process::LookAt.
absl::Status CheckHistory(Engine& engine, ProcessNumber number);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_PROCESS_VIEW_H_

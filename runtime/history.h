// History: the journal of a process, for people.

#ifndef WASMD_RUNTIME_HISTORY_H_
#define WASMD_RUNTIME_HISTORY_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "runtime/journal_event.h"
#include "store/process_db.h"

namespace wasmd {

// Calls `sink` for each event that is kept, from `from` on, in order. An intent
// is told only if its answer is not there: it was about to start when the
// process was saved last. States are not told.
absl::Status ForEachEvent(
    ProcessDb& db, ProcessNumber process, uint64_t from,
    const std::function<absl::Status(const JournalEvent&)>& sink);

// "fd_write(1, 8, 1, 16)": the arguments as numbers; with its module if that is
// not WASI.
std::string CallOf(const JournalEvent& event);
// "0", "ENOENT", "exit 3", "in doubt".
std::string AnswerOf(const JournalEvent& event);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_HISTORY_H_

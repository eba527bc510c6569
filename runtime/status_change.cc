#include "runtime/status_change.h"

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/record.h"

namespace wasmd {

absl::StatusOr<ProcessRecord> ChangeStatus(ProcessDb& db, ProcessNumber process,
                                           ProcessStatus status,
                                           int64_t now_ns) {
  ASSIGN_OR_RETURN(ProcessRecord record, db.GetRecord(process));
  if (record.status() == status) return record;
  if (HasFinished(record.status())) {
    return absl::FailedPreconditionError(
        StrCat("process ", record.name(),
               " has finished: ", ProcessStatus_Name(record.status())));
  }
  record.set_status(status);
  record.set_wake_time_ns(0);
  record.set_updated_ns(now_ns);
  record.set_sequence(record.sequence() + 1);
  RETURN_IF_ERROR(
      db.ApplyCommit({.process = process, .record = record}, SyncMode::kSync));
  return record;
}

}  // namespace wasmd

// Pausing and cancelling processes that are not being run.

#ifndef WASMD_RUNTIME_STATUS_CHANGE_H_
#define WASMD_RUNTIME_STATUS_CHANGE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "store/process_db.h"

namespace wasmd {

// Makes the process PAUSED or CANCELLED, in a synced commit that changes its
// record only: state and log stay as they are. Nobody else may be changing it.
// No-op when it has the status; FailedPrecondition if it has finished
// otherwise. The record as it is then.
absl::StatusOr<ProcessRecord> ChangeStatus(ProcessDb& db, ProcessNumber process,
                                           ProcessStatus status,
                                           int64_t now_ns);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_STATUS_CHANGE_H_

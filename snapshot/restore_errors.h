// The errors of RestoreSnapshot, one clear line each.

#ifndef WASMD_SNAPSHOT_RESTORE_ERRORS_H_
#define WASMD_SNAPSHOT_RESTORE_ERRORS_H_

#include <string_view>

#include "absl/status/status.h"
#include "base/str_cat.h"

namespace wasmd {

// DataLoss: the record says what cannot be.
inline absl::Status Damage(std::string_view what) {
  return absl::DataLossError(ToAbsl(what));
}

// The same error with `where` in front; OK stays OK.
inline absl::Status Annotate(std::string_view where,
                             const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      StrCat(where, ": ", ToStd(status.message())));
}

// Something from outside is not to be had: FailedPrecondition where `status`
// says that there is none, else the failure to get it.
inline absl::Status MissingPart(std::string_view what,
                                const absl::Status& status) {
  const bool is_missing = status.code() == absl::StatusCode::kNotFound;
  return absl::Status(
      is_missing ? absl::StatusCode::kFailedPrecondition : status.code(),
      StrCat(what, ": ", ToStd(status.message())));
}

// FailedPrecondition: the snapshot is good but the limits here are too low.
inline absl::Status OverLimit(std::string_view what,
                              const absl::Status& status) {
  if (status.code() != absl::StatusCode::kResourceExhausted) return status;
  return absl::FailedPreconditionError(StrCat(
      what, ": ", ToStd(status.message()), "; raise the limit to restore it"));
}

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_RESTORE_ERRORS_H_

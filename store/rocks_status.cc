#include "store/rocks_status.h"

#include <rocksdb/status.h>

#include <algorithm>
#include <string>

#include "base/str_cat.h"

namespace wasmd {

absl::Status FromRocksStatus(const rocksdb::Status& status,
                             std::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  std::string what = StrCat(doing, ": ", status.ToString());
  std::replace(what.begin(), what.end(), '\n', ' ');
  if (status.IsCorruption()) {
    return absl::DataLossError(
        StrCat(what,
               ": the files are damaged, restore the store from a "
               "backup"));
  }
  if (status.IsNoSpace()) {
    return absl::ResourceExhaustedError(
        StrCat(what,
               ": the disk is full, free some space; what was committed is "
               "safe"));
  }
  if (status.IsIOError()) {
    return absl::UnavailableError(
        StrCat(what, ": check the disk; what was committed is safe"));
  }
  if (status.IsBusy() || status.IsTryAgain() || status.IsTimedOut() ||
      status.IsAborted() || status.IsIncomplete() ||
      status.IsShutdownInProgress()) {
    return absl::UnavailableError(StrCat(what, ": try again"));
  }
  if (status.IsNotSupported()) {
    return absl::UnimplementedError(
        StrCat(what, ": use a newer wasmd, or the one that wrote the store"));
  }
  return absl::InternalError(what);
}

}  // namespace wasmd

// From RocksDB's errors to ours: one line, what happened, where, what to do.

#ifndef WASMD_STORE_ROCKS_STATUS_H_
#define WASMD_STORE_ROCKS_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace rocksdb {
class Status;
}  // namespace rocksdb

namespace wasmd {

// `doing` says what failed: "cannot read page 3 of memory 0 of process 7".
//   damage        DataLoss
//   disk full     ResourceExhausted
//   other I/O     Unavailable
//   newer RocksDB Unimplemented
//   anything else Internal
absl::Status FromRocksStatus(const rocksdb::Status& status,
                             std::string_view doing);

}  // namespace wasmd

#endif  // WASMD_STORE_ROCKS_STATUS_H_

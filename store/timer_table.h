// TimerTable: the processes that wait for a time, earliest first.
//
// Every timer that fires is deleted at the front of the table, and RocksDB
// walks over what was deleted there: milliseconds after some ten thousand. So
// this remembers a time before which there are no timers, and starts there.
//
// Thread-safe.

#ifndef WASMD_STORE_TIMER_TABLE_H_
#define WASMD_STORE_TIMER_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "store/database.h"

namespace wasmd {

class TimerTable {
 public:
  // Tells of a timer that was written.
  void Added(int64_t wake_time_ns);

  // At most `limit` processes with a timer at or before `now_ns`. `generation`:
  // of the DatabaseHolder.
  absl::StatusOr<std::vector<uint64_t>> Due(const Database& database,
                                            uint64_t generation, int64_t now_ns,
                                            size_t limit);

 private:
  absl::Mutex scan_mutex_;  // one scan at a time; acquired before mutex_
  uint64_t generation_ ABSL_GUARDED_BY(scan_mutex_) = 0;
  absl::Mutex mutex_;
  // No timer in the database is earlier, but for those whose writer has not
  // told yet.
  int64_t floor_ns_ ABSL_GUARDED_BY(mutex_) =
      std::numeric_limits<int64_t>::min();
  // The earliest timer told of since the scan that is under way began.
  std::optional<int64_t> added_since_scan_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wasmd

#endif  // WASMD_STORE_TIMER_TABLE_H_

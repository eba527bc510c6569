#include "store/timer_table.h"

#include <algorithm>

#include "base/status_macros.h"
#include "store/key.h"
#include "store/value.h"

namespace wasmd {

void TimerTable::Added(int64_t wake_time_ns) {
  absl::MutexLock lock(&mutex_);
  floor_ns_ = std::min(floor_ns_, wake_time_ns);
  added_since_scan_ =
      std::min(added_since_scan_.value_or(wake_time_ns), wake_time_ns);
}

absl::StatusOr<std::vector<uint64_t>> TimerTable::Due(const Database& database,
                                                      uint64_t generation,
                                                      int64_t now_ns,
                                                      size_t limit) {
  absl::MutexLock scan_lock(&scan_mutex_);
  int64_t floor_ns;
  {
    absl::MutexLock lock(&mutex_);
    if (generation_ != generation) {
      generation_ = generation;
      floor_ns_ = std::numeric_limits<int64_t>::min();
    }
    floor_ns = floor_ns_;
    added_since_scan_ = std::nullopt;
  }
  // A timer that the cursor does not see was written after this, and its
  // writer will tell, after mutex_ was released above.
  const Key lower = MakeTimerKey({.wake_time_ns = floor_ns});
  Cursor cursor(database, lower.view(), TableEnd(Table::kTimer).view());
  std::vector<uint64_t> due;
  std::optional<int64_t> first;
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    const std::optional<TimerKey> timer = ParseTimerKey(cursor.key());
    if (!timer.has_value()) {
      return DamagedValue(cursor.key(), "its key is malformed");
    }
    if (!first.has_value()) first = timer->wake_time_ns;
    if (due.size() == limit || timer->wake_time_ns > now_ns) break;
    RETURN_IF_ERROR(cursor.Payload(0).status());
    due.push_back(timer->process);
  }
  RETURN_IF_ERROR(cursor.status("the timers"));
  absl::MutexLock lock(&mutex_);
  const int64_t found = first.value_or(std::numeric_limits<int64_t>::max());
  floor_ns_ = std::min(found, added_since_scan_.value_or(found));
  return due;
}

}  // namespace wasmd

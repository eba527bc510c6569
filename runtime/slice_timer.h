// SliceTimer: ends slices. A thread of its own that asks a guest thread to stop
// when its time is over; the guest then stops at its next safepoint.

#ifndef WASMD_RUNTIME_SLICE_TIMER_H_
#define WASMD_RUNTIME_SLICE_TIMER_H_

#include <cstdint>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "interp/thread.h"

namespace wasmd {

// Thread-safe. Times are from now on, in nanoseconds.
class SliceTimer {
 public:
  SliceTimer();
  ~SliceTimer();
  SliceTimer(const SliceTimer&) = delete;
  SliceTimer& operator=(const SliceTimer&) = delete;

  // `thread` is interrupted once, after `slice_ns` or when Interrupt is called,
  // unless Disarm comes first. It must live until then.
  void Arm(Thread* thread, int64_t slice_ns) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends the slice of the armed thread after `slice_ns`, if not before.
  void Advance(int64_t slice_ns) ABSL_LOCKS_EXCLUDED(mutex_);
  void Disarm() ABSL_LOCKS_EXCLUDED(mutex_);

  // Interrupts the armed thread now, if there is one.
  void Interrupt() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Mutex mutex_;
  absl::CondVar changed_;
  Thread* armed_ ABSL_GUARDED_BY(mutex_) = nullptr;
  int64_t deadline_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  // When the timer's thread will look again; it is woken only for earlier.
  int64_t wakes_at_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_SLICE_TIMER_H_

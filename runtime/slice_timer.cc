#include "runtime/slice_timer.h"

#include <time.h>

#include <algorithm>
#include <limits>

#include "absl/time/time.h"

namespace wasmd {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

int64_t MonotonicNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

SliceTimer::SliceTimer() : thread_([this] { Run(); }) {}

SliceTimer::~SliceTimer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.Signal();
  }
  thread_.join();
}

void SliceTimer::Arm(Thread* thread, int64_t slice_ns) {
  const int64_t deadline_ns = MonotonicNow() + slice_ns;
  absl::MutexLock lock(&mutex_);
  armed_ = thread;
  deadline_ns_ = deadline_ns;
  // A slice usually ends after the one before it: then the timer's thread wakes
  // in time anyway, and waking it now would cost more than the slice's start.
  if (deadline_ns_ < wakes_at_ns_) changed_.Signal();
}

void SliceTimer::Advance(int64_t slice_ns) {
  const int64_t deadline_ns = MonotonicNow() + slice_ns;
  absl::MutexLock lock(&mutex_);
  if (armed_ == nullptr || deadline_ns >= deadline_ns_) return;
  deadline_ns_ = deadline_ns;
  if (deadline_ns_ < wakes_at_ns_) changed_.Signal();
}

void SliceTimer::Disarm() {
  absl::MutexLock lock(&mutex_);
  armed_ = nullptr;
}

void SliceTimer::Interrupt() {
  absl::MutexLock lock(&mutex_);
  if (armed_ != nullptr) armed_->RequestInterrupt();
}

void SliceTimer::Run() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    if (armed_ == nullptr) {
      wakes_at_ns_ = kNever;
      changed_.Wait(&mutex_);
      continue;
    }
    const int64_t now = MonotonicNow();
    if (now >= deadline_ns_) {
      armed_->RequestInterrupt();
      armed_ = nullptr;
      continue;
    }
    wakes_at_ns_ = deadline_ns_;
    changed_.WaitWithTimeout(&mutex_, absl::Nanoseconds(deadline_ns_ - now));
  }
}

}  // namespace wasmd

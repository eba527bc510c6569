// Mutex: a std::mutex that Clang's thread safety analysis knows. For what the
// ThreadSanitizer tests reach: it cannot see the locks of a library that was
// built without it, as Abseil's is.

#ifndef WASMD_BASE_MUTEX_H_
#define WASMD_BASE_MUTEX_H_

#include <mutex>

#include "absl/base/thread_annotations.h"

namespace wasmd {

// Thread-safe. Not recursive.
class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void Unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds `mutex` as long as it lives.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex)
      : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace wasmd

#endif  // WASMD_BASE_MUTEX_H_

#include "base/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"

namespace wasmd {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 20000;

class Counter {
 public:
  void Increment() ABSL_LOCKS_EXCLUDED(mutex_) {
    const MutexLock lock(mutex_);
    ++count_;
  }
  int count() ABSL_LOCKS_EXCLUDED(mutex_) {
    const MutexLock lock(mutex_);
    return count_;
  }

 private:
  Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(MutexTest, OneThreadAtATimeHasIt) {
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&counter] {
      for (int round = 0; round < kRounds; ++round) counter.Increment();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.count(), kThreads * kRounds);
}

}  // namespace
}  // namespace wasmd

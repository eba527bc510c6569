#include "store/commit_priority.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

#include <atomic>

namespace wasmd {
namespace {

TEST(CommitPriorityTest, IsRaisedWhileItLivesWhereThatIsPermitted) {
  ASSERT_EQ(sched_getscheduler(0), SCHED_OTHER);
  std::atomic<bool> is_denied = false;
  {
    const CommitPriority priority(&is_denied);
    if (is_denied) {
      EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
      GTEST_SKIP() << "real-time priority is not permitted here";
    }
    EXPECT_EQ(sched_getscheduler(0), SCHED_FIFO);
    // One inside of another ends nothing early.
    { const CommitPriority inner(&is_denied); }
    EXPECT_EQ(sched_getscheduler(0), SCHED_FIFO);
  }
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

TEST(CommitPriorityTest, NothingIsAskedOnceItWasDenied) {
  std::atomic<bool> is_denied = true;
  const CommitPriority priority(&is_denied);
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

TEST(CommitPriorityTest, NicenessIsAsBefore) {
  const int nice = getpriority(PRIO_PROCESS, 0);
  std::atomic<bool> is_denied = false;
  { const CommitPriority priority(&is_denied); }
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), nice);
}

}  // namespace
}  // namespace wasmd

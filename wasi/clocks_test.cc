#include "wasi/clocks.h"

#include <gtest/gtest.h>

#include <limits>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/fake_environment.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(GuestClocksTest, FollowTheHost) {
  FakeEnvironment environment;
  GuestClocks clocks = GuestClocks::Start(&environment);
  const int64_t realtime = clocks.Realtime();
  const int64_t monotonic = clocks.Monotonic();
  EXPECT_EQ(realtime, environment.realtime);
  EXPECT_GT(monotonic, 0);
  environment.Advance(5);
  EXPECT_EQ(clocks.Realtime(), realtime + 5);
  EXPECT_EQ(clocks.Monotonic(), monotonic + 5);
}

TEST(GuestClocksTest, NeverGoBack) {
  FakeEnvironment environment;
  GuestClocks clocks = GuestClocks::Start(&environment);
  const int64_t realtime = clocks.Realtime();
  const int64_t monotonic = clocks.Monotonic();
  environment.Advance(-kSecond);
  EXPECT_EQ(clocks.Realtime(), realtime);
  EXPECT_EQ(clocks.Monotonic(), monotonic);
}

TEST(GuestClocksTest, NeverGoBackOverAResume) {
  FakeEnvironment environment;
  GuestClocks clocks = GuestClocks::Start(&environment);
  environment.Advance(100 * kSecond);
  const int64_t realtime = clocks.Realtime();
  const int64_t monotonic = clocks.Monotonic();
  FakeEnvironment other;  // whose clocks are behind
  other.realtime = environment.realtime - 50 * kSecond;
  other.monotonic = 1;
  GuestClocks resumed = GuestClocks::Resume(&other, clocks.state());
  EXPECT_EQ(resumed.Realtime(), realtime);
  EXPECT_GE(resumed.Monotonic(), monotonic);
  other.Advance(kSecond);
  EXPECT_GE(resumed.Monotonic(), monotonic + kSecond);
  EXPECT_EQ(resumed.Realtime(), realtime);
  other.Advance(60 * kSecond);
  EXPECT_EQ(resumed.Realtime(), other.realtime);
}

TEST(GuestClocksTest, TheMonotonicClockCountsTheTimeAway) {
  FakeEnvironment environment;
  GuestClocks clocks = GuestClocks::Start(&environment);
  const int64_t monotonic = clocks.Monotonic();
  FakeEnvironment other;
  other.realtime = environment.realtime + 3600 * kSecond;
  other.monotonic = 123;
  GuestClocks resumed = GuestClocks::Resume(&other, clocks.state());
  EXPECT_EQ(resumed.Monotonic(), monotonic + 3600 * kSecond);
}

TEST(GuestClocksTest, ResumingChangesNothingThatIsSaved) {
  FakeEnvironment environment;
  GuestClocks clocks = GuestClocks::Start(&environment);
  clocks.Monotonic();
  environment.Advance(kSecond);
  const GuestClocks resumed = GuestClocks::Resume(&environment, clocks.state());
  EXPECT_EQ(resumed.state().monotonic_ns, clocks.state().monotonic_ns);
  EXPECT_EQ(resumed.state().monotonic_at_realtime_ns,
            clocks.state().monotonic_at_realtime_ns);
}

TEST(GuestClocksTest, CanBeAdvanced) {
  FakeEnvironment environment;
  GuestClocks clocks = GuestClocks::Start(&environment);
  const int64_t monotonic = clocks.Monotonic();
  clocks.AdvanceMonotonicTo(monotonic + 10);
  EXPECT_EQ(clocks.Monotonic(), monotonic + 10);
  clocks.AdvanceMonotonicTo(monotonic);
  EXPECT_EQ(clocks.Monotonic(), monotonic + 10);
  environment.Advance(1);
  EXPECT_EQ(clocks.Monotonic(), monotonic + 11);
}

TEST(GuestClocksTest, CpuTimeGoesOnOverAResume) {
  FakeEnvironment environment;
  GuestClocks unknown = GuestClocks::Start(&environment);
  EXPECT_EQ(unknown.Cpu(), std::nullopt);
  environment.cpu = 100;
  GuestClocks clocks = GuestClocks::Start(&environment);
  EXPECT_EQ(clocks.Cpu(), 0);
  environment.cpu = 150;
  EXPECT_EQ(clocks.Cpu(), 50);
  FakeEnvironment other;
  other.cpu = 7;
  GuestClocks resumed = GuestClocks::Resume(&other, clocks.state());
  other.cpu = 9;
  EXPECT_EQ(resumed.Cpu(), 52);
}

TEST(SaturatingAddTest, StopsAtTheLargest) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(SaturatingAdd(1, 2), 3);
  EXPECT_EQ(SaturatingAdd(kMax, 1), kMax);
  EXPECT_EQ(ToNanoseconds(~uint64_t{0}), kMax);
  EXPECT_EQ(ToNanoseconds(5), 5);
}

class ClockFunctionsTest : public ::testing::Test {
 protected:
  ClockFunctionsTest() : guest_(Options{}), at_(guest_.Space(8)) {}
  Errno Time(uint64_t clock) {
    return guest_.Call("clock_time_get", {clock, 0, at_});
  }
  Errno Resolution(uint64_t clock) {
    return guest_.Call("clock_res_get", {clock, at_});
  }
  TestGuest guest_;
  uint32_t at_;
};

TEST_F(ClockFunctionsTest, Time) {
  ASSERT_ERRNO(Time(clock_id::kRealtime), kSuccess);
  EXPECT_EQ(guest_.Get64(at_),
            static_cast<uint64_t>(guest_.environment().realtime));
  ASSERT_ERRNO(Time(clock_id::kMonotonic), kSuccess);
  const uint64_t monotonic = guest_.Get64(at_);
  guest_.environment().Advance(9);
  guest_.Restart();
  ASSERT_ERRNO(Time(clock_id::kMonotonic), kSuccess);
  EXPECT_EQ(guest_.Get64(at_), monotonic + 9);
}

TEST_F(ClockFunctionsTest, CpuClocks) {
  for (const uint64_t clock : {clock_id::kProcessCpu, clock_id::kThreadCpu}) {
    guest_.environment().cpu = std::nullopt;
    EXPECT_ERRNO(Time(clock), kInval);
    EXPECT_ERRNO(Resolution(clock), kInval);
    guest_.environment().cpu = 1000;
    EXPECT_ERRNO(Time(clock), kSuccess);
    EXPECT_ERRNO(Resolution(clock), kSuccess);
  }
}

TEST_F(ClockFunctionsTest, Resolution) {
  for (const uint64_t clock : {clock_id::kRealtime, clock_id::kMonotonic}) {
    ASSERT_ERRNO(Resolution(clock), kSuccess);
    EXPECT_EQ(guest_.Get64(at_), 1u);
  }
}

TEST_F(ClockFunctionsTest, Refuse) {
  EXPECT_ERRNO(Time(4), kInval);
  EXPECT_ERRNO(Resolution(4), kInval);
  EXPECT_ERRNO(Resolution(0xffffffff), kInval);
  EXPECT_ERRNO(
      guest_.Call("clock_time_get", {0, 0, TestGuest::kMemoryBytes - 7}),
      kFault);
  EXPECT_ERRNO(guest_.Call("clock_res_get", {0, TestGuest::kBadPointer}),
               kFault);
}

}  // namespace
}  // namespace wasmd::wasi

#include <gtest/gtest.h>

#include <limits>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

std::string Subscription(uint64_t user_data, uint8_t type) {
  std::string record(subscription::kSizeBytes, '\0');
  StoreLittle<uint64_t>(&record[subscription::kUserData], user_data);
  record[subscription::kType] = static_cast<char>(type);
  return record;
}

std::string ClockSubscription(uint64_t user_data, uint32_t clock,
                              uint64_t timeout, bool is_absolute = false) {
  std::string record = Subscription(user_data, event_type::kClock);
  StoreLittle<uint32_t>(&record[subscription::kClockId], clock);
  StoreLittle<uint64_t>(&record[subscription::kTimeout], timeout);
  StoreLittle<uint16_t>(&record[subscription::kClockFlags], is_absolute);
  return record;
}

std::string FdSubscription(uint64_t user_data, uint8_t type, uint32_t fd) {
  std::string record = Subscription(user_data, type);
  StoreLittle<uint32_t>(&record[subscription::kFd], fd);
  return record;
}

struct Event {
  uint64_t user_data = 0;
  Errno error = Errno::kSuccess;
  uint8_t type = 0;
  uint64_t byte_count = 0;
  uint16_t flags = 0;
};

class PollTest : public ::testing::Test {
 protected:
  PollTest() : guest_(Options{.preopens = {{directory_.path(), "/"}}}) {
    directory_.WriteFile("file", "0123456789");
  }
  void Subscribe(const std::vector<std::string>& subscriptions) {
    std::string array;
    for (const std::string& one : subscriptions) array += one;
    count_ = static_cast<uint32_t>(subscriptions.size());
    subscriptions_ = guest_.Put(array);
    events_ = guest_.Space(count_ * event::kSizeBytes);
    ready_at_ = guest_.Space(4);
  }
  Outcome Poll() {
    return guest_.CallRaw("poll_oneoff",
                          {subscriptions_, events_, count_, ready_at_});
  }
  // Of a poll that returns.
  std::vector<Event> Events() {
    const Outcome outcome = Poll();
    EXPECT_EQ(outcome.kind, Outcome::Kind::kReturn);
    EXPECT_EQ(outcome.errno_value, 0);
    std::vector<Event> events;
    if (outcome.kind != Outcome::Kind::kReturn) return events;
    for (uint32_t i = 0; i < guest_.Get32(ready_at_); ++i) {
      const uint32_t at = events_ + i * event::kSizeBytes;
      events.push_back({guest_.Get64(at),
                        static_cast<Errno>(guest_.Get16(at + event::kError)),
                        guest_.Get8(at + event::kType),
                        guest_.Get64(at + event::kByteCount),
                        guest_.Get16(at + event::kReadWrite)});
    }
    return events;
  }
  int64_t Monotonic() {
    const uint32_t at = guest_.Space(8);
    EXPECT_ERRNO(guest_.Call("clock_time_get", {1, 0, at}), kSuccess);
    return static_cast<int64_t>(guest_.Get64(at));
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
  uint32_t count_ = 0;
  uint32_t subscriptions_ = 0;
  uint32_t events_ = 0;
  uint32_t ready_at_ = 0;
};

TEST_F(PollTest, ASleepWaitsUntilItsDeadline) {
  for (const uint32_t clock : {clock_id::kRealtime, clock_id::kMonotonic}) {
    FakeEnvironment& environment = guest_.environment();
    const int64_t start = environment.realtime;
    const int64_t monotonic = Monotonic();
    Subscribe({ClockSubscription(42, clock, 3 * kSecond)});
    Outcome outcome = Poll();
    ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
    EXPECT_EQ(outcome.wait.deadline_ns, start + int64_t{3 * kSecond});
    EXPECT_FALSE(outcome.wait.input);
    // Too early: the deadline stays.
    environment.Advance(kSecond);
    outcome = Poll();
    ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
    EXPECT_EQ(outcome.wait.deadline_ns, start + int64_t{3 * kSecond});
    environment.Advance(2 * kSecond);
    const std::vector<Event> events = Events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].user_data, 42u);
    EXPECT_EQ(events[0].error, Errno::kSuccess);
    EXPECT_EQ(events[0].type, event_type::kClock);
    EXPECT_GE(Monotonic(), monotonic + int64_t{3 * kSecond});
  }
}

TEST_F(PollTest, TheDeadlineOutlivesTheProgram) {
  for (const uint32_t clock : {clock_id::kRealtime, clock_id::kMonotonic}) {
    FakeEnvironment& environment = guest_.environment();
    const int64_t start = environment.realtime;
    const int64_t monotonic = Monotonic();
    Subscribe({ClockSubscription(1, clock, 60 * kSecond)});
    ASSERT_EQ(Poll().kind, Outcome::Kind::kWait);
    // Another machine: its monotonic clock has nothing to do with ours.
    environment.realtime += 20 * kSecond;
    environment.monotonic = 17;
    guest_.Restart();
    const Outcome outcome = Poll();
    ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
    EXPECT_EQ(outcome.wait.deadline_ns, start + int64_t{60 * kSecond});
    environment.realtime += 40 * kSecond;
    guest_.Restart();
    EXPECT_EQ(Events().size(), 1u);
    EXPECT_GE(Monotonic(), monotonic + int64_t{60 * kSecond});
    // A new sleep is a new deadline.
    Subscribe({ClockSubscription(1, clock, 5 * kSecond)});
    EXPECT_EQ(Poll().wait.deadline_ns,
              environment.realtime + int64_t{5 * kSecond});
    environment.Advance(5 * kSecond);
    EXPECT_EQ(Events().size(), 1u);
  }
}

TEST_F(PollTest, AbsoluteDeadlines) {
  FakeEnvironment& environment = guest_.environment();
  const int64_t at = environment.realtime + int64_t{2 * kSecond};
  Subscribe({ClockSubscription(1, clock_id::kRealtime,
                               static_cast<uint64_t>(at), true)});
  EXPECT_EQ(Poll().wait.deadline_ns, at);
  environment.Advance(2 * kSecond);
  EXPECT_EQ(Events().size(), 1u);

  const int64_t monotonic = Monotonic();
  Subscribe({ClockSubscription(1, clock_id::kMonotonic,
                               static_cast<uint64_t>(monotonic) + 7 * kSecond,
                               true)});
  EXPECT_EQ(Poll().wait.deadline_ns,
            environment.realtime + int64_t{7 * kSecond});
  environment.Advance(7 * kSecond);
  EXPECT_EQ(Events().size(), 1u);
}

TEST_F(PollTest, DeadlinesInThePastAreOver) {
  Subscribe({ClockSubscription(1, clock_id::kMonotonic, 0)});
  EXPECT_EQ(Events().size(), 1u);
  Subscribe({ClockSubscription(1, clock_id::kRealtime, 5, true)});
  EXPECT_EQ(Events().size(), 1u);
  Subscribe({ClockSubscription(1, clock_id::kMonotonic, 5, true)});
  EXPECT_EQ(Events().size(), 1u);
}

TEST_F(PollTest, TheEndOfTimeIsFarAway) {
  for (const bool is_absolute : {false, true}) {
    for (const uint32_t clock : {clock_id::kRealtime, clock_id::kMonotonic}) {
      Subscribe({ClockSubscription(1, clock, ~uint64_t{0}, is_absolute)});
      const Outcome outcome = Poll();
      ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
      EXPECT_GT(*outcome.wait.deadline_ns, int64_t{1} << 62);
      guest_.Restart();
      EXPECT_EQ(Poll().kind, Outcome::Kind::kWait);
      EXPECT_ERRNO(guest_.Call("sched_yield", {}), kSuccess);  // given up
    }
  }
}

TEST_F(PollTest, TheEarliestOfSeveral) {
  FakeEnvironment& environment = guest_.environment();
  const int64_t start = environment.realtime;
  Subscribe({ClockSubscription(1, clock_id::kMonotonic, 9 * kSecond),
             ClockSubscription(2, clock_id::kRealtime, 4 * kSecond),
             ClockSubscription(3, clock_id::kMonotonic, 4 * kSecond)});
  EXPECT_EQ(Poll().wait.deadline_ns, start + int64_t{4 * kSecond});
  guest_.Restart();
  environment.Advance(4 * kSecond);
  const std::vector<Event> events = Events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].user_data, 2u);
  EXPECT_EQ(events[1].user_data, 3u);
}

TEST_F(PollTest, ARealtimeClockThatJumpsEndsTheWait) {
  FakeEnvironment& environment = guest_.environment();
  const int64_t monotonic = Monotonic();
  Subscribe({ClockSubscription(1, clock_id::kMonotonic, 10 * kSecond)});
  ASSERT_EQ(Poll().kind, Outcome::Kind::kWait);
  environment.realtime += 3600 * kSecond;
  EXPECT_EQ(Events().size(), 1u);
  // The guest's clock agrees that the time is over.
  EXPECT_GE(Monotonic(), monotonic + int64_t{10 * kSecond});
}

TEST_F(PollTest, ARealtimeClockThatGoesBackDoesNotProlongASleep) {
  FakeEnvironment& environment = guest_.environment();
  Subscribe({ClockSubscription(1, clock_id::kMonotonic, 10 * kSecond)});
  ASSERT_EQ(Poll().kind, Outcome::Kind::kWait);
  environment.realtime -= 3600 * kSecond;
  environment.monotonic += 10 * kSecond;
  EXPECT_EQ(Events().size(), 1u);
}

TEST_F(PollTest, FilesAreAlwaysReady) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t fd,
                             guest_.Open(3, "file", {.base = rights::kFile}));
  ASSERT_TRUE(guest_.Read(fd, 4).ok());
  Subscribe({FdSubscription(1, event_type::kFdRead, fd),
             FdSubscription(2, event_type::kFdWrite, fd),
             FdSubscription(3, event_type::kFdWrite, 1),
             FdSubscription(4, event_type::kFdWrite, 2),
             ClockSubscription(5, clock_id::kMonotonic, kSecond)});
  const std::vector<Event> events = Events();
  ASSERT_EQ(events.size(), 4u);
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].user_data, i + 1);
    EXPECT_EQ(events[i].error, Errno::kSuccess);
  }
  EXPECT_EQ(events[0].type, event_type::kFdRead);
  EXPECT_EQ(events[0].byte_count, 6u);
  EXPECT_EQ(events[1].type, event_type::kFdWrite);
}

TEST_F(PollTest, StandardInput) {
  Subscribe({FdSubscription(1, event_type::kFdRead, 0)});
  Outcome outcome = Poll();
  ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
  EXPECT_TRUE(outcome.wait.input);
  EXPECT_EQ(outcome.wait.deadline_ns, std::nullopt);
  guest_.environment().input = "abc";
  std::vector<Event> events = Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].byte_count, 3u);
  EXPECT_EQ(events[0].flags, 0);
  EXPECT_EQ(*guest_.Read(0, 8), "abc");
  EXPECT_EQ(Poll().kind, Outcome::Kind::kWait);
  guest_.environment().input_ended = true;
  events = Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].flags, kEventHangup);
  EXPECT_EQ(*guest_.Read(0, 8), "");
}

TEST_F(PollTest, StandardInputOrATimeout) {
  Subscribe({ClockSubscription(1, clock_id::kMonotonic, kSecond),
             FdSubscription(2, event_type::kFdRead, 0)});
  const Outcome outcome = Poll();
  ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
  EXPECT_TRUE(outcome.wait.input);
  EXPECT_EQ(outcome.wait.deadline_ns,
            guest_.environment().realtime + int64_t{kSecond});
  guest_.environment().Advance(kSecond);
  const std::vector<Event> events = Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].user_data, 1u);
}

TEST_F(PollTest, ErrorsOfASubscriptionAreEvents) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t bare,
                             guest_.Open(3, "file", {.base = rights::kFdRead}));
  std::string odd_flags = ClockSubscription(6, clock_id::kMonotonic, kSecond);
  StoreLittle<uint16_t>(&odd_flags[subscription::kClockFlags], 2);
  Subscribe({FdSubscription(1, event_type::kFdRead, 99),
             FdSubscription(2, event_type::kFdWrite, 0),
             FdSubscription(3, event_type::kFdRead, bare),
             ClockSubscription(4, 9, kSecond),
             ClockSubscription(5, clock_id::kProcessCpu, kSecond), odd_flags});
  const std::vector<Event> events = Events();
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(events[0].error, Errno::kBadf);
  EXPECT_EQ(events[1].error, Errno::kNotCapable);
  EXPECT_EQ(events[2].error, Errno::kNotCapable);
  EXPECT_EQ(events[3].error, Errno::kInval);
  EXPECT_EQ(events[4].error, Errno::kInval);
  EXPECT_EQ(events[5].error, Errno::kInval);
}

TEST_F(PollTest, EventsMayOverlapSubscriptions) {
  Subscribe({FdSubscription(1, event_type::kFdWrite, 1),
             FdSubscription(2, event_type::kFdWrite, 2),
             FdSubscription(3, event_type::kFdWrite, 1)});
  events_ = subscriptions_;
  const std::vector<Event> events = Events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2].user_data, 3u);
}

TEST_F(PollTest, Refuses) {
  Subscribe({Subscription(1, 3)});
  EXPECT_EQ(Poll().errno_value, static_cast<uint16_t>(Errno::kInval));
  Subscribe({ClockSubscription(1, clock_id::kMonotonic, 0)});
  const uint64_t bad = TestGuest::kBadPointer;
  EXPECT_ERRNO(
      guest_.Call("poll_oneoff", {subscriptions_, events_, 0, ready_at_}),
      kInval);
  EXPECT_ERRNO(guest_.Call("poll_oneoff", {bad, events_, 1, ready_at_}),
               kFault);
  EXPECT_ERRNO(guest_.Call("poll_oneoff", {subscriptions_, bad, 1, ready_at_}),
               kFault);
  EXPECT_ERRNO(guest_.Call("poll_oneoff", {subscriptions_, events_, 1, bad}),
               kFault);
  EXPECT_ERRNO(guest_.Call("poll_oneoff",
                           {subscriptions_, events_, 0xffffffff, ready_at_}),
               kInval);
  EXPECT_ERRNO(
      guest_.Call("poll_oneoff", {subscriptions_, events_, 60'000, ready_at_}),
      kFault);
}

}  // namespace
}  // namespace wasmd::wasi

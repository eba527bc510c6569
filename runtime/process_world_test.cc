// What a process finds when it goes on and the world is another: a month has
// passed, clocks were set, files were changed, input was half read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "runtime/process.h"
#include "runtime/testing/guests.h"
#include "runtime/testing/process_fixture.h"
#include "store/process_db.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::wasmd::testing::FakeOutside;
using ::wasmd::testing::Guest;
using ::wasmd::testing::ProcessFixture;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kDay = 24 * kHour;

constexpr std::string_view kImports = R"(
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open
      (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
)";

class ProcessWorldTest : public ProcessFixture {
 protected:
  ProcessWorldTest() {
    auto* preopen = request_.options.add_preopens();
    preopen->set_host_path(folder_ + "/files");
    preopen->set_guest_path("/");
  }

  void ExpectToWaitUntil(int64_t deadline_ns) {
    ASSERT_OK_AND_ASSIGN(const Process::Progress progress,
                         process_->Step(kQuantumNs));
    ASSERT_EQ(progress, Process::Progress::kWaiting);
    EXPECT_EQ(process_->wait().deadline_ns, deadline_ns);
    EXPECT_EQ(Record().status(), WAITING);
    EXPECT_EQ(Record().wake_time_ns(), deadline_ns);
  }
};

// Says how many hours passed by its monotonic clock.
TEST_F(ProcessWorldTest, SleepsForThirtyDays) {
  ASSERT_OK(Launch(Guest(R"(
    (func $now (result i64)
      (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 600)))
      (i64.load (i32.const 600)))
    (func (export "_start") (local $begin i64)
      (local.set $begin (call $now))
      (call $sleep (i64.const 2592000000000000))
      (call $say_number (i32.wrap_i64 (i64.div_u
        (i64.sub (call $now) (local.get $begin))
        (i64.const 3600000000000))))))",
                         kImports)));
  const int64_t begin_ns = outside_.RealtimeNow();
  ASSERT_OK(process_->Step(kQuantumNs).status());
  const int64_t deadline_ns = Record().wake_time_ns();
  EXPECT_NEAR(static_cast<double>(deadline_ns - begin_ns),
              static_cast<double>(30 * kDay), static_cast<double>(kSecond));
  for (int day = 1; day < 30; ++day) {
    SCOPED_TRACE(day);
    outside_.now_ns += kDay;
    if (day == 5) {
      // Another machine, which was started a moment ago.
      outside_.realtime_ahead_ns = outside_.RealtimeNow() - 17;
      outside_.now_ns = 17;
    }
    // Somebody sets the clock: what was waited for is still that moment.
    if (day == 10) outside_.realtime_ahead_ns += 5 * kHour;
    if (day == 15) outside_.realtime_ahead_ns -= 9 * kHour;
    if (day == 20) outside_.realtime_ahead_ns += 4 * kHour;
    ASSERT_OK(Resume());
    ExpectToWaitUntil(deadline_ns);
  }
  outside_.now_ns += deadline_ns - outside_.RealtimeNow() - kSecond;
  ASSERT_OK(Resume());
  ExpectToWaitUntil(deadline_ns);
  outside_.now_ns += kSecond;
  ASSERT_OK(Resume());
  ASSERT_OK_AND_ASSIGN(const Process::Progress progress,
                       process_->Step(kQuantumNs));
  EXPECT_EQ(progress, Process::Progress::kFinished);
  EXPECT_EQ(Log(), "720\n");
}

// Standard input that is kept by whoever feeds it until the commit that has it:
// dying in each commit in turn, nothing is lost and nothing is heard twice.
TEST_F(ProcessWorldTest, InputIsTakenOnceWheneverItDies) {
  constexpr std::string_view kInput = "abcdefghijklmnopqrst";
  for (const uint64_t fuel : {uint64_t{0}, ~uint64_t{0}}) {
    for (uint64_t last = 2;; ++last) {
      SCOPED_TRACE(StrCat(fuel, " ", last));
      outside_ = FakeOutside();
      outside_.input = kInput;
      request_.name = StrCat("p", fuel, "-", last);
      request_.options.set_checkpoint_fuel(fuel);
      std::string committed = outside_.input;
      db_->commits = 0;
      db_->first_failure = last;
      db_->on_commit = [&](const Commit&) {
        if (db_->commits + 1 < last) committed = outside_.input;
      };
      Restart();
      // Takes 1 byte more each time, of 1 to 4, and says it.
      ASSERT_OK(Launch(Guest(R"(
        (data (i32.const 200) "\40\01\00\00\01\00\00\00")
        (func (export "_start")
          (loop $l
            (drop (call $fd_read (i32.const 0) (i32.const 200) (i32.const 1)
                                 (i32.const 16)))
            (i32.store (i32.const 204) (i32.add (i32.const 1)
              (i32.and (i32.load (i32.const 204)) (i32.const 3))))
            (if (i32.load (i32.const 16)) (then
              (call $say (i32.const 320) (i32.load (i32.const 16)))
              (call $sleep (i64.const 3000000))
              (br $l))))))")));
      const absl::Status first = RunToEnd();
      db_->first_failure.reset();
      db_->on_commit = nullptr;
      if (!first.ok()) {
        outside_.input = committed;
        ASSERT_OK(Resume());
        ASSERT_OK(RunToEnd());
      }
      EXPECT_EQ(Log(), kInput);
      EXPECT_EQ(outside_.shown(), kInput);
      if (first.ok()) {
        EXPECT_GT(last, 8u);
        break;
      }
    }
  }
}

// Reads 4 bytes of a file, sleeps for an hour and reads 4 more, at most twice;
// says what it got, or "E" and the errno.
std::string ReadingGuest() {
  return Guest(R"(
    (data (i32.const 200) "\40\01\00\00\04\00\00\00")
    (data (i32.const 1000) "fileE")
    (func $read (local $e i32)
      (local.set $e (call $fd_read (i32.load (i32.const 500)) (i32.const 200)
        (i32.const 1) (i32.const 504)))
      (if (local.get $e)
        (then (call $say (i32.const 1004) (i32.const 1))
              (call $say_number (local.get $e)))
        (else (call $say (i32.const 320) (i32.load (i32.const 504))))))
    (func (export "_start")
      (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 1000)
            (i32.const 4) (i32.const 0) (i64.const 2) (i64.const 0)
            (i32.const 0) (i32.const 500))
        (then unreachable))
      (call $read)
      (call $sleep (i64.const 3600000000000))
      (call $read)))",
               kImports);
}

TEST_F(ProcessWorldTest, AFileThatDidNotChangeIsReadOn) {
  WriteFile("file", "one two four");
  ASSERT_OK(Launch(ReadingGuest()));
  ASSERT_OK(process_->Step(kQuantumNs).status());
  ASSERT_OK(Resume());
  EXPECT_THAT(process_->warnings(), IsEmpty());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "one two ");
}

TEST_F(ProcessWorldTest, AFileThatChangedIsReportedAndReadOn) {
  WriteFile("file", "one two four");
  ASSERT_OK(Launch(ReadingGuest()));
  ASSERT_OK(process_->Step(kQuantumNs).status());
  WriteFile("file", "ONE TWO FOUR FIVE");
  ASSERT_OK(Resume());
  EXPECT_THAT(process_->warnings(), ElementsAre(HasSubstr("changed")));
  EXPECT_THAT(process_->warnings(), ElementsAre(HasSubstr("files/file")));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "one TWO ");
}

TEST_F(ProcessWorldTest, AFileThatIsGoneIsReportedAndFailsWithIo) {
  WriteFile("file", "one two four");
  ASSERT_OK(Launch(ReadingGuest()));
  ASSERT_OK(process_->Step(kQuantumNs).status());
  std::filesystem::remove(folder_ + "/files/file");
  ASSERT_OK(Resume());
  EXPECT_THAT(process_->warnings(), ElementsAre(HasSubstr("files/file")));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "one E29\n");
}

}  // namespace
}  // namespace wasmd

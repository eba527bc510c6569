// What a process finds when it goes on and the world is another: a month has
// passed, clocks were set, files were changed, input was half read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "runtime/append_input.h"
#include "runtime/process.h"
#include "runtime/process_options.pb.h"
#include "runtime/testing/guests.h"
#include "runtime/testing/process_fixture.h"
#include "store/input.h"
#include "store/process_db.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::wasmd::testing::FakeOutside;
using ::wasmd::testing::Guest;
using ::wasmd::testing::ProcessFixture;
using ::wasmd::testing::StatusIs;

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

// What was read from standard input is not to be had there again: dying in each
// commit in turn, nothing is lost and nothing is heard twice. With files to
// take it into, and without.
TEST_F(ProcessWorldTest, InputIsTakenOnceWheneverItDies) {
  constexpr std::string_view kInput = "abcdefghijklmnopqrst";
  for (const int variant : {0, 1, 2, 3}) {
    const uint64_t fuel = (variant & 1) ? ~uint64_t{0} : 0;
    options_.taken_directory = (variant & 2) ? folder_ : "";
    for (uint64_t last = 2;; ++last) {
      SCOPED_TRACE(StrCat(variant, " ", last));
      outside_ = FakeOutside();
      outside_.input = kInput;
      request_.name = StrCat("p", variant, "-", last);
      request_.options.set_checkpoint_fuel(fuel);
      db_->commits = 0;
      db_->first_failure = last;
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
      if (!first.ok()) {
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

// Reads and says what it reads until the input ends.
std::string EchoGuest() {
  return Guest(R"(
    (data (i32.const 200) "\40\01\00\00\08\00\00\00")
    (data (i32.const 1000) "end")
    (func (export "_start")
      (loop $l
        (if (call $fd_read (i32.const 0) (i32.const 200) (i32.const 1)
                           (i32.const 16)) (then unreachable))
        (if (i32.load (i32.const 16)) (then
          (call $say (i32.const 320) (i32.load (i32.const 16)))
          (br $l))))
      (call $say (i32.const 1000) (i32.const 3))))");
}

class ProcessInputTest : public ProcessWorldTest {
 protected:
  ProcessInputTest() { outside_.input_ended = false; }

  void Append(std::string_view text) {
    ASSERT_OK(AppendInput(*real_db_, number_, AsBytes(text), false).status());
  }
  void RunUntilItWaits() {
    for (;;) {
      ASSERT_OK_AND_ASSIGN(const Process::Progress progress, Step());
      if (progress == Process::Progress::kWaiting) return;
      ASSERT_EQ(progress, Process::Progress::kRunnable);
    }
  }
  // How much the store has, from the beginning on.
  std::string Queue() {
    const auto read = real_db_->ReadInput(number_, 0, 1000);
    EXPECT_OK(read.status());
    return read.ok() ? read->bytes : "";
  }
};

TEST_F(ProcessInputTest, AReadThatFindsNothingParksUntilSomethingIsAppended) {
  request_.options.set_standard_input(ProcessOptions::QUEUE);
  outside_.input = "not for it";
  ASSERT_OK(Launch(EchoGuest()));
  RunUntilItWaits();
  EXPECT_TRUE(process_->wait().input);
  EXPECT_FALSE(process_->wait().deadline_ns.has_value());
  EXPECT_EQ(Record().status(), WAITING);
  ProcessOptions options;
  ASSERT_TRUE(options.ParseFromString(Record().runtime_state()));
  EXPECT_TRUE(options.waits_for_input());
  // While it is here.
  Append("hello, ");
  process_->NoteQueuedInput();
  RunUntilItWaits();
  EXPECT_EQ(Log(), "hello, ");
  // While nobody has it.
  process_.reset();
  Append("world of ");
  Append("input");
  ASSERT_OK(Resume());
  RunUntilItWaits();
  EXPECT_EQ(Log(), "hello, world of input");
  ASSERT_OK(AppendInput(*real_db_, number_, {}, /*closes=*/true).status());
  EXPECT_THAT(
      AppendInput(*real_db_, number_, AsBytes("x"), false).status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is closed")));
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "hello, world of inputend");
  EXPECT_EQ(outside_.input, "not for it");
  EXPECT_THAT(AppendInput(*real_db_, number_, AsBytes("x"), false).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("has finished: COMPLETED")));
}

TEST_F(ProcessInputTest, WhatWasAppendedComesBeforeTheOutside) {
  outside_.input = "outside";
  outside_.input_ended = true;
  ASSERT_OK(Launch(EchoGuest()));
  Append("queued ");
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "queued outsideend");
}

TEST_F(ProcessInputTest, WhatWasReadIsDroppedFromTheStore) {
  request_.options.set_standard_input(ProcessOptions::QUEUE);
  request_.options.set_checkpoint_fuel(0);
  ASSERT_OK(Launch(EchoGuest()));
  Append("one ");
  Append("two ");
  RunUntilItWaits();
  // The last piece says where the input ends.
  EXPECT_EQ(Queue(), "two ");
  Append("three");
  process_->NoteQueuedInput();
  RunUntilItWaits();
  EXPECT_EQ(Queue(), "three");
  EXPECT_EQ(Log(), "one two three");
}

TEST_F(ProcessInputTest, AProcessMayNotHaveTooMuchUnread) {
  request_.options.set_standard_input(ProcessOptions::QUEUE);
  ASSERT_OK(Launch(EchoGuest()));
  const std::string piece(kMaxInputWriteBytes, 'x');
  for (uint64_t bytes = 0; bytes < kMaxUnreadInputBytes;
       bytes += piece.size()) {
    ASSERT_OK(AppendToQueue(*real_db_, number_, AsBytes(piece), false,
                            SyncMode::kNoSync)
                  .status());
  }
  EXPECT_THAT(AppendInput(*real_db_, number_, AsBytes("x"), false).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("has not read yet")));
}

// Dies in each commit in turn while it reads what was appended.
TEST_F(ProcessInputTest, TheQueueIsReadOnceWheneverItDies) {
  request_.options.set_standard_input(ProcessOptions::QUEUE);
  for (const uint64_t fuel : {uint64_t{0}, ~uint64_t{0}}) {
    for (uint64_t last = 1;; ++last) {
      SCOPED_TRACE(StrCat(fuel, " ", last));
      request_.name = StrCat("p", fuel, "-", last);
      request_.options.set_checkpoint_fuel(fuel);
      outside_ = FakeOutside();
      options_.output_delay_ns = 0;
      db_->first_failure.reset();
      Restart();
      ASSERT_OK(Launch(EchoGuest()));
      std::string expected;
      for (int i = 0; i < 6; ++i) {
        const std::string text = StrCat("text ", i, " of some, ");
        expected += text;
        Append(text);
      }
      ASSERT_OK(AppendInput(*real_db_, number_, {}, true).status());
      db_->commits = 0;
      db_->first_failure = last;
      const absl::Status first = RunToEnd();
      db_->first_failure.reset();
      if (!first.ok()) {
        ASSERT_OK(Resume());
        ASSERT_OK(RunToEnd());
      }
      EXPECT_EQ(Log(), expected + "end");
      if (first.ok()) {
        EXPECT_GT(last, 2u);
        break;
      }
    }
  }
}

// Waits for input, or an hour, and says which of the events came (1: input).
TEST_F(ProcessInputTest, PollWaitsForInputBesideAClock) {
  request_.options.set_standard_input(ProcessOptions::QUEUE);
  // 2 subscriptions: a clock (monotonic, an hour), reading descriptor 0.
  const std::string guest = Guest(R"(
    (data (i32.const 600) "\07\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
    (func (export "_start")
      (i64.store (i32.const 600) (i64.const 7))
      (i32.store (i32.const 616) (i32.const 1))
      (i64.store (i32.const 624) (i64.const 3600000000000))
      (i64.store (i32.const 648) (i64.const 9))
      (i32.store8 (i32.const 656) (i32.const 1))
      (i32.store (i32.const 664) (i32.const 0))
      (loop $l
        (if (call $poll_oneoff (i32.const 600) (i32.const 800) (i32.const 2)
                               (i32.const 900)) (then unreachable))
        (call $say_number (i32.wrap_i64 (i64.load (i32.const 800))))
        (br_if $l (i64.eq (i64.load (i32.const 800)) (i64.const 7))))))");
  ASSERT_OK(Launch(guest));
  const int64_t begin_ns = outside_.now_ns;
  ASSERT_OK_AND_ASSIGN(Process::Progress progress, process_->Step(kQuantumNs));
  ASSERT_EQ(progress, Process::Progress::kWaiting);
  EXPECT_TRUE(process_->wait().input);
  ASSERT_TRUE(process_->wait().deadline_ns.has_value());
  EXPECT_GE(*process_->wait().deadline_ns, begin_ns + kHour);
  EXPECT_EQ(Record().wake_time_ns(), *process_->wait().deadline_ns);
  outside_.now_ns += 2 * kHour;
  ASSERT_OK(Resume());
  ASSERT_OK_AND_ASSIGN(progress, process_->Step(kQuantumNs));
  ASSERT_EQ(progress, Process::Progress::kWaiting);
  EXPECT_EQ(Log(), "7\n");
  Append("x");
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "7\n9\n");
}

TEST_F(ProcessInputTest, AFileIsReadWhereItWasWhenItIsGivenAgain) {
  outside_.input_file = {.device = 1, .inode = 2, .offset = 3};
  outside_.file_text = "...the text of a file";
  options_.output_delay_ns = 0;
  Restart();
  ASSERT_OK(Launch(EchoGuest()));
  db_->first_failure = 2;
  EXPECT_FALSE(RunToEnd().ok());
  db_->first_failure.reset();
  // Opened anew: it stands at its beginning.
  outside_.input_file->offset = 0;
  ASSERT_OK(Resume());
  EXPECT_THAT(process_->warnings(), IsEmpty());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "the text of a fileend");
}

TEST_F(ProcessInputTest, AnotherFileIsReadFromWhereItStandsWithAWarning) {
  outside_.input_file = {.device = 1, .inode = 2, .offset = 0};
  outside_.file_text = "8 bytes.";
  ASSERT_OK(Launch(EchoGuest()));
  ASSERT_OK(Step(1).status());
  ASSERT_OK(process_->Park(PAUSED));
  const std::string before = Log();
  outside_.input_file = {.device = 1, .inode = 7, .offset = 4};
  outside_.file_text = "ANOTHER";
  ASSERT_OK(Resume());
  if (!before.empty()) {
    EXPECT_THAT(process_->warnings(),
                ElementsAre(HasSubstr("another file than before")));
  }
  ASSERT_OK(RunToEnd());
  EXPECT_THAT(Log(), HasSubstr("HERend"));
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

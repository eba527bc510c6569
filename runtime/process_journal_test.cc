// Processes whose commits are the journal alone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "runtime/history.h"
#include "runtime/journal.h"
#include "runtime/journal_event.h"
#include "runtime/process.h"
#include "runtime/testing/guests.h"
#include "runtime/testing/process_fixture.h"

namespace wasmd {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::wasmd::testing::CountingGuest;
using ::wasmd::testing::FakeOutside;
using ::wasmd::testing::Guest;
using ::wasmd::testing::kCountingOutput;
using ::wasmd::testing::ProcessFixture;
using ::wasmd::testing::StatusIs;

constexpr std::string_view kFileImports = R"(
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open
      (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get"
    (func $fd_filestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close"
    (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
)";

// Eight times: takes a random letter, looks at the clock, writes the letter to
// stdout and to a file, at its end; makes a directory named by the round, reads
// the file's size and works.
std::string MixedGuest() {
  return Guest(R"(
    (data (i32.const 1000) "file")
    (data (i32.const 1010) "dir0")
    (global $sum (mut i32) (i32.const 0))
    (func $check (param i32)
      (if (local.get 0) (then unreachable)))
    (func $work (param $n i32)
      (loop $l
        (global.set $sum (i32.add (global.get $sum) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $l (local.get $n))))
    (func (export "_start") (local $n i32) (local $fd i32)
      (call $check (call $path_open (i32.const 3) (i32.const 0)
        (i32.const 1000) (i32.const 4) (i32.const 1)
        (i64.const 0xE001FF) (i64.const 0) (i32.const 0)
        (i32.const 500)))
      (local.set $fd (i32.load (i32.const 500)))
      (loop $l
        (call $check (call $random_get (i32.const 600) (i32.const 1)))
        (i32.store8 (i32.const 600)
          (i32.add (i32.const 97)
            (i32.rem_u (i32.load8_u (i32.const 600)) (i32.const 26))))
        (call $check (call $clock_time_get (i32.const 1) (i64.const 0)
          (i32.const 608)))
        (call $say (i32.const 600) (i32.const 1))
        (call $say_to (local.get $fd) (i32.const 600) (i32.const 1))
        (call $check (call $path_create_directory
          (i32.const 3) (i32.const 1010) (i32.const 4)))
        (call $check (call $fd_filestat_get (local.get $fd) (i32.const 700)))
        (call $work (i32.const 50))
        (call $say_to (local.get $fd) (i32.const 600) (i32.const 1))
        (i32.store8 (i32.const 1013)
          (i32.add (i32.load8_u (i32.const 1013)) (i32.const 1)))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (if (i32.eq (local.get $n) (i32.const 4))
          (then (call $sleep (i64.const 3000000))))
        (br_if $l (i32.lt_u (local.get $n) (i32.const 8))))
      (call $check (call $fd_close (local.get $fd)))
      (call $say (i32.const 63) (i32.const 1))
      (call $say_number (global.get $sum))))",
               kFileImports);
}

class ProcessJournalTest : public ProcessFixture {
 protected:
  ProcessJournalTest() {
    auto* preopen = request_.options.add_preopens();
    preopen->set_host_path(folder_ + "/files");
    preopen->set_guest_path("/");
  }

  void OnlyJournal() {
    request_.options.set_checkpoint_fuel(~uint64_t{0});
    request_.options.set_history_bytes(Journal::kKeepAll);
  }
  void CountCommits() {
    db_->on_commit = [this](const Commit& commit) {
      ++(commit.state.has_value() ? states_ : others_);
    };
  }
  std::vector<std::string> Events() {
    std::vector<std::string> events;
    EXPECT_OK(
        ForEachEvent(*real_db_, number_, 0, [&](const JournalEvent& event) {
          EXPECT_EQ(event.number, events.size() + 1);
          events.push_back(StrCat(CallOf(event), " = ", AnswerOf(event)));
          return absl::OkStatus();
        }));
    return events;
  }
  // Events before the last commit.
  uint64_t EndEvent() {
    ProcessOptions options;
    EXPECT_TRUE(options.ParseFromString(Record().runtime_state()));
    return options.end_event();
  }
  // The file has each letter of the log twice.
  void ExpectMixedResult() {
    const std::string log = Log();
    ASSERT_GT(log.size(), 9u);
    std::string twice;
    for (const char letter : log.substr(0, 8)) twice.append(2, letter);
    EXPECT_EQ(FileText("file"), twice);
    EXPECT_EQ(log.substr(9), StrCat(8 * 50 * 51 / 2, "\n"));
    for (int i = 0; i < 8; ++i) {
      EXPECT_TRUE(
          std::filesystem::is_directory(StrCat(folder_, "/files/dir", i)));
    }
    EXPECT_EQ(Record().status(), COMPLETED);
  }

  int states_ = 0;
  int others_ = 0;
};

TEST_F(ProcessJournalTest, AfterTheFirstCommitTheJournalIsEnough) {
  OnlyJournal();
  CountCommits();
  ASSERT_OK(Launch(MixedGuest()));
  ASSERT_OK(RunToEnd());
  ExpectMixedResult();
  EXPECT_EQ(states_, 1);
  EXPECT_GE(others_, 16);
  EXPECT_EQ(outside_.shown(), Log());
}

TEST_F(ProcessJournalTest, WithZeroFuelEveryCommitHasAState) {
  request_.options.set_checkpoint_fuel(0);
  CountCommits();
  ASSERT_OK(Launch(MixedGuest()));
  ASSERT_OK(RunToEnd());
  ExpectMixedResult();
  EXPECT_GE(states_, 16);
  EXPECT_EQ(others_, 1);  // its end
}

TEST_F(ProcessJournalTest, KilledAfterEveryStepItGoesOn) {
  for (const bool only_journal : {true, false}) {
    std::filesystem::remove_all(folder_ + "/files");
    std::filesystem::create_directories(folder_ + "/files");
    outside_ = FakeOutside();
    // So fast that every step ends at once.
    outside_.tick_ns = 2'000'000;
    request_.name = only_journal ? "journal" : "default";
    request_.options.clear_checkpoint_fuel();
    if (only_journal) OnlyJournal();
    options_.output_delay_ns = 0;
    options_.checkpoint_interval_ns = 0;
    Restart();
    ASSERT_OK(Launch(MixedGuest()));
    int steps = 0;
    for (;; ++steps) {
      ASSERT_OK_AND_ASSIGN(const Process::Progress progress, Step(1));
      if (progress == Process::Progress::kFinished) break;
      ASSERT_OK(Resume());
    }
    EXPECT_GT(steps, 16);
    ExpectMixedResult();
  }
}

// Dies in the middle of the commit with each number in turn.
TEST_F(ProcessJournalTest, KilledAtEveryCommitItGoesOn) {
  OnlyJournal();
  for (uint64_t last = 1;; ++last) {
    std::filesystem::remove_all(folder_ + "/files");
    std::filesystem::create_directories(folder_ + "/files");
    request_.name = StrCat("p", last);
    db_->commits = 0;
    db_->first_failure = last;
    Restart();
    ASSERT_OK(Launch(MixedGuest()));
    const absl::Status first = RunToEnd();
    db_->first_failure.reset();
    if (first.ok()) {
      EXPECT_GT(last, 16u);
      break;
    }
    ASSERT_OK(Resume());
    ASSERT_OK(RunToEnd());
    ExpectMixedResult();
  }
}

TEST_F(ProcessJournalTest, CountsAndSleepsWithTheJournalAlone) {
  OnlyJournal();
  outside_.tick_ns = 2'000'000;
  options_.output_delay_ns = 0;
  options_.checkpoint_interval_ns = 0;
  Restart();
  ASSERT_OK(Launch(CountingGuest()));
  for (;;) {
    ASSERT_OK_AND_ASSIGN(const Process::Progress progress, Step(1));
    if (progress == Process::Progress::kFinished) break;
    ASSERT_OK(Resume());
  }
  EXPECT_EQ(Log(), kCountingOutput);
}

TEST_F(ProcessJournalTest, WritesOfAFileNeedNoCommits) {
  CountCommits();
  ASSERT_OK(Launch(Guest(R"(
    (data (i32.const 1000) "file")
    (func (export "_start") (local $n i32)
      (drop (call $path_open (i32.const 3) (i32.const 0)
        (i32.const 1000) (i32.const 4) (i32.const 1)
        (i64.const 0xE001FF) (i64.const 0) (i32.const 0)
        (i32.const 500)))
      (loop $l
        (call $say_to (i32.load (i32.const 500))
          (i32.const 4096) (i32.const 4096))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get $n) (i32.const 1000))))))",
                         kFileImports)));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(FileText("file").size(), 1000u * 4096);
  EXPECT_LT(states_ + others_, 10);
}

TEST_F(ProcessJournalTest, TheHistoryIsComplete) {
  OnlyJournal();
  ASSERT_OK(Launch(Guest(R"((func (export "_start")
      (call $say (i32.const 1000) (i32.const 2))
      (drop (call $random_get (i32.const 600) (i32.const 4)))
      (drop (call $path_create_directory
        (i32.const 3) (i32.const 1000) (i32.const 1)))
      (drop (call $path_create_directory
        (i32.const 3) (i32.const 1000) (i32.const 1)))
      (call $proc_exit (i32.const 3)))
    (data (i32.const 1000) "d\n"))")));
  ASSERT_OK(RunToEnd());
  EXPECT_THAT(Events(),
              ElementsAre("fd_write(1, 8, 1, 16) = 0", "random_get(600, 4) = 0",
                          "path_create_directory(3, 1000, 1) = 0",
                          "path_create_directory(3, 1000, 1) = EEXIST",
                          "proc_exit(3) = exit 3"));
}

TEST_F(ProcessJournalTest, AnotherCallThanTheJournalHasIsNeverGuessedOver) {
  OnlyJournal();
  ASSERT_OK(Launch(MixedGuest()));
  while (EndEvent() < 14) ASSERT_OK(Step(1).status());
  std::map<uint64_t, std::string> blocks;
  ASSERT_OK(real_db_->ForEachJournalBlock(
      number_, 0, [&](uint64_t first_event, ByteSpan bytes) {
        blocks[first_event] = AsText(bytes);
        return absl::OkStatus();
      }));
  const auto with = [&](const std::string& from, const std::string& to) {
    // The last: an intent before it is answered in it.
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
      const auto& [first_event, bytes] = *block;
      const size_t at = bytes.find(from);
      if (at == std::string::npos) continue;
      std::string changed = bytes;
      changed.replace(at, from.size(), to);
      Commit commit{.process = number_, .record = Record()};
      commit.record.set_sequence(commit.record.sequence() + 1);
      commit.journal = {
          {.first_event = first_event, .bytes = AsBytes(changed)}};
      EXPECT_OK(real_db_->ApplyCommit(commit, SyncMode::kSync));
      const absl::Status resumed = Resume();
      commit.record.set_sequence(commit.record.sequence() + 1);
      commit.journal = {{.first_event = first_event, .bytes = AsBytes(bytes)}};
      EXPECT_OK(real_db_->ApplyCommit(commit, SyncMode::kSync));
      return resumed;
    }
    ADD_FAILURE() << "not in the journal: " << from;
    return absl::OkStatus();
  };
  EXPECT_THAT(
      with("random_get", "random_gat"),
      StatusIs(absl::StatusCode::kDataLoss,
               AllOf(HasSubstr("process p: at event "),
                     HasSubstr("random_gat(600, 1)"),
                     HasSubstr("calls wasi_snapshot_preview1.random_get"))));
  EXPECT_THAT(with("path_create_directory", "path_create_directorx"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("at event ")));
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  ExpectMixedResult();
}

TEST_F(ProcessJournalTest, AGuestThatEndsBeforeTheJournalIsStopped) {
  OnlyJournal();
  ASSERT_OK(Launch(Guest(R"((func (export "_start")
      (drop (call $path_create_directory
        (i32.const 3) (i32.const 1000) (i32.const 1))))
    (data (i32.const 1000) "d"))")));
  for (int i = 0; i < 2; ++i) ASSERT_OK(Step(1).status());
  process_.reset();
  JournalBlock block(1);
  const Slot directory[] = {3, 1000, 1};
  block.Begin({.function = 0,
               .name = "wasi_snapshot_preview1.path_create_directory",
               .arguments = directory},
              0);
  block.End({});
  block.Begin({.function = 1, .name = "wasi_snapshot_preview1.sched_yield"}, 0);
  block.End({});
  ProcessRecord record = Record();
  ProcessOptions options;
  ASSERT_TRUE(options.ParseFromString(record.runtime_state()));
  ASSERT_EQ(options.phase(), ProcessOptions::MAIN);
  options.set_end_event(2);
  record.set_runtime_state(options.SerializeAsString());
  record.set_sequence(record.sequence() + 1);
  Commit commit{.process = number_, .record = record};
  commit.journal = {{.first_event = 1, .bytes = AsBytes(block.bytes())}};
  ASSERT_OK(real_db_->ApplyCommit(commit, SyncMode::kSync));
  EXPECT_THAT(
      Resume(),
      StatusIs(absl::StatusCode::kDataLoss,
               "process p: at event 2 the journal has "
               "wasi_snapshot_preview1.sched_yield(), but run again the guest "
               "ends"));
}

TEST_F(ProcessJournalTest, AJournalThatIsTooShortIsDamage) {
  OnlyJournal();
  ASSERT_OK(Launch(MixedGuest()));
  while (EndEvent() < 14) ASSERT_OK(Step(1).status());
  process_.reset();
  ProcessRecord record = Record();
  ProcessOptions options;
  ASSERT_TRUE(options.ParseFromString(record.runtime_state()));
  options.set_end_event(options.end_event() + 5);
  record.set_runtime_state(options.SerializeAsString());
  record.set_sequence(record.sequence() + 1);
  ASSERT_OK(real_db_->ApplyCommit({.process = number_, .record = record},
                                  SyncMode::kSync));
  EXPECT_THAT(Resume(), StatusIs(absl::StatusCode::kDataLoss,
                                 HasSubstr("the journal lacks event ")));
}

TEST_F(ProcessJournalTest, TheJournalIsBounded) {
  ASSERT_OK(Launch(Guest(R"(
    (func (export "_start") (local $n i32)
      (loop $l
        (drop (call $random_get (i32.const 4096) (i32.const 1000)))
        (if (i32.eqz (i32.and (local.get $n) (i32.const 255)))
          (then (call $sleep (i64.const 2000000000))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get $n) (i32.const 20000))))))")));
  ASSERT_OK(RunToEnd());
  uint64_t bytes = 0;
  uint64_t first = 0;
  ASSERT_OK(real_db_->ForEachJournalBlock(
      number_, 0, [&](uint64_t first_event, ByteSpan block) {
        if (first == 0) first = first_event;
        bytes += block.size();
        return absl::OkStatus();
      }));
  EXPECT_GE(bytes, 32u << 10);
  EXPECT_LE(bytes, 400u << 10);
  EXPECT_GT(first, 19'000u);
}

}  // namespace
}  // namespace wasmd

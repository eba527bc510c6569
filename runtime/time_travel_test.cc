// Rewinding, forking and looking at processes in their past.

#include "runtime/time_travel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "interp/lazy_pages.h"
#include "interp/memory_instance.h"
#include "interp/store.h"
#include "runtime/history.h"
#include "runtime/journal.h"
#include "runtime/journal_event.h"
#include "runtime/moment.h"
#include "runtime/passing_reader.h"
#include "runtime/process.h"
#include "runtime/process_view.h"
#include "runtime/state_diff.h"
#include "runtime/testing/guests.h"
#include "runtime/testing/process_fixture.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::wasmd::testing::CountingGuest;
using ::wasmd::testing::Guest;
using ::wasmd::testing::kCountingOutput;
using ::wasmd::testing::ProcessFixture;
using ::wasmd::testing::StatusIs;

// Six times: takes a random letter and writes it twice, in one call to stdout
// and, of a byte and the rest, in one to stderr; works, with memory that grows
// at the fourth; ends with a trap.
std::string LettersGuest() {
  return Guest(R"(
    (global $sum (mut i32) (i32.const 0))
    (func $work (param $n i32)
      (loop $l
        (global.set $sum (i32.add (global.get $sum) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $l (local.get $n))))
    (func (export "_start") (local $n i32)
      (loop $l
        (drop (call $random_get (i32.const 1000) (i32.const 1)))
        (i32.store8 (i32.const 1000)
          (i32.add (i32.const 97)
            (i32.and (i32.const 15) (i32.load8_u (i32.const 1000)))))
        (i32.store8 (i32.const 1001) (i32.load8_u (i32.const 1000)))
        (call $say (i32.const 1000) (i32.const 2))
        (i32.store (i32.const 200) (i32.const 1000))
        (i32.store (i32.const 204) (i32.const 1))
        (i32.store (i32.const 208) (i32.const 1001))
        (i32.store (i32.const 212) (i32.const 1))
        (drop (call $fd_write (i32.const 2) (i32.const 200) (i32.const 2)
                              (i32.const 16)))
        (call $work (i32.const 500))
        (if (i32.eq (local.get $n) (i32.const 3))
          (then (drop (memory.grow (i32.const 3)))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get $n) (i32.const 6))))
      unreachable))");
}

class TimeTravelTest : public ProcessFixture {
 protected:
  // A state every `interval_fuel`, taken whenever something is committed.
  void KeepHistory(uint64_t interval_fuel) {
    request_.options.set_history_bytes(Journal::kKeepAll);
    request_.options.mutable_kept_states()->set_interval_fuel(interval_fuel);
    request_.options.set_checkpoint_fuel(interval_fuel);
    // Each call is committed by itself.
    options_.output_delay_ns = 0;
    Restart();
  }

  uint64_t EventCount() {
    ProcessOptions options;
    CHECK(options.ParseFromString(Record().runtime_state()));
    return options.end_event();
  }
  std::vector<JournalEvent> Events() {
    std::vector<JournalEvent> events;
    CHECK(ForEachEvent(*real_db_, number_, 0, [&](const JournalEvent& event) {
            events.push_back(event);
            return absl::OkStatus();
          }).ok());
    return events;
  }
  // How long both logs were after each event, by its number.
  std::map<uint64_t, size_t> OutputBytes(uint32_t stream) {
    std::map<uint64_t, size_t> bytes = {{0, 0}};
    size_t sum = 0;
    for (const JournalEvent& event : Events()) {
      if (event.function == "wasi_snapshot_preview1.fd_write" &&
          event.arguments[0] == stream) {
        sum += static_cast<unsigned char>(event.writes.back().bytes[0]);
      }
      bytes[event.number] = sum;
    }
    return bytes;
  }

  absl::Status Rewind(uint64_t event) {
    Restart();
    return RewindProcess(*engine_, number_, event);
  }
  absl::StatusOr<ProcessNumber> Fork(uint64_t event) {
    Restart();
    return ForkProcess(
        *engine_, {.parent = number_, .is_claimed = true, .event = event}, "");
  }
  // Memory, globals and stack of two moments; "" is none.
  std::string DiffText(ProcessNumber a, uint64_t event_a, ProcessNumber b,
                       uint64_t event_b) {
    Restart();
    const auto moment_a = FindMoment(*db_, a, event_a, MomentUse::kLook);
    const auto moment_b = FindMoment(*db_, b, event_b, MomentUse::kLook);
    EXPECT_OK(moment_a.status());
    EXPECT_OK(moment_b.status());
    const auto before = Process::LookAt(*engine_, a, *moment_a, true);
    const auto after = Process::LookAt(*engine_, b, *moment_b, false);
    EXPECT_OK(before.status());
    EXPECT_OK(after.status());
    const auto diff = DiffStates(
        {.thread = (*before)->thread(), .memory = (*before)->memory_reader()},
        {.thread = (*after)->thread(), .memory = (*after)->memory_reader()});
    EXPECT_OK(diff.status());
    std::string text;
    for (const MemoryDifference& memory : diff->memories) {
      StrAppend(&text, "memory ", memory.bytes_before, " ", memory.bytes_after,
                " ", memory.differing_bytes, "\n");
    }
    for (const ValueDifference& value : diff->globals) {
      StrAppend(&text, value.name, " ", value.before, " ", value.after, "\n");
    }
    for (const std::string& line : diff->stack_before) {
      StrAppend(&text, "- ", line, "\n");
    }
    for (const std::string& line : diff->stack_after) {
      StrAppend(&text, "+ ", line, "\n");
    }
    return text;
  }
};

TEST_F(TimeTravelTest, ForksAtEveryEventGoOnAsTheProcessDid) {
  KeepHistory(/*interval_fuel=*/1000);
  ASSERT_OK(Launch(CountingGuest()));
  ASSERT_OK(RunToEnd());
  ASSERT_EQ(Log(), kCountingOutput);
  ASSERT_OK_AND_ASSIGN(const auto points, real_db_->ListPoints(number_));
  ASSERT_GT(points.size(), 2);
  const ProcessNumber parent = number_;
  const std::map<uint64_t, size_t> output = OutputBytes(1);
  ASSERT_GT(output.size(), 10);
  for (const auto& [event, bytes] : output) {
    number_ = parent;
    ASSERT_OK_AND_ASSIGN(number_, Fork(event));
    EXPECT_EQ(Record().status(), PAUSED);
    EXPECT_EQ(Record().name(), StrCat("p-", event + 1));
    ASSERT_OK(Resume());
    ASSERT_OK(RunToEnd()) << event;
    EXPECT_EQ(Record().status(), COMPLETED);
    EXPECT_EQ(Log(), kCountingOutput.substr(bytes)) << event;
  }
  number_ = parent;
  EXPECT_EQ(Record().status(), COMPLETED);
  EXPECT_EQ(Log(), kCountingOutput);
}

TEST_F(TimeTravelTest, RewindsToEveryEvent) {
  for (const uint64_t interval : {uint64_t{0}, uint64_t{600}, ~uint64_t{0}}) {
    SCOPED_TRACE(interval);
    request_.name = StrCat("every-", interval);
    KeepHistory(interval);
    ASSERT_OK(Launch(LettersGuest()));
    ASSERT_OK(RunToEnd());
    ASSERT_EQ(Record().status(), FAILED);
    const std::string log = Log();
    const std::string errors = Log(2);
    ASSERT_EQ(log.size(), 12u);
    const std::map<uint64_t, size_t> output = OutputBytes(1);
    const std::map<uint64_t, size_t> error_output = OutputBytes(2);
    for (uint64_t event = EventCount() + 1; event-- > 0;) {
      ASSERT_OK(Rewind(event)) << event;
      EXPECT_EQ(Record().status(), PAUSED);
      EXPECT_EQ(Record().failure(), "");
      EXPECT_EQ(EventCount(), event);
      EXPECT_EQ(Log(), log.substr(0, output.at(event))) << event;
      EXPECT_EQ(Log(2), errors.substr(0, error_output.at(event))) << event;
      EXPECT_EQ(Record().log_bytes_stdout(), output.at(event));
      EXPECT_THAT(Events(), SizeIs(event));
      EXPECT_THAT(db_->ListPoints(number_)->size(), ::testing::Ge(1));
      ASSERT_OK_AND_ASSIGN(const ProcessView view, ViewProcess(*db_, number_));
      EXPECT_EQ(view.event, event);
      Restart();
      EXPECT_OK(CheckRestorable(*engine_, number_));
      EXPECT_OK(CheckHistory(*engine_, number_));
    }
    // From the beginning, with other letters.
    ASSERT_OK(Resume());
    ASSERT_OK(RunToEnd());
    EXPECT_EQ(Record().status(), FAILED);
    EXPECT_EQ(Log().size(), 12u);
    EXPECT_NE(Log(), log);
    EXPECT_EQ(Log(), Log(2));
    EXPECT_THAT(outside_.shown(), ::testing::EndsWith(log + Log()));
  }
}

TEST_F(TimeTravelTest, WhatComesAfterARewindCanBeGoneBackToAgain) {
  KeepHistory(/*interval_fuel=*/600);
  ASSERT_OK(Launch(LettersGuest()));
  ASSERT_OK(RunToEnd());
  const std::string log = Log();
  ASSERT_OK(Rewind(7));
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  const std::string second = Log();
  EXPECT_EQ(second.substr(0, 4), log.substr(0, 4));
  EXPECT_NE(second.substr(6), log.substr(6));
  const std::map<uint64_t, size_t> output = OutputBytes(1);
  ASSERT_EQ(output.rbegin()->second, 12u);
  for (const uint64_t event : {14, 8, 7, 5}) {
    ASSERT_OK(Rewind(event));
    EXPECT_EQ(Log(), second.substr(0, output.at(event))) << event;
  }
}

TEST_F(TimeTravelTest, ARewindThatIsCutOffIsDoneByTheNextResume) {
  KeepHistory(/*interval_fuel=*/~uint64_t{0});
  ASSERT_OK(Launch(LettersGuest()));
  ASSERT_OK(RunToEnd());
  const std::string log = Log();
  db_->first_failure = 1;  // not of Rewind, but of what is saved after it
  EXPECT_THAT(Rewind(8), StatusIs(absl::StatusCode::kUnavailable,
                                  HasSubstr("is at event 8 now")));
  db_->first_failure.reset();
  EXPECT_EQ(EventCount(), 8);
  Restart();
  EXPECT_OK(CheckRestorable(*engine_, number_));
  // It can be rewound as it is, and forked.
  ASSERT_OK_AND_ASSIGN(const ProcessNumber child, Fork(8));
  EXPECT_EQ(DiffText(number_, 8, child, 8), "");
  ASSERT_OK(Rewind(7));
  EXPECT_EQ(Log(), log.substr(0, 4));
  db_->first_failure = db_->commits + 1;
  EXPECT_FALSE(Rewind(4).ok());
  db_->first_failure.reset();
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log().substr(0, 2), log.substr(0, 2));
  EXPECT_EQ(Log().size(), 12u);
  EXPECT_THAT(Events(), SizeIs(18));
  EXPECT_OK(CheckHistory(*engine_, number_));
}

TEST_F(TimeTravelTest, SaysWhyItCannotGoBack) {
  request_.options.set_checkpoint_fuel(~uint64_t{0});
  ASSERT_OK(Launch(CountingGuest()));
  EXPECT_THAT(Rewind(0), StatusIs(absl::StatusCode::kFailedPrecondition,
                                  HasSubstr("has not run yet")));
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_THAT(Rewind(2), StatusIs(absl::StatusCode::kNotFound,
                                  HasSubstr("wasmd run --history")));
  EXPECT_THAT(Rewind(1000), StatusIs(absl::StatusCode::kNotFound,
                                     HasSubstr("has no event 1000 yet")));
  EXPECT_EQ(Record().status(), COMPLETED);
  EXPECT_EQ(Log(), kCountingOutput);

  request_.name = "q";
  KeepHistory(1000);
  ASSERT_OK(Launch(Guest(R"(
    (func (export "_start")
      (call $say (i32.const 0) (i32.const 1))
      (call $proc_exit (i32.const 3))))")));
  ASSERT_OK(RunToEnd());
  EXPECT_THAT(Rewind(2), StatusIs(absl::StatusCode::kFailedPrecondition,
                                  HasSubstr("ended with event 2")));
  ASSERT_OK(Rewind(1));
  EXPECT_EQ(Record().exit_code(), 0);
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Record().exit_code(), 3);
}

TEST_F(TimeTravelTest, NothingIsChangedWhereTheJournalIsDamaged) {
  KeepHistory(/*interval_fuel=*/~uint64_t{0});
  ASSERT_OK(Launch(LettersGuest()));
  ASSERT_OK(RunToEnd());
  const std::vector<JournalEvent> events = Events();
  // As if the second call had been another.
  JournalBlock block(1);
  for (const JournalEvent& event : events) {
    const bool is_second = event.number == 2;
    block.Begin(
        {.durability = event.durability,
         .function = is_second ? 1u : 0u,
         .name = is_second ? "wasi_snapshot_preview1.fd_sync" : event.function,
         .arguments = event.arguments,
         .time_ns = event.time_ns},
        0);
    block.End({});
    if (is_second) break;
  }
  std::vector<uint64_t> trim;
  ASSERT_OK(real_db_->ForEachJournalBlock(number_, 0,
                                          [&](uint64_t first_event, ByteSpan) {
                                            if (first_event != 1)
                                              trim.push_back(first_event);
                                            return absl::OkStatus();
                                          }));
  ProcessRecord record = Record();
  record.set_sequence(record.sequence() + 1);
  ASSERT_OK(real_db_->ApplyCommit(
      {.process = number_,
       .record = record,
       .journal = {{.first_event = 1, .bytes = AsBytes(block.bytes())}},
       .journal_trim = trim},
      SyncMode::kSync));
  const std::string log = Log();
  EXPECT_THAT(Rewind(2), StatusIs(absl::StatusCode::kDataLoss,
                                  HasSubstr("at event 2 the journal has")));
  EXPECT_THAT(Rewind(3),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("is not kept")));
  EXPECT_THAT(Fork(2), StatusIs(absl::StatusCode::kDataLoss,
                                HasSubstr("at event 2 the journal has")));
  EXPECT_EQ(Record().SerializeAsString(), record.SerializeAsString());
  EXPECT_EQ(Log(), log);
  // The fork was taken back.
  int count = 0;
  ASSERT_OK(real_db_->ForEachProcess([&](ProcessNumber, const ProcessRecord&) {
    ++count;
    return absl::OkStatus();
  }));
  EXPECT_EQ(count, 1);
  ASSERT_OK(Rewind(0));
}

TEST_F(TimeTravelTest, FindsDamageInWhatIsKept) {
  KeepHistory(/*interval_fuel=*/~uint64_t{0});
  ASSERT_OK(Launch(CountingGuest()));
  while (EventCount() < 6) ASSERT_OK(Step().status());
  Restart();
  EXPECT_OK(CheckHistory(*engine_, number_));
  const std::string good = *real_db_->GetState(number_);
  // A kept state that is none, and a good one after it.
  Commit commit = {.process = number_, .record = Record()};
  commit.record.set_sequence(commit.record.sequence() + 1);
  commit.state = AsBytes("no state");
  commit.keep_point = true;
  ASSERT_OK(real_db_->ApplyCommit(commit, SyncMode::kSync));
  commit.record.set_sequence(commit.record.sequence() + 1);
  commit.state = AsBytes(good);
  commit.keep_point = false;
  ASSERT_OK(real_db_->ApplyCommit(commit, SyncMode::kSync));
  EXPECT_OK(CheckRestorable(*engine_, number_));
  EXPECT_THAT(CheckHistory(*engine_, number_),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("the state after event ")));

  JournalBlock block(1);
  block.Begin({.name = "m.f"}, 0);  // without an end
  commit.record.set_sequence(commit.record.sequence() + 1);
  commit.state.reset();
  commit.journal = {{.first_event = 1, .bytes = AsBytes(block.bytes())}};
  ASSERT_OK(real_db_->ApplyCommit(commit, SyncMode::kSync));
  EXPECT_THAT(CheckHistory(*engine_, number_),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("the journal")));
}

TEST_F(TimeTravelTest, ForksOfWhatWasKilled) {
  KeepHistory(/*interval_fuel=*/~uint64_t{0});
  ASSERT_OK(Launch(CountingGuest()));
  while (EventCount() < 6) ASSERT_OK(Step().status());
  Restart();
  const uint64_t event = EventCount();
  ASSERT_OK_AND_ASSIGN(
      const ProcessNumber child,
      ForkProcess(*engine_, {.parent = number_, .is_claimed = true}, "c"));
  const std::string log = Log();
  for (const ProcessNumber number : {number_, child}) {
    number_ = number;
    ASSERT_OK(Resume());
    ASSERT_OK(RunToEnd());
  }
  EXPECT_EQ(log + Log(), kCountingOutput) << event;
}

TEST_F(TimeTravelTest, OnlyKeptStatesOfWhatSomebodyElseRuns) {
  KeepHistory(/*interval_fuel=*/~uint64_t{0});
  ASSERT_OK(Launch(CountingGuest()));
  while (EventCount() < 6) ASSERT_OK(Step().status());
  const ProcessNumber parent = number_;
  ASSERT_OK_AND_ASSIGN(
      const ProcessNumber child,
      ForkProcess(*engine_, {.parent = parent, .event = 4}, ""));
  ASSERT_OK(RunToEnd());  // the parent was not disturbed
  EXPECT_EQ(Log(), kCountingOutput);
  number_ = child;
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_THAT(std::string(kCountingOutput), ::testing::EndsWith(Log()));

  // One without kept states.
  request_.name = "q";
  request_.options.clear_kept_states();
  ASSERT_OK(Launch(CountingGuest()));
  while (EventCount() < 6) ASSERT_OK(Step().status());
  EXPECT_THAT(
      ForkProcess(*engine_, {.parent = number_, .event = 4}, "").status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is running")));
}

TEST_F(TimeTravelTest, KeepsAsManyStatesAsItIsToldTo) {
  KeepHistory(/*interval_fuel=*/0);
  request_.options.mutable_kept_states()->set_max_count(3);
  ASSERT_OK(Launch(CountingGuest()));
  for (;;) {
    ASSERT_OK_AND_ASSIGN(const Process::Progress progress, Step());
    ASSERT_OK_AND_ASSIGN(const auto points, real_db_->ListPoints(number_));
    EXPECT_LE(points.size(), 3);
    if (progress == Process::Progress::kFinished) break;
  }
  ASSERT_OK_AND_ASSIGN(const auto points, real_db_->ListPoints(number_));
  EXPECT_THAT(points, SizeIs(3));
  ProcessOptions oldest;
  ASSERT_TRUE(oldest.ParseFromString(points[0].record.runtime_state()));
  ASSERT_GT(oldest.state_event(), 1);
  EXPECT_THAT(Rewind(oldest.state_event() - 1),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("3 states are kept, after events ")));
  ASSERT_OK(Rewind(oldest.state_event()));
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), kCountingOutput);
  ASSERT_OK_AND_ASSIGN(const auto left, real_db_->ListPoints(number_));
  EXPECT_THAT(left, SizeIs(3));
}

TEST_F(TimeTravelTest, StatesThatCannotBeDroppedGoAfterTheNextCommit) {
  KeepHistory(/*interval_fuel=*/1000);
  request_.options.mutable_kept_states()->set_max_count(2);
  ASSERT_OK(Launch(CountingGuest()));
  const auto kept = [this] { return real_db_->ListPoints(number_)->size(); };
  db_->refused_drops = 1;
  while (db_->refused_drops == 1) ASSERT_OK(Step(1).status());
  EXPECT_EQ(kept(), 3u);
  // A commit that keeps no other state.
  bool keeps = false;
  db_->on_commit = [&](const Commit& commit) { keeps |= commit.keep_point; };
  const uint64_t commits = db_->commits;
  while (db_->commits == commits) ASSERT_OK(Step(1).status());
  EXPECT_FALSE(keeps);
  EXPECT_EQ(kept(), 2u);
}

TEST_F(TimeTravelTest, KeepsStatesAsLongAsItIsToldTo) {
  KeepHistory(/*interval_fuel=*/0);
  // A round of the guest takes 3 ms; one state that is older stays.
  request_.options.mutable_kept_states()->set_max_age_ns(10'000'000);
  ASSERT_OK(Launch(CountingGuest()));
  ASSERT_OK(RunToEnd());
  ASSERT_OK_AND_ASSIGN(const auto points, real_db_->ListPoints(number_));
  ASSERT_GT(points.size(), 3);
  const int64_t newest_ns = points.back().record.updated_ns();
  EXPECT_LE(points[0].record.updated_ns(), newest_ns - 10'000'000);
  EXPECT_GT(points[1].record.updated_ns(), newest_ns - 10'000'000);
}

TEST_F(TimeTravelTest, KeepsStatesUpToSoManyBytes) {
  uint64_t all = 0;
  for (const uint64_t max_bytes : {0, 60'000}) {
    request_.name = StrCat("max-", max_bytes);
    KeepHistory(/*interval_fuel=*/0);
    request_.options.mutable_kept_states()->set_max_bytes(max_bytes);
    ASSERT_OK(Launch(CountingGuest()));
    ASSERT_OK(RunToEnd());
    ASSERT_OK_AND_ASSIGN(const StoreUsage usage, real_db_->Usage());
    const uint64_t bytes = usage.processes.back().history_bytes;
    ASSERT_OK_AND_ASSIGN(const auto points, real_db_->ListPoints(number_));
    if (max_bytes == 0) {
      all = points.size();
    } else {
      EXPECT_GT(points.size(), 1);
      EXPECT_LT(points.size(), all);
      EXPECT_LE(bytes, max_bytes);
    }
  }
}

TEST_F(TimeTravelTest, DiffsMoments) {
  KeepHistory(/*interval_fuel=*/600);
  ASSERT_OK(Launch(LettersGuest()));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(DiffText(number_, 6, number_, 6), "");
  // After the second letter was drawn, and after the third.
  const std::string diff = DiffText(number_, 4, number_, 7);
  EXPECT_THAT(diff, HasSubstr("memory 131072 131072 "));
  EXPECT_THAT(diff, HasSubstr("global 0 125250 250500\n"));
  EXPECT_THAT(diff, ::testing::Not(HasSubstr("\n- #")));
  EXPECT_THAT(DiffText(number_, 1, number_, 18),
              HasSubstr("memory 131072 327680 "));
  EXPECT_THAT(DiffText(number_, 1, number_, 2), HasSubstr("\n- #"));
}

// Fills 8 MiB, then changes a byte far inside, and another; grows and fills
// that too. It waits in between, where it is saved.
TEST_F(TimeTravelTest, DiffsLargeMemoriesPastThemselves) {
  constexpr uint32_t kPlaces[] = {5'000'001, 7'000'001};
  KeepHistory(/*interval_fuel=*/1000);
  ASSERT_OK(Launch(Guest(R"(
    (func $fill (param $at i32) (param $end i32)
      (loop $l
        (i32.store (local.get $at) (local.get $at))
        (local.set $at (i32.add (local.get $at) (i32.const 4096)))
        (br_if $l (i32.lt_u (local.get $at) (local.get $end)))))
    (func (export "_start")
      (drop (memory.grow (i32.const 126)))
      (call $fill (i32.const 131072) (i32.const 8388608))
      (call $sleep (i64.const 5000000000))
      (call $say_number (i32.const 1))
      (i32.store8 (i32.const 5000001) (i32.const 7))
      (call $sleep (i64.const 5000000000))
      (call $say_number (i32.const 2))
      (i32.store8 (i32.const 7000001) (i32.const 8))
      (drop (memory.grow (i32.const 2)))
      (call $fill (i32.const 8388608) (i32.const 8519680))
      (call $say_number (i32.const 3))
      (i32.store8 (i32.const 8400001) (i32.const 9))
      (call $say_number (i32.const 4))))")));
  ASSERT_OK(RunToEnd());
  std::vector<uint64_t> said;
  for (const JournalEvent& event : Events()) {
    if (event.function == "wasi_snapshot_preview1.fd_write") {
      said.push_back(event.number);
    }
  }
  ASSERT_THAT(said, SizeIs(4));
  Restart();
  for (const size_t changed : {1, 2}) {
    SCOPED_TRACE(changed);
    const auto look = [&](uint64_t at) {
      const auto moment = FindMoment(*db_, number_, at, MomentUse::kLook);
      EXPECT_OK(moment.status());
      auto process = Process::LookAt(*engine_, number_, *moment, false);
      EXPECT_OK(process.status());
      return *std::move(process);
    };
    const auto before = look(said[0] - 1);
    const auto after = look(said[changed]);
    const LazyPages* const lazy = before->store().memory(0).lazy_pages();
    if (lazy == nullptr) GTEST_SKIP() << "memories are not loaded lazily here";
    ASSERT_OK_AND_ASSIGN(
        const StateDiff diff,
        DiffStates(
            {.thread = before->thread(), .memory = before->memory_reader()},
            {.thread = after->thread(), .memory = after->memory_reader()}));
    EXPECT_FALSE(lazy->is_all_present());
    EXPECT_FALSE(after->store().memory(0).lazy_pages()->is_all_present());
    ASSERT_THAT(diff.memories, SizeIs(1));
    const MemoryDifference& memory = diff.memories[0];
    EXPECT_EQ(memory.bytes_before, 8388608);
    EXPECT_EQ(memory.bytes_after, 8388608 + (changed - 1) * 131072);
    // Below are the digits that were said.
    std::vector<MemoryRangeDifference> far;
    for (const MemoryRangeDifference& range : memory.ranges) {
      if (range.address >= 131072) far.push_back(range);
    }
    ASSERT_THAT(far, SizeIs(changed));
    for (size_t i = 0; i < changed; ++i) {
      EXPECT_EQ(far[i].address, kPlaces[i]);
      EXPECT_THAT(far[i].before, ElementsAre(0));
      EXPECT_THAT(far[i].after, ElementsAre(7 + i));
    }
    // Read again, past the memory and in it, it is what the guest sees.
    std::vector<uint8_t> bytes(memory.bytes_after);
    ASSERT_OK(after->memory_reader().Read(0, 0, bytes));
    ASSERT_OK_AND_ASSIGN(const ByteSpan seen,
                         after->store().memory(0).Bytes(0, memory.bytes_after));
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), seen.begin()));
  }
}

TEST_F(TimeTravelTest, LooksAtTheLastCommit) {
  request_.options.set_checkpoint_fuel(~uint64_t{0});
  ASSERT_OK(Launch(CountingGuest()));
  while (EventCount() < 9) ASSERT_OK(Step().status());
  const uint64_t event = EventCount();
  Restart();
  ASSERT_OK_AND_ASSIGN(const ProcessView view, ViewProcess(*db_, number_));
  EXPECT_EQ(view.event, event);
  EXPECT_EQ(view.journal_error, "");
  EXPECT_GT(view.fuel_used, 500);
  EXPECT_THAT(view.back_trace, ::testing::Not(IsEmpty()));
  EXPECT_OK(CheckRestorable(*engine_, number_));

  // Without the journal, as far as the state goes.
  Commit commit = {.process = number_, .record = Record()};
  commit.record.set_sequence(commit.record.sequence() + 1);
  ASSERT_OK(real_db_->ForEachJournalBlock(
      number_, 0, [&](uint64_t first_event, ByteSpan) {
        commit.journal_trim.push_back(first_event);
        return absl::OkStatus();
      }));
  ASSERT_OK(real_db_->ApplyCommit(commit, SyncMode::kSync));
  ASSERT_OK_AND_ASSIGN(const ProcessView state, ViewProcess(*db_, number_));
  EXPECT_LT(state.event, event);
  EXPECT_THAT(state.journal_error, HasSubstr("the journal lacks event"));
  EXPECT_THAT(state.back_trace, ::testing::Not(IsEmpty()));
  Restart();
  EXPECT_THAT(CheckRestorable(*engine_, number_),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("the journal lacks event")));
}

}  // namespace
}  // namespace wasmd

#include "runtime/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "runtime/testing/guests.h"
#include "runtime/testing/process_fixture.h"
#include "store/process_db.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::wasmd::testing::CountingGuest;
using ::wasmd::testing::Guest;
using ::wasmd::testing::kCountingOutput;
using ::wasmd::testing::ProcessFixture;
using ::wasmd::testing::StatusIs;

class ProcessTest : public ProcessFixture {};

TEST_F(ProcessTest, RunsToItsEnd) {
  ASSERT_OK(Launch(CountingGuest()));
  EXPECT_EQ(Record().status(), PENDING);
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(outside_.shown(), kCountingOutput);
  EXPECT_EQ(Log(), kCountingOutput);
  EXPECT_EQ(Record().status(), COMPLETED);
  EXPECT_EQ(Record().log_bytes_stdout(), kCountingOutput.size());
  EXPECT_EQ(Record().memory_bytes(), 2u << 16);
}

TEST_F(ProcessTest, WithoutAStoreItRunsTheSame) {
  engine_ = std::make_unique<Engine>(nullptr, outside_, options_);
  ASSERT_OK(Launch(CountingGuest()));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(outside_.shown(), kCountingOutput);
}

TEST_F(ProcessTest, OutputIsShownOnlyWhenItIsCommitted) {
  outside_.on_release = [&](uint32_t stream, std::string_view bytes) {
    EXPECT_EQ(Log(stream), outside_.released[0] + std::string(bytes));
  };
  ASSERT_OK(Launch(CountingGuest()));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(outside_.shown(), kCountingOutput);
}

TEST_F(ProcessTest, AChattyProgramIsNotSyncedPerLine) {
  ASSERT_OK(Launch(Guest(R"((func (export "_start") (local $n i32)
    (loop $l
      (call $say_number (local.get $n))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $n) (i32.const 1000))))))")));
  ASSERT_OK(RunToEnd());
  EXPECT_LT(db_->synced_commits, 20u);
  EXPECT_EQ(Log().size(), 10u * 2 + 90 * 3 + 900 * 4);
}

TEST_F(ProcessTest, KilledAfterEveryStepItGoesOn) {
  // The clock runs so fast that every step ends at once and saves.
  outside_.tick_ns = 2'000'000;
  options_.output_delay_ns = 0;
  options_.checkpoint_interval_ns = 0;
  Restart();
  ASSERT_OK(Launch(CountingGuest()));
  int steps = 0;
  for (;; ++steps) {
    ASSERT_OK_AND_ASSIGN(const Process::Progress progress, Step(1));
    if (progress == Process::Progress::kFinished) break;
    ASSERT_OK(Resume());
  }
  EXPECT_GT(steps, 8);
  EXPECT_EQ(Log(), kCountingOutput);
  EXPECT_EQ(Record().status(), COMPLETED);
}

TEST_F(ProcessTest, ObjectsAndExceptionsAreSavedWithIt) {
  const std::string guest = Guest(R"(
    (type $list (struct (field $value i32) (field $next (ref null $list))))
    (tag $stop (param i32))
    (func $sum (param $list (ref null $list)) (result i32)
      (if (ref.is_null (local.get $list)) (then (return (i32.const 0))))
      (i32.add (struct.get $list $value (local.get $list))
        (call $sum (struct.get $list $next (local.get $list)))))
    (func $fill (param $count i32)
      (local $list (ref null $list))
      (loop $l
        (local.set $list
          (struct.new $list (local.get $count) (local.get $list)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br_if $l (local.get $count)))
      (call $sleep (i64.const 5000000000))
      (throw $stop (call $sum (local.get $list))))
    (func (export "_start")
      (local $rounds i32)
      (loop $again
        (call $say_number (block $caught (result i32)
          (try_table (catch $stop $caught) (call $fill (i32.const 500)))
          (unreachable)))
        (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $rounds) (i32.const 3))))))");
  ASSERT_OK(Launch(guest));
  for (;;) {
    ASSERT_OK_AND_ASSIGN(const Process::Progress progress, Step());
    if (progress == Process::Progress::kFinished) break;
    ASSERT_OK(Resume());
  }
  EXPECT_EQ(Log(), "125250\n125250\n125250\n");
}

// A library with a start function and `_initialize`, one that uses it and says
// so when it starts, and a program that uses both.
class LinkedProcessTest : public ProcessTest {
 protected:
  absl::Status AddLink(const std::string& name, const std::string& text) {
    ASSIGN_OR_RETURN(std::vector<uint8_t> binary,
                     ToBinary(std::vector<uint8_t>(text.begin(), text.end())));
    ASSIGN_OR_RETURN(auto module, engine_->modules.Load(std::move(binary)));
    request_.links.push_back({name, std::move(module)});
    return absl::OkStatus();
  }

  absl::Status LaunchLinked() {
    RETURN_IF_ERROR(AddLink("counter", R"((module
      (global $count (mut i32) (i32.const 0))
      (func $start (global.set $count (i32.const 40)))
      (start $start)
      (func (export "_initialize")
        (global.set $count (i32.add (global.get $count) (i32.const 1))))
      (func (export "next") (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (global.get $count))))"));
    std::string speaker = Guest(R"(
      (func (export "_initialize") (call $say_number (call $next)))
      (func (export "say_next")
        (call $sleep (i64.const 5000000000))
        (call $say_number (call $next))))");
    speaker.insert(std::string_view("(module").size(),
                   R"((import "counter" "next" (func $next (result i32))))");
    RETURN_IF_ERROR(AddLink("speaker", speaker));
    return Launch(R"((module
      (import "counter" "next" (func $next (result i32)))
      (import "speaker" "say_next" (func $say_next))
      (func (export "_start")
        (drop (call $next)) (call $say_next) (call $say_next))))");
  }
};

TEST_F(LinkedProcessTest, LibrariesStartInOrderBeforeTheProgram) {
  ASSERT_OK(LaunchLinked());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "42\n44\n45\n");
}

TEST_F(LinkedProcessTest, ParkedAfterEveryStepTheyAreAsTheyWere) {
  outside_.tick_ns = 2'000'000;
  ASSERT_OK(LaunchLinked());
  request_.links.clear();  // the store has them
  int steps = 0;
  for (;; ++steps) {
    ASSERT_OK(Resume());
    ASSERT_OK_AND_ASSIGN(const Process::Progress progress, Step(1));
    if (progress == Process::Progress::kFinished) break;
    ASSERT_OK(process_->Park(PAUSED));
  }
  EXPECT_GT(steps, 5);
  EXPECT_EQ(Log(), "42\n44\n45\n");
}

TEST_F(LinkedProcessTest, AMissingImportNamesTheModuleThatWantsIt) {
  ASSERT_OK(AddLink("a", R"((module (import "b" "f" (func))))"));
  EXPECT_THAT(Launch(CountingGuest()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("linked module a: ")));
}

TEST_F(LinkedProcessTest, ATrapWhileInstantiatingALibraryIsAFailure) {
  ASSERT_OK(AddLink("a", R"((module (memory 1)
    (data (i32.const 65536) "x")))"));
  ASSERT_OK(Launch(CountingGuest()));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Record().status(), FAILED);
  EXPECT_THAT(Record().failure(), HasSubstr("trap while instantiating"));
}

TEST_F(ProcessTest, AFailedCommitReleasesNothingAndTheStoreStaysGood) {
  ASSERT_OK(Launch(CountingGuest()));
  ASSERT_OK(RunToEnd());
  const uint64_t commits = db_->commits;
  ASSERT_GT(commits, 5u);
  for (uint64_t i = 1; i <= commits; ++i) {
    Restart();
    ASSERT_OK(real_db_->RemoveProcess(number_));
    outside_.released[0].clear();
    db_->commits = 0;
    db_->first_failure = i;
    ASSERT_OK(Launch(CountingGuest()));
    EXPECT_THAT(RunToEnd(), StatusIs(absl::StatusCode::kUnavailable,
                                     HasSubstr("the disk is gone")));
    EXPECT_EQ(outside_.shown(), Log()) << i;
    db_->first_failure.reset();
    ASSERT_OK(Resume());
    ASSERT_OK(RunToEnd());
    EXPECT_EQ(outside_.shown(), kCountingOutput) << i;
    EXPECT_EQ(Log(), kCountingOutput) << i;
  }
}

TEST_F(ProcessTest, WaitsUntilItsDeadlineOverAResume) {
  ASSERT_OK(Launch(Guest(R"((func (export "_start")
    (call $sleep (i64.const 3600000000000))
    (call $say_number (i32.const 1))))")));
  const int64_t begin_ns = outside_.now_ns;
  ASSERT_OK_AND_ASSIGN(Process::Progress progress, process_->Step(kQuantumNs));
  ASSERT_EQ(progress, Process::Progress::kWaiting);
  EXPECT_EQ(Record().status(), WAITING);
  EXPECT_NEAR(static_cast<double>(Record().wake_time_ns() - begin_ns), 3600e9,
              1e9);
  const int64_t deadline_ns = Record().wake_time_ns();
  outside_.now_ns += 1800'000'000'000;
  ASSERT_OK(Resume());
  ASSERT_OK_AND_ASSIGN(progress, process_->Step(kQuantumNs));
  ASSERT_EQ(progress, Process::Progress::kWaiting);
  EXPECT_EQ(process_->wait().deadline_ns, deadline_ns);
  outside_.now_ns = deadline_ns;
  ASSERT_OK(Resume());
  ASSERT_OK_AND_ASSIGN(progress, process_->Step(kQuantumNs));
  EXPECT_EQ(progress, Process::Progress::kFinished);
  EXPECT_EQ(Log(), "1\n");
}

TEST_F(ProcessTest, AnEffectIsSavedAsPendingBeforeItStarts) {
  auto* preopen = request_.options.add_preopens();
  preopen->set_host_path(folder_ + "/files");
  preopen->set_guest_path("/");
  const std::string made = folder_ + "/files/made";
  int commits_before = 0;
  db_->on_commit = [&](const Commit& commit) {
    if (commit.state.has_value() && !std::filesystem::exists(made)) {
      ++commits_before;
    }
  };
  const std::string guest = Guest(R"((data (i32.const 200) "made")
    (func (export "_start")
      (call $say_number (call $path_create_directory
        (i32.const 3) (i32.const 200) (i32.const 4)))))");
  ASSERT_OK(Launch(guest));
  // Killed when the effect is done and its answer is not saved.
  db_->first_failure = 2;
  EXPECT_FALSE(RunToEnd().ok());
  EXPECT_EQ(commits_before, 1);
  EXPECT_TRUE(std::filesystem::exists(made));
  EXPECT_EQ(outside_.shown(), "");
  // Its repeat answers as the first time: 0, not "exists".
  db_->first_failure.reset();
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "0\n");
}

TEST_F(ProcessTest, WithoutSavingEffectsDoNotWait) {
  options_.sync = SyncLevel::kNone;
  Restart();
  auto* preopen = request_.options.add_preopens();
  preopen->set_host_path(folder_ + "/files");
  preopen->set_guest_path("/");
  ASSERT_OK(Launch(Guest(R"((data (i32.const 200) "made")
    (func (export "_start")
      (drop (call $path_create_directory
        (i32.const 3) (i32.const 200) (i32.const 4)))))")));
  ASSERT_OK(RunToEnd());
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/files/made"));
  EXPECT_EQ(db_->commits, 1u);
}

TEST_F(ProcessTest, ItsSyncLevelIsKeptWithIt) {
  request_.options.set_sync(ProcessOptions::PROCESS);
  ASSERT_OK(Launch(CountingGuest()));
  EXPECT_EQ(process_->sync_level(), SyncLevel::kProcess);
  ASSERT_OK(Step().status());
  ASSERT_OK(Resume());
  EXPECT_EQ(process_->sync_level(), SyncLevel::kProcess);
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(db_->synced_commits, 0u);
  EXPECT_EQ(Log(), kCountingOutput);
}

TEST_F(ProcessTest, WhoeverRunsItMayChooseAnotherSyncLevel) {
  request_.options.set_sync(ProcessOptions::NONE);
  options_.sync = SyncLevel::kStrict;
  Restart();
  ASSERT_OK(Launch(CountingGuest()));
  EXPECT_EQ(process_->sync_level(), SyncLevel::kStrict);
  ASSERT_OK(RunToEnd());
  EXPECT_GT(db_->synced_commits, 0u);
}

TEST_F(ProcessTest, ParkedAtOnceItHasNotRun) {
  ASSERT_OK(Launch(CountingGuest()));
  ASSERT_OK(process_->Park(PAUSED));
  EXPECT_EQ(Record().status(), PAUSED);
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), kCountingOutput);
}

TEST_F(ProcessTest, KilledBeforeItsFirstCommitItStartsAnew) {
  ASSERT_OK(Launch(CountingGuest()));
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), kCountingOutput);
}

TEST_F(ProcessTest, TheStartFunctionComesFirstAndIsSavedToo) {
  const std::string guest = Guest(R"(
    (func $first (call $sleep (i64.const 100000000))
                 (call $say_number (i32.const 1)))
    (start $first)
    (func (export "_start") (call $say_number (i32.const 2))))");
  ASSERT_OK(Launch(guest));
  ASSERT_OK_AND_ASSIGN(Process::Progress progress, Step());
  ASSERT_EQ(progress, Process::Progress::kWaiting);
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "1\n2\n");
}

TEST_F(ProcessTest, AnExitCodeThatIsNotZeroIsAFailure) {
  ASSERT_OK(Launch(Guest(R"((func (export "_start")
    (call $say_number (i32.const 5)) (call $proc_exit (i32.const 3))))")));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Record().status(), FAILED);
  EXPECT_EQ(Record().exit_code(), 3);
  EXPECT_EQ(Record().failure(), "exit code 3");
  EXPECT_EQ(Log(), "5\n");
}

TEST_F(ProcessTest, ATrapIsAFailureWithABackTrace) {
  ASSERT_OK(Launch(Guest(R"((func $inner unreachable)
    (func $outer (export "_start") (call $inner)))")));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Record().status(), FAILED);
  EXPECT_EQ(Record().failure(), "trap: unreachable");
  EXPECT_THAT(
      Record().failure_stack(),
      ElementsAre(HasSubstr("#0 inner at 0x"), HasSubstr("#1 outer at 0x")));
}

TEST_F(ProcessTest, AnUncaughtExceptionIsAFailure) {
  ASSERT_OK(Launch(R"((module (tag $t)
    (func $inner (throw $t)) (func $outer (export "_start") (call $inner))))"));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Record().status(), FAILED);
  EXPECT_EQ(Record().failure(), "uncaught exception");
  EXPECT_THAT(
      Record().failure_stack(),
      ElementsAre(HasSubstr("#0 inner at 0x"), HasSubstr("#1 outer at 0x")));
}

TEST_F(ProcessTest, ResultsOfAnInvokedFunctionAreItsOutput) {
  request_.invoke = "f";
  request_.arguments = {"20", "-0.5"};
  ASSERT_OK(Launch(R"((module (func (export "f") (param i32 f64)
    (result i32 f64) (i32.add (local.get 0) (i32.const 1)) (local.get 1))))"));
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "21\n-0.5\n");
}

TEST_F(ProcessTest, NothingIsLeftOfALaunchThatFails) {
  EXPECT_THAT(
      Launch(R"((module (import "env" "f" (func)) (func (export "_start"))))"),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("env.f")));
  EXPECT_THAT(Launch("(module)"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("exports no function _start")));
  request_.invoke = "f";
  request_.arguments = {"x"};
  EXPECT_THAT(
      Launch(R"((module (func (export "f") (param i32))))"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("type i32")));
  request_.invoke = "";
  request_.options.add_preopens()->set_host_path("/no/such/folder");
  request_.options.mutable_preopens(0)->set_guest_path("/");
  EXPECT_THAT(Launch(CountingGuest()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/no/such")));
  ASSERT_OK(real_db_->ForEachProcess([](ProcessNumber, const ProcessRecord&) {
    return absl::InternalError("there is a process");
  }));
}

TEST_F(ProcessTest, NamesAreMadeFromTheModule) {
  request_.name = "";
  request_.module_path = "some/where/a b.c.wasm";
  ASSERT_OK(Launch(CountingGuest()));
  EXPECT_EQ(Record().name(), "a-b-1");
  ASSERT_OK(Launch(CountingGuest()));
  EXPECT_EQ(Record().name(), "a-b-2");
  request_.name = "a-b-2";
  EXPECT_THAT(Launch(CountingGuest()),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("a-b-2")));
}

TEST_F(ProcessTest, AFinishedProcessIsNotResumed) {
  ASSERT_OK(Launch(CountingGuest()));
  ASSERT_OK(RunToEnd());
  EXPECT_THAT(Resume(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                 HasSubstr("COMPLETED")));
}

TEST_F(ProcessTest, OutputThatNobodySeesIsKept) {
  outside_.release_status = absl::UnavailableError("closed");
  ASSERT_OK(Launch(CountingGuest()));
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), kCountingOutput);
  EXPECT_EQ(process_->output_status().message(), "closed");
}

TEST_F(ProcessTest, InputIsReadAndWaitedFor) {
  outside_.input_ended = false;
  ASSERT_OK(Launch(Guest(R"((data (i32.const 200) "\40\01\00\00\08\00\00\00")
    (func (export "_start")
      (drop (call $fd_read (i32.const 0) (i32.const 200) (i32.const 1)
                           (i32.const 16)))
      (call $say (i32.const 320) (i32.load (i32.const 16)))))")));
  ASSERT_OK_AND_ASSIGN(Process::Progress progress, process_->Step(kQuantumNs));
  ASSERT_EQ(progress, Process::Progress::kWaiting);
  EXPECT_TRUE(process_->wait().input);
  EXPECT_EQ(Record().status(), WAITING);
  ASSERT_OK(Resume());
  ASSERT_OK_AND_ASSIGN(progress, process_->Step(kQuantumNs));
  ASSERT_EQ(progress, Process::Progress::kWaiting);
  outside_.input = "typed";
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), "typed");
}

}  // namespace
}  // namespace wasmd

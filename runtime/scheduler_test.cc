#include "runtime/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "runtime/testing/fake_outside.h"
#include "runtime/testing/faulty_process_db.h"
#include "runtime/testing/guests.h"
#include "store/process_db.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::wasmd::testing::CountingGuest;
using ::wasmd::testing::FakeOutside;
using ::wasmd::testing::FaultyProcessDb;
using ::wasmd::testing::Guest;
using ::wasmd::testing::kCountingOutput;

class SchedulerTest : public ::testing::Test {
 protected:
  SchedulerTest()
      : folder_(StrCat(
            ::testing::TempDir(), "/scheduler_test_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    auto db = ProcessDb::Open(folder_);
    CHECK(db.ok());
    db_ = *std::move(db);
    Restart();
  }
  ~SchedulerTest() override {
    scheduler_.reset();
    engine_.reset();
    db_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Restart(ProcessDb* db = nullptr) {
    scheduler_.reset();
    engine_ = std::make_unique<Engine>(db != nullptr ? db : db_.get(), outside_,
                                       EngineOptions());
    scheduler_ = std::make_unique<Scheduler>(
        *engine_, options_,
        [this](const Scheduler::Report& report) {
          reports_[report.record.name()] = report;
        },
        [](const ProcessRecord&, const std::string& warning) {
          ADD_FAILURE() << warning;
        });
  }

  void Launch(const std::string& name, const std::string& text) {
    auto binary = ToBinary({text.begin(), text.end()});
    ASSERT_OK(binary.status());
    ASSERT_OK_AND_ASSIGN(auto module,
                         engine_->modules.Load(*std::move(binary)));
    LaunchRequest request;
    request.name = name;
    request.arguments = {name};
    ASSERT_OK_AND_ASSIGN(std::unique_ptr<Process> process,
                         Process::Launch(*engine_, request, module));
    numbers_[name] = process->number();
    scheduler_->Add(std::move(process));
  }

  std::string Log(const std::string& name) {
    std::string log;
    EXPECT_OK(db_->ForEachLog(numbers_[name], kStdout, 0, [&](ByteSpan bytes) {
      log.append(AsText(bytes));
      return absl::OkStatus();
    }));
    return log;
  }

  ProcessStatus StatusOf(const std::string& name) {
    return db_->GetRecord(numbers_[name])->status();
  }

  const std::string folder_;
  FakeOutside outside_;
  SchedulerOptions options_;
  std::unique_ptr<ProcessDb> db_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Scheduler> scheduler_;
  std::map<std::string, ProcessNumber> numbers_;
  std::map<std::string, Scheduler::Report> reports_;
};

TEST_F(SchedulerTest, RunsManyTogether) {
  for (int i = 0; i < 5; ++i) Launch(StrCat("p", i), CountingGuest());
  scheduler_->Run();
  ASSERT_EQ(reports_.size(), 5u);
  for (const auto& [name, report] : reports_) {
    EXPECT_EQ(report.end, Scheduler::End::kFinished);
    EXPECT_EQ(Log(name), kCountingOutput);
    EXPECT_EQ(StatusOf(name), COMPLETED);
  }
}

TEST_F(SchedulerTest, ProcessesShareWritesUnlessToldNotTo) {
  FaultyProcessDb slow(*db_);
  slow.on_commit = [this](const Commit&) { outside_.now_ns += 100'000; };
  Restart(&slow);
  for (const SyncLevel level : {SyncLevel::kGroup, SyncLevel::kStrict}) {
    engine_->options.sync = level;
    for (int i = 0; i < 20; ++i) {
      Launch(StrCat("p", i, "-", static_cast<int>(level)), CountingGuest());
    }
    const StoreStatistics launched = db_->Statistics();
    scheduler_->Run();
    const StoreStatistics after = db_->Statistics();
    const uint64_t commits = after.commits - launched.commits;
    const uint64_t writes = after.writes - launched.writes;
    EXPECT_GE(commits, 20u);
    if (level == SyncLevel::kStrict) {
      EXPECT_EQ(writes, commits);
    } else {
      EXPECT_LE(writes * 3, commits * 2);
    }
  }
  Restart();
  ASSERT_EQ(reports_.size(), 40u);
  for (const auto& [name, report] : reports_) {
    EXPECT_EQ(report.end, Scheduler::End::kFinished);
    EXPECT_EQ(Log(name), kCountingOutput);
  }
}

TEST_F(SchedulerTest, ACommitThatFailsEndsItsOwnProcessOnly) {
  FaultyProcessDb faulty(*db_);
  Restart(&faulty);
  for (int i = 0; i < 5; ++i) Launch(StrCat("p", i), CountingGuest());
  faulty.refused_process = numbers_["p2"];
  scheduler_->Run();
  for (const auto& [name, report] : reports_) {
    if (name == "p2") {
      EXPECT_EQ(report.end, Scheduler::End::kError);
      EXPECT_EQ(report.status.message(), "the disk is gone");
      EXPECT_EQ(Log(name), "");
    } else {
      EXPECT_EQ(report.end, Scheduler::End::kFinished);
      EXPECT_EQ(Log(name), kCountingOutput);
    }
  }
  EXPECT_EQ(reports_.size(), 5u);
  Restart();
}

TEST_F(SchedulerTest, AnEndlessLoopDoesNotKeepOthersFromRunning) {
  // The loop is stopped by a real clock; this makes its slice over then.
  outside_.tick_ns = 10'000'000;
  Launch("endless", R"((module (func (export "_start") (loop $l (br $l)))))");
  Launch("p", CountingGuest());
  outside_.on_release = [&](uint32_t, std::string_view bytes) {
    if (bytes.find("36\n") != std::string_view::npos) scheduler_->RequestStop();
  };
  scheduler_->Run();
  EXPECT_EQ(reports_["endless"].end, Scheduler::End::kParked);
  EXPECT_EQ(StatusOf("endless"), PAUSED);
  EXPECT_EQ(Log("p"), kCountingOutput);
}

TEST_F(SchedulerTest, StopParksAllAndAllGoOn) {
  for (int i = 0; i < 3; ++i) Launch(StrCat("p", i), CountingGuest());
  int lines = 0;
  outside_.on_release = [&](uint32_t, std::string_view) {
    if (++lines == 10) scheduler_->RequestStop();
  };
  scheduler_->Run();
  ASSERT_EQ(reports_.size(), 3u);
  Restart();
  outside_.on_release = nullptr;
  for (const auto& [name, report] : std::exchange(reports_, {})) {
    EXPECT_EQ(report.end, Scheduler::End::kParked);
    EXPECT_EQ(StatusOf(name), PAUSED);
    ASSERT_OK_AND_ASSIGN(const ProcessRecord record,
                         db_->GetRecord(numbers_[name]));
    scheduler_->Add(numbers_[name], record);
  }
  scheduler_->Run();
  for (const auto& [name, report] : reports_) {
    EXPECT_EQ(report.end, Scheduler::End::kFinished);
    EXPECT_EQ(Log(name), kCountingOutput);
  }
}

TEST_F(SchedulerTest, LongSleepersLeaveMemoryAndWakeInOrder) {
  constexpr int kMonth = 30 * 24 * 3600;
  const auto sleeper = [](int seconds) {
    return Guest(StrCat(R"((func (export "_start")
      (call $sleep (i64.const )",
                        seconds, R"(000000000))
      (call $say_number (i32.const )",
                        seconds, ")))"));
  };
  Launch("month", sleeper(kMonth));
  Launch("late", sleeper(900));
  Launch("soon", sleeper(30));
  Launch("middle", sleeper(400));
  std::vector<std::string> shown;
  outside_.on_release = [&](uint32_t, std::string_view bytes) {
    shown.emplace_back(bytes);
  };
  outside_.on_wait = [&] { EXPECT_EQ(StatusOf("month"), WAITING); };
  const int64_t begin_ns = outside_.now_ns;
  scheduler_->Run();
  EXPECT_THAT(shown,
              ElementsAre("30\n", "400\n", "900\n", StrCat(kMonth, "\n")));
  EXPECT_GE(outside_.now_ns - begin_ns, kMonth * int64_t{1'000'000'000});
}

TEST_F(SchedulerTest, WhatWaitsForInputThatCannotComeStaysParked) {
  outside_.input_ended = false;
  Launch("reader", Guest(R"((func (export "_start")
    (i32.store (i32.const 200) (i32.const 320))
    (i32.store (i32.const 204) (i32.const 8))
    (drop (call $fd_read (i32.const 0) (i32.const 200) (i32.const 1)
                         (i32.const 16)))))"));
  scheduler_->Run();
  EXPECT_EQ(reports_["reader"].end, Scheduler::End::kParked);
  EXPECT_EQ(StatusOf("reader"), WAITING);
}

TEST_F(SchedulerTest, ParksWhenNobodySeesItsOutput) {
  Launch("p", CountingGuest());
  outside_.release_status = absl::UnavailableError("stdout is closed");
  scheduler_->Run();
  EXPECT_EQ(reports_["p"].end, Scheduler::End::kParked);
  EXPECT_EQ(reports_["p"].output_status.message(), "stdout is closed");
  EXPECT_EQ(StatusOf("p"), PAUSED);
  EXPECT_EQ(Log("p"), "1\n");
}

TEST_F(SchedulerTest, OneIsPausedAndGoesOnLater) {
  for (int i = 0; i < 3; ++i) Launch(StrCat("p", i), CountingGuest());
  int lines = 0;
  outside_.on_release = [&](uint32_t, std::string_view) {
    if (++lines == 10) scheduler_->RequestPause(numbers_["p1"]);
  };
  scheduler_->Run();
  EXPECT_EQ(reports_["p0"].end, Scheduler::End::kFinished);
  EXPECT_EQ(reports_["p2"].end, Scheduler::End::kFinished);
  EXPECT_EQ(reports_["p1"].end, Scheduler::End::kParked);
  EXPECT_EQ(StatusOf("p1"), PAUSED);
  EXPECT_NE(Log("p1"), kCountingOutput);

  Restart();
  outside_.on_release = nullptr;
  ASSERT_OK_AND_ASSIGN(const ProcessRecord record,
                       db_->GetRecord(numbers_["p1"]));
  scheduler_->Add(numbers_["p1"], record);
  scheduler_->Run();
  EXPECT_EQ(reports_["p1"].end, Scheduler::End::kFinished);
  EXPECT_EQ(Log("p1"), kCountingOutput);
}

TEST_F(SchedulerTest, OneIsCancelledForGood) {
  for (int i = 0; i < 3; ++i) Launch(StrCat("p", i), CountingGuest());
  int lines = 0;
  outside_.on_release = [&](uint32_t, std::string_view) {
    if (++lines == 10) scheduler_->RequestCancel(numbers_["p1"]);
  };
  scheduler_->Run();
  EXPECT_EQ(reports_["p0"].record.status(), COMPLETED);
  EXPECT_EQ(reports_["p2"].record.status(), COMPLETED);
  EXPECT_EQ(reports_["p1"].end, Scheduler::End::kFinished);
  EXPECT_EQ(reports_["p1"].record.status(), CANCELLED);
  EXPECT_EQ(StatusOf("p1"), CANCELLED);
  const std::string log = Log("p1");
  EXPECT_EQ(log, std::string(kCountingOutput).substr(0, log.size()));
  EXPECT_NE(log, "");
  EXPECT_OK(db_->GetState(numbers_["p1"]).status());
  EXPECT_THAT(Process::Resume(*engine_, numbers_["p1"]).status(),
              ::wasmd::testing::StatusIs(absl::StatusCode::kFailedPrecondition,
                                         HasSubstr("CANCELLED")));
}

TEST_F(SchedulerTest, SleepersThatLeftMemoryArePausedAndCancelled) {
  const std::string sleeper = Guest(R"((func (export "_start")
      (call $sleep (i64.const 900000000000))
      (call $say_number (i32.const 900))))");
  for (const char* name : {"paused", "cancelled", "sleeps"}) {
    Launch(name, sleeper);
  }
  bool is_asked = false;
  outside_.on_wait = [&] {
    if (std::exchange(is_asked, true)) return;
    scheduler_->RequestPause(numbers_["paused"]);
    scheduler_->RequestCancel(numbers_["cancelled"]);
    scheduler_->RequestCancel(12345);  // nobody
  };
  const int64_t begin_ns = outside_.now_ns;
  scheduler_->Run();
  EXPECT_EQ(StatusOf("paused"), PAUSED);
  EXPECT_EQ(StatusOf("cancelled"), CANCELLED);
  EXPECT_EQ(StatusOf("sleeps"), COMPLETED);
  EXPECT_EQ(reports_["paused"].end, Scheduler::End::kParked);
  EXPECT_EQ(reports_["cancelled"].end, Scheduler::End::kFinished);
  EXPECT_GE(outside_.now_ns - begin_ns, 900'000'000'000);

  Restart();
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<Process> process,
                       Process::Resume(*engine_, numbers_["paused"]));
  scheduler_->Add(std::move(process));
  scheduler_->Run();
  EXPECT_EQ(StatusOf("paused"), COMPLETED);
  EXPECT_EQ(Log("paused"), "900\n");
}

TEST_F(SchedulerTest, OneThatCannotBeLoadedDoesNotStopOthers) {
  Launch("p", CountingGuest());
  scheduler_->Add(12345, ProcessRecord());
  scheduler_->Run();
  EXPECT_EQ(reports_["p"].end, Scheduler::End::kFinished);
  EXPECT_EQ(reports_[""].end, Scheduler::End::kError);
}

}  // namespace
}  // namespace wasmd

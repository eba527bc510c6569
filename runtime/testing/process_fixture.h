// ProcessFixture: a process in a store of its own, in a world that is faked,
// for tests.

#ifndef WASMD_RUNTIME_TESTING_PROCESS_FIXTURE_H_
#define WASMD_RUNTIME_TESTING_PROCESS_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/process.h"
#include "runtime/testing/fake_outside.h"
#include "runtime/testing/faulty_process_db.h"
#include "store/process_db.h"

namespace wasmd::testing {

class ProcessFixture : public ::testing::Test {
 protected:
  static constexpr int64_t kQuantumNs = 10'000'000;

  ProcessFixture()
      : folder_(StrCat(
            ::testing::TempDir(), "/fixture_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/files");
    auto db = ProcessDb::Open(folder_ + "/store");
    CHECK(db.ok());
    real_db_ = *std::move(db);
    db_ = std::make_unique<FaultyProcessDb>(*real_db_);
    Restart();
  }
  ~ProcessFixture() override {
    process_.reset();
    engine_.reset();
    real_db_.reset();
    std::filesystem::remove_all(folder_);
  }

  // What is not in the store is lost, as when this program is killed.
  void Restart() {
    process_.reset();
    engine_ = std::make_unique<Engine>(db_.get(), outside_, options_);
  }

  absl::Status Launch(const std::string& text) {
    ASSIGN_OR_RETURN(std::vector<uint8_t> binary,
                     ToBinary(std::vector<uint8_t>(text.begin(), text.end())));
    ASSIGN_OR_RETURN(auto module, engine_->modules.Load(std::move(binary)));
    ASSIGN_OR_RETURN(process_, Process::Launch(*engine_, request_, module));
    number_ = process_->number();
    return absl::OkStatus();
  }

  absl::Status Resume() {
    Restart();
    ASSIGN_OR_RETURN(process_, Process::Resume(*engine_, number_));
    return absl::OkStatus();
  }

  // One step; time passes when it waits.
  absl::StatusOr<Process::Progress> Step(int64_t quantum_ns = kQuantumNs) {
    ASSIGN_OR_RETURN(const Process::Progress progress,
                     process_->Step(quantum_ns));
    if (progress == Process::Progress::kWaiting) {
      outside_.Wait(process_->wait().deadline_ns, process_->wait().input);
    }
    return progress;
  }

  absl::Status RunToEnd() {
    for (;;) {
      ASSIGN_OR_RETURN(const Process::Progress progress, Step());
      if (progress == Process::Progress::kFinished) return absl::OkStatus();
    }
  }

  std::string Log(uint32_t stream = kStdout) {
    std::string log;
    CHECK(real_db_
              ->ForEachLog(number_, stream, 0,
                           [&](ByteSpan bytes) {
                             log.append(AsText(bytes));
                             return absl::OkStatus();
                           })
              .ok());
    return log;
  }
  ProcessRecord Record() { return *real_db_->GetRecord(number_); }

  std::string FileText(const std::string& name) {
    std::ifstream file(StrCat(folder_, "/files/", name), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void WriteFile(const std::string& name, const std::string& text) {
    std::ofstream(StrCat(folder_, "/files/", name), std::ios::binary) << text;
  }

  const std::string folder_;
  FakeOutside outside_;
  EngineOptions options_;
  LaunchRequest request_ = {.name = "p",
                            .module_path = "guest.wat",
                            .invoke = "",
                            .arguments = {"guest.wat"},
                            .options = {},
                            .links = {}};
  std::unique_ptr<ProcessDb> real_db_;
  std::unique_ptr<FaultyProcessDb> db_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Process> process_;
  ProcessNumber number_ = 0;
};

}  // namespace wasmd::testing

#endif  // WASMD_RUNTIME_TESTING_PROCESS_FIXTURE_H_

// A process with much memory is resumed, and reads its pages as it goes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "interp/memory_instance.h"
#include "runtime/process.h"
#include "runtime/testing/fake_outside.h"
#include "runtime/testing/faulty_process_db.h"
#include "runtime/testing/guests.h"
#include "store/page_reader.h"
#include "store/process_db.h"
#include "wasm/types.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using ::wasmd::testing::FakeOutside;
using ::wasmd::testing::FaultyProcessDb;
using ::wasmd::testing::StatusIs;

// Writes to every page of 8 MiB, waits, says the sum of what it wrote, makes a
// folder.
std::string LargeGuest() {
  return testing::Guest(R"(
    (data (i32.const 1000) "made")
    (func (export "_start") (local $at i32) (local $sum i32)
      (drop (memory.grow (i32.const 126)))
      (local.set $at (i32.const 131072))
      (loop $fill
        (i32.store (local.get $at) (local.get $at))
        (local.set $at (i32.add (local.get $at) (i32.const 4096)))
        (br_if $fill (i32.lt_u (local.get $at) (i32.const 8388608))))
      (call $say_number (i32.const 1))
      (call $sleep (i64.const 5000000000))
      (local.set $at (i32.const 131072))
      (loop $add
        (local.set $sum
          (i32.add (local.get $sum) (i32.load (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 4096)))
        (br_if $add (i32.lt_u (local.get $at) (i32.const 8388608))))
      (call $say_number (local.get $sum))
      (drop (call $path_create_directory
        (i32.const 3) (i32.const 1000) (i32.const 4)))))");
}

std::string ExpectedOutput() {
  uint32_t sum = 0;
  for (uint32_t at = 131072; at < 8388608; at += 4096) sum += at;
  return StrCat("1\n", sum, "\n");
}

// Counts what is read on demand; one page can be damaged.
class LazyDb : public FaultyProcessDb {
 public:
  explicit LazyDb(ProcessDb& db) : FaultyProcessDb(db) {}

  absl::StatusOr<std::unique_ptr<PageReader>> OpenPages(
      ProcessNumber process, std::optional<uint64_t>) override {
    return std::make_unique<Reader>(*this, process);
  }

  uint64_t pages_read = 0;
  std::optional<uint64_t> damaged_page;

 private:
  class Reader : public PageReader {
   public:
    Reader(LazyDb& db, ProcessNumber process) : db_(db), process_(process) {}

    absl::Status Read(uint32_t memory, uint64_t first_page, uint64_t count,
                      const Sink& sink) const override {
      return db_.ForEachPage(
          process_,
          [&](uint32_t of, uint64_t page, ByteSpan bytes) -> absl::Status {
            if (of != memory || page < first_page ||
                page - first_page >= count) {
              return absl::OkStatus();
            }
            if (page == db_.damaged_page) {
              return absl::DataLossError("page 1000 is damaged");
            }
            ++db_.pages_read;
            return sink(page, bytes);
          });
    }
    absl::Status ReadAll(const AllSink& sink) const override {
      return db_.ForEachPage(process_, sink);
    }

   private:
    LazyDb& db_;
    const ProcessNumber process_;
  };
};

bool CanLoadLazily() {
  class Loader : public PageLoader {
    absl::Status Load(uint64_t, MutableByteSpan, std::vector<bool>*) override {
      return absl::OkStatus();
    }
  };
  auto memory = MemoryInstance::Create(MemoryType{.limits = {1, 1}}, 65536);
  return memory.ok() && (*memory)->LoadLazily(std::make_unique<Loader>());
}

class LazyResumeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!CanLoadLazily()) {
      GTEST_SKIP() << "memories are not loaded lazily here";
    }
    folder_ =
        StrCat(::testing::TempDir(), "/lazy_resume_test_",
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/files");
    auto db = ProcessDb::Open(folder_ + "/store");
    ASSERT_OK(db);
    real_db_ = *std::move(db);
    db_ = std::make_unique<LazyDb>(*real_db_);
    ASSERT_OK(LaunchAndWait());
  }
  void TearDown() override {
    process_.reset();
    engine_.reset();
    real_db_.reset();
    std::filesystem::remove_all(folder_);
  }

  absl::Status LaunchAndWait() {
    engine_ = std::make_unique<Engine>(db_.get(), outside_, EngineOptions());
    const std::string text = LargeGuest();
    ASSIGN_OR_RETURN(std::vector<uint8_t> binary,
                     ToBinary(std::vector<uint8_t>(text.begin(), text.end())));
    ASSIGN_OR_RETURN(auto module, engine_->modules.Load(std::move(binary)));
    LaunchRequest request;
    request.name = "p";
    request.module_path = "guest.wat";
    ProcessOptions::Preopen* const files = request.options.add_preopens();
    files->set_host_path(folder_ + "/files");
    files->set_guest_path("files");
    ASSIGN_OR_RETURN(process_, Process::Launch(*engine_, request, module));
    number_ = process_->number();
    for (;;) {
      ASSIGN_OR_RETURN(const auto progress, process_->Step(10'000'000));
      if (progress == Process::Progress::kFinished) {
        return absl::InternalError("it did not wait");
      }
      if (progress != Process::Progress::kWaiting) continue;
      outside_.Wait(process_->wait().deadline_ns, process_->wait().input);
      return absl::OkStatus();
    }
  }

  absl::Status Resume() {
    process_.reset();
    engine_ = std::make_unique<Engine>(db_.get(), outside_, EngineOptions());
    ASSIGN_OR_RETURN(process_, Process::Resume(*engine_, number_));
    return absl::OkStatus();
  }

  absl::Status RunToEnd() {
    for (;;) {
      ASSIGN_OR_RETURN(const auto progress, process_->Step(10'000'000));
      if (progress == Process::Progress::kFinished) return absl::OkStatus();
    }
  }

  std::string Log() {
    std::string log;
    CHECK(real_db_
              ->ForEachLog(number_, kStdout, 0,
                           [&](ByteSpan bytes) {
                             log.append(AsText(bytes));
                             return absl::OkStatus();
                           })
              .ok());
    return log;
  }

  std::string folder_;
  FakeOutside outside_;
  std::unique_ptr<ProcessDb> real_db_;
  std::unique_ptr<LazyDb> db_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Process> process_;
  ProcessNumber number_ = 0;
};

TEST_F(LazyResumeTest, ReadsAsItGoes) {
  ASSERT_OK(Resume());
  EXPECT_EQ(db_->pages_read, 0u);
  ASSERT_OK(RunToEnd());
  EXPECT_GT(db_->pages_read, 1900u);
  EXPECT_EQ(Log(), ExpectedOutput());
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/files/made"));
}

TEST_F(LazyResumeTest, DamageStopsItBeforeAnythingIsLetOut) {
  db_->damaged_page = 1000;
  const uint64_t sequence = real_db_->GetRecord(number_)->sequence();
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(Resume());
    const absl::Status status = RunToEnd();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss,
                                 HasSubstr("page 1000 is damaged")));
    EXPECT_THAT(status.message().find('\n'), std::string::npos);
  }
  EXPECT_EQ(Log(), "1\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/files/made"));
  const ProcessRecord record = *real_db_->GetRecord(number_);
  EXPECT_EQ(record.sequence(), sequence);
  EXPECT_EQ(record.status(), WAITING);
  // The last good state is there: it goes on where the damage is repaired.
  db_->damaged_page.reset();
  ASSERT_OK(Resume());
  ASSERT_OK(RunToEnd());
  EXPECT_EQ(Log(), ExpectedOutput());
}

}  // namespace
}  // namespace wasmd

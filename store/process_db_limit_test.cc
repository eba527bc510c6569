// Disks that are full and files that may not grow: every call ends with an
// error or with what it promised, never with the end of the program; what was
// acknowledged is there afterwards.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/process_db.h"
#include "store/testing/child_program.h"
#include "store/testing/fault_env.h"
#include "store/testing/temporary_directory.h"

namespace wasmd::testing {
namespace {

constexpr uint64_t kPages = 4;
constexpr uint64_t kCommits = 150;
constexpr int kPatience = 5;  // errors after which the work ends
// So small that files of all kinds are written.
constexpr size_t kWriteBufferBytes = size_t{128} << 10;
constexpr int kGaveUp = 42;
constexpr char kLimitVariable[] = "WASMD_TEST_FILE_SIZE_LIMIT";

// Does not compress, and tells which commit it is of.
std::string PageOf(uint64_t sequence) {
  std::string page(kPageBytes, 0);
  std::mt19937_64 random(sequence);
  for (size_t i = 0; i < page.size(); i += 8) StoreLittle(&page[i], random());
  return page;
}

// One line, of the kinds that are documented for a disk that does not take
// what it is given.
void ExpectClearError(const absl::Status& error, const std::string& path) {
  EXPECT_TRUE(absl::IsUnavailable(error) || absl::IsResourceExhausted(error))
      << error;
  const std::string message(ToStd(error.message()));
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  EXPECT_THAT(message, ::testing::HasSubstr(path));
}

// Creates and commits, and tells of what was acknowledged, until all is done.
// True if it gave up before, after kPatience errors.
bool Work(const std::string& path, const OpenOptions& options,
          const std::function<void(uint64_t)>& tell) {
  auto opened = ProcessDb::Open(path, options);
  if (!opened.ok()) {
    ExpectClearError(opened.status(), path);
    return true;
  }
  const std::unique_ptr<ProcessDb> db = *std::move(opened);
  int errors = 0;
  auto process = db->FindProcess("a");
  while (!process.ok()) {
    ProcessRecord record;
    record.set_name("a");
    process = db->CreateProcess(record);
    if (process.ok()) break;
    ExpectClearError(process.status(), path);
    if (++errors == kPatience) return true;
  }
  for (;;) {
    const auto record = db->GetRecord(*process);
    if (!record.ok()) {
      ExpectClearError(record.status(), path);
      return true;
    }
    if (record->sequence() >= kCommits) break;
    const std::string page = PageOf(record->sequence() + 1);
    Commit commit{.process = *process, .record = *record};
    commit.record.set_sequence(record->sequence() + 1);
    for (uint64_t i = 0; i < kPages; ++i) {
      commit.pages.push_back({.memory = 0, .page = i, .bytes = AsBytes(page)});
    }
    commit.state = AsBytes(page);
    commit.log = {{.stream = 1, .bytes = "line"}};
    const absl::Status committed = db->ApplyCommit(
        commit,
        record->sequence() % 3 == 0 ? SyncMode::kSync : SyncMode::kNoSync);
    if (committed.ok()) {
      tell(commit.record.sequence());
      continue;
    }
    ExpectClearError(committed, path);
    if (++errors == kPatience) return true;
  }
  return false;
}

// That the store works, once there is room, and has what was acknowledged.
void ExpectWhole(const std::string& path, const OpenOptions& options,
                 uint64_t acknowledged) {
  ASSERT_OK_AND_ASSIGN(const auto db, ProcessDb::Open(path, options));
  const auto process = db->FindProcess("a");
  if (!process.ok()) {
    EXPECT_THAT(process, StatusIs(absl::StatusCode::kNotFound));
    EXPECT_EQ(acknowledged, 0u);
    return;
  }
  ASSERT_OK_AND_ASSIGN(ProcessRecord record, db->GetRecord(*process));
  EXPECT_GE(record.sequence(), acknowledged);
  EXPECT_LE(record.sequence(), acknowledged + 1);
  if (record.sequence() > 0) {
    const std::string page = PageOf(record.sequence());
    ASSERT_OK_AND_ASSIGN(const std::string state, db->GetState(*process));
    EXPECT_TRUE(state == page);
    uint64_t pages = 0;
    EXPECT_OK(
        db->ForEachPage(*process, [&](uint32_t, uint64_t, ByteSpan bytes) {
          ++pages;
          EXPECT_TRUE(AsText(bytes) == page);
          return absl::OkStatus();
        }));
    EXPECT_EQ(pages, kPages);
    uint64_t log_bytes = 0;
    EXPECT_OK(db->ForEachLog(*process, 1, 0, [&](ByteSpan bytes) {
      log_bytes += bytes.size();
      return absl::OkStatus();
    }));
    EXPECT_EQ(log_bytes, 4 * record.sequence());
  }
  Commit commit{.process = *process, .record = record};
  commit.record.set_sequence(record.sequence() + 1);
  EXPECT_OK(db->ApplyCommit(commit, SyncMode::kSync));
}

TEST(ProcessDbLimitTest, DISABLED_Child) {
  // As every program that uses a store is to do.
  ASSERT_NE(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  const rlim_t limit = std::strtoull(std::getenv(kLimitVariable), nullptr, 10);
  const struct rlimit limits = {.rlim_cur = limit, .rlim_max = limit};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limits), 0);
  const bool gave_up =
      Work(ChildProgram::Directory(), {.write_buffer_bytes = kWriteBufferBytes},
           [](uint64_t sequence) { ChildProgram::Tell(sequence); });
  if (!HasFailure()) std::_Exit(gave_up ? kGaveUp : 0);
}

TEST(ProcessDbLimitTest, AFileSizeLimitIsAnError) {
  bool some_gave_up = false;
  bool some_did_not = false;
  // From where nothing can be made to where nothing is in the way; in between,
  // files of each kind are the first that do not fit.
  for (const uint64_t limit :
       {1u, 100u, 1000u, 4096u, 6000u, 8000u, 16'000u, 40'000u, 70'000u,
        100'000u, 131'072u, 180'000u, 262'144u, 300'000u, 400'000u, 550'000u,
        800'000u, 4'000'000u}) {
    SCOPED_TRACE(StrCat("files of at most ", limit, " bytes"));
    TemporaryDirectory directory;
    ASSERT_EQ(setenv(kLimitVariable, StrCat(limit).c_str(), 1), 0);
    uint64_t acknowledged = 0;
    // Again, on what the first time left.
    for (int run = 0; run < 2; ++run) {
      ChildProgram child("ProcessDbLimitTest.DISABLED_Child",
                         directory / "store");
      while (const std::optional<uint64_t> sequence = child.Next()) {
        acknowledged = *sequence;
      }
      const int status = child.Wait();
      ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
      ASSERT_TRUE(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kGaveUp)
          << WEXITSTATUS(status);
      (WEXITSTATUS(status) == 0 ? some_did_not : some_gave_up) = true;
    }
    ExpectWhole(directory / "store", {}, acknowledged);
  }
  EXPECT_TRUE(some_gave_up);
  EXPECT_TRUE(some_did_not);
}

TEST(ProcessDbLimitTest, ASmallDiskIsAnError) {
  bool some_gave_up = false;
  bool some_did_not = false;
  for (uint64_t room = 512; room < (uint64_t{16} << 20); room = room * 3 / 2) {
    SCOPED_TRACE(StrCat("a disk of ", room, " bytes"));
    TemporaryDirectory directory;
    FaultEnv faults(room);
    faults.LimitRoom(room);
    const OpenOptions options{.write_buffer_bytes = kWriteBufferBytes,
                              .env = faults.env()};
    uint64_t acknowledged = 0;
    for (int run = 0; run < 2; ++run) {
      const bool gave_up =
          Work(directory / "store", options,
               [&acknowledged](uint64_t sequence) { acknowledged = sequence; });
      (gave_up ? some_gave_up : some_did_not) = true;
    }
    faults.LimitRoom(FaultEnv::kUnlimited);
    ExpectWhole(directory / "store", options, acknowledged);
  }
  EXPECT_TRUE(some_gave_up);
  EXPECT_TRUE(some_did_not);
}

}  // namespace
}  // namespace wasmd::testing

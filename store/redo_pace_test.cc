// What commits write, one by one: pages that are written again and again are
// written whole now and then, few of them with each commit.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/testing/status_matchers.h"
#include "store/process_db.h"
#include "store/testing/temporary_directory.h"

namespace wasmd {
namespace {

constexpr uint64_t kPages = 200;
constexpr uint64_t kPagesOfCommit = 10;

class RedoPaceTest : public ::testing::Test {
 protected:
  RedoPaceTest() : memory_(kPages * kPageBytes, 0) {
    options_.redo_window_records = 400;
    auto db = ProcessDb::Open(directory_ / "store", options_);
    EXPECT_OK(db.status());
    db_ = *std::move(db);
    const auto process = db_->CreateProcess(commit_.record);
    EXPECT_OK(process.status());
    commit_.process = *process;
    // It does not compress.
    for (char& byte : memory_) byte = static_cast<char>(random_());
  }

  // What a commit of the next pages wrote, in which a word changed.
  uint64_t Commit() {
    commit_.record.set_sequence(commit_.record.sequence() + 1);
    commit_.pages.clear();
    for (uint64_t i = 0; i < kPagesOfCommit; ++i) {
      const uint64_t page = next_++ % kPages;
      char* const bytes = &memory_[page * kPageBytes];
      StoreLittle<uint64_t>(bytes + random_() % 512 * 8, random_());
      commit_.pages.push_back(
          {.memory = 0,
           .page = page,
           .bytes = AsBytes(std::string_view(bytes, kPageBytes))});
    }
    const uint64_t before = db_->Statistics().written_bytes;
    EXPECT_OK(db_->ApplyCommit(commit_, SyncMode::kNoSync));
    return db_->Statistics().written_bytes - before;
  }

  OpenOptions options_;
  testing::TemporaryDirectory directory_;
  std::mt19937_64 random_{1};
  std::string memory_;
  std::unique_ptr<ProcessDb> db_;
  wasmd::Commit commit_;
  uint64_t next_ = 0;
};

TEST_F(RedoPaceTest, NoCommitWritesManyPagesWhole) {
  for (uint64_t i = 0; i < kPages / kPagesOfCommit; ++i) {
    EXPECT_GT(Commit(), kPagesOfCommit * kPageBytes);  // the first time
  }
  constexpr int kCommits = 3000;
  uint64_t all = 0;
  for (int i = 0; i < kCommits; ++i) {
    const uint64_t written = Commit();
    ASSERT_LT(written, 3 * kPageBytes) << i;
    all += written;
  }
  // In 400 commits each page has its turn about once, in which it is not
  // written whole but some 400 bytes of it are, and there are its patches.
  EXPECT_LT(all, kCommits * kPageBytes / 4);
}

TEST_F(RedoPaceTest, NothingIsForgottenOnTheWay) {
  for (int i = 0; i < 4; ++i) {
    for (uint64_t commits = 300 + random_() % 500; commits > 0; --commits) {
      Commit();
    }
    // A page that nobody writes any more, and one that changes altogether.
    ++next_;
    for (size_t at = 0; at < kPageBytes; ++at) memory_[at] ^= 1;
    next_ = next_ / kPages * kPages;
    Commit();
    db_.reset();
    ASSERT_OK_AND_ASSIGN(db_, ProcessDb::Open(directory_ / "store", options_));
    uint64_t pages = 0;
    EXPECT_OK(db_->ForEachPage(
        commit_.process, [&](uint32_t, uint64_t page, ByteSpan bytes) {
          ++pages;
          EXPECT_TRUE(AsText(bytes) ==
                      memory_.substr(page * kPageBytes, kPageBytes))
              << page;
          return absl::OkStatus();
        }));
    EXPECT_EQ(pages, kPages);
  }
}

// The pages that nobody writes any more do not hold records up.
TEST_F(RedoPaceTest, RecordsStayWithinTheWindow) {
  for (int i = 0; i < 1000; ++i) Commit();
  ASSERT_OK_AND_ASSIGN(const StoreUsage usage, db_->Usage());
  ASSERT_EQ(usage.processes.size(), 1u);
  EXPECT_LT(usage.processes[0].redo_bytes, 440u * 400);
}

}  // namespace
}  // namespace wasmd

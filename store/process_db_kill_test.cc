// kill -9 in the middle of commits: what was acknowledged is there, synced or
// not, and everything is whole.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "base/bytes.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/process_db.h"
#include "store/testing/child_program.h"
#include "store/testing/store_model.h"
#include "store/testing/temporary_directory.h"

namespace wasmd::testing {
namespace {

constexpr uint64_t kPages = 16;

// Text that fills a page.
std::string PageOf(const std::string& text) {
  std::string page(kPageBytes, 0);
  for (size_t i = 0; i < page.size(); i += 64) {
    page.replace(i, text.size(), text);
  }
  return page;
}

// Commits without end, and tells of each that was acknowledged.
TEST(ProcessDbKillTest, DISABLED_Child) {
  OpenOptions options;
  options.write_buffer_bytes = size_t{256} << 10;
  ASSERT_OK_AND_ASSIGN(const auto db,
                       ProcessDb::Open(ChildProgram::Directory(), options));
  auto process = db->FindProcess("a");
  if (!process.ok()) {
    ProcessRecord record;
    record.set_name("a");
    process = db->CreateProcess(record);
  }
  ASSERT_OK(process.status());
  Commit commit{.process = *process, .record = *db->GetRecord(*process)};
  for (;;) {
    const uint64_t sequence = commit.record.sequence() + 1;
    commit.record.set_sequence(sequence);
    const std::string text = StrCat(sequence);
    const std::string page = PageOf(text);
    commit.pages.clear();
    for (uint64_t i = 0; i < kPages; ++i) {
      commit.pages.push_back({.memory = 0, .page = i, .bytes = AsBytes(page)});
    }
    commit.state = AsBytes(text);
    commit.log = {{.stream = 1, .bytes = text}};
    const SyncMode sync =
        sequence % 8 == 0 ? SyncMode::kSync : SyncMode::kNoSync;
    ASSERT_OK(db->ApplyCommit(commit, sync));
    ChildProgram::Tell(sequence);
  }
}

TEST(ProcessDbKillTest, WhatWasAcknowledgedSurvivesKill) {
  TemporaryDirectory directory;
  std::mt19937_64 random(1);
  uint64_t acknowledged = 0;
  for (int round = 0; round < 10; ++round) {
    {
      ChildProgram child("ProcessDbKillTest.DISABLED_Child",
                         directory / "store");
      const uint64_t until = acknowledged + 1 + random() % 300;
      while (acknowledged < until) {
        const std::optional<uint64_t> sequence = child.Next();
        ASSERT_TRUE(sequence.has_value()) << "the child died";
        acknowledged = *sequence;
      }
      child.Kill();
      while (const std::optional<uint64_t> sequence = child.Next()) {
        acknowledged = *sequence;
      }
    }
    ASSERT_OK_AND_ASSIGN(const auto db, ProcessDb::Open(directory / "store"));
    ASSERT_OK_AND_ASSIGN(const StoreModel found, ReadStore(db.get()));
    const ModelProcess& process = *found.at("a");
    const uint64_t last = process.record.sequence();
    EXPECT_GE(last, acknowledged);
    EXPECT_LE(last, acknowledged + 1);
    acknowledged = last;
    EXPECT_EQ(*process.state, StrCat(last));
    EXPECT_EQ(process.log.size(), last);
    ASSERT_EQ(process.pages.size(), kPages);
    for (const auto& [key, page] : process.pages) {
      EXPECT_TRUE(page == PageOf(StrCat(last)));
    }
  }
}

}  // namespace
}  // namespace wasmd::testing

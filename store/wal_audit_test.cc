#include "store/wal_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "store/testing/temporary_directory.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using ::wasmd::testing::TemporaryDirectory;

constexpr uint64_t kBatches = 30;

// A file of batches 1 to kBatches, two sequence numbers each, of which some
// fill several blocks; each with a mark that promises all before it.
std::string MakeWal() {
  TemporaryDirectory directory;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  EXPECT_TRUE(rocksdb::DB::Open(options, directory / "db", &db).ok());
  for (uint64_t i = 1; i <= kBatches; ++i) {
    rocksdb::WriteBatch batch;
    AddDurableMark(2 * i - 2, &batch);
    EXPECT_TRUE(
        batch.Put("a", std::string(i % 7 == 0 ? 70'000 : 100, 'x')).ok());
    EXPECT_TRUE(batch.Put("b", "y").ok());
    EXPECT_TRUE(db->Write({}, &batch).ok());
  }
  delete db;
  for (const auto& file :
       std::filesystem::directory_iterator(directory / "db")) {
    if (file.path().extension() != ".log") continue;
    std::ostringstream bytes;
    bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
    return bytes.str();
  }
  return "";
}

class WalAuditTest : public ::testing::Test {
 protected:
  void Write(const std::string& bytes) {
    std::ofstream(directory_ / "000007.log", std::ios::binary | std::ios::trunc)
        << bytes;
  }
  std::vector<WalFile> Read() {
    auto files = ReadWal(env_, directory_.path());
    EXPECT_OK(files.status());
    return files.ok() ? *std::move(files) : std::vector<WalFile>();
  }

  TemporaryDirectory directory_;
  rocksdb::Env* const env_ = rocksdb::Env::Default();
};

TEST_F(WalAuditTest, ReadsWhatRocksDbWrote) {
  const std::string wal = MakeWal();
  Write(wal);
  std::ofstream(directory_ / "LOG") << "no WAL";
  std::ofstream(directory_ / "x12.log") << "no WAL";
  const std::vector<WalFile> files = Read();
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].number, 7u);
  EXPECT_EQ(files[0].first_sequence, 1u);
  EXPECT_EQ(files[0].last_sequence, 2 * kBatches);
  EXPECT_EQ(files[0].promised, 2 * kBatches - 2);
  EXPECT_EQ(files[0].sound_bytes, wal.size());
  EXPECT_EQ(files[0].size_bytes, wal.size());
  EXPECT_EQ(JudgeWal(files).damage, "");
}

// A crash leaves some beginning of the file: that is no loss, and after it was
// cut nothing is wrong any more.
TEST_F(WalAuditTest, ACutEndIsNoLoss) {
  const std::string wal = MakeWal();
  uint64_t last = 0;
  for (size_t size = 0; size <= wal.size(); size += 997) {
    Write(wal.substr(0, size));
    std::vector<WalFile> files = Read();
    ASSERT_EQ(files.size(), 1u);
    const WalVerdict verdict = JudgeWal(files);
    EXPECT_LE(verdict.promised, verdict.readable);
    EXPECT_GE(verdict.readable, last);
    last = verdict.readable;
    EXPECT_OK(CutWal(env_, files, verdict));
    files = Read();
    EXPECT_EQ(JudgeWal(files).damage, "") << "at " << size;
    EXPECT_EQ(JudgeWal(files).readable, last);
  }
  EXPECT_GT(last, 0u);
}

// Damage before the last mark shows as a promise that is not kept.
TEST_F(WalAuditTest, ChangedBytesAreFound) {
  const std::string wal = MakeWal();
  for (size_t at = 0; at < wal.size(); at += 1009) {
    std::string damaged = wal;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    Write(damaged);
    const WalVerdict verdict = JudgeWal(Read());
    EXPECT_THAT(verdict.damage, HasSubstr("000007.log at byte "))
        << "at " << at;
    EXPECT_LE(verdict.sound_bytes, at);
    EXPECT_LT(verdict.readable, 2 * kBatches);
  }
}

WalFile FileOf(uint64_t number, uint64_t first, uint64_t last,
               uint64_t promised) {
  return {.number = number,
          .path = "file",
          .has_records = true,
          .first_sequence = first,
          .last_sequence = last,
          .sound_bytes = 100,
          .size_bytes = 100,
          .promised = promised};
}

TEST(JudgeWalTest, FilesFollowEachOther) {
  const WalVerdict verdict = JudgeWal(
      {FileOf(1, 1, 5, 4), {.number = 2, .path = "empty"}, FileOf(3, 6, 9, 8)});
  EXPECT_EQ(verdict.damage, "");
  EXPECT_EQ(verdict.readable, 9u);
  EXPECT_EQ(verdict.promised, 8u);
  EXPECT_EQ(verdict.sound_files, 3u);
}

TEST(JudgeWalTest, AGapEndsWhatIsReadable) {
  const WalVerdict verdict = JudgeWal({FileOf(1, 1, 5, 4), FileOf(2, 7, 9, 8)});
  EXPECT_EQ(verdict.damage, "file at byte 0");
  EXPECT_EQ(verdict.readable, 5u);
  EXPECT_EQ(verdict.promised, 8u);
  EXPECT_EQ(verdict.sound_files, 1u);
}

TEST(JudgeWalTest, WhatFollowsDamageIsNotReadable) {
  WalFile torn = FileOf(1, 1, 5, 4);
  torn.size_bytes = 120;
  const WalVerdict verdict = JudgeWal({torn, FileOf(2, 6, 9, 5)});
  EXPECT_EQ(verdict.damage, "file at byte 100");
  EXPECT_EQ(verdict.readable, 5u);
  EXPECT_EQ(verdict.sound_bytes, 100u);
  EXPECT_EQ(verdict.promised, 5u);
}

}  // namespace
}  // namespace wasmd

#include "store/sync_note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <string>

#include "store/testing/fault_env.h"
#include "store/testing/temporary_directory.h"

namespace wasmd {
namespace {

using ::wasmd::testing::FaultEnv;
using ::wasmd::testing::FlipBit;
using ::wasmd::testing::TemporaryDirectory;

class SyncNoteTest : public ::testing::Test {
 protected:
  std::unique_ptr<SyncNote> Open() { return SyncNote::Open(env_, path_); }
  uint64_t Sequence() const { return SyncNote::Read(env_, path_).sequence; }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "";
  rocksdb::Env* const env_ = rocksdb::Env::Default();
};

TEST_F(SyncNoteTest, SaysWhatWasWrittenLast) {
  EXPECT_EQ(Sequence(), 0u);
  const auto note = Open();
  ASSERT_NE(note, nullptr);
  EXPECT_EQ(Sequence(), 0u);
  note->Write({.wal = 7, .sequence = 300});
  EXPECT_EQ(SyncNote::Read(env_, path_).wal, 7u);
  EXPECT_EQ(Sequence(), 300u);
  // Of two threads the slower one.
  note->Write({.wal = 7, .sequence = 299});
  EXPECT_EQ(Sequence(), 300u);
  note->Write({.wal = 8, .sequence = 301});
  EXPECT_EQ(SyncNote::Read(env_, path_).wal, 8u);
  note->Clear();
  EXPECT_EQ(Sequence(), 0u);
}

TEST_F(SyncNoteTest, IsThereWhenItIsOpenedAgain) {
  Open()->Write({.wal = 7, .sequence = 300});
  const auto note = Open();
  EXPECT_EQ(Sequence(), 300u);
  // Numbers may have gone back meanwhile, where loss was accepted.
  note->Write({.wal = 9, .sequence = 200});
  EXPECT_EQ(Sequence(), 200u);
}

TEST_F(SyncNoteTest, DamageIsNoNote) {
  Open()->Write({.wal = 7, .sequence = 300});
  const std::string file = directory_ / "SYNCED";
  for (uint64_t bit = 0; bit < std::filesystem::file_size(file) * 8; ++bit) {
    FlipBit(file, bit);
    EXPECT_EQ(Sequence(), 0u) << bit;
    FlipBit(file, bit);
  }
  EXPECT_EQ(Sequence(), 300u);
  std::filesystem::resize_file(file, 10);
  EXPECT_EQ(Sequence(), 0u);
  std::filesystem::resize_file(file, 0);
  Open()->Write({.wal = 7, .sequence = 301});
  EXPECT_EQ(Sequence(), 301u);
}

// What a power cut leaves was written once, or is none.
TEST_F(SyncNoteTest, APowerCutLeavesAnEarlierOne) {
  bool was_old = false;
  bool was_new = false;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const std::string path = directory_ / std::to_string(seed);
    ASSERT_TRUE(std::filesystem::create_directory(path));
    SyncNote::Open(env_, path)->Write({.wal = 1, .sequence = 100});
    FaultEnv faults(seed);
    {
      const auto note = SyncNote::Open(faults.env(), path);
      ASSERT_NE(note, nullptr);
      note->Write({.wal = 1, .sequence = 200});
      faults.CutPower();
      note->Write({.wal = 1, .sequence = 300});
    }
    faults.RestorePower();
    const uint64_t sequence = SyncNote::Read(env_, path).sequence;
    EXPECT_TRUE(sequence == 0 || sequence == 100 || sequence == 200);
    was_old = was_old || sequence == 100;
    was_new = was_new || sequence == 200;
  }
  EXPECT_TRUE(was_old && was_new);
}

}  // namespace
}  // namespace wasmd

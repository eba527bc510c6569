// Bits that turn over on disk: what is read is right or an error that says what
// is damaged; nothing is lost without a word.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include "base/bytes.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/key.h"
#include "store/process_db.h"
#include "store/testing/fault_env.h"
#include "store/testing/store_model.h"
#include "store/testing/temporary_directory.h"

namespace wasmd::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

class ProcessDbDamageTest : public ::testing::Test {
 protected:
  ProcessDbDamageTest() {
    auto db = MustOpen();
    for (int i = 1; i <= 3; ++i) {
      ProcessRecord record;
      record.set_name(StrCat("process ", i));
      record.set_status(WAITING);
      record.set_wake_time_ns(i);
      const std::string module = StrCat("module ", i, std::string(500, 'm'));
      const Sha256Digest hash = Sha256(AsBytes(module));
      record.set_module_hash(std::string(hash.begin(), hash.end()));
      EXPECT_OK(db->PutModule(hash, AsBytes(module)));
      const auto process = db->CreateProcess(record);
      EXPECT_OK(process.status());
      CommitTo(db.get(), *process, 20);
    }
    const auto model = ReadStore(db.get());
    EXPECT_OK(model.status());
    model_ = *model;
  }

  static void CommitTo(ProcessDb* db, ProcessNumber process, int commits,
                       SyncMode sync = SyncMode::kSync) {
    for (int i = 0; i < commits; ++i) {
      Commit commit{.process = process, .record = *db->GetRecord(process)};
      commit.record.set_sequence(commit.record.sequence() + 1);
      const std::string text = StrCat("commit ", commit.record.sequence());
      const std::string page(kPageBytes, static_cast<char>('a' + i));
      commit.state = AsBytes(text);
      commit.pages = {{.memory = 0,
                       .page = static_cast<uint64_t>(i),
                       .bytes = AsBytes(page)}};
      commit.log = {{.stream = 1, .bytes = text}};
      EXPECT_OK(db->ApplyCommit(commit, sync));
    }
  }

  std::unique_ptr<ProcessDb> MustOpen(const OpenOptions& options = {}) {
    auto db = ProcessDb::Open(path_, options);
    EXPECT_OK(db.status());
    return db.ok() ? *std::move(db) : nullptr;
  }

  std::unique_ptr<rocksdb::DB> OpenRocks() {
    rocksdb::DB* db = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open({}, path_, &db).ok());
    return std::unique_ptr<rocksdb::DB>(db);
  }

  // Changes a bit of a value, past RocksDB's own checksums.
  void DamageValue(std::string_view key) {
    const auto rocks = OpenRocks();
    std::string value;
    ASSERT_TRUE(rocks->Get({}, std::string(key), &value).ok());
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 4);
    ASSERT_TRUE(rocks->Put({}, std::string(key), value).ok());
  }

  std::string FileEndingIn(const std::string& extension) {
    std::string found;
    uintmax_t size = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().extension() == extension && entry.file_size() >= size) {
        found = entry.path().string();
        size = entry.file_size();
      }
    }
    EXPECT_NE(found, "");
    return found;
  }

  // That which is written to, or was last.
  std::string NewestWal() {
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().extension() == ".log") {
        newest = std::max(newest, entry.path().string());
      }
    }
    EXPECT_NE(newest, "");
    return newest;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "store";
  StoreModel model_;
};

auto IsDamage(const std::string& what) {
  return StatusIs(absl::StatusCode::kDataLoss,
                  AllOf(HasSubstr(what), HasSubstr("restore the store")));
}

TEST_F(ProcessDbDamageTest, DamagedValuesAreNamed) {
  Sha256Digest hash;
  std::string hash_bytes = model_["process 2"]->record.module_hash();
  std::copy(hash_bytes.begin(), hash_bytes.end(), hash.begin());
  DamageValue(MakePageKey({.process = 2, .memory = 0, .page = 7}).view());
  DamageValue(MakeProcessKey(Table::kState, 2).view());
  DamageValue(MakeLogKey({.process = 2, .sequence = 5, .n = 0}).view());
  DamageValue(MakeModuleChunkKey(hash, 0).view());
  DamageValue(MakeNameKey("process 3"));
  const auto db = MustOpen();
  const auto ignore = [](auto...) { return absl::OkStatus(); };
  EXPECT_THAT(db->ForEachPage(2, ignore),
              IsDamage("page 7 of memory 0 of process 2 is damaged"));
  EXPECT_THAT(db->GetState(2), IsDamage("the state of process 2 is damaged"));
  EXPECT_THAT(db->ForEachLog(2, 1, 0, ignore),
              IsDamage("log record 0 of commit 5 of process 2 is damaged"));
  EXPECT_THAT(db->ForEachLogRecord(2, ignore), IsDamage("of process 2"));
  EXPECT_THAT(db->GetModule(hash), IsDamage(ToHex(hash)));
  EXPECT_THAT(db->FindProcess("process 3"), IsDamage("process 3"));
  // Others are not touched by that.
  EXPECT_OK(db->ForEachPage(1, ignore));
  CommitTo(db.get(), 1, 1);
}

TEST_F(ProcessDbDamageTest, ADamagedRecordHidesNoOtherAndCanBeRemoved) {
  DamageValue(MakeProcessKey(Table::kProcess, 2).view());
  auto db = MustOpen();
  std::vector<ProcessNumber> listed;
  EXPECT_THAT(
      db->ForEachProcess([&](ProcessNumber process, const ProcessRecord&) {
        listed.push_back(process);
        return absl::OkStatus();
      }),
      IsDamage("the record of process 2 is damaged"));
  EXPECT_THAT(listed, ::testing::ElementsAre(1, 3));
  EXPECT_THAT(db->GetRecord(2), IsDamage("the record of process 2"));
  EXPECT_THAT(db->ApplyCommit({.process = 2}, SyncMode::kSync),
              IsDamage("the record of process 2"));
  EXPECT_OK(db->RemoveProcess(2));
  db.reset();
  db = MustOpen();
  model_.erase("process 2");
  ASSERT_OK_AND_ASSIGN(const StoreModel found, ReadStore(db.get()));
  EXPECT_EQ(Difference(model_, found), "");
  EXPECT_THAT(db->FindProcess("process 2"),
              StatusIs(absl::StatusCode::kNotFound));
}

// Every bit of a table file, tried at random.
TEST_F(ProcessDbDamageTest, DamagedTableFilesGiveTheTruthOrAnError) {
  {
    const auto rocks = OpenRocks();
    ASSERT_TRUE(rocks->CompactRange({}, nullptr, nullptr).ok());
  }
  const std::string table = FileEndingIn(".sst");
  const uint64_t bits = std::filesystem::file_size(table) * 8;
  std::mt19937_64 random(1);
  int errors = 0;
  for (int i = 0; i < 150; ++i) {
    const uint64_t bit = random() % bits;
    SCOPED_TRACE(bit);
    FlipBit(table, bit);
    const auto db = ProcessDb::Open(path_, {.read_only = true});
    const auto found = db.ok() ? ReadStore(db->get())
                               : absl::StatusOr<StoreModel>(db.status());
    if (found.ok()) {
      EXPECT_EQ(Difference(model_, *found), "");
    } else {
      ++errors;
      EXPECT_THAT(found, AnyOf(StatusIs(absl::StatusCode::kDataLoss),
                               StatusIs(absl::StatusCode::kUnimplemented)));
    }
    FlipBit(table, bit);
  }
  EXPECT_GT(errors, 50);
  EXPECT_OK(ReadStore(MustOpen().get()).status());
}

// Every bit of the WAL, tried at random. All its commits were acknowledged.
TEST_F(ProcessDbDamageTest, ADamagedWalIsAnErrorUnlessLossIsAccepted) {
  const std::string pristine = directory_ / "pristine";
  std::filesystem::copy(path_, pristine);
  const std::string wal = FileEndingIn(".log");
  const uint64_t bits = std::filesystem::file_size(wal) * 8;
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    const uint64_t bit = random() % bits;
    SCOPED_TRACE(bit);
    FlipBit(wal, bit);
    const auto opened = ProcessDb::Open(path_);
    if (opened.ok()) {
      // Only the mark at the end says nothing that matters.
      const auto found = ReadStore(opened->get());
      ASSERT_OK(found.status());
      EXPECT_EQ(Difference(model_, *found), "");
    } else {
      EXPECT_THAT(opened.status(),
                  StatusIs(absl::StatusCode::kDataLoss,
                           AllOf(HasSubstr("has lost acknowledged commits"),
                                 HasSubstr(".log at byte "))));
      if (i % 10 == 0) {
        const auto db = MustOpen({.accept_loss = true});
        EXPECT_OK(ReadStore(db.get()).status());
      }
    }
    std::filesystem::remove_all(path_);
    std::filesystem::copy(pristine, path_);
  }
}

// A power cut can take the beginning of a file that was never synced and leave
// its end, which says that what is in tables by then is durable.
TEST_F(ProcessDbDamageTest, AWalThatIsTornAtItsBeginningAfterAFlushIsNone) {
  ASSERT_TRUE(OpenRocks()->Flush({}).ok());
  const std::filesystem::path crashed = directory_ / "crashed";
  {
    const auto db = MustOpen();
    CommitTo(db.get(), 1, 5, SyncMode::kNoSync);
    // As a crash would leave it. What is gone by now is not needed any more.
    std::filesystem::create_directory(crashed);
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      std::error_code gone;
      std::filesystem::copy(file, crashed / file.path().filename(), gone);
    }
  }
  std::filesystem::remove_all(path_);
  std::filesystem::rename(crashed, path_);
  const std::string wal = FileEndingIn(".log");
  ASSERT_GT(std::filesystem::file_size(wal), 200u);
  FlipBit(wal, 8 * 20);
  ASSERT_OK_AND_ASSIGN(const auto db, ProcessDb::Open(path_));
  ASSERT_OK_AND_ASSIGN(const StoreModel found, ReadStore(db.get()));
  EXPECT_EQ(Difference(model_, found), "");
}

TEST_F(ProcessDbDamageTest, AWalThatLostItsEndIsAnError) {
  const std::string wal = FileEndingIn(".log");
  const uint64_t size = std::filesystem::file_size(wal);
  const std::string pristine = directory_ / "pristine";
  std::filesystem::copy(path_, pristine);
  for (const uint64_t left : {size / 2, uint64_t{20}, uint64_t{0}}) {
    std::filesystem::resize_file(wal, left);
    EXPECT_THAT(ProcessDb::Open(path_).status(),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr("has lost acknowledged commits")));
    EXPECT_OK(ReadStore(MustOpen({.accept_loss = true}).get()).status());
    // Accepted once and for all.
    EXPECT_OK(ReadStore(MustOpen().get()).status());
    std::filesystem::remove_all(path_);
    std::filesystem::copy(pristine, path_);
  }
}

// Of the last sync only the file SYNCED tells, when there was no proper end.
TEST_F(ProcessDbDamageTest,
       TheLastSyncedCommitOfAKilledStoreIsNotLostInSilence) {
  const std::string killed = directory_ / "killed";
  uint64_t before = 0;
  {
    const auto db = MustOpen();
    CommitTo(db.get(), 1, 2);
    before = std::filesystem::file_size(NewestWal());
    CommitTo(db.get(), 1, 1);
    std::filesystem::copy(path_, killed);
    ASSERT_OK_AND_ASSIGN(model_, ReadStore(db.get()));
  }
  const auto restore = [&] {
    std::filesystem::remove_all(path_);
    std::filesystem::copy(killed, path_);
    return NewestWal();
  };
  std::string wal = restore();
  const uint64_t end = std::filesystem::file_size(wal);
  ASSERT_GT(end, before);
  for (uint64_t byte = before; byte < end; byte += 31) {
    FlipBit(wal, byte * 8 + 3);
    EXPECT_THAT(ProcessDb::Open(path_).status(),
                StatusIs(absl::StatusCode::kDataLoss));
    FlipBit(wal, byte * 8 + 3);
  }
  // Just as if it had never been written.
  std::filesystem::resize_file(wal, before);
  EXPECT_THAT(ProcessDb::Open(path_).status(),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(
      ProcessDb::Open(path_, {.read_only = true, .check_wal = true}).status(),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("the end of its WAL")));
  // A store of before the file was, or of which it did not reach the disk.
  std::filesystem::remove(path_ + "/SYNCED");
  EXPECT_OK(ReadStore(MustOpen().get()).status());
  wal = restore();
  ASSERT_OK_AND_ASSIGN(const StoreModel found, ReadStore(MustOpen().get()));
  EXPECT_EQ(Difference(model_, found), "");
}

// What the note promises is in tables, which need not tell sequence numbers.
TEST_F(ProcessDbDamageTest, WhatWasMovedOutOfTheWalIsNotMissing) {
  {
    const auto rocks = OpenRocks();
    ASSERT_TRUE(rocks->Flush({}).ok());
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(rocks->CompactRange(all, nullptr, nullptr).ok());
  }
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (entry.path().extension() == ".log") {
      EXPECT_EQ(entry.file_size(), 0u);
    }
  }
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto db, ProcessDb::Open(path_));
    ASSERT_OK_AND_ASSIGN(const StoreModel found, ReadStore(db.get()));
    EXPECT_EQ(Difference(model_, found), "");
  }
}

TEST_F(ProcessDbDamageTest, AMissingWalFileIsAnError) {
  {
    // So that there is a file after it.
    const auto db = MustOpen();
    CommitTo(db.get(), 1, 3);
  }
  std::vector<std::string> wals;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (entry.path().extension() == ".log") {
      wals.push_back(entry.path().string());
    }
  }
  std::sort(wals.begin(), wals.end());
  ASSERT_GE(wals.size(), 2u);
  std::filesystem::resize_file(wals[0],
                               std::filesystem::file_size(wals[0]) / 2);
  EXPECT_THAT(ProcessDb::Open(path_).status(),
              StatusIs(absl::StatusCode::kDataLoss));
  const auto db = MustOpen({.accept_loss = true});
  EXPECT_OK(ReadStore(db.get()).status());
}

TEST_F(ProcessDbDamageTest, ALostTableFileIsAnError) {
  {
    const auto rocks = OpenRocks();
    ASSERT_TRUE(rocks->CompactRange({}, nullptr, nullptr).ok());
  }
  std::filesystem::remove(FileEndingIn(".sst"));
  EXPECT_THAT(ProcessDb::Open(path_).status(),
              AnyOf(StatusIs(absl::StatusCode::kDataLoss),
                    StatusIs(absl::StatusCode::kUnavailable)));
}

}  // namespace
}  // namespace wasmd::testing

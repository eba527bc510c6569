// The list of files (MANIFEST) after power cuts and damage: what was not synced
// of it is cut off and costs nothing, what was synced is never lost in silence.

#include "store/manifest_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/manifest_note.h"
#include "store/process_db.h"
#include "store/testing/fault_env.h"
#include "store/testing/temporary_directory.h"

namespace wasmd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

rocksdb::Env* Disk() { return rocksdb::Env::Default(); }

TEST(ManifestNoteTest, SaysWhatWasWrittenLast) {
  TemporaryDirectory directory;
  EXPECT_EQ(ManifestNote::Read(Disk(), directory.path()).manifest, 0u);
  {
    ManifestNote note(Disk(), directory.path());
    EXPECT_FALSE(std::filesystem::exists(directory / "LISTED"));
    ASSERT_TRUE(note.Write({.manifest = 5, .bytes = 300}).ok());
    EXPECT_EQ(ManifestNote::Read(Disk(), directory.path()).bytes, 300u);
    ASSERT_TRUE(note.Write({.manifest = 5, .bytes = 400}).ok());
  }
  ManifestNote note(Disk(), directory.path());
  EXPECT_EQ(ManifestNote::Read(Disk(), directory.path()).manifest, 5u);
  EXPECT_EQ(ManifestNote::Read(Disk(), directory.path()).bytes, 400u);
  ASSERT_TRUE(note.Write({.manifest = 9, .bytes = 1}).ok());
  EXPECT_EQ(ManifestNote::Read(Disk(), directory.path()).manifest, 9u);
  for (uint64_t bit = 0; bit < 8 * 25; ++bit) {
    FlipBit(directory / "LISTED", bit);
    EXPECT_EQ(ManifestNote::Read(Disk(), directory.path()).manifest, 0u) << bit;
    FlipBit(directory / "LISTED", bit);
  }
}

// A power cut finds either the one or the other on disk, or, where it tears the
// file, none.
TEST(ManifestNoteTest, IsOnDiskWhenWriteReturns) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    TemporaryDirectory directory;
    FaultEnv faults(seed);
    {
      ManifestNote note(faults.env(), directory.path());
      ASSERT_TRUE(note.Write({.manifest = 5, .bytes = 300}).ok());
      faults.CutPower();
      EXPECT_FALSE(note.Write({.manifest = 5, .bytes = 400}).ok());
    }
    faults.RestorePower();
    EXPECT_EQ(ManifestNote::Read(Disk(), directory.path()).bytes, 300u);
  }
}

TEST(ManifestNoteTest, KnowsNamesOfLists) {
  EXPECT_EQ(ManifestNumber("MANIFEST-000012"), 12u);
  EXPECT_EQ(ManifestNumber("MANIFEST-1234567"), 1234567u);
  for (const char* const other :
       {"MANIFEST-", "MANIFEST-12x", "MANIFEST-x", "000012.log", "CURRENT",
        "MANIFEST-99999999999999999999", ""}) {
    EXPECT_EQ(ManifestNumber(other), std::nullopt) << other;
  }
}

// One process whose memory says everywhere at which commit it is.
class ListedStore {
 public:
  explicit ListedStore(ProcessDb* db) : db_(db) {}

  static OpenOptions Options(rocksdb::Env* env) {
    OpenOptions options;
    options.env = env;
    options.write_buffer_bytes = size_t{64} << 10;
    return options;
  }

  // 8 pages that do not compress.
  absl::Status CommitOne() {
    auto process = db_->FindProcess("p");
    if (!process.ok()) {
      ProcessRecord record;
      record.set_name("p");
      process = db_->CreateProcess(record);
      if (!process.ok()) return process.status();
    }
    auto record = db_->GetRecord(*process);
    if (!record.ok()) return record.status();
    Commit commit{.process = *process, .record = *record};
    const uint64_t sequence = commit.record.sequence() + 1;
    commit.record.set_sequence(sequence);
    const std::string page = PageOf(sequence);
    for (uint64_t i = 0; i < kPages; ++i) {
      commit.pages.push_back({.memory = 0, .page = i, .bytes = AsBytes(page)});
    }
    const std::string text = StrCat(sequence);
    commit.state = AsBytes(text);
    return db_->ApplyCommit(commit, SyncMode::kSync);
  }

  // At which commit it is; all of it is read.
  absl::StatusOr<uint64_t> Sequence() {
    const auto process = db_->FindProcess("p");
    if (absl::IsNotFound(process.status())) return 0;
    if (!process.ok()) return process.status();
    const auto record = db_->GetRecord(*process);
    if (!record.ok()) return record.status();
    if (record->sequence() == 0) return 0;
    const std::string expected = PageOf(record->sequence());
    uint64_t pages = 0;
    const absl::Status read =
        db_->ForEachPage(*process, [&](uint32_t, uint64_t, ByteSpan page) {
          ++pages;
          if (AsText(page) == expected) return absl::OkStatus();
          return absl::InternalError("a page of another commit");
        });
    if (!read.ok()) return read;
    if (pages != kPages) return absl::InternalError("pages are missing");
    return record->sequence();
  }

 private:
  static constexpr uint64_t kPages = 8;

  static std::string PageOf(uint64_t sequence) {
    std::mt19937_64 random(sequence);
    std::string page(kPageBytes, 0);
    for (char& c : page) c = static_cast<char>(random());
    return page;
  }

  ProcessDb* const db_;
};

// The power ends at the nth operation of this kind on these files; whether that
// was reached, and of what was left of the list whether it was torn.
struct CutResult {
  bool was_met = false;
  bool was_torn = false;
};

CutResult CutAt(uint64_t seed, const Fault& fault) {
  TemporaryDirectory directory;
  const std::string path = directory / "store";
  FaultEnv faults(seed);
  CutResult result;
  uint64_t acknowledged = 0;
  faults.Inject(fault);
  if (auto db = ProcessDb::Open(path, ListedStore::Options(faults.env()));
      db.ok()) {
    ListedStore store(db->get());
    // Several write buffers full.
    for (int i = 0; i < 24 && store.CommitOne().ok(); ++i) ++acknowledged;
  }
  result.was_met = faults.faults_met() > 0;
  faults.CutPower();
  faults.RestorePower();
  const auto verdict = AuditManifest(Disk(), path);
  EXPECT_OK(verdict.status());
  if (!verdict.ok()) return result;
  EXPECT_FALSE(verdict->has_loss());
  result.was_torn = verdict->has_torn_end();
  for (const bool read_only : {true, false}) {
    OpenOptions options = ListedStore::Options(nullptr);
    options.read_only = read_only;
    const auto db = ProcessDb::Open(path, options);
    if (read_only && acknowledged == 0 && !db.ok()) continue;  // not made yet
    EXPECT_OK(db.status()) << (read_only ? "to read" : "");
    if (!db.ok()) return result;
    const auto sequence = ListedStore(db->get()).Sequence();
    EXPECT_OK(sequence.status());
    if (!sequence.ok()) return result;
    EXPECT_GE(*sequence, acknowledged);
    EXPECT_LE(*sequence, acknowledged + 1);
  }
  return result;
}

TEST(ManifestAuditTest, APowerCutInTheMiddleOfAListCostsNothing) {
  int torn = 0;
  std::map<std::string, int> met;
  for (const auto& [name, operation] :
       {std::pair("append", FileOperation::kAppend),
        std::pair("sync", FileOperation::kSync)}) {
    // The first begin lists.
    for (const uint64_t nth : {1, 2, 3, 4, 6}) {
      for (uint64_t seed = 0; seed < 4; ++seed) {
        SCOPED_TRACE(StrCat(name, " ", nth, ", seed ", seed));
        const CutResult result = CutAt(seed, {.operation = operation,
                                              .nth = nth,
                                              .part = "/MANIFEST-",
                                              .cuts_power = true});
        if (::testing::Test::HasFailure()) return;
        if (result.was_met) ++met[name];
        torn += result.was_torn ? 1 : 0;
      }
    }
  }
  EXPECT_GT(met["append"], 12);
  EXPECT_GT(met["sync"], 12);
  RecordProperty("torn", torn);
  EXPECT_GT(torn, 3);
}

TEST(ManifestAuditTest, APowerCutWhileTheNoteIsWrittenCostsNothing) {
  for (const FileOperation operation :
       {FileOperation::kCreate, FileOperation::kAppend,
        FileOperation::kOverwrite, FileOperation::kSync}) {
    for (const uint64_t nth : {1, 3}) {
      for (uint64_t seed = 0; seed < 3; ++seed) {
        SCOPED_TRACE(StrCat("operation ", static_cast<int>(operation), ", ",
                            nth, ", seed ", seed));
        CutAt(seed, {.operation = operation,
                     .nth = nth,
                     .part = "/LISTED",
                     .cuts_power = true});
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

// A disk that refuses the note refuses the list: the store goes on once it
// works again.
TEST(ManifestAuditTest, AStoreGoesOnAfterItsNoteFailed) {
  for (const FileOperation operation :
       {FileOperation::kCreate, FileOperation::kOverwrite,
        FileOperation::kSync}) {
    TemporaryDirectory directory;
    FaultEnv faults(/*seed=*/1);
    ASSERT_OK_AND_ASSIGN(auto db,
                         ProcessDb::Open(directory / "store",
                                         ListedStore::Options(faults.env())));
    ListedStore store(db.get());
    faults.Inject({.operation = operation, .times = 2, .part = "/LISTED"});
    uint64_t acknowledged = 0;
    for (int i = 0; i < 40; ++i) {
      if (store.CommitOne().ok()) ++acknowledged;
    }
    EXPECT_EQ(faults.faults_met(), 2u);
    EXPECT_GT(acknowledged, 30u);
    faults.ClearFaults();
    ASSERT_OK(store.CommitOne());
    ASSERT_OK_AND_ASSIGN(const uint64_t sequence, store.Sequence());
    db.reset();
    ASSERT_OK_AND_ASSIGN(db, ProcessDb::Open(directory / "store"));
    ASSERT_OK_AND_ASSIGN(const uint64_t found,
                         ListedStore(db.get()).Sequence());
    EXPECT_EQ(found, sequence);
  }
}

// Files of a store as a kill leaves them, whose list was appended to.
class DamagedListTest : public ::testing::Test {
 protected:
  DamagedListTest() {
    const std::string live = directory_ / "live";
    const auto db =
        ProcessDb::Open(live, {.write_buffer_bytes = kWriteBufferBytes});
    EXPECT_OK(db.status());
    ListedStore store(db->get());
    // Until RocksDB's compactions start, which changes the list.
    while (!std::filesystem::exists(live + "/LISTED")) {
      EXPECT_OK(store.CommitOne());
      ++sequence_;
    }
    std::filesystem::copy(live, pristine_);
    const auto verdict = AuditManifest(Disk(), pristine_);
    EXPECT_OK(verdict.status());
    verdict_ = *verdict;
    name_ = std::filesystem::path(verdict_.path).filename();
    Restore();
  }

  void Restore() {
    std::filesystem::remove_all(path_);
    std::filesystem::copy(pristine_, path_);
  }
  std::string List() const { return path_ + "/" + name_; }

  void Append(const std::string& bytes) const {
    std::ofstream(List(), std::ios::binary | std::ios::app) << bytes;
  }

  std::string Contents() const {
    std::string contents;
    EXPECT_TRUE(rocksdb::ReadFileToString(Disk(), List(), &contents).ok());
    return contents;
  }

  // Leaves the list as it is.
  uint64_t StartOfLastRecord() const {
    const std::string whole = Contents();
    uint64_t size = whole.size();
    bool is_start = false;
    while (!is_start && size > 0) {
      std::filesystem::resize_file(List(), --size);
      const auto verdict = AuditManifest(Disk(), path_);
      EXPECT_OK(verdict.status());
      is_start = verdict.ok() && verdict->sound_bytes == size;
    }
    std::filesystem::remove(List());
    Append(whole);
    return size;
  }

  // Opens to read, and to own.
  void ExpectEverythingThere() const {
    for (const bool read_only : {true, false}) {
      const auto db = ProcessDb::Open(path_, {.read_only = read_only});
      ASSERT_OK(db.status()) << "read_only " << read_only;
      ASSERT_OK_AND_ASSIGN(const uint64_t found,
                           ListedStore(db->get()).Sequence());
      EXPECT_EQ(found, sequence_);
    }
  }

  void ExpectLoss() const {
    for (const bool read_only : {true, false}) {
      EXPECT_THAT(ProcessDb::Open(path_, {.read_only = read_only}).status(),
                  StatusIs(absl::StatusCode::kDataLoss,
                           AllOf(HasSubstr("list of files"), HasSubstr(name_),
                                 HasSubstr("restore it from a backup"))));
    }
  }

  // No file is made or deleted behind the test's back.
  static constexpr size_t kWriteBufferBytes = size_t{2} << 20;

  TemporaryDirectory directory_;
  const std::string pristine_ = directory_ / "pristine";
  const std::string path_ = directory_ / "store";
  std::string name_;
  uint64_t sequence_ = 0;
  ManifestVerdict verdict_;
};

TEST_F(DamagedListTest, IsSoundWhenNothingHappened) {
  EXPECT_EQ(verdict_.promised_bytes, verdict_.size_bytes);
  EXPECT_EQ(verdict_.sound_bytes, verdict_.size_bytes);
  ExpectEverythingThere();
}

TEST_F(DamagedListTest, WhatWasNotSyncedIsCutOff) {
  const std::string whole = Contents();
  const std::string record = whole.substr(whole.size() - 20);
  std::string noise(5000, 0);
  std::mt19937_64 random(1);
  for (char& c : noise) c = static_cast<char>(random());
  // As RocksDB finds them they are, in this order, ignored, damage, ignored,
  // damage, and a hole with a whole record after it, which it reads.
  std::string torn = whole.substr(0, 60);
  torn.replace(30, 20, 20, '\0');
  for (const std::string& tail :
       {std::string(700, 0), noise, record.substr(0, 9), torn,
        std::string(40'000, 0) + whole}) {
    Append(tail);
    ExpectEverythingThere();
    Restore();
  }
}

// The last change to the list as if its sync had never returned.
TEST_F(DamagedListTest, AnUnsyncedChangeMayBeThereInAnyPart) {
  const std::string whole = Contents();
  // Compactions are begun by the last record, and RocksDB acts on nothing then.
  const uint64_t before = StartOfLastRecord();
  ASSERT_GT(before, 0u);
  for (uint64_t at = before; at < whole.size(); ++at) {
    SCOPED_TRACE(at);
    for (const int kind : {0, 1, 2}) {
      Restore();
      ASSERT_TRUE(
          ManifestNote(Disk(), path_)
              .Write({.manifest = *ManifestNumber(name_), .bytes = before})
              .ok());
      if (kind == 0) {
        std::filesystem::resize_file(List(), at);
      } else if (kind == 1) {
        FlipBit(List(), at * 8 + at % 8);
      } else {
        std::filesystem::resize_file(List(), at);
        std::filesystem::resize_file(List(), whole.size() + 4096);
      }
      ExpectEverythingThere();
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST_F(DamagedListTest, DamageToWhatWasSyncedIsTold) {
  const std::string whole = Contents();
  for (uint64_t byte = 0; byte < whole.size(); ++byte) {
    SCOPED_TRACE(byte);
    FlipBit(List(), byte * 8 + byte % 8);
    ExpectLoss();
    FlipBit(List(), byte * 8 + byte % 8);
    if (::testing::Test::HasFailure()) return;
  }
  for (uint64_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    // Also where RocksDB would take it for an older list, whole.
    std::filesystem::resize_file(List(), size);
    ExpectLoss();
    // Zeros RocksDB skips.
    std::filesystem::resize_file(List(), whole.size());
    if (Contents() != whole) ExpectLoss();
    Restore();
    if (::testing::Test::HasFailure()) return;
  }
  ExpectEverythingThere();
}

TEST_F(DamagedListTest, ANoteOfAnotherListSaysNothing) {
  ASSERT_TRUE(ManifestNote(Disk(), path_)
                  .Write({.manifest = *ManifestNumber(name_) + 1,
                          .bytes = uint64_t{1} << 40})
                  .ok());
  ExpectEverythingThere();
  Restore();
  std::filesystem::remove(path_ + "/LISTED");
  ExpectEverythingThere();
}

// Nobody cuts what its owner is writing.
TEST_F(DamagedListTest, AnOwnedListIsLeftAlone) {
  ASSERT_OK_AND_ASSIGN(
      const auto db,
      ProcessDb::Open(path_, {.write_buffer_bytes = kWriteBufferBytes}));
  ListedStore store(db.get());
  while (ManifestNote::Read(Disk(), path_).manifest == ManifestNumber(name_)) {
    ASSERT_OK(store.CommitOne());
  }
  ASSERT_OK_AND_ASSIGN(const ManifestVerdict verdict,
                       AuditManifest(Disk(), path_));
  name_ = std::filesystem::path(verdict.path).filename();
  Append("torn");
  EXPECT_THAT(RepairManifest(Disk(), path_, /*accept_loss=*/false),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("in use by another wasmd")));
  EXPECT_EQ(std::filesystem::file_size(List()), verdict.size_bytes + 4);
}

}  // namespace
}  // namespace wasmd::testing

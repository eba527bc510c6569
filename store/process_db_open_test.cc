// Who may open a store, and what is said to those who may not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/leb128.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/key.h"
#include "store/process_db.h"
#include "store/testing/child_program.h"
#include "store/testing/store_model.h"
#include "store/testing/temporary_directory.h"
#include "store/value.h"

namespace wasmd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ProcessDbOpenTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<ProcessDb>> Open(
      const OpenOptions& options = {}) {
    return ProcessDb::Open(path_, options);
  }
  absl::StatusOr<std::unique_ptr<ProcessDb>> OpenReadOnly() {
    return Open({.read_only = true});
  }

  // RocksDB under the store.
  std::unique_ptr<rocksdb::DB> OpenRocks(const std::string& path) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(options, path, &db).ok());
    return std::unique_ptr<rocksdb::DB>(db);
  }

  std::string ListFiles() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      files.push_back(StrCat(entry.path().string(), " ", entry.file_size()));
    }
    std::sort(files.begin(), files.end());
    std::string text;
    for (const std::string& file : files) text += file + "\n";
    return text;
  }

  size_t CountTables() {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      count += entry.path().extension() == ".sst";
    }
    return count;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "a/b/store";
};

ProcessNumber MustCreate(ProcessDb* db, const std::string& name) {
  ProcessRecord record;
  record.set_name(name);
  const auto process = db->CreateProcess(record);
  EXPECT_OK(process.status());
  return process.value_or(0);
}

void MustCommit(ProcessDb* db, ProcessNumber process, std::string_view text,
                SyncMode sync = SyncMode::kSync) {
  const auto record = db->GetRecord(process);
  ASSERT_OK(record.status());
  const std::string page(kPageBytes, text.empty() ? 'x' : text[0]);
  Commit commit{.process = process, .record = *record};
  commit.record.set_sequence(record->sequence() + 1);
  commit.state = AsBytes(text);
  commit.pages = {
      {.memory = 0, .page = record->sequence() % 50, .bytes = AsBytes(page)}};
  commit.log = {{.stream = 1, .bytes = text}};
  ASSERT_OK(db->ApplyCommit(commit, sync));
}

TEST_F(ProcessDbOpenTest, IsMadeWithItsParentsForItsOwnerOnly) {
  EXPECT_THAT(
      Open({.create_if_missing = false}),
      StatusIs(absl::StatusCode::kNotFound,
               StrCat("there is no store in ", path_, ": check the path")));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "a"));
  EXPECT_THAT(OpenReadOnly(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "a"));
  ASSERT_OK(Open().status());
  EXPECT_OK(Open({.create_if_missing = false}).status());
  struct stat status;
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(ProcessDbOpenTest, APathThatIsNoDirectoryIsAnError) {
  std::ofstream(directory_ / "a") << "a file";
  const auto opened = Open();
  EXPECT_THAT(opened, StatusIs(absl::StatusCode::kUnavailable,
                               HasSubstr(directory_ / "a")));
}

TEST_F(ProcessDbOpenTest, ASecondOwnerInThisProgramIsRefused) {
  ASSERT_OK_AND_ASSIGN(const auto db, Open());
  EXPECT_THAT(Open(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       StrCat("store ", path_,
                              " is in use by another wasmd (this program): "
                              "stop it or choose another store")));
  // The attempt did not take the lock away.
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition));
  MustCreate(db.get(), "a");
}

TEST_F(ProcessDbOpenTest, ASecondOwnerInAnotherProgramIsRefusedByName) {
  ChildProgram child("ProcessDbOpenChild.DISABLED_Own", path_);
  ASSERT_TRUE(child.Next().has_value());
  EXPECT_THAT(
      Open(),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               StrCat("store ", path_, " is in use by another wasmd (process ",
                      child.pid(), "): stop it or choose another store")));
  EXPECT_OK(OpenReadOnly().status());
  child.Kill();
  EXPECT_OK(Open().status());
}

TEST(ProcessDbOpenChild, DISABLED_Own) {
  ASSERT_OK_AND_ASSIGN(const auto db,
                       ProcessDb::Open(ChildProgram::Directory()));
  ChildProgram::Tell(1);
  for (;;) pause();
}

TEST_F(ProcessDbOpenTest, ANewerFormatIsRefusedAndLeftAlone) {
  ASSERT_OK(Open().status());
  {
    const auto rocks = OpenRocks(path_);
    const std::string key = MakeMetaKey(kFormatFact);
    std::string version;
    AppendUnsignedLeb128(&version, 200);
    ASSERT_TRUE(rocks->Put({}, key, SealSmall(key, AsBytes(version))).ok());
  }
  const auto is_newer =
      StatusIs(absl::StatusCode::kUnimplemented,
               StrCat("store ", path_,
                      " has format 200, this wasmd knows formats up to 3: use "
                      "the newer wasmd that wrote it"));
  EXPECT_THAT(Open(), is_newer);
  EXPECT_THAT(OpenReadOnly(), is_newer);
}

TEST_F(ProcessDbOpenTest, AnOwnerMakesAnOlderFormatItsOwn) {
  ASSERT_OK(Open().status());
  const std::string key = MakeMetaKey(kFormatFact);
  const auto with_format = [&key](uint64_t number) {
    std::string version;
    AppendUnsignedLeb128(&version, number);
    return SealSmall(key, AsBytes(version));
  };
  const auto stored_format = [this, &key] {
    std::string value;
    EXPECT_TRUE(OpenRocks(path_)->Get({}, key, &value).ok());
    return value;
  };
  EXPECT_EQ(stored_format(), with_format(2));
  ASSERT_TRUE(OpenRocks(path_)->Put({}, key, with_format(1)).ok());
  ASSERT_OK(OpenReadOnly().status());
  EXPECT_EQ(stored_format(), with_format(1));
  ASSERT_OK(Open().status());
  EXPECT_EQ(stored_format(), with_format(2));
}

TEST_F(ProcessDbOpenTest, UnknownColumnFamiliesAreOfANewerWasmd) {
  ASSERT_OK(Open().status());
  {
    const auto rocks = OpenRocks(path_);
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    ASSERT_TRUE(rocks->CreateColumnFamily({}, "history", &handle).ok());
    ASSERT_TRUE(rocks->DestroyColumnFamilyHandle(handle).ok());
  }
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_THAT(OpenReadOnly(), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_F(ProcessDbOpenTest, AnotherProgramsDatabaseIsRefused) {
  const std::string other = directory_ / "other";
  {
    const auto rocks = OpenRocks(other);
    ASSERT_TRUE(rocks->Put({}, "key", "value").ok());
  }
  const auto is_refused =
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("holds a database that is not a store"));
  EXPECT_THAT(ProcessDb::Open(other), is_refused);
  EXPECT_THAT(ProcessDb::Open(other, {.read_only = true}), is_refused);
  const auto rocks = OpenRocks(other);
  std::string value;
  EXPECT_TRUE(rocks->Get({}, "key", &value).ok());
}

TEST_F(ProcessDbOpenTest, FilesWithoutABeginningAreNotTakenForNothing) {
  {
    ASSERT_OK_AND_ASSIGN(const auto db, Open());
    MustCreate(db.get(), "a");
  }
  std::filesystem::rename(path_ + "/CURRENT", path_ + "/CURRENT.lost");
  const std::string files = ListFiles();
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss,
                               HasSubstr("no file CURRENT")));
  EXPECT_EQ(ListFiles(), files);
  std::filesystem::rename(path_ + "/CURRENT.lost", path_ + "/CURRENT");
  EXPECT_OK(Open().status());
}

TEST_F(ProcessDbOpenTest, AReaderSeesWhatWasCommittedAndChangesNothing) {
  ASSERT_OK_AND_ASSIGN(const auto owner, Open());
  const ProcessNumber process = MustCreate(owner.get(), "a");
  MustCommit(owner.get(), process, "one", SyncMode::kNoSync);
  const std::string files = ListFiles();
  {
    ASSERT_OK_AND_ASSIGN(const auto reader, OpenReadOnly());
    ASSERT_OK_AND_ASSIGN(const StoreModel seen, ReadStore(reader.get()));
    ASSERT_OK_AND_ASSIGN(const StoreModel there, ReadStore(owner.get()));
    EXPECT_EQ(Difference(there, seen), "");
    const auto is_refused =
        StatusIs(absl::StatusCode::kFailedPrecondition,
                 StrCat("store ", path_, " is open for reading only"));
    EXPECT_THAT(reader->CreateProcess({}), is_refused);
    EXPECT_THAT(reader->RemoveProcess(process), is_refused);
    EXPECT_THAT(reader->PutModule({}, {}), is_refused);
    EXPECT_THAT(reader->ApplyCommit({}, SyncMode::kSync), is_refused);
    EXPECT_THAT(reader->Sync(), is_refused);
    // What comes later is for who opens later.
    MustCommit(owner.get(), process, "two", SyncMode::kNoSync);
    ASSERT_OK_AND_ASSIGN(const std::string old_state,
                         reader->GetState(process));
    EXPECT_EQ(old_state, "one");
    ASSERT_OK_AND_ASSIGN(const auto later, OpenReadOnly());
    ASSERT_OK_AND_ASSIGN(const std::string state, later->GetState(process));
    EXPECT_EQ(state, "two");
  }
  MustCommit(owner.get(), process, "three");
  EXPECT_THAT(ListFiles(), Not(HasSubstr("LOG.old")));
}

TEST_F(ProcessDbOpenTest, AReaderNeedsNoRightToWrite) {
  {
    ASSERT_OK_AND_ASSIGN(const auto db, Open());
    MustCommit(db.get(), MustCreate(db.get(), "a"), "text");
  }
  const std::string files = ListFiles();
  ASSERT_EQ(chmod(path_.c_str(), 0500), 0);
  {
    ASSERT_OK_AND_ASSIGN(const auto reader, OpenReadOnly());
    EXPECT_OK(ReadStore(reader.get()).status());
  }
  EXPECT_EQ(ListFiles(), files);
  ASSERT_EQ(chmod(path_.c_str(), 0700), 0);
}

// Each reader must see one moment of the owner's work, though files come and go
// meanwhile.
// Or each start would read a large module again, and once more to check it.
TEST_F(ProcessDbOpenTest, ALargeModuleDoesNotStayInTheWal) {
  std::vector<uint8_t> module(12 << 20);
  std::mt19937_64 random(1);
  for (uint8_t& byte : module) byte = static_cast<uint8_t>(random());
  const Sha256Digest hash = Sha256(module);
  {
    ASSERT_OK_AND_ASSIGN(const auto db, Open());
    ASSERT_OK(db->PutModule(hash, module));
    ProcessRecord record;
    record.set_module_hash(hash.data(), hash.size());
    ASSERT_OK(db->CreateProcess(record));
  }
  // The one that opens next has the WAL of the last removed.
  ASSERT_OK(Open());
  uintmax_t wal_bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (entry.path().extension() == ".log") wal_bytes += entry.file_size();
  }
  EXPECT_LT(wal_bytes, 1u << 20);
  ASSERT_OK_AND_ASSIGN(const auto db, OpenReadOnly());
  EXPECT_EQ(*db->GetModule(hash), module);
}

// A process that is resumed reads its first pages; what is due for compaction
// then would take the disk from it.
TEST_F(ProcessDbOpenTest, CompactionsThatAreDueBeginWithTheFirstWrite) {
  ProcessNumber process = 0;
  // Now and then the WAL of short lives becomes a file.
  for (int i = 0; i < 100 && (i == 0 || CountTables() < 4); ++i) {
    ASSERT_OK_AND_ASSIGN(const auto db, Open());
    if (i == 0) process = MustCreate(db.get(), "p");
    MustCommit(db.get(), process, "text");
  }
  ASSERT_EQ(CountTables(), 4);
  ASSERT_OK_AND_ASSIGN(const auto db, Open());
  EXPECT_OK(db->GetRecord(process).status());
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(CountTables(), 4);
  MustCommit(db.get(), process, "text");
  for (int i = 0; i < 1000 && CountTables() >= 4; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_LT(CountTables(), 4);
}

TEST_F(ProcessDbOpenTest, ReadersBesideABusyOwnerSeeOneMoment) {
  constexpr size_t kSmall = size_t{64} << 10;
  // Enough for many changes of files; the log, which readers read whole, must
  // not grow without end.
  constexpr int kCommits = 1000;
  constexpr auto kPause = std::chrono::milliseconds(2);
  ASSERT_OK_AND_ASSIGN(const auto owner, Open({.write_buffer_bytes = kSmall}));
  const ProcessNumber process = MustCreate(owner.get(), "a");
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    for (int i = 0; i < kCommits && !done; ++i) {
      MustCommit(owner.get(), process, StrCat(i, std::string(3000, 'x')),
                 SyncMode::kNoSync);
      std::this_thread::sleep_for(kPause);
    }
    done = true;
  });
  uint64_t last = 0;
  for (bool is_last = false; !is_last;) {
    is_last = done;
    const auto reader = OpenReadOnly();
    if (absl::IsUnavailable(reader.status())) continue;
    ASSERT_OK(reader.status());
    const auto seen = ReadStore(reader->get());
    ASSERT_OK(seen.status());
    const ModelProcess& found = *seen->at("a");
    EXPECT_GE(found.record.sequence(), last);
    last = found.record.sequence();
    EXPECT_EQ(found.log.size(), last);
    if (last > 0) {
      EXPECT_EQ(*found.state, found.log.back().second);
      EXPECT_EQ(found.pages.size(), std::min<uint64_t>(last, 50));
    }
  }
  EXPECT_EQ(last, kCommits);
}

}  // namespace
}  // namespace wasmd::testing

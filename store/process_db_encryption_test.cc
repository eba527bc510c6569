// Stores that are encrypted: who may open them, and what is to be seen of them
// without the key.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/encryption_key.h"
#include "store/process_db.h"
#include "store/testing/store_model.h"
#include "store/testing/temporary_directory.h"

namespace wasmd::testing {
namespace {

using ::testing::HasSubstr;

EncryptionKey KeyOf(uint8_t byte) {
  EncryptionKey::Bytes bytes;
  bytes.fill(byte);
  return EncryptionKey(bytes);
}

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

class ProcessDbEncryptionTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<ProcessDb>> Open(
      const std::optional<EncryptionKey>& key, bool read_only = false) {
    OpenOptions options;
    options.key = key;
    options.read_only = read_only;
    options.check_wal = read_only;
    return ProcessDb::Open(path_, options);
  }

  // A process "secretive" with everything that a process can have.
  void Fill(ProcessDb* db) {
    const std::string module = StrCat("SECRET", std::string(300'000, 'm'));
    const Sha256Digest hash = Sha256(AsBytes(module));
    ASSERT_OK(db->PutModule(hash, AsBytes(module)));
    ProcessRecord record;
    record.set_name("secretive");
    record.set_module_hash(std::string(hash.begin(), hash.end()));
    record.add_arguments("SECRET argument");
    ASSERT_OK_AND_ASSIGN(const ProcessNumber process,
                         db->CreateProcess(record));
    std::string page(kPageBytes, 'p');
    std::string state(1000, 's');
    // Enough for redo records, folds, points and history.
    for (uint64_t sequence = 1; sequence <= 40; ++sequence) {
      const std::string secret = StrCat("SECRET", sequence);
      page.replace(sequence * 50, secret.size(), secret);
      state.replace(sequence * 10, secret.size(), secret);
      Commit commit{.process = process, .record = record};
      commit.record.set_sequence(sequence);
      commit.state = AsBytes(state);
      commit.pages = {{.memory = 0, .page = 7, .bytes = AsBytes(page)}};
      commit.log = {{.stream = 1, .bytes = secret}};
      commit.journal = {{.first_event = sequence, .bytes = AsBytes(secret)}};
      commit.keep_point = sequence % 10 == 0;
      ASSERT_OK(db->ApplyCommit(commit, SyncMode::kSync));
    }
  }

  void FlushFiles() {
    rocksdb::DB* rocks = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, path_, &rocks).ok());
    EXPECT_TRUE(rocks->Flush({}).ok());
    delete rocks;
  }

  // The files that have this text.
  std::string FilesWith(std::string_view text) {
    std::string files;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(path_)) {
      if (file.is_regular_file() &&
          Contents(file.path()).find(text) != std::string::npos) {
        StrAppend(&files, file.path().filename().string(), " ");
      }
    }
    return files;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "store";
};

TEST_F(ProcessDbEncryptionTest, NothingOfAProcessIsInClearInAnyFile) {
  ASSERT_OK_AND_ASSIGN(auto db, Open(KeyOf(1)));
  Fill(db.get());
  EXPECT_EQ(FilesWith("SECRET"), "");  // in the WAL
  ASSERT_OK_AND_ASSIGN(const StoreModel before, ReadStore(db.get()));
  db = nullptr;
  FlushFiles();
  EXPECT_EQ(FilesWith("SECRET"), "");  // in tables and blobs
  // What decision 0010 says stays in clear does.
  EXPECT_NE(FilesWith("secretive"), "");

  for (const bool read_only : {true, false}) {
    ASSERT_OK_AND_ASSIGN(db, Open(KeyOf(1), read_only));
    ASSERT_OK_AND_ASSIGN(const StoreModel after, ReadStore(db.get()));
    EXPECT_EQ(Difference(before, after), "");
    EXPECT_OK(db->Check([](const StoreFinding& finding) {
                  ADD_FAILURE() << finding.what;
                }).status());
    EXPECT_OK(db->Usage().status());
    ASSERT_OK_AND_ASSIGN(const auto points, db->ListPoints(1));
    EXPECT_EQ(points.size(), 4u);
    db = nullptr;
  }
}

// Else the test above would pass whatever is written.
TEST_F(ProcessDbEncryptionTest, APlainStoreShowsWhatIsInIt) {
  ASSERT_OK_AND_ASSIGN(const auto db, Open(std::nullopt));
  Fill(db.get());
  EXPECT_NE(FilesWith("SECRET"), "");
}

TEST_F(ProcessDbEncryptionTest, TheWrongKeyOrNoneOpensNothing) {
  ASSERT_OK(Open(KeyOf(1)).status());
  for (const bool read_only : {true, false}) {
    EXPECT_THAT(Open(KeyOf(2), read_only),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         StrCat("the key is not that of store ", path_,
                                ": give the key that it was made with")));
    EXPECT_THAT(Open(std::nullopt, read_only),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         StrCat("store ", path_,
                                " is encrypted: give its key (--key-file or "
                                "--key-command)")));
  }
  EXPECT_OK(Open(KeyOf(1)).status());
}

TEST_F(ProcessDbEncryptionTest, APlainStoreTakesNoKey) {
  ASSERT_OK(Open(std::nullopt).status());
  for (const bool read_only : {true, false}) {
    EXPECT_THAT(Open(KeyOf(1), read_only),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         StrCat("store ", path_,
                                " is not encrypted: open it without a key")));
  }
  EXPECT_OK(Open(std::nullopt).status());
}

TEST_F(ProcessDbEncryptionTest, TheFileWithTheKeyIsMissedAndCheckedForDamage) {
  ASSERT_OK(Open(KeyOf(1)).status());
  const std::string file = StrCat(path_, "/ENCRYPTION");
  const std::string contents = Contents(file);
  for (size_t at = 0; at < contents.size(); ++at) {
    std::string damaged = contents;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    std::ofstream(file, std::ios::binary) << damaged;
    EXPECT_THAT(Open(KeyOf(1)), StatusIs(absl::StatusCode::kDataLoss,
                                         HasSubstr("ENCRYPTION is damaged")));
  }
  std::filesystem::remove(file);
  EXPECT_THAT(Open(std::nullopt),
              StatusIs(absl::StatusCode::kDataLoss,
                       StrCat("store ", path_,
                              " is encrypted but has no file ENCRYPTION: "
                              "restore it from a backup")));
  std::ofstream(file, std::ios::binary) << contents;
  EXPECT_OK(Open(KeyOf(1)).status());
}

TEST_F(ProcessDbEncryptionTest, TheFileOfAnEncryptedStoreDoesNotFitAPlainOne) {
  ASSERT_OK(Open(KeyOf(1)).status());
  const std::string contents = Contents(StrCat(path_, "/ENCRYPTION"));
  std::filesystem::remove_all(path_);
  ASSERT_OK(Open(std::nullopt).status());
  std::ofstream(StrCat(path_, "/ENCRYPTION"), std::ios::binary) << contents;
  EXPECT_THAT(Open(KeyOf(1)),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("the file ENCRYPTION of another")));
}

TEST_F(ProcessDbEncryptionTest, AStoreWhoseMakingWasCutOffIsMade) {
  ASSERT_OK(Open(KeyOf(1)).status());
  for (const auto& file : std::filesystem::directory_iterator(path_)) {
    if (file.path().filename() != "ENCRYPTION") std::filesystem::remove(file);
  }
  EXPECT_THAT(Open(std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("is encrypted")));
  ASSERT_OK_AND_ASSIGN(const auto db, Open(KeyOf(1)));
  Fill(db.get());
}

// Each value is held to its key: neither a plain value nor that of another
// key passes, though whoever puts it there can compute every checksum.
TEST_F(ProcessDbEncryptionTest, ValuesThatSomebodyPutThereAreFound) {
  {
    ASSERT_OK_AND_ASSIGN(const auto db, Open(KeyOf(1)));
    Fill(db.get());
  }
  std::vector<std::pair<std::string, std::string>> entries;
  {
    rocksdb::DB* rocks = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, path_, &rocks).ok());
    const std::unique_ptr<rocksdb::DB> owner(rocks);
    const std::unique_ptr<rocksdb::Iterator> all(rocks->NewIterator({}));
    for (all->SeekToFirst(); all->Valid(); all->Next()) {
      entries.emplace_back(all->key().ToString(), all->value().ToString());
    }
  }
  ASSERT_GT(entries.size(), 20u);
  const auto put = [this](const std::string& key, const std::string& value) {
    rocksdb::DB* rocks = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, path_, &rocks).ok());
    const std::unique_ptr<rocksdb::DB> owner(rocks);
    EXPECT_TRUE(rocks->Put({}, key, value).ok());
  };
  for (size_t i = 1; i < entries.size(); i += 7) {
    const auto& [key, value] = entries[i];
    put(key, entries[i - 1].second);
    std::vector<std::string> findings;
    {
      ASSERT_OK_AND_ASSIGN(const auto db, Open(KeyOf(1), /*read_only=*/true));
      EXPECT_OK(db->Check([&](const StoreFinding& finding) {
                    findings.push_back(finding.what);
                  }).status());
    }
    EXPECT_THAT(findings, ::testing::Not(::testing::IsEmpty())) << i;
    put(key, value);
  }
}

}  // namespace
}  // namespace wasmd::testing

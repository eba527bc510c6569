// Damage to redo records, and to what they patch: found, named, and never taken
// for an older or another state.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/key.h"
#include "store/process_db.h"
#include "store/testing/store_model.h"
#include "store/testing/temporary_directory.h"
#include "store/value.h"

namespace wasmd::testing {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kCommits = 12;

class ProcessDbRedoDamageTest : public ::testing::Test {
 protected:
  // A process whose state and page are a base and the patches of commits 2 to
  // kCommits.
  ProcessDbRedoDamageTest() {
    const auto db = ProcessDb::Open(path_).value();
    ProcessRecord record;
    record.set_name("p");
    process_ = db->CreateProcess(record).value();
    std::mt19937_64 random(1);
    std::string page(kPageBytes, 0);
    std::string state(1000, 0);
    for (char& byte : page) byte = static_cast<char>(random());
    for (char& byte : state) byte = static_cast<char>(random());
    for (uint64_t sequence = 1; sequence <= kCommits; ++sequence) {
      page[sequence * 10] = static_cast<char>(sequence);
      state[sequence * 10] = static_cast<char>(sequence);
      Commit commit{.process = process_, .record = record};
      commit.record.set_sequence(sequence);
      commit.state = AsBytes(state);
      commit.pages = {{.memory = 0, .page = 0, .bytes = AsBytes(page)}};
      EXPECT_OK(db->ApplyCommit(commit, SyncMode::kSync));
    }
    model_ = ReadStore(db.get()).value();
  }

  std::unique_ptr<rocksdb::DB> OpenRocks() {
    rocksdb::DB* db = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open({}, path_, &db).ok());
    return std::unique_ptr<rocksdb::DB>(db);
  }
  std::string Get(std::string_view key) {
    std::string value;
    EXPECT_TRUE(OpenRocks()->Get({}, std::string(key), &value).ok());
    return value;
  }
  void Put(std::string_view key, const std::string& value) {
    EXPECT_TRUE(OpenRocks()->Put({}, std::string(key), value).ok());
  }
  std::string RedoKey(uint64_t sequence) {
    return std::string(
        MakeSequenceKey(Table::kRedo, process_, sequence).view());
  }

  // Nothing is read of the process, nor committed, and the check says why.
  void ExpectIsFound(const std::string& what) {
    const auto db = ProcessDb::Open(path_).value();
    const auto is_damage =
        StatusIs(absl::StatusCode::kDataLoss, HasSubstr(what));
    EXPECT_THAT(db->GetState(process_), is_damage);
    EXPECT_THAT(db->ForEachPage(process_,
                                [](uint32_t, uint64_t, ByteSpan) {
                                  ADD_FAILURE() << "a page was given";
                                  return absl::OkStatus();
                                }),
                is_damage);
    EXPECT_THAT(db->OpenPages(process_, std::nullopt).status(), is_damage);
    std::string findings;
    EXPECT_OK(db->Check([&](const StoreFinding& finding) {
                  StrAppend(&findings, finding.what, "\n");
                }).status());
    EXPECT_THAT(findings, HasSubstr(what));
    const std::string page(kPageBytes, 'x');
    Commit commit{.process = process_,
                  .record = model_.at("p")->record,
                  .pages = {{.memory = 0, .page = 0, .bytes = AsBytes(page)}}};
    commit.record.set_sequence(kCommits + 1);
    EXPECT_THAT(db->ApplyCommit(commit, SyncMode::kSync), is_damage);
    // It can be removed all the same, by whoever restores it from elsewhere.
    // (Not here: the next damage is to the same process.)
  }

  void ExpectIsSound() {
    const auto db = ProcessDb::Open(path_).value();
    const auto found = ReadStore(db.get());
    ASSERT_OK(found.status());
    EXPECT_EQ(Difference(model_, *found), "");
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "store";
  ProcessNumber process_ = 0;
  StoreModel model_;
};

TEST_F(ProcessDbRedoDamageTest, AnyBitOfARecordIsFound) {
  const std::string key = RedoKey(5);
  const std::string value = Get(key);
  std::mt19937 random(7);
  for (size_t at = 0; at < value.size(); ++at) {
    std::string damaged = value;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
    Put(key, damaged);
    ExpectIsFound("the change by commit 5 of process 1");
  }
  Put(key, value);
  ExpectIsSound();
}

// Sealed as it should be, but not a record: what a bug or an attacker writes.
TEST_F(ProcessDbRedoDamageTest, ARecordThatMakesNoSenseIsFound) {
  const std::string key = RedoKey(5);
  const std::string value = Get(key);
  for (const std::string& payload :
       {std::string(), std::string("\x09\x00\x00", 3),
        // A page is patched behind its end.
        std::string("\x00\x00\x01\x00\x00\x04\xff\x3f\x01x", 10),
        // A size that is not there.
        std::string("\x00\x00\x01\x00\x00\x7fx", 7),
        std::string("\x02\xff\xff\xff\xff\x0f", 6),
        // A patch of the state behind its end.
        std::string("\x02\x04\xff\x3f\x01x\x00\x00", 8)}) {
    Put(key, SealSmall(key, AsBytes(payload)));
    const auto db = ProcessDb::Open(path_).value();
    const bool is_read =
        db->GetState(process_).ok() &&
        db->ForEachPage(process_, [](uint32_t, uint64_t, ByteSpan) {
            return absl::OkStatus();
          }).ok();
    EXPECT_FALSE(is_read);
  }
  Put(key, value);
  ExpectIsSound();
}

TEST_F(ProcessDbRedoDamageTest, ARecordOfAnotherCommitIsFound) {
  const std::string value = Get(RedoKey(5));
  Put(RedoKey(5), Get(RedoKey(6)));
  ExpectIsFound("the change by commit 5 of process 1");
  Put(RedoKey(5), value);
  ExpectIsSound();
}

TEST_F(ProcessDbRedoDamageTest, TheFirstRecordIsMissed) {
  const std::string value = Get(RedoKey(2));
  EXPECT_TRUE(OpenRocks()->Delete({}, RedoKey(2)).ok());
  const auto db = ProcessDb::Open(path_).value();
  std::string findings;
  EXPECT_OK(db->Check([&](const StoreFinding& finding) {
                StrAppend(&findings, finding.what, "\n");
              }).status());
  EXPECT_NE(findings, "");
}

TEST_F(ProcessDbRedoDamageTest, TheBaseOfPatchesIsMissed) {
  const std::string key(
      MakePageKey({.process = process_, .memory = 0, .page = 0}).view());
  const std::string value = Get(key);
  std::string damaged = value;
  damaged[100] = static_cast<char>(damaged[100] ^ 1);
  Put(key, damaged);
  {
    const auto db = ProcessDb::Open(path_).value();
    EXPECT_THAT(
        db->ForEachPage(process_, [](uint32_t, uint64_t,
                                     ByteSpan) { return absl::OkStatus(); }),
        StatusIs(absl::StatusCode::kDataLoss,
                 HasSubstr("page 0 of memory 0 of process 1")));
  }
  Put(key, value);
  ExpectIsSound();
}

}  // namespace
}  // namespace wasmd::testing

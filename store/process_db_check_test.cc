// Check and Usage, on stores that are sound and on stores in which one key was
// changed behind their back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/key.h"
#include "store/process_db.h"
#include "store/testing/fault_env.h"
#include "store/testing/temporary_directory.h"
#include "store/value.h"

namespace wasmd::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string& ModuleBytes() {
  static const std::string* const bytes = new std::string(5000, 'm');
  return *bytes;
}

Sha256Digest ModuleHash() { return Sha256(AsBytes(ModuleBytes())); }

class ProcessDbCheckTest : public ::testing::Test {
 protected:
  // Processes 1 "a", that waits, and 2 "b", with a log of 200 KiB.
  ProcessDbCheckTest() {
    const auto db = ProcessDb::Open(path_).value();
    EXPECT_OK(db->PutModule(ModuleHash(), AsBytes(ModuleBytes())));
    for (const char* const name : {"a", "b"}) {
      ProcessRecord record;
      record.set_name(name);
      const Sha256Digest hash = ModuleHash();
      record.set_module_hash(std::string(hash.begin(), hash.end()));
      const ProcessNumber process = db->CreateProcess(record).value();
      const std::string page(kPageBytes, name[0]);
      const std::string line(1000, name[0]);
      for (uint64_t sequence = 1; sequence <= 100; ++sequence) {
        Commit commit{.process = process, .record = record};
        commit.record.set_sequence(sequence);
        commit.state = AsBytes(std::string_view(name));
        commit.pages = {
            {.memory = 0, .page = sequence % 10, .bytes = AsBytes(page)},
            {.memory = 1, .page = 0, .bytes = {}}};
        commit.journal = {
            {.first_event = sequence * 10, .bytes = AsBytes(line)}};
        commit.log = {{.stream = 1, .bytes = line},
                      {.stream = 2, .bytes = line}};
        if (process == 1) {
          commit.record.set_status(WAITING);
          commit.record.set_wake_time_ns(static_cast<int64_t>(sequence));
        }
        EXPECT_OK(db->ApplyCommit(commit, SyncMode::kNoSync));
      }
    }
  }

  static std::vector<std::string> Findings(const std::string& path) {
    std::vector<std::string> findings;
    const auto db = ProcessDb::Open(path, {.read_only = true});
    EXPECT_OK(db.status());
    if (!db.ok()) return findings;
    const auto census = (*db)->Check([&](const StoreFinding& finding) {
      EXPECT_EQ(finding.what.find('\n'), std::string::npos);
      findings.push_back(finding.what);
    });
    EXPECT_OK(census.status());
    if (census.ok()) EXPECT_EQ(census->findings, findings.size());
    return findings;
  }

  // What is found after `change` was made to a copy of the store.
  std::vector<std::string> After(
      const std::function<void(rocksdb::DB*)>& change) {
    const std::string copy = StrCat(directory_.path(), "/copy", ++copies_);
    std::filesystem::copy(path_, copy);
    rocksdb::DB* rocks = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open({}, copy, &rocks).ok());
    change(rocks);
    delete rocks;
    return Findings(copy);
  }
  std::vector<std::string> AfterDeleting(std::string_view key) {
    return After([key](rocksdb::DB* rocks) {
      const rocksdb::Slice slice(key.data(), key.size());
      std::string value;
      EXPECT_TRUE(rocks->Get({}, slice, &value).ok());
      EXPECT_TRUE(rocks->Delete({}, slice).ok());
    });
  }
  std::vector<std::string> AfterPutting(std::string_view key,
                                        std::string_view payload) {
    return After([key, payload](rocksdb::DB* rocks) {
      EXPECT_TRUE(rocks
                      ->Put({}, rocksdb::Slice(key.data(), key.size()),
                            SealSmall(key, AsBytes(payload)))
                      .ok());
    });
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "store";
  int copies_ = 0;
};

TEST_F(ProcessDbCheckTest, ASoundStoreHasNoFindings) {
  EXPECT_THAT(Findings(path_), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto db, ProcessDb::Open(path_));
  ASSERT_OK_AND_ASSIGN(
      const StoreCensus census,
      db->Check([](const StoreFinding& finding) { FAIL() << finding.what; }));
  EXPECT_EQ(census.processes, 2u);
  EXPECT_EQ(census.modules, 1u);
  EXPECT_EQ(census.pages, 22u);
  EXPECT_EQ(census.log_records, 400u);
  EXPECT_EQ(census.journal_blocks, 200u);
  EXPECT_OK(db->RemoveProcess(1));
  EXPECT_OK(db->RemoveProcess(2));
  EXPECT_OK(db->Check([](const StoreFinding& finding) {
                FAIL() << finding.what;
              }).status());
}

TEST_F(ProcessDbCheckTest, FindsWhatIsMissing) {
  EXPECT_THAT(AfterDeleting(MakeNameKey("a")),
              ElementsAre("process 1 is not found by its name"));
  EXPECT_THAT(
      AfterDeleting(MakeTimerKey({.wake_time_ns = 100, .process = 1}).view()),
      ElementsAre("process 1 waits without a timer"));
  EXPECT_THAT(AfterDeleting(MakeModuleChunkKey(ModuleHash(), 0).view()),
              ElementsAre(HasSubstr("is not whole")));
  EXPECT_THAT(AfterDeleting(MakeModuleUseKey(ModuleHash(), 2).view()),
              ElementsAre(HasSubstr("by process 2 is missing")));
  EXPECT_THAT(
      AfterDeleting(MakeLogKey({.process = 2, .sequence = 7, .n = 1}).view()),
      ElementsAre(HasSubstr("does not follow the one before it")));
  EXPECT_THAT(
      AfterDeleting(MakeLogKey({.process = 2, .sequence = 100, .n = 1}).view()),
      ::testing::Contains("the log of process 2 has 199000 bytes, but it wrote "
                          "200000"));
  EXPECT_THAT(
      AfterDeleting(
          MakeLogIndexKey({.process = 2, .stream = 2, .offset = 0}).view()),
      ElementsAre("the index of the log of process 2 lacks offset 0 of stream "
                  "2"));
  // Once for each of the tables that have something of it.
  EXPECT_THAT(AfterDeleting(MakeProcessKey(Table::kProcess, 2).view()),
              ElementsAre(HasSubstr("the name \"b\" is there"),
                          HasSubstr("is kept for process 2")));
}

TEST_F(ProcessDbCheckTest, FindsWhatShouldNotBeThere) {
  EXPECT_THAT(AfterPutting(MakePageKey({.process = 9}).view(), ""),
              ElementsAre("page 0 of memory 0 of process 9 is there, but not "
                          "the process"));
  EXPECT_THAT(AfterPutting(MakeJournalKey({.process = 9}).view(), ""),
              ElementsAre("the journal from event 0 of process 9 is there, but "
                          "not the process"));
  EXPECT_THAT(AfterPutting(MakePageKey({.process = 1}).view(),
                           std::string(kPageBytes + 1, 'x')),
              ElementsAre("page 0 of memory 0 of process 1 is malformed"));
  EXPECT_THAT(
      AfterPutting(MakeTimerKey({.wake_time_ns = 7, .process = 1}).view(), ""),
      ElementsAre(HasSubstr("it does not wait for that")));
  EXPECT_THAT(AfterPutting(MakeNameKey("c"), "\1"),
              ElementsAre(HasSubstr("is given to process 1")));
  EXPECT_THAT(AfterPutting("\x63key", ""),
              ElementsAre(HasSubstr("is of no known table")));
  EXPECT_THAT(AfterPutting(MakeMetaKey("fact"), ""),
              ElementsAre(HasSubstr("is malformed")));
  EXPECT_THAT(
      AfterPutting(
          MakeLogIndexKey({.process = 1, .stream = 1, .offset = 9}).view(),
          "anything"),
      ElementsAre(HasSubstr("leads to the wrong record")));
}

TEST_F(ProcessDbCheckTest, FindsDamagedValues) {
  for (const Key& key :
       {MakeProcessKey(Table::kState, 1), MakeProcessKey(Table::kProcess, 1),
        MakePageKey({.process = 2, .memory = 0, .page = 3}),
        MakeLogKey({.process = 2, .sequence = 50, .n = 0}),
        MakeJournalKey({.process = 2, .first_event = 50}),
        MakeModuleChunkKey(ModuleHash(), 0)}) {
    const std::string kept(key.view());
    EXPECT_THAT(After([&kept](rocksdb::DB* rocks) {
                  std::string value;
                  EXPECT_TRUE(rocks->Get({}, kept, &value).ok());
                  value[value.size() / 2] ^= 1;
                  EXPECT_TRUE(rocks->Put({}, kept, value).ok());
                }),
                ElementsAre(HasSubstr("its checksum is wrong")))
        << DescribeKey(kept);
  }
}

TEST_F(ProcessDbCheckTest, FindsDamagedFiles) {
  const std::string file = [this] {
    rocksdb::DB* rocks = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open({}, path_, &rocks).ok());
    EXPECT_TRUE(rocks->Flush({}).ok());
    delete rocks;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().extension() == ".sst") return entry.path().string();
    }
    return std::string();
  }();
  ASSERT_NE(file, "");
  EXPECT_THAT(Findings(path_), IsEmpty());
  FlipBit(file, std::filesystem::file_size(file) * 4);
  EXPECT_THAT(Findings(path_), ::testing::Contains(HasSubstr("damaged")));
}

TEST_F(ProcessDbCheckTest, TellsWhatTakesTheSpace) {
  ASSERT_OK_AND_ASSIGN(const auto db, ProcessDb::Open(path_));
  ASSERT_OK_AND_ASSIGN(const StoreUsage usage, db->Usage());
  ASSERT_EQ(usage.processes.size(), 2u);
  EXPECT_EQ(usage.processes[0].process, 1u);
  EXPECT_EQ(usage.processes[1].process, 2u);
  EXPECT_EQ(usage.processes[1].page_count, 10u);
  EXPECT_GT(usage.processes[1].page_bytes, 11u * 21);
  EXPECT_GT(usage.processes[1].state_bytes, 9u);
  EXPECT_GT(usage.processes[1].log_bytes, 400u);
  EXPECT_GT(usage.processes[1].journal_bytes, 100u);
  EXPECT_GT(usage.processes[1].other_bytes, 0u);
  ASSERT_EQ(usage.modules.size(), 1u);
  EXPECT_EQ(usage.modules[0].hash, ModuleHash());
  EXPECT_GE(usage.modules[0].bytes, 5000u);
  EXPECT_EQ(usage.modules[0].users, 2u);
  EXPECT_GT(usage.wal_bytes, 0u);
  EXPECT_GT(usage.other_file_bytes, 0u);
}

}  // namespace
}  // namespace wasmd::testing

#include "store/process_db.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/testing/temporary_directory.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::wasmd::testing::StatusIs;
using ::wasmd::testing::TemporaryDirectory;

class ProcessDbTest : public ::testing::Test {
 protected:
  ProcessDbTest() { Reopen(); }

  void Reopen() {
    db_.reset();
    auto opened = ProcessDb::Open(directory_ / "store");
    ASSERT_OK(opened.status());
    db_ = *std::move(opened);
  }

  ProcessNumber Create(const std::string& name,
                       const std::string& module_hash = "") {
    ProcessRecord record;
    record.set_name(name);
    record.set_module_hash(module_hash);
    const auto created = db_->CreateProcess(record);
    EXPECT_OK(created.status());
    return created.value_or(0);
  }

  // The commit after the stored one.
  Commit Next(ProcessNumber process) {
    Commit commit{.process = process};
    const auto record = db_->GetRecord(process);
    EXPECT_OK(record.status());
    if (record.ok()) commit.record = *record;
    commit.record.set_sequence(commit.record.sequence() + 1);
    return commit;
  }

  using Pages = std::map<std::pair<uint32_t, uint64_t>, std::string>;
  Pages PagesOf(ProcessNumber process) {
    Pages pages;
    EXPECT_OK(db_->ForEachPage(
        process, [&](uint32_t memory, uint64_t page, ByteSpan bytes) {
          pages[{memory, page}] = AsText(bytes);
          return absl::OkStatus();
        }));
    return pages;
  }

  std::string LogOf(ProcessNumber process, uint32_t stream,
                    uint64_t offset = 0) {
    std::string text;
    EXPECT_OK(db_->ForEachLog(process, stream, offset, [&](ByteSpan bytes) {
      text.append(AsText(bytes));
      return absl::OkStatus();
    }));
    return text;
  }

  std::vector<std::pair<uint32_t, std::string>> LogRecordsOf(
      ProcessNumber process) {
    std::vector<std::pair<uint32_t, std::string>> records;
    EXPECT_OK(
        db_->ForEachLogRecord(process, [&](uint32_t stream, ByteSpan bytes) {
          records.emplace_back(stream, AsText(bytes));
          return absl::OkStatus();
        }));
    return records;
  }

  std::vector<ProcessNumber> Due(int64_t now_ns, size_t limit = 1000) {
    const auto due = db_->DueProcesses(now_ns, limit);
    EXPECT_OK(due.status());
    return due.value_or(std::vector<ProcessNumber>());
  }

  void SetTimer(ProcessNumber process, int64_t wake_time_ns,
                ProcessStatus status = WAITING) {
    Commit commit = Next(process);
    commit.record.set_status(status);
    commit.record.set_wake_time_ns(wake_time_ns);
    EXPECT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
  }

  // Puts a module and gives its hash as records have it.
  std::string PutModule(std::string_view bytes) {
    const Sha256Digest hash = Sha256(AsBytes(bytes));
    EXPECT_OK(db_->PutModule(hash, AsBytes(bytes)));
    return std::string(hash.begin(), hash.end());
  }
  bool HasModule(std::string_view bytes) {
    const Sha256Digest hash = Sha256(AsBytes(bytes));
    EXPECT_EQ(*db_->HasModule(hash), db_->GetModule(hash).ok());
    return *db_->HasModule(hash);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<ProcessDb> db_;
};

std::string Page(char fill) { return std::string(kPageBytes, fill); }

TEST_F(ProcessDbTest, KeepsARecordWithAllItsFields) {
  ProcessRecord record;
  record.set_name("counter");
  record.set_status(PAUSED);
  record.set_created_ns(12);
  record.add_arguments("not \xFF UTF-8");
  record.set_runtime_state(std::string("\0\1", 2));
  ASSERT_OK_AND_ASSIGN(const ProcessNumber process, db_->CreateProcess(record));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const ProcessRecord stored, db_->GetRecord(process));
  EXPECT_EQ(stored.SerializeAsString(), record.SerializeAsString());
  ASSERT_OK_AND_ASSIGN(const ProcessNumber found, db_->FindProcess("counter"));
  EXPECT_EQ(found, process);
}

TEST_F(ProcessDbTest, NamesAreUniqueAmongThoseThatExist) {
  const ProcessNumber first = Create("a");
  ProcessRecord record;
  record.set_name("a");
  EXPECT_THAT(db_->CreateProcess(record),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("\"a\"")));
  EXPECT_OK(db_->RemoveProcess(first));
  EXPECT_NE(Create("a"), first);
  // Without a name there is nothing to be unique.
  EXPECT_NE(Create(""), Create(""));
  EXPECT_THAT(db_->FindProcess(""), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ProcessDbTest, NumbersAreNeverReused) {
  const ProcessNumber first = Create("a");
  const ProcessNumber second = Create("b");
  EXPECT_EQ(second, first + 1);
  EXPECT_OK(db_->RemoveProcess(second));
  EXPECT_OK(db_->RemoveProcess(first));
  Reopen();
  EXPECT_EQ(Create("c"), second + 1);
}

TEST_F(ProcessDbTest, ListsProcessesInOrderOfCreation) {
  for (const char* name : {"z", "a", "m"}) Create(name);
  std::vector<std::string> names;
  EXPECT_OK(
      db_->ForEachProcess([&](ProcessNumber, const ProcessRecord& record) {
        names.push_back(record.name());
        return absl::OkStatus();
      }));
  EXPECT_THAT(names, ElementsAre("z", "a", "m"));
}

TEST_F(ProcessDbTest, ACallbackMayChangeTheStoreAndEndsTheWalkByAnError) {
  for (const char* name : {"a", "b", "c"}) Create(name);
  EXPECT_OK(
      db_->ForEachProcess([&](ProcessNumber process, const ProcessRecord&) {
        return db_->RemoveProcess(process);
      }));
  EXPECT_THAT(db_->FindProcess("a"), StatusIs(absl::StatusCode::kNotFound));
  Create("d");
  EXPECT_THAT(db_->ForEachProcess([](ProcessNumber, const ProcessRecord&) {
    return absl::AbortedError("enough");
  }),
              StatusIs(absl::StatusCode::kAborted, "enough"));
}

TEST_F(ProcessDbTest, ACommitChangesEverythingAtOnce) {
  const ProcessNumber process = Create("a");
  EXPECT_THAT(db_->GetState(process),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no state yet")));
  Commit commit = Next(process);
  const std::string page = Page('x');
  commit.record.set_status(RUNNING);
  commit.state = AsBytes("state 1");
  commit.pages = {{.memory = 0, .page = 3, .bytes = AsBytes(page)},
                  {.memory = 1, .page = 0, .bytes = {}}};
  commit.log = {{.stream = 1, .bytes = "out"}};
  ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kSync));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const ProcessRecord record, db_->GetRecord(process));
  EXPECT_EQ(record.sequence(), 1u);
  EXPECT_EQ(record.status(), RUNNING);
  ASSERT_OK_AND_ASSIGN(const std::string state, db_->GetState(process));
  EXPECT_EQ(state, "state 1");
  EXPECT_THAT(PagesOf(process),
              ElementsAre(Pair(Pair(0u, 3u), page), Pair(Pair(1u, 0u), "")));
  EXPECT_EQ(LogOf(process, 1), "out");

  // Absent state is unchanged, other pages stay, a page of zeros is empty.
  commit = Next(process);
  const std::string zeros = Page(0);
  commit.pages = {{.memory = 0, .page = 3, .bytes = AsBytes(zeros)},
                  {.memory = 0, .page = 1, .bytes = AsBytes(page)}};
  ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
  ASSERT_OK_AND_ASSIGN(const std::string same_state, db_->GetState(process));
  EXPECT_EQ(same_state, "state 1");
  EXPECT_THAT(PagesOf(process),
              ElementsAre(Pair(Pair(0u, 1u), page), Pair(Pair(0u, 3u), ""),
                          Pair(Pair(1u, 0u), "")));
}

TEST_F(ProcessDbTest, ACommitMustFollowTheStoredOne) {
  const ProcessNumber process = Create("a");
  Commit commit = Next(process);
  commit.record.set_sequence(2);
  EXPECT_THAT(db_->ApplyCommit(commit, SyncMode::kSync),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "commit 2 of process 1 does not follow commit 0: read "
                       "its record again"));
  commit.record.set_sequence(1);
  EXPECT_OK(db_->ApplyCommit(commit, SyncMode::kSync));
  EXPECT_THAT(db_->ApplyCommit(commit, SyncMode::kSync),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  commit.record.set_sequence(2);
  EXPECT_OK(db_->ApplyCommit(commit, SyncMode::kSync));
}

TEST_F(ProcessDbTest, TheLastPageOfAMemoryMayBeShort) {
  const ProcessNumber process = Create("a");
  Commit commit = Next(process);
  commit.pages = {{.memory = 0, .page = 7, .bytes = AsBytes("short")}};
  EXPECT_OK(db_->ApplyCommit(commit, SyncMode::kSync));
  std::string read;
  EXPECT_OK(
      db_->ForEachPage(process, [&](uint32_t, uint64_t page, ByteSpan bytes) {
        EXPECT_EQ(page, 7u);
        read.append(AsText(bytes));
        return absl::OkStatus();
      }));
  EXPECT_EQ(read, "short");
}

TEST_F(ProcessDbTest, WhatCanNotBeStoredIsRefused) {
  const ProcessNumber process = Create("a");
  Commit commit = Next(process);
  commit.record.set_name("b");
  EXPECT_THAT(db_->ApplyCommit(commit, SyncMode::kSync),
              StatusIs(absl::StatusCode::kInvalidArgument));
  commit = Next(process);
  const std::string long_page(kPageBytes + 1, 'x');
  commit.pages = {{.memory = 0, .page = 7, .bytes = AsBytes(long_page)}};
  EXPECT_THAT(db_->ApplyCommit(commit, SyncMode::kSync),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "page 7 of memory 0 of process 1 has 4097 bytes, more "
                       "than 4096"));
  ProcessRecord record;
  record.set_module_hash("short");
  EXPECT_THAT(db_->CreateProcess(record),
              StatusIs(absl::StatusCode::kInvalidArgument));
  record.clear_module_hash();
  record.set_name(std::string(256, 'a'));
  EXPECT_THAT(db_->CreateProcess(record),
              StatusIs(absl::StatusCode::kInvalidArgument));
  record.set_name("b");
  record.set_sequence(1);
  EXPECT_THAT(db_->CreateProcess(record),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(db_->FindProcess("b"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ProcessDbTest, WhatIsNotThereIsNotFound) {
  const auto ignore_page = [](uint32_t, uint64_t, ByteSpan) {
    return absl::OkStatus();
  };
  const auto ignore_log = [](ByteSpan) { return absl::OkStatus(); };
  const auto is_not_found =
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("there is no process 9"));
  EXPECT_THAT(db_->GetRecord(9), is_not_found);
  EXPECT_THAT(db_->GetState(9), is_not_found);
  EXPECT_THAT(db_->ForEachPage(9, ignore_page), is_not_found);
  EXPECT_THAT(db_->ForEachLog(9, 1, 0, ignore_log), is_not_found);
  EXPECT_THAT(db_->RemoveProcess(9), is_not_found);
  EXPECT_THAT(db_->ApplyCommit({.process = 9}, SyncMode::kSync), is_not_found);
  EXPECT_THAT(db_->GetModule(Sha256({})),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ProcessDbTest, ManyCommitsAreOneWriteAllOrNothing) {
  const ProcessNumber a = Create("a");
  const ProcessNumber b = Create("b");
  Commit a1 = Next(a);
  Commit a2 = Next(a);
  a2.record.set_sequence(2);
  a2.log = {{.stream = 1, .bytes = "second"}};
  Commit b1 = Next(b);
  b1.record.set_sequence(5);
  EXPECT_THAT(db_->ApplyCommits({a1, a2, b1}, SyncMode::kSync),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(db_->GetRecord(a)->sequence(), 0u);
  b1.record.set_sequence(1);
  const StoreStatistics before = db_->Statistics();
  EXPECT_OK(db_->ApplyCommits({a1, a2, b1}, SyncMode::kSync));
  EXPECT_EQ(db_->Statistics().writes, before.writes + 1);
  EXPECT_EQ(db_->Statistics().commits, before.commits + 3);
  EXPECT_EQ(db_->GetRecord(a)->sequence(), 2u);
  EXPECT_EQ(db_->GetRecord(b)->sequence(), 1u);
  EXPECT_OK(db_->ApplyCommits({}, SyncMode::kSync));
}

TEST_F(ProcessDbTest, LogKeepsStreamsAndTheirOrder) {
  const ProcessNumber process = Create("a");
  Create("between");
  Commit commit = Next(process);
  commit.log = {{.stream = 1, .bytes = "one "},
                {.stream = 2, .bytes = "error "},
                {.stream = 1, .bytes = ""},
                {.stream = 1, .bytes = "two "}};
  ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
  commit = Next(process);
  commit.log = {{.stream = 2, .bytes = "again"}, {.stream = 1, .bytes = "3"}};
  ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
  Reopen();
  EXPECT_EQ(LogOf(process, 1), "one two 3");
  EXPECT_EQ(LogOf(process, 2), "error again");
  EXPECT_EQ(LogOf(process, 1, 5), "wo 3");
  EXPECT_EQ(LogOf(process, 1, 9), "");
  EXPECT_EQ(LogOf(process, 1, 100), "");
  EXPECT_EQ(LogOf(process, 3), "");
  EXPECT_THAT(LogRecordsOf(process),
              ElementsAre(Pair(1u, "one "), Pair(2u, "error "),
                          Pair(1u, "two "), Pair(2u, "again"), Pair(1u, "3")));
}

TEST_F(ProcessDbTest, LongLogsAreReadFromAnyOffset) {
  const ProcessNumber process = Create("a");
  // Stream 2 is rare, so that its records lie many index entries apart.
  std::string out;
  std::string errors;
  for (int i = 0; i < 300; ++i) {
    Commit commit = Next(process);
    const std::string line = StrCat("line ", i, std::string(3000, 'x'), "\n");
    const std::string error = StrCat("error ", i, "\n");
    commit.log.push_back({.stream = 1, .bytes = line});
    out += line;
    if (i % 50 == 7) {
      commit.log.push_back({.stream = 2, .bytes = error});
      errors += error;
    }
    ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
  }
  Reopen();
  for (size_t offset = 0; offset <= out.size(); offset += 12'345) {
    ASSERT_EQ(LogOf(process, 1, offset), out.substr(offset)) << offset;
  }
  for (size_t offset = 0; offset <= errors.size(); ++offset) {
    ASSERT_EQ(LogOf(process, 2, offset), errors.substr(offset)) << offset;
  }
}

TEST_F(ProcessDbTest, TheJournalIsReadFromAnyEventAndTrimmed) {
  const ProcessNumber process = Create("a");
  const ProcessNumber next = Create("b");
  const auto journal_of = [this](ProcessNumber number, uint64_t from) {
    std::vector<std::pair<uint64_t, std::string>> blocks;
    EXPECT_OK(db_->ForEachJournalBlock(
        number, from, [&](uint64_t first_event, ByteSpan bytes) {
          blocks.emplace_back(first_event, AsText(bytes));
          return absl::OkStatus();
        }));
    return blocks;
  };
  EXPECT_THAT(journal_of(process, 0), IsEmpty());
  const std::string long_block(10'000, 'j');
  for (const uint64_t first : {1, 10, 11, 300}) {
    Commit commit = Next(process);
    commit.journal = {{.first_event = first, .bytes = AsBytes(long_block)}};
    ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
  }
  Commit other = Next(next);
  other.journal = {{.first_event = 1, .bytes = AsBytes("b")},
                   {.first_event = 2, .bytes = AsBytes("c")}};
  ASSERT_OK(db_->ApplyCommit(other, SyncMode::kNoSync));
  Reopen();
  EXPECT_EQ(journal_of(process, 0).size(), 4u);
  EXPECT_EQ(journal_of(process, 1).size(), 4u);
  EXPECT_EQ(journal_of(process, 9).size(), 4u);
  EXPECT_EQ(journal_of(process, 10).size(), 3u);
  EXPECT_THAT(journal_of(process, 5000), ElementsAre(Pair(300u, long_block)));

  Commit commit = Next(process);
  commit.journal_trim = {1, 10};
  commit.journal = {{.first_event = 301, .bytes = AsBytes("new")}};
  ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kSync));
  EXPECT_THAT(journal_of(process, 0),
              ElementsAre(Pair(11u, long_block), Pair(300u, long_block),
                          Pair(301u, "new")));
  EXPECT_THAT(journal_of(next, 0), ElementsAre(Pair(1u, "b"), Pair(2u, "c")));
  EXPECT_OK(db_->RemoveProcess(process));
  EXPECT_THAT(
      db_->ForEachJournalBlock(
          process, 0, [](uint64_t, ByteSpan) { return absl::OkStatus(); }),
      StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(journal_of(next, 0).size(), 2u);
}

TEST_F(ProcessDbTest, TimersFollowStatusAndWakeTime) {
  const ProcessNumber a = Create("a");
  const ProcessNumber b = Create("b");
  const ProcessNumber c = Create("c");
  SetTimer(a, 300);
  SetTimer(b, 100);
  SetTimer(c, 200);
  EXPECT_THAT(Due(99), IsEmpty());
  EXPECT_THAT(Due(200), ElementsAre(b, c));
  EXPECT_THAT(Due(1000), ElementsAre(b, c, a));
  EXPECT_THAT(Due(1000, 1), ElementsAre(b));
  Reopen();
  EXPECT_THAT(Due(1000), ElementsAre(b, c, a));
  SetTimer(b, 400);
  SetTimer(c, 200, RUNNING);
  EXPECT_THAT(Due(1000), ElementsAre(a, b));
  SetTimer(c, 50);
  EXPECT_THAT(Due(1000), ElementsAre(c, a, b));
  SetTimer(c, 0);
  SetTimer(a, -5);
  EXPECT_THAT(Due(-1), ElementsAre(a));
  EXPECT_OK(db_->RemoveProcess(a));
  EXPECT_THAT(Due(1000), ElementsAre(b));
}

TEST_F(ProcessDbTest, ATimerOfANewProcessIsDue) {
  EXPECT_THAT(Due(1000), IsEmpty());
  ProcessRecord record;
  record.set_status(WAITING);
  record.set_wake_time_ns(7);
  ASSERT_OK_AND_ASSIGN(const ProcessNumber process, db_->CreateProcess(record));
  EXPECT_THAT(Due(1000), ElementsAre(process));
}

TEST_F(ProcessDbTest, ModulesAreKeptOnceAndWhole) {
  std::string big(3'500'000, 0);
  for (size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * i / 7);
  PutModule(big);
  PutModule(big);
  PutModule("");
  ASSERT_OK_AND_ASSIGN(const std::vector<uint8_t> stored,
                       db_->GetModule(Sha256(AsBytes(big))));
  EXPECT_EQ(AsText(stored), big);
  EXPECT_TRUE(HasModule(""));
  EXPECT_FALSE(HasModule("other"));
}

TEST_F(ProcessDbTest, AProcessNeedsItsModule) {
  ProcessRecord record;
  record.set_module_hash(std::string(32, 'h'));
  EXPECT_THAT(db_->CreateProcess(record),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("put it there first")));
}

TEST_F(ProcessDbTest, AModuleGoesWithItsLastProcess) {
  const ProcessNumber a = Create("a", PutModule("module"));
  const ProcessNumber b = Create("b", PutModule("module"));
  const ProcessNumber c = Create("c", PutModule("another"));
  EXPECT_OK(db_->RemoveProcess(a));
  EXPECT_TRUE(HasModule("module"));
  Reopen();
  EXPECT_TRUE(HasModule("module"));
  EXPECT_OK(db_->RemoveProcess(b));
  EXPECT_FALSE(HasModule("module"));
  EXPECT_TRUE(HasModule("another"));
  EXPECT_OK(db_->RemoveProcess(c));
  EXPECT_FALSE(HasModule("another"));
}

TEST_F(ProcessDbTest, AModuleThatWasPutWaitsForItsProcess) {
  const ProcessNumber a = Create("a", PutModule("module"));
  const std::string hash = PutModule("module");
  EXPECT_OK(db_->RemoveProcess(a));
  EXPECT_TRUE(HasModule("module"));
  const ProcessNumber b = Create("b", hash);
  EXPECT_OK(db_->RemoveProcess(b));
  EXPECT_FALSE(HasModule("module"));
  // Whose process never comes goes when the store is opened next.
  PutModule("module");
  Reopen();
  EXPECT_FALSE(HasModule("module"));
}

TEST_F(ProcessDbTest, ACommitMayChangeTheModulesOfAProcess) {
  const ProcessNumber process = Create("a", PutModule("module"));
  Commit commit = Next(process);
  commit.record.add_other_module_hashes(std::string(32, 'h'));
  EXPECT_THAT(db_->ApplyCommit(commit, SyncMode::kSync),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  commit.record.set_other_module_hashes(0, PutModule("library"));
  EXPECT_OK(db_->ApplyCommit(commit, SyncMode::kSync));
  Reopen();
  EXPECT_TRUE(HasModule("library"));
  EXPECT_OK(db_->RemoveProcess(process));
  EXPECT_FALSE(HasModule("library"));
  EXPECT_FALSE(HasModule("module"));
}

TEST_F(ProcessDbTest, RemovingAProcessLeavesNothingAndHarmsNoNeighbour) {
  const ProcessNumber before = Create("before");
  const ProcessNumber process = Create("process");
  const ProcessNumber after = Create("after");
  const std::string page = Page('p');
  // More pages than are deleted one by one, so ranges are met too.
  for (const ProcessNumber each : {before, process, after}) {
    Commit commit = Next(each);
    commit.state = AsBytes("state");
    for (uint64_t i = 0; i < 100; ++i) {
      commit.pages.push_back({.memory = 0, .page = i, .bytes = AsBytes(page)});
      commit.log.push_back({.stream = 1, .bytes = "line\n"});
    }
    ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
  }
  EXPECT_OK(db_->RemoveProcess(process));
  for (const ProcessNumber each : {before, after}) {
    EXPECT_EQ(PagesOf(each).size(), 100u);
    EXPECT_EQ(LogOf(each, 1).size(), 500u);
    EXPECT_OK(db_->GetState(each).status());
  }
  EXPECT_THAT(db_->GetRecord(process), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(db_->GetState(process), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(db_->FindProcess("process"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(db_->RemoveProcess(process),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ProcessDbTest, BigProcesses) {
  const ProcessNumber process = Create("big");
  constexpr uint64_t kPages = 10'000;
  std::string memory(kPages * kPageBytes, 0);
  for (size_t i = 0; i < memory.size(); i += 16) {
    memory[i] = static_cast<char>(i * 2654435761u >> 13);
  }
  Commit commit = Next(process);
  for (uint64_t i = 0; i < kPages; ++i) {
    commit.pages.push_back(
        {.memory = 0,
         .page = i,
         .bytes = AsBytes(memory).subspan(i * kPageBytes, kPageBytes)});
  }
  ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kSync));
  Reopen();
  uint64_t expected = 0;
  ASSERT_OK(db_->ForEachPage(
      process, [&](uint32_t, uint64_t page, ByteSpan bytes) -> absl::Status {
        EXPECT_EQ(page, expected++);
        const std::string_view want =
            std::string_view(memory).substr(page * kPageBytes, kPageBytes);
        EXPECT_TRUE(AsText(bytes) == want) << page;
        return absl::OkStatus();
      }));
  EXPECT_EQ(expected, kPages);
  EXPECT_OK(db_->RemoveProcess(process));
}

TEST_F(ProcessDbTest, StatesOfAnySize) {
  const ProcessNumber process = Create("a");
  for (const size_t size : {0, 1, 255, 256, 100'000, 20'000'000}) {
    std::string state(size, 0);
    for (size_t i = 0; i < size; i += 3) state[i] = static_cast<char>(i >> 4);
    Commit commit = Next(process);
    commit.state = AsBytes(state);
    ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
    ASSERT_OK_AND_ASSIGN(const std::string stored, db_->GetState(process));
    EXPECT_TRUE(stored == state) << size;
  }
}

TEST_F(ProcessDbTest, ManyProcesses) {
  constexpr int kProcesses = 10'000;
  constexpr int kThreads = 8;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = t; i < kProcesses; i += kThreads) {
        ProcessRecord record;
        record.set_name(StrCat("process ", i));
        record.set_status(WAITING);
        record.set_wake_time_ns(i + 1);
        ASSERT_OK(db_->CreateProcess(record).status());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Reopen();
  std::vector<Commit> commits;
  EXPECT_OK(db_->ForEachProcess(
      [&](ProcessNumber process, const ProcessRecord& record) {
        Commit& commit = commits.emplace_back();
        commit.process = process;
        commit.record = record;
        commit.record.set_sequence(1);
        return absl::OkStatus();
      }));
  ASSERT_EQ(commits.size(), static_cast<size_t>(kProcesses));
  EXPECT_EQ(Due(kProcesses, kProcesses * 2).size(),
            static_cast<size_t>(kProcesses));
  EXPECT_OK(db_->ApplyCommits(commits, SyncMode::kSync));
  for (int i = 0; i < kProcesses; i += 997) {
    ASSERT_OK_AND_ASSIGN(const ProcessNumber process,
                         db_->FindProcess(StrCat("process ", i)));
    EXPECT_EQ(db_->GetRecord(process)->sequence(), 1u);
  }
}

TEST_F(ProcessDbTest, ThreadsCommitTheirProcessesAtOnce) {
  constexpr int kThreads = 8;
  constexpr int kCommits = 100;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      const ProcessNumber process = Create(StrCat("process ", t));
      Commit commit{.process = process};
      commit.record.set_name(StrCat("process ", t));
      const std::string page = Page(static_cast<char>('a' + t));
      for (int i = 1; i <= kCommits; ++i) {
        commit.record.set_sequence(static_cast<uint64_t>(i));
        commit.pages = {{.memory = 0,
                         .page = static_cast<uint64_t>(i % 10),
                         .bytes = AsBytes(page)}};
        ASSERT_OK(db_->ApplyCommit(
            commit, i % 2 == 0 ? SyncMode::kSync : SyncMode::kNoSync));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_OK(db_->Sync());
  Reopen();
  for (int t = 0; t < kThreads; ++t) {
    ASSERT_OK_AND_ASSIGN(const ProcessNumber process,
                         db_->FindProcess(StrCat("process ", t)));
    EXPECT_EQ(db_->GetRecord(process)->sequence(), uint64_t{kCommits});
    EXPECT_EQ(PagesOf(process).size(), 10u);
  }
}

TEST_F(ProcessDbTest, OneOfManyRacingCommitsWins) {
  const ProcessNumber process = Create("a");
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (uint64_t i = 1; i <= 50; ++i) {
        Commit commit{.process = process};
        commit.record.set_name("a");
        commit.record.set_sequence(i);
        if (db_->ApplyCommit(commit, SyncMode::kNoSync).ok()) ++won;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(static_cast<uint64_t>(won), db_->GetRecord(process)->sequence());
}

}  // namespace
}  // namespace wasmd

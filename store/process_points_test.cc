// Redo records, pages read on demand, kept points, forks and rewinding, as the
// users of ProcessDb see them. process_db_model_test has the combinations.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/process_db.h"
#include "store/testing/fault_env.h"
#include "store/testing/fault_plan.h"
#include "store/testing/temporary_directory.h"

namespace wasmd::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kPages = 64;
constexpr uint64_t kFewPages = 16;

class ProcessPointsTest : public ::testing::Test {
 protected:
  ProcessPointsTest() { Reopen(); }

  void Reopen() {
    db_.reset();
    auto opened = ProcessDb::Open(directory_ / "store", options_);
    EXPECT_OK(opened.status());
    db_ = *std::move(opened);
  }

  ProcessNumber Create(const std::string& name) {
    ProcessRecord record;
    record.set_name(name);
    const auto process = db_->CreateProcess(record);
    EXPECT_OK(process.status());
    pages_[*process] = std::vector<std::string>(kPages);
    states_[*process] = std::string(1000, 's');
    return *process;
  }

  // Changes a few bytes of some pages and of the state.
  uint64_t Step(ProcessNumber process, bool keep_point = false,
                uint64_t dirty = 5) {
    Commit commit{.process = process, .record = *db_->GetRecord(process)};
    commit.record.set_sequence(commit.record.sequence() + 1);
    std::vector<std::string>& pages = pages_[process];
    for (uint64_t i = 0; i < dirty; ++i) {
      const uint64_t page = next_++ % kPages;
      if (pages[page].empty()) pages[page].assign(kPageBytes, 'p');
      const std::string text = StrCat("commit ", next_);
      pages[page].replace(next_ * 37 % 4000, text.size(), text);
      commit.pages.push_back(
          {.memory = 0, .page = page, .bytes = AsBytes(pages[page])});
    }
    states_[process].replace(next_ % 900, 3, "new");
    const std::string line = StrCat("line ", commit.record.sequence(), "\n");
    commit.state = AsBytes(states_[process]);
    commit.log = {{.stream = 1, .bytes = line}};
    commit.keep_point = keep_point;
    EXPECT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
    return commit.record.sequence();
  }

  std::map<uint64_t, std::string> PagesAt(ProcessNumber process,
                                          std::optional<uint64_t> point = {}) {
    std::map<uint64_t, std::string> pages;
    const auto reader = db_->OpenPages(process, point);
    EXPECT_OK(reader.status());
    if (!reader.ok()) return pages;
    EXPECT_OK((*reader)->ReadAll([&](uint32_t, uint64_t page, ByteSpan bytes) {
      pages[page] = AsText(bytes);
      return absl::OkStatus();
    }));
    // A few at a time are read in another way.
    std::map<uint64_t, std::string> few;
    for (uint64_t first = 0; first < kPages; first += kFewPages) {
      EXPECT_OK((*reader)->Read(
          0, first, kFewPages, [&](uint64_t page, ByteSpan bytes) {
            EXPECT_TRUE(page >= first && page - first < kFewPages) << page;
            EXPECT_TRUE(few.empty() || few.rbegin()->first < page) << page;
            few[page] = AsText(bytes);
            return absl::OkStatus();
          }));
    }
    EXPECT_TRUE(few == pages);
    return pages;
  }
  std::map<uint64_t, std::string> Expected(ProcessNumber process) {
    std::map<uint64_t, std::string> expected;
    for (uint64_t i = 0; i < kPages; ++i) {
      if (!pages_[process][i].empty()) expected[i] = pages_[process][i];
    }
    return expected;
  }

  ProcessUsage UsageOf(ProcessNumber process) {
    const auto usage = db_->Usage();
    EXPECT_OK(usage.status());
    for (const ProcessUsage& one : usage->processes) {
      if (one.process == process) return one;
    }
    return {};
  }
  void ExpectSound() {
    EXPECT_OK(db_->Check([](const StoreFinding& finding) {
                   ADD_FAILURE() << finding.what;
                 })
                  .status());
  }

  TemporaryDirectory directory_;
  OpenOptions options_;
  std::unique_ptr<ProcessDb> db_;
  std::map<ProcessNumber, std::vector<std::string>> pages_;
  std::map<ProcessNumber, std::string> states_;
  uint64_t next_ = 0;
};

TEST_F(ProcessPointsTest, CommitsWriteWhatChanged) {
  const ProcessNumber process = Create("a");
  for (int i = 0; i < 30; ++i) Step(process);
  const uint64_t before = db_->Statistics().written_bytes;
  for (int i = 0; i < 100; ++i) Step(process);
  // Of 20 KiB of pages and 1 KiB of state.
  EXPECT_LT((db_->Statistics().written_bytes - before) / 100, 600u);
  EXPECT_EQ(PagesAt(process), Expected(process));
  EXPECT_EQ(*db_->GetState(process), states_[process]);
  Reopen();
  EXPECT_EQ(PagesAt(process), Expected(process));
  EXPECT_EQ(*db_->GetState(process), states_[process]);
  ExpectSound();
}

TEST_F(ProcessPointsTest, TheWindowStaysBounded) {
  options_.redo_window_records = 50;
  Reopen();
  const ProcessNumber process = Create("a");
  uint64_t largest_commit = 0;
  for (int i = 0; i < 1000; ++i) {
    // Now and then as after a crash or a resume, without what was in memory.
    if (i % 170 == 0) db_->Forget(process);
    if (i % 300 == 299) Reopen();
    const uint64_t before = db_->Statistics().written_bytes;
    Step(process);
    if (i % 170 > 30 && i % 300 > 30) {
      largest_commit =
          std::max(largest_commit, db_->Statistics().written_bytes - before);
    }
  }
  EXPECT_EQ(PagesAt(process), Expected(process));
  // Records of some 200 bytes, and some that are to be deleted.
  EXPECT_LT(UsageOf(process).redo_bytes, 70u * 350);
  // At most the 5 that are written and 3 more are written whole, not 64.
  EXPECT_LT(largest_commit, 10'000u);
  ExpectSound();
}

TEST_F(ProcessPointsTest, PagesAreReadWhileTheProcessCommits) {
  options_.redo_window_records = 20;
  Reopen();
  const ProcessNumber process = Create("a");
  for (int i = 0; i < 40; ++i) Step(process);
  // Of a second memory, which is not written after.
  std::vector<std::string> still(kPages);
  for (int round = 0; round < 3; ++round) {
    Commit commit{.process = process, .record = *db_->GetRecord(process)};
    commit.record.set_sequence(commit.record.sequence() + 1);
    for (uint64_t i = 0; i < kPages; ++i) {
      still[i].resize(kPageBytes, 'm');
      still[i].replace(100 * round, 5, StrCat(i, "....").substr(0, 5));
      commit.pages.push_back(
          {.memory = 1, .page = i, .bytes = AsBytes(still[i])});
    }
    ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
  }
  ASSERT_OK_AND_ASSIGN(const auto reader, db_->OpenPages(process));
  std::atomic<bool> done = false;
  std::thread other([&] {
    while (!done) {
      uint64_t next = 0;
      EXPECT_OK(reader->Read(1, 0, kPages, [&](uint64_t page, ByteSpan bytes) {
        EXPECT_EQ(page, next++);
        EXPECT_TRUE(AsText(bytes) == still[page]) << page;
        return absl::OkStatus();
      }));
      EXPECT_EQ(next, kPages);
      EXPECT_OK(reader->Read(1, 7, 1, [&](uint64_t, ByteSpan bytes) {
        EXPECT_TRUE(AsText(bytes) == still[7]);
        return absl::OkStatus();
      }));
    }
  });
  for (int i = 0; i < 500; ++i) Step(process);
  done = true;
  other.join();
  EXPECT_THAT(reader->Read(1, 0, 2,
                           [](uint64_t, ByteSpan) {
                             return absl::InternalError("enough");
                           }),
              StatusIs(absl::StatusCode::kInternal, "enough"));
  EXPECT_THAT(db_->OpenPages(process + 1).status(),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ProcessPointsTest, AFewPagesAreReadFromTheFileThatHasThem) {
  FaultEnv faults(/*seed=*/1);
  options_.env = faults.env();
  options_.write_buffer_bytes = 1 << 20;
  Reopen();
  const ProcessNumber process = Create("a");
  // Files that RocksDB has no reason to compact yet, each with a record of
  // the process, a state, and pages between these that the others do not have.
  constexpr uint64_t kPagesOfFile = 1000;
  for (uint64_t file = 0; file < 4; ++file) {
    Commit commit{.process = process, .record = *db_->GetRecord(process)};
    commit.record.set_sequence(commit.record.sequence() + 1);
    std::vector<std::string> pages;
    for (uint64_t i = 0; i < kPagesOfFile; ++i) {
      pages.push_back(std::string(kPageBytes, static_cast<char>('a' + file)));
      for (size_t at = 0; at < kPageBytes; at += 5) {
        pages.back()[at] =
            static_cast<char>((i + at) * (i + 7) * 2654435761u >> 13);
      }
    }
    for (uint64_t i = 0; i < kPagesOfFile; ++i) {
      commit.pages.push_back({.memory = 0,
                              .page = file * kPagesOfFile + i,
                              .bytes = AsBytes(pages[i])});
    }
    const std::string state(500, static_cast<char>('a' + file));
    commit.state = AsBytes(state);
    ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kSync));
  }
  Reopen();
  ASSERT_OK_AND_ASSIGN(const auto reader, db_->OpenPages(process));
  size_t read = 0;
  const auto count = [&read](uint64_t, ByteSpan bytes) {
    EXPECT_EQ(bytes[1], 'b');
    ++read;
    return absl::OkStatus();
  };
  // One read of neighbours in one file; any other fails.
  faults.Inject({.operation = FileOperation::kRead,
                 .nth = 2,
                 .times = Fault::kAlways,
                 .suffix = ".sst"});
  EXPECT_OK(reader->Read(0, 1500, kFewPages, count));
  EXPECT_EQ(read, kFewPages);
  EXPECT_EQ(faults.faults_met(), 0);
  EXPECT_THAT(reader->Read(0, 1600, kFewPages, count),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("page 1600 of memory 0 of process 1")));
  faults.ClearFaults();
  EXPECT_OK(reader->Read(0, 1600, kFewPages, count));
  db_.reset();
}

TEST_F(ProcessPointsTest, PointsKeepWhatTheProcessWas) {
  options_.redo_window_records = 10;
  Reopen();
  const ProcessNumber process = Create("a");
  std::map<uint64_t, std::map<uint64_t, std::string>> pages;
  std::map<uint64_t, std::string> states;
  for (int i = 0; i < 200; ++i) {
    const uint64_t sequence = Step(process, /*keep_point=*/i % 20 == 10);
    if (i % 20 != 10) continue;
    pages[sequence] = Expected(process);
    states[sequence] = states_[process];
  }
  Reopen();
  ASSERT_OK_AND_ASSIGN(const auto points, db_->ListPoints(process));
  ASSERT_EQ(points.size(), 10u);
  for (const KeptPoint& point : points) {
    EXPECT_EQ(point.record.sequence(), point.sequence);
    EXPECT_EQ(point.state_bytes, 1000u);
    EXPECT_EQ(PagesAt(process, point.sequence), pages[point.sequence]);
    EXPECT_EQ(*db_->GetStateAt(process, point.sequence),
              states[point.sequence]);
  }
  EXPECT_EQ(*db_->LogBytesAt(process, points[0].sequence, 1), 9u * 7 + 2 * 8);
  EXPECT_EQ(*db_->LogBytesAt(process, points[0].sequence, 2), 0u);
  EXPECT_THAT(db_->GetStateAt(process, 5),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("process 1 has no kept point 5")));
  ExpectSound();

  // What only dropped points needed goes with them.
  const uint64_t all = UsageOf(process).history_bytes;
  EXPECT_OK(db_->DropPoints(process, {.max_points = 3}));
  ASSERT_OK_AND_ASSIGN(const auto left, db_->ListPoints(process));
  ASSERT_EQ(left.size(), 3u);
  EXPECT_LT(UsageOf(process).history_bytes, all / 2);
  for (const KeptPoint& point : left) {
    EXPECT_EQ(PagesAt(process, point.sequence), pages[point.sequence]);
  }
  EXPECT_OK(
      db_->DropPoints(process, {.min_sequence = left.back().sequence + 1}));
  EXPECT_EQ(UsageOf(process).history_bytes, 0u);
  EXPECT_EQ(PagesAt(process), Expected(process));
  ExpectSound();
}

TEST_F(ProcessPointsTest, APointNeedsItsState) {
  const ProcessNumber process = Create("a");
  Commit commit{.process = process, .record = *db_->GetRecord(process)};
  commit.record.set_sequence(1);
  commit.keep_point = true;
  EXPECT_THAT(db_->ApplyCommit(commit, SyncMode::kSync),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ProcessPointsTest, ForksShareUntilTheyWrite) {
  const ProcessNumber parent = Create("a");
  for (int i = 0; i < 50; ++i) Step(parent);
  const auto at_fork = Expected(parent);
  const std::string state = states_[parent];
  const uint64_t before = UsageOf(parent).total();
  ForkRequest request{.parent = parent};
  request.record.set_name("child");
  ASSERT_OK_AND_ASSIGN(const ProcessNumber child, db_->Fork(request));
  // A copy of the state and nothing of the pages.
  EXPECT_LT(UsageOf(child).total(), 1000u);
  EXPECT_LT(UsageOf(parent).total(), before + 500);
  EXPECT_EQ(PagesAt(child), at_fork);
  EXPECT_EQ(*db_->GetState(child), state);
  EXPECT_EQ(*db_->FindProcess("child"), child);

  for (int i = 0; i < 20; ++i) Step(parent);
  EXPECT_EQ(PagesAt(parent), Expected(parent));
  EXPECT_EQ(PagesAt(child), at_fork);
  pages_[child] = std::vector<std::string>(kPages);
  for (const auto& [page, bytes] : at_fork) pages_[child][page] = bytes;
  states_[child] = state;
  for (int i = 0; i < 5; ++i) Step(child);
  EXPECT_EQ(PagesAt(child), Expected(child));
  EXPECT_EQ(PagesAt(parent), Expected(parent));

  // And forks of forks.
  const auto child_pages = Expected(child);
  request = {.parent = child};
  ASSERT_OK_AND_ASSIGN(const ProcessNumber grandchild, db_->Fork(request));
  for (int i = 0; i < 5; ++i) Step(child);
  Reopen();
  EXPECT_EQ(PagesAt(grandchild), child_pages);
  ExpectSound();

  // Parents outlive their children.
  EXPECT_THAT(
      db_->RemoveProcess(parent),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("shares its pages with its forks 2: remove them")));
  EXPECT_THAT(db_->RemoveProcess(child),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_OK(db_->RemoveProcess(grandchild));
  EXPECT_OK(db_->RemoveProcess(child));
  EXPECT_EQ(UsageOf(parent).history_bytes, 0u);
  ExpectSound();
  EXPECT_EQ(PagesAt(parent), Expected(parent));
  EXPECT_OK(db_->RemoveProcess(parent));
  ASSERT_OK_AND_ASSIGN(const StoreUsage usage, db_->Usage());
  EXPECT_THAT(usage.processes, IsEmpty());
}

TEST_F(ProcessPointsTest, ChainsOfForksEnd) {
  ProcessNumber parent = Create("a");
  EXPECT_THAT(db_->Fork({.parent = parent}).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("has no state yet")));
  EXPECT_THAT(db_->Fork({.parent = 77}).status(),
              StatusIs(absl::StatusCode::kNotFound));
  Step(parent);
  const auto pages = Expected(parent);
  for (int i = 1; i < 64; ++i) {
    ASSERT_OK_AND_ASSIGN(const ProcessNumber same,
                         db_->Fork({.parent = parent}));
    // One that has not run shares with whom its parent shares.
    ASSERT_OK_AND_ASSIGN(const ProcessNumber child,
                         db_->Fork({.parent = same}));
    ASSERT_OK(db_->RemoveProcess(same));
    states_[child] = states_[parent];
    Step(child, /*keep_point=*/false, /*dirty=*/0);
    parent = child;
  }
  EXPECT_EQ(PagesAt(parent), pages);
  EXPECT_THAT(db_->Fork({.parent = parent}).status(),
              StatusIs(absl::StatusCode::kResourceExhausted));
  ExpectSound();
}

TEST_F(ProcessPointsTest, RewindingMakesAPointTheLastState) {
  options_.redo_window_records = 15;
  Reopen();
  const ProcessNumber process = Create("a");
  for (int i = 0; i < 30; ++i) Step(process);
  const uint64_t first = Step(process, /*keep_point=*/true);
  const auto pages = Expected(process);
  const std::string state = states_[process];
  for (int i = 0; i < 40; ++i) Step(process);
  const uint64_t second = Step(process, /*keep_point=*/true);
  const auto pages_of_second = Expected(process);
  ASSERT_OK_AND_ASSIGN(const ProcessNumber child,
                       db_->Fork({.parent = process, .point = second}));
  for (int i = 0; i < 7; ++i) Step(process);

  RewindRequest request{.process = process, .point = first};
  request.record = *db_->GetRecordAt(process, first);
  EXPECT_THAT(db_->Rewind(request),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  request.record.set_sequence(db_->GetRecord(process)->sequence() + 1);
  EXPECT_OK(db_->Rewind(request));
  const auto check = [&] {
    EXPECT_EQ(PagesAt(process), pages);
    EXPECT_EQ(*db_->GetState(process), state);
    std::string log;
    EXPECT_OK(db_->ForEachLog(process, 1, 0, [&](ByteSpan bytes) {
      log += AsText(bytes);
      return absl::OkStatus();
    }));
    EXPECT_EQ(log.size(), *db_->LogBytesAt(process, first, 1));
    EXPECT_THAT(log, ::testing::EndsWith("line 31\n"));
    // The child has what it had.
    EXPECT_EQ(PagesAt(child), pages_of_second);
    ASSERT_OK_AND_ASSIGN(const auto points, db_->ListPoints(process));
    ASSERT_EQ(points.size(), 1u);
    EXPECT_EQ(points[0].sequence, first);
    ExpectSound();
  };
  check();
  Reopen();
  check();
  EXPECT_GT(db_->GetRecord(process)->sequence(), second);

  // And goes on from there, and back again.
  for (uint64_t i = 0; i < kPages; ++i) pages_[process][i].clear();
  for (const auto& [page, bytes] : pages) pages_[process][page] = bytes;
  states_[process] = state;
  for (int i = 0; i < 40; ++i) Step(process);
  EXPECT_EQ(PagesAt(process), Expected(process));
  EXPECT_EQ(PagesAt(child), pages_of_second);
  request.record.set_sequence(db_->GetRecord(process)->sequence() + 1);
  EXPECT_OK(db_->Rewind(request));
  EXPECT_EQ(PagesAt(process), pages);
  EXPECT_OK(db_->RemoveProcess(child));
  EXPECT_OK(db_->RemoveProcess(process));
  ExpectSound();
}

}  // namespace
}  // namespace wasmd::testing

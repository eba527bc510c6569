// Input that others left for processes to read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/testing/status_matchers.h"
#include "store/input.h"
#include "store/process_db.h"
#include "store/testing/temporary_directory.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::wasmd::testing::StatusIs;
using ::wasmd::testing::TemporaryDirectory;

class ProcessDbInputTest : public ::testing::Test {
 protected:
  ProcessDbInputTest() {
    Reopen();
    process_ = Create("a");
  }

  void Reopen() {
    db_.reset();
    auto opened = ProcessDb::Open(directory_ / "store");
    ASSERT_OK(opened.status());
    db_ = *std::move(opened);
  }

  ProcessNumber Create(const std::string& name) {
    ProcessRecord record;
    record.set_name(name);
    const auto created = db_->CreateProcess(record);
    EXPECT_OK(created.status());
    return created.value_or(0);
  }

  absl::Status Append(uint64_t offset, std::string_view text,
                      uint64_t token = 7, bool closes = false) {
    return db_->AppendInput({.process = process_,
                             .offset = offset,
                             .token = token,
                             .bytes = AsBytes(text),
                             .closes = closes},
                            SyncMode::kSync);
  }

  // What is there from `offset` on, as "OFFSET:TEXT", with a "." at the end of
  // a closed one.
  std::string Read(uint64_t offset, size_t max_bytes = 100) {
    return ReadOf(process_, offset, max_bytes);
  }
  std::string ReadOf(ProcessNumber process, uint64_t offset,
                     size_t max_bytes = 100) {
    const auto read = db_->ReadInput(process, offset, max_bytes);
    EXPECT_OK(read.status());
    if (!read.ok()) return "";
    return std::to_string(read->offset) + ":" + read->bytes +
           (read->bytes.empty() && read->is_closed ? "." : "");
  }

  void CommitReadTo(uint64_t offset, bool has_state = false) {
    Commit commit{.process = process_};
    commit.record = *db_->GetRecord(process_);
    commit.record.set_sequence(commit.record.sequence() + 1);
    commit.input_read = offset;
    if (has_state) commit.state = AsBytes("state");
    ASSERT_OK(db_->ApplyCommit(commit, SyncMode::kNoSync));
  }

  std::vector<std::string> Findings() {
    std::vector<std::string> findings;
    EXPECT_OK(db_->Check([&](const StoreFinding& finding) {
                   findings.push_back(finding.what);
                 })
                  .status());
    return findings;
  }

  const TemporaryDirectory directory_;
  std::unique_ptr<ProcessDb> db_;
  ProcessNumber process_ = 0;
};

TEST_F(ProcessDbInputTest, IsReadInTheOrderInWhichItWasAppended) {
  EXPECT_EQ(Read(0), "0:");
  ASSERT_OK(Append(0, "hello "));
  ASSERT_OK(Append(6, "world"));
  Reopen();
  EXPECT_EQ(Read(0), "0:hello ");
  EXPECT_EQ(Read(2, 3), "2:llo");
  EXPECT_EQ(Read(6), "6:world");
  EXPECT_EQ(Read(11), "11:");
  const auto end = db_->GetInputEnd(process_);
  ASSERT_OK(end.status());
  EXPECT_EQ(end->offset, 11u);
  EXPECT_FALSE(end->is_closed);
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(ProcessDbInputTest, IsAppendedOnceAndOnlyAtItsEnd) {
  ASSERT_OK(Append(0, "one", /*token=*/1));
  // The same write again, for want of an answer.
  ASSERT_OK(Append(0, "one", /*token=*/1));
  EXPECT_EQ(db_->GetInputEnd(process_)->offset, 3u);
  // Another's, who thought that it ended there.
  EXPECT_THAT(Append(0, "one", /*token=*/2),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("ends at 3")));
  EXPECT_THAT(Append(4, "x"), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Append(3, ""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Append(3, std::string(kMaxInputWriteBytes + 1, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK(Append(3, std::string(kMaxInputWriteBytes, 'x')));
  process_ = 99;
  EXPECT_THAT(Append(0, "x"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ProcessDbInputTest, EndsWhereItWasClosed) {
  ASSERT_OK(Append(0, "last words"));
  ASSERT_OK(Append(10, "", 8, /*closes=*/true));
  EXPECT_THAT(
      Append(10, "more", 9),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is closed")));
  EXPECT_EQ(Read(4), "4: words");
  EXPECT_EQ(Read(10), "10:.");
  CommitReadTo(10);
  EXPECT_EQ(Read(10), "10:.");
  EXPECT_TRUE(db_->GetInputEnd(process_)->is_closed);
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(ProcessDbInputTest, IsGoneWhenACommitSaysThatItWasRead) {
  ASSERT_OK(Append(0, "aa", 1));
  ASSERT_OK(Append(2, "bb", 2));
  ASSERT_OK(Append(4, "cc", 3));
  CommitReadTo(3);  // the block is needed yet
  EXPECT_EQ(Read(0), "2:bb");
  CommitReadTo(6);  // the last says where it ends
  EXPECT_EQ(Read(0), "4:cc");
  EXPECT_EQ(Read(6), "6:");
  ASSERT_OK(Append(6, "dd", 4));
  EXPECT_EQ(Read(6), "6:dd");
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(ProcessDbInputTest, GoesWithItsProcessAndToItsForks) {
  ASSERT_OK(Append(0, "aa", 1));
  ASSERT_OK(Append(2, "bb", 2));
  const ProcessNumber other = Create("other");
  CommitReadTo(0, /*has_state=*/true);
  ForkRequest fork{.parent = process_, .input_from = 3};
  fork.record.set_name("child");
  const auto child = db_->Fork(fork);
  ASSERT_OK(child.status());
  EXPECT_EQ(ReadOf(*child, 3), "3:b");
  EXPECT_EQ(ReadOf(*child, 0), "2:bb");
  EXPECT_EQ(ReadOf(other, 0), "0:");
  fork.record.set_name("without");
  fork.input_from.reset();
  const auto without = db_->Fork(fork);
  ASSERT_OK(without.status());
  EXPECT_EQ(ReadOf(*without, 0), "0:");
  ASSERT_OK(db_->RemoveProcess(*child));
  EXPECT_EQ(ReadOf(*child, 0), "0:");
  EXPECT_EQ(Read(0), "0:aa");
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(ProcessDbInputTest, BeginsWhereItIsToldTo) {
  const std::string_view text = "rest";
  ASSERT_OK(db_->AppendInput({.process = process_,
                              .offset = 40,
                              .token = 1,
                              .bytes = AsBytes(text),
                              .begins = true},
                             SyncMode::kNoSync));
  EXPECT_EQ(Read(40), "40:rest");
  EXPECT_EQ(db_->GetInputEnd(process_)->offset, 44u);
}

}  // namespace
}  // namespace wasmd

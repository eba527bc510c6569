#include "runtime/taken_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "runtime/outside.h"
#include "runtime/testing/fake_outside.h"

namespace wasmd {
namespace {

using ::wasmd::testing::FakeOutside;
using ::wasmd::testing::StatusIs;

class TakenInputTest : public ::testing::Test {
 protected:
  TakenInputTest()
      : folder_(StrCat(
            ::testing::TempDir(), "/taken_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    Reopen();
  }
  ~TakenInputTest() override { std::filesystem::remove_all(folder_); }

  // As the next wasmd would.
  void Reopen() { taken_ = std::make_unique<TakenInput>(folder_); }

  std::string Take(uint64_t offset, size_t max_bytes) {
    const auto taken = taken_->Take(outside_, offset, max_bytes);
    EXPECT_OK(taken.status());
    if (!taken.ok()) return "";
    return taken->has_value() ? StrCat(**taken) : "nothing yet";
  }
  std::string Read(uint64_t offset, size_t max_bytes = 100) {
    const auto read = taken_->Read(&offset, max_bytes);
    EXPECT_OK(read.status());
    return read.ok() ? StrCat(offset, ":", *read) : "";
  }
  size_t Files() {
    size_t count = 0;
    for ([[maybe_unused]] const auto& file :
         std::filesystem::directory_iterator(folder_)) {
      ++count;
    }
    return count;
  }

  const std::string folder_;
  FakeOutside outside_;
  std::unique_ptr<TakenInput> taken_;
};

TEST_F(TakenInputTest, KeepsWhatItTookForTheNextOne) {
  outside_.input = "hello world";
  EXPECT_EQ(Take(0, 6), "6");
  Reopen();
  EXPECT_EQ(Read(0), "0:hello ");
  EXPECT_EQ(Read(2, 3), "2:llo");
  EXPECT_EQ(Read(6), "6:");
  EXPECT_EQ(Take(6, 100), "5");
  EXPECT_EQ(Read(6), "6:world");
  EXPECT_EQ(Take(11, 100), "0");
  outside_.input_ended = false;
  EXPECT_EQ(Take(11, 100), "nothing yet");
}

TEST_F(TakenInputTest, DropsFilesThatAreNotNeeded) {
  const std::string piece(size_t{1} << 20, 'x');
  uint64_t end = 0;
  for (int i = 0; i < 20; ++i) {
    outside_.input = piece;
    ASSERT_OK(taken_->Take(outside_, end, piece.size()).status());
    end += piece.size();
    taken_->DropBefore(end);
    EXPECT_LE(Files(), 2u);
  }
  EXPECT_EQ(Read(end), StrCat(end, ":"));
  taken_->Remove();
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(TakenInputTest, GoesOnBehindWhatTheProcessHas) {
  outside_.input = "lost";
  ASSERT_OK(taken_->Take(outside_, 0, 4).status());
  Reopen();
  // The machine ended: the process has more than the files.
  outside_.input = "new";
  ASSERT_OK(taken_->Take(outside_, 10, 3).status());
  EXPECT_EQ(Read(10), "10:new");
  // The process was rewound: it has less than what is still there.
  EXPECT_EQ(Read(5), "10:new");
}

TEST_F(TakenInputTest, SaysWhereItCannotWrite) {
  TakenInput nowhere(folder_ + "/not/there");
  EXPECT_THAT(nowhere.Take(outside_, 0, 1),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace wasmd

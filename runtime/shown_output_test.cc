#include "runtime/shown_output.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/str_cat.h"
#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::wasmd::testing::StatusIs;

std::string TestFile(const char* name) {
  const std::string path = StrCat(::testing::TempDir(), "/shown_", name);
  std::filesystem::remove(path);
  return path;
}

TEST(ShownOutputTest, KeepsItsCounts) {
  const std::string path = TestFile("counts");
  {
    ASSERT_OK_AND_ASSIGN(std::unique_ptr<ShownOutput> shown,
                         ShownOutput::Create(path));
    EXPECT_EQ(shown->bytes(1), 0u);
    shown->Add(1, 5);
    shown->Add(2, uint64_t{1} << 40);
    shown->Add(1, 2);
  }
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<ShownOutput> shown,
                       ShownOutput::Open(path));
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(shown->bytes(1), 7u);
  EXPECT_EQ(shown->bytes(2), uint64_t{1} << 40);
}

TEST(ShownOutputTest, OpenMakesNoFile) {
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<ShownOutput> shown,
                       ShownOutput::Open(TestFile("none")));
  EXPECT_EQ(shown, nullptr);
}

TEST(ShownOutputTest, RemovedItIsGoneButStillCounts) {
  const std::string path = TestFile("removed");
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<ShownOutput> shown,
                       ShownOutput::Create(path));
  shown->Add(1, 3);
  shown->Remove();
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(shown->bytes(1), 3u);
}

TEST(ShownOutputTest, SaysWhichFileCannotBe) {
  EXPECT_THAT(ShownOutput::Create("/no/such/folder/file"),
              StatusIs(absl::StatusCode::kUnavailable,
                       ::testing::HasSubstr("/no/such/folder/file: No such")));
}

}  // namespace
}  // namespace wasmd

#include "store/info_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "store/testing/temporary_directory.h"

namespace wasmd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::wasmd::testing::TemporaryDirectory;

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(InfoLogTest, KeepsWarningsAndErrorsOnly) {
  TemporaryDirectory directory;
  {
    const auto log = MakeInfoLog(directory.path());
    rocksdb::Header(log, "options");
    rocksdb::Info(log, "opened");
    EXPECT_FALSE(std::filesystem::exists(directory / "LOG"));
    rocksdb::Warn(log, "slow: %d", 7);
    rocksdb::Error(log, "%s", std::string(5000, 'e').c_str());
  }
  const std::string text = Contents(directory / "LOG");
  EXPECT_THAT(text, HasSubstr("slow: 7\n"));
  EXPECT_THAT(text, EndsWith("eeee\n"));
  EXPECT_LT(text.size(), 3000u);
  // The next one goes on where this one ended.
  rocksdb::Warn(MakeInfoLog(directory.path()), "later");
  EXPECT_THAT(Contents(directory / "LOG"),
              ::testing::AllOf(HasSubstr("slow"), EndsWith("later\n")));
}

TEST(InfoLogTest, DropsWhatCannotBeWritten) {
  TemporaryDirectory directory;
  rocksdb::Error(MakeInfoLog(directory / "absent"), "lost");
  EXPECT_FALSE(std::filesystem::exists(directory / "absent"));
}

TEST(InfoLogTest, KeepsBoundedMuch) {
  TemporaryDirectory directory;
  const auto log = MakeInfoLog(directory.path());
  const std::string text(1000, 'x');
  for (int i = 0; i < 3000; ++i) rocksdb::Warn(log, "%d%s", i, text.c_str());
  const uint64_t kept = std::filesystem::file_size(directory / "LOG") +
                        std::filesystem::file_size(directory / "LOG.old");
  EXPECT_LE(kept, kMaxInfoLogBytes + 4096);
  EXPECT_GT(kept, kMaxInfoLogBytes / 4);
  EXPECT_THAT(Contents(directory / "LOG"), HasSubstr("2999x"));
}

TEST(InfoLogTest, ASilentLogWritesNothing) {
  TemporaryDirectory directory;
  rocksdb::Error(MakeSilentLog(), "nothing");
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

}  // namespace
}  // namespace wasmd

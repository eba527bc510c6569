#include "runtime/module_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/sha256.h"
#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using ::wasmd::testing::StatusIs;

class ReadFileTest : public ::testing::Test {
 protected:
  std::vector<uint8_t> Write(size_t size) {
    std::vector<uint8_t> bytes(size);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random_());
    std::ofstream file(path_, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(size));
    return bytes;
  }

  const std::string path_ = ::testing::TempDir() + "/read_file_test";
  std::mt19937 random_{7};
};

// Large files are read by two threads.
TEST_F(ReadFileTest, GivesTheWholeFile) {
  constexpr size_t kMiB = size_t{1} << 20;
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{4095}, size_t{4096}, size_t{100'000},
        8 * kMiB - 1, 8 * kMiB, 8 * kMiB + 1, 20 * kMiB + 3}) {
    const std::vector<uint8_t> bytes = Write(size);
    const auto read = ReadFile(path_);
    ASSERT_OK(read);
    EXPECT_TRUE(*read == bytes) << size;
  }
}

TEST_F(ReadFileTest, ReadsWhatHasNoSize) {
  const auto device = ReadFile("/dev/null");
  ASSERT_OK(device);
  EXPECT_TRUE(device->empty());

  std::remove(path_.c_str());
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  const std::string text(100'000, 'x');
  std::thread writer([&] { std::ofstream(path_) << text; });
  const auto read = ReadFile(path_);
  writer.join();
  std::remove(path_.c_str());
  ASSERT_OK(read);
  EXPECT_EQ(read->size(), text.size());
}

TEST_F(ReadFileTest, HasALimit) {
  Write(20 << 20);
  EXPECT_OK(ReadFile(path_, 20 << 20));
  EXPECT_THAT(ReadFile(path_, (20 << 20) - 1),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr(path_)));
  EXPECT_THAT(ReadFile(path_, 5),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("5")));
}

TEST_F(ReadFileTest, SaysWhatIsWrong) {
  EXPECT_THAT(ReadFile(path_ + "/none"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("none")));
  EXPECT_THAT(ReadFile(path_ + "-none"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("-none")));
  EXPECT_THAT(ReadFile(::testing::TempDir()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("directory")));
}

TEST(HashMeanwhileTest, HashesSmallAndLarge) {
  for (const size_t size : {size_t{10}, size_t{1} << 20}) {
    const std::vector<uint8_t> bytes(size, 5);
    const ModuleBinary binary = HashMeanwhile(bytes);
    EXPECT_EQ(*binary.bytes, bytes);
    EXPECT_EQ(binary.hash(), Sha256(bytes));
    EXPECT_EQ(binary.hash(), Sha256(bytes));
  }
}

// What is not asked for does not outlive its bytes.
TEST(HashMeanwhileTest, MayBeDropped) {
  HashMeanwhile(std::vector<uint8_t>(size_t{8} << 20, 1));
}

}  // namespace
}  // namespace wasmd

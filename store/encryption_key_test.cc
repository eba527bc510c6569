#include "store/encryption_key.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/testing/temporary_directory.h"

namespace wasmd::testing {
namespace {

constexpr char kDigits[] =
    "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

std::string Raw() {
  std::string bytes;
  for (char byte = 0; byte < 32; ++byte) bytes.push_back(byte);
  return bytes;
}

std::string BytesOf(const EncryptionKey& key) {
  return {key.bytes().begin(), key.bytes().end()};
}

TEST(EncryptionKeyTest, DigitsAndBytesAreKeys) {
  for (const std::string& text :
       {std::string(kDigits), StrCat(" ", kDigits, "\r\n"), Raw()}) {
    ASSERT_OK_AND_ASSIGN(const EncryptionKey key,
                         ParseEncryptionKey(text, "the test"));
    EXPECT_EQ(BytesOf(key), Raw());
  }
}

TEST(EncryptionKeyTest, OtherTextIsNoKeyAndIsNotShown) {
  for (const std::string& text :
       {std::string(), std::string("password"), std::string(kDigits) + "0",
        std::string(kDigits).substr(1), "g" + std::string(kDigits).substr(1),
        Raw() + "\n", std::string(500, 'a')}) {
    EXPECT_THAT(
        ParseEncryptionKey(text, "the test"),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 "the test has no key: it must be 64 hexadecimal digits, or 32 "
                 "bytes"));
  }
}

TEST(EncryptionKeyTest, AFileHasAKey) {
  TemporaryDirectory directory;
  const std::string path = directory / "key";
  EXPECT_THAT(ReadKeyFile(path),
              StatusIs(absl::StatusCode::kNotFound,
                       StrCat("cannot read the key file ", path,
                              ": No such file or directory")));
  std::ofstream(path) << kDigits << "\n";
  ASSERT_OK_AND_ASSIGN(const EncryptionKey key, ReadKeyFile(path));
  EXPECT_EQ(BytesOf(key), Raw());
  EXPECT_THAT(ReadKeyFile(directory.path()),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(EncryptionKeyTest, ACommandPrintsAKey) {
  ASSERT_OK_AND_ASSIGN(const EncryptionKey key,
                       RunKeyCommand(StrCat("echo ", kDigits)));
  EXPECT_EQ(BytesOf(key), Raw());
  EXPECT_THAT(RunKeyCommand(StrCat("echo ", kDigits, "; exit 3")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       StrCat("the key command failed (exit code 3): echo ",
                              kDigits, "; exit 3")));
  EXPECT_THAT(RunKeyCommand("kill -9 $$"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the key command failed (signal 9): kill -9 $$"));
  EXPECT_THAT(RunKeyCommand("true"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(EncryptionKeyTest, RandomKeysDiffer) {
  ASSERT_OK_AND_ASSIGN(const EncryptionKey one, EncryptionKey::MakeRandom());
  ASSERT_OK_AND_ASSIGN(const EncryptionKey other, EncryptionKey::MakeRandom());
  EXPECT_NE(BytesOf(one), BytesOf(other));
}

}  // namespace
}  // namespace wasmd::testing

#include "store/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using ::wasmd::testing::StatusIs;

std::string Join(const ValueSealer::Parts& parts) {
  std::string value;
  for (const std::string_view part : parts) value.append(part);
  return value;
}

std::string SealPage(std::string_view key, std::string_view payload,
                     Compression compression = Compression::kLz4) {
  ValueSealer sealer;
  return Join(sealer.Seal(key, AsBytes(payload), compression));
}

std::string RandomText(size_t size) {
  std::mt19937_64 random(size);
  std::string text(size, 0);
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(ValueTest, GivesBackWhatWasSealed) {
  for (const size_t size : {0, 1, 255, 256, 4096, 100'000}) {
    for (const std::string& text : {RandomText(size), std::string(size, 'a')}) {
      const std::string value = SealPage("key", text);
      std::string buffer;
      ASSERT_OK_AND_ASSIGN(ByteSpan bytes,
                           Unseal("key", value, text.size(), &buffer));
      EXPECT_EQ(AsText(bytes), text);
    }
  }
}

TEST(ValueTest, CompressesOnlyWhereItPays) {
  const std::string text(4096, 'a');
  EXPECT_LT(SealPage("key", text).size(), 100u);
  EXPECT_EQ(SealPage("key", text, Compression::kNone).size(), 4096u + 9);
  EXPECT_EQ(SealPage("key", RandomText(4096)).size(), 4096u + 9);
  EXPECT_EQ(SealPage("key", std::string(100, 'a')).size(), 109u);
}

TEST(ValueTest, EveryFlippedBitIsSeen) {
  for (const std::string& text : {std::string(300, 'a'), RandomText(20)}) {
    const std::string value = SealPage("key", text);
    for (size_t bit = 0; bit < value.size() * 8; ++bit) {
      std::string damaged = value;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      std::string buffer;
      EXPECT_THAT(Unseal("key", damaged, 4096, &buffer),
                  StatusIs(absl::StatusCode::kDataLoss));
    }
  }
}

TEST(ValueTest, EveryTruncationIsSeen) {
  const std::string value = SealPage("key", std::string(300, 'a'));
  for (size_t size = 0; size < value.size(); ++size) {
    std::string buffer;
    EXPECT_THAT(Unseal("key", value.substr(0, size), 4096, &buffer),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(ValueTest, AValueUnderAnotherKeyIsDamaged) {
  const std::string key(MakePageKey({.process = 7, .page = 3}).view());
  const std::string other(MakePageKey({.process = 7, .page = 4}).view());
  const std::string value = SealPage(key, "text");
  std::string buffer;
  EXPECT_THAT(
      Unseal(other, value, 4096, &buffer),
      StatusIs(absl::StatusCode::kDataLoss,
               HasSubstr("page 4 of memory 0 of process 7 is damaged")));
}

TEST(ValueTest, MoreThanExpectedIsDamaged) {
  std::string buffer;
  EXPECT_THAT(
      Unseal("key", SealPage("key", std::string(4097, 'a')), 4096, &buffer),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("size")));
  EXPECT_THAT(Unseal("key", SealPage("key", RandomText(4097)), 4096, &buffer),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("too large")));
}

// Persisted: these bytes must never change.
TEST(ValueTest, LayoutIsPinned) {
  EXPECT_EQ(SealPage("key", "text"),
            std::string("\0textD;\x8d\xa5\xd0TJw", 13));
}

}  // namespace
}  // namespace wasmd

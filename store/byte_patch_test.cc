#include "store/byte_patch.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

namespace wasmd {
namespace {

MutableByteSpan Mutable(std::string* bytes) {
  return MutableByteSpan(reinterpret_cast<uint8_t*>(bytes->data()),
                         bytes->size());
}

TEST(BytePatchTest, APatchOfNothingIsEmpty) {
  std::string shadow(4096, 'a');
  std::string patch;
  EXPECT_TRUE(AppendPatch(AsBytes(shadow), Mutable(&shadow), 0, &patch));
  EXPECT_EQ(patch, "");
}

TEST(BytePatchTest, RunsArePinned) {
  std::string shadow = "0123456789abcdefghij";
  const std::string now = "0x234567y9abcdefghiz";
  std::string patch;
  EXPECT_TRUE(AppendPatch(AsBytes(now), Mutable(&shadow), 100, &patch));
  EXPECT_EQ(patch, std::string("\1\1x\6\1y\xa\1z", 9));
  EXPECT_EQ(shadow, now);
}

TEST(BytePatchTest, ShortGapsDoNotEndARun) {
  std::string shadow(64, '.');
  std::string now = shadow;
  now[10] = 'a';
  now[14] = 'b';  // in another word
  std::string patch;
  EXPECT_TRUE(AppendPatch(AsBytes(now), Mutable(&shadow), 100, &patch));
  EXPECT_EQ(patch,
            "\xa\x5"
            "a...b");
}

TEST(BytePatchTest, TooMuchChangesTheShadowOnly) {
  std::string shadow(4096, 'a');
  const std::string now(4096, 'b');
  std::string patch = "before";
  EXPECT_FALSE(AppendPatch(AsBytes(now), Mutable(&shadow), 2048, &patch));
  EXPECT_EQ(patch, "before");
  EXPECT_EQ(shadow, now);
}

TEST(BytePatchTest, ApplyingReversesMakingAndMayBeRepeated) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    const size_t size = random() % 3 == 0 ? 4096 : random() % 300;
    std::string before(size, 'x');
    std::string now = before;
    for (uint64_t i = random() % 40; size > 0 && i > 0; --i) {
      now[random() % size] = static_cast<char>(random());
    }
    std::string shadow = before;
    std::string patch;
    ASSERT_TRUE(AppendPatch(AsBytes(now), Mutable(&shadow), 10'000, &patch));
    ASSERT_EQ(shadow, now);
    ASSERT_TRUE(ApplyPatch(AsBytes(patch), Mutable(&before)));
    ASSERT_EQ(before, now);
    ASSERT_TRUE(ApplyPatch(AsBytes(patch), Mutable(&before)));
    ASSERT_EQ(before, now);
  }
}

TEST(BytePatchTest, HostilePatchesAreRefused) {
  std::string bytes(16, '.');
  for (const std::string& patch :
       {std::string("\1", 1), std::string("\1\0", 2), std::string("\1\2a", 3),
        std::string("\x10\1a", 3), std::string("\xff", 1),
        std::string("\0\x11"
                    "aaaaaaaaaaaaaaaaa",
                    19)}) {
    EXPECT_FALSE(ApplyPatch(AsBytes(patch), Mutable(&bytes)));
  }
  std::mt19937_64 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string patch(random() % 12, 0);
    for (char& c : patch) c = static_cast<char>(random());
    (void)ApplyPatch(AsBytes(patch), Mutable(&bytes));
  }
}

}  // namespace
}  // namespace wasmd

#include "store/changed_words.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "store/byte_patch.h"

namespace wasmd {
namespace {

MutableByteSpan Mutable(std::string* bytes) {
  return MutableByteSpan(reinterpret_cast<uint8_t*>(bytes->data()),
                         bytes->size());
}

TEST(ChangedWordsTest, NothingChangedIsNoPatch) {
  const ChangedWords changed;
  std::string patch;
  changed.AppendPatch(AsBytes(std::string(kPageBytes, 'a')), &patch);
  EXPECT_EQ(patch, "");
  EXPECT_EQ(changed.PatchBytes(), 0u);
}

TEST(ChangedWordsTest, WordsNextToEachOtherAreOneRun) {
  std::string page(kPageBytes, 'a');
  std::string shadow = page;
  ChangedWords changed;
  // Words 63, 64 and 511.
  for (const size_t at : {63 * 8 + 7, 64 * 8, 511 * 8 + 2}) {
    page[at] = 'b';
    std::string patch;
    ASSERT_TRUE(AppendPatch(AsBytes(page), Mutable(&shadow), 100, &patch));
    changed.Mark(AsBytes(patch));
  }
  std::string patch;
  changed.AppendPatch(AsBytes(page), &patch);
  EXPECT_EQ(patch, std::string("\xf8\x03\x10"
                               "aaaaaaabbaaaaaaa"
                               "\xf0\x1b\x08"
                               "aabaaaaa"));
  EXPECT_EQ(changed.PatchBytes(), patch.size());
}

// The sum makes of the first page what the patches one by one make of it; so it
// does of anything in between.
TEST(ChangedWordsTest, TheSumIsWhatThePatchesAreTogether) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    const size_t size = round % 2 == 0 ? kPageBytes : 1 + random() % kPageBytes;
    std::string base(size, 0);
    for (char& c : base) c = static_cast<char>(random() % 3);
    std::string page = base;
    std::string shadow = base;
    std::string middle = base;
    ChangedWords changed;
    const uint64_t steps = 1 + random() % 20;
    for (uint64_t step = 0; step < steps; ++step) {
      for (uint64_t n = random() % 30; n > 0; --n) {
        page[random() % size] = static_cast<char>(random() % 3);
      }
      std::string patch;
      ASSERT_TRUE(
          AppendPatch(AsBytes(page), Mutable(&shadow), size * 2 + 9, &patch));
      changed.Mark(AsBytes(patch));
      if (step == steps / 2) middle = page;
    }
    std::string sum;
    changed.AppendPatch(AsBytes(page), &sum);
    EXPECT_LE(sum.size(), changed.PatchBytes());
    for (std::string* const from : {&base, &middle, &page}) {
      const std::string expected = page;
      ASSERT_TRUE(ApplyPatch(AsBytes(sum), Mutable(from)));
      EXPECT_TRUE(*from == expected);
    }
  }
}

}  // namespace
}  // namespace wasmd

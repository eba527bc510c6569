#include "store/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace wasmd {
namespace {

using ::testing::HasSubstr;

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    out.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
  return out;
}

// Persisted: these bytes must never change.
TEST(KeyTest, LayoutsArePinned) {
  Sha256Digest hash;
  hash.fill(0xAB);
  const std::string hash_hex(Hex(std::string(32, '\xAB')));
  EXPECT_EQ(Hex(MakeMetaKey("format")), "01666f726d6174");
  EXPECT_EQ(Hex(MakeModuleKey(hash).view()), "02" + hash_hex);
  EXPECT_EQ(Hex(MakeModuleChunkKey(hash, 9).view()),
            "02" + hash_hex + "00000009");
  EXPECT_EQ(Hex(MakeModuleUseKey(hash, 9).view()),
            "03" + hash_hex + "0000000000000009");
  EXPECT_EQ(Hex(MakeProcessKey(Table::kProcess, 0x0102).view()),
            "040000000000000102");
  EXPECT_EQ(Hex(MakeNameKey("a")), "0561");
  EXPECT_EQ(Hex(MakePageKey({.process = 1, .memory = 2, .page = 3}).view()),
            "060000000000000001000000020000000000000003");
  EXPECT_EQ(Hex(MakeProcessKey(Table::kState, 1).view()), "070000000000000001");
  EXPECT_EQ(Hex(MakeLogKey({.process = 1, .sequence = 2, .n = 3}).view()),
            "080000000000000001000000000000000200000003");
  EXPECT_EQ(
      Hex(MakeLogIndexKey({.process = 1, .stream = 2, .offset = 3}).view()),
      "090000000000000001000000020000000000000003");
  EXPECT_EQ(Hex(MakeTimerKey({.wake_time_ns = 5, .process = 7}).view()),
            "0a80000000000000050000000000000007");
  EXPECT_EQ(Hex(MakeJournalKey({.process = 1, .first_event = 2}).view()),
            "0c00000000000000010000000000000002");
}

TEST(KeyTest, ParsingReversesMaking) {
  const PageKey page{.process = 1, .memory = 0xFFFFFFFF, .page = ~uint64_t{0}};
  EXPECT_EQ(ParsePageKey(MakePageKey(page).view()), page);
  const LogKey log{.process = 1, .sequence = 99, .n = 3};
  EXPECT_EQ(ParseLogKey(MakeLogKey(log).view()), log);
  const LogIndexKey index{.process = 1, .stream = 99, .offset = 3};
  EXPECT_EQ(ParseLogIndexKey(MakeLogIndexKey(index).view()), index);
  const TimerKey timer{.wake_time_ns = -1, .process = 3};
  EXPECT_EQ(ParseTimerKey(MakeTimerKey(timer).view()), timer);
  const JournalKey journal{.process = 7, .first_event = 300};
  EXPECT_EQ(ParseJournalKey(MakeJournalKey(journal).view()), journal);
  EXPECT_EQ(
      ParseProcessKey(Table::kState, MakeProcessKey(Table::kState, 77).view()),
      77u);
  Sha256Digest hash;
  hash.fill(3);
  const auto use = ParseModuleUseKey(MakeModuleUseKey(hash, 4).view());
  ASSERT_TRUE(use.has_value());
  EXPECT_EQ(use->hash, hash);
  EXPECT_EQ(use->process, 4u);
}

TEST(KeyTest, KeysOfAnotherSizeOrTableAreRefused) {
  std::string key(MakeLogKey({.process = 1}).view());
  EXPECT_FALSE(ParsePageKey(key).has_value());
  EXPECT_FALSE(
      ParseProcessKey(Table::kProcess, MakeProcessKey(Table::kState, 1).view())
          .has_value());
  key.pop_back();
  EXPECT_FALSE(ParsePageKey(key).has_value());
  EXPECT_FALSE(ParseLogKey(key).has_value());
  EXPECT_FALSE(ParseLogIndexKey(key).has_value());
  EXPECT_FALSE(ParseTimerKey(key).has_value());
  EXPECT_FALSE(ParseJournalKey(key).has_value());
  EXPECT_FALSE(
      ParseJournalKey(MakeTimerKey({.process = 1}).view()).has_value());
  EXPECT_FALSE(ParseProcessKey(Table::kLog, key).has_value());
  EXPECT_FALSE(ParseModuleUseKey(key).has_value());
}

TEST(KeyTest, TimersSortByTimeThenProcess) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const std::vector<TimerKey> ascending = {
      {.wake_time_ns = kMin, .process = 9},
      {.wake_time_ns = -1, .process = 2},
      {.wake_time_ns = 0, .process = 1},
      {.wake_time_ns = 0, .process = 2},
      {.wake_time_ns = 256, .process = 1},
      {.wake_time_ns = kMax, .process = 0}};
  for (size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_LT(MakeTimerKey(ascending[i - 1]).view(),
              MakeTimerKey(ascending[i]).view());
  }
}

TEST(KeyTest, PagesSortByMemoryThenPage) {
  EXPECT_LT(MakePageKey({.process = 1, .memory = 0, .page = 255}).view(),
            MakePageKey({.process = 1, .memory = 0, .page = 256}).view());
  EXPECT_LT(
      MakePageKey({.process = 1, .memory = 0, .page = ~uint64_t{0}}).view(),
      MakePageKey({.process = 1, .memory = 1, .page = 0}).view());
  EXPECT_LT(MakePageKey({.process = 1, .memory = ~0u, .page = 0}).view(),
            MakeProcessKey(Table::kPage, 2).view());
}

TEST(KeyTest, PrefixEndIsTheNextPrefix) {
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd(std::string("a\xFF", 2)), "b");
}

TEST(KeyTest, DescriptionsNameTheProcess) {
  EXPECT_EQ(DescribeKey(MakePageKey({.process = 7, .page = 3}).view()),
            "page 3 of memory 0 of process 7");
  EXPECT_EQ(DescribeKey(MakeProcessKey(Table::kProcess, 7).view()),
            "the record of process 7");
  EXPECT_EQ(DescribeKey(MakeProcessKey(Table::kState, 7).view()),
            "the state of process 7");
  EXPECT_EQ(DescribeKey(MakeNameKey("a\nb")), "the name \"a\\x0ab\"");
  EXPECT_THAT(DescribeKey("\x06short"), HasSubstr("\\x06short"));
  EXPECT_THAT(DescribeKey(""), HasSubstr("key"));
}

}  // namespace
}  // namespace wasmd

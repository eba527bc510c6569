#include "store/head_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace wasmd {
namespace {

TEST(HeadTableTest, RemembersHeadsBetweenClaims) {
  HeadTable table(10);
  {
    HeadTable::Claim claim = table.Acquire({5, 3, 5});
    ASSERT_EQ(claim.size(), 2u);
    EXPECT_EQ(claim.process(0), 3u);
    EXPECT_EQ(claim.IndexOf(5), 1u);
    EXPECT_FALSE(claim.head(1).has_value());
    claim.head(1) = ProcessHead{.sequence = 9};
  }
  HeadTable::Claim claim = table.Acquire({5});
  ASSERT_TRUE(claim.head(0).has_value());
  EXPECT_EQ(claim.head(0)->sequence, 9u);
  claim.head(0) = std::nullopt;
}

TEST(HeadTableTest, ForgetsHeadsBeyondItsCapacity) {
  HeadTable table(2);
  for (uint64_t process = 0; process < 3; ++process) {
    HeadTable::Claim claim = table.Acquire({process});
    claim.head(0) = ProcessHead{};
  }
  EXPECT_FALSE(table.Acquire({0}).head(0).has_value());
}

TEST(HeadTableTest, KeepsWhatIsClaimedWhenItForgets) {
  HeadTable table(0);
  HeadTable::Claim held = table.Acquire({1});
  held.head(0) = ProcessHead{.sequence = 4};
  { table.Acquire({2}).head(0) = ProcessHead{}; }
  EXPECT_EQ(held.head(0)->sequence, 4u);
}

TEST(HeadTableTest, AMovedClaimEndsOnce) {
  HeadTable table(2);
  {
    HeadTable::Claim claim = table.Acquire({1});
    HeadTable::Claim moved = std::move(claim);
    EXPECT_EQ(moved.process(0), 1u);
  }
  EXPECT_EQ(table.Acquire({1}).size(), 1u);
}

TEST(HeadTableTest, ClaimsExcludeEachOther) {
  HeadTable table(4);
  // Two processes that both threads change, named in different orders.
  uint64_t first = 0;
  uint64_t second = 0;
  constexpr uint64_t kRounds = 20'000;
  const auto work = [&](bool reverse) {
    for (uint64_t i = 0; i < kRounds; ++i) {
      HeadTable::Claim claim = table.Acquire(
          reverse ? std::vector<uint64_t>{2, 1} : std::vector<uint64_t>{1, 2});
      ++first;
      ++second;
    }
  };
  std::thread other(work, true);
  work(false);
  other.join();
  EXPECT_EQ(first, 2 * kRounds);
  EXPECT_EQ(second, 2 * kRounds);
}

}  // namespace
}  // namespace wasmd

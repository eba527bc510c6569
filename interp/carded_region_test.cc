#include "interp/carded_region.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::wasmd::testing::StatusIs;

constexpr uint64_t kPage = kCardPageBytes;

CardedRegion Region(uint64_t max_pages, uint64_t pages) {
  absl::StatusOr<CardedRegion> region = CardedRegion::Create(max_pages * kPage);
  EXPECT_OK(region.status());
  region->SetSize(pages * kPage);
  return *std::move(region);
}

// What a store in guest code does.
void Write(CardedRegion& region, uint64_t offset, uint8_t value) {
  region.data()[offset] = value;
  region.data()[static_cast<int64_t>(offset >> kCardPageLog2) -
                static_cast<int64_t>(kCardBytes)] = 1;
}

TEST(CardedRegionTest, StartsCleanAndZero) {
  CardedRegion region = Region(100, 100);
  EXPECT_EQ(region.size_bytes(), 100 * kPage);
  EXPECT_THAT(region.DirtyPages(), IsEmpty());
  EXPECT_THAT(region.ChangedPages(), IsEmpty());
  EXPECT_THAT(ByteSpan(region.data(), region.size_bytes()), Each(0));
}

TEST(CardedRegionTest, FindsEveryDirtyPage) {
  CardedRegion region = Region(1000, 1000);
  for (uint64_t page : {999, 0, 7, 8, 63, 64, 65, 512, 998}) {
    Write(region, page * kPage + page, 1);
  }
  EXPECT_THAT(region.DirtyPages(),
              ElementsAre(0, 7, 8, 63, 64, 65, 512, 998, 999));
}

TEST(CardedRegionTest, MarksEveryPageOfARange) {
  CardedRegion region = Region(20, 20);
  region.MarkDirty(kPage, 0);
  EXPECT_THAT(region.DirtyPages(), IsEmpty());
  region.MarkDirty(2 * kPage - 1, 1);
  EXPECT_THAT(region.DirtyPages(), ElementsAre(1));
  region.MarkDirty(4 * kPage - 1, 2);
  EXPECT_THAT(region.DirtyPages(), ElementsAre(1, 3, 4));
  region.MarkDirty(10 * kPage, 2 * kPage);
  EXPECT_THAT(region.DirtyPages(), ElementsAre(1, 3, 4, 10, 11));
  region.MarkDirty(20 * kPage - 1, 1);
  EXPECT_THAT(region.DirtyPages(), ElementsAre(1, 3, 4, 10, 11, 19));
}

TEST(CardedRegionTest, CleanPagesStayChanged) {
  CardedRegion region = Region(200, 200);
  Write(region, 5 * kPage, 1);
  Write(region, 130 * kPage, 1);
  region.ClearDirty();
  EXPECT_THAT(region.DirtyPages(), IsEmpty());
  EXPECT_THAT(region.ChangedPages(), ElementsAre(5, 130));
  Write(region, 4 * kPage, 1);
  Write(region, 5 * kPage, 1);
  EXPECT_THAT(region.DirtyPages(), ElementsAre(4, 5));
  EXPECT_THAT(region.ChangedPages(), ElementsAre(4, 5, 130));
  region.ForgetChanges();
  EXPECT_THAT(region.DirtyPages(), IsEmpty());
  EXPECT_THAT(region.ChangedPages(), IsEmpty());
}

TEST(CardedRegionTest, ShrinkingForgetsContentsAndMarks) {
  CardedRegion region = Region(200, 200);
  std::fill_n(region.data(), region.size_bytes(), uint8_t{0xAB});
  region.MarkDirty(0, region.size_bytes());
  region.ClearDirty();
  region.MarkDirty(0, region.size_bytes());
  region.SetSize(70 * kPage + 10);
  EXPECT_EQ(region.DirtyPages().size(), 71);
  EXPECT_EQ(region.ChangedPages().size(), 71);
  EXPECT_EQ(region.page_count(), 71);
  EXPECT_EQ(region.Page(70).size(), 10);
  region.SetSize(200 * kPage);
  EXPECT_EQ(region.DirtyPages().size(), 71);
  EXPECT_EQ(region.ChangedPages().size(), 71);
  EXPECT_THAT(ByteSpan(region.data(), 70 * kPage + 10), Each(0xAB));
  EXPECT_THAT(ByteSpan(region.data() + 70 * kPage + 10, 130 * kPage - 10),
              Each(0));
  region.SetSize(0);
  EXPECT_THAT(region.ChangedPages(), IsEmpty());
  region.SetSize(kPage);
  EXPECT_THAT(region.Page(0), Each(0));
}

TEST(CardedRegionTest, TheLastCardOfTheLargestRegionIsItsOwn) {
  CardedRegion region = Region(kMaxRegionBytes / kPage, 1);
  region.SetSize(kMaxRegionBytes);
  Write(region, kMaxRegionBytes - 1, 7);
  EXPECT_EQ(region.data()[0], 0);
  EXPECT_THAT(region.DirtyPages(), ElementsAre(kMaxRegionBytes / kPage - 1));
}

TEST(CardedRegionTest, MovesWithoutMovingData) {
  CardedRegion a = Region(4, 4);
  Write(a, kPage, 9);
  uint8_t* data = a.data();
  CardedRegion b = std::move(a);
  EXPECT_EQ(b.data(), data);
  CardedRegion c = Region(1, 1);
  c = std::move(b);
  EXPECT_EQ(c.data(), data);
  EXPECT_EQ(c.data()[kPage], 9);
  EXPECT_THAT(c.DirtyPages(), ElementsAre(1));
}

TEST(CardedRegionTest, AddressSpaceThatCannotBeHadIsAnError) {
  // 47 bits of address space hold fewer than 2048 regions of the largest size.
  std::vector<CardedRegion> regions;
  absl::Status status;
  while (status.ok() && regions.size() < 4096) {
    absl::StatusOr<CardedRegion> region = CardedRegion::Create(kMaxRegionBytes);
    status = region.status();
    if (region.ok()) regions.push_back(*std::move(region));
  }
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted,
                               ::testing::HasSubstr("address space")));
}

#if !defined(__has_feature) || !__has_feature(address_sanitizer)
// As with vm.overcommit_memory=2: writable memory is limited, address space is
// not.
[[noreturn]] void GrowUntilMemoryEnds() {
  rlimit limit;
  limit.rlim_cur = limit.rlim_max = 256 << 20;
  CHECK(setrlimit(RLIMIT_DATA, &limit) == 0);
  auto region = CardedRegion::Create(uint64_t{4} << 30);
  CHECK(region.ok());
  CHECK(region->SetSize(100 * kPage));
  Write(*region, 99 * kPage, 5);
  CHECK(region->DirtyPages() == std::vector<uint64_t>{99});
  CHECK(region->SetSize(5000 * kPage));
  Write(*region, 4999 * kPage, 6);
  CHECK(region->data()[99 * kPage] == 5);
  CHECK(region->status().ok());
  CHECK(!region->SetSize(uint64_t{1} << 30));
  CHECK(absl::IsResourceExhausted(region->status()));
  CHECK(region->size_bytes() == 5000 * kPage);
  CHECK(region->data()[4999 * kPage] == 6);
  CardedRegion moved = *std::move(region);
  CHECK(moved.DirtyPages().size() == 2);
  CHECK(moved.SetSize(10));
  CHECK(!moved.status().ok());
  std::_Exit(0);
}

// In a program of its own, which keeps the limit.
TEST(CardedRegionDeathTest, TakesMemoryAsItGrowsWhereItMust) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(GrowUntilMemoryEnds(), ::testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace wasmd

#include "interp/memory_instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::wasmd::testing::StatusIs;

constexpr uint64_t kWasmPage = 65536;
constexpr uint64_t kGiB = uint64_t{1} << 30;

MemoryType Type(uint64_t min, std::optional<uint64_t> max = std::nullopt,
                AddressType address = AddressType::kI32,
                uint32_t page_size_log2 = 16) {
  return MemoryType{Limits{min, max}, address, page_size_log2};
}

std::unique_ptr<MemoryInstance> Memory(const MemoryType& type,
                                       uint64_t max_bytes = 4 * kGiB) {
  auto memory = MemoryInstance::Create(type, max_bytes);
  EXPECT_OK(memory.status());
  return *std::move(memory);
}

TEST(MemoryInstanceTest, GrowsToTheDeclaredMaximum) {
  auto memory = Memory(Type(1, 3));
  EXPECT_EQ(memory->size_pages(), 1);
  EXPECT_EQ(memory->Grow(0), 1);
  EXPECT_EQ(memory->Grow(1), 1);
  EXPECT_EQ(memory->Grow(2), -1);
  EXPECT_EQ(memory->size_pages(), 2);
  EXPECT_EQ(memory->Grow(1), 2);
  EXPECT_EQ(memory->Grow(1), -1);
  EXPECT_EQ(memory->Grow(0), 3);
  EXPECT_EQ(memory->Grow(std::numeric_limits<uint64_t>::max()), -1);
  EXPECT_EQ(memory->size_bytes(), 3 * kWasmPage);
  EXPECT_THAT(*memory->Bytes(0, 3 * kWasmPage), Each(0));
}

TEST(MemoryInstanceTest, GrowsToTheConfiguredLimit) {
  auto memory = Memory(Type(0), 2 * kWasmPage + 100);
  EXPECT_EQ(memory->Grow(3), -1);
  EXPECT_EQ(memory->Grow(2), 0);
  EXPECT_EQ(memory->Grow(1), -1);
}

TEST(MemoryInstanceTest, A32BitMemoryEndsAt4GiB) {
  auto memory = Memory(Type(0), 64 * kGiB);
  EXPECT_EQ(memory->Grow(65537), -1);
  EXPECT_EQ(memory->Grow(65536), 0);
  EXPECT_EQ(memory->size_bytes(), 4 * kGiB);
  EXPECT_TRUE(memory->InBounds(4 * kGiB - 1, 1));
  EXPECT_FALSE(memory->InBounds(4 * kGiB, 1));
  EXPECT_THAT(memory->DirtyPages(), IsEmpty());
}

TEST(MemoryInstanceTest, A64BitMemoryGrowsPast4GiB) {
  auto memory = Memory(Type(1, {}, AddressType::kI64), 6 * kGiB);
  EXPECT_EQ(memory->Grow(5 * kGiB / kWasmPage), 1);
  memory->data()[5 * kGiB] = 1;
  memory->MarkDirty(5 * kGiB, 1);
  EXPECT_THAT(memory->DirtyPages(), ElementsAre(5 * kGiB / kCardPageBytes));
}

TEST(MemoryInstanceTest, HugeSizesAreRefusedCleanly) {
  for (uint64_t min : {uint64_t{65537}, uint64_t{1} << 32, uint64_t{1} << 48,
                       std::numeric_limits<uint64_t>::max()}) {
    EXPECT_THAT(
        MemoryInstance::Create(Type(min, min, AddressType::kI64), 4 * kGiB),
        StatusIs(absl::StatusCode::kResourceExhausted,
                 ::testing::HasSubstr("over the limit of 65536 pages")));
  }
  EXPECT_THAT(MemoryInstance::Create(Type(2), kWasmPage),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(
      MemoryInstance::Create(Type(uint64_t{1} << 48, {}, AddressType::kI64),
                             std::numeric_limits<uint64_t>::max()),
      StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(MemoryInstanceTest, CustomPagesOfOneByte) {
  auto memory = Memory(Type(10, 5000, AddressType::kI32, 0));
  EXPECT_EQ(memory->size_bytes(), 10);
  EXPECT_EQ(memory->size_pages(), 10);
  EXPECT_EQ(memory->CardPage(0).size(), 10);
  EXPECT_FALSE(memory->InBounds(10, 1));
  EXPECT_EQ(memory->Grow(4990), 10);
  EXPECT_EQ(memory->Grow(1), -1);
  EXPECT_EQ(memory->CardPage(0).size(), 4096);
  EXPECT_EQ(memory->CardPage(1).size(), 904);
  auto unbounded = Memory(Type(0, {}, AddressType::kI32, 0), 64 * kGiB);
  EXPECT_EQ(unbounded->Grow(4 * kGiB + 1), -1);
  EXPECT_EQ(unbounded->Grow(4 * kGiB), 0);
}

TEST(MemoryInstanceTest, InBoundsNeverOverflows) {
  auto memory = Memory(Type(1));
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  EXPECT_TRUE(memory->InBounds(0, kWasmPage));
  EXPECT_TRUE(memory->InBounds(kWasmPage, 0));
  EXPECT_FALSE(memory->InBounds(kWasmPage + 1, 0));
  EXPECT_FALSE(memory->InBounds(1, kWasmPage));
  EXPECT_FALSE(memory->InBounds(kMax, 1));
  EXPECT_FALSE(memory->InBounds(1, kMax));
  EXPECT_FALSE(memory->InBounds(kMax, kMax));
  EXPECT_THAT(memory->Bytes(kMax, 2), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(memory->MutableBytes(kWasmPage - 1, 2),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(memory->DirtyPages(), IsEmpty());
}

TEST(MemoryInstanceTest, MutableBytesMarksEveryPage) {
  auto memory = Memory(Type(2));
  ASSERT_OK_AND_ASSIGN(MutableByteSpan bytes, memory->MutableBytes(4095, 4098));
  EXPECT_EQ(bytes.data(), memory->data() + 4095);
  EXPECT_EQ(bytes.size(), 4098);
  EXPECT_THAT(memory->DirtyPages(), ElementsAre(0, 1, 2));
  memory->ClearDirty();
  ASSERT_OK(memory->MutableBytes(2 * kWasmPage, 0));
  ASSERT_OK(memory->Bytes(0, 5000));
  EXPECT_THAT(memory->DirtyPages(), IsEmpty());
}

TEST(MemoryInstanceTest, TheInitialImageIsNotChanged) {
  auto memory = Memory(Type(1));
  ASSERT_OK(memory->MutableBytes(0, 1));
  memory->ClearDirty();
  ASSERT_OK(memory->MutableBytes(4096, 1));
  memory->MarkInitialImage();
  EXPECT_THAT(memory->ChangedPages(), IsEmpty());
  ASSERT_OK(memory->MutableBytes(8192, 1));
  EXPECT_THAT(memory->ChangedPages(), ElementsAre(2));
}

TEST(MemoryInstanceTest, RestoreSetsAnySizeWithinLimits) {
  auto memory = Memory(Type(2, 10));
  memory->data()[kWasmPage] = 5;
  memory->MarkDirty(kWasmPage, 1);
  ASSERT_OK(memory->SetSizePages(10));
  EXPECT_EQ(memory->data()[kWasmPage], 5);
  EXPECT_THAT(memory->SetSizePages(11),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(memory->size_pages(), 10);
  ASSERT_OK(memory->SetSizePages(1));
  ASSERT_OK(memory->SetSizePages(2));
  EXPECT_EQ(memory->data()[kWasmPage], 0);
  EXPECT_THAT(memory->ChangedPages(), IsEmpty());
}

TEST(MemoryInstanceTest, TenThousandMemoriesFitInOneProcess) {
  std::vector<std::unique_ptr<MemoryInstance>> memories;
  for (int i = 0; i < 10'000; ++i) {
    memories.push_back(Memory(Type(1)));
    ASSERT_OK(memories.back()->MutableBytes(0, 1));
    memories.back()->data()[0] = 1;
  }
  EXPECT_THAT(memories.front()->DirtyPages(), ElementsAre(0));
}

}  // namespace
}  // namespace wasmd

#include "interp/memory_instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
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

TEST(MemoryInstanceTest, PagesLikeTheImageNeedNotBeSaved) {
  auto memory = Memory(Type(1));
  const std::vector<uint8_t> segment(5000, 7);
  std::memcpy(memory->data() + 4000, segment.data(), segment.size());
  memory->MarkInitialImage({{4000, segment}});
  EXPECT_THAT(memory->ChangedPages(), IsEmpty());
  const auto write = [&](uint64_t address, uint8_t value) {
    ASSERT_OK_AND_ASSIGN(MutableByteSpan bytes,
                         memory->MutableBytes(address, 1));
    bytes[0] = value;
  };
  write(4095, 7);   // as it was, in the segment
  write(8000, 8);   // not so
  write(20000, 0);  // as it was, where there is no segment
  write(30000, 1);
  EXPECT_THAT(memory->DirtyPages(), ElementsAre(0, 1, 4, 7));
  EXPECT_THAT(memory->DirtyPagesToSave(), ElementsAre(1, 7));
  EXPECT_THAT(memory->ChangedPagesToSave(), ElementsAre(1, 7));
  memory->ClearDirty();
  EXPECT_THAT(memory->ChangedPages(), ElementsAre(1, 7));
  // What was saved is saved again when it returns to the image.
  write(8000, 7);
  write(30000, 0);
  write(20000, 0);
  EXPECT_THAT(memory->DirtyPagesToSave(), ElementsAre(1, 7));
  EXPECT_THAT(memory->ChangedPagesToSave(), IsEmpty());
}

TEST(MemoryInstanceTest, AnImageIsExtendedWhereNothingWasWritten) {
  auto memory = Memory(Type(1));
  memory->MarkInitialImage();
  for (const uint64_t page : {0, 1, 2}) memory->MarkDirty(page * 4096, 1);
  memory->data()[0] = memory->data()[4096] = memory->data()[8192] = 1;
  memory->ClearDirty();
  memory->MarkDirty(8192, 1);
  const std::vector<uint8_t> segment(16384, 9);
  std::memcpy(memory->data() + 4096, segment.data(), segment.size());
  memory->ExtendImage(3, {{4096, segment}, {0, {}}});
  EXPECT_THAT(memory->image_instances(), ElementsAre(3));
  // Pages 3 and 4 were like the image and are; 1 was saved, 2 was dirty.
  EXPECT_THAT(memory->DirtyPages(), ElementsAre(1, 2));
  EXPECT_THAT(memory->DirtyPagesToSave(), ElementsAre(1, 2));
  EXPECT_THAT(memory->ChangedPagesToSave(), ElementsAre(0));
}

// Loads ones, or fails.
class OnesLoader : public PageLoader {
 public:
  explicit OnesLoader(absl::Status status) : status_(std::move(status)) {}
  absl::Status Load(uint64_t, MutableByteSpan to,
                    std::vector<bool>* is_stored) override {
    std::fill(to.begin(), to.end(), uint8_t{1});
    is_stored->assign(is_stored->size(), true);
    return status_;
  }

 private:
  absl::Status status_;
};

TEST(MemoryInstanceTest, HostFunctionsGetWhatIsLoaded) {
  auto memory = Memory(Type(4));
  if (!memory->LoadLazily(std::make_unique<OnesLoader>(absl::OkStatus()))) {
    GTEST_SKIP() << "memories are not loaded lazily here";
  }
  ASSERT_OK_AND_ASSIGN(ByteSpan bytes, memory->Bytes(65530, 10));
  EXPECT_THAT(bytes, Each(1));
  ASSERT_OK(memory->MutableBytes(0, 1));
  EXPECT_THAT(memory->DirtyPages(), ElementsAre(0));
  EXPECT_FALSE(memory->lazy_pages()->is_all_present());
  EXPECT_THAT(memory->Bytes(4 * kWasmPage, 1),
              StatusIs(absl::StatusCode::kOutOfRange));
  memory->EnsurePresent(0, 4 * kWasmPage);
  EXPECT_TRUE(memory->lazy_pages()->is_all_present());
  EXPECT_EQ(memory->ChangedPagesToSave().size(), 64);
}

TEST(MemoryInstanceTest, HostFunctionsGetTheErrorOfLoading) {
  auto memory = Memory(Type(4));
  if (!memory->LoadLazily(
          std::make_unique<OnesLoader>(absl::DataLossError("damaged")))) {
    GTEST_SKIP() << "memories are not loaded lazily here";
  }
  EXPECT_OK(memory->status());
  EXPECT_THAT(memory->Bytes(65530, 10), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(memory->MutableBytes(0, 1),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(memory->status(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(memory->DirtyPages(), IsEmpty());
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

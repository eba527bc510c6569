#include "wasi/guest_memory.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "wasi/testing/errno_matchers.h"

namespace wasmd::wasi {
namespace {

class GuestMemoryTest : public ::testing::Test {
 protected:
  GuestMemoryTest() {
    MemoryType type;
    type.limits.min = 1;
    instance_ = std::move(*MemoryInstance::Create(type, 1 << 16));
  }
  GuestMemory memory() { return GuestMemory(*instance_); }
  std::unique_ptr<MemoryInstance> instance_;
};

TEST_F(GuestMemoryTest, LoadsAndStoresAnywhereInBounds) {
  GuestMemory guest = memory();
  EXPECT_ERRNO(guest.Store<uint32_t>(65532, 0x01020304), kSuccess);
  EXPECT_EQ(*guest.Load<uint32_t>(65532), 0x01020304u);
  EXPECT_EQ(*guest.Load<uint16_t>(65533), 0x0203u);
  EXPECT_ERRNO(guest.Store<uint32_t>(65533, 1), kFault);
  EXPECT_ERRNO(guest.Load<uint64_t>(65529), kFault);
  EXPECT_ERRNO(guest.Load<uint8_t>(0xffffffff), kFault);
  EXPECT_ERRNO(guest.Check(65536, 0), kSuccess);
  EXPECT_ERRNO(guest.Check(65537, 0), kFault);
  EXPECT_ERRNO(guest.Check(1, ~uint64_t{0}), kFault);
}

TEST_F(GuestMemoryTest, StoresMarkPages) {
  EXPECT_ERRNO(memory().Write(4090, AsBytes("0123456789")), kSuccess);
  EXPECT_EQ(instance_->DirtyPages(), (std::vector<uint64_t>{0, 1}));
}

TEST_F(GuestMemoryTest, Text) {
  GuestMemory guest = memory();
  ASSERT_ERRNO(guest.Write(100, AsBytes("path")), kSuccess);
  EXPECT_EQ(*guest.Text(100, 4), "path");
  EXPECT_EQ(*guest.Text(100, 0), "");
  EXPECT_ERRNO(guest.Text(65535, 2), kFault);
}

TEST_F(GuestMemoryTest, Vectors) {
  GuestMemory guest = memory();
  const uint32_t array[] = {1000, 5, 0, 0, 2000, 7};
  ASSERT_ERRNO(guest.Write(64, ByteSpan(reinterpret_cast<const uint8_t*>(array),
                                        sizeof(array))),
               kSuccess);
  ASSERT_OK_ERRNO_AND_ASSIGN(const std::vector<GuestRange> all,
                             guest.Vectors(64, 3, 100));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].address, 2000u);
  EXPECT_EQ(TotalBytes(all), 12u);
  ASSERT_OK_ERRNO_AND_ASSIGN(const std::vector<GuestRange> bounded,
                             guest.Vectors(64, 3, 6));
  EXPECT_EQ(TotalBytes(bounded), 6u);
  for (const auto& [most, ranges, bytes] :
       {std::tuple(100u, 2u, 12u), std::tuple(12u, 2u, 12u),
        std::tuple(6u, 2u, 6u), std::tuple(5u, 1u, 5u), std::tuple(1u, 1u, 1u),
        std::tuple(0u, 0u, 0u)}) {
    std::vector<GuestRange> limited = all;
    LimitBytes(most, &limited);
    EXPECT_EQ(limited.size(), ranges) << most;
    EXPECT_EQ(TotalBytes(limited), bytes) << most;
  }
  EXPECT_TRUE(guest.Vectors(0, 0, 100)->empty());
  EXPECT_ERRNO(guest.Vectors(65536 - 8, 2, 100), kFault);
  EXPECT_ERRNO(guest.Vectors(0, 0xffffffff, 100), kFault);
}

}  // namespace
}  // namespace wasmd::wasi

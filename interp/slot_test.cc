#include "interp/slot.h"

#include <gtest/gtest.h>

#include <limits>

#include "interp/reference.h"

namespace wasmd {
namespace {

TEST(SlotTest, NarrowValuesAreZeroExtended) {
  EXPECT_EQ(ToSlot(int32_t{-1}), 0xFFFFFFFFu);
  EXPECT_EQ(ToSlot(-0.0f), 0x80000000u);
  EXPECT_EQ(ToSlot(int64_t{-1}), ~Slot{0});
  EXPECT_EQ(ToSlot(-0.0), Slot{1} << 63);
}

TEST(SlotTest, ValuesComeBack) {
  EXPECT_EQ(FromSlot<int32_t>(ToSlot(int32_t{-5})), -5);
  EXPECT_EQ(FromSlot<uint64_t>(ToSlot(~uint64_t{0})), ~uint64_t{0});
  EXPECT_EQ(FromSlot<float>(ToSlot(1.5f)), 1.5f);
  EXPECT_EQ(FromSlot<double>(ToSlot(-1.5)), -1.5);
}

TEST(ReferenceTest, EncodingsAreDistinct) {
  for (uint32_t value : {0u, 1u, 0x3FFFFFFFu, 0x40000000u, 0x7FFFFFFFu}) {
    const Slot i31 = I31Reference(value);
    EXPECT_TRUE(IsI31(i31));
    EXPECT_FALSE(IsHostReference(i31));
    EXPECT_FALSE(IsHeapReference(i31));
    EXPECT_EQ(I31Unsigned(i31), value);
  }
  for (uint64_t handle : {uint64_t{0}, uint64_t{1}, kMaxHostHandle}) {
    const Slot host = HostReference(handle);
    EXPECT_TRUE(IsHostReference(host));
    EXPECT_FALSE(IsI31(host));
    EXPECT_FALSE(IsHeapReference(host));
    EXPECT_EQ(HostHandleOf(host), handle);
  }
  EXPECT_FALSE(IsHeapReference(kNullReference));
  EXPECT_TRUE(IsHeapReference(8));
  EXPECT_EQ(FunctionOf(FunctionReference(0)), 0);
  EXPECT_NE(FunctionReference(0), kNullReference);
}

TEST(ReferenceTest, I31WrapsAndExtendsTheSign) {
  EXPECT_EQ(I31Signed(I31Reference(0x40000000)), -0x40000000);
  EXPECT_EQ(I31Signed(I31Reference(0xFFFFFFFF)), -1);
  EXPECT_EQ(I31Unsigned(I31Reference(0xFFFFFFFF)), 0x7FFFFFFF);
  EXPECT_EQ(I31Reference(0x80000001), I31Reference(1));
}

}  // namespace
}  // namespace wasmd

#include "interp/eval/vector_lanes.h"

#include "interp/eval/vector_model.h"

namespace wasmd::eval::vector {
namespace {

constexpr V128 kCounting = {0x0706050403020100, 0x0F0E0D0C0B0A0908};

template <typename T, typename Operand>
void CheckSplat(Operand x, uint64_t low_bits_repeated) {
  EXPECT_EQ(Hex((Splat<T, Operand>(x))),
            Hex(V128{low_bits_repeated, low_bits_repeated}));
}

TEST(VectorLanesTest, SplatTakesTheLowBits) {
  CheckSplat<uint8_t, uint32_t>(0xAABBCCDD, 0xDDDDDDDDDDDDDDDD);
  CheckSplat<uint16_t, uint32_t>(0xAABBCCDD, 0xCCDDCCDDCCDDCCDD);
  CheckSplat<uint32_t, uint32_t>(0xAABBCCDD, 0xAABBCCDDAABBCCDD);
  CheckSplat<uint64_t, uint64_t>(0x0123456789ABCDEF, 0x0123456789ABCDEF);
  CheckSplat<float, float>(-0.0f, 0x8000000080000000);
  CheckSplat<float, float>(std::bit_cast<float>(0xFFA12345),
                           0xFFA12345FFA12345);
  CheckSplat<double, double>(-0.0, 0x8000000000000000);
  CheckSplat<double, double>(std::bit_cast<double>(0x7FF4000000000001),
                             0x7FF4000000000001);
}

template <typename T, typename Value>
void CheckLanes() {
  for (const V128 a : Inputs<T>()) {
    for (uint32_t lane = 0; lane < 16 / sizeof(T); ++lane) {
      // Compared as bits: NaNs are moved, not changed.
      using Bits = BitsLane<Value>;
      const LaneArray<T> lanes = ToArray<T>(a);
      const auto wanted = std::bit_cast<Bits>(static_cast<Value>(lanes[lane]));
      const auto value = ExtractLane<T, Value>(a, {lane});
      ASSERT_EQ(std::bit_cast<Bits>(value), wanted) << lane;

      LaneArray<T> replaced = ToArray<T>(~a);
      replaced[lane] = lanes[lane];
      ASSERT_EQ(Hex(ReplaceLane<T, Value>(~a, value, {lane})),
                Hex(FromArray<T>(replaced)))
          << lane;
    }
  }
}

TEST(VectorLanesTest, ExtractAndReplace) {
  CheckLanes<int8_t, uint32_t>();
  CheckLanes<uint8_t, uint32_t>();
  CheckLanes<int16_t, uint32_t>();
  CheckLanes<uint16_t, uint32_t>();
  CheckLanes<uint32_t, uint32_t>();
  CheckLanes<uint64_t, uint64_t>();
  CheckLanes<float, float>();
  CheckLanes<double, double>();
}

TEST(VectorLanesTest, ReplaceTakesTheLowBits) {
  EXPECT_EQ(Hex(ReplaceLane<uint8_t, uint32_t>(kCounting, 0xAABBCCDD, {15})),
            "dd0e0d0c0b0a0908_0706050403020100");
}

TEST(VectorLanesTest, ShuffleTakesLanesOfBoth) {
  const V128 other = ToV128(As<uint8_t>(kCounting) + All<uint8_t>(0x80));
  for (uint8_t first = 0; first < 32; ++first) {
    LaneArray<uint8_t> indices;
    LaneArray<uint8_t> expected;
    for (uint8_t i = 0; i < 16; ++i) {
      indices[i] = static_cast<uint8_t>((first + 3 * i) % 32);
      expected[i] = static_cast<uint8_t>(
          indices[i] < 16 ? indices[i] : 0x80 + indices[i] - 16);
    }
    EXPECT_EQ(Hex(Shuffle(kCounting, other, {FromArray<uint8_t>(indices)})),
              Hex(FromArray<uint8_t>(expected)));
  }
}

TEST(VectorLanesTest, SwizzleIsZeroOutOfRange) {
  const V128 a = ToV128(As<uint8_t>(kCounting) + All<uint8_t>(0xA0));
  for (uint32_t index = 0; index < 256; ++index) {
    const auto lane = static_cast<uint8_t>(index < 16 ? 0xA0 + index : 0);
    const V128 indices = ToV128(All<uint8_t>(static_cast<uint8_t>(index)));
    EXPECT_EQ(Hex(Swizzle(a, indices)), Hex(ToV128(All<uint8_t>(lane))));
  }
  EXPECT_EQ(Hex(Swizzle(a, kCounting ^ (kCounting << 4))),
            Hex(EachPair<uint8_t>([](uint8_t, uint8_t index) {
              return index < 16 ? 0xA0 + index : 0;
            })(a, kCounting ^ (kCounting << 4))));
}

TEST(VectorLanesTest, SelectTakesTheFirstUnlessTheConditionIsZero) {
  EXPECT_EQ(Hex(Select(kCounting, V128{}, 2)), Hex(kCounting));
  EXPECT_EQ(Hex(Select(kCounting, V128{}, 0)), Hex(V128{}));
}

TEST(VectorLanesTest, ZeroExtend) {
  EXPECT_EQ(Hex(ZeroExtend<uint32_t>(0xFFFFFFFF)), Hex(V128{0xFFFFFFFF, 0}));
  EXPECT_EQ(Hex(ZeroExtend<uint64_t>(~uint64_t{0})),
            Hex(V128{~uint64_t{0}, 0}));
}

}  // namespace
}  // namespace wasmd::eval::vector

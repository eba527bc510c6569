#include "interp/eval/vector_bitwise.h"

#include "interp/eval/vector_model.h"

namespace wasmd::eval::vector {
namespace {

TEST(VectorBitwiseTest, AllBits) {
  Check({
      Unary<uint64_t>("v128.not", Not,
                      EachLane<uint8_t>([](uint8_t a) { return ~a; })),
  });
  Check({
      Binary<uint64_t>("v128.and", And,
                       EachPair<uint8_t>([](int a, int b) { return a & b; })),
      Binary<uint64_t>("v128.andnot", AndNot,
                       EachPair<uint8_t>([](int a, int b) { return a & ~b; })),
      Binary<uint64_t>("v128.or", Or,
                       EachPair<uint8_t>([](int a, int b) { return a | b; })),
      Binary<uint64_t>("v128.xor", Xor,
                       EachPair<uint8_t>([](int a, int b) { return a ^ b; })),
  });
}

TEST(VectorBitwiseTest, BitselectTakesTheFirstWhereTheMaskHasOnes) {
  for (const V128 a : Inputs<uint8_t>()) {
    for (const V128 mask : Inputs<uint8_t>()) {
      const V128 b = ~a ^ V128 { 0x0123456789ABCDEF, 0xFEDCBA9876543210 };
      const V128 expected = (a & mask) | (b & ~mask);
      EXPECT_EQ(Hex(Bitselect(a, b, mask)), Hex(expected));
    }
  }
}

struct TestCase {
  const char* name;
  uint32_t (*function)(V128);
  std::function<uint32_t(V128)> model;
  std::vector<V128> inputs;
};

template <typename T>
TestCase AllTrueCase(const char* name) {
  std::vector<V128> inputs = Inputs<T>();
  // No lane 0, then each lane.
  inputs.push_back(ToV128(All<T>(1)));
  for (size_t i = 0; i < 16 / sizeof(T); ++i) {
    LaneArray<T> lanes;
    lanes.fill(static_cast<T>(0x80));
    lanes[i] = 0;
    inputs.push_back(FromArray<T>(lanes));
  }
  return {name, AllTrue<T>,
          [](V128 a) {
            for (const T lane : ToArray<T>(a)) {
              if (lane == 0) return 0u;
            }
            return 1u;
          },
          inputs};
}

template <typename T>
TestCase BitmaskCase(const char* name) {
  return {name, Bitmask<T>,
          [](V128 a) {
            uint32_t mask = 0;
            for (size_t i = 0; i < 16 / sizeof(T); ++i) {
              if (ToArray<T>(a)[i] < 0) mask |= 1u << i;
            }
            return mask;
          },
          Inputs<T>()};
}

TEST(VectorBitwiseTest, TestsOfLanes) {
  const std::vector<TestCase> cases = {
      AllTrueCase<uint8_t>("i8x16.all_true"),
      AllTrueCase<uint16_t>("i16x8.all_true"),
      AllTrueCase<uint32_t>("i32x4.all_true"),
      AllTrueCase<uint64_t>("i64x2.all_true"),
      BitmaskCase<int8_t>("i8x16.bitmask"),
      BitmaskCase<int16_t>("i16x8.bitmask"),
      BitmaskCase<int32_t>("i32x4.bitmask"),
      BitmaskCase<int64_t>("i64x2.bitmask"),
  };
  for (const TestCase& c : cases) {
    for (const V128 a : c.inputs) {
      ASSERT_EQ(c.function(a), c.model(a)) << c.name << " of " << Hex(a);
    }
  }
}

TEST(VectorBitwiseTest, BitmaskHasEachBitInItsPlace) {
  for (uint32_t i = 0; i < 16; ++i) {
    LaneArray<int8_t> lanes{};
    lanes[i] = -128;
    EXPECT_EQ(Bitmask<int8_t>(FromArray<int8_t>(lanes)), 1u << i);
  }
  EXPECT_EQ(Bitmask<int8_t>(~V128{}), 0xFFFFu);
  EXPECT_EQ(Bitmask<int16_t>(~V128{}), 0xFFu);
  EXPECT_EQ(Bitmask<int32_t>(~V128{}), 0xFu);
  EXPECT_EQ(Bitmask<int64_t>(~V128{}), 0x3u);
}

TEST(VectorBitwiseTest, AnyTrue) {
  EXPECT_EQ(AnyTrue(V128{0, 0}), 0u);
  EXPECT_EQ(AnyTrue(V128{1, 0}), 1u);
  EXPECT_EQ(AnyTrue(V128{0, uint64_t{1} << 63}), 1u);
}

// T says whether the lanes have a sign.
template <typename T>
void CheckShifts() {
  constexpr uint32_t kWidth = sizeof(T) * 8;
  for (const V128 a : Inputs<T>()) {
    for (const uint32_t count :
         {0u, 1u, 3u, kWidth - 1, kWidth, kWidth + 1, 255u, 0x80000003u, ~0u}) {
      const uint32_t by = count % kWidth;
      const auto left =
          EachLane<T>([by](T x) { return static_cast<uint64_t>(x) << by; });
      const auto right = EachLane<T>([by](T x) { return x >> by; });
      ASSERT_EQ(Hex(Shl<BitsLane<T>>(a, count)), Hex(left(a))) << count;
      ASSERT_EQ(Hex(Shr<T>(a, count)), Hex(right(a))) << count;
    }
  }
}

TEST(VectorBitwiseTest, ShiftsTakeTheCountModuloTheLane) {
  CheckShifts<int8_t>();
  CheckShifts<uint8_t>();
  CheckShifts<int16_t>();
  CheckShifts<uint16_t>();
  CheckShifts<int32_t>();
  CheckShifts<uint32_t>();
  CheckShifts<int64_t>();
  CheckShifts<uint64_t>();
}

}  // namespace
}  // namespace wasmd::eval::vector

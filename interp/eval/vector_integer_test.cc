#include "interp/eval/vector_integer.h"

#include <algorithm>

#include "interp/eval/vector_model.h"

namespace wasmd::eval::vector {
namespace {

// Exact: results of up to 32 bits' operands fit.
template <typename T>
int64_t Wide(T x) {
  return static_cast<int64_t>(x);
}
template <typename T>
T Saturated(int64_t x) {
  using Limits = std::numeric_limits<T>;
  return static_cast<T>(
      std::clamp(x, Wide(Limits::min()), Wide(Limits::max())));
}

template <typename T>
BinaryModel SaturatedSum() {
  return EachPair<T>([](T a, T b) { return Saturated<T>(Wide(a) + Wide(b)); });
}
template <typename T>
BinaryModel SaturatedDifference() {
  return EachPair<T>([](T a, T b) { return Saturated<T>(Wide(a) - Wide(b)); });
}
template <typename T>
BinaryModel Smaller() {
  return EachPair<T>([](T a, T b) { return std::min(a, b); });
}
template <typename T>
BinaryModel Greater() {
  return EachPair<T>([](T a, T b) { return std::max(a, b); });
}
template <typename T>
BinaryModel Sum() {
  return EachPair<T>([](uint64_t a, uint64_t b) { return a + b; });
}
template <typename T>
BinaryModel Difference() {
  return EachPair<T>([](uint64_t a, uint64_t b) { return a - b; });
}
template <typename T>
BinaryModel Product() {
  return EachPair<T>([](uint64_t a, uint64_t b) { return a * b; });
}
template <typename T>
UnaryModel Negative() {
  return EachLane<T>([](uint64_t a) { return 0 - a; });
}
template <typename T>
UnaryModel Absolute() {
  return EachLane<T>([](T a) {
    return a < 0 ? 0 - static_cast<uint64_t>(a) : static_cast<uint64_t>(a);
  });
}
template <typename T>
BinaryModel Average() {
  return EachPair<T>([](int a, int b) { return (a + b + 1) / 2; });
}

// Products of lanes from `first` on, wrapped only in the sense of 64 bits.
template <typename T>
BinaryModel Products(size_t first) {
  return [first](V128 a, V128 b) {
    LaneArray<WideLane<T>> result;
    for (size_t i = 0; i < result.size(); ++i) {
      const auto x = static_cast<WideLane<T>>(ToArray<T>(a)[first + i]);
      const auto y = static_cast<WideLane<T>>(ToArray<T>(b)[first + i]);
      result[i] = static_cast<WideLane<T>>(static_cast<uint64_t>(x) *
                                           static_cast<uint64_t>(y));
    }
    return FromArray<WideLane<T>>(result);
  };
}
template <typename T>
UnaryModel PairSums() {
  return [](V128 a) {
    LaneArray<WideLane<T>> result;
    for (size_t i = 0; i < result.size(); ++i) {
      result[i] = static_cast<WideLane<T>>(Wide(ToArray<T>(a)[2 * i]) +
                                           Wide(ToArray<T>(a)[2 * i + 1]));
    }
    return FromArray<WideLane<T>>(result);
  };
}

TEST(VectorIntegerTest, WrappingArithmetic) {
  Check({
      Binary<uint8_t>("i8x16.add", Add<uint8_t>, Sum<uint8_t>()),
      Binary<uint16_t>("i16x8.add", Add<uint16_t>, Sum<uint16_t>()),
      Binary<uint32_t>("i32x4.add", Add<uint32_t>, Sum<uint32_t>()),
      Binary<uint64_t>("i64x2.add", Add<uint64_t>, Sum<uint64_t>()),
      Binary<uint8_t>("i8x16.sub", Sub<uint8_t>, Difference<uint8_t>()),
      Binary<uint16_t>("i16x8.sub", Sub<uint16_t>, Difference<uint16_t>()),
      Binary<uint32_t>("i32x4.sub", Sub<uint32_t>, Difference<uint32_t>()),
      Binary<uint64_t>("i64x2.sub", Sub<uint64_t>, Difference<uint64_t>()),
      Binary<uint16_t>("i16x8.mul", Mul<uint16_t>, Product<uint16_t>()),
      Binary<uint32_t>("i32x4.mul", Mul<uint32_t>, Product<uint32_t>()),
      Binary<uint64_t>("i64x2.mul", Mul<uint64_t>, Product<uint64_t>()),
  });
  Check({
      Unary<uint8_t>("i8x16.neg", Neg<uint8_t>, Negative<uint8_t>()),
      Unary<uint16_t>("i16x8.neg", Neg<uint16_t>, Negative<uint16_t>()),
      Unary<uint32_t>("i32x4.neg", Neg<uint32_t>, Negative<uint32_t>()),
      Unary<uint64_t>("i64x2.neg", Neg<uint64_t>, Negative<uint64_t>()),
      Unary<uint8_t>("i8x16.abs", Abs<uint8_t>, Absolute<int8_t>()),
      Unary<uint16_t>("i16x8.abs", Abs<uint16_t>, Absolute<int16_t>()),
      Unary<uint32_t>("i32x4.abs", Abs<uint32_t>, Absolute<int32_t>()),
      Unary<uint64_t>("i64x2.abs", Abs<uint64_t>, Absolute<int64_t>()),
      Unary<uint8_t>("i8x16.popcnt", Popcnt, EachLane<uint8_t>([](uint8_t a) {
                       return std::popcount(a);
                     })),
  });
}

TEST(VectorIntegerTest, SaturatingArithmetic) {
  Check({
      Binary<int8_t>("i8x16.add_sat_s", AddSat<int8_t>, SaturatedSum<int8_t>()),
      Binary<uint8_t>("i8x16.add_sat_u", AddSat<uint8_t>,
                      SaturatedSum<uint8_t>()),
      Binary<int16_t>("i16x8.add_sat_s", AddSat<int16_t>,
                      SaturatedSum<int16_t>()),
      Binary<uint16_t>("i16x8.add_sat_u", AddSat<uint16_t>,
                       SaturatedSum<uint16_t>()),
      Binary<int8_t>("i8x16.sub_sat_s", SubSat<int8_t>,
                     SaturatedDifference<int8_t>()),
      Binary<uint8_t>("i8x16.sub_sat_u", SubSat<uint8_t>,
                      SaturatedDifference<uint8_t>()),
      Binary<int16_t>("i16x8.sub_sat_s", SubSat<int16_t>,
                      SaturatedDifference<int16_t>()),
      Binary<uint16_t>("i16x8.sub_sat_u", SubSat<uint16_t>,
                       SaturatedDifference<uint16_t>()),
      Binary<int16_t>("i16x8.q15mulr_sat_s", Q15mulrSat,
                      EachPair<int16_t>([](int a, int b) {
                        return Saturated<int16_t>((a * b + 0x4000) >> 15);
                      })),
  });
}

TEST(VectorIntegerTest, MinMaxAverage) {
  Check({
      Binary<int8_t>("i8x16.min_s", Min<int8_t>, Smaller<int8_t>()),
      Binary<uint8_t>("i8x16.min_u", Min<uint8_t>, Smaller<uint8_t>()),
      Binary<int8_t>("i8x16.max_s", Max<int8_t>, Greater<int8_t>()),
      Binary<uint8_t>("i8x16.max_u", Max<uint8_t>, Greater<uint8_t>()),
      Binary<int16_t>("i16x8.min_s", Min<int16_t>, Smaller<int16_t>()),
      Binary<uint16_t>("i16x8.min_u", Min<uint16_t>, Smaller<uint16_t>()),
      Binary<int16_t>("i16x8.max_s", Max<int16_t>, Greater<int16_t>()),
      Binary<uint16_t>("i16x8.max_u", Max<uint16_t>, Greater<uint16_t>()),
      Binary<int32_t>("i32x4.min_s", Min<int32_t>, Smaller<int32_t>()),
      Binary<uint32_t>("i32x4.min_u", Min<uint32_t>, Smaller<uint32_t>()),
      Binary<int32_t>("i32x4.max_s", Max<int32_t>, Greater<int32_t>()),
      Binary<uint32_t>("i32x4.max_u", Max<uint32_t>, Greater<uint32_t>()),
      Binary<uint8_t>("i8x16.avgr_u", AvgrU<uint8_t>, Average<uint8_t>()),
      Binary<uint16_t>("i16x8.avgr_u", AvgrU<uint16_t>, Average<uint16_t>()),
  });
}

TEST(VectorIntegerTest, ExtendingArithmetic) {
  constexpr Half kLow = Half::kLow;
  constexpr Half kHigh = Half::kHigh;
  Check({
      Binary<int8_t>("i16x8.extmul_low_i8x16_s", Extmul<int8_t, kLow>,
                     Products<int8_t>(0)),
      Binary<int8_t>("i16x8.extmul_high_i8x16_s", Extmul<int8_t, kHigh>,
                     Products<int8_t>(8)),
      Binary<uint8_t>("i16x8.extmul_low_i8x16_u", Extmul<uint8_t, kLow>,
                      Products<uint8_t>(0)),
      Binary<uint8_t>("i16x8.extmul_high_i8x16_u", Extmul<uint8_t, kHigh>,
                      Products<uint8_t>(8)),
      Binary<int16_t>("i32x4.extmul_low_i16x8_s", Extmul<int16_t, kLow>,
                      Products<int16_t>(0)),
      Binary<int16_t>("i32x4.extmul_high_i16x8_s", Extmul<int16_t, kHigh>,
                      Products<int16_t>(4)),
      Binary<uint16_t>("i32x4.extmul_low_i16x8_u", Extmul<uint16_t, kLow>,
                       Products<uint16_t>(0)),
      Binary<uint16_t>("i32x4.extmul_high_i16x8_u", Extmul<uint16_t, kHigh>,
                       Products<uint16_t>(4)),
      Binary<int32_t>("i64x2.extmul_low_i32x4_s", Extmul<int32_t, kLow>,
                      Products<int32_t>(0)),
      Binary<int32_t>("i64x2.extmul_high_i32x4_s", Extmul<int32_t, kHigh>,
                      Products<int32_t>(2)),
      Binary<uint32_t>("i64x2.extmul_low_i32x4_u", Extmul<uint32_t, kLow>,
                       Products<uint32_t>(0)),
      Binary<uint32_t>("i64x2.extmul_high_i32x4_u", Extmul<uint32_t, kHigh>,
                       Products<uint32_t>(2)),
      Binary<int16_t>("i32x4.dot_i16x8_s", Dot,
                      [](V128 a, V128 b) {
                        LaneArray<uint32_t> result;
                        for (size_t i = 0; i < result.size(); ++i) {
                          const auto x = ToArray<int16_t>(a);
                          const auto y = ToArray<int16_t>(b);
                          result[i] = static_cast<uint32_t>(
                              Wide(x[2 * i]) * y[2 * i] +
                              Wide(x[2 * i + 1]) * y[2 * i + 1]);
                        }
                        return FromArray<uint32_t>(result);
                      }),
  });
  Check({
      Unary<int8_t>("i16x8.extadd_pairwise_i8x16_s", ExtaddPairwise<int8_t>,
                    PairSums<int8_t>()),
      Unary<uint8_t>("i16x8.extadd_pairwise_i8x16_u", ExtaddPairwise<uint8_t>,
                     PairSums<uint8_t>()),
      Unary<int16_t>("i32x4.extadd_pairwise_i16x8_s", ExtaddPairwise<int16_t>,
                     PairSums<int16_t>()),
      Unary<uint16_t>("i32x4.extadd_pairwise_i16x8_u", ExtaddPairwise<uint16_t>,
                      PairSums<uint16_t>()),
  });
}

}  // namespace
}  // namespace wasmd::eval::vector

#include "interp/eval/vector_conversion.h"

#include <algorithm>
#include <cmath>

#include "interp/eval/vector_model.h"

namespace wasmd::eval::vector {
namespace {

// `model` on lanes of T from `first` on, as many as there are of Result.
template <typename T, typename Result, typename F>
UnaryModel FromLane(size_t first, F model) {
  return [first, model](V128 a) {
    LaneArray<Result> result;
    for (size_t i = 0; i < result.size(); ++i) {
      result[i] = model(ToArray<T>(a)[first + i]);
    }
    return FromArray<Result>(result);
  };
}
// The same for all lanes of T, with zeros after them.
template <typename T, typename Result, typename F>
UnaryModel ThenZeros(F model) {
  return [model](V128 a) {
    LaneArray<Result> result{};
    for (size_t i = 0; i < 16 / sizeof(T); ++i) {
      result[i] = model(ToArray<T>(a)[i]);
    }
    return FromArray<Result>(result);
  };
}

template <typename T>
void CheckExtend(const char* what) {
  SCOPED_TRACE(what);
  using Wide = WideLane<T>;
  const auto extend = [](T x) { return static_cast<Wide>(x); };
  Check({
      Unary<T>("low", Extend<T, Half::kLow>, FromLane<T, Wide>(0, extend)),
      Unary<T>("high", Extend<T, Half::kHigh>,
               FromLane<T, Wide>(8 / sizeof(T), extend)),
  });
}

TEST(VectorConversionTest, ExtendsHalfOfTheLanes) {
  CheckExtend<int8_t>("i16x8.extend_i8x16_s");
  CheckExtend<uint8_t>("i16x8.extend_i8x16_u");
  CheckExtend<int16_t>("i32x4.extend_i16x8_s");
  CheckExtend<uint16_t>("i32x4.extend_i16x8_u");
  CheckExtend<int32_t>("i64x2.extend_i32x4_s");
  CheckExtend<uint32_t>("i64x2.extend_i32x4_u");
}

template <typename T>
BinaryModel Narrowed() {
  using Wide = MaskLane<WideLane<T>>;
  return [](V128 a, V128 b) {
    LaneArray<T> result;
    for (size_t i = 0; i < result.size(); ++i) {
      const size_t half = result.size() / 2;
      const Wide x =
          i < half ? ToArray<Wide>(a)[i] : ToArray<Wide>(b)[i - half];
      result[i] =
          static_cast<T>(std::clamp(x, Wide{std::numeric_limits<T>::min()},
                                    Wide{std::numeric_limits<T>::max()}));
    }
    return FromArray<T>(result);
  };
}

TEST(VectorConversionTest, NarrowsToTheNearest) {
  Check({
      Binary<int16_t>("i8x16.narrow_i16x8_s", Narrow<int8_t>,
                      Narrowed<int8_t>()),
      Binary<int16_t>("i8x16.narrow_i16x8_u", Narrow<uint8_t>,
                      Narrowed<uint8_t>()),
      Binary<int32_t>("i16x8.narrow_i32x4_s", Narrow<int16_t>,
                      Narrowed<int16_t>()),
      Binary<int32_t>("i16x8.narrow_i32x4_u", Narrow<uint16_t>,
                      Narrowed<uint16_t>()),
  });
}

template <typename T>
T Truncated(double x) {
  using Limits = std::numeric_limits<T>;
  if (std::isnan(x)) return 0;
  return static_cast<T>(
      std::clamp(std::trunc(x), double{Limits::min()}, double{Limits::max()}));
}

TEST(VectorConversionTest, TruncatesWithSaturation) {
  Check({
      Unary<float>("i32x4.trunc_sat_f32x4_s", TruncSatF32<int32_t>,
                   EachLane<float, int32_t>(Truncated<int32_t>)),
      Unary<float>("i32x4.trunc_sat_f32x4_u", TruncSatF32<uint32_t>,
                   EachLane<float, uint32_t>(Truncated<uint32_t>)),
      Unary<double>("i32x4.trunc_sat_f64x2_s_zero", TruncSatF64Zero<int32_t>,
                    ThenZeros<double, int32_t>(Truncated<int32_t>)),
      Unary<double>("i32x4.trunc_sat_f64x2_u_zero", TruncSatF64Zero<uint32_t>,
                    ThenZeros<double, uint32_t>(Truncated<uint32_t>)),
  });
}

template <typename T>
float Rounded(T x) {
  return static_cast<float>(static_cast<double>(x));
}
template <typename T>
double Exact(T x) {
  return static_cast<double>(x);
}

TEST(VectorConversionTest, ConvertsIntegersToFloats) {
  Check({
      Unary<int32_t>("f32x4.convert_i32x4_s", ConvertToF32<int32_t>,
                     EachLane<int32_t, float>(Rounded<int32_t>)),
      Unary<uint32_t>("f32x4.convert_i32x4_u", ConvertToF32<uint32_t>,
                      EachLane<uint32_t, float>(Rounded<uint32_t>)),
      Unary<int32_t>("f64x2.convert_low_i32x4_s", ConvertLowToF64<int32_t>,
                     FromLane<int32_t, double>(0, Exact<int32_t>)),
      Unary<uint32_t>("f64x2.convert_low_i32x4_u", ConvertLowToF64<uint32_t>,
                      FromLane<uint32_t, double>(0, Exact<uint32_t>)),
  });
}

// All values near halfway cases of the result, where double rounding would
// show.
TEST(VectorConversionTest, RoundsUnsignedIntegersOnce) {
  for (uint32_t shift = 0; shift < 8; ++shift) {
    for (int offset = -3; offset <= 3; ++offset) {
      const uint32_t x = (0x01000001u << shift) + (1u << shift) / 2 +
                         static_cast<uint32_t>(offset);
      const V128 converted = ConvertToF32<uint32_t>(ToV128(All<uint32_t>(x)));
      for (const float lane : ToArray<float>(converted)) {
        EXPECT_EQ(lane, Rounded(x)) << x;
      }
    }
  }
}

TEST(VectorConversionTest, ChangesTheWidthOfFloats) {
  Check({
      Unary<double>("f32x4.demote_f64x2_zero", DemoteZero,
                    ThenZeros<double, uint32_t>([](double x) {
                      return CanonicalBits(static_cast<float>(x));
                    })),
      Unary<float>("f64x2.promote_low_f32x4", PromoteLow,
                   FromLane<float, uint64_t>(0,
                                             [](float x) {
                                               return CanonicalBits(
                                                   static_cast<double>(x));
                                             })),
  });
}

}  // namespace
}  // namespace wasmd::eval::vector

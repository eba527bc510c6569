#include "interp/eval/vector_relaxed.h"

#include <algorithm>

#include "interp/eval/vector_model.h"

namespace wasmd::eval::vector {
namespace {

template <typename T>
void CheckMadd(T sign, V128 (*function)(V128, V128, V128)) {
  for (const V128 a : Inputs<T>()) {
    for (const V128 b : Inputs<T>()) {
      const V128 c = FNeg<T>(FMul<T>(a, b));
      const V128 result = function(a, b, c);
      for (size_t i = 0; i < 16 / sizeof(T); ++i) {
        // Each step in memory, so that nothing can be fused.
        volatile T product = sign * ToArray<T>(a)[i] * ToArray<T>(b)[i];
        volatile T sum = product + ToArray<T>(c)[i];
        ASSERT_EQ(std::bit_cast<BitsLane<T>>(ToArray<T>(result)[i]),
                  CanonicalBits<T>(sum));
      }
    }
  }
}

TEST(VectorRelaxedTest, MultiplyAddIsNotFused) {
  CheckMadd<float>(1, RelaxedMadd<float>);
  CheckMadd<float>(-1, RelaxedNmadd<float>);
  CheckMadd<double>(1, RelaxedMadd<double>);
  CheckMadd<double>(-1, RelaxedNmadd<double>);

  // Fused, this would be the rounding error of the product.
  const float x = 1.0f + std::numeric_limits<float>::epsilon();
  const V128 square = ToV128(All<float>(x * x));
  const V128 v = ToV128(All<float>(x));
  EXPECT_EQ(Hex(RelaxedMadd<float>(v, v, FNeg<float>(square))), Hex(V128{}));
}

int16_t DotOf(V128 a, V128 b, size_t lane) {
  const auto x = ToArray<int8_t>(a);
  const auto y = ToArray<int8_t>(b);
  const int sum = x[2 * lane] * y[2 * lane] + x[2 * lane + 1] * y[2 * lane + 1];
  return static_cast<int16_t>(std::clamp(sum, -32768, 32767));
}

TEST(VectorRelaxedTest, DotTakesBothAsSignedAndSaturates) {
  Check({
      Binary<int8_t>("i16x8.relaxed_dot_i8x16_i7x16_s", RelaxedDot,
                     [](V128 a, V128 b) {
                       LaneArray<int16_t> result;
                       for (size_t i = 0; i < 8; ++i)
                         result[i] = DotOf(a, b, i);
                       return FromArray<int16_t>(result);
                     }),
  });
  const V128 least = ToV128(All<int8_t>(-128));
  EXPECT_EQ(Hex(RelaxedDot(least, least)), Hex(ToV128(All<int16_t>(32767))));
}

TEST(VectorRelaxedTest, DotAddSumsPairsOfDots) {
  const V128 c = {0x7FFFFFFF80000000, 0x00000001FFFFFFFF};
  for (const V128 a : Inputs<int8_t>()) {
    for (const V128 b : Inputs<int8_t>()) {
      LaneArray<uint32_t> expected;
      for (size_t i = 0; i < 4; ++i) {
        expected[i] =
            ToArray<uint32_t>(c)[i] +
            static_cast<uint32_t>(DotOf(a, b, 2 * i) + DotOf(a, b, 2 * i + 1));
      }
      ASSERT_EQ(Hex(RelaxedDotAdd(a, b, c)),
                Hex(FromArray<uint32_t>(expected)));
    }
  }
}

}  // namespace
}  // namespace wasmd::eval::vector

#include "interp/eval/float.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace wasmd::eval {
namespace {

template <typename T>
class FloatTest : public ::testing::Test {
 protected:
  static constexpr T kInf = std::numeric_limits<T>::infinity();

  static BitsOf<T> Bits(T x) { return std::bit_cast<BitsOf<T>>(x); }
  // A NaN that is not canonical: negative, with a payload, signalling.
  static T OddNan() {
    return std::bit_cast<T>(
        static_cast<BitsOf<T>>(Bits(kInf) | kSignBit<T> | 5));
  }
  // By bits: zeros have signs and NaNs have payloads.
  static void ExpectSame(T actual, T expected) {
    EXPECT_EQ(Bits(actual), Bits(expected)) << actual << " " << expected;
  }
  static void ExpectCanonical(T actual) {
    EXPECT_EQ(Bits(actual), Bits(kCanonicalNan<T>));
  }
};

using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FloatTest, Types);

TYPED_TEST(FloatTest, ArithmeticMakesCanonicalNans) {
  using T = TypeParam;
  const T nan = this->OddNan();
  ASSERT_NE(nan, nan);
  ASSERT_NE(this->Bits(nan), this->Bits(kCanonicalNan<T>));
  this->ExpectCanonical(FAdd(nan, T{1}));
  this->ExpectCanonical(FSub(T{1}, nan));
  this->ExpectCanonical(FMul(nan, nan));
  this->ExpectCanonical(FDiv(nan, T{0}));
  this->ExpectCanonical(FSub(this->kInf, this->kInf));
  this->ExpectCanonical(FMul(this->kInf, T{0}));
  this->ExpectCanonical(FDiv(T{0}, T{0}));
  this->ExpectCanonical(FSqrt(T{-1}));
  this->ExpectCanonical(FSqrt(nan));
  this->ExpectCanonical(FMin(nan, T{1}));
  this->ExpectCanonical(FMax(T{1}, nan));
  this->ExpectCanonical(FFloor(nan));
  this->ExpectCanonical(FCeil(nan));
  this->ExpectCanonical(FTrunc(nan));
  this->ExpectCanonical(FNearest(nan));
}

TYPED_TEST(FloatTest, SignOperationsKeepNans) {
  using T = TypeParam;
  const T nan = this->OddNan();
  EXPECT_EQ(this->Bits(FAbs(nan)), this->Bits(nan) & ~kSignBit<T>);
  EXPECT_EQ(this->Bits(FNeg(nan)), this->Bits(nan) ^ kSignBit<T>);
  EXPECT_EQ(this->Bits(FCopysign(nan, T{1})), this->Bits(nan) & ~kSignBit<T>);
  this->ExpectSame(FCopysign(T{3}, T{-0.0}), T{-3});
  this->ExpectSame(FNeg(T{0}), T{-0.0});
  this->ExpectSame(FAbs(-this->kInf), this->kInf);
}

TYPED_TEST(FloatTest, MinAndMaxOrderZeros) {
  using T = TypeParam;
  this->ExpectSame(FMin(T{0}, T{-0.0}), T{-0.0});
  this->ExpectSame(FMin(T{-0.0}, T{0}), T{-0.0});
  this->ExpectSame(FMax(T{0}, T{-0.0}), T{0});
  this->ExpectSame(FMax(T{-0.0}, T{0}), T{0});
  this->ExpectSame(FMax(T{-0.0}, T{-0.0}), T{-0.0});
  this->ExpectSame(FMin(T{1}, T{2}), T{1});
  this->ExpectSame(FMax(T{1}, T{2}), T{2});
  this->ExpectSame(FMin(-this->kInf, T{2}), -this->kInf);
  this->ExpectSame(FMin(T{-5}, T{-5}), T{-5});
}

TYPED_TEST(FloatTest, Comparisons) {
  using T = TypeParam;
  const T nan = this->OddNan();
  EXPECT_EQ(FEq(T{0}, T{-0.0}), 1u);
  EXPECT_EQ(FLt(T{-0.0}, T{0}), 0u);
  EXPECT_EQ(FLe(T{-0.0}, T{0}), 1u);
  EXPECT_EQ(FEq(nan, nan), 0u);
  EXPECT_EQ(FNe(nan, nan), 1u);
  EXPECT_EQ(FLt(nan, T{1}), 0u);
  EXPECT_EQ(FGt(nan, T{1}), 0u);
  EXPECT_EQ(FLe(nan, nan), 0u);
  EXPECT_EQ(FGe(T{1}, nan), 0u);
  EXPECT_EQ(FGt(this->kInf, T{1}), 1u);
  EXPECT_EQ(FGe(T{2}, T{2}), 1u);
}

TYPED_TEST(FloatTest, NearestTiesToEven) {
  using T = TypeParam;
  this->ExpectSame(FNearest(T{0.5}), T{0});
  this->ExpectSame(FNearest(T{-0.5}), T{-0.0});
  this->ExpectSame(FNearest(T{1.5}), T{2});
  this->ExpectSame(FNearest(T{2.5}), T{2});
  this->ExpectSame(FNearest(T{-2.5}), T{-2});
  this->ExpectSame(FNearest(T{-3.5}), T{-4});
  this->ExpectSame(FNearest(T{0.49}), T{0});
  this->ExpectSame(FNearest(this->kInf), this->kInf);
}

// The functions that use no library against the library, on all magnitudes.
TYPED_TEST(FloatTest, RoundingMatchesTheLibrary) {
  using T = TypeParam;
  std::vector<T> values = {T{0},
                           T{-0.0},
                           T{0.25},
                           T{-0.75},
                           kWholeFrom<T>,
                           kWholeFrom<T> - T{0.5},
                           T{0.5} - kWholeFrom<T>,
                           kWholeFrom<T> * 2 + 2,
                           std::numeric_limits<T>::max(),
                           std::numeric_limits<T>::min(),
                           std::numeric_limits<T>::denorm_min(),
                           -std::numeric_limits<T>::denorm_min(),
                           this->kInf,
                           -this->kInf};
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const T x = std::bit_cast<T>(static_cast<BitsOf<T>>(random()));
    if (x == x) values.push_back(x);
    values.push_back(static_cast<T>(static_cast<int64_t>(random() >> 20)) /
                     T{256});
  }
  for (const T x : values) {
    this->ExpectSame(FTrunc(x), std::trunc(x));
    this->ExpectSame(FFloor(x), std::floor(x));
    this->ExpectSame(FCeil(x), std::ceil(x));
    this->ExpectSame(FNearest(x), std::nearbyint(x));
  }
}

}  // namespace
}  // namespace wasmd::eval

#include "interp/eval/conversion.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace wasmd::eval {
namespace {

constexpr Sign kS = Sign::kSigned;
constexpr Sign kU = Sign::kUnsigned;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

// The ends of the interval of floats that fit, and their neighbours outside.
template <typename Int, Sign sign, typename Float>
void CheckBounds(Float lowest, Int low_value, Float highest, Int high_value) {
  const Float kInfinity = std::numeric_limits<Float>::infinity();
  const auto low = Trunc<Int, sign>(lowest);
  EXPECT_TRUE(low.ok);
  EXPECT_EQ(low.value, low_value);
  const auto high = Trunc<Int, sign>(highest);
  EXPECT_TRUE(high.ok);
  EXPECT_EQ(high.value, high_value);
  for (const Float x :
       {std::nextafter(lowest, -kInfinity), std::nextafter(highest, kInfinity),
        kInfinity, -kInfinity}) {
    const auto outside = Trunc<Int, sign>(x);
    EXPECT_FALSE(outside.ok) << x;
    EXPECT_EQ(outside.trap, TrapKind::kIntegerOverflow);
    using Limits = std::numeric_limits<IntOf<Int, sign>>;
    EXPECT_EQ((TruncSat<Int, sign>(x)),
              static_cast<Int>(x < 0 ? Limits::min() : Limits::max()));
  }
  const auto nan = Trunc<Int, sign>(std::numeric_limits<Float>::quiet_NaN());
  EXPECT_FALSE(nan.ok);
  EXPECT_EQ(nan.trap, TrapKind::kInvalidConversionToInteger);
  EXPECT_EQ((TruncSat<Int, sign>(std::numeric_limits<Float>::quiet_NaN())), 0u);
  EXPECT_EQ((TruncSat<Int, sign>(highest)), high_value);
}

TEST(ConversionTest, TruncBounds) {
  const float below_one = std::nextafter(-1.0f, 0.0f);
  const double below_one64 = std::nextafter(-1.0, 0.0);
  CheckBounds<uint32_t, kS, float>(-0x1p31f, 0x80000000, 0x1.fffffep30f,
                                   0x7FFFFF80);
  CheckBounds<uint32_t, kU, float>(below_one, 0, 0x1.fffffep31f, 0xFFFFFF00);
  CheckBounds<uint32_t, kS, double>(
      std::nextafter(-2147483649.0, 0.0), 0x80000000,
      std::nextafter(2147483648.0, 0.0), 0x7FFFFFFF);
  CheckBounds<uint32_t, kU, double>(
      below_one64, 0, std::nextafter(4294967296.0, 0.0), 0xFFFFFFFF);
  CheckBounds<uint64_t, kS, float>(-0x1p63f, 0x8000000000000000, 0x1.fffffep62f,
                                   0x7FFFFF8000000000);
  CheckBounds<uint64_t, kU, float>(below_one, 0, 0x1.fffffep63f,
                                   0xFFFFFF0000000000);
  CheckBounds<uint64_t, kS, double>(-0x1p63, 0x8000000000000000,
                                    0x1.fffffffffffffp62, 0x7FFFFFFFFFFFFC00);
  CheckBounds<uint64_t, kU, double>(below_one64, 0, 0x1.fffffffffffffp63,
                                    0xFFFFFFFFFFFFF800);
}

TEST(ConversionTest, TruncRoundsTowardsZero) {
  EXPECT_EQ((Trunc<uint32_t, kS, double>(-1.9).value), ~0u);
  EXPECT_EQ((Trunc<uint32_t, kU, double>(1.9).value), 1u);
  EXPECT_EQ((Trunc<uint64_t, kS, float>(-1.5f).value), ~0ull);
  EXPECT_EQ((TruncSat<uint32_t, kS, double>(-1.9)), ~0u);
}

TEST(ConversionTest, IntegersToFloatsRoundToNearest) {
  EXPECT_EQ((Convert<float, kS>(uint32_t{0xFFFFFFFF})), -1.0f);
  EXPECT_EQ((Convert<float, kU>(uint32_t{0xFFFFFFFF})), 4294967296.0f);
  EXPECT_EQ((Convert<float, kS>(uint32_t{16777217})), 16777216.0f);
  EXPECT_EQ((Convert<float, kU>(uint64_t{0xFFFFFFFFFFFFFFFF})), 0x1p64f);
  EXPECT_EQ((Convert<double, kS>(uint64_t{0x8000000000000000})), -0x1p63);
  EXPECT_EQ((Convert<double, kU>(uint64_t{0x8000000000000400})), 0x1p63);
  EXPECT_EQ((Convert<double, kU>(uint64_t{0x8000000000000401})),
            0x1.0000000000001p63);
  EXPECT_EQ((Convert<float, kU>(uint64_t{0x8000008000000001})), 0x1.000002p63f);
  EXPECT_EQ((Convert<double, kS>(uint32_t{0x80000000})), -2147483648.0);
}

TEST(ConversionTest, BetweenFloats) {
  EXPECT_EQ(Demote(1e300), std::numeric_limits<float>::infinity());
  EXPECT_EQ(Demote(1e-300), 0.0f);
  EXPECT_TRUE(std::signbit(Demote(-1e-300)));
  EXPECT_EQ(Promote(0x1p-149f), 0x1p-149);
  EXPECT_EQ(Demote(kInf), std::numeric_limits<float>::infinity());
  EXPECT_EQ(std::bit_cast<uint32_t>(Demote(-kNan)), 0x7FC00000u);
  EXPECT_EQ(std::bit_cast<uint64_t>(
                Promote(std::bit_cast<float>(uint32_t{0xFFA00001}))),
            0x7FF8000000000000u);
}

TEST(ConversionTest, BetweenIntegers) {
  EXPECT_EQ(Wrap(0x123456789), 0x23456789u);
  EXPECT_EQ(ExtendS(0x80000000), 0xFFFFFFFF80000000u);
  EXPECT_EQ(ExtendU(0x80000000), 0x80000000u);
}

TEST(ConversionTest, ReinterpretKeepsBits) {
  EXPECT_EQ((Reinterpret<uint32_t>(-0.0f)), 0x80000000u);
  EXPECT_EQ((Reinterpret<uint64_t>(1.0)), 0x3FF0000000000000u);
  EXPECT_EQ(std::bit_cast<uint32_t>(Reinterpret<float>(uint32_t{0xFFA00001})),
            0xFFA00001u);
}

}  // namespace
}  // namespace wasmd::eval

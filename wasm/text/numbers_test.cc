#include "wasm/text/numbers.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>

namespace wasmd::text {
namespace {

constexpr NumberError kSyntax = NumberError::kSyntax;
constexpr NumberError kOutOfRange = NumberError::kOutOfRange;

uint64_t Unsigned(std::string_view text, unsigned width) {
  const NumberResult result = ParseUnsigned(text, width);
  EXPECT_TRUE(result.ok()) << text;
  return result.bits;
}

uint64_t Integer(std::string_view text, unsigned width) {
  const NumberResult result = ParseInteger(text, width);
  EXPECT_TRUE(result.ok()) << text;
  return result.bits;
}

uint64_t F32(std::string_view text) {
  const NumberResult result = ParseF32(text);
  EXPECT_TRUE(result.ok()) << text;
  return result.bits;
}

uint64_t F64(std::string_view text) {
  const NumberResult result = ParseF64(text);
  EXPECT_TRUE(result.ok()) << text;
  return result.bits;
}

TEST(NumbersTest, UnsignedIntegers) {
  EXPECT_EQ(Unsigned("0", 32), 0u);
  EXPECT_EQ(Unsigned("1_000", 32), 1000u);
  EXPECT_EQ(Unsigned("0xAb_cD", 32), 0xABCDu);
  EXPECT_EQ(Unsigned("00000000000000000000000255", 8), 255u);
  EXPECT_EQ(Unsigned("18446744073709551615", 64), ~uint64_t{0});
  EXPECT_EQ(ParseUnsigned("256", 8).error, kOutOfRange);
  EXPECT_EQ(ParseUnsigned("4294967296", 32).error, kOutOfRange);
  EXPECT_EQ(ParseUnsigned("18446744073709551616", 64).error, kOutOfRange);
  EXPECT_EQ(ParseUnsigned("0x10000000000000000", 64).error, kOutOfRange);
}

TEST(NumbersTest, UnsignedSyntax) {
  for (const char* bad : {"", "_1", "1_", "1__0", "0x", "0x_1", "0X1", "+1",
                          "-1", "1a", "0xg", "1.0", "0drop"}) {
    EXPECT_EQ(ParseUnsigned(bad, 32).error, kSyntax) << bad;
  }
}

TEST(NumbersTest, IntegersAreSignedOrUnsigned) {
  EXPECT_EQ(Integer("-1", 32), 0xFFFFFFFFu);
  EXPECT_EQ(Integer("-2147483648", 32), 0x80000000u);
  EXPECT_EQ(Integer("4294967295", 32), 0xFFFFFFFFu);
  EXPECT_EQ(Integer("+7", 32), 7u);
  EXPECT_EQ(Integer("-0x8000000000000000", 64), uint64_t{1} << 63);
  EXPECT_EQ(Integer("-128", 8), 0x80u);
  EXPECT_EQ(ParseInteger("-129", 8).error, kOutOfRange);
  EXPECT_EQ(ParseInteger("-2147483649", 32).error, kOutOfRange);
  EXPECT_EQ(ParseInteger("4294967296", 32).error, kOutOfRange);
  for (const char* bad : {"-", "+", "--1", "+-1", "- 1", ""}) {
    EXPECT_EQ(ParseInteger(bad, 32).error, kSyntax) << bad;
  }
}

TEST(NumbersTest, DecimalFloats) {
  EXPECT_EQ(F64("0"), 0u);
  EXPECT_EQ(F64("-0"), uint64_t{1} << 63);
  EXPECT_EQ(F64("1."), std::bit_cast<uint64_t>(1.0));
  EXPECT_EQ(F64("1_0.2_5e+1_0"), std::bit_cast<uint64_t>(10.25e10));
  EXPECT_EQ(F64("1.E-3"), std::bit_cast<uint64_t>(1e-3));
  EXPECT_EQ(F32("3.4028234663852886e38"), 0x7F7FFFFFu);
  EXPECT_EQ(F32("+1.5"), std::bit_cast<uint32_t>(1.5f));
}

TEST(NumbersTest, HexFloats) {
  EXPECT_EQ(F64("0x1.8p1"), std::bit_cast<uint64_t>(3.0));
  EXPECT_EQ(F64("-0xA_b"), std::bit_cast<uint64_t>(-171.0));
  EXPECT_EQ(F64("0x1.P-1"), std::bit_cast<uint64_t>(0.5));
  EXPECT_EQ(F32("0x1.fffffep127"), 0x7F7FFFFFu);
  EXPECT_EQ(F64("0x0.0000000000001p-1022"), 1u);
  EXPECT_EQ(F32("0x1p-149"), 1u);
}

TEST(NumbersTest, FloatSyntax) {
  for (const char* bad : {"",        ".5",       "1e",
                          "1e+",     "_1.0",     "1_.0",
                          "1._0",    "1.0_",     "1.0e_1",
                          "0x",      "0x.1",     "0x1.0p",
                          "0x1e+3x", "1p3",      "0x1.8e1.",
                          "in",      "infinity", "nan:1",
                          "nan:0x",  "nan:",     "nan:canonical",
                          "1 ",      "Inf",      "NaN"}) {
    EXPECT_EQ(ParseF64(bad).error, kSyntax) << bad;
  }
}

TEST(NumbersTest, InfinitiesAndNans) {
  EXPECT_EQ(F32("inf"), 0x7F800000u);
  EXPECT_EQ(F64("-inf"), 0xFFF0000000000000u);
  EXPECT_EQ(F32("nan"), 0x7FC00000u);
  EXPECT_EQ(F32("-nan:0x7f_ffff"), 0xFFFFFFFFu);
  EXPECT_EQ(F64("nan:0x1"), 0x7FF0000000000001u);
  EXPECT_EQ(ParseF32("nan:0x0").error, kOutOfRange);
  EXPECT_EQ(ParseF32("nan:0x80_0000").error, kOutOfRange);
  EXPECT_EQ(ParseF64("nan:0x10_0000_0000_0000").error, kOutOfRange);
}

TEST(NumbersTest, OverflowIsAnErrorAndUnderflowIsNot) {
  EXPECT_EQ(ParseF32("3.4028236e38").error, kOutOfRange);
  EXPECT_EQ(ParseF32("0x1.ffffffp127").error, kOutOfRange);
  EXPECT_EQ(ParseF64("1e309").error, kOutOfRange);
  EXPECT_EQ(ParseF64("0x1p1024").error, kOutOfRange);
  EXPECT_EQ(ParseF64("-1e99999999999999999999999").error, kOutOfRange);
  EXPECT_EQ(F64("1e-99999999999999999999999"), 0u);
  EXPECT_EQ(F32("0x1p-99999999999999999999999"), 0u);
  EXPECT_EQ(F64("0e99999999999999999999999"), 0u);
  EXPECT_EQ(F64("0x0p99999999999999999999999"), 0u);
  EXPECT_EQ(F64("1e00000000000000000000000003"),
            std::bit_cast<uint64_t>(1000.0));
  EXPECT_EQ(F32("1e-46"), 0u);
  EXPECT_EQ(F32("0x1p-150"), 0u);         // half of the least: ties to even
  EXPECT_EQ(F32("0x1.000001p-150"), 1u);  // just above half
}

// Through f64 these round twice: first to a tie, then to the wrong side.
TEST(NumbersTest, F32IsRoundedOnce) {
  EXPECT_EQ(F32("0x1.00000100000000001p0"), 0x3F800001u);
  EXPECT_EQ(F32("0x1.000000fffffffffffp0"), 0x3F800000u);
  EXPECT_EQ(F32("0x1.000001p0"), 0x3F800000u);
  EXPECT_EQ(F32("0x1.000003p0"), 0x3F800002u);
  EXPECT_EQ(F32("1.00000005960464477540"), 0x3F800001u);
  EXPECT_EQ(F32("1.000000059604644775390625"), 0x3F800000u);
  EXPECT_EQ(F32("8.8817847263968443574e-16"), 0x26800001u);
}

TEST(NumbersTest, HalfwayCasesOfF64) {
  EXPECT_EQ(F64("9007199254740993"),
            std::bit_cast<uint64_t>(9007199254740992.0));
  EXPECT_EQ(F64("9007199254740993.00000000000000000000000000000000001"),
            std::bit_cast<uint64_t>(9007199254740994.0));
  EXPECT_EQ(F64("0x20000000000001"), std::bit_cast<uint64_t>(0x1p53));
  EXPECT_EQ(F64("0x20000000000001.0000000000000000000000001"),
            std::bit_cast<uint64_t>(0x1.0000000000001p53));
  EXPECT_EQ(F64("2.2250738585072011e-308"), 0x000FFFFFFFFFFFFFu);
}

TEST(NumbersTest, VeryLongLiterals) {
  const std::string zeros(5000, '0');
  EXPECT_EQ(F64("1" + zeros + "e-5000"), std::bit_cast<uint64_t>(1.0));
  EXPECT_EQ(F64("0." + zeros + "1e5001"), std::bit_cast<uint64_t>(1.0));
  EXPECT_EQ(F64("0x1" + zeros + "p-20000"), std::bit_cast<uint64_t>(1.0));
  EXPECT_EQ(F64("0x0." + zeros + "1p20004"), std::bit_cast<uint64_t>(1.0));
  // A digit far behind the halfway point still decides.
  EXPECT_EQ(F64("9007199254740993." + zeros + "1"),
            std::bit_cast<uint64_t>(9007199254740994.0));
  EXPECT_EQ(F32("0x1.000001" + zeros + "1"), 0x3F800001u);
}

}  // namespace
}  // namespace wasmd::text

#include "runtime/value_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;

// What `text` is as a value of `type`, printed again; or "error".
std::string Again(std::string_view text, ValueType type) {
  const absl::StatusOr<Value> value = ParseValue(text, type);
  return value.ok() ? FormatValue(*value) : "error";
}

TEST(ValueTextTest, Integers) {
  EXPECT_EQ(Again("0", kI32Type), "0");
  EXPECT_EQ(Again("-1", kI32Type), "-1");
  EXPECT_EQ(Again("+7", kI32Type), "7");
  EXPECT_EQ(Again("4294967295", kI32Type), "-1");
  EXPECT_EQ(Again("-2147483648", kI32Type), "-2147483648");
  EXPECT_EQ(Again("0xff", kI32Type), "255");
  EXPECT_EQ(Again("-0x10", kI64Type), "-16");
  EXPECT_EQ(Again("18446744073709551615", kI64Type), "-1");
  EXPECT_EQ(Again("-9223372036854775808", kI64Type), "-9223372036854775808");
}

TEST(ValueTextTest, IntegersOutOfRangeOrMalformed) {
  for (const char* text : {"", "-", "+", "x", "1x", "0x", "--1", "-+1", "1.0",
                           " 1", "4294967296", "-2147483649", "0x100000000"}) {
    EXPECT_EQ(Again(text, kI32Type), "error") << text;
  }
  EXPECT_EQ(Again("18446744073709551616", kI64Type), "error");
  EXPECT_EQ(Again("-9223372036854775809", kI64Type), "error");
}

TEST(ValueTextTest, Floats) {
  EXPECT_EQ(Again("0.1", kF64Type), "0.1");
  EXPECT_EQ(Again("0.1", kF32Type), "0.1");
  EXPECT_EQ(Again("-2.5e3", kF64Type), "-2500");
  EXPECT_EQ(Again("0x1.8p1", kF64Type), "3");
  EXPECT_EQ(Again("inf", kF64Type), "inf");
  EXPECT_EQ(Again("-inf", kF32Type), "-inf");
  EXPECT_EQ(Again("nan", kF64Type), "nan");
  EXPECT_EQ(Again("-0", kF64Type), "-0");
  EXPECT_EQ(FormatValue(F64Value(std::numeric_limits<double>::max())),
            "1.7976931348623157e+308");
}

TEST(ValueTextTest, FloatsMalformed) {
  for (const char* text : {"", "-", "1.0f", "x", "1e999", "--1", "0x"}) {
    EXPECT_EQ(Again(text, kF64Type), "error") << text;
  }
}

TEST(ValueTextTest, Vectors) {
  EXPECT_EQ(Again("0x1", kV128Type), "0x00000000000000000000000000000001");
  EXPECT_EQ(Again("0x0123456789abcdeffedcba9876543210", kV128Type),
            "0x0123456789abcdeffedcba9876543210");
  EXPECT_EQ(Again("0x10000000000000000", kV128Type),
            "0x00000000000000010000000000000000");
  for (const char* text :
       {"1", "0x", "0xg", "0x-1", "0x0123456789abcdeffedcba98765432100"}) {
    EXPECT_EQ(Again(text, kV128Type), "error") << text;
  }
}

TEST(ValueTextTest, References) {
  EXPECT_EQ(Again("null", kFuncRefType), "null");
  EXPECT_EQ(Again("null", kExternRefType), "null");
  EXPECT_EQ(Again("1", kExternRefType), "error");
  EXPECT_EQ(Again("null", ValueType::Ref(AbstractHeapType::kFunc, false)),
            "error");
}

TEST(ValueTextTest, SaysWhichTextIsNoValueOfWhichType) {
  EXPECT_THAT(std::string(ParseValue("7q", kI64Type).status().message()),
              HasSubstr("'7q' is not a value of type i64"));
}

TEST(ValueTextTest, ArgumentsMatchTheParameters) {
  const FunctionType type = {{kI32Type, kF64Type}, {}};
  ASSERT_OK_AND_ASSIGN(
      std::vector<Value> values,
      ParseArguments(std::vector<std::string>{"1", "2"}, type));
  EXPECT_EQ(values[0], I32Value(1));
  EXPECT_EQ(values[1], F64Value(2));
  EXPECT_THAT(std::string(ParseArguments(std::vector<std::string>{"1"}, type)
                              .status()
                              .message()),
              HasSubstr("takes 2 arguments, not 1"));
}

}  // namespace
}  // namespace wasmd

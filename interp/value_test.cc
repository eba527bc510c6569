#include "interp/value.h"

#include <gtest/gtest.h>

#include <limits>

namespace wasmd {
namespace {

TEST(ValueTest, PrintsNumbers) {
  EXPECT_EQ(ToString(I32Value(42)), "i32:42");
  EXPECT_EQ(ToString(I32Value(0xFFFFFFFF)), "i32:-1");
  EXPECT_EQ(ToString(I64Value(uint64_t{1} << 63)), "i64:-9223372036854775808");
  EXPECT_EQ(ToString(F32Value(0.1f)), "f32:0.1");
  EXPECT_EQ(ToString(F64Value(1.5)), "f64:1.5");
  EXPECT_EQ(ToString(F64Value(-0.0)), "f64:-0");
  EXPECT_EQ(ToString(F64Value(std::numeric_limits<double>::infinity())),
            "f64:inf");
  EXPECT_EQ(ToString(F64Value(1e300)), "f64:1e+300");
  EXPECT_EQ(ToString(V128Value(1, 0xF)),
            "v128:0x000000000000000f0000000000000001");
}

TEST(ValueTest, PrintsNansWithTheirPayload) {
  EXPECT_EQ(ToString(Value{kF32Type, 0x7FC00000}), "f32:nan:0x400000");
  EXPECT_EQ(ToString(Value{kF64Type, 0xFFF0000000000001}), "f64:-nan:0x1");
}

TEST(ValueTest, PrintsReferences) {
  EXPECT_EQ(ToString(Value{kFuncRefType, 0}), "funcref:null");
  EXPECT_EQ(ToString(Value{kFuncRefType, FunctionReference(17)}), "funcref:17");
  EXPECT_EQ(ToString(Value{kExternRefType, HostReference(5)}), "externref:5");
  EXPECT_EQ(ToString(Value{kExternRefType, I31Reference(~0u)}),
            "externref:i31:-1");
  EXPECT_EQ(ToString(Value{kExnRefType, 16}), "exnref:object:16");
}

TEST(ValueTest, ReadsAsTyped) {
  EXPECT_EQ(I32Value(0xFFFFFFFF).As<int32_t>(), -1);
  EXPECT_EQ(F64Value(2.5).As<double>(), 2.5);
}

}  // namespace
}  // namespace wasmd

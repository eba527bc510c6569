#include "spec-tests/value_matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "interp/reference.h"
#include "interp/store.h"
#include "interp/value.h"
#include "wasm/text/wast_script.h"
#include "wasm/types.h"

namespace wasmd::spec {
namespace {

constexpr ValueType kAnyRefType =
    ValueType::Ref(AbstractHeapType::kAny, /*nullable=*/true);

WastCommand Parse(const std::string& text) {
  const absl::StatusOr<std::vector<WastCommand>> commands = ParseWast(text);
  EXPECT_TRUE(commands.ok()) << commands.status();
  return commands.ok() ? commands->front() : WastCommand();
}

Value ParseValue(const std::string& text) {
  return ToValue(Parse("(invoke \"f\" " + text + ")").action->arguments[0]);
}

class ValueMatcherTest : public ::testing::Test {
 protected:
  bool Match(const std::string& pattern, const Value& value) {
    return Matches(
        store_,
        Parse("(assert_return (invoke \"f\") " + pattern + ")").results[0],
        value);
  }

  Store store_;
};

TEST_F(ValueMatcherTest, ValuesOfArguments) {
  EXPECT_EQ(ParseValue("(i32.const -1)"), I32Value(0xFFFFFFFF));
  EXPECT_EQ(ParseValue("(f64.const 1.5)"), F64Value(1.5));
  EXPECT_EQ(ParseValue("(v128.const i64x2 1 2)"), V128Value(1, 2));
  EXPECT_EQ(ParseValue("(ref.null func)"),
            (Value{ValueType::Ref(AbstractHeapType::kNoFunc, true), 0}));
  EXPECT_EQ(ParseValue("(ref.null struct)"),
            (Value{ValueType::Ref(AbstractHeapType::kNone, true), 0}));
  EXPECT_EQ(ParseValue("(ref.extern 3)").low, HostReference(3));
  EXPECT_EQ(ParseValue("(ref.host 3)").low, HostReference(3));
}

TEST_F(ValueMatcherTest, NumbersMatchByBitsAndType) {
  EXPECT_TRUE(Match("(i32.const 4294967295)", I32Value(0xFFFFFFFF)));
  EXPECT_FALSE(Match("(i32.const 1)", I32Value(2)));
  EXPECT_FALSE(Match("(i32.const 1)", I64Value(1)));
  EXPECT_FALSE(Match("(f32.const 0)", F32Value(-0.0f)));
  EXPECT_TRUE(Match("(f32.const -0)", F32Value(-0.0f)));
}

TEST_F(ValueMatcherTest, NansMatchByClass) {
  const Value canonical{kF32Type, 0x7FC00000};
  const Value negative{kF32Type, 0xFFC00000};
  const Value arithmetic{kF32Type, 0x7FC00001};
  const Value signalling{kF32Type, 0x7FA00000};
  EXPECT_TRUE(Match("(f32.const nan:canonical)", canonical));
  EXPECT_TRUE(Match("(f32.const nan:canonical)", negative));
  EXPECT_FALSE(Match("(f32.const nan:canonical)", arithmetic));
  EXPECT_TRUE(Match("(f32.const nan:arithmetic)", canonical));
  EXPECT_TRUE(Match("(f32.const nan:arithmetic)", arithmetic));
  EXPECT_FALSE(Match("(f32.const nan:arithmetic)", signalling));
  EXPECT_FALSE(Match("(f32.const nan:arithmetic)", F32Value(1.5f)));
  EXPECT_TRUE(Match("(f32.const nan:0x200000)", signalling));
  EXPECT_FALSE(Match("(f32.const nan)", arithmetic));
  EXPECT_TRUE(
      Match("(f64.const nan:canonical)", Value{kF64Type, 0xFFF8000000000000}));
  EXPECT_FALSE(
      Match("(f64.const nan:canonical)", Value{kF64Type, 0x7FF8000000000001}));
}

TEST_F(ValueMatcherTest, VectorsMatchLaneByLane) {
  const Value value = V128Value(0x7FC000003F800000, 0x7FC0000100000000);
  EXPECT_TRUE(
      Match("(v128.const f32x4 1 nan:canonical 0 nan:arithmetic)", value));
  EXPECT_FALSE(
      Match("(v128.const f32x4 1 nan:canonical 0 nan:canonical)", value));
  EXPECT_TRUE(
      Match("(v128.const i32x4 0x3f800000 0x7fc00000 0 0x7fc00001)", value));
  EXPECT_TRUE(
      Match("(v128.const i8x16 0 0 -128 63 0 0 192 127 "
            "0 0 0 0 1 0 192 127)",
            value));
  EXPECT_FALSE(Match("(v128.const i64x2 0 0)", value));
  EXPECT_FALSE(Match("(v128.const i64x2 0 0)", I64Value(0)));
}

TEST_F(ValueMatcherTest, ReferencesMatchByClass) {
  const Value null{kAnyRefType, kNullReference};
  const Value i31{kAnyRefType, I31Reference(7)};
  const Value host{kAnyRefType, HostReference(7)};
  const Value external{kExternRefType, HostReference(7)};
  const Value function{kFuncRefType, FunctionReference(7)};
  EXPECT_TRUE(Match("(ref.null)", null));
  EXPECT_TRUE(Match("(ref.null func)", null));
  EXPECT_FALSE(Match("(ref.null)", i31));
  EXPECT_FALSE(Match("(ref)", null));
  EXPECT_TRUE(Match("(ref)", i31));
  EXPECT_TRUE(Match("(ref.i31)", i31));
  EXPECT_FALSE(Match("(ref.i31)", host));
  // The same bits are another thing in another hierarchy.
  EXPECT_FALSE(Match("(ref.i31)", Value{kFuncRefType, I31Reference(7)}));
  EXPECT_TRUE(Match("(ref.eq)", i31));
  EXPECT_FALSE(Match("(ref.eq)", host));
  EXPECT_TRUE(Match("(ref.host 7)", host));
  EXPECT_FALSE(Match("(ref.host 8)", host));
  EXPECT_FALSE(Match("(ref.host 7)", external));
  EXPECT_TRUE(Match("(ref.extern 7)", external));
  EXPECT_TRUE(Match("(ref.extern)", external));
  EXPECT_FALSE(Match("(ref.extern 8)", external));
  EXPECT_FALSE(Match("(ref.extern)", host));
  EXPECT_TRUE(Match("(ref.func)", function));
  EXPECT_FALSE(Match("(ref.func)", i31));
  EXPECT_FALSE(Match("(ref.struct)", i31));
  EXPECT_FALSE(Match("(ref.func)", I32Value(1)));
}

TEST_F(ValueMatcherTest, EitherMatchesAnyAlternative) {
  const std::string pattern = "(either (i32.const 1) (i32.const 2))";
  EXPECT_TRUE(Match(pattern, I32Value(1)));
  EXPECT_TRUE(Match(pattern, I32Value(2)));
  EXPECT_FALSE(Match(pattern, I32Value(3)));
}

TEST_F(ValueMatcherTest, PatternsCanBeShown) {
  const auto show = [](const std::string& pattern) {
    return ToString(
        Parse("(assert_return (invoke \"f\") " + pattern + ")").results[0]);
  };
  EXPECT_EQ(show("(i32.const 16)"), "i32:0x10");
  EXPECT_EQ(show("(f64.const nan:canonical)"), "f64:nan:canonical");
  EXPECT_EQ(show("(v128.const i64x2 1 2)"), "v128 0x1 0x2");
  EXPECT_EQ(show("(ref.extern)"), "ref.extern");
  EXPECT_EQ(show("(either (i32.const 1) (ref.null))"),
            "either i32:0x1 ref.null");
}

}  // namespace
}  // namespace wasmd::spec

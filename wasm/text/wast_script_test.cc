#include "wasm/text/wast_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::SizeIs;
using ::wasmd::testing::IsOk;
using ::wasmd::testing::StatusIs;
using Kind = WastCommand::Kind;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// The only command of a script.
WastCommand One(std::string_view text) {
  absl::StatusOr<std::vector<WastCommand>> script = ParseWast(text);
  EXPECT_TRUE(script.ok()) << script.status();
  if (!script.ok()) return {};
  EXPECT_EQ(script->size(), 1u);
  return script->empty() ? WastCommand() : script->front();
}

WastPattern Pattern(const std::string& text) {
  const WastCommand command =
      One("(assert_return (invoke \"f\") " + text + ")");
  EXPECT_EQ(command.results.size(), 1u) << text;
  return command.results.empty() ? WastPattern() : command.results.front();
}

WastValue Value(const std::string& text) {
  const WastCommand command = One("(invoke \"f\" " + text + ")");
  EXPECT_EQ(command.action->arguments.size(), 1u) << text;
  return command.action->arguments.front();
}

TEST(WastScriptTest, ModulesInEveryForm) {
  const WastCommand plain = One("(module $M (func))");
  EXPECT_EQ(plain.kind, Kind::kModule);
  EXPECT_THAT(plain.module->id, Optional(std::string("M")));
  EXPECT_FALSE(plain.module->is_definition);
  EXPECT_EQ(plain.module->Binary().value(),
            ParseWat("(module $M (func))").value());

  const WastCommand binary = One("(module binary \"\\00asm\" \"\\01\")");
  EXPECT_EQ(binary.module->form, WastModule::Form::kBinary);
  EXPECT_THAT(binary.module->Binary().value(),
              ElementsAre(0, 'a', 's', 'm', 1));

  const WastCommand quote = One("(module definition $Q quote \"(fu\" \"nc)\")");
  EXPECT_TRUE(quote.module->is_definition);
  EXPECT_THAT(quote.module->id, Optional(std::string("Q")));
  EXPECT_EQ(quote.module->Binary().value(), ParseWat("(func)").value());
}

TEST(WastScriptTest, AFileMayBeAListOfFields) {
  const WastCommand command = One(";; x\n(func) (memory 0)");
  EXPECT_EQ(command.kind, Kind::kModule);
  EXPECT_EQ(command.module->Binary().value(),
            ParseWat("(func) (memory 0)").value());
}

TEST(WastScriptTest, ErrorsOfModulesAreTheirOwn) {
  ASSERT_OK_AND_ASSIGN(
      const std::vector<WastCommand> script,
      ParseWast("(module (func $a)\n(func $a))\n"
                "(assert_malformed (module quote \"(fun\") \"x\")\n(module)"));
  ASSERT_THAT(script, SizeIs(3));
  EXPECT_THAT(script[0].module->Binary(),
              StatusIs(kInvalid, "2:7: duplicate func $a"));
  EXPECT_THAT(script[1].module->Binary(), StatusIs(kInvalid));
  EXPECT_THAT(script[2].module->Binary(), IsOk());
  EXPECT_EQ(script[0].line, 1u);
  EXPECT_EQ(script[1].line, 3u);
  EXPECT_EQ(script[2].line, 4u);
}

TEST(WastScriptTest, InstancesAndRegistration) {
  const WastCommand both = One("(module instance $I $M)");
  EXPECT_EQ(both.kind, Kind::kInstance);
  EXPECT_THAT(both.instance_id, Optional(std::string("I")));
  EXPECT_THAT(both.definition_id, Optional(std::string("M")));
  const WastCommand one = One("(module instance $M)");
  EXPECT_FALSE(one.instance_id.has_value());
  EXPECT_THAT(one.definition_id, Optional(std::string("M")));
  EXPECT_FALSE(One("(module instance)").definition_id.has_value());

  const WastCommand registered = One("(register \"a b\" $I)");
  EXPECT_EQ(registered.kind, Kind::kRegister);
  EXPECT_EQ(registered.name, "a b");
  EXPECT_THAT(registered.instance_id, Optional(std::string("I")));
}

TEST(WastScriptTest, Actions) {
  const WastCommand invoke =
      One("(invoke $I \"f\" (i32.const -1) (ref.null any))");
  EXPECT_EQ(invoke.kind, Kind::kAction);
  EXPECT_EQ(invoke.action->kind, WastAction::Kind::kInvoke);
  EXPECT_THAT(invoke.action->instance_id, Optional(std::string("I")));
  EXPECT_EQ(invoke.action->export_name, "f");
  EXPECT_THAT(invoke.action->arguments, SizeIs(2));
  const WastCommand get = One("(assert_return (get \"g\") (i64.const 1))");
  EXPECT_EQ(get.action->kind, WastAction::Kind::kGet);
}

TEST(WastScriptTest, Values) {
  EXPECT_EQ(Value("(i32.const -1)").bits, 0xFFFFFFFFu);
  EXPECT_EQ(Value("(i64.const -1)").bits, ~uint64_t{0});
  EXPECT_EQ(Value("(f32.const -0)").bits, 0x80000000u);
  EXPECT_EQ(Value("(f64.const nan:0x4)").bits, 0x7FF0000000000004u);
  const WastValue vector = Value("(v128.const i64x2 1 -1)");
  EXPECT_EQ(vector.kind, WastValue::Kind::kV128);
  EXPECT_THAT(vector.vector, ElementsAre(1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255,
                                         255, 255, 255, 255, 255));
  const WastValue null = Value("(ref.null extern)");
  EXPECT_EQ(null.kind, WastValue::Kind::kRefNull);
  EXPECT_EQ(null.heap_type, AbstractHeapType::kExtern);
  EXPECT_EQ(Value("(ref.extern 7)").bits, 7u);
  EXPECT_EQ(Value("(ref.extern 7)").kind, WastValue::Kind::kRefExtern);
  EXPECT_EQ(Value("(ref.host 3)").kind, WastValue::Kind::kRefHost);
}

TEST(WastScriptTest, NumberPatterns) {
  EXPECT_EQ(Pattern("(i32.const 5)").number.bits, 5u);
  EXPECT_EQ(Pattern("(f32.const nan:canonical)").number.nan,
            WastLane::Nan::kCanonical);
  EXPECT_EQ(Pattern("(f64.const nan:arithmetic)").number.nan,
            WastLane::Nan::kArithmetic);
  const WastPattern exact = Pattern("(f32.const nan:0x200000)");
  EXPECT_EQ(exact.number.nan, WastLane::Nan::kExact);
  EXPECT_EQ(exact.number.bits, 0x7FA00000u);

  const WastPattern vector =
      Pattern("(v128.const f32x4 1 nan:canonical nan:arithmetic -inf)");
  EXPECT_EQ(vector.kind, WastPattern::Kind::kV128);
  EXPECT_EQ(vector.lane_bits, 32u);
  EXPECT_TRUE(vector.lanes_are_float);
  ASSERT_THAT(vector.lanes, SizeIs(4));
  EXPECT_EQ(vector.lanes[0].bits, 0x3F800000u);
  EXPECT_EQ(vector.lanes[1].nan, WastLane::Nan::kCanonical);
  EXPECT_EQ(vector.lanes[2].nan, WastLane::Nan::kArithmetic);
  EXPECT_EQ(vector.lanes[3].bits, 0xFF800000u);
}

TEST(WastScriptTest, ReferencePatterns) {
  using PatternKind = WastPattern::Kind;
  EXPECT_EQ(Pattern("(ref.null)").kind, PatternKind::kRefNull);
  EXPECT_EQ(Pattern("(ref.null func)").kind, PatternKind::kRefNull);
  EXPECT_EQ(Pattern("(ref)").kind, PatternKind::kRef);
  EXPECT_EQ(Pattern("(ref.func)").kind, PatternKind::kRefFunc);
  EXPECT_EQ(Pattern("(ref.i31)").kind, PatternKind::kRefI31);
  EXPECT_EQ(Pattern("(ref.struct)").kind, PatternKind::kRefStruct);
  EXPECT_EQ(Pattern("(ref.array)").kind, PatternKind::kRefArray);
  EXPECT_EQ(Pattern("(ref.eq)").kind, PatternKind::kRefEq);
  EXPECT_EQ(Pattern("(ref.exn)").kind, PatternKind::kRefExn);
  EXPECT_FALSE(Pattern("(ref.extern)").has_number);
  const WastPattern numbered = Pattern("(ref.extern 4)");
  EXPECT_EQ(numbered.kind, PatternKind::kRefExtern);
  EXPECT_TRUE(numbered.has_number);
  EXPECT_EQ(numbered.number.bits, 4u);
  EXPECT_EQ(Pattern("(ref.host 4)").kind, PatternKind::kRefHost);
}

TEST(WastScriptTest, EitherHasAlternatives) {
  const WastPattern either = Pattern("(either (i32.const 1) (i32.const 2))");
  EXPECT_EQ(either.kind, WastPattern::Kind::kEither);
  ASSERT_THAT(either.alternatives, SizeIs(2));
  EXPECT_EQ(either.alternatives[1].number.bits, 2u);
}

TEST(WastScriptTest, Assertions) {
  const WastCommand trap = One("(assert_trap (invoke \"f\") \"no\")");
  EXPECT_EQ(trap.kind, Kind::kAssertTrap);
  EXPECT_TRUE(trap.action.has_value());
  EXPECT_EQ(trap.message, "no");
  const WastCommand start = One("(assert_trap (module (func)) \"no\")");
  EXPECT_EQ(start.kind, Kind::kAssertTrap);
  EXPECT_TRUE(start.module.has_value());
  EXPECT_EQ(One("(assert_exhaustion (invoke \"f\") \"x\")").kind,
            Kind::kAssertExhaustion);
  EXPECT_EQ(One("(assert_exception (invoke \"f\"))").kind,
            Kind::kAssertException);
  for (const Kind kind :
       {Kind::kAssertMalformed, Kind::kAssertInvalid, Kind::kAssertUnlinkable,
        Kind::kAssertMalformedCustom, Kind::kAssertInvalidCustom}) {
    const WastCommand command =
        One("(" + std::string(ToString(kind)) + " (module) \"m\")");
    EXPECT_EQ(command.kind, kind);
    EXPECT_TRUE(command.module.has_value());
    EXPECT_EQ(command.message, "m");
  }
}

TEST(WastScriptTest, RefusesWhatIsNoScript) {
  for (const char* bad :
       {"module", "(modul)", "(assert_foo)", "(assert_return (module))",
        "(assert_trap (invoke \"f\"))", "(invoke f)", "(module binary 1)",
        "(assert_return (invoke \"f\") (i32.const))", "(module", "(module))",
        "(assert_return (invoke \"f\") (either (either (i32.const 1))))",
        "(register)", "(invoke \"f\" (i32.const nan:canonical))", "()"}) {
    EXPECT_THAT(ParseWast(bad), StatusIs(kInvalid)) << bad;
  }
  EXPECT_THAT(ParseWast("\n  (assert_foo)"),
              StatusIs(kInvalid, HasSubstr("2:4: unexpected token")));
}

}  // namespace
}  // namespace wasmd

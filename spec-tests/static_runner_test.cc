#include "spec-tests/static_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "base/testing/status_matchers.h"
#include "spec-tests/report.h"
#include "wasm/text/wast_script.h"

namespace wasmd::spec {
namespace {

using ::testing::HasSubstr;

CommandResult RunScript(std::string_view script) {
  const absl::StatusOr<std::vector<WastCommand>> commands = ParseWast(script);
  EXPECT_TRUE(commands.ok()) << commands.status();
  const std::vector<CommandResult> results = RunStatically(*commands);
  EXPECT_EQ(results.size(), 1u);
  return results.front();
}

TEST(StaticRunnerTest, ModulesMustBeValid) {
  EXPECT_EQ(RunScript("(module (func))").outcome, Outcome::kPass);
  EXPECT_EQ(RunScript("(module definition (func))").outcome, Outcome::kPass);
  EXPECT_EQ(RunScript("(assert_trap (module (func)) \"\")").outcome,
            Outcome::kPass);
  const CommandResult malformed = RunScript("(module (fun))");
  EXPECT_EQ(malformed.outcome, Outcome::kFail);
  EXPECT_THAT(malformed.detail, HasSubstr("malformed: 1:10:"));
  const CommandResult invalid = RunScript("(module (func (result i32)))");
  EXPECT_EQ(invalid.outcome, Outcome::kFail);
  EXPECT_THAT(invalid.detail, HasSubstr("invalid: "));
}

TEST(StaticRunnerTest, MalformedIsNotInvalid) {
  EXPECT_EQ(
      RunScript("(assert_malformed (module quote \"(fun)\") \"\")").outcome,
      Outcome::kPass);
  EXPECT_EQ(
      RunScript("(assert_malformed (module binary \"\\00\") \"\")").outcome,
      Outcome::kPass);
  // An unknown opcode in a body.
  EXPECT_EQ(
      RunScript("(assert_malformed (module binary \"\\00asm\\01\\00\\00\\00"
                "\\01\\04\\01\\60\\00\\00\\03\\02\\01\\00"
                "\\0a\\05\\01\\03\\00\\ff\\0b\") \"\")")
          .outcome,
      Outcome::kPass);
  const CommandResult invalid =
      RunScript("(assert_malformed (module (func (result i32))) \"\")");
  EXPECT_EQ(invalid.outcome, Outcome::kFail);
  EXPECT_THAT(invalid.detail, HasSubstr("invalid, not malformed"));
  const CommandResult valid = RunScript("(assert_malformed (module) \"why\")");
  EXPECT_EQ(valid.outcome, Outcome::kFail);
  EXPECT_THAT(valid.detail, HasSubstr("is valid; want: why"));
}

TEST(StaticRunnerTest, InvalidIsNotMalformed) {
  EXPECT_EQ(
      RunScript("(assert_invalid (module (func (result i32))) \"\")").outcome,
      Outcome::kPass);
  const CommandResult malformed =
      RunScript("(assert_invalid (module quote \"(fun)\") \"\")");
  EXPECT_EQ(malformed.outcome, Outcome::kFail);
  EXPECT_THAT(malformed.detail, HasSubstr("malformed, not invalid"));
  EXPECT_EQ(RunScript("(assert_invalid (module) \"\")").outcome,
            Outcome::kFail);
}

TEST(StaticRunnerTest, WhatNeedsExecutionIsSkipped) {
  EXPECT_EQ(RunScript("(assert_return (invoke \"f\"))").outcome,
            Outcome::kSkip);
  EXPECT_EQ(RunScript("(register \"x\")").outcome, Outcome::kSkip);
}

}  // namespace
}  // namespace wasmd::spec

#include "spec-tests/script_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec-tests/machine.h"
#include "spec-tests/report.h"
#include "wasm/text/wast_script.h"

namespace wasmd::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kFunctions = R"wat(
  (module $m
    (func (export "id") (param i32) (result i32) (local.get 0))
    (func (export "trap") (unreachable))
    (func $deep (export "deep") (call $deep))
    (func (export "sum") (param $n i32) (result i32) (local $sum i32)
      (loop $again (result i32)
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $again (local.get $n))
        (local.get $sum)))
    (global (export "g") i64 (i64.const 7))))wat";

std::vector<CommandResult> RunAll(std::string_view script,
                                  std::optional<uint64_t> suspend_every = {}) {
  const absl::StatusOr<std::vector<WastCommand>> commands =
      ParseWast(std::string(kFunctions) + std::string(script));
  EXPECT_TRUE(commands.ok()) << commands.status();
  if (!commands.ok()) return {};
  return RunScript("", *commands, {.suspend_every = suspend_every}).commands;
}

// The result of the last command, behind the module above.
CommandResult RunLast(std::string_view script) {
  const std::vector<CommandResult> results = RunAll(script);
  EXPECT_FALSE(results.empty());
  return results.empty() ? CommandResult() : results.back();
}

bool Passes(std::string_view script) {
  return RunLast(script).outcome == Outcome::kPass;
}

TEST(ScriptRunnerTest, ChecksResults) {
  EXPECT_TRUE(
      Passes("(assert_return (invoke \"id\" (i32.const 3)) (i32.const 3))"));
  EXPECT_TRUE(Passes("(assert_return (get $m \"g\") (i64.const 7))"));
  const CommandResult wrong =
      RunLast("(assert_return (invoke \"id\" (i32.const 3)) (i32.const 4))");
  EXPECT_EQ(wrong.outcome, Outcome::kFail);
  EXPECT_THAT(wrong.detail, HasSubstr("returned i32:3; want i32:0x4"));
  EXPECT_FALSE(Passes("(assert_return (invoke \"id\" (i32.const 3)))"));
  EXPECT_FALSE(Passes("(assert_return (invoke \"trap\"))"));
}

TEST(ScriptRunnerTest, ChecksTrapsByMessage) {
  EXPECT_TRUE(Passes("(assert_trap (invoke \"trap\") \"unreachable\")"));
  EXPECT_FALSE(Passes("(assert_trap (invoke \"trap\") \"integer overflow\")"));
  EXPECT_FALSE(
      Passes("(assert_trap (invoke \"id\" (i32.const 1)) \"unreachable\")"));
  EXPECT_FALSE(Passes("(assert_exception (invoke \"trap\"))"));
}

TEST(ScriptRunnerTest, ExhaustionIsNoTrap) {
  EXPECT_TRUE(
      Passes("(assert_exhaustion (invoke \"deep\") \"call stack exhausted\")"));
  EXPECT_FALSE(
      Passes("(assert_trap (invoke \"deep\") \"call stack exhausted\")"));
  EXPECT_FALSE(
      Passes("(assert_exhaustion (invoke \"trap\") \"call stack exhausted\")"));
}

TEST(ScriptRunnerTest, WhatDoesNotExistFails) {
  EXPECT_FALSE(Passes("(invoke \"none\")"));
  EXPECT_FALSE(Passes("(invoke \"g\")"));
  EXPECT_FALSE(Passes("(assert_return (get \"id\"))"));
  EXPECT_FALSE(Passes("(invoke $none \"id\")"));
  EXPECT_FALSE(Passes("(invoke \"id\")"));
  EXPECT_FALSE(Passes("(register \"x\" $none)"));
  EXPECT_FALSE(Passes("(module instance $none)"));
}

TEST(ScriptRunnerTest, InstancesLinkThroughTheirRegisteredNames) {
  EXPECT_TRUE(
      Passes("(register \"M\")"
             "(module (import \"M\" \"id\" (func (param i32) "
             "(result i32))) (export \"again\" (func 0)))"
             "(assert_return (invoke \"again\" (i32.const 5)) "
             "(i32.const 5))"));
  EXPECT_TRUE(
      Passes("(assert_unlinkable (module (import \"M\" \"id\" (func))) "
             "\"unknown import\")"));
  EXPECT_TRUE(
      Passes("(register \"M\") (assert_unlinkable (module (import "
             "\"M\" \"id\" (func))) \"incompatible import type\")"));
  EXPECT_FALSE(Passes("(assert_unlinkable (module) \"unknown import\")"));
}

TEST(ScriptRunnerTest, AFailedInstanceIsNotTheCurrentOne) {
  EXPECT_TRUE(
      Passes("(assert_trap (module (func $f (unreachable)) (start $f)) "
             "\"unreachable\")"
             "(assert_return (invoke \"id\" (i32.const 1)) "
             "(i32.const 1))"));
  EXPECT_FALSE(Passes("(assert_trap (module) \"unreachable\")"));
  EXPECT_FALSE(Passes("(module (func $f (unreachable)) (start $f))"));
}

TEST(ScriptRunnerTest, DefinitionsMakeInstancesLater) {
  EXPECT_TRUE(Passes(
      "(module definition $d (global (export \"g\") (mut i32) (i32.const 1)) "
      "(func (export \"inc\") (global.set 0 (i32.add (global.get 0) "
      "(i32.const 1)))))"
      "(assert_return (invoke \"id\" (i32.const 1)) (i32.const 1))"
      "(module instance $a $d) (module instance $b $d) (invoke $a \"inc\")"
      "(assert_return (get $a \"g\") (i32.const 2))"
      "(assert_return (get $b \"g\") (i32.const 1))"));
}

TEST(ScriptRunnerTest, TheSpectestModuleIsThere) {
  EXPECT_TRUE(
      Passes("(module (import \"spectest\" \"global_i32\" (global i32))"
             "(import \"spectest\" \"global_f32\" (global f32))"
             "(import \"spectest\" \"memory\" (memory 1 2))"
             "(import \"spectest\" \"table\" (table 10 20 funcref))"
             "(import \"spectest\" \"table64\" (table i64 10 20 funcref))"
             "(import \"spectest\" \"print_i32\" (func $p (param i32)))"
             "(export \"g\" (global 0)) (export \"f\" (global 1))"
             "(func (export \"print\") (call $p (i32.const 1))))"
             "(assert_return (invoke \"print\"))"
             "(assert_return (get \"g\") (i32.const 666))"
             "(assert_return (get \"f\") (f32.const 666.6))"));
}

TEST(ScriptRunnerTest, SuspendingChangesNothing) {
  for (const uint64_t every : {1, 2, 7}) {
    const std::vector<CommandResult> results = RunAll(
        "(assert_return (invoke \"sum\" (i32.const 100)) (i32.const 5050))"
        "(assert_exhaustion (invoke \"deep\") \"call stack exhausted\")",
        every);
    ASSERT_EQ(results.size(), 3u);
    for (const CommandResult& result : results) {
      EXPECT_EQ(result.outcome, Outcome::kPass) << result.detail;
    }
  }
}

TEST(ScriptRunnerTest, SuspensionsAreCounted) {
  const auto count = [](std::string_view script,
                        std::optional<uint64_t> every) {
    const auto commands =
        ParseWast(std::string(kFunctions) + std::string(script));
    EXPECT_TRUE(commands.ok()) << commands.status();
    return RunScript("", *commands, {.suspend_every = every}).suspensions;
  };
  constexpr std::string_view kShort = "(invoke \"sum\" (i32.const 50))";
  EXPECT_EQ(count(kShort, std::nullopt).all, 0u);
  // The instance, both ends of the call, 49 turns back in the loop.
  EXPECT_EQ(count(kShort, 1).all, 52u);
  EXPECT_LT(count(kShort, 10).all, 12u);
  EXPECT_EQ(count(kShort, 1).sampled_calls, 0u);
  constexpr std::string_view kLong = "(invoke \"sum\" (i32.const 100000))";
  EXPECT_GE(count(kLong, 1).all, 500u);
  EXPECT_LT(count(kLong, 1).all, 10000u);
  EXPECT_EQ(count(kLong, 1).sampled_calls, 1u);
}

TEST(ScriptRunnerTest, StaticAssertionsAreCheckedToo) {
  EXPECT_TRUE(Passes("(assert_invalid (module (func (result i32))) \"\")"));
  EXPECT_FALSE(Passes("(assert_malformed (module) \"\")"));
}

}  // namespace
}  // namespace wasmd::spec

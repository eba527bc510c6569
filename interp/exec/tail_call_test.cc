// Tail calls take no room, whoever is called; and calls through references.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "interp/module_instance.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"
#include "interp/testing/pieces.h"

namespace wasmd::testing {
namespace {

class TailCallTest : public BackendTest, protected PieceRunner {};
WASMD_FOR_EACH_BACKEND(TailCallTest);

constexpr ThreadLimits kSmallStack = {.stack_bytes = 64 << 10};

// Each of these calls another of the two with n - 1 and adds to a sum.
constexpr std::string_view kPingPong = R"((module
  (type $f (func (param i32 i64) (result i64)))
  (import "other" "table" (table $t 4 funcref))
  (elem (table $t) (i32.const 0) func $direct $indirect $ref $mixed)
  (elem declare func $direct)
  (func $direct (export "direct") (param i32 i64) (result i64)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call $direct (i32.sub (local.get 0) (i32.const 1))
      (i64.add (local.get 1) (i64.const 3))))
  (func $indirect (export "indirect") (param i32 i64) (result i64)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call_indirect $t (type $f)
      (i32.sub (local.get 0) (i32.const 1))
      (i64.add (local.get 1) (i64.const 5))
      (i32.const 1)))
  (func $ref (export "ref") (param i32 i64) (result i64) (local (ref null $f))
    (local.set 2 (ref.func $ref))
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call_ref $f (i32.sub (local.get 0) (i32.const 1))
      (i64.add (local.get 1) (i64.const 7)) (local.get 2)))
  (func $mixed (export "mixed") (param i32 i64) (result i64)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call_indirect $t (type $f)
      (i32.sub (local.get 0) (i32.const 1))
      (i64.add (local.get 1) (i64.const 1))
      (i32.and (local.get 0) (i32.const 3))))
  (func (export "run") (param i32) (result i64)
    (i64.add (i64.const 1000)
             (call $mixed (local.get 0) (i64.const 0)))))
)";

TEST_P(TailCallTest, ManyTakeNoRoom) {
  Machine machine(backend(), {}, kSmallStack);
  machine.Add("other", R"((module (table (export "table") 4 funcref)))");
  machine.Add("m", kPingPong);
  const Value many = I32Value(300'000);
  EXPECT_EQ(machine.Call("m", "direct", {many, I64Value(0)}), "i64:900000");
  EXPECT_EQ(machine.Call("m", "indirect", {many, I64Value(0)}), "i64:1500000");
  EXPECT_EQ(machine.Call("m", "ref", {many, I64Value(0)}), "i64:2100000");
}

// Two instances that call each other in turn, from outside and from a caller.
constexpr std::string_view kThere = R"((module
  (type $f (func (param i32 i32) (result i32)))
  (memory 1) (data (i32.const 0) "\05")
  (table (export "table") 2 funcref)
  (elem (i32.const 0) func $there)
  (func $there (export "there") (param i32 i32) (result i32)
    (local.set 1 (i32.add (local.get 1) (i32.load8_u (i32.const 0))))
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1))
      (local.get 1) (i32.const 1)))))";
constexpr std::string_view kBack = R"((module
  (import "there" "there" (func $there (param i32 i32) (result i32)))
  (import "there" "table" (table 2 funcref))
  (memory 1) (data (i32.const 0) "\64")
  (elem (i32.const 1) func $back)
  (func $back (export "back") (param i32 i32) (result i32)
    (local.set 1 (i32.add (local.get 1) (i32.load8_u (i32.const 0))))
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call $there (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))
  (func (export "run") (param i32) (result i32)
    (i32.mul (i32.load8_u (i32.const 0))
             (call $back (local.get 0) (i32.const 0))))))";

TEST_P(TailCallTest, ManyAcrossInstancesTakeNoRoom) {
  Machine machine(backend(), {}, kSmallStack);
  machine.Add("there", kThere);
  machine.Add("back", kBack);
  // n / 2 + 1 times back and n / 2 times there.
  EXPECT_EQ(machine.Call("back", "back", {I32Value(200'000), I32Value(0)}),
            "i32:" + std::to_string(100'001 * 100 + 100'000 * 5));
  EXPECT_EQ(machine.Call("back", "back", {I32Value(1), I32Value(0)}),
            "i32:105");
  // The caller's instance is there again, whoever returned to it.
  EXPECT_EQ(machine.Call("back", "run", {I32Value(1)}), "i32:10500");
  EXPECT_EQ(machine.Call("back", "run", {I32Value(2)}), "i32:20500");
}

TEST_P(TailCallTest, RestoredAtEverySafepoint) {
  for (uint64_t fuel : {0, 1, 2}) {
    Machine machine(backend());
    machine.Add("there", kThere);
    machine.Add("back", kBack);
    for (uint32_t depth : {0u, 1u, 2u, 7u}) {
      const FuncAddr run = machine.Function("back", "run");
      EXPECT_EQ(RunInPieces(machine, run, {I32Value(depth)}, fuel),
                machine.Call("back", "run", {I32Value(depth)}));
      EXPECT_EQ(fuel_used_, machine.fuel_used());
      const FuncAddr back = machine.Function("back", "back");
      EXPECT_EQ(
          RunInPieces(machine, back, {I32Value(depth), I32Value(1)}, fuel),
          machine.Call("back", "back", {I32Value(depth), I32Value(1)}));
    }
    machine.Add("other", R"((module (table (export "table") 4 funcref)))");
    machine.Add("m", kPingPong);
    EXPECT_EQ(
        RunInPieces(machine, machine.Function("m", "run"), {I32Value(9)}, fuel),
        machine.Call("m", "run", {I32Value(9)}));
  }
}

// A host function called by a tail call returns to the caller's caller, and
// sees the instance that called it.
constexpr std::string_view kHostUser = R"((module
  (import "env" "f" (func $f (param i32 i64) (result i64)))
  (memory (export "memory") 1) (data (i32.const 0) "B")
  (func $g (export "g") (param i64 i32) (result i64)
    (return_call $f (i32.add (local.get 1) (i32.const 1)) (local.get 0)))))";
constexpr std::string_view kUserOfUser = R"((module
  (import "user" "g" (func $g (param i64 i32) (result i64)))
  (memory 1) (data (i32.const 0) "\03")
  (func (export "run") (param i64) (result i64)
    (i64.mul (call $g (local.get 0) (i32.const 4))
             (i64.load8_u (i32.const 0))))
  (func (export "tail") (param i64) (result i64)
    (return_call $g (local.get 0) (i32.const 4)))))";

std::string_view MemoryOf(const HostCall& call) {
  return {reinterpret_cast<const char*>(call.caller->memories[0]->data()), 1};
}

TEST_P(TailCallTest, ToHostFunctions) {
  Machine machine(backend());
  int calls = 0;
  machine.AddHost("env", "f", {{kI32Type, kI64Type}, {kI64Type}},
                  [&](HostCall& call) {
                    ++calls;
                    EXPECT_EQ(MemoryOf(call), "B");
                    call.results[0] = call.arguments[0] * call.arguments[1];
                    return HostResult::kReturn;
                  });
  machine.Add("user", kHostUser);
  machine.Add("m", kUserOfUser);
  EXPECT_EQ(machine.Call("user", "g", {I64Value(10), I32Value(1)}), "i64:20");
  EXPECT_EQ(machine.Call("m", "run", {I64Value(10)}), "i64:150");
  EXPECT_EQ(machine.Call("m", "tail", {I64Value(10)}), "i64:50");
  for (const char* name : {"run", "tail"}) {
    EXPECT_EQ(RunInPieces(machine, machine.Function("m", name), {I64Value(7)},
                          /*fuel=*/0),
              machine.Call("m", name, {I64Value(7)}));
    EXPECT_EQ(fuel_used_, machine.fuel_used());
  }
  EXPECT_EQ(calls, 7);
}

// The same with answers that come later, on another thread.
TEST_P(TailCallTest, ToHostFunctionsThatSuspend) {
  Machine machine(backend());
  machine.AddHost("env", "f", {{kI32Type, kI64Type}, {kI64Type}},
                  [&](HostCall&) { return HostResult::kSuspend; });
  const ModuleInstance& user = machine.Add("user", kHostUser);
  machine.Add("m", kUserOfUser);
  const auto answer = [&](Thread& thread) {
    const PendingCall call = thread.pending_call();
    EXPECT_EQ(call.caller, user.address);
    const Value result =
        I64Value(call.arguments[0].low * call.arguments[1].low);
    EXPECT_TRUE(thread.CompleteHostCall({&result, 1}).ok());
  };
  for (uint64_t fuel : {uint64_t{0}, uint64_t{100}}) {
    EXPECT_EQ(RunInPieces(machine, machine.Function("m", "run"), {I64Value(10)},
                          fuel, answer),
              "i64:150");
    EXPECT_EQ(RunInPieces(machine, machine.Function("m", "tail"),
                          {I64Value(10)}, fuel, answer),
              "i64:50");
    EXPECT_EQ(RunInPieces(machine, machine.Function("user", "g"),
                          {I64Value(10), I32Value(3)}, fuel, answer),
              "i64:40");
  }
}

TEST_P(TailCallTest, FailingHostFunctions) {
  Machine machine(backend());
  machine.AddHost("env", "f", {{kI32Type, kI64Type}, {kI64Type}},
                  [&](HostCall& call) {
                    call.trap = {TrapKind::kHost, "no"};
                    return HostResult::kTrap;
                  });
  machine.Add("user", kHostUser);
  machine.Add("m", kUserOfUser);
  EXPECT_EQ(machine.Call("m", "run", {I64Value(1)}),
            "trap: host function failed: no");
  EXPECT_EQ(machine.Call("m", "tail", {I64Value(1)}),
            "trap: host function failed: no");
  Thread thread(machine.store());
  const Value argument = I64Value(1);
  ASSERT_TRUE(thread.Start(machine.Function("m", "run"), {&argument, 1}).ok());
  ASSERT_EQ(thread.Run(), RunResult::kTrapped);
  EXPECT_EQ(thread.CaptureFrames().size(), 1u);  // the tail caller is gone
}

TEST_P(TailCallTest, Traps) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (type $f (func (param i32) (result i32)))
    (type $g (func (param i32) (result i64)))
    (table 3 funcref) (elem (i32.const 1) $long $id)
    (func $long (param i32) (result i64) i64.const 0)
    (func $id (type $f) local.get 0)
    (func (export "indirect") (param i32) (result i32)
      (return_call_indirect (type $f) (i32.const 7) (local.get 0)))
    (func (export "null") (result i32)
      (return_call_ref $f (i32.const 1) (ref.null $f)))
    (func (export "null_call") (result i32)
      (call_ref $f (i32.const 1) (ref.null $f)))
    (func (export "call") (param i32) (result i32)
      (i32.add (local.get 0)
        (call_ref $f (i32.const 5) (ref.func $id))))))");
  EXPECT_EQ(machine.Call("m", "indirect", {I32Value(2)}), "i32:7");
  EXPECT_EQ(machine.Call("m", "indirect", {I32Value(1)}),
            "trap: indirect call type mismatch");
  EXPECT_EQ(machine.Call("m", "indirect", {I32Value(0)}),
            "trap: uninitialized element");
  EXPECT_EQ(machine.Call("m", "indirect", {I32Value(3)}),
            "trap: undefined element");
  EXPECT_EQ(machine.Call("m", "null"), "trap: null function reference");
  EXPECT_EQ(machine.Call("m", "null_call"), "trap: null function reference");
  EXPECT_EQ(machine.Call("m", "call", {I32Value(2)}), "i32:7");
}

// A tail call to a function with a frame that does not fit is a trap, and one
// in a loop is no way around the fuel.
TEST_P(TailCallTest, LimitsHold) {
  Machine machine(backend(), {}, kSmallStack);
  std::string text = "(module (func $big (param i32) (result i32)";
  for (int i = 0; i < 20'000; ++i) text += "(local i64)";
  text += R"( local.get 0)
    (func (export "big") (param i32) (result i32)
      (return_call $big (local.get 0)))
    (func $spin (export "spin") (return_call $spin))))";
  machine.Add("m", text);
  EXPECT_EQ(machine.Call("m", "big", {I32Value(0)}),
            "trap: call stack exhausted");
  Thread thread(machine.store());
  ASSERT_TRUE(thread.Start(machine.Function("m", "spin"), {}).ok());
  EXPECT_EQ(thread.Run({.fuel = 1000}), RunResult::kFuelExhausted);
  EXPECT_EQ(thread.CaptureFrames().size(), 1u);
}

}  // namespace
}  // namespace wasmd::testing

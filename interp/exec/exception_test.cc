// Exceptions: what catches them, and what the frames are afterwards.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "interp/gc_operations.h"
#include "interp/module_instance.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"
#include "interp/testing/pieces.h"

namespace wasmd::testing {
namespace {

class ExceptionTest : public BackendTest, protected PieceRunner {
 protected:
  // The result, the same whether the call is interrupted or not.
  std::string Run(Machine& machine, std::string_view name,
                  const std::vector<Value>& arguments = {}) {
    const std::string straight = machine.Call("m", name, arguments);
    const FuncAddr function = machine.Function("m", name);
    const uint64_t fuel = machine.fuel_used();
    for (uint64_t slice : {0, 1, 2}) {
      EXPECT_EQ(RunInPieces(machine, function, arguments, slice), straight);
      EXPECT_EQ(fuel_used_, fuel);
    }
    return straight;
  }
};
WASMD_FOR_EACH_BACKEND(ExceptionTest);

TEST_P(ExceptionTest, Clauses) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (tag $a (param i32 f64))
    (tag $b)
    (func $throw (param i32)
      (if (i32.eq (local.get 0) (i32.const 1))
        (then (throw $a (i32.const 42) (f64.const 1.5))))
      (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b))))
    ;; 0 nothing, 1 $a, 2 $b; each clause in turn.
    (func (export "tag") (param i32) (result i32 f64)
      (block $h (result i32 f64)
        (try_table (catch $a $h) (call $throw (local.get 0)))
        (i32.const -1) (f64.const 0)))
    (func (export "all") (param i32) (result i32)
      (i32.const 7)
      (block $h
        (try_table (catch_all $h) (call $throw (local.get 0)))
        (return (i32.const 1)))
      (i32.add (i32.const 1)))
    (func (export "ref") (param i32) (result i32 f64)
      (local $e exnref)
      (block $outer (result i32 f64)
        (try_table (catch $a $outer)
          (block $h (result i32 f64 exnref)
            (try_table (catch_ref $a $h) (call $throw (local.get 0)))
            (return (i32.const -1) (f64.const 0)))
          (local.set $e) (drop) (drop)
          (throw_ref (local.get $e)))
        (unreachable)))
    (func (export "all_ref") (param i32) (result i32 f64)
      (local $e exnref)
      (block $outer (result i32 f64)
        (try_table (catch $a $outer)
          (block $h (result exnref)
            (try_table (catch_all_ref $h) (call $throw (local.get 0)))
            (return (i32.const -1) (f64.const 0)))
          (throw_ref))
        (unreachable)))
    ;; The first clause that fits counts.
    (func (export "order") (param i32) (result i32)
      (block $one (block $two (block $three
        (try_table (catch $b $one) (catch_all $two) (catch $b $three)
          (call $throw (local.get 0)))
        (return (i32.const 0)))
        (return (i32.const 3)))
        (return (i32.const 2)))
      (i32.const 1))
    (func (export "null") (throw_ref (ref.null exn)))))");
  EXPECT_EQ(Run(machine, "tag", {I32Value(0)}), "i32:-1 f64:0");
  EXPECT_EQ(Run(machine, "tag", {I32Value(1)}), "i32:42 f64:1.5");
  EXPECT_EQ(Run(machine, "tag", {I32Value(2)}), "exception");
  EXPECT_EQ(Run(machine, "all", {I32Value(0)}), "i32:1");
  EXPECT_EQ(Run(machine, "all", {I32Value(1)}), "i32:8");
  EXPECT_EQ(Run(machine, "ref", {I32Value(1)}), "i32:42 f64:1.5");
  EXPECT_EQ(Run(machine, "all_ref", {I32Value(1)}), "i32:42 f64:1.5");
  EXPECT_EQ(Run(machine, "all_ref", {I32Value(2)}), "exception");
  EXPECT_EQ(Run(machine, "order", {I32Value(0)}), "i32:0");
  EXPECT_EQ(Run(machine, "order", {I32Value(1)}), "i32:2");
  EXPECT_EQ(Run(machine, "order", {I32Value(2)}), "i32:1");
  EXPECT_EQ(Run(machine, "null"), "trap: null exception reference");
}

// Where the region begins and ends: the call right before it, the last one in
// it, the one right after it; one in a clause's label.
TEST_P(ExceptionTest, Regions) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (tag $e (param i32))
    (func $throw (param i32 i32) (result i32)
      (if (i32.eq (local.get 0) (local.get 1))
        (then (throw $e (local.get 0))))
      (local.get 1))
    (func (export "run") (param i32) (result i32)
      (local i32)
      (block $outer (result i32)
        (try_table (catch $e $outer)
          (local.set 1 (call $throw (local.get 0) (i32.const 1)))
          (block $inner (result i32)
            (try_table (result i32) (catch $e $inner)
              (drop (call $throw (local.get 0) (i32.const 2)))
              (call $throw (local.get 0) (i32.const 3)))
            (drop)
            (drop (call $throw (local.get 0) (i32.const 4)))
            (i32.const 50))
          (drop (call $throw (local.get 0) (i32.const 5)))
          (return (i32.add (i32.const 100))))
        (unreachable))
      (i32.add (i32.const 1000)))))");
  const auto run = [&](uint32_t at) {
    return Run(machine, "run", {I32Value(at)});
  };
  EXPECT_EQ(run(0), "i32:150");
  EXPECT_EQ(run(1), "i32:1001");
  EXPECT_EQ(run(2), "i32:102");
  EXPECT_EQ(run(3), "i32:103");
  EXPECT_EQ(run(4), "i32:1004");
  EXPECT_EQ(run(5), "i32:1005");
}

// To a loop, whose parameters the exception brings; and to the function's end.
TEST_P(ExceptionTest, LoopsAndFunctionEnds) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (tag $more (param i64))
    (tag $v (param v128 i32))
    (func $step (param i64)
      (if (i64.lt_u (local.get 0) (i64.const 10))
        (then (throw $more (i64.add (local.get 0) (i64.const 1))))))
    (func (export "loop") (param i64) (result i64)
      (local i64)
      (i64.const 1000)
      (local.get 0)
      (loop $l (param i64) (result i64)
        (local.set 1)
        (try_table (catch $more $l) (call $step (local.get 1)))
        (local.get 1))
      (i64.add))
    (func (export "direct_loop") (result i64)
      (local i64)
      (loop $l
        (local.set 0 (i64.add (local.get 0) (i64.const 1)))
        (try_table (catch_all $l)
          (if (i64.lt_u (local.get 0) (i64.const 5)) (then
            (throw $more (i64.const 0))))))
      (local.get 0))
    (func (export "end") (param i64) (result i64)
      (try_table (catch $more 0) (call $step (local.get 0)))
      (i64.const -1))
    (func (export "void_end") (try_table (catch_all 0)
      (throw $more (i64.const 0))))
    (func (export "vector_end") (result v128 i32)
      (try_table (catch $v 0)
        (throw $v (v128.const i64x2 3 4) (i32.const 5)))
      unreachable)
    (func (export "br") (result i32)
      (block
        (return (try_table (result i32) (catch_all 0)
          (br 0 (i32.const 3)))))
      (i32.const 4))))");
  EXPECT_EQ(Run(machine, "loop", {I64Value(3)}), "i64:1010");
  EXPECT_EQ(Run(machine, "direct_loop"), "i64:5");
  EXPECT_EQ(Run(machine, "end", {I64Value(3)}), "i64:4");
  EXPECT_EQ(Run(machine, "end", {I64Value(30)}), "i64:-1");
  EXPECT_EQ(Run(machine, "void_end"), "");
  EXPECT_EQ(Run(machine, "vector_end"), ToString(V128Value(3, 4)) + " i32:5");
  EXPECT_EQ(Run(machine, "br"), "i32:3");
}

// An endless loop of throws uses up fuel.
TEST_P(ExceptionTest, ThrowsCostFuel) {
  Machine machine(backend());
  machine.Add("m", R"((module (tag $e)
    (func (export "spin") (loop $l (try_table (catch $e $l) (throw $e))))))");
  Thread thread(machine.store());
  ASSERT_TRUE(thread.Start(machine.Function("m", "spin"), {}).ok());
  EXPECT_EQ(thread.Run({.fuel = 5000}), RunResult::kFuelExhausted);
  EXPECT_EQ(thread.fuel_used(), 5001u);
}

// Through frames of other instances, and tail calls; tags are what they are
// whoever names them.
TEST_P(ExceptionTest, AcrossInstances) {
  Machine machine(backend());
  machine.Add("low", R"((module
    (memory 1) (data (i32.const 0) "\01")
    (tag $e (export "e") (param i32))
    (tag $same (param i32))
    (func (export "throw") (param i32)
      (throw $e (i32.add (local.get 0) (i32.load8_u (i32.const 0)))))
    (func (export "throw_same") (param i32) (throw $same (local.get 0)))))");
  machine.Add("m", R"((module
    (import "low" "e" (tag $e (param i32)))
    (import "low" "throw" (func $throw (param i32)))
    (import "low" "throw_same" (func $same (param i32)))
    (memory 1) (data (i32.const 0) "\02")
    (func $deep (param i32 i32)
      (if (local.get 0)
        (then (call $deep (i32.sub (local.get 0) (i32.const 1))
                          (local.get 1)))
        (else (return_call $throw (local.get 1)))))
    (func (export "run") (param i32) (result i32)
      (block $h (result i32)
        (try_table (catch $e $h) (call $deep (local.get 0) (i32.const 70)))
        (i32.const 0))
      (i32.mul (i32.load8_u (i32.const 0))))
    (func (export "other") (result i32)
      (block $h (result i32)
        (try_table (catch $e $h) (call $same (i32.const 1)))
        (i32.const 0)))))");
  EXPECT_EQ(Run(machine, "run", {I32Value(0)}), "i32:142");
  EXPECT_EQ(Run(machine, "run", {I32Value(12)}), "i32:142");
  EXPECT_EQ(Run(machine, "other"), "exception");
  EXPECT_EQ(machine.Call("m", "run", {I32Value(30'000)}), "i32:142");
}

// The frames of an uncaught exception are there to be shown.
TEST_P(ExceptionTest, UncaughtKeepsTheBackTrace) {
  Machine machine(backend());
  const ModuleInstance& instance = machine.Add("m", R"((module
    (tag $e (param i64))
    (func $inner nop (throw $e (i64.const 9)))
    (func (export "run") (call $inner))))");
  Thread thread(machine.store());
  ASSERT_TRUE(thread.Start(machine.Function("m", "run"), {}).ok());
  ASSERT_EQ(thread.Run(), RunResult::kThrew);
  Slot argument = 0;
  ASSERT_EQ(ExceptionArgumentSlots(machine.store(), thread.exception()), 1u);
  ExceptionArguments(machine.store(), thread.exception(), &argument);
  EXPECT_EQ(argument, 9u);
  const std::vector<Frame> frames = thread.CaptureFrames();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[1].function_index, 0u);
  // nop, i64.const.
  EXPECT_EQ(frames[1].code_offset,
            instance.module->functions[0].code.begin + 3);
}

// Host functions throw: at once, or later on another thread; into a handler or
// out of the last frame.
TEST_P(ExceptionTest, FromHostFunctions) {
  for (const bool later : {false, true}) {
    Machine machine(backend());
    const ModuleInstance& low = machine.Add("low", R"((module
      (tag (export "e") (param i32))))");
    const auto make = [&](uint32_t value) {
      const Slot operand = value;
      Slot exception = 0;
      Store& store = machine.store();
      GcStatus status = ExceptionNew(store, low.tags[0], &operand, &exception);
      if (status.needs_room()) {
        EXPECT_TRUE(store.heap().MakeRoom());
        status = ExceptionNew(store, low.tags[0], &operand, &exception);
      }
      EXPECT_TRUE(status.ok());
      return exception;
    };
    machine.AddHost("env", "f", {{kI32Type}, {}}, [&](HostCall& call) {
      if (later) return HostResult::kSuspend;
      call.exception = make(static_cast<uint32_t>(call.arguments[0]) + 1);
      return HostResult::kThrow;
    });
    machine.Add("m", R"((module
      (import "low" "e" (tag $e (param i32)))
      (import "env" "f" (func $f (param i32)))
      (func (export "caught") (result i32)
        (i32.const 100)
        (block $h (result i32)
          (try_table (catch $e $h) (call $f (i32.const 5)))
          (unreachable))
        (i32.add))
      (func $tail (return_call $f (i32.const 6)))
      (func (export "caught_tail") (result i32)
        (try_table (catch $e 0) (call $tail)) (i32.const 0))
      (func (export "uncaught") (call $f (i32.const 1)))))");
    const auto answer = [&](Thread& thread) {
      thread.ThrowFromHostCall(make(
          static_cast<uint32_t>(thread.pending_call().arguments[0].low) + 1));
    };
    for (uint64_t fuel : {0, 1, 50}) {
      const auto run = [&](std::string_view name) {
        return RunInPieces(machine, machine.Function("m", name), {}, fuel,
                           answer);
      };
      EXPECT_EQ(run("caught"), "i32:106");
      EXPECT_EQ(fuel_used_, 2u);  // the call and the handler
      EXPECT_EQ(run("caught_tail"), "i32:7");
      EXPECT_EQ(fuel_used_, 3u);
      EXPECT_EQ(run("uncaught"), "exception");
    }
  }
}

}  // namespace
}  // namespace wasmd::testing

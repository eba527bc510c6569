// Calls: direct, indirect, of host functions, across instances, and the depth
// of the call stack.

#include <gtest/gtest.h>

#include <string>

#include "interp/module_instance.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"

namespace wasmd::testing {
namespace {

class CallTest : public BackendTest {};
WASMD_FOR_EACH_BACKEND(CallTest);

TEST_P(CallTest, Recursion) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func $fib (export "fib") (param i32) (result i32)
      (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
        (then local.get 0)
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                       (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func $even (export "even") (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then i32.const 1)
        (else (call $odd (i32.sub (local.get 0) (i32.const 1))))))
    (func $odd (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then i32.const 0)
        (else (call $even (i32.sub (local.get 0) (i32.const 1))))))
    (func $ack (export "ack") (param i64 i64) (result i64)
      (if (i64.eqz (local.get 0))
        (then (return (i64.add (local.get 1) (i64.const 1)))))
      (if (i64.eqz (local.get 1))
        (then (return (call $ack (i64.sub (local.get 0) (i64.const 1))
                                 (i64.const 1)))))
      (call $ack (i64.sub (local.get 0) (i64.const 1))
        (call $ack (local.get 0) (i64.sub (local.get 1) (i64.const 1)))))))");
  EXPECT_EQ(machine.Call("m", "fib", {I32Value(20)}), "i32:6765");
  EXPECT_EQ(machine.Call("m", "even", {I32Value(1001)}), "i32:0");
  EXPECT_EQ(machine.Call("m", "ack", {I64Value(2), I64Value(9)}), "i64:21");
}

// Locals of a callee start at zero whatever was on the stack before.
TEST_P(CallTest, DeclaredLocalsAreZero) {
  Machine machine(backend());
  std::string text = "(module (func $dirty ";
  for (int i = 0; i < 40; ++i) text += "(local i64) ";
  for (int i = 0; i < 40; ++i) {
    text += "(local.set " + std::to_string(i) + " (i64.const -1)) ";
  }
  text += ")";
  for (int count = 0; count <= 20; ++count) {
    text += "(func (export \"sum" + std::to_string(count) +
            "\") (param i64) (result i64)";
    for (int i = 0; i < count; ++i) text += "(local i64)";
    text += "call $dirty" + std::to_string(count) + ")";
    text += "(func $dirty" + std::to_string(count) + " (result i64)";
    for (int i = 0; i < count; ++i) text += "(local i64)";
    text += " call $dirty i64.const 0 ";
    for (int i = 0; i < count; ++i) {
      text += "local.get " + std::to_string(i) + " i64.or ";
    }
    text += ")";
  }
  text += ")";
  machine.Add("m", text);
  for (int round = 0; round < 2; ++round) {
    for (int count = 0; count <= 20; ++count) {
      EXPECT_EQ(machine.Call("m", "sum" + std::to_string(count), {I64Value(5)}),
                "i64:0");
    }
  }
}

TEST_P(CallTest, ArgumentsComputedBesideOthers) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func $f (param i32 f32 i64 f64) (result f64)
      (f64.add (f64.add (f64.convert_i32_s (local.get 0))
                        (f64.promote_f32 (local.get 1)))
               (f64.add (f64.convert_i64_s (local.get 2)) (local.get 3))))
    (func (export "run") (param i32) (result f64)
      f64.const 1000
      (call $f (i32.add (local.get 0) (i32.const 1)) (f32.const 0.5)
               (i64.extend_i32_s (local.get 0))
               (f64.mul (f64.const 2) (f64.const 10)))
      f64.add)))");
  EXPECT_EQ(machine.Call("m", "run", {I32Value(3)}), "f64:1027.5");
}

TEST_P(CallTest, Indirect) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (type $unary (func (param i32) (result i32)))
    (table $t 10 funcref)
    (elem (i32.const 1) $double $square $other)
    (func $double (param i32) (result i32)
      (i32.mul (local.get 0) (i32.const 2)))
    (func $square (param i32) (result i32)
      (i32.mul (local.get 0) (local.get 0)))
    (func $other (param i64))
    (func (export "run") (param i32 i32) (result i32)
      (call_indirect (type $unary) (local.get 1) (local.get 0)))
    (func (export "computed") (param i32 i32) (result i32)
      (call_indirect (type $unary) (local.get 1)
                     (i32.add (local.get 0) (i32.const 1))))
    (func (export "const") (param i32) (result i32)
      (call_indirect (type $unary) (local.get 0) (i32.const 2)))))");
  EXPECT_EQ(machine.Call("m", "run", {I32Value(1), I32Value(21)}), "i32:42");
  EXPECT_EQ(machine.Call("m", "run", {I32Value(2), I32Value(5)}), "i32:25");
  EXPECT_EQ(machine.Call("m", "computed", {I32Value(1), I32Value(5)}),
            "i32:25");
  EXPECT_EQ(machine.Call("m", "const", {I32Value(6)}), "i32:36");
  EXPECT_EQ(machine.Call("m", "run", {I32Value(3), I32Value(5)}),
            "trap: indirect call type mismatch");
  EXPECT_EQ(machine.Call("m", "run", {I32Value(4), I32Value(5)}),
            "trap: uninitialized element");
  EXPECT_EQ(machine.Call("m", "run", {I32Value(10), I32Value(5)}),
            "trap: undefined element");
  EXPECT_EQ(machine.Call("m", "run", {I32Value(~0u), I32Value(5)}),
            "trap: undefined element");
}

TEST_P(CallTest, AcrossInstances) {
  Machine machine(backend());
  machine.Add("a", R"((module
    (memory (export "memory") 1)
    (global $g (export "g") (mut i32) (i32.const 1))
    (table (export "t") 4 funcref)
    (elem (i32.const 0) $bump)
    (func $bump (export "bump") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get 0)))
      (global.set $g (i32.add (global.get $g) (i32.const 1)))
      (i32.load (i32.const 0)))
    (func (export "peek") (result i32) (i32.load (i32.const 0)))))");
  machine.Add("b", R"((module
    (import "a" "bump" (func $bump (param i32) (result i32)))
    (import "a" "t" (table 4 funcref))
    (memory 1)
    (elem (i32.const 1) $mine)
    (type $unary (func (param i32) (result i32)))
    (func $mine (param i32) (result i32)
      (i32.store (i32.const 0) (i32.const 77))
      (i32.add (i32.load (i32.const 0)) (local.get 0)))
    (func (export "run") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.const 1000))
      (call $bump (local.get 0)) drop
      (i32.add (call $bump (local.get 0)) (i32.load (i32.const 0))))
    (func (export "indirect") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (i32.const 1000))
      (i32.add (call_indirect (type $unary) (local.get 1) (local.get 0))
               (i32.load (i32.const 0))))))");
  machine.Add("c", R"((module
    (import "a" "t" (table 4 funcref))
    (type $unary (func (param i32) (result i32)))
    (func (export "run") (param i32 i32) (result i32)
      (call_indirect (type $unary) (local.get 1) (local.get 0)))))");
  EXPECT_EQ(machine.Call("b", "run", {I32Value(5)}), "i32:1010");
  EXPECT_EQ(machine.Call("a", "peek"), "i32:10");
  EXPECT_EQ(machine.Call("b", "indirect", {I32Value(0), I32Value(5)}),
            "i32:1015");
  EXPECT_EQ(machine.Call("b", "indirect", {I32Value(1), I32Value(5)}),
            "i32:159");
  EXPECT_EQ(machine.Call("c", "run", {I32Value(1), I32Value(1)}), "i32:78");
  EXPECT_EQ(machine.Call("c", "run", {I32Value(0), I32Value(1)}), "i32:16");
  EXPECT_EQ(machine.Call("a", "peek"), "i32:16");
}

TEST_P(CallTest, HostFunctions) {
  Machine machine(backend());
  std::string log;
  machine.AddHost("env", "log", {{kI32Type, kF64Type}, {}},
                  [&](HostCall& call) {
                    log += std::to_string(call.arguments[0]) + " ";
                    log += std::to_string(FromSlot<double>(call.arguments[1]));
                    return HostResult::kReturn;
                  });
  machine.AddHost("env", "divmod", {{kI64Type, kI64Type}, {kI64Type, kI64Type}},
                  [](HostCall& call) {
                    const uint64_t a = call.arguments[0];
                    const uint64_t b = call.arguments[1];
                    call.results[0] = a / b;
                    call.results[1] = a % b;
                    return HostResult::kReturn;
                  });
  machine.AddHost("env", "half", {{kF32Type}, {kF32Type}}, [](HostCall& call) {
    call.results[0] = ToSlot(FromSlot<float>(call.arguments[0]) / 2);
    return HostResult::kReturn;
  });
  machine.AddHost("env", "grow", {{}, {}}, [](HostCall& call) {
    EXPECT_EQ(call.caller->memories[0]->Grow(1), 1);
    return HostResult::kReturn;
  });
  machine.AddHost("env", "fail", {{}, {}}, [](HostCall& call) {
    call.trap = {TrapKind::kHost, "no way"};
    return HostResult::kTrap;
  });
  machine.Add("m", R"((module
    (import "env" "log" (func $log (param i32 f64)))
    (import "env" "divmod" (func $divmod (param i64 i64) (result i64 i64)))
    (import "env" "half" (func $half (param f32) (result f32)))
    (import "env" "grow" (func $grow))
    (import "env" "fail" (func $fail))
    (memory 1 4)
    (func (export "log") (call $log (i32.const 7) (f64.const 1.5)))
    (func (export "divmod") (param i64) (result i64)
      (call $divmod (local.get 0) (i64.const 10))
      i64.const 100 i64.mul i64.add)
    (func (export "half") (param f32) (result f32)
      (f32.add (call $half (f32.mul (local.get 0) (f32.const 3)))
               (f32.const 1)))
    (func (export "grow") (result i32)
      call $grow
      (i32.store (i32.const 70000) (i32.const 5))
      (i32.load (i32.const 70000)))
    (func (export "fail") call $fail)
    (export "divmod_itself" (func $divmod))))");
  EXPECT_EQ(machine.Call("m", "log"), "");
  EXPECT_EQ(log, "7 1.500000");
  EXPECT_EQ(machine.Call("m", "divmod", {I64Value(47)}), "i64:704");
  EXPECT_EQ(machine.Call("m", "half", {F32Value(3)}), "f32:5.5");
  EXPECT_EQ(machine.Call("m", "grow"), "i32:5");
  EXPECT_EQ(machine.Call("m", "fail"), "trap: host function failed: no way");
  EXPECT_EQ(machine.Call("m", "divmod_itself", {I64Value(47), I64Value(10)}),
            "i64:4 i64:7");
}

TEST_P(CallTest, DeepRecursionEndsInATrap) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func $down (export "down") (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (call $down (i32.sub (local.get 0) (i32.const 1))))
        (else i32.const 7)))
    (func $forever (export "forever") call $forever)
    (table 1 funcref) (elem (i32.const 0) $indirect)
    (func $indirect (export "indirect")
      (call_indirect (i32.const 0)))))");
  EXPECT_EQ(machine.Call("m", "down", {I32Value(100'000)}), "i32:7");
  EXPECT_EQ(machine.Call("m", "forever"), "trap: call stack exhausted");
  EXPECT_EQ(machine.Call("m", "indirect"), "trap: call stack exhausted");
  EXPECT_EQ(machine.Call("m", "down", {I32Value(100'000'000)}),
            "trap: call stack exhausted");
  EXPECT_EQ(machine.Call("m", "down", {I32Value(1)}), "i32:7");
}

TEST_P(CallTest, RecursionAcrossInstancesEndsInATrap) {
  Machine machine(backend());
  machine.Add("a", R"((module (table (export "t") 2 funcref)
    (func $f (call_indirect (i32.const 1))) (elem (i32.const 0) $f)))");
  machine.Add("b", R"((module (import "a" "t" (table 2 funcref))
    (func $g (export "g") (call_indirect (i32.const 0)))
    (elem (i32.const 1) $g)))");
  EXPECT_EQ(machine.Call("b", "g"), "trap: call stack exhausted");
}

// Frames larger than the red zone are checked against the exact limit.
TEST_P(CallTest, LargeFrames) {
  std::string text =
      "(module (func $big (export \"big\") (param i32) "
      "(result i64) (local ";
  for (int i = 0; i < 5000; ++i) text += "i64 ";
  text += R"()
      (local.set 4000 (i64.const 9))
      (if (result i64) (local.get 0)
        (then (i64.add (local.get 4999)
                       (call $big (i32.sub (local.get 0) (i32.const 1)))))
        (else local.get 4000))))";
  text += ")";
  ThreadLimits limits;
  limits.stack_bytes = 1 << 20;
  Machine machine(backend(), {}, limits);
  machine.Add("m", text);
  EXPECT_EQ(machine.Call("m", "big", {I32Value(20)}), "i64:9");
  EXPECT_EQ(machine.Call("m", "big", {I32Value(30)}),
            "trap: call stack exhausted");
  limits.stack_bytes = 1 << 12;  // 64 KiB are made: one and a half frames
  Machine small(backend(), {}, limits);
  small.Add("m", text);
  EXPECT_EQ(small.Call("m", "big", {I32Value(0)}), "i64:9");
  EXPECT_EQ(small.Call("m", "big", {I32Value(1)}),
            "trap: call stack exhausted");
}

TEST_P(CallTest, TooManyLocals) {
  Machine machine(backend());
  std::string locals;
  for (int i = 0; i < 50'001; ++i) locals += "i32 ";
  machine.Add("m", "(module (func (export \"f\") (local " + locals + "))" +
                       "(func (export \"g\") (result i32) (local " +
                       locals.substr(4) + ") local.get 49999))");
  EXPECT_EQ(machine.Call("m", "f"), "trap: too many locals");
  EXPECT_EQ(machine.Call("m", "g"), "i32:0");
}

TEST_P(CallTest, StartChecksArguments) {
  Machine machine(backend());
  machine.Add("m", R"((module (func (export "f") (param i32 funcref))))");
  EXPECT_EQ(machine.Call("m", "f", {I32Value(1), {kFuncRefType, 0}}), "");
  EXPECT_EQ(machine.Call("m", "f", {I32Value(1), {kFuncRefType, 1}}), "");
  EXPECT_EQ(machine.Call("m", "f", {I32Value(1)}),
            "INVALID_ARGUMENT: expected 2 arguments, got 1");
  EXPECT_EQ(machine.Call("m", "f", {I64Value(1), {kFuncRefType, 0}}),
            "INVALID_ARGUMENT: argument 0 is not of type i32");
  EXPECT_EQ(machine.Call("m", "f", {I32Value(1), {kFuncRefType, 99}}),
            "INVALID_ARGUMENT: argument 1 is not of type funcref");
}

}  // namespace
}  // namespace wasmd::testing

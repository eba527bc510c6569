// Threads as state machines: stops, canonical frames, restoring, host calls
// that are answered later.

#include "interp/thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/testing/status_matchers.h"
#include "interp/module_instance.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"
#include "interp/testing/pieces.h"
#include "wasm/module.h"

namespace wasmd::testing {
namespace {

using ::testing::HasSubstr;

class ThreadTest : public BackendTest, protected PieceRunner {};
WASMD_FOR_EACH_BACKEND(ThreadTest);

// Functions that stop in many different places.
constexpr std::string_view kPrograms = R"((module
  (import "host" "twice" (func $twice (param i32) (result i32)))
  (import "other" "add" (func $add (param i32 i64) (result i64)))
  (memory 1)
  (global $g (mut i64) (i64.const 0))
  (type $unary (func (param i32) (result i32)))
  (table funcref (elem $fib $twice $collatz))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then local.get 0)
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $collatz (export "collatz") (param i32) (result i32) (local i32)
    (loop $l
      (if (i32.gt_u (local.get 0) (i32.const 1))
        (then
          (local.set 1 (i32.add (local.get 1) (i32.const 1)))
          (local.set 0 (select
            (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1))
            (i32.shr_u (local.get 0) (i32.const 1))
            (i32.and (local.get 0) (i32.const 1))))
          (br $l))))
    local.get 1)
  (func (export "nested") (param i32) (result i64) (local i32 i32 i64 f64)
    f64.const 0.5
    i64.const 77
    (loop $outer (param i64) (result i64)
      (local.set 2 (i32.const 0))
      (loop $inner
        (local.set 3 (i64.add (local.get 3) (i64.const 3)))
        (local.set 4 (f64.add (local.get 4) (f64.const 1.5)))
        (br_if $inner (i32.lt_u
          (local.tee 2 (i32.add (local.get 2) (i32.const 1)))
          (local.get 0))))
      i64.const 1 i64.add
      (br_if $outer (i32.lt_u
        (local.tee 1 (i32.add (local.get 1) (i32.const 1)))
        (local.get 0))))
    local.get 3 i64.add
    (i64.trunc_f64_s (local.get 4)) i64.add
    local.set 3
    i64.trunc_f64_s local.get 3 i64.add)
  (func $mixed (param i32 f32 i64) (result f32 i64)
    (f32.add (local.get 1) (f32.convert_i32_s (call $fib (local.get 0))))
    (i64.add (local.get 2) (i64.extend_i32_u (call $collatz (local.get 0)))))
  (func (export "calls") (param i32) (result i64 f32) (local i64)
    i64.const 1000000
    (call $mixed (local.get 0) (f32.const 0.25) (i64.const 5))
    i64.const 0
    (call $add (local.get 0) (i64.const 100)) i64.add
    i64.add
    local.set 1
    (f32.add (f32.convert_i32_u (call_indirect (type $unary) (local.get 0)
                                 (i32.const 2))))
    (global.set $g (i64.add (global.get $g) (i64.const 1)))
    (i32.store (i32.const 8) (local.get 0))
    (f32.add (f32.convert_i32_u (call $twice (i32.load (i32.const 8)))))
    (f32.add (f32.convert_i32_u (call_indirect (type $unary) (local.get 0)
                                 (i32.const 1))))
    (f32.const 1)
    f32.mul
    i64.trunc_f32_s
    local.get 1 i64.add i64.add
    global.get $g i64.add
    f32.const 4)
  (func (export "table") (param i32) (result i32) (local i32)
    (loop $l (result i32)
      (block $two (block $one (block $zero
        (br_table $zero $one $two
          (i32.rem_u (local.get 0) (i32.const 4))))
        (local.set 1 (i32.add (local.get 1) (i32.const 1))))
        (local.set 1 (i32.add (local.get 1) (i32.const 10))))
      (local.set 1 (i32.add (local.get 1) (i32.const 100)))
      i32.const 5
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if 1 (local.get 1) (i32.lt_s (local.get 0) (i32.const 0)))
      drop drop
      (br $l)))
  (func (export "loop_first") (param i32) (result i32)
    (loop $l
      (local.set 0 (i32.add (local.get 0) (i32.const 7)))
      (br_if $l (i32.lt_u (local.get 0) (i32.const 100))))
    local.get 0)
  (func (export "call_then_loop") (param i32) (result i32)
    (call $twice (local.get 0))
    (loop $l (param i32) (result i32)
      i32.const 1 i32.add
      (local.tee 0)
      (br_if $l (i32.lt_u (local.get 0) (i32.const 50)))))))";

constexpr std::string_view kOther = R"((module
  (memory 1)
  (func $id (param i64) (result i64) local.get 0)
  (func (export "add") (param i32 i64) (result i64) (local i64)
    (loop $l
      (local.set 2 (i64.add (local.get 2) (call $id (i64.const 2))))
      (br_if $l (i64.lt_u (local.get 2) (i64.const 6))))
    (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))))";

struct Call {
  const char* name;
  uint32_t argument;
};
constexpr Call kCalls[] = {
    {"fib", 8},   {"collatz", 27},   {"nested", 6},         {"calls", 5},
    {"table", 9}, {"loop_first", 1}, {"call_then_loop", 10}};

void AddPrograms(Machine& machine, const Machine::Host& twice) {
  machine.AddHost("host", "twice", {{kI32Type}, {kI32Type}}, twice);
  machine.Add("other", kOther);
  machine.Add("m", kPrograms);
}

HostResult TwiceNow(HostCall& call) {
  call.results[0] = call.arguments[0] * 2;
  return HostResult::kReturn;
}

TEST_P(ThreadTest, StoppingAnywhereChangesNothing) {
  for (const Call& call : kCalls) {
    SCOPED_TRACE(call.name);
    Machine straight(backend());
    AddPrograms(straight, TwiceNow);
    const std::string expected =
        straight.Call("m", call.name, {I32Value(call.argument)});
    EXPECT_THAT(expected, ::testing::Not(HasSubstr("trap")));
    for (const uint64_t fuel : {0, 1, 2, 7, 1000000}) {
      Machine machine(backend());
      AddPrograms(machine, TwiceNow);
      EXPECT_EQ(RunInPieces(machine, machine.Function("m", call.name),
                            {I32Value(call.argument)}, fuel),
                expected);
      EXPECT_EQ(fuel_used_, straight.fuel_used());
      // Each piece passes `fuel` safepoints and ends at the next.
      EXPECT_EQ(static_cast<uint64_t>(stops_),
                straight.fuel_used() / (fuel + 1));
    }
  }
}

TEST_P(ThreadTest, HostCallsAnsweredLater) {
  for (const Call& call : kCalls) {
    SCOPED_TRACE(call.name);
    Machine straight(backend());
    AddPrograms(straight, TwiceNow);
    const std::string expected =
        straight.Call("m", call.name, {I32Value(call.argument)});
    for (const uint64_t fuel : {0, 3, 1000000}) {
      Machine machine(backend());
      AddPrograms(machine, [](HostCall&) { return HostResult::kSuspend; });
      int answers = 0;
      EXPECT_EQ(RunInPieces(machine, machine.Function("m", call.name),
                            {I32Value(call.argument)}, fuel,
                            [&](Thread& thread) {
                              ++answers;
                              const PendingCall pending = thread.pending_call();
                              EXPECT_EQ(pending.function,
                                        machine.Function("host", "twice"));
                              ASSERT_EQ(pending.arguments.size(), 1u);
                              const uint32_t x =
                                  pending.arguments[0].As<uint32_t>() * 2;
                              if (answers % 2 == 0) {
                                const Slot slot = x;
                                thread.CompleteHostCall({&slot, 1});
                              } else {
                                const Value value = I32Value(x);
                                EXPECT_OK(thread.CompleteHostCall({&value, 1}));
                              }
                            }),
                expected);
      EXPECT_EQ(fuel_used_, straight.fuel_used());
    }
  }
}

TEST_P(ThreadTest, HostFunctionCalledFromOutside) {
  Machine machine(backend());
  machine.AddHost("host", "twice", {{kI32Type}, {kI32Type}},
                  [](HostCall& call) {
                    EXPECT_EQ(call.caller, nullptr);
                    return HostResult::kSuspend;
                  });
  const FuncAddr twice = machine.Function("host", "twice");
  Thread thread(machine.store());
  const Value argument = I32Value(4);
  ASSERT_OK(thread.Start(twice, {&argument, 1}));
  ASSERT_EQ(thread.Run(), RunResult::kHostCall);
  EXPECT_TRUE(thread.CaptureFrames().empty());
  const PendingCall pending = thread.pending_call();
  EXPECT_FALSE(pending.caller.has_value());
  Thread other(machine.store());
  ASSERT_OK(other.RestoreFrames(twice, {}, pending));
  EXPECT_EQ(other.pending_call().arguments, pending.arguments);
  const Slot answer = 8;
  other.CompleteHostCall({&answer, 1});
  ASSERT_EQ(other.Run(), RunResult::kReturned);
  EXPECT_EQ(other.results(), std::vector<Value>{I32Value(8)});
}

TEST_P(ThreadTest, FailedHostCall) {
  Machine machine(backend());
  AddPrograms(machine, [](HostCall&) { return HostResult::kSuspend; });
  Thread thread(machine.store());
  const Value argument = I32Value(4);
  const FuncAddr function = machine.Function("m", "call_then_loop");
  ASSERT_OK(thread.Start(function, {&argument, 1}));
  ASSERT_EQ(thread.Run(), RunResult::kHostCall);
  thread.FailHostCall({TrapKind::kHost, "gone"});
  EXPECT_EQ(thread.state(), ThreadState::kFinished);
  EXPECT_EQ(thread.outcome(), RunResult::kTrapped);
  EXPECT_EQ(ToString(thread.trap()), "host function failed: gone");
  const std::vector<Frame> frames = thread.CaptureFrames();
  ASSERT_EQ(frames.size(), 1u);
  // local.get 0, then the call.
  const ModuleInstance& instance = machine.store().instance(frames[0].instance);
  EXPECT_EQ(
      frames[0].code_offset,
      instance.module->functions[frames[0].function_index].code.begin + 2);
  // The thread can be used again.
  ASSERT_OK(thread.Start(machine.Function("m", "fib"), {&argument, 1}));
  EXPECT_EQ(thread.Run(), RunResult::kReturned);
}

TEST_P(ThreadTest, InterruptsAnEndlessLoop) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "spin") (loop (br 0)))
    (func $f (export "count") (param i64) (result i64)
      (loop
        (local.set 0 (i64.add (local.get 0) (i64.const 1)))
        (br 0))
      unreachable)))");
  for (const char* name : {"spin", "count"}) {
    Thread thread(machine.store());
    const Value zero = I64Value(0);
    ASSERT_OK(
        thread.Start(machine.Function("m", name),
                     {&zero, std::string_view(name) == "count" ? 1u : 0u}));
    std::thread other([&] { thread.RequestInterrupt(); });
    EXPECT_EQ(thread.Run(), RunResult::kInterrupted);
    other.join();
    EXPECT_EQ(thread.state(), ThreadState::kRunnable);
    ASSERT_EQ(thread.CaptureFrames().size(), 1u);
    // A request while nothing runs is seen by the next Run, once.
    thread.RequestInterrupt();
    EXPECT_EQ(thread.Run(), RunResult::kInterrupted);
    EXPECT_EQ(thread.Run({.fuel = 50'000}), RunResult::kFuelExhausted);
    const uint64_t before = thread.fuel_used();
    EXPECT_EQ(thread.Run({.fuel = 50'000}), RunResult::kFuelExhausted);
    EXPECT_EQ(thread.fuel_used() - before, 50'001u);
  }
}

TEST_P(ThreadTest, TrapsAreLocated) {
  Machine machine(backend());
  ModuleInstance& instance = machine.Add("m", R"((module (memory 1)
    (func $inner (param i32) (result i32)
      (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (i32.div_u (i32.const 10)
                 (i32.load offset=4 (i32.sub (local.get 0) (i32.const 1)))))
    (func (export "outer") (param i32) (result i32)
      nop
      (i32.add (i32.const 1) (call $inner (local.get 0))))))");
  const auto offset_in = [&](uint32_t function, uint32_t code_offset) {
    return code_offset - instance.module->functions[function].code.begin;
  };
  const auto run = [&](uint32_t x) {
    Thread thread(machine.store());
    const Value argument = I32Value(x);
    EXPECT_OK(thread.Start(machine.Function("m", "outer"), {&argument, 1}));
    EXPECT_EQ(thread.Run(), RunResult::kTrapped);
    std::vector<Frame> frames = thread.CaptureFrames();
    EXPECT_EQ(frames.size(), 2u);
    return frames;
  };
  // local.get, i32.const, i32.add, local.set, i32.const, local.get, i32.const,
  // i32.sub, i32.load, i32.div_u.
  constexpr uint32_t kLoad = 2 + 2 + 1 + 2 + 2 + 2 + 2 + 1;
  EXPECT_EQ(offset_in(0, run(1 << 20)[1].code_offset), kLoad);
  EXPECT_EQ(offset_in(0, run(16)[1].code_offset), kLoad + 3);
  // nop, i32.const, local.get, call: after the call.
  EXPECT_EQ(offset_in(1, run(16)[0].code_offset), 1u + 2 + 2 + 2);
}

// A frame at a function's entry shows its declared locals as zero, whatever is
// on the stack; a caller's frame has its operands, typed, without arguments.
TEST_P(ThreadTest, FramesAreTyped) {
  Machine machine(backend());
  const ModuleInstance& instance = machine.Add("m", R"((module
    (func $dirty (local i64 i64 i64 i64 i64 i64 i64 i64)
      (local.set 3 (i64.const -1)) (local.set 4 (i64.const -1))
      (local.set 5 (i64.const -1)) (local.set 6 (i64.const -1)))
    (func $callee (param f32) (result f32) (local i32 f64 funcref)
      local.get 0)
    (func (export "run") (param i32) (result f64) (local f64)
      call $dirty
      i64.const 5
      f64.const 1.5
      (call $callee (f32.const 2.5))
      f64.promote_f32 f64.add
      local.set 1 drop local.get 1)))");
  Thread thread(machine.store());
  const Value argument = I32Value(9);
  ASSERT_OK(thread.Start(machine.Function("m", "run"), {&argument, 1}));
  std::vector<Frame> frames = thread.CaptureFrames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].locals, (std::vector<Value>{I32Value(9), F64Value(0)}));
  EXPECT_EQ(frames[0].code_offset, instance.module->functions[2].code.begin);
  ASSERT_EQ(thread.Run({.fuel = 1}), RunResult::kFuelExhausted);
  frames = thread.CaptureFrames();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].function_index, 2u);
  EXPECT_EQ(frames[0].operands,
            (std::vector<Value>{I64Value(5), F64Value(1.5)}));
  EXPECT_EQ(frames[1].function_index, 1u);
  EXPECT_EQ(frames[1].code_offset, instance.module->functions[1].code.begin);
  EXPECT_EQ(frames[1].locals,
            (std::vector<Value>{
                F32Value(2.5), I32Value(0), F64Value(0), {kFuncRefType, 0}}));
  EXPECT_TRUE(frames[1].operands.empty());
}

// What is wrong with frames, and what RestoreFrames says.
struct Damage {
  const char* error;
  std::function<void(std::vector<Frame>&, std::optional<PendingCall>&)> apply;
};

TEST_P(ThreadTest, DamagedFramesAreRefused) {
  Machine machine(backend());
  AddPrograms(machine, [](HostCall&) { return HostResult::kSuspend; });
  const FuncAddr function = machine.Function("m", "calls");
  Thread thread(machine.store());
  const Value argument = I32Value(5);
  ASSERT_OK(thread.Start(function, {&argument, 1}));
  ASSERT_EQ(thread.Run({.fuel = 1}), RunResult::kFuelExhausted);
  const std::vector<Frame> at_fib = thread.CaptureFrames();
  ASSERT_EQ(at_fib.size(), 3u);  // calls, mixed, fib
  ASSERT_EQ(thread.Run(), RunResult::kHostCall);
  const std::vector<Frame> at_host = thread.CaptureFrames();
  const PendingCall pending = thread.pending_call();

  using Frames = std::vector<Frame>;
  using Pending = std::optional<PendingCall>;
  const std::vector<Damage> damages = {
      {"there is no instance 9",
       [](Frames& f, Pending&) { f[1].instance = 9; }},
      {"function 5 has no code",
       [](Frames& f, Pending&) { f[1].instance = 0; }},
      {"has no code", [](Frames& f, Pending&) { f[2].function_index = 0; }},
      {"has no code", [](Frames& f, Pending&) { f[2].function_index = 999; }},
      {"is not a call of",
       [](Frames& f, Pending&) { f[2].function_index = 3; }},
      {"is not a safepoint", [](Frames& f, Pending&) { ++f[2].code_offset; }},
      {"is not a safepoint", [](Frames& f, Pending&) { f[2].code_offset = 0; }},
      {"is not after a call",
       [](Frames& f, Pending&) { f[1].code_offset += 1; }},
      {"is not after a call",
       [](Frames& f, Pending&) {
         f.pop_back();
         f.push_back(f[0]);
         f[0].code_offset = f[2].code_offset - 1;
       }},
      {"locals, not", [](Frames& f, Pending&) { f[0].locals.pop_back(); }},
      {"local 0 is not of type i32",
       [](Frames& f, Pending&) { f[0].locals[0] = I64Value(1); }},
      {"local 0 is not of type i32",
       [](Frames& f, Pending&) { f[0].locals[0].low |= uint64_t{1} << 40; }},
      {"local 0 is not of type i32",
       [](Frames& f, Pending&) { f[0].locals[0].high = 1; }},
      {"operands, not", [](Frames& f, Pending&) { f[0].operands.clear(); }},
      {"operand 0 is not of type i64",
       [](Frames& f, Pending&) { f[0].operands[0].type = kF64Type; }},
      {"is not after a call", [&](Frames&, Pending& p) { p = pending; }},
      {"no frames", [](Frames& f, Pending&) { f.clear(); }},
  };
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.error);
    Frames frames = at_fib;
    Pending none;
    damage.apply(frames, none);
    Thread restored(machine.store());
    const absl::Status status = restored.RestoreFrames(function, frames, none);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()),
                ::testing::ContainsRegex(damage.error));
    EXPECT_EQ(restored.state(), ThreadState::kIdle);
  }
  const std::vector<Damage> pending_damages = {
      {"is not a host function",
       [&](Frames&, Pending& p) { p->function = function; }},
      {"is not a host function",
       [&](Frames&, Pending& p) { p->function = 999; }},
      {"not of the top frame's instance",
       [&](Frames&, Pending& p) { p->caller = 0; }},
      {"not of the top frame's instance",
       [&](Frames&, Pending& p) { p->caller.reset(); }},
      {"arguments, not", [&](Frames&, Pending& p) { p->arguments.clear(); }},
      {"argument 0 is not of type i32",
       [&](Frames&, Pending& p) { p->arguments[0] = F32Value(0); }},
      {"operands, not", [&](Frames&, Pending& p) { p.reset(); }},
  };
  for (const Damage& damage : pending_damages) {
    SCOPED_TRACE(damage.error);
    Frames frames = at_host;
    Pending damaged = pending;
    damage.apply(frames, damaged);
    Thread restored(machine.store());
    const absl::Status status =
        restored.RestoreFrames(function, frames, damaged);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()),
                ::testing::ContainsRegex(damage.error));
  }
  // And the whole ones are taken.
  Thread restored(machine.store());
  EXPECT_OK(restored.RestoreFrames(function, at_host, pending));
  ThreadLimits tiny;
  tiny.stack_bytes = 0;
  Thread small(machine.store(), tiny);
  EXPECT_OK(small.RestoreFrames(function, at_fib, std::nullopt));
}

// Thread::Call: the same as Start and Run, with slots in and out.
TEST_P(ThreadTest, CallsWithSlots) {
  Machine machine(backend());
  const auto swap = [](HostCall& call) {
    const Slot first = call.arguments[0];
    call.results[0] = call.arguments[1];
    call.results[1] = first;
    return HostResult::kReturn;
  };
  machine.AddHost("host", "swap", {{kI32Type, kI64Type}, {kI64Type, kI32Type}},
                  swap);
  machine.AddHost("host", "stop", {{}, {kI32Type}},
                  [](HostCall&) { return HostResult::kSuspend; });
  machine.Add("m", R"((module
    (import "host" "swap" (func $swap (param i32 i64) (result i64 i32)))
    (import "host" "stop" (func $stop (result i32)))
    (export "swap" (func $swap))
    (func (export "turn") (param i32 v128 i64) (result i64 v128 i32)
      local.get 2 local.get 1 local.get 0)
    (func (export "div") (param i32 i32) (result i32)
      (i32.div_u (local.get 0) (local.get 1)))
    (func (export "stop") (result i32)
      (i32.add (call $stop) (i32.const 1)))))");
  Thread thread(machine.store());
  const auto slots = [&thread](size_t count) {
    return std::vector<Slot>(thread.result_slots(),
                             thread.result_slots() + count);
  };
  const FuncAddr turn = machine.Function("m", "turn");
  ASSERT_EQ(thread.Call(turn, std::vector<Slot>{1, 2, 3, 4}),
            RunResult::kReturned);
  EXPECT_EQ(slots(4), (std::vector<Slot>{4, 2, 3, 1}));
  const std::vector<Value> values = {I64Value(4), V128Value(2, 3), I32Value(1)};
  EXPECT_EQ(thread.results(), values);
  EXPECT_EQ(thread.results(), values);
  EXPECT_EQ(thread.entry_function(), turn);

  const FuncAddr host = machine.Function("m", "swap");
  ASSERT_EQ(thread.Call(host, std::vector<Slot>{5, 6}), RunResult::kReturned);
  EXPECT_EQ(thread.results(), (std::vector<Value>{I64Value(6), I32Value(5)}));

  const FuncAddr div = machine.Function("m", "div");
  ASSERT_EQ(thread.Call(div, std::vector<Slot>{7, 0}), RunResult::kTrapped);
  EXPECT_EQ(thread.trap().kind, TrapKind::kIntegerDivideByZero);
  EXPECT_TRUE(thread.results().empty());
  ASSERT_EQ(thread.Call(div, std::vector<Slot>{7, 2}), RunResult::kReturned);
  EXPECT_EQ(slots(1), std::vector<Slot>{3});
  EXPECT_EQ(thread.outcome(), RunResult::kReturned);

  const FuncAddr stop = machine.Function("m", "stop");
  ASSERT_EQ(thread.Call(stop, {}), RunResult::kHostCall);
  thread.CompleteHostCall(std::vector<Slot>{9});
  ASSERT_EQ(thread.Run(), RunResult::kReturned);
  EXPECT_EQ(slots(1), std::vector<Slot>{10});
}

// The results of a thread that has ended keep what they refer to, and are told
// where it moved, whether somebody looked at them before or not.
TEST_P(ThreadTest, ResultsAreRoots) {
  for (const bool are_read : {false, true}) {
    Machine machine(backend());
    machine.Add("m", R"((module
      (type $box (struct (field i32)))
      (func (export "make") (param i32) (result i32 (ref $box))
        (local.get 0) (struct.new $box (local.get 0)))
      (func (export "open") (param (ref $box)) (result i32)
        (struct.get $box 0 (local.get 0)))
      (func (export "waste") (param i32) (result i32)
        (loop $l
          (drop (struct.new $box (i32.const -1)))
          (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
          (br_if $l (local.get 0)))
        (i32.const 0))))");
    Thread thread(machine.store());
    ASSERT_EQ(thread.Call(machine.Function("m", "make"), std::vector<Slot>{42}),
              RunResult::kReturned);
    if (are_read) EXPECT_EQ(thread.results()[0], I32Value(42));
    EXPECT_EQ(machine.Call("m", "waste", {I32Value(2'000'000)}), "i32:0");
    EXPECT_EQ(thread.results()[1].low, thread.result_slots()[1]);
    const Value box = thread.results()[1];
    EXPECT_EQ(machine.Call("m", "open", {box}), "i32:42");
  }
}

TEST_P(ThreadTest, FinishedThreadsAreRestored) {
  Machine machine(backend());
  AddPrograms(machine, TwiceNow);
  const FuncAddr function = machine.Function("m", "fib");
  Thread thread(machine.store());
  ASSERT_OK(
      thread.RestoreFinished(function, {.results = {I32Value(3)}, .trap = {}}));
  EXPECT_EQ(thread.results(), std::vector<Value>{I32Value(3)});
  EXPECT_EQ(thread.result_slots()[0], 3);
  EXPECT_EQ(thread.entry_function(), function);
  Thread trapped(machine.store());
  ASSERT_OK(trapped.RestoreFinished(function,
                                    {.result = RunResult::kTrapped,
                                     .results = {},
                                     .trap = {TrapKind::kUnreachable, ""}}));
  EXPECT_EQ(trapped.trap().kind, TrapKind::kUnreachable);
  Thread bad(machine.store());
  EXPECT_THAT(
      bad.RestoreFinished(function, {.results = {F32Value(3)}, .trap = {}}),
      StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(bad.RestoreFinished(function, {.results = {}, .trap = {}}),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(bad.RestoreFinished(999, {.results = {}, .trap = {}}),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(
      bad.RestoreFinished(
          function, {.result = RunResult::kThrew, .results = {}, .trap = {}}),
      StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace wasmd::testing

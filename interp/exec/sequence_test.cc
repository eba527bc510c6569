// Handlers that do several ops change nothing but the speed: with and without
// them a thread stops at the same safepoints with the same frames, and traps at
// the same instruction.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/str_cat.h"
#include "interp/code/function_code.h"
#include "interp/code/handler_set.h"
#include "interp/code/sequence_index.h"
#include "interp/frame.h"
#include "interp/instances.h"
#include "interp/store.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"
#include "interp/thread.h"
#include "interp/value.h"

namespace wasmd::testing {
namespace {

// Loops of the kinds that compilers make, each with a parameter for the number
// of rounds; beyond some number the accesses are out of bounds.
constexpr std::string_view kModule = R"((module
  (memory 1 1)
  (func $sum (export "sum") (param $n i32) (result i32)
    (local $p i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (i32.load (local.get $p))))
      (i32.store (local.get $p) (local.get $s))
      (local.set $p (i32.add (local.get $p) (i32.const 1024)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "find") (param $n i32) (result i32)
    (local $i i32) (local $p i32) (local $key i32)
    (block $out
      (loop $l
        (local.set $key (i32.load (local.get $p)))
        (br_if $out (i32.eq (local.get $key) (local.get $n)))
        (i32.store offset=4 (local.get $p) (local.get $i))
        (local.set $p (i32.add (local.get $p) (i32.const 4096)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $l)))
    (local.get $i))
  (func (export "dot") (param $n i32) (result f64)
    (local $p i32) (local $q i32) (local $s f64) (local $t f64)
    (local.set $q (i32.const 32768))
    (loop $l
      (local.set $s (f64.add (local.get $s)
        (f64.mul (f64.load (local.get $p))
                 (f64.load offset=8 (local.get $q)))))
      (f64.store (local.get $p) (f64.sub (local.get $s) (f64.const 0.5)))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (local.set $q (i32.add (local.get $q) (i32.const 520)))
      (local.set $n (i32.add (local.get $n) (i32.const -1)))
      (br_if $l (local.get $n)))
    (local.get $s))
  (func (export "interpret") (param $n i32) (result i32)
    (local $pc i32) (local $a i32)
    (block $done
      (loop $next
        (local.set $pc (i32.add (local.get $pc) (i32.const 2)))
        (block $two
          (block $one
            (block $zero
              (br_table $zero $one $two $done
                (i32.and (i32.load16_u (local.get $pc)) (i32.const 3))))
            (local.set $a (i32.add (local.get $a) (i32.const 7)))
            (i32.store16 (local.get $pc) (local.get $n))
            (local.set $n (i32.add (local.get $n) (i32.const -1)))
            (br $next))
          (local.set $a (i32.xor (i32.mul (local.get $a) (i32.const 31))
                                 (local.get $n)))
          (local.set $pc (i32.add (local.get $pc) (i32.const 511)))
          (br $next))
        (local.set $a (i32.add (local.get $a)
          (i32.shl (i32.and (local.get $pc) (i32.const 255)) (i32.const 2))))
        (local.set $pc (i32.sub (local.get $pc) (i32.const 100)))
        (br $next)))
    (i32.add (local.get $a) (local.get $pc)))
  (func (export "copy") (param $n i32) (result i32)
    (local $p i32) (local $q i32) (local $c i32)
    (local.set $p (i32.const 7))
    (local.set $q (i32.const 60000))
    (block $out
      (loop $l
        (br_if $out (i32.eqz (local.get $n)))
        (local.set $c (i32.load8_u (local.get $p)))
        (i32.store8 (local.get $q) (i32.add (local.get $c) (i32.const 1)))
        (i64.store offset=100 (local.get $p) (i64.load (local.get $p)))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (local.set $q (i32.add (local.get $q) (i32.const 40)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $l (i32.ne (i32.and (local.get $c) (i32.const 255))
                          (local.get $p)))))
    (i32.sub (local.get $q) (local.get $p)))
  (func (export "sums") (param $n i32) (result i32)
    (local $p i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (i32.load (local.get $p)) (local.get $s)))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $l (local.tee $n (i32.add (local.get $n) (i32.const -1)))))
    (local.get $s))
  (func (export "squares") (param $n i32) (result f64)
    (local $p i32) (local $s f64)
    (loop $l
      (local.set $s (f64.add (local.get $s)
        (f64.mul (f64.load (local.get $p)) (f64.load (local.get $p)))))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (br_if $l (i32.ne (local.tee $n (i32.add (local.get $n) (i32.const -1)))
                        (i32.const 0))))
    (local.get $s))
  (func (export "products") (param $n i32) (result f64)
    (local $p i32) (local $q i32) (local $s f64)
    (local.set $q (i32.const 65000))
    (loop $l
      (local.set $s (f64.add (local.get $s)
        (f64.mul (f64.load (local.get $p)) (f64.load (local.get $q)))))
      (local.set $q (i32.add (local.get $q) (i32.const 8)))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (br_if $l (i32.ne (local.tee $n (i32.add (local.get $n) (i32.const -1)))
                        (i32.const 0))))
    (local.get $s))
  (func (export "mark") (param $n i32) (result i32)
    (local $p i32)
    (loop $l
      (i32.store8 offset=1000 (local.get $p) (i32.const 1))
      (br_if $l (i32.lt_u
        (local.tee $p (i32.add (local.get $p) (local.get $n)))
        (i32.const 64000))))
    (local.get $p))
  (func (export "hash") (param $n i32) (result i32)
    (local $h i32) (local $c i32)
    (local.set $h (i32.const -2128831035))
    (loop $l
      (local.set $h (i32.mul (i32.const 16777619)
        (i32.xor (local.get $h) (i32.load8_u (local.get $c)))))
      (i32.store8 offset=60000 (local.get $n) (local.get $h))
      (local.set $c (i32.add (local.get $c) (i32.const 1)))
      (br_if $l (i32.ne (local.get $c) (local.get $n))))
    (local.get $h))
  (func (export "numbers") (param $n i32) (result i32)
    (local $a i32) (local $b i32) (local $t i32)
    (local.set $b (i32.const 1))
    (loop $l
      (local.set $t (i32.add (local.get $a) (local.get $b)))
      (local.set $a (local.get $b))
      (local.set $b (local.get $t))
      (br_if $l (local.tee $n (i32.add (local.get $n) (i32.const -1)))))
    (local.get $a))
  (func (export "mix") (param $n i32) (result i32)
    (local $a i32) (local $b i32) (local $c i32)
    (local.set $a (i32.const 12345))
    (local.set $b (i32.const 67890))
    (block $out
      (loop $l
        (local.set $a (i32.xor (local.get $a)
                               (i32.shl (local.get $a) (i32.const 13))))
        (local.set $b (i32.add (local.get $b) (local.get $a)))
        (if (i32.and (local.get $b) (i32.const 4))
          (then (local.set $a (i32.sub (local.get $a) (local.get $b))))
          (else (local.set $b (i32.rotl (local.get $b) (i32.const 7)))))
        (br_if $out (i32.eq (local.get $a) (local.get $c)))
        (i32.store (i32.mul (local.get $n) (i32.const 1000)) (local.get $b))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $l (i32.gt_s (local.get $n) (i32.const 0)))))
    (i32.add (local.get $a) (local.get $b)))
  (func (export "search") (param $n i32) (result i32)
    (local $low i32) (local $high i32) (local $middle i32)
    (local.set $high (i32.const 20000))
    (loop $l (result i32)
      (local.set $middle (i32.shr_u
        (i32.add (local.get $low) (local.get $high)) (i32.const 1)))
      (if (i32.lt_u (i32.mul (local.get $middle) (local.get $n))
                    (i32.load (i32.shl (local.get $middle) (i32.const 2))))
        (then (local.set $high (local.get $middle)))
        (else (local.set $low (i32.add (local.get $middle) (i32.const 1)))))
      (br_if $l (i32.lt_u (local.get $low) (local.get $high)))
      (i32.sub (local.get $low) (local.get $middle))))
  (func (export "blend") (param $n i32) (result f64)
    (local $p i32) (local $a f64) (local $b f64) (local $c f64)
    (local.set $a (f64.const 1.5))
    (local.set $b (f64.const 0.25))
    (loop $l
      (local.set $c (f64.sub (f64.mul (local.get $a) (local.get $b))
                             (f64.load (local.get $p))))
      (local.set $a (f64.add (local.get $a) (local.get $c)))
      (f64.store offset=8 (local.get $p) (local.get $a))
      (local.set $b (f64.sub (local.get $b) (f64.div (local.get $c)
                                                     (local.get $a))))
      (local.set $p (i32.add (local.get $p) (i32.const 800)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (f64.add (local.get $a) (local.get $b)))
  (func $fib (export "fib") (param $n i32) (result i32)
    (local $r i32) (local $m i32)
    (if (i32.lt_s (local.get $n) (i32.const 2))
      (then (return (local.get $n))))
    (loop $l
      (local.set $r (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
                             (local.get $r)))
      (local.set $n (i32.sub (local.get $n) (i32.const 2)))
      (br_if $l (i32.gt_u (local.get $n) (i32.const 1))))
    (i32.add (local.get $n) (local.get $r)))
))";

// What can be seen of a run that stops at every `fuel` + 1st of its safepoints:
// the frames there, and its end.
std::string Trace(const Backend& backend, std::string_view function,
                  uint32_t rounds, uint64_t fuel = 0) {
  Machine machine(backend);
  machine.Add("m", kModule);
  Thread thread(machine.store(), machine.thread_limits());
  EXPECT_TRUE(
      thread.Start(machine.Function("m", function), {{I32Value(rounds)}}).ok());
  std::string trace;
  const auto add_frames = [&] {
    for (const Frame& frame : thread.CaptureFrames()) {
      StrAppend(&trace, " ", frame.function_index, "@", frame.code_offset);
      for (const Value& value : frame.locals) {
        StrAppend(&trace, ",", ToString(value));
      }
      for (const Value& value : frame.operands) {
        StrAppend(&trace, ";", ToString(value));
      }
    }
    StrAppend(&trace, "\n");
  };
  RunResult result = thread.Run({.fuel = fuel});
  while (result == RunResult::kFuelExhausted) {
    add_frames();
    result = thread.Run({.fuel = fuel});
  }
  if (result == RunResult::kTrapped) add_frames();
  return StrCat(trace, Machine::Describe(thread, result));
}

class SequenceTest : public BackendTest {
 protected:
  SequenceTest()
      : handlers_(*backend().handlers),
        single_ops_{"single ops", &handlers_, backend().run} {
    handlers_.sequences = &no_sequences_;
    handlers_.held = nullptr;
  }
  const Backend& single_ops() const { return single_ops_; }

 private:
  const SequenceIndex no_sequences_;
  HandlerSet handlers_;
  const Backend single_ops_;
};
WASMD_FOR_EACH_BACKEND(SequenceTest);

TEST_P(SequenceTest, SameStopsAndSameEnd) {
  for (const std::string_view function :
       {"sum", "find", "dot", "interpret", "copy", "sums", "squares",
        "products", "mark", "hash", "numbers", "mix", "search", "blend",
        "fib"}) {
    for (const uint32_t rounds : {1u, 2u, 5u, 12u, 100u}) {
      if (function == "fib" && rounds > 12) continue;
      for (const uint64_t fuel : {0, 3}) {
        const std::string expected =
            Trace(single_ops(), function, rounds, fuel);
        EXPECT_EQ(Trace(backend(), function, rounds, fuel), expected)
            << function << " " << rounds << " " << fuel;
      }
    }
  }
}

// The test above means something: there are sequences in its functions, and
// both a returned value and a trap at its end.
TEST_P(SequenceTest, EndsOfBothKinds) {
  EXPECT_EQ(Trace(backend(), "sum", 1).find("trap"), std::string::npos);
  EXPECT_NE(Trace(backend(), "sum", 100).find("trap"), std::string::npos);
  EXPECT_NE(Trace(backend(), "dot", 100).find("trap"), std::string::npos);
  EXPECT_NE(Trace(backend(), "find", 1).find("trap"), std::string::npos);
}

// The same of loops that hold locals in registers, where a back end has them.
TEST_P(SequenceTest, LoopsHoldLocals) {
  if (backend().handlers->held == nullptr) {
    GTEST_SKIP() << "this back end has no loops that hold locals";
  }
  Machine machine(backend());
  machine.Add("m", kModule);
  for (const std::string_view function : {"mix", "blend"}) {
    machine.Call("m", function, {I32Value(2)});
    const FuncAddr address = machine.Function("m", function);
    const FunctionCode* code = machine.store().function(address).code;
    ASSERT_TRUE(code->translated()) << function;
    EXPECT_EQ(code->translation->held_loops.size(), 1u) << function;
  }
}

}  // namespace
}  // namespace wasmd::testing

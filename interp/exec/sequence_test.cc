// Handlers that do several ops change nothing but the speed: with and without
// them a thread stops at the same safepoints with the same frames, and traps at
// the same instruction.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/str_cat.h"
#include "interp/code/handler_set.h"
#include "interp/code/sequence_index.h"
#include "interp/frame.h"
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

// What can be seen of a run: the frames at each of its safepoints, and its end.
std::string Trace(const Backend& backend, std::string_view function,
                  uint32_t rounds) {
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
  RunResult result = thread.Run({.fuel = 0});
  while (result == RunResult::kFuelExhausted) {
    add_frames();
    result = thread.Run({.fuel = 0});
  }
  if (result == RunResult::kTrapped) {
    const std::vector<Frame> frames = thread.CaptureFrames();
    StrAppend(&trace, frames.back().function_index, "@",
              frames.back().code_offset, " ");
  }
  return StrCat(trace, Machine::Describe(thread, result));
}

class SequenceTest : public BackendTest {
 protected:
  SequenceTest()
      : handlers_(*backend().handlers),
        single_ops_{"single ops", &handlers_, backend().run} {
    handlers_.sequences = &no_sequences_;
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
        "products", "mark", "hash", "numbers", "fib"}) {
    for (const uint32_t rounds : {1u, 2u, 5u, 12u, 100u}) {
      if (function == "fib" && rounds > 12) continue;
      const std::string expected = Trace(single_ops(), function, rounds);
      EXPECT_EQ(Trace(backend(), function, rounds), expected)
          << function << " " << rounds;
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

}  // namespace
}  // namespace wasmd::testing

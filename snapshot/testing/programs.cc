#include "snapshot/testing/programs.h"

#include <memory>
#include <utility>

#include "base/check.h"
#include "base/str_cat.h"

namespace wasmd::testing {

std::vector<Program> AllPrograms() {
  return {
      {"recursion",
       R"((module
      (func $fib (export "run") (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
          (then (local.get 0))
          (else (i32.add
            (call $fib (i32.sub (local.get 0) (i32.const 1)))
            (call $fib (i32.sub (local.get 0) (i32.const 2)))))))))",
       {I32Value(7)},
       "i32:13 "},
      {"loop",
       R"((module
      (memory 1)
      (func (export "run") (param $n i32) (result i64)
        (local $sum i64) (local $unused f32) (local $x f64)
        (local.set $x (f64.const 1.5))
        (loop $again
          (i64.store (i32.shl (local.get $n) (i32.const 3))
                     (local.get $sum))
          (local.set $sum (i64.add (local.get $sum)
                                   (i64.extend_i32_u (local.get $n))))
          (local.set $x (f64.mul (local.get $x) (f64.const -2)))
          (br_if $again
            (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i64.add (local.get $sum) (i64.reinterpret_f64 (local.get $x))))))",
       {I32Value(30)},
       "i64:4744542207434818001 "},
      {"operands_below_a_loop",
       R"((module
      (func (export "run") (param i32) (result i32 i64)
        (i32.const 11)
        (i64.const 22)
        (loop $l (param i64) (result i64)
          (i64.const 3) (i64.mul)
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))))",
       {I32Value(5)},
       "i32:11 i64:5346 "},
      {"multi_value",
       R"((module
      (func $swap (param i32 f64 i64) (result i64 f64 i32)
        (local.get 2) (local.get 1) (local.get 0))
      (func (export "run") (param i32) (result i64 f64 i32)
        (i64.const 100)
        (call $swap (local.get 0) (f64.const 2.5) (i64.const 9))
        (call $swap (i32.const 1) (f64.const 0.5) (i64.const 8))
        (drop) (drop) (drop) (drop) (drop)
        (f64.convert_i64_s) (local.get 0))))",
       {I32Value(4)},
       "i64:100 f64:9 i32:4 "},
      {"host_calls",
       R"((module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (import "host" "log" (func $log (param i64)))
      (import "host" "split" (func $split (param f64) (result i32 f64)))
      (func $inner (param i32) (result i32)
        (call $log (i64.extend_i32_u (local.get 0)))
        (call $add (local.get 0) (i32.const 1)))
      (func (export "run") (param i32) (result i32 f64)
        (i32.add (call $inner (local.get 0)) (call $inner (i32.const 40)))
        (call $split (f64.const 9))
        (f64.add (f64.const 1))
        (call $log (i64.const -1))
        (local.set 0 (i32.const 3))
        (f64.neg) (drop) (i32.mul)
        (f64.const 3))))",
       {I32Value(1)},
       "i32:301 f64:3 "},
      {"host_function_from_outside",
       R"((module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (export "run" (func $add))))",
       {I32Value(1), I32Value(2)},
       "i32:3 "},
      {"other_instances",
       R"((module
      (import "lib" "twice" (func $twice (param funcref i32) (result i32)))
      (import "lib" "table" (table 4 funcref))
      (type $f (func (param i32) (result i32)))
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (func $increment (type $f) (call $add (local.get 0) (i32.const 1)))
      (elem declare func $increment)
      (func (export "run") (param i32) (result i32)
        (call $twice (ref.func $increment) (local.get 0)))))",
       {I32Value(5)},
       "i32:7 ",
       R"((module
      (type $f (func (param i32) (result i32)))
      (table (export "table") 4 funcref)
      (func (export "twice") (param funcref i32) (result i32)
        (table.set (i32.const 2) (local.get 0))
        (call_indirect (type $f)
          (call_indirect (type $f) (local.get 1) (i32.const 2))
          (i32.const 2)))))"},
      {"shared_memory",
       R"((module
      (import "lib" "memory" (memory 1))
      (import "lib" "at" (global i32))
      (data (global.get 0) "bcd")
      (func (export "run") (param i32) (result i32) (local $sum i32)
        (loop $next
          (local.set $sum (i32.add (local.get $sum) (i32.add
            (i32.load8_u (local.get 0))
            (i32.load8_u offset=5000 (local.get 0)))))
          (i32.store8 offset=9000 (local.get 0) (local.get $sum))
          (br_if $next
            (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum))))",
       {I32Value(7)},
       "i32:490 ",
       R"((module
      (memory (export "memory") 1)
      (global (export "at") i32 (i32.const 5000))
      (data (i32.const 0) "aaaa")))"},
      {"trap",
       R"((module
      (func $deep (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (unreachable)))
        (call $deep (i32.sub (local.get 0) (i32.const 1))))
      (export "run" (func $deep))))",
       {I32Value(9)},
       "trap unreachable"},
      {"grow",
       R"((module
      (memory 1 10) (table 1 20 funcref)
      (func (export "run") (param i32) (result i32)
        (loop $l
          (drop (memory.grow (i32.const 1)))
          (drop (table.grow (ref.null func) (i32.const 3)))
          (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536))
                               (i32.const 1))
                      (local.get 0))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.add (i32.mul (memory.size) (i32.const 100)) (table.size)))))",
       {I32Value(12)},
       "i32:1019 "},
      {"segments",
       R"((module
      (memory 1) (table 4 funcref)
      (data $d "abcd") (elem $e func $f $f)
      (func $f)
      (func $step (param i32)
        (memory.init $d (local.get 0) (i32.const 0) (i32.const 4))
        (table.init $e (i32.const 1) (i32.const 0) (i32.const 2)))
      (func (export "run") (result i32)
        (call $step (i32.const 8))
        (data.drop $d)
        (elem.drop $e)
        (call $f)
        (call $step (i32.const 4))
        (i32.load (i32.const 8)))))",
       {},
       "trap out of bounds memory access"},
      {"simd",
       R"((module
      (import "host" "vector"
        (func $h (param v128 externref) (result v128)))
      (global $g (mut v128) (v128.const i64x2 3 4))
      (func $f (param v128 i32) (result v128)
        (local $v v128)
        (local.set $v (i32x4.splat (local.get 1)))
        (call $h (i64x2.add (local.get 0) (local.get $v))
                 (ref.null extern)))
      (func (export "run") (param v128) (result v128 i32)
        (global.set $g (call $f (local.get 0) (i32.const 1)))
        (call $f (global.get $g) (i32.const 5))
        (i32.const 6))))",
       {V128Value(0x1122334455667788, 0x99AABBCCDDEEFF00)},
       "v128:0x00000000000000630000000500000068 i32:6 "},
      {"everything_in_the_store",
       R"((module
        (rec (type $s (struct (field i32) (field (mut (ref null $s))))))
        (type $f (func (param i32) (result i32)))
        (type $a (array (mut i16)))
        (import "host" "add" (func $add (param i32 i32) (result i32)))
        (memory (export "memory") 1 4)
        (memory 1)
        (table (export "table") 4 20 funcref)
        (table 2 (ref null $f))
        (table 1 anyref)
        (global $at i32 (i32.const 16))
        (global (ref $s) (struct.new $s (i32.const 1) (ref.null $s)))
        (global (mut anyref) (array.new $a (i32.const 1) (i32.const 9)))
        (global (mut v128) (v128.const i64x2 1 2))
        (global (mut externref) (ref.null extern))
        (tag $e (param i64))
        (func $own (type $f) (i32.add (local.get 0) (i32.const 1)))
        (elem (i32.const 0) func $own $own)
        (elem (ref null $f) (ref.func $own))
        (elem func $own $own)
        (data (global.get $at) "image")
        (data "passive")
        (func (export "run") (param i32) (result i32)
          (call $add (call $own (local.get 0)) (i32.const 1)))))",
       {I32Value(5)},
       "i32:7 "},
      {"tail_calls",
       R"((module
      (import "lib" "odd" (func $odd (param i32 i32) (result i32)))
      (import "lib" "table" (table 1 funcref))
      (type $f (func (param i32 i32) (result i32)))
      (memory 1) (data (i32.const 0) "\01")
      (elem (i32.const 0) func $even)
      (func $even (param i32 i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
        (return_call $odd (i32.sub (local.get 0) (i32.const 1))
          (i32.add (local.get 1) (i32.load8_u (i32.const 0)))))
      (func (export "run") (param i32) (result i32)
        (i32.mul (call $even (local.get 0) (i32.const 0))
                 (i32.load8_u (i32.const 0))))))",
       {I32Value(7)},
       // Four times 1 and three times 10, and 70 by the host.
       "i32:104 ",
       R"((module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (type $f (func (param i32 i32) (result i32)))
      (memory 1) (data (i32.const 0) "\0a")
      (table (export "table") 1 funcref)
      (func (export "odd") (param i32 i32) (result i32)
        (if (i32.eqz (local.get 0))
          (then (return_call $add (local.get 1) (i32.const 70))))
        (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1))
          (i32.add (local.get 1) (i32.load8_u (i32.const 0)))
          (i32.const 0)))))"},
      {"exceptions",
       R"((module
      (import "lib" "e" (tag $e (param i32 f64)))
      (import "lib" "throw" (func $throw (param i32)))
      (func $deep (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0))
          (then (call $throw (i32.const 5)) (i32.const 0))
          (else (i32.add (i32.const 1)
                  (call $deep (i32.sub (local.get 0) (i32.const 1)))))))
      (func (export "run") (param i32) (result i32 f64 i32)
        (local $x exnref) (local $n i32)
        (i32.const 1000)
        (loop $again
          (block $caught (result i32 f64 exnref)
            (try_table (catch_ref $e $caught)
              (drop (call $deep (local.get 0))))
            (unreachable))
          (local.set $x) (drop) (drop)
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $n) (i32.const 3))))
        (drop)
        (block $last (result i32 f64)
          (try_table (catch $e $last)
            (loop $rethrow
              (try_table (catch $e $last) (throw_ref (local.get $x)))))
          (unreachable))
        (local.get $n))))",
       {I32Value(4)},
       "i32:6 f64:2.5 i32:3 ",
       R"((module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (tag $e (export "e") (param i32 f64))
      (func (export "throw") (param i32)
        (throw $e (call $add (local.get 0) (i32.const 1))
                  (f64.const 2.5)))))"},
      {"uncaught",
       R"((module
      (tag $e (param i64))
      (func $f (throw $e (i64.const 1)))
      (func (export "run") (call $f))))",
       {},
       "exception 8"},
      {"objects",
       R"((module
      (rec (type $node (struct (field $next (mut (ref null $node)))
                               (field $value i32)
                               (field $any (mut anyref)))))
      (type $bytes (array (mut i8)))
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (global $list (mut (ref null $node)) (ref.null $node))
      (func $sum (param $l (ref null $node)) (param $so_far i32)
        (result i32)
        (if (ref.is_null (local.get $l)) (then (return (local.get $so_far))))
        (return_call $sum (struct.get $node $next (local.get $l))
          (i32.add (local.get $so_far)
                   (struct.get $node $value (local.get $l)))))
      (func $push (param $l (ref null $node)) (param $v i32)
        (result (ref $node))
        (local $garbage (ref $bytes))
        (local.set $garbage
          (array.new $bytes (local.get $v) (i32.const 12000)))
        (struct.new $node (local.get $l)
          (call $add (local.get $v)
                     (array.get_u $bytes (local.get $garbage)
                                         (i32.const 11999)))
          (ref.i31 (local.get $v))))
      (func (export "run") (param $n i32) (result i32 i32 i32 i32)
        (local $own (ref null $node))
        (loop $again
          (call $push (local.get $own) (local.get $n))
          (global.set $list (call $push (global.get $list) (i32.const 1)))
          (local.set $own)
          (struct.set $node $any (ref.as_non_null (local.get $own))
                                 (global.get $list))
          (br_if $again
            (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (call $sum (local.get $own) (i32.const 0))
        (call $sum (global.get $list) (i32.const 0))
        (ref.eq (global.get $list)
          (ref.cast eqref (struct.get $node $any (local.get $own))))
        (i31.get_s (ref.cast (ref i31)
          (struct.get $node $any (global.get $list)))))))",
       {I32Value(9)},
       "i32:90 i32:18 i32:1 i32:1 "},
  };
}

void PrintTo(const Program& program, std::ostream* out) {
  *out << program.name;
}

void Start(const Program& program, const ThreadLimits& limits,
           TestProcess& process) {
  process.AddHost("add", {{kI32Type, kI32Type}, {kI32Type}});
  process.AddHost("log", {{kI64Type}, {}});
  process.AddHost("split", {{kF64Type}, {kI32Type, kF64Type}});
  process.AddHost("vector", {{kV128Type, kExternRefType}, {kV128Type}});
  if (!program.lib.empty()) process.Add("lib", program.lib);
  process.Add("m", program.wat);
  process.process().thread = std::make_unique<Thread>(process.store(), limits);
  CHECK(process.thread()
            .Start(process.Export("m", "run"), program.arguments)
            .ok());
}

std::vector<Value> AnswerOf(std::string_view function,
                            const PendingCall& call) {
  const std::vector<Value>& arguments = call.arguments;
  if (function == "add") {
    return {
        I32Value(arguments[0].As<uint32_t>() + arguments[1].As<uint32_t>())};
  }
  if (function == "split") {
    return {I32Value(7), F64Value(arguments[0].As<double>() / 2)};
  }
  if (function == "vector") return {V128Value(arguments[0].high, 99)};
  return {};
}

std::string OutcomeOf(const Thread& thread) {
  std::string outcome;
  switch (thread.outcome()) {
    case RunResult::kReturned:
      for (const Value& value : thread.results()) {
        StrAppend(&outcome, ToString(value), " ");
      }
      return outcome;
    case RunResult::kTrapped:
      return StrCat("trap ", ToString(thread.trap()));
    default:
      return StrCat("exception ", thread.exception());
  }
}

std::string Step(RestoredProcess& process, std::optional<uint64_t> fuel) {
  Thread& thread = *process.thread;
  if (thread.state() == ThreadState::kRunnable) {
    thread.Run({.fuel = fuel});
    return "";
  }
  const PendingCall call = thread.pending_call();
  const std::string& name = process.store->host_info(call.function).name;
  std::string log = StrCat(name, "(");
  for (const Value& value : call.arguments) {
    StrAppend(&log, ToString(value), " ");
  }
  CHECK(thread.CompleteHostCall(AnswerOf(name, call)).ok());
  return log + ") ";
}

std::string RunToEnd(RestoredProcess& process, std::optional<uint64_t> fuel,
                     const std::function<void()>& stop) {
  std::string log;
  while (process.thread->state() != ThreadState::kFinished) {
    log += Step(process, fuel);
    stop();
  }
  return log + OutcomeOf(*process.thread);
}

}  // namespace wasmd::testing

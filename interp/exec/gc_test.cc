// Structs, arrays, i31 and casts; and collections in the middle of everything.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "interp/heap.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"
#include "interp/testing/pieces.h"

namespace wasmd::testing {
namespace {

class GcTest : public BackendTest, protected PieceRunner {};
WASMD_FOR_EACH_BACKEND(GcTest);

TEST_P(GcTest, Structs) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (type $s (sub (struct (field (mut i8)) (field (mut i16)) (field (mut i32))
                          (field (mut i64)) (field (mut f32)) (field (mut f64))
                          (field (mut v128)) (field (mut anyref)))))
    (type $t (sub $s (struct (field (mut i8)) (field (mut i16))
                     (field (mut i32)) (field (mut i64)) (field (mut f32))
                     (field (mut f64)) (field (mut v128)) (field (mut anyref))
                     (field i64))))
    (func $make (result (ref $s))
      (struct.new $t (i32.const -1) (i32.const 0x12348765) (i32.const 3)
        (i64.const 4) (f32.const 5.5) (f64.const 6.5)
        (v128.const i64x2 7 8) (ref.i31 (i32.const -9)) (i64.const 10)))
    (func (export "get") (result i32 i32 i32 i32 i32 i64 f32 f64 v128 i32 i64)
      (local (ref $s))
      (local.set 0 (call $make))
      (struct.get_s $s 0 (local.get 0)) (struct.get_u $s 0 (local.get 0))
      (struct.get_s $s 1 (local.get 0)) (struct.get_u $s 1 (local.get 0))
      (struct.get $s 2 (call $make))
      (struct.get $s 3 (local.get 0)) (struct.get $s 4 (local.get 0))
      (struct.get $s 5 (local.get 0)) (struct.get $s 6 (local.get 0))
      (i31.get_s (ref.cast (ref i31) (struct.get $s 7 (local.get 0))))
      (struct.get $t 8 (ref.cast (ref $t) (local.get 0))))
    (func (export "set") (result i32 i32 i64 f32 f64 v128 i32)
      (local $s (ref $s)) (local f32 i32)
      (local.set $s (struct.new_default $s))
      (local.set 1 (f32.const 1.25)) (local.set 2 (i32.const 77))
      (struct.set $s 0 (local.get $s) (i32.const 0x1ff))
      (struct.set $s 2 (local.get $s)
        (i32.mul (local.get 2) (i32.const 2)))
      (struct.set $s 3 (local.get $s)
        (i64.extend_i32_u (struct.get $s 2 (local.get $s))))
      (struct.set $s 4 (local.get $s) (local.get 1))
      (struct.set $s 5 (call $pass (local.get $s))
        (f64.promote_f32 (struct.get $s 4 (local.get $s))))
      (struct.set $s 6 (local.get $s) (v128.const i32x4 1 2 3 4))
      (struct.set $s 7 (local.get $s) (local.get $s))
      (struct.get_u $s 0 (local.get $s)) (struct.get $s 2 (local.get $s))
      (struct.get $s 3 (local.get $s)) (struct.get $s 4 (local.get $s))
      (struct.get $s 5 (local.get $s)) (struct.get $s 6 (local.get $s))
      (ref.eq (local.get $s)
              (ref.cast eqref (struct.get $s 7 (local.get $s)))))
    (func $pass (param (ref $s)) (result (ref $s)) local.get 0)
    (func (export "null_get") (result i32)
      (struct.get $s 2 (ref.null $s)))
    (func (export "null_get_v") (result v128) (local (ref null $s))
      (struct.get $s 6 (local.get 0)))
    (func (export "null_set") (local (ref null $s))
      (struct.set $s 2 (local.get 0) (i32.const 1)))))");
  EXPECT_EQ(machine.Call("m", "get"),
            "i32:-1 i32:255 i32:-30875 i32:34661 i32:3 i64:4 f32:5.5 f64:6.5 " +
                ToString(V128Value(7, 8)) + " i32:-9 i64:10");
  EXPECT_EQ(machine.Call("m", "set"),
            "i32:255 i32:154 i64:154 f32:1.25 f64:1.25 " +
                ToString(V128Value(0x200000001, 0x400000003)) + " i32:1");
  for (const char* name : {"null_get", "null_get_v", "null_set"}) {
    EXPECT_EQ(machine.Call("m", name), "trap: null structure reference");
  }
}

TEST_P(GcTest, Arrays) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (type $b (array (mut i8)))
    (type $f (array (mut f64)))
    (type $v (array (mut v128)))
    (type $r (array (mut anyref)))
    (data $d "\01\02\83\04\05")
    (elem $e anyref (ref.i31 (i32.const 4)) (ref.null any)
                    (ref.i31 (i32.const 5)))
    (func (export "bytes") (param i32) (result i32 i32 i32) (local (ref $b))
      (local.set 1 (array.new_data $b $d (i32.const 1) (i32.const 3)))
      (array.set $b (local.get 1) (i32.const 0) (i32.const 300))
      (array.get_s $b (local.get 1) (local.get 0))
      (array.get_u $b (local.get 1) (i32.add (local.get 0) (i32.const 0)))
      (array.len (local.get 1)))
    (func (export "floats") (param i32) (result f64 f64) (local (ref $f))
      (local.set 1 (array.new $f (f64.const 2.5) (i32.const 5)))
      (array.set $f (local.get 1) (i32.const 3)
        (f64.add (f64.const 1) (array.get $f (local.get 1) (i32.const 0))))
      (array.get $f (local.get 1) (local.get 0))
      (array.get $f (array.new_fixed $f 2 (f64.const 8) (f64.const 9))
                    (i32.const 1)))
    (func (export "vectors") (result v128 v128) (local (ref $v))
      (local.set 0 (array.new $v (v128.const i64x2 1 2) (i32.const 3)))
      (array.set $v (local.get 0) (i32.const 1) (v128.const i64x2 3 4))
      (array.fill $v (local.get 0) (i32.const 2) (v128.const i64x2 5 6)
                     (i32.const 1))
      (array.get $v (local.get 0) (i32.const 1))
      (array.get $v (local.get 0) (i32.const 2)))
    (func (export "references") (result i32 i32 i32) (local (ref $r))
      (local.set 0 (array.new_elem $r $e (i32.const 0) (i32.const 3)))
      (array.copy $r $r (local.get 0) (i32.const 1) (local.get 0)
                        (i32.const 0) (i32.const 2))
      (ref.is_null (array.get $r (local.get 0) (i32.const 2)))
      (i31.get_u (ref.cast i31ref (array.get $r (local.get 0) (i32.const 1))))
      (array.init_elem $r $e (local.get 0) (i32.const 2) (i32.const 2)
                             (i32.const 1))
      (elem.drop $e)
      (i31.get_u (ref.cast i31ref (array.get $r (local.get 0)
                                                (i32.const 2)))))
    (func (export "init_data") (result i32) (local (ref $b))
      (local.set 0 (array.new_default $b (i32.const 4)))
      (array.init_data $b $d (local.get 0) (i32.const 2) (i32.const 3)
                             (i32.const 2))
      (array.get_u $b (local.get 0) (i32.const 3)))
    (func (export "beyond_data") (drop (array.new_data $b $d (i32.const 3)
                                                       (i32.const 3))))
    (func (export "huge") (drop (array.new_default $f (i32.const -1))))
    (func (export "null_len") (drop (array.len (ref.null $b))))
    (func (export "null_fill") (local (ref null $b))
      (array.fill $b (local.get 0) (i32.const 0) (i32.const 0) (i32.const 0)))
    (func (export "null_get") (local (ref null $b))
      (drop (array.get_u $b (local.get 0) (i32.const 0))))
    (func (export "null_set") (local (ref null $v))
      (array.set $v (local.get 0) (i32.const 0) (v128.const i64x2 0 0)))))");
  EXPECT_EQ(machine.Call("m", "bytes", {I32Value(1)}),
            "i32:-125 i32:131 i32:3");
  EXPECT_EQ(machine.Call("m", "bytes", {I32Value(0)}), "i32:44 i32:44 i32:3");
  const std::string beyond = "trap: out of bounds array access";
  EXPECT_EQ(machine.Call("m", "bytes", {I32Value(3)}), beyond);
  EXPECT_EQ(machine.Call("m", "floats", {I32Value(3)}), "f64:3.5 f64:9");
  EXPECT_EQ(machine.Call("m", "floats", {I32Value(5)}), beyond);
  EXPECT_EQ(machine.Call("m", "vectors"),
            ToString(V128Value(3, 4)) + " " + ToString(V128Value(5, 6)));
  EXPECT_EQ(machine.Call("m", "references"), "i32:1 i32:4 i32:5");
  EXPECT_EQ(machine.Call("m", "init_data"), "i32:5");
  EXPECT_EQ(machine.Call("m", "beyond_data"),
            "trap: out of bounds memory access");
  EXPECT_EQ(machine.Call("m", "huge"), "trap: allocation size too large");
  for (const char* name : {"null_len", "null_fill", "null_get", "null_set"}) {
    EXPECT_EQ(machine.Call("m", name), "trap: null array reference");
  }
}

TEST_P(GcTest, CastsAndTests) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (type $a (sub (struct)))
    (type $b (sub $a (struct (field i32))))
    (type $f (func))
    (type $arr (array i8))
    (func $fn (type $f))
    (elem declare func $fn)
    (table 7 anyref)
    (func (export "init")
      (table.set (i32.const 1) (struct.new $a))
      (table.set (i32.const 2) (struct.new $b (i32.const 5)))
      (table.set (i32.const 3) (array.new_default $arr (i32.const 1)))
      (table.set (i32.const 4) (ref.i31 (i32.const 7)))
      (table.set (i32.const 5) (any.convert_extern (extern.convert_any
        (table.get (i32.const 2))))))
    ;; A bit for each test that holds.
    (func (export "test") (param i32) (result i32) (local anyref)
      (local.set 1 (table.get (local.get 0)))
      (ref.test (ref $a) (local.get 1))
      (i32.shl (ref.test (ref $b) (local.get 1)) (i32.const 1)) (i32.or)
      (i32.shl (ref.test (ref struct) (local.get 1)) (i32.const 2)) (i32.or)
      (i32.shl (ref.test (ref array) (local.get 1)) (i32.const 3)) (i32.or)
      (i32.shl (ref.test (ref i31) (local.get 1)) (i32.const 4)) (i32.or)
      (i32.shl (ref.test (ref eq) (local.get 1)) (i32.const 5)) (i32.or)
      (i32.shl (ref.test (ref null $a) (local.get 1)) (i32.const 6)) (i32.or)
      (i32.shl (ref.test (ref null none) (local.get 1)) (i32.const 7)) (i32.or))
    (func (export "func") (result i32 i32)
      (ref.test (ref $f) (ref.func $fn))
      (ref.test (ref nofunc) (ref.func $fn)))
    (func (export "br") (param i32) (result i32)
      (block $i31 (result i31ref)
        (block $b (result (ref $b))
          (block $rest (result anyref)
            (br_on_cast $b anyref (ref $b) (table.get (local.get 0)))
            (br_on_cast_fail $rest anyref i31ref)
            (br $i31))
          (drop) (return (i32.const -1)))
        (struct.get $b 0) (return))
      (if (result i32) (ref.is_null) (then (i32.const -2))
                       (else (i32.const -3))))
    (func (export "cast") (param i32) (result i32)
      (struct.get $b 0 (ref.cast (ref $b) (table.get (local.get 0)))))
    (func (export "nulls") (param anyref) (result i32)
      (block $null
        (return (i32.add (i32.const 10)
          (ref.test i31ref (br_on_null $null (local.get 0))))))
      (i32.const 0))
    (func (export "non_nulls") (param i32) (result i32)
      (i32.const 5)
      (block $some (param i32) (result i32 (ref any))
        (br_on_non_null $some (table.get (local.get 0)))
        (return))
      (drop) (i32.mul (i32.const 3)))
    (func (export "non_null") (param i32) (result i32)
      (ref.test (ref i31) (ref.as_non_null (table.get (local.get 0)))))))");
  EXPECT_EQ(machine.Call("m", "init"), "");
  const auto call = [&](const char* name, uint32_t index) {
    return machine.Call("m", name, {I32Value(index)});
  };
  EXPECT_EQ(call("test", 0), "i32:192");
  EXPECT_EQ(call("test", 1), "i32:101");
  EXPECT_EQ(call("test", 2), "i32:103");
  EXPECT_EQ(call("test", 3), "i32:40");
  EXPECT_EQ(call("test", 4), "i32:48");
  EXPECT_EQ(call("test", 5), "i32:103");
  EXPECT_EQ(machine.Call("m", "func"), "i32:1 i32:0");
  EXPECT_EQ(call("br", 0), "i32:-2");
  EXPECT_EQ(call("br", 1), "i32:-1");
  EXPECT_EQ(call("br", 2), "i32:5");
  EXPECT_EQ(call("br", 4), "i32:-3");
  EXPECT_EQ(call("cast", 2), "i32:5");
  EXPECT_EQ(call("cast", 1), "trap: cast failure");
  EXPECT_EQ(call("cast", 0), "trap: cast failure");
  const ValueType any = ValueType::Ref(AbstractHeapType::kAny, true);
  EXPECT_EQ(machine.Call("m", "nulls", {{any, 0}}), "i32:0");
  EXPECT_EQ(machine.Call("m", "nulls", {{any, I31Reference(4)}}), "i32:11");
  EXPECT_EQ(call("non_nulls", 0), "i32:5");
  EXPECT_EQ(call("non_nulls", 4), "i32:15");
  EXPECT_EQ(call("non_null", 4), "i32:1");
  EXPECT_EQ(call("non_null", 0), "trap: null reference");
}

// Keeps a tree and lists of garbage in every kind of place at once: locals,
// operands below calls and allocations, parameters, globals, tables, objects,
// exceptions.
constexpr std::string_view kTrees = R"((module
  (type $tree (struct (field (ref null $tree)) (field (ref null $tree))
                      (field i32)))
  (type $list (array (mut (ref null $tree))))
  (import "env" "tick" (func $tick (param (ref null $tree)) (result anyref)))
  (tag $e (param (ref $tree) i32))
  (global $g (mut (ref null $list)) (ref.null $list))
  (func $make (param $depth i32) (result (ref $tree))
    (if (i32.eqz (local.get $depth))
      (then (return (struct.new $tree (ref.null $tree) (ref.null $tree)
                                      (i32.const 1)))))
    (struct.new $tree
      (call $make (i32.sub (local.get $depth) (i32.const 1)))
      (call $make (i32.sub (local.get $depth) (i32.const 1)))
      (i32.const 1)))
  (func $count (param $t (ref null $tree)) (result i32)
    (if (result i32) (ref.is_null (local.get $t)) (then (i32.const 0))
      (else (i32.add (struct.get $tree 2 (local.get $t))
        (i32.add (call $count (struct.get $tree 0 (local.get $t)))
                 (call $count (struct.get $tree 1 (local.get $t))))))))
  (func $waste (param $n i32) (local $t (ref null $tree))
    (loop $l
      (local.set $t (struct.new $tree (local.get $t) (ref.null $tree)
                                      (i32.const 1)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $throw (param $t (ref $tree))
    (call $waste (i32.const 300))
    (throw $e (local.get $t) (i32.const 3)))
  (func (export "run") (param $rounds i32) (result i32 i32 i32 i32 i32)
    (local $kept (ref $tree)) (local $caught (ref null $tree)) (local $i i32)
    (local $from_host anyref)
    (local.set $kept (call $make (i32.const 5)))
    (global.set $g (array.new $list (local.get $kept) (i32.const 10)))
    (loop $rounds
      ;; An operand below a loop of allocations and a call.
      (call $make (i32.const 3))
      (call $waste (i32.const 500))
      (local.set $from_host (call $tick (local.get $kept)))
      (array.set $list (ref.as_non_null (global.get $g))
        (i32.rem_u (local.get $i) (i32.const 10))
        (struct.new $tree (local.get $kept) (call $make (i32.const 2))
                          (i32.const 100)))
      (block $h (result (ref $tree) i32)
        (try_table (catch $e $h) (call $throw (call $make (i32.const 1))))
        (unreachable))
      (drop)
      (local.set $caught)
      (drop)
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $rounds (i32.lt_u (local.get $i) (local.get $rounds))))
    (call $count (local.get $kept))
    (call $count (array.get $list (global.get $g) (i32.const 0)))
    (call $count (local.get $caught))
    (call $count (ref.cast (ref $tree) (local.get $from_host)))
    (call $count (array.get $list (global.get $g) (i32.const 9)))))
)";

constexpr std::string_view kTreesResult = "i32:63 i32:170 i32:3 i32:63 i32:63";

// What of the heap is saved.
std::vector<uint8_t> HeapBytes(const Store& store) {
  const Heap& heap = store.heap();
  return {heap.data(), heap.data() + heap.used_bytes()};
}

TEST_P(GcTest, CollectionsFindEveryRoot) {
  const ValueType any = ValueType::Ref(AbstractHeapType::kAny, true);
  Machine straight(backend());
  straight.AddHost("env", "tick", {{any}, {any}}, [](HostCall& call) {
    call.results[0] = call.arguments[0];
    return HostResult::kReturn;
  });
  std::string text(kTrees);
  text.replace(text.find("(param (ref null $tree)) (result anyref)"),
               std::string("(param (ref null $tree)) (result anyref)").size(),
               "(param anyref) (result anyref)");
  straight.Add("m", text);
  EXPECT_EQ(straight.Call("m", "run", {I32Value(4)}), kTreesResult);
  EXPECT_EQ(straight.store().heap().statistics().collections, 0u);
  EXPECT_EQ(straight.Call("m", "run", {I32Value(300)}),
            "i32:63 i32:170 i32:3 "
            "i32:63 i32:170");
  EXPECT_GT(straight.store().heap().statistics().collections, 3u);

  // Interrupted, with the host's answers late: the same, byte for byte.
  for (const uint64_t fuel : {uint64_t{499}, uint64_t{3001}}) {
    Machine machine(backend());
    machine.AddHost("env", "tick", {{any}, {any}},
                    [](HostCall&) { return HostResult::kSuspend; });
    machine.Add("m", text);
    const auto answer = [](Thread& thread) {
      const Value argument = thread.pending_call().arguments[0];
      EXPECT_TRUE(thread.CompleteHostCall({&argument, 1}).ok());
    };
    const FuncAddr run = machine.Function("m", "run");
    EXPECT_EQ(RunInPieces(machine, run, {I32Value(4)}, 7, answer),
              kTreesResult);
    EXPECT_EQ(RunInPieces(machine, run, {I32Value(300)}, fuel, answer),
              "i32:63 i32:170 i32:3 i32:63 i32:170");
    EXPECT_EQ(HeapBytes(machine.store()), HeapBytes(straight.store()));
    EXPECT_EQ(machine.store().heap().statistics().collections,
              straight.store().heap().statistics().collections);
  }
}

// Another thread of the Store collects while one is stopped, at each of its
// safepoints: what the stopped one holds moves, and is found.
TEST_P(GcTest, StoppedThreadsAreRoots) {
  Machine machine(backend());
  const ValueType any = ValueType::Ref(AbstractHeapType::kAny, true);
  bool suspend = true;
  machine.AddHost("env", "tick", {{any}, {any}}, [&](HostCall& call) {
    if (suspend) return HostResult::kSuspend;
    machine.store().heap().MakeRoom();
    call.results[0] = call.arguments[0];
    return HostResult::kReturn;
  });
  std::string text(kTrees);
  text.replace(text.find("(param (ref null $tree)) (result anyref)"),
               std::string("(param (ref null $tree)) (result anyref)").size(),
               "(param anyref) (result anyref)");
  machine.Add("m", text);
  machine.Add("waster", R"((module
    (type $s (struct (field (mut anyref))))
    (func (export "waste") (param i32)
      (loop $l
        (drop (struct.new $s (ref.null any)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))))");
  Thread thread(machine.store());
  const Value rounds = I32Value(1);
  ASSERT_TRUE(thread.Start(machine.Function("m", "run"), {&rounds, 1}).ok());
  int turn = 0;
  for (;;) {
    const RunResult result = thread.Run({.fuel = 13});
    if (result == RunResult::kHostCall) {
      EXPECT_EQ(machine.Call("waster", "waste", {I32Value(70'000)}), "");
      const Value argument = thread.pending_call().arguments[0];
      ASSERT_TRUE(thread.CompleteHostCall({&argument, 1}).ok());
      continue;
    }
    if (result != RunResult::kFuelExhausted) {
      ASSERT_EQ(Machine::Describe(thread, result),
                "i32:63 i32:170 i32:3 i32:63 i32:63");
      break;
    }
    // Garbage of different sizes in front of what is live.
    EXPECT_EQ(machine.Call("waster", "waste",
                           {I32Value(turn++ % 3 == 0 ? 70'000 : 5)}),
              "");
  }
  EXPECT_GT(machine.store().heap().statistics().collections, 10u);
  // And a host function that collects itself.
  suspend = false;
  EXPECT_EQ(machine.Call("m", "run", {I32Value(20)}),
            "i32:63 i32:170 i32:3 i32:63 i32:170");
}

// Writes into objects mark exactly the pages they change.
TEST_P(GcTest, WritesMarkPages) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (type $v (array (mut v128)))
    (type $i (array (mut i32)))
    (type $s (struct (field (mut i64)) (field (mut v128))))
    (global $v (mut (ref null $v)) (ref.null $v))
    (global $i (mut (ref null $i)) (ref.null $i))
    (global $s (mut (ref null $s)) (ref.null $s))
    (func (export "init")
      (global.set $v (array.new_default $v (i32.const 4096)))
      (global.set $i (array.new_default $i (i32.const 4096)))
      (global.set $s (struct.new_default $s)))
    (func (export "v") (param i32)
      (array.set $v (global.get $v) (local.get 0) (v128.const i64x2 1 1)))
    (func (export "i") (param i32)
      (array.set $i (global.get $i) (local.get 0) (i32.const 7)))
    (func (export "fill") (param i32)
      (array.fill $i (global.get $i) (local.get 0) (i32.const 7)
                     (i32.const 2000)))
    (func (export "s") (param i32)
      (struct.set $s 0 (global.get $s) (i64.extend_i32_u (local.get 0)))
      (struct.set $s 1 (global.get $s)
                       (i32x4.splat (local.get 0))))))");
  EXPECT_EQ(machine.Call("m", "init"), "");
  Heap& heap = machine.store().heap();
  const auto changed = [&](const char* name, uint32_t index) {
    const std::vector<uint8_t> before = HeapBytes(machine.store());
    heap.ClearDirty();
    EXPECT_EQ(machine.Call("m", name, {I32Value(index)}), "");
    const std::vector<uint8_t> after = HeapBytes(machine.store());
    std::vector<uint64_t> pages;
    for (uint64_t at = 0; at < after.size(); ++at) {
      const uint64_t page = at / 4096;
      if (after[at] != before[at] && (pages.empty() || pages.back() != page)) {
        pages.push_back(page);
      }
    }
    EXPECT_EQ(heap.DirtyPages(), pages) << name << " " << index;
    return pages.size();
  };
  // The header is 8 bytes after the first 8: elements lie across pages.
  EXPECT_EQ(changed("v", 0), 1u);
  EXPECT_EQ(changed("v", 254), 1u);
  EXPECT_EQ(changed("v", 4095), 1u);
  EXPECT_EQ(changed("i", 4095), 1u);
  EXPECT_GE(changed("fill", 100), 2u);
  EXPECT_GE(changed("s", 3), 1u);
}

// A list longer than any native stack is deep.
TEST_P(GcTest, DeepStructures) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (type $n (struct (field (ref null $n)) (field i32)))
    (global $g (mut (ref null $n)) (ref.null $n))
    (func (export "run") (param i32) (result i32) (local i32)
      (loop $l
        (global.set $g (struct.new $n (global.get $g) (local.get 0)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (loop $m
        (local.set 1 (i32.add (local.get 1)
                              (struct.get $n 1 (global.get $g))))
        (br_if $m (i32.eqz (ref.is_null (global.get $g
          (global.set $g (struct.get $n 0 (global.get $g))))))))
      local.get 1)))");
  EXPECT_EQ(machine.Call("m", "run", {I32Value(1'000'000)}), "i32:1784293664");
  EXPECT_GT(machine.store().heap().statistics().collections, 0u);
}

TEST_P(GcTest, AFullHeapIsATrap) {
  Machine machine(backend(), {.max_heap_bytes = 1 << 20});
  machine.Add("m", R"((module
    (type $n (struct (field (ref null $n))))
    (func (export "fill") (local (ref null $n))
      (loop $l (local.set 0 (struct.new $n (local.get 0))) (br $l)))
    (func (export "waste") (param i32)
      (loop $l (drop (struct.new $n (ref.null $n)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))))");
  EXPECT_EQ(machine.Call("m", "fill"), "trap: allocation size too large");
  // What it kept is gone with it.
  EXPECT_EQ(machine.Call("m", "waste", {I32Value(200'000)}), "");
  EXPECT_EQ(machine.Call("m", "fill"), "trap: allocation size too large");
}

}  // namespace
}  // namespace wasmd::testing

// Control instructions: blocks, branches, tables of branches, returns.

#include <gtest/gtest.h>

#include "interp/testing/backends.h"
#include "interp/testing/machine.h"

namespace wasmd::testing {
namespace {

class ControlTest : public BackendTest {};
WASMD_FOR_EACH_BACKEND(ControlTest);

TEST_P(ControlTest, ReturnsConstantLocalAndComputedValue) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "const") (result i32) i32.const 42)
    (func (export "const64") (result i64) i64.const 0x123456789abcdef0)
    (func (export "f32") (result f32) f32.const 1.5)
    (func (export "f64") (result f64) f64.const -2.25)
    (func (export "local") (param i32 i64) (result i64) local.get 1)
    (func (export "sum") (param i32 i32) (result i32)
      local.get 0 local.get 1 i32.add)
    (func (export "fsum") (param f32 f32) (result f32)
      local.get 0 local.get 1 f32.add)
    (func (export "return") (param i32) (result i32)
      local.get 0 return)
    (func (export "nothing"))))");
  EXPECT_EQ(machine.Call("m", "const"), "i32:42");
  EXPECT_EQ(machine.Call("m", "const64"), "i64:1311768467463790320");
  EXPECT_EQ(machine.Call("m", "f32"), "f32:1.5");
  EXPECT_EQ(machine.Call("m", "f64"), "f64:-2.25");
  EXPECT_EQ(machine.Call("m", "local", {I32Value(1), I64Value(2)}), "i64:2");
  EXPECT_EQ(machine.Call("m", "sum", {I32Value(40), I32Value(2)}), "i32:42");
  EXPECT_EQ(machine.Call("m", "fsum", {F32Value(1), F32Value(2)}), "f32:3");
  EXPECT_EQ(machine.Call("m", "return", {I32Value(7)}), "i32:7");
  EXPECT_EQ(machine.Call("m", "nothing"), "");
}

TEST_P(ControlTest, MultipleResults) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func $swap (export "swap") (param i32 i64) (result i64 i32)
      local.get 1 local.get 0)
    (func (export "mixed") (result i32 i64 f32 f64)
      i32.const 1 i64.const 2 f32.const 3 f64.const 4)
    (func (export "of_call") (param i32 i64) (result i32 i64)
      local.get 0 local.get 1 call $swap
      call $swap2)
    (func $swap2 (param i64 i32) (result i32 i64) local.get 1 local.get 0)
    (func (export "block") (param i32) (result i32)
      local.get 0
      (block (param i32) (result i32 i32)
        i32.const 1 i32.add
        local.get 0)
      i32.mul)
    (func (export "branch") (param i32) (result i32 i32)
      i32.const 100
      (block (result i32 i32)
        i32.const 9
        i32.const 1 i32.const 2
        local.get 0 br_if 0
        drop drop drop i32.const 3 i32.const 4)
      i32.add)))");
  EXPECT_EQ(machine.Call("m", "swap", {I32Value(1), I64Value(2)}),
            "i64:2 i32:1");
  EXPECT_EQ(machine.Call("m", "mixed"), "i32:1 i64:2 f32:3 f64:4");
  EXPECT_EQ(machine.Call("m", "of_call", {I32Value(1), I64Value(2)}),
            "i32:1 i64:2");
  EXPECT_EQ(machine.Call("m", "block", {I32Value(6)}), "i32:42");
  EXPECT_EQ(machine.Call("m", "branch", {I32Value(1)}), "i32:100 i32:3");
  EXPECT_EQ(machine.Call("m", "branch", {I32Value(0)}), "i32:100 i32:7");
}

TEST_P(ControlTest, IfElse) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "choose") (param i32) (result i32)
      (if (result i32) (local.get 0) (then i32.const 1) (else i32.const 2)))
    (func (export "no_else") (param i32) (result i32) (local i32)
      (if (local.get 0) (then (local.set 1 (i32.const 5))))
      local.get 1)
    (func (export "params") (param i32 i32) (result i32)
      local.get 1
      (if (param i32) (result i32) (local.get 0)
        (then i32.const 10 i32.add) (else i32.const 20 i32.mul)))
    (func (export "returns") (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then i32.const 1 return)
        (else i32.const 2))
      i32.const 10 i32.mul)
    (func (export "both_end") (param i32) (result i32)
      (if (local.get 0) (then i32.const 1 return) (else i32.const 2 return))
      unreachable)
    (func (export "computed") (param i32) (result i32)
      (if (result i32) (i32.lt_s (local.get 0) (i32.const 10))
        (then (i32.mul (local.get 0) (i32.const 2)))
        (else (i32.sub (local.get 0) (i32.const 10)))))))");
  EXPECT_EQ(machine.Call("m", "choose", {I32Value(1)}), "i32:1");
  EXPECT_EQ(machine.Call("m", "choose", {I32Value(0)}), "i32:2");
  EXPECT_EQ(machine.Call("m", "no_else", {I32Value(1)}), "i32:5");
  EXPECT_EQ(machine.Call("m", "no_else", {I32Value(0)}), "i32:0");
  EXPECT_EQ(machine.Call("m", "params", {I32Value(1), I32Value(3)}), "i32:13");
  EXPECT_EQ(machine.Call("m", "params", {I32Value(0), I32Value(3)}), "i32:60");
  EXPECT_EQ(machine.Call("m", "returns", {I32Value(1)}), "i32:1");
  EXPECT_EQ(machine.Call("m", "returns", {I32Value(0)}), "i32:20");
  EXPECT_EQ(machine.Call("m", "both_end", {I32Value(1)}), "i32:1");
  EXPECT_EQ(machine.Call("m", "both_end", {I32Value(0)}), "i32:2");
  EXPECT_EQ(machine.Call("m", "computed", {I32Value(4)}), "i32:8");
  EXPECT_EQ(machine.Call("m", "computed", {I32Value(14)}), "i32:4");
}

TEST_P(ControlTest, Loops) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "factorial") (param i64) (result i64) (local i64)
      (local.set 1 (i64.const 1))
      (block $done
        (loop $again
          (br_if $done (i64.eqz (local.get 0)))
          (local.set 1 (i64.mul (local.get 1) (local.get 0)))
          (local.set 0 (i64.sub (local.get 0) (i64.const 1)))
          (br $again)))
      local.get 1)
    (func (export "with_params") (param i32) (result i32)
      i32.const 0 local.get 0
      (loop $again (param i32 i32) (result i32)
        local.set 0
        local.get 0 i32.add
        local.get 0 i32.const 1 i32.sub
        local.tee 0
        local.get 0 br_if $again
        drop))
    (func (export "fib") (param i32) (result i32) (local i32 i32 i32)
      (local.set 2 (i32.const 1))
      (block (loop
        (br_if 1 (i32.eqz (local.get 0)))
        (local.set 3 (i32.add (local.get 1) (local.get 2)))
        (local.set 1 (local.get 2))
        (local.set 2 (local.get 3))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br 0)))
      local.get 1)))");
  EXPECT_EQ(machine.Call("m", "factorial", {I64Value(20)}),
            "i64:2432902008176640000");
  EXPECT_EQ(machine.Call("m", "with_params", {I32Value(10)}), "i32:55");
  EXPECT_EQ(machine.Call("m", "fib", {I32Value(30)}), "i32:832040");
}

TEST_P(ControlTest, BranchTable) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "plain") (param i32) (result i32)
      (block (block (block (block
        (br_table 0 1 2 3 (local.get 0)))
        (return (i32.const 100)))
        (return (i32.const 101)))
        (return (i32.const 102)))
      i32.const 103)
    (func (export "value") (param i32) (result i32)
      (block (result i32)
        i32.const 7
        (block (result i32)
          i32.const 5
          (br_table 0 1 0 2 (i32.const 10) (local.get 0)))
        i32.const 1000 i32.add
        i32.add))
    (func (export "loop") (param i32) (result i32) (local i32)
      (loop $again (result i32)
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (block $stop
          (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
          (br_table $stop $again (i32.ge_s (local.get 0) (i32.const 0))))
        local.get 1))
    (func (export "only_default") (param i32) (result i32)
      (block (br_table 0 (local.get 0)))
      i32.const 3)))");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(machine.Call("m", "plain", {I32Value(i)}),
              i < 3 ? "i32:10" + std::to_string(i) : "i32:103");
  }
  EXPECT_EQ(machine.Call("m", "plain", {I32Value(~0u)}), "i32:103");
  EXPECT_EQ(machine.Call("m", "value", {I32Value(0)}), "i32:1017");
  EXPECT_EQ(machine.Call("m", "value", {I32Value(1)}), "i32:10");
  EXPECT_EQ(machine.Call("m", "value", {I32Value(2)}), "i32:1017");
  EXPECT_EQ(machine.Call("m", "value", {I32Value(3)}), "i32:10");
  EXPECT_EQ(machine.Call("m", "loop", {I32Value(5)}), "i32:6");
  EXPECT_EQ(machine.Call("m", "only_default", {I32Value(9)}), "i32:3");
}

// Values that wait on the operand stack while control goes elsewhere.
TEST_P(ControlTest, OperandsBelowBlocks) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "local_changes") (param i32) (result i32)
      local.get 0
      (block (local.set 0 (i32.const 100)))
      local.get 0 i32.add)
    (func (export "branch_keeps") (param i32) (result i32)
      local.get 0 i32.const 1 i32.add
      (block (br_if 0 (local.get 0)) (local.set 0 (i32.const 50)))
      local.get 0 i32.add)
    (func (export "drops_extra") (param i32) (result i32)
      i32.const 1
      (block (result i32)
        i32.const 2 i32.const 3 local.get 0
        br 0)
      i32.add)
    (func (export "tee_chain") (param i32) (result i32) (local i32)
      local.get 0 local.get 0
      i32.const 3 i32.mul local.tee 0
      local.get 0 i32.add local.tee 1
      i32.add local.get 1 i32.add)
    (func (export "set_after_get") (param i32 i32) (result i32)
      local.get 0 local.get 0 local.get 1
      i32.add local.set 0
      local.get 0 i32.mul)))");
  EXPECT_EQ(machine.Call("m", "local_changes", {I32Value(7)}), "i32:107");
  EXPECT_EQ(machine.Call("m", "branch_keeps", {I32Value(0)}), "i32:51");
  EXPECT_EQ(machine.Call("m", "branch_keeps", {I32Value(5)}), "i32:11");
  EXPECT_EQ(machine.Call("m", "drops_extra", {I32Value(9)}), "i32:10");
  // 5, 15, 30: 5 + 30 + 30.
  EXPECT_EQ(machine.Call("m", "tee_chain", {I32Value(5)}), "i32:65");
  EXPECT_EQ(machine.Call("m", "set_after_get", {I32Value(3), I32Value(4)}),
            "i32:21");
}

TEST_P(ControlTest, UnreachableCodeIsNotRun) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "after_br") (result i32)
      (block (result i32)
        i32.const 1 br 0
        (block (loop (if (i32.const 1) (then unreachable) (else nop))))
        i32.add)
      )
    (func (export "trap") unreachable)
    (func (export "after_return") (result i32)
      i32.const 2 return i32.add drop)
    (func (export "never_ends") (param i32) (result i32)
      (block $out (result i32)
        (loop $l
          (br_if $out (i32.const 4) (local.get 0)) drop
          (local.set 0 (i32.const 1))
          (br $l))
        unreachable))))");
  EXPECT_EQ(machine.Call("m", "after_br"), "i32:1");
  EXPECT_EQ(machine.Call("m", "trap"), "trap: unreachable");
  EXPECT_EQ(machine.Call("m", "after_return"), "i32:2");
  EXPECT_EQ(machine.Call("m", "never_ends", {I32Value(0)}), "i32:4");
}

TEST_P(ControlTest, Select) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "i32") (param i32 i32 i32) (result i32)
      local.get 0 local.get 1 local.get 2 select)
    (func (export "computed") (param i32 i32) (result i32)
      (select (i32.add (local.get 0) (i32.const 1))
              (i32.mul (local.get 0) (i32.const 2))
              (i32.gt_u (local.get 1) (i32.const 10))))
    (func (export "f32") (param f32 i32) (result f32)
      (select (f32.add (local.get 0) (f32.const 1)) (f32.const 9)
              (i32.eqz (local.get 1))))
    (func (export "f64") (param f64 f64 i32) (result f64)
      (select (local.get 0) (f64.neg (local.get 1)) (local.get 2)))
    (func (export "typed") (param i32) (result funcref)
      (select (result funcref) (ref.null func) (ref.func 0) (local.get 0)))
    (func (export "const") (param i64) (result i64)
      (select (i64.const -1) (local.get 0) (i32.const 0)))
    (func (export "same") (param i32) (result i32)
      (select (local.tee 0 (i32.add (local.get 0) (i32.const 1)))
              (local.get 0) (local.get 0)))))");
  const auto i32 = [](uint32_t x) { return I32Value(x); };
  EXPECT_EQ(machine.Call("m", "i32", {i32(1), i32(2), i32(3)}), "i32:1");
  EXPECT_EQ(machine.Call("m", "i32", {i32(1), i32(2), i32(0)}), "i32:2");
  EXPECT_EQ(machine.Call("m", "computed", {i32(5), i32(11)}), "i32:6");
  EXPECT_EQ(machine.Call("m", "computed", {i32(5), i32(10)}), "i32:10");
  EXPECT_EQ(machine.Call("m", "f32", {F32Value(0.5), i32(0)}), "f32:1.5");
  EXPECT_EQ(machine.Call("m", "f32", {F32Value(0.5), i32(1)}), "f32:9");
  EXPECT_EQ(machine.Call("m", "f64", {F64Value(1), F64Value(2), i32(1)}),
            "f64:1");
  EXPECT_EQ(machine.Call("m", "f64", {F64Value(1), F64Value(2), i32(0)}),
            "f64:-2");
  EXPECT_EQ(machine.Call("m", "typed", {i32(1)}), "funcref:null");
  EXPECT_EQ(machine.Call("m", "typed", {i32(0)}), "funcref:0");
  EXPECT_EQ(machine.Call("m", "const", {I64Value(8)}), "i64:8");
  EXPECT_EQ(machine.Call("m", "same", {i32(8)}), "i32:9");
}

}  // namespace
}  // namespace wasmd::testing

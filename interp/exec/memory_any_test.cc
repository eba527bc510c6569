// Memories other than memory 0 with 32-bit addresses, tables with 64-bit ones,
// and what long instructions cost.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "interp/memory_instance.h"
#include "interp/module_instance.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"

namespace wasmd::testing {
namespace {

class MemoryAnyTest : public BackendTest {};
WASMD_FOR_EACH_BACKEND(MemoryAnyTest);

constexpr std::string_view kOutOfBounds = "trap: out of bounds memory access";

// One function for each load and each store, of a memory with an address type.
std::string AccessModule(bool second, bool is_64) {
  const std::string a = is_64 ? "i64" : "i32";
  const std::string m = second ? " $m" : "";
  std::string text = "(module (memory $zero 1)";
  if (!second) text = "(module ";
  text += "(memory $m (export \"memory\")" + std::string(is_64 ? " i64" : "") +
          " 1 2)";
  struct Access {
    const char* name;
    const char* type;
  };
  for (const auto& [name, type] : std::vector<Access>{
           {"i32.load", "i32"},          {"i64.load", "i64"},
           {"f32.load", "f32"},          {"f64.load", "f64"},
           {"i32.load8_s", "i32"},       {"i32.load8_u", "i32"},
           {"i32.load16_s", "i32"},      {"i32.load16_u", "i32"},
           {"i64.load8_s", "i64"},       {"i64.load8_u", "i64"},
           {"i64.load16_s", "i64"},      {"i64.load16_u", "i64"},
           {"i64.load32_s", "i64"},      {"i64.load32_u", "i64"},
           {"v128.load", "v128"},        {"v128.load8x8_s", "v128"},
           {"v128.load16x4_u", "v128"},  {"v128.load32x2_s", "v128"},
           {"v128.load8_splat", "v128"}, {"v128.load64_splat", "v128"},
           {"v128.load32_zero", "v128"}, {"v128.load64_zero", "v128"}}) {
    text += std::string("(func (export \"") + name + "\") (param " + a +
            ") (result " + type + ") (" + name + m +
            " offset=3 (local.get 0)))";
  }
  for (const auto& [name, type] : std::vector<Access>{{"i32.store", "i32"},
                                                      {"i64.store", "i64"},
                                                      {"f32.store", "f32"},
                                                      {"f64.store", "f64"},
                                                      {"i32.store8", "i32"},
                                                      {"i32.store16", "i32"},
                                                      {"i64.store8", "i64"},
                                                      {"i64.store16", "i64"},
                                                      {"i64.store32", "i64"},
                                                      {"v128.store", "v128"}}) {
    text += std::string("(func (export \"") + name + "\") (param " + a + " " +
            type + ") (" + name + m + " offset=3 (local.get 0)" +
            "(local.get 1)))";
  }
  text += "(func (export \"v128.load16_lane\") (param " + a +
          " v128) (result v128) (v128.load16_lane" + m +
          " offset=3 5 (local.get 0) (local.get 1)))";
  text += "(func (export \"v128.store32_lane\") (param " + a +
          " v128) (v128.store32_lane" + m +
          " offset=3 2 (local.get 0) (local.get 1)))";
  text += "(func (export \"grow\") (param " + a + ") (result " + a + " " + a +
          ") (memory.grow" + m + " (local.get 0)) (memory.size" + m + "))";
  text += "(func (export \"fill\") (param " + a + " i32 " + a +
          ") (memory.fill" + m + " (local.get 0) (local.get 1) (local.get 2)))";
  return text + ")";
}

// All of them against memory 0 with 32-bit addresses, which other tests cover.
TEST_P(MemoryAnyTest, EveryAccess) {
  for (const bool second : {false, true}) {
    for (const bool is_64 : {false, true}) {
      if (!second && !is_64) continue;
      SCOPED_TRACE(second);
      Machine plain(backend());
      Machine machine(backend());
      MemoryInstance& expected =
          *plain.Add("m", AccessModule(false, false)).memories[0];
      MemoryInstance& memory =
          *machine.Add("m", AccessModule(second, is_64)).memories[second];
      for (MemoryInstance* m : {&expected, &memory}) {
        for (uint64_t i = 0; i < m->size_bytes(); ++i) {
          m->data()[i] = static_cast<uint8_t>(i * 37 + (i >> 8) * 11);
        }
        m->ClearDirty();
      }
      const auto address = [&](uint64_t at, bool wide) {
        return wide ? I64Value(at) : I32Value(static_cast<uint32_t>(at));
      };
      const auto same = [&](const char* name, uint64_t at,
                            std::vector<Value> more) {
        std::vector<Value> arguments = {address(at, false)};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const std::string result = plain.Call("m", name, arguments);
        arguments[0] = address(at, is_64);
        EXPECT_EQ(machine.Call("m", name, arguments), result) << name;
      };
      const Value vector = V128Value(0x1122334455667788, 0x99AABBCCDDEEFF00);
      for (const uint64_t at :
           {uint64_t{0}, uint64_t{4093}, uint64_t{65517}, uint64_t{65532},
            uint64_t{65533}, uint64_t{0xFFFFFFFF}}) {
        for (const char* name :
             {"i32.load",         "i64.load",          "f32.load",
              "f64.load",         "i32.load8_s",       "i32.load8_u",
              "i32.load16_s",     "i32.load16_u",      "i64.load8_s",
              "i64.load8_u",      "i64.load16_s",      "i64.load16_u",
              "i64.load32_s",     "i64.load32_u",      "v128.load",
              "v128.load8x8_s",   "v128.load16x4_u",   "v128.load32x2_s",
              "v128.load8_splat", "v128.load64_splat", "v128.load32_zero",
              "v128.load64_zero"}) {
          same(name, at, {});
        }
        same("v128.load16_lane", at, {vector});
        same("v128.store32_lane", at, {vector});
        for (const char* name : {"i32.store", "i32.store8", "i32.store16"}) {
          same(name, at, {I32Value(0xA1B2C3D4)});
        }
        for (const char* name :
             {"i64.store", "i64.store8", "i64.store16", "i64.store32"}) {
          same(name, at, {I64Value(0x0102030405060708)});
        }
        same("f32.store", at, {F32Value(1.5)});
        same("f64.store", at, {F64Value(-2.5)});
        same("v128.store", at, {vector});
        EXPECT_EQ(
            std::vector<uint8_t>(memory.data(),
                                 memory.data() + memory.size_bytes()),
            std::vector<uint8_t>(expected.data(),
                                 expected.data() + expected.size_bytes()));
        EXPECT_EQ(memory.DirtyPages(), expected.DirtyPages());
      }
      if (!is_64) continue;
      for (const uint64_t at :
           {uint64_t{1} << 32, ~uint64_t{0}, ~uint64_t{7}}) {
        EXPECT_EQ(machine.Call("m", "i32.load", {I64Value(at)}), kOutOfBounds);
        EXPECT_EQ(machine.Call("m", "i32.store", {I64Value(at), I32Value(0)}),
                  kOutOfBounds);
        EXPECT_EQ(
            machine.Call("m", "fill", {I64Value(at), I32Value(0), I64Value(8)}),
            kOutOfBounds);
      }
      EXPECT_EQ(machine.Call("m", "grow", {I64Value(1)}), "i64:1 i64:2");
      EXPECT_EQ(machine.Call("m", "grow", {I64Value(uint64_t{1} << 40)}),
                "i64:-1 i64:2");
      EXPECT_EQ(machine.Call("m", "i32.load", {I64Value(65536)}), "i32:0");
    }
  }
}

TEST_P(MemoryAnyTest, CopiesBetweenMemories) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (memory $a 1) (memory $b i64 1)
    (data $d "hello")
    (func (export "run") (result i32 i64)
      (memory.init $b $d (i64.const 10) (i32.const 1) (i32.const 4))
      (memory.copy $a $b (i32.const 100) (i64.const 9) (i32.const 4))
      (memory.copy $b $a (i64.const 200) (i32.const 99) (i32.const 8))
      (i32.load $a (i32.const 100)) (i64.load $b (i64.const 200)))
    (func (export "beyond")
      (memory.copy $a $b (i32.const 0) (i64.const 65530) (i32.const 7)))))");
  // "\0ell", then "\0\0ell\0\0\0".
  EXPECT_EQ(machine.Call("m", "run"),
            "i32:" + std::to_string(0x6C6C6500) +
                " i64:" + std::to_string(0x6C6C650000));
  EXPECT_EQ(machine.Call("m", "beyond"), kOutOfBounds);
}

TEST_P(MemoryAnyTest, Tables64) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (type $f (func (result i32)))
    (table $t i64 3 10 funcref)
    (table $u 3 funcref)
    (elem $e func $one $two)
    (func $one (result i32) i32.const 1)
    (func $two (result i32) i32.const 2)
    (func (export "init")
      (table.init $t $e (i64.const 1) (i32.const 0) (i32.const 2))
      (table.copy $u $t (i32.const 0) (i64.const 1) (i32.const 2)))
    (func (export "call") (param i64) (result i32)
      (call_indirect $t (type $f) (local.get 0)))
    (func (export "tail") (param i64) (result i32)
      (return_call_indirect $t (type $f) (local.get 0)))
    (func (export "copied") (param i32) (result i32)
      (call_indirect $u (type $f) (local.get 0)))
    (func (export "grow") (param i64) (result i64 i64)
      (table.grow $t (ref.func $two) (local.get 0)) (table.size $t))))");
  EXPECT_EQ(machine.Call("m", "init"), "");
  for (const char* name : {"call", "tail"}) {
    EXPECT_EQ(machine.Call("m", name, {I64Value(2)}), "i32:2");
    EXPECT_EQ(machine.Call("m", name, {I64Value(0)}),
              "trap: uninitialized element");
    EXPECT_EQ(machine.Call("m", name, {I64Value((uint64_t{1} << 32) | 1)}),
              "trap: undefined element");
  }
  EXPECT_EQ(machine.Call("m", "copied", {I32Value(0)}), "i32:1");
  EXPECT_EQ(machine.Call("m", "grow", {I64Value(2)}), "i64:3 i64:5");
  EXPECT_EQ(machine.Call("m", "grow", {I64Value(~uint64_t{0})}),
            "i64:-1 i64:5");
  EXPECT_EQ(machine.Call("m", "call", {I64Value(4)}), "i32:2");
}

// A slice and a budget end soon after a long instruction.
TEST_P(MemoryAnyTest, LongInstructionsCostFuel) {
  Machine machine(backend());
  machine.Add("m", R"((module (memory 160)
    (type $a (array (mut i8)))
    (func (export "spin") (loop $l
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 10485760))
      (br $l)))
    (func (export "arrays") (loop $l
      (drop (array.new $a (i32.const 1) (i32.const 10485760)))
      (br $l)))))");
  for (const char* name : {"spin", "arrays"}) {
    Thread thread(machine.store());
    ASSERT_TRUE(thread.Start(machine.Function("m", name), {}).ok());
    EXPECT_EQ(thread.Run({.fuel = 200'000}), RunResult::kFuelExhausted);
    // 40,960 each time round; the last one may go over.
    EXPECT_GE(thread.fuel_used(), 200'000u);
    EXPECT_LE(thread.fuel_used(), 320'000u);
    // And the count does not depend on the slices.
    const uint64_t used = thread.fuel_used();
    Thread pieces(machine.store());
    ASSERT_TRUE(pieces.Start(machine.Function("m", name), {}).ok());
    while (pieces.fuel_used() < used && std::string(name) == "spin") {
      EXPECT_EQ(pieces.Run({.fuel = 0}), RunResult::kFuelExhausted);
    }
    if (std::string(name) == "spin") {
      EXPECT_EQ(pieces.fuel_used(), used);
    }
  }
}

}  // namespace
}  // namespace wasmd::testing

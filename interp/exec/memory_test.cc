// Loads, stores, bulk instructions of memories and tables, globals, and the
// dirty marks that stores leave.

#include <gtest/gtest.h>

#include <string>

#include "interp/memory_instance.h"
#include "interp/module_instance.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"

namespace wasmd::testing {
namespace {

class MemoryTest : public BackendTest {};
WASMD_FOR_EACH_BACKEND(MemoryTest);

struct Access {
  const char* type;   // of the value
  const char* store;  // instruction
  const char* load;
  int bytes;
  const char* value;     // stored, as a constant
  const char* expected;  // loaded
};

constexpr Access kAccesses[] = {
    {"i32", "i32.store", "i32.load", 4, "-2", "i32:-2"},
    {"i32", "i32.store8", "i32.load8_s", 1, "0x1F0", "i32:-16"},
    {"i32", "i32.store8", "i32.load8_u", 1, "0x1F0", "i32:240"},
    {"i32", "i32.store16", "i32.load16_s", 2, "0x1FFF0", "i32:-16"},
    {"i32", "i32.store16", "i32.load16_u", 2, "0x1FFF0", "i32:65520"},
    {"i64", "i64.store", "i64.load", 8, "-2", "i64:-2"},
    {"i64", "i64.store8", "i64.load8_s", 1, "0x1F0", "i64:-16"},
    {"i64", "i64.store8", "i64.load8_u", 1, "0x1F0", "i64:240"},
    {"i64", "i64.store16", "i64.load16_s", 2, "0x1FFF0", "i64:-16"},
    {"i64", "i64.store16", "i64.load16_u", 2, "0x1FFF0", "i64:65520"},
    {"i64", "i64.store32", "i64.load32_s", 4, "0x1FFFFFFF0", "i64:-16"},
    {"i64", "i64.store32", "i64.load32_u", 4, "0x1FFFFFFF0", "i64:4294967280"},
    {"f32", "f32.store", "f32.load", 4, "-1.5", "f32:-1.5"},
    {"f64", "f64.store", "f64.load", 8, "-1.5", "f64:-1.5"},
};

// Every form of address and value operand that the translator knows.
TEST_P(MemoryTest, EveryAccessInEveryForm) {
  const auto format = [](std::string text, const Access& a) {
    const auto put = [&text](const std::string& name, const std::string& by) {
      for (size_t at; (at = text.find(name)) != std::string::npos;) {
        text.replace(at, name.size(), by);
      }
    };
    put("STORE", a.store);
    put("LOAD", a.load);
    put("TYPE", a.type);
    put("VALUE", std::string("(") + a.type + ".const " + a.value + ")");
    return text;
  };
  for (const Access& access : kAccesses) {
    SCOPED_TRACE(access.load);
    Machine machine(backend());
    machine.Add("m", format(R"((module (memory 1)
      (func $value (result TYPE) VALUE)
      (func (export "slots") (param i32) (result TYPE) (local TYPE)
        (local.set 1 VALUE)
        (STORE (local.get 0) (local.get 1))
        (LOAD (local.get 0)))
      (func (export "computed") (param i32) (result TYPE)
        (STORE offset=4 (i32.sub (local.get 0) (i32.const 4)) VALUE)
        (LOAD offset=4 (i32.sub (local.get 0) (i32.const 4))))
      (func (export "const") (param i32) (result TYPE)
        (STORE offset=60 (i32.const 40) (call $value))
        (LOAD offset=70 (i32.const 30)))
      (func (export "acc_value") (param i32) (result TYPE)
        (STORE (local.get 0) (call $value))
        (LOAD (local.tee 0 (i32.add (local.get 0) (i32.const 0)))))
      (func (export "into_local") (param i32) (result TYPE) (local TYPE)
        (STORE (i32.const 100) VALUE)
        (local.set 1 (LOAD (i32.const 100)))
        (local.get 1))
      (func (export "const_at_end") (param i32)
        (STORE offset=65535 (i32.const 1) VALUE))
      (func (export "far_const") (param i32) (result TYPE)
        (LOAD offset=4294967295 (i32.const -1)))
      (func (export "far_const_store") (param i32)
        (STORE offset=4294967295 (i32.const -1) (call $value)))
      (func (export "load") (param i32) (result TYPE)
        (LOAD (local.get 0)))
      (func (export "load_far") (param i32) (result TYPE)
        (LOAD offset=4294967295 (local.get 0)))
      (func (export "store") (param i32)
        (STORE (local.get 0) VALUE))))",
                            access));
    for (const char* form :
         {"slots", "computed", "const", "acc_value", "into_local"}) {
      EXPECT_EQ(machine.Call("m", form, {I32Value(100)}), access.expected)
          << form;
    }
    const auto last = static_cast<uint32_t>(65536 - access.bytes);
    const std::string trap = "trap: out of bounds memory access";
    EXPECT_NE(machine.Call("m", "load", {I32Value(last)}), trap);
    EXPECT_NE(machine.Call("m", "store", {I32Value(last)}), trap);
    for (const uint32_t at : {last + 1, 65536u, 0x80000000u, ~0u}) {
      EXPECT_EQ(machine.Call("m", "load", {I32Value(at)}), trap);
      EXPECT_EQ(machine.Call("m", "store", {I32Value(at)}), trap);
    }
    EXPECT_EQ(machine.Call("m", "load_far", {I32Value(1)}), trap);
    EXPECT_EQ(machine.Call("m", "load_far", {I32Value(~0u)}), trap);
    EXPECT_EQ(machine.Call("m", "far_const", {I32Value(0)}), trap);
    EXPECT_EQ(machine.Call("m", "far_const_store", {I32Value(0)}), trap);
    EXPECT_EQ(machine.Call("m", "const_at_end", {I32Value(0)}), trap);
  }
}

TEST_P(MemoryTest, StoresMarkTheirPages) {
  Machine machine(backend());
  ModuleInstance& instance = machine.Add("m", R"((module (memory 4)
    (func (export "i64") (param i32) (i64.store (local.get 0) (i64.const 1)))
    (func (export "i8") (param i32) (i32.store8 (local.get 0) (i32.const 1)))
    (func (export "fill") (param i32 i32)
      (memory.fill (local.get 0) (i32.const 1) (local.get 1)))
    (func (export "copy") (param i32 i32)
      (memory.copy (local.get 0) (i32.const 0) (local.get 1)))
    (func (export "init") (param i32)
      (memory.init $d (local.get 0) (i32.const 0) (i32.const 2)))
    (data $d "ab")))");
  MemoryInstance& memory = *instance.memories[0];
  using Pages = std::vector<uint64_t>;
  const auto dirty = [&] {
    Pages pages = memory.DirtyPages();
    memory.ClearDirty();
    return pages;
  };
  dirty();
  machine.Call("m", "i64", {I32Value(8192)});
  EXPECT_EQ(dirty(), Pages({2}));
  machine.Call("m", "i64", {I32Value(8185)});
  EXPECT_EQ(dirty(), Pages({1, 2}));
  machine.Call("m", "i8", {I32Value(4095)});
  EXPECT_EQ(dirty(), Pages({0}));
  machine.Call("m", "i64", {I32Value(262144)});
  EXPECT_EQ(dirty(), Pages());
  machine.Call("m", "fill", {I32Value(4000), I32Value(9000)});
  EXPECT_EQ(dirty(), Pages({0, 1, 2, 3}));
  machine.Call("m", "fill", {I32Value(4096), I32Value(0)});
  EXPECT_EQ(dirty(), Pages());
  machine.Call("m", "copy", {I32Value(20480), I32Value(4097)});
  EXPECT_EQ(dirty(), Pages({5, 6}));
  machine.Call("m", "init", {I32Value(12287)});
  EXPECT_EQ(dirty(), Pages({2, 3}));
}

// Of every size, at every place where it reaches into the next page.
TEST_P(MemoryTest, StoresAcrossPagesMarkBoth) {
  struct Store {
    const char* name;
    uint32_t bytes;
  };
  constexpr Store kStores[] = {
      {"s16", 2}, {"s32", 4}, {"s64", 8}, {"f64", 8}, {"v128", 16}};
  Machine machine(backend());
  ModuleInstance& instance = machine.Add("m", R"((module (memory 1)
    (func (export "s16") (param i32) (i32.store16 (local.get 0) (i32.const 1)))
    (func (export "s32") (param i32) (i32.store (local.get 0) (i32.const 1)))
    (func (export "s64") (param i32) (i64.store (local.get 0) (i64.const 1)))
    (func (export "f64") (param i32) (f64.store (local.get 0) (f64.const 1)))
    (func (export "v128") (param i32)
      (v128.store (local.get 0) (v128.const i64x2 1 1)))))");
  MemoryInstance& memory = *instance.memories[0];
  for (const Store& store : kStores) {
    for (uint32_t before = 1; before < store.bytes; ++before) {
      memory.ClearDirty();
      machine.Call("m", store.name, {I32Value(8192 - before)});
      EXPECT_EQ(memory.DirtyPages(), std::vector<uint64_t>({1, 2}))
          << store.name << ", " << before << " bytes before the page";
    }
    memory.ClearDirty();
    machine.Call("m", store.name, {I32Value(8192 - store.bytes)});
    EXPECT_EQ(memory.DirtyPages(), std::vector<uint64_t>({1})) << store.name;
  }
}

TEST_P(MemoryTest, NothingFitsIntoAnEmptyMemory) {
  Machine machine(backend());
  machine.Add("m", R"((module (memory 0)
    (func (export "i64") (param i32) (result i64) (i64.load (local.get 0)))
    (func (export "i8") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "v") (param i32) (drop (v128.load (local.get 0))))
    (func (export "store") (param i32)
      (i32.store8 (local.get 0) (i32.const 1)))))");
  for (const char* access : {"i64", "i8", "v", "store"}) {
    for (const uint32_t at : {0u, 1u, 8u, ~0u}) {
      EXPECT_EQ(machine.Call("m", access, {I32Value(at)}),
                "trap: out of bounds memory access")
          << access << " at " << at;
    }
  }
}

TEST_P(MemoryTest, SizeAndGrow) {
  Machine machine(backend());
  machine.Add("m", R"((module (memory 1 3)
    (func (export "size") (result i32) memory.size)
    (func (export "grow") (param i32) (result i32)
      (memory.grow (local.get 0)))
    (func (export "grow_and_use") (result i32)
      (drop (memory.grow (i32.const 1)))
      (i32.store (i32.const 65536) (i32.const 9))
      (i32.load (i32.const 65536)))))");
  EXPECT_EQ(machine.Call("m", "size"), "i32:1");
  EXPECT_EQ(machine.Call("m", "grow", {I32Value(3)}), "i32:-1");
  EXPECT_EQ(machine.Call("m", "grow", {I32Value(~0u)}), "i32:-1");
  EXPECT_EQ(machine.Call("m", "grow_and_use"), "i32:9");
  EXPECT_EQ(machine.Call("m", "grow", {I32Value(0)}), "i32:2");
  EXPECT_EQ(machine.Call("m", "grow", {I32Value(1)}), "i32:2");
  EXPECT_EQ(machine.Call("m", "size"), "i32:3");
}

TEST_P(MemoryTest, Bulk) {
  Machine machine(backend());
  machine.Add("m", R"((module (memory 1) (data $d "abcdef")
    (func (export "init") (param i32 i32 i32)
      (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (data.drop $d))
    (func (export "copy") (param i32 i32 i32)
      (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "fill") (param i32 i32 i32)
      (memory.fill (local.get 0) (local.get 1) (local.get 2)))
    (func (export "load") (param i32) (result i64)
      (i64.load (local.get 0)))))");
  const auto call = [&](const char* name, uint32_t a, uint32_t b, uint32_t c) {
    return machine.Call("m", name, {I32Value(a), I32Value(b), I32Value(c)});
  };
  const std::string trap = "trap: out of bounds memory access";
  EXPECT_EQ(call("init", 8, 1, 4), "");
  EXPECT_EQ(machine.Call("m", "load", {I32Value(8)}), "i64:1701077858");
  EXPECT_EQ(call("copy", 9, 8, 3), "");
  EXPECT_EQ(machine.Call("m", "load", {I32Value(8)}), "i64:1684234850");
  EXPECT_EQ(call("fill", 8, 0x1FF, 2), "");
  EXPECT_EQ(machine.Call("m", "load", {I32Value(8)}), "i64:1684275199");
  EXPECT_EQ(call("init", 65533, 0, 4), trap);
  EXPECT_EQ(call("init", 0, 3, 4), trap);
  EXPECT_EQ(call("init", 65536, 6, 0), "");
  EXPECT_EQ(call("init", 65537, 0, 0), trap);
  EXPECT_EQ(call("copy", 65530, 0, 7), trap);
  EXPECT_EQ(call("copy", 0, 65530, 7), trap);
  EXPECT_EQ(call("copy", ~0u, 0, ~0u), trap);
  EXPECT_EQ(call("fill", 65530, 0, 7), trap);
  EXPECT_EQ(machine.Call("m", "drop"), "");
  EXPECT_EQ(call("init", 0, 0, 1), trap);
  EXPECT_EQ(call("init", 0, 0, 0), "");
}

TEST_P(MemoryTest, Tables) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (table $t 3 10 funcref) (table $e 2 externref)
    (elem $s func $f $g)
    (func $f) (func $g)
    (func (export "get") (param i32) (result funcref)
      (table.get $t (local.get 0)))
    (func (export "set") (param i32 funcref)
      (table.set $t (local.get 0) (local.get 1)))
    (func (export "size") (result i32) (table.size $t))
    (func (export "grow") (param i32) (result i32)
      (table.grow $t (ref.func $g) (local.get 0)))
    (func (export "fill") (param i32 i32)
      (table.fill $t (local.get 0) (ref.func $f) (local.get 1)))
    (func (export "copy") (param i32 i32 i32)
      (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init") (param i32 i32 i32)
      (table.init $t $s (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (elem.drop $s))
    (func (export "extern") (param externref) (result externref i32)
      (table.set $e (i32.const 1) (local.get 0))
      (table.get $e (i32.const 1))
      (ref.is_null (table.get $e (i32.const 0))))))");
  const auto call = [&](const char* name, uint32_t a, uint32_t b, uint32_t c) {
    return machine.Call("m", name, {I32Value(a), I32Value(b), I32Value(c)});
  };
  const std::string trap = "trap: out of bounds table access";
  EXPECT_EQ(machine.Call("m", "get", {I32Value(0)}), "funcref:null");
  EXPECT_EQ(call("init", 1, 0, 2), "");
  EXPECT_EQ(machine.Call("m", "get", {I32Value(2)}), "funcref:1");
  EXPECT_EQ(machine.Call("m", "set", {I32Value(0), {kFuncRefType, 2}}), "");
  EXPECT_EQ(machine.Call("m", "get", {I32Value(0)}), "funcref:1");
  EXPECT_EQ(machine.Call("m", "get", {I32Value(3)}), trap);
  EXPECT_EQ(machine.Call("m", "set", {I32Value(3), {kFuncRefType, 0}}), trap);
  EXPECT_EQ(machine.Call("m", "grow", {I32Value(8)}), "i32:-1");
  EXPECT_EQ(machine.Call("m", "grow", {I32Value(2)}), "i32:3");
  EXPECT_EQ(machine.Call("m", "size"), "i32:5");
  EXPECT_EQ(machine.Call("m", "get", {I32Value(4)}), "funcref:1");
  EXPECT_EQ(machine.Call("m", "fill", {I32Value(3), I32Value(2)}), "");
  EXPECT_EQ(machine.Call("m", "get", {I32Value(4)}), "funcref:0");
  EXPECT_EQ(machine.Call("m", "fill", {I32Value(3), I32Value(3)}), trap);
  EXPECT_EQ(call("copy", 1, 0, 4), "");
  EXPECT_EQ(machine.Call("m", "get", {I32Value(2)}), "funcref:0");
  EXPECT_EQ(call("copy", 2, 0, 4), trap);
  EXPECT_EQ(call("init", 0, 1, 2), trap);
  EXPECT_EQ(machine.Call("m", "drop"), "");
  EXPECT_EQ(call("init", 0, 0, 1), trap);
  EXPECT_EQ(machine.Call("m", "extern", {{kExternRefType, HostReference(5)}}),
            "externref:5 i32:1");
}

TEST_P(MemoryTest, Globals) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (global $i (mut i32) (i32.const 1)) (global $l (mut i64) (i64.const 2))
    (global $f (mut f32) (f32.const 3)) (global $d (mut f64) (f64.const 4))
    (global $r (mut funcref) (ref.null func))
    (func (export "get") (result i32 i64 f32 f64)
      global.get $i global.get $l global.get $f global.get $d)
    (func (export "set") (param i32 i64 f32 f64)
      (global.set $i (local.get 0)) (global.set $l (local.get 1))
      (global.set $f (local.get 2)) (global.set $d (local.get 3)))
    (func (export "computed") (param i32 i64 f32 f64)
      (global.set $i (i32.add (global.get $i) (local.get 0)))
      (global.set $l (i64.add (global.get $l) (local.get 1)))
      (global.set $f (f32.add (global.get $f) (local.get 2)))
      (global.set $d (f64.add (global.get $d) (local.get 3))))
    (func (export "const")
      (global.set $i (i32.const -1)) (global.set $l (i64.const -2))
      (global.set $f (f32.const -3)) (global.set $d (f64.const -4)))
    (func $self (export "ref") (result funcref)
      (global.set $r (ref.func $self)) (global.get $r))
    (func (export "operand") (result i32)
      global.get $i
      (global.set $i (i32.const 50))
      global.get $i i32.add)))");
  const std::vector<Value> values = {I32Value(10), I64Value(20), F32Value(30),
                                     F64Value(40)};
  EXPECT_EQ(machine.Call("m", "get"), "i32:1 i64:2 f32:3 f64:4");
  EXPECT_EQ(machine.Call("m", "set", values), "");
  EXPECT_EQ(machine.Call("m", "get"), "i32:10 i64:20 f32:30 f64:40");
  EXPECT_EQ(machine.Call("m", "computed", values), "");
  EXPECT_EQ(machine.Call("m", "get"), "i32:20 i64:40 f32:60 f64:80");
  EXPECT_EQ(machine.Call("m", "const"), "");
  EXPECT_EQ(machine.Call("m", "get"), "i32:-1 i64:-2 f32:-3 f64:-4");
  EXPECT_EQ(machine.Call("m", "ref"), "funcref:4");
  EXPECT_EQ(machine.Call("m", "operand"), "i32:49");
}

}  // namespace
}  // namespace wasmd::testing

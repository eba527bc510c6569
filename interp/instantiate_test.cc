#include "interp/instantiate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/testing/status_matchers.h"
#include "interp/reference.h"
#include "interp/testing/wat_module.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::wasmd::testing::StatusIs;
using ::wasmd::testing::WatModule;

class NoFunction : public HostFunction {
 public:
  HostResult Call(HostCall&) override { return HostResult::kReturn; }
};

class InstantiateTest : public ::testing::Test {
 protected:
  absl::StatusOr<InstantiateOutcome> TryInstantiate(
      std::string_view text, const std::vector<ExternValue>& imports = {}) {
    auto module = WatModule(text);
    EXPECT_OK(module.status()) << text;
    if (!module.ok()) return module.status();
    return Instantiate(store_, *module, imports);
  }

  // The instance of a module whose instantiation is to succeed.
  ModuleInstance& Instance(std::string_view text,
                           const std::vector<ExternValue>& imports = {}) {
    auto outcome = TryInstantiate(text, imports);
    CHECK(outcome.ok());
    EXPECT_FALSE(outcome->trap.has_value()) << ToString(*outcome->trap);
    return *outcome->instance;
  }

  // The only export of the instance of `text`.
  ExternValue Provide(std::string_view text) {
    ModuleInstance& instance = Instance(text);
    return *instance.FindExport("x");
  }

  absl::Status Import(std::string_view provider, std::string_view type) {
    const ExternValue value = Provide(provider);
    return TryInstantiate(
               "(module (import \"m\" \"x\" " + std::string(type) + "))",
               {value})
        .status();
  }

  Store store_{StoreLimits{.max_memory_bytes = 1 << 24,
                           .max_table_elements = 1000,
                           .max_all_table_elements = 1500,
                           .max_heap_bytes = 1 << 22}};
};

TEST_F(InstantiateTest, EvaluatesGlobals) {
  ModuleInstance& instance = Instance(R"((module
      (func $f)
      (global i32 (i32.const -1))
      (global i64 (i64.const -1))
      (global f32 (f32.const -0))
      (global f64 (f64.const 1.5))
      (global v128 (v128.const i64x2 7 9))
      (global i32 (i32.mul (i32.sub (i32.const 3) (i32.const 5))
                           (i32.add (i32.const 1) (i32.const 2))))
      (global i64 (i64.add (i64.mul (i64.const -2) (i64.const 3))
                           (i64.sub (i64.const 1) (i64.const 2))))
      (global i32 (i32.add (global.get 0) (i32.const 43)))
      (global funcref (ref.func $f))
      (global externref (ref.null extern))
      (global anyref (ref.i31 (i32.const -1)))
      (global externref (extern.convert_any (ref.i31 (i32.const 4))))
      (global v128 (global.get 4))))");
  const auto value = [&](size_t i) { return instance.globals[i]->value[0]; };
  EXPECT_EQ(value(0), 0xFFFFFFFF);
  EXPECT_EQ(value(1), ~Slot{0});
  EXPECT_EQ(value(2), 0x80000000);
  EXPECT_EQ(value(3), ToSlot(1.5));
  EXPECT_EQ(value(4), 7);
  EXPECT_EQ(instance.globals[4]->value[1], 9);
  EXPECT_EQ(value(5), ToSlot(int32_t{-6}));
  EXPECT_EQ(value(6), ToSlot(int64_t{-7}));
  EXPECT_EQ(value(7), 42);
  EXPECT_EQ(value(8), FunctionReference(instance.functions[0]));
  EXPECT_EQ(value(9), kNullReference);
  EXPECT_EQ(value(10), I31Reference(~0u));
  EXPECT_EQ(value(11), I31Reference(4));
  EXPECT_EQ(value(12), 7);
  EXPECT_EQ(instance.globals[12]->value[1], 9);
}

TEST_F(InstantiateTest, EvaluatesAggregates) {
  ModuleInstance& instance = Instance(R"((module
      (type $s (struct (field i8) (field v128) (field (ref null $s))))
      (type $a (array i16))
      (global $one (ref $s) (struct.new $s (i32.const 0x1FF)
          (v128.const i64x2 1 2) (ref.null $s)))
      (global (ref $s) (struct.new $s (i32.const 1)
          (v128.const i64x2 3 4) (global.get $one)))
      (global (ref $s) (struct.new_default $s))
      (global (ref $a) (array.new $a (i32.const -1) (i32.const 3)))
      (global (ref $a) (array.new_default $a (i32.const 4)))
      (global (ref $a) (array.new_fixed $a 2 (i32.const 5) (i32.const 6)))))");
  const Heap& heap = store_.heap();
  const Slot one = instance.globals[0]->value[0];
  const Slot two = instance.globals[1]->value[0];
  EXPECT_EQ(heap.data()[one + 8], 0xFF);
  EXPECT_EQ(LoadLittle<uint64_t>(heap.data() + one + 24), 2);
  EXPECT_EQ(LoadLittle<uint64_t>(heap.data() + two + 16), 3);
  EXPECT_EQ(LoadLittle<uint64_t>(heap.data() + two + 32), one);
  const Slot filled = instance.globals[3]->value[0];
  EXPECT_EQ(heap.LengthOf(filled), 3);
  EXPECT_EQ(LoadLittle<uint16_t>(heap.data() + filled + 12), 0xFFFF);
  EXPECT_EQ(heap.LengthOf(instance.globals[4]->value[0]), 4);
  const Slot fixed = instance.globals[5]->value[0];
  EXPECT_EQ(LoadLittle<uint32_t>(heap.data() + fixed + 8), 0x60005);
}

TEST_F(InstantiateTest, AggregatesSurviveCollectionsDuringInstantiation) {
  // 20 arrays of 64 KiB are more than the first threshold, so that initialisers
  // collect while others' objects are operands and globals.
  std::string text = R"((module (type $b (array i8))
      (type $p (struct (field (ref $b)) (field (ref $b))))
      (global $first (ref $b) (array.new $b (i32.const 7) (i32.const 65536)))
      (global (mut (ref null $p)) (ref.null $p)))";
  for (int i = 0; i < 40; ++i) {
    text += R"((elem anyref (struct.new $p
        (array.new $b (i32.const 1) (i32.const 30000))
        (array.new $b (i32.const 2) (i32.const 30000)))))";
  }
  ModuleInstance& instance = Instance(text + ")");
  const Heap& heap = store_.heap();
  EXPECT_GT(heap.statistics().collections, 0);
  EXPECT_EQ(heap.data()[instance.globals[0]->value[0] + 8 + 65535], 7);
  for (const std::vector<Slot>& elements : instance.elements) {
    const Slot pair = elements.at(0);
    const Slot first = LoadLittle<Slot>(heap.data() + pair + 8);
    const Slot second = LoadLittle<Slot>(heap.data() + pair + 16);
    EXPECT_EQ(heap.LengthOf(first), 30000);
    EXPECT_EQ(heap.data()[first + 8], 1);
    EXPECT_EQ(heap.data()[second + 8 + 29999], 2);
  }
}

TEST_F(InstantiateTest, AnExhaustedHeapTraps) {
  auto outcome = TryInstantiate(R"((module (type $b (array i64))
      (global (ref $b) (array.new_default $b (i32.const 0x7FFFFFFF)))
      (global i32 (i32.const 1))))");
  ASSERT_OK(outcome);
  ASSERT_TRUE(outcome->trap.has_value());
  EXPECT_EQ(outcome->trap->kind, TrapKind::kHeapExhausted);
  EXPECT_EQ(outcome->instance->globals.size(), 2);
}

TEST_F(InstantiateTest, WritesActiveSegmentsAndDropsThem) {
  ModuleInstance& instance = Instance(R"((module
      (memory 1) (table 10 funcref)
      (func $f) (func $g)
      (data (i32.const 65534) "ab")
      (data (i32.const 65536) "")
      (data "passive")
      (elem (i32.const 9) $g)
      (elem (i32.const 10))
      (elem func $f $g)
      (elem declare func $f)))");
  const uint8_t* data = instance.memories[0]->data();
  EXPECT_EQ(data[65534], 'a');
  EXPECT_EQ(data[65535], 'b');
  EXPECT_THAT(instance.data_dropped, ElementsAre(true, true, false));
  EXPECT_EQ(instance.tables[0]->elements[9],
            FunctionReference(instance.functions[1]));
  EXPECT_EQ(instance.tables[0]->elements[8], kNullReference);
  EXPECT_THAT(instance.elements[0], IsEmpty());
  EXPECT_EQ(instance.elements[2].size(), 2);
  EXPECT_THAT(instance.elements[3], IsEmpty());
  // Its own data is the memory's initial image.
  EXPECT_TRUE(instance.memories[0]->has_initial_image());
  EXPECT_THAT(instance.memories[0]->ChangedPages(), IsEmpty());
}

TEST_F(InstantiateTest, TablesHaveInitialValues) {
  ModuleInstance& instance = Instance(R"((module
      (func $f)
      (table 3 (ref func) (ref.func $f))
      (table 2 funcref)
      (table i64 1 externref)))");
  const Slot f = FunctionReference(instance.functions[0]);
  EXPECT_THAT(instance.tables[0]->elements, ElementsAre(f, f, f));
  EXPECT_THAT(instance.tables[1]->elements,
              ElementsAre(kNullReference, kNullReference));
  EXPECT_EQ(instance.tables[2]->max_elements, 1000);
}

TEST_F(InstantiateTest, EarlierWritesStayWhenASegmentTraps) {
  ModuleInstance& host = Instance(R"((module
      (memory (export "m") 1) (table (export "t") 4 funcref)))");
  auto outcome = TryInstantiate(
      R"((module
      (import "h" "m" (memory 1)) (import "h" "t" (table 4 funcref))
      (memory 1)
      (func $f)
      (elem (i32.const 1) $f)
      (data (i32.const 5000) "x")
      (data (memory 1) (i32.const 0) "y")
      (data (i32.const 65536) "z")
      (data (i32.const 0) "never")))",
      {*host.FindExport("m"), *host.FindExport("t")});
  ASSERT_OK(outcome);
  ASSERT_TRUE(outcome->trap.has_value());
  EXPECT_EQ(outcome->trap->kind, TrapKind::kOutOfBoundsMemoryAccess);
  ASSERT_NE(outcome->instance, nullptr);
  EXPECT_EQ(host.memories[0]->data()[5000], 'x');
  EXPECT_EQ(host.memories[0]->data()[0], 0);
  EXPECT_EQ(host.tables[0]->elements[1],
            FunctionReference(outcome->instance->functions[0]));
  // Writes into the memory of another are changes of it.
  EXPECT_THAT(host.memories[0]->ChangedPages(), ElementsAre(1));
  EXPECT_FALSE(outcome->instance->memories[1]->has_initial_image());
  EXPECT_THAT(outcome->instance->memories[1]->ChangedPages(), ElementsAre(0));
}

TEST_F(InstantiateTest, AnElementSegmentOutOfBoundsWritesNothing) {
  ModuleInstance& host = Instance(R"((module (table (export "t") 4 funcref)))");
  auto outcome = TryInstantiate(
      R"((module (import "h" "t" (table 4 funcref)) (func $f)
      (memory 1) (data (i32.const 0) "a")
      (elem (i32.const 3) $f $f)))",
      {*host.FindExport("t")});
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->trap->kind, TrapKind::kOutOfBoundsTableAccess);
  EXPECT_EQ(host.tables[0]->elements[3], kNullReference);
  EXPECT_EQ(outcome->instance->memories[0]->data()[0], 0);
}

TEST_F(InstantiateTest, OffsetsAreUnsigned) {
  auto outcome =
      TryInstantiate(R"((module (memory 1) (data (i32.const -1) "a")))");
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->trap->kind, TrapKind::kOutOfBoundsMemoryAccess);
  outcome =
      TryInstantiate(R"((module (memory i64 1) (data (i64.const -1) "ab")))");
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->trap->kind, TrapKind::kOutOfBoundsMemoryAccess);
  outcome = TryInstantiate(
      R"((module (table i64 1 funcref) (func $f)
          (elem (i64.const -1) func $f)))");
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->trap->kind, TrapKind::kOutOfBoundsTableAccess);
}

TEST_F(InstantiateTest, TheStartFunctionIsLeftToTheCaller) {
  auto outcome = TryInstantiate("(module (func) (func $s) (start $s))");
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->start, outcome->instance->functions[1]);
}

TEST_F(InstantiateTest, FindsExports) {
  ModuleInstance& instance = Instance(R"((module
      (func) (func (export "f")) (memory (export "m") 0)
      (table (export "t") 0 funcref) (global (export "g") i32 (i32.const 0))
      (tag (export "e"))))");
  const struct {
    std::string_view name;
    ExternKind kind;
    uint32_t address;
  } kExpected[] = {
      {"f", ExternKind::kFunction, 1}, {"m", ExternKind::kMemory, 0},
      {"t", ExternKind::kTable, 0},    {"g", ExternKind::kGlobal, 0},
      {"e", ExternKind::kTag, 0},
  };
  for (const auto& test : kExpected) {
    const auto found = instance.FindExport(test.name);
    ASSERT_TRUE(found.has_value()) << test.name;
    EXPECT_EQ(found->kind, test.kind);
    EXPECT_EQ(found->address, test.address);
  }
  EXPECT_FALSE(instance.FindExport("nothing").has_value());
}

TEST_F(InstantiateTest, BindsImportsByAddress) {
  ModuleInstance& host = Instance(R"((module
      (func (export "f")) (memory (export "m") 1) (global i32 (i32.const 0))
      (global (export "g") i32 (i32.const 11)) (tag (export "e"))
      (table (export "t") 1 funcref)))");
  ModuleInstance& guest = Instance(
      R"((module
      (import "h" "g" (global $g i32)) (import "h" "f" (func $f))
      (import "h" "m" (memory 1)) (import "h" "e" (tag))
      (import "h" "t" (table 1 funcref))
      (func) (tag)
      (global i32 (i32.add (global.get $g) (i32.const 1)))
      (global funcref (ref.func $f))))",
      {*host.FindExport("g"), *host.FindExport("f"), *host.FindExport("m"),
       *host.FindExport("e"), *host.FindExport("t")});
  EXPECT_EQ(guest.globals[1]->value[0], 12);
  EXPECT_EQ(guest.functions[0], host.functions[0]);
  EXPECT_EQ(guest.globals[2]->value[0], FunctionReference(host.functions[0]));
  EXPECT_EQ(guest.memories[0], host.memories[0]);
  EXPECT_EQ(guest.tables[0], host.tables[0]);
  EXPECT_THAT(guest.tags, ElementsAre(0, 1));
  EXPECT_EQ(store_.function(guest.functions[1]).instance, &guest);
  EXPECT_EQ(store_.function(guest.functions[1]).function_index, 1);
}

constexpr std::string_view kIncompatible = "incompatible import type for m.x";

TEST_F(InstantiateTest, FunctionImportsMatchByDeclaredType) {
  constexpr std::string_view kProvider = R"((module
      (type $super (sub (func (result anyref))))
      (type $sub (sub $super (func (result (ref i31)))))
      (func (export "x") (type $sub) (ref.i31 (i32.const 0)))))";
  constexpr std::string_view kTypes = R"((module
      (type $super (sub (func (result anyref))))
      (type $sub (sub $super (func (result (ref i31)))))
      (type $plain (func (result (ref i31))))
      (import "m" "x" (func (type )";
  const ExternValue value = Provide(kProvider);
  const auto import = [&](std::string_view name) {
    return TryInstantiate(std::string(kTypes) + std::string(name) + "))))",
                          {value})
        .status();
  };
  EXPECT_OK(import("$sub"));
  EXPECT_OK(import("$super"));
  EXPECT_THAT(import("$plain"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(std::string(kIncompatible))));
  EXPECT_OK(Import("(module (func (export \"x\") (param i32)))",
                   "(func (param i32))"));
  EXPECT_THAT(Import("(module (func (export \"x\") (param i32)))", "(func)"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("[i32] -> []")));
}

TEST_F(InstantiateTest, GlobalImportsMatchByMutability) {
  const struct {
    const char* provided;
    const char* required;
    bool matches;
  } kCases[] = {
      {"i32 (i32.const 0)", "i32", true},
      {"i32 (i32.const 0)", "i64", false},
      {"i32 (i32.const 0)", "(mut i32)", false},
      {"(mut i32) (i32.const 0)", "i32", false},
      {"(mut i32) (i32.const 0)", "(mut i32)", true},
      {"(ref i31) (ref.i31 (i32.const 0))", "anyref", true},
      {"(mut (ref i31)) (ref.i31 (i32.const 0))", "(mut anyref)", false},
      {"anyref (ref.null any)", "(ref any)", false},
  };
  for (const auto& test : kCases) {
    const absl::Status status = Import(
        "(module (global (export \"x\") " + std::string(test.provided) + "))",
        "(global " + std::string(test.required) + ")");
    EXPECT_EQ(status.ok(), test.matches)
        << test.provided << " for " << test.required << ": " << status;
  }
}

TEST_F(InstantiateTest, LimitsMatchByCurrentSize) {
  const struct {
    const char* provided;
    const char* required;
    bool matches;
  } kCases[] = {
      {"(memory (export \"x\") 1)", "(memory 1)", true},
      {"(memory (export \"x\") 1)", "(memory 0)", true},
      {"(memory (export \"x\") 1)", "(memory 2)", false},
      {"(memory (export \"x\") 1)", "(memory 1 2)", false},
      {"(memory (export \"x\") 1 2)", "(memory 1 2)", true},
      {"(memory (export \"x\") 1 2)", "(memory 1 3)", true},
      {"(memory (export \"x\") 1 2)", "(memory 1 1)", false},
      {"(memory (export \"x\") i64 1)", "(memory 1)", false},
      {"(memory (export \"x\") i64 1)", "(memory i64 1)", true},
      {"(table (export \"x\") 2 funcref)", "(table 2 funcref)", true},
      {"(table (export \"x\") 2 funcref)", "(table 3 funcref)", false},
      {"(table (export \"x\") 2 4 funcref)", "(table 2 4 funcref)", true},
      {"(table (export \"x\") 2 funcref)", "(table 2 externref)", false},
      {"(table (export \"x\") 2 i31ref)", "(table 2 anyref)", false},
      {"(table (export \"x\") i64 2 funcref)", "(table 2 funcref)", false},
      {"(table (export \"x\") 2 funcref)", "(memory 2)", false},
      {"(tag (export \"x\") (param i32))", "(tag (param i32))", true},
      {"(tag (export \"x\") (param i32))", "(tag)", false},
  };
  for (const auto& test : kCases) {
    const absl::Status status =
        Import("(module " + std::string(test.provided) + ")", test.required);
    EXPECT_EQ(status.ok(), test.matches)
        << test.provided << " for " << test.required << ": " << status;
    if (!test.matches) {
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                                   HasSubstr(std::string(kIncompatible))));
    }
  }
  // A memory that has grown is as large as it is now.
  ModuleInstance& host = Instance(R"((module (memory (export "x") 1 5)))");
  host.memories[0]->Grow(2);
  EXPECT_OK(TryInstantiate("(module (import \"m\" \"x\" (memory 3 5)))",
                           {*host.FindExport("x")}));
}

TEST_F(InstantiateTest, RefusesMissingExcessAndBadImports) {
  constexpr std::string_view kText = R"((module (import "env" "f" (func))))";
  EXPECT_THAT(
      TryInstantiate(kText),
      StatusIs(absl::StatusCode::kFailedPrecondition, "unknown import env.f"));
  EXPECT_THAT(TryInstantiate(kText, {{ExternKind::kFunction, 77}}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(TryInstantiate("(module)", {{ExternKind::kFunction, 0}}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(store_.instance_count(), 0);
}

TEST_F(InstantiateTest, AsksTheResolver) {
  const FuncAddr f = store_.AddHostFunction(
      FunctionType{}, std::make_unique<NoFunction>(), {"env", "f"});
  auto module = WatModule(R"((module (import "env" "f" (func))))");
  ASSERT_OK(module);
  const auto resolve =
      [&](const struct Import& import) -> std::optional<ExternValue> {
    if (import.name != "f") return std::nullopt;
    return ExternValue{ExternKind::kFunction, f};
  };
  auto outcome = Instantiate(store_, *module, resolve);
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->instance->functions[0], f);
  EXPECT_EQ(store_.host_info(f).module, "env");
  module = WatModule(R"((module (import "env" "g" (func))))");
  ASSERT_OK(module);
  EXPECT_THAT(
      Instantiate(store_, *module, resolve),
      StatusIs(absl::StatusCode::kFailedPrecondition, "unknown import env.g"));
}

TEST_F(InstantiateTest, WhatCannotBeAllocatedLeavesTheStoreAsItWas) {
  Instance("(module (memory 1) (table 100 funcref) (func))");
  EXPECT_THAT(
      TryInstantiate("(module (memory 1) (table 1 funcref) (memory 257))"),
      StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(TryInstantiate("(module (memory 1) (table 1001 funcref))"),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(
      TryInstantiate("(module (table 900 funcref) (table 900 funcref) (func))"),
      StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(store_.memory_count(), 1);
  EXPECT_EQ(store_.table_count(), 1);
  EXPECT_EQ(store_.function_count(), 1);
  EXPECT_EQ(store_.instance_count(), 1);
  // 1400 of 1500 elements are free again.
  Instance("(module (table 900 funcref) (table 500 funcref))");
}

TEST_F(InstantiateTest, EachInstanceHasItsOwnTagsAndObjects) {
  constexpr std::string_view kText = R"((module
      (type $s (struct)) (tag)
      (global (ref $s) (struct.new $s))))";
  ModuleInstance& a = Instance(kText);
  ModuleInstance& b = Instance(kText);
  EXPECT_NE(a.tags[0], b.tags[0]);
  EXPECT_NE(a.globals[0]->value[0], b.globals[0]->value[0]);
  EXPECT_EQ(a.types, b.types);
}

}  // namespace
}  // namespace wasmd

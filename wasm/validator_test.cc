#include "wasm/validator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "wasm/decoder.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"
#include "wasm/testing/module_builder.h"
#include "wasm/types.h"

namespace wasmd {
namespace {

using ::testing::AllOf;
using testing::Code;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::kExnRefCode;
using testing::kExternRefCode;
using testing::kFuncRefCode;
using testing::kI32Code;
using testing::kI64Code;
using testing::kRefCode;
using testing::kRefNullCode;
using testing::ModuleBuilder;
using ::testing::StartsWith;
using testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

absl::Status ValidateModule(const ModuleBuilder& builder,
                            const ValidateOptions& options = {}) {
  ASSIGN_OR_RETURN(auto module,
                   Decode(builder.Build(), {.features = options.features}));
  return Validate(*module, options);
}

Code RefFunc(uint32_t index) { return Code().Op(Opcode::kRefFunc).U(index); }

TEST(ValidatorTest, EmptyModule) { EXPECT_OK(ValidateModule({})); }

// Types.

absl::Status ValidateTypes(const Code& section) {
  ModuleBuilder builder;
  builder.AddRawTypes(section);
  return ValidateModule(builder);
}

TEST(ValidatorTest, TypesSeeTheirGroupAndWhatIsBefore) {
  EXPECT_OK(ValidateTypes({0x5F, 1, kRefNullCode, 0, 0}));
  EXPECT_THAT(ValidateTypes({0x5F, 1, kRefNullCode, 1, 0}),
              StatusIs(kInvalid, StartsWith("unknown type 1")));
  EXPECT_THAT(ValidateTypes({0x60, 1, kRefCode, 2, 0}),
              StatusIs(kInvalid, StartsWith("unknown type 2")));
  EXPECT_OK(ValidateTypes({0x4E, 2, 0x5E, kRefCode, 1, 0, 0x5F, 0}));
  ModuleBuilder builder;
  builder.AddRawTypes({0x5E, kRefCode, 1, 0});  // not of the same group
  builder.AddRawTypes({0x5F, 0});
  EXPECT_THAT(ValidateModule(builder),
              StatusIs(kInvalid, AllOf(StartsWith("unknown type 1"),
                                       EndsWith("(at byte 10)"))));
}

// A group of two: an open type and a subtype of it.
absl::Status ValidateSubtype(const Code& super, const Code& sub) {
  return ValidateTypes(
      Code({0x4E, 2, 0x50, 0}).Append(super).Bytes({0x50, 1, 0}).Append(sub));
}

TEST(ValidatorTest, SubtypesMatchTheirSupertypes) {
  const Code empty = {0x5F, 0};
  // Width and depth of structs.
  EXPECT_OK(ValidateSubtype(empty, {0x5F, 1, kI32Code, 1}));
  EXPECT_OK(ValidateSubtype({0x5F, 1, 0x6E, 0}, {0x5F, 1, 0x6D, 0}));
  const auto mismatch = StatusIs(
      kInvalid, StartsWith("sub type 1 does not match its supertype 0"));
  EXPECT_THAT(ValidateSubtype({0x5F, 1, kI32Code, 1}, empty), mismatch);
  EXPECT_THAT(ValidateSubtype({0x5F, 1, 0x6D, 0}, {0x5F, 1, 0x6E, 0}),
              mismatch);
  // Mutable fields are invariant, and mutability itself is.
  EXPECT_THAT(ValidateSubtype({0x5F, 1, 0x6E, 1}, {0x5F, 1, 0x6D, 1}),
              mismatch);
  EXPECT_THAT(ValidateSubtype({0x5F, 1, 0x6E, 0}, {0x5F, 1, 0x6E, 1}),
              mismatch);
  // Packed types.
  EXPECT_OK(ValidateSubtype({0x5E, 0x78, 0}, {0x5E, 0x78, 0}));
  EXPECT_THAT(ValidateSubtype({0x5E, 0x78, 0}, {0x5E, 0x77, 0}), mismatch);
  EXPECT_THAT(ValidateSubtype({0x5E, 0x78, 0}, {0x5E, kI32Code, 0}), mismatch);
  // Functions: parameters the other way round.
  EXPECT_OK(
      ValidateSubtype({0x60, 1, 0x6D, 1, 0x6E}, {0x60, 1, 0x6E, 1, 0x6D}));
  EXPECT_THAT(ValidateSubtype({0x60, 1, 0x6E, 0}, {0x60, 1, 0x6D, 0}),
              mismatch);
  EXPECT_THAT(ValidateSubtype({0x60, 0, 1, 0x6D}, {0x60, 0, 1, 0x6E}),
              mismatch);
  EXPECT_THAT(ValidateSubtype({0x60, 0, 0}, {0x60, 1, kI32Code, 0}), mismatch);
  // Kinds differ.
  EXPECT_THAT(ValidateSubtype(empty, {0x60, 0, 0}), mismatch);
}

TEST(ValidatorTest, SupertypeRules) {
  EXPECT_THAT(
      ValidateTypes({0x4E, 2, 0x60, 0, 0, 0x50, 1, 0, 0x60, 0, 0}),
      StatusIs(kInvalid, StartsWith("sub type 1 has final supertype 0")));
  EXPECT_THAT(ValidateTypes({0x50, 1, 0, 0x60, 0, 0}),
              StatusIs(kInvalid, StartsWith("sub type 0 comes before")));
  EXPECT_THAT(
      ValidateTypes({0x4E, 2, 0x50, 1, 1, 0x60, 0, 0, 0x50, 0, 0x60, 0, 0}),
      StatusIs(kInvalid, StartsWith("sub type 0 comes before")));
  EXPECT_THAT(ValidateTypes({0x50, 1, 5, 0x60, 0, 0}),
              StatusIs(kInvalid, StartsWith("unknown type 5")));
  EXPECT_THAT(ValidateTypes({0x4E, 3, 0x50, 0, 0x60, 0, 0, 0x50, 0, 0x60, 0, 0,
                             0x50, 2, 0, 1, 0x60, 0, 0}),
              StatusIs(kInvalid, StartsWith("sub type 2 has 2 supertypes")));
}

TEST(ValidatorTest, DepthOfSubtyping) {
  ModuleBuilder builder;
  builder.AddRawTypes({0x50, 0, 0x5F, 0});
  for (int i = 0; i < 63; ++i) {
    builder.AddRawTypes(Code({0x50, 1}).U(i).Bytes({0x5F, 0}));
  }
  EXPECT_OK(ValidateModule(builder));
  builder.AddRawTypes({0x50, 1, 63, 0x5F, 0});
  EXPECT_THAT(ValidateModule(builder),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("more than 63 levels")));
}

TEST(ValidatorTest, SubtypingIsThatOfTheSpecification) {
  ModuleBuilder builder;
  builder.AddRawTypes({0x50, 0, 0x5F, 0});                  // 0: open struct
  builder.AddRawTypes({0x50, 1, 0, 0x5F, 1, kI32Code, 0});  // 1: below 0
  builder.AddRawTypes({0x5E, kI32Code, 1});                 // 2: array
  builder.AddFunctionType({}, {});                          // 3: function
  builder.AddRawTypes({0x50, 0, 0x5F, 0});                  // 4: the same as 0
  ASSERT_OK_AND_ASSIGN(auto module, Decode(builder.Build()));
  using A = AbstractHeapType;
  const auto type = [](uint32_t i) { return HeapType::Concrete(i); };
  const auto is_subtype = [&](HeapType a, HeapType b) {
    return IsSubtype(*module, a, b);
  };
  const A all[] = {A::kFunc,  A::kNoFunc, A::kExtern, A::kNoExtern,
                   A::kAny,   A::kEq,     A::kI31,    A::kStruct,
                   A::kArray, A::kNone,   A::kExn,    A::kNoExn};
  const std::vector<std::pair<A, A>> pairs = {
      {A::kNoFunc, A::kFunc}, {A::kNoExtern, A::kExtern},
      {A::kNoExn, A::kExn},   {A::kEq, A::kAny},
      {A::kI31, A::kEq},      {A::kI31, A::kAny},
      {A::kStruct, A::kEq},   {A::kStruct, A::kAny},
      {A::kArray, A::kEq},    {A::kArray, A::kAny},
      {A::kNone, A::kI31},    {A::kNone, A::kStruct},
      {A::kNone, A::kArray},  {A::kNone, A::kEq},
      {A::kNone, A::kAny}};
  for (const A a : all) {
    for (const A b : all) {
      const bool expected =
          a == b || std::find(pairs.begin(), pairs.end(),
                              std::make_pair(a, b)) != pairs.end();
      EXPECT_EQ(is_subtype(a, b), expected)
          << ToString(HeapType(a)) << " " << ToString(HeapType(b));
    }
  }
  EXPECT_TRUE(is_subtype(type(1), type(0)));
  EXPECT_FALSE(is_subtype(type(0), type(1)));
  EXPECT_TRUE(is_subtype(type(0), type(4)));
  EXPECT_TRUE(is_subtype(type(1), type(4)));
  EXPECT_TRUE(is_subtype(type(1), A::kStruct));
  EXPECT_TRUE(is_subtype(type(1), A::kAny));
  EXPECT_FALSE(is_subtype(type(1), A::kArray));
  EXPECT_TRUE(is_subtype(type(2), A::kArray));
  EXPECT_TRUE(is_subtype(type(2), A::kEq));
  EXPECT_TRUE(is_subtype(type(3), A::kFunc));
  EXPECT_FALSE(is_subtype(type(3), A::kAny));
  EXPECT_TRUE(is_subtype(A::kNone, type(0)));
  EXPECT_TRUE(is_subtype(A::kNone, type(2)));
  EXPECT_FALSE(is_subtype(A::kNone, type(3)));
  EXPECT_TRUE(is_subtype(A::kNoFunc, type(3)));
  EXPECT_FALSE(is_subtype(A::kStruct, type(0)));
  EXPECT_TRUE(IsSubtype(*module, ValueType::Ref(A::kEq, false),
                        ValueType::Ref(A::kAny, true)));
  EXPECT_FALSE(IsSubtype(*module, ValueType::Ref(A::kEq, true),
                         ValueType::Ref(A::kAny, false)));
  EXPECT_TRUE(IsSubtype(*module, ValueType(), kI32Type));
  EXPECT_FALSE(IsSubtype(*module, kI32Type, kI64Type));
  EXPECT_FALSE(IsSubtype(*module, kI32Type, kFuncRefType));
}

// Imports, tables, memories, tags.

TEST(ValidatorTest, Imports) {
  const auto import = [](ExternKind kind, const Code& type) {
    ModuleBuilder builder;
    builder.AddFunctionType({}, {kI32Code});
    builder.AddRawTypes({0x5F, 0});
    builder.Import("m", "n", kind, type);
    return ValidateModule(builder);
  };
  EXPECT_OK(import(ExternKind::kFunction, {0}));
  EXPECT_THAT(import(ExternKind::kFunction, {2}),
              StatusIs(kInvalid, StartsWith("unknown type 2 in import 0")));
  EXPECT_THAT(import(ExternKind::kFunction, {1}),
              StatusIs(kInvalid, HasSubstr("is not a function type")));
  EXPECT_OK(import(ExternKind::kTable, {kRefCode, kFuncRefCode, 0, 0}));
  EXPECT_THAT(import(ExternKind::kTable, {kRefNullCode, 9, 0, 0}),
              StatusIs(kInvalid, StartsWith("unknown type 9")));
  EXPECT_THAT(import(ExternKind::kGlobal, {kRefNullCode, 9, 0}),
              StatusIs(kInvalid, StartsWith("unknown type 9")));
  EXPECT_THAT(import(ExternKind::kTag, {0, 0}),
              StatusIs(kInvalid, StartsWith("non-empty tag result type")));
  EXPECT_THAT(import(ExternKind::kTag, {0, 7}),
              StatusIs(kInvalid, StartsWith("unknown type 7")));
  EXPECT_THAT(import(ExternKind::kMemory, {1, 2, 1}),
              StatusIs(kInvalid, StartsWith("size minimum must not be")));
}

TEST(ValidatorTest, SizesOfMemoriesAndTables) {
  const auto memory = [](int flags, std::initializer_list<uint64_t> bounds,
                         FeatureSet features = {}) {
    Code limits;
    limits.Byte(flags);
    for (const uint64_t bound : bounds) limits.U(bound);
    ModuleBuilder builder;
    builder.AddMemory(limits);
    return ValidateModule(builder, {.features = features});
  };
  EXPECT_OK(memory(0, {65536}));
  EXPECT_OK(memory(1, {0, 65536}));
  EXPECT_THAT(memory(0, {65537}),
              StatusIs(kInvalid, StartsWith("memory size")));
  EXPECT_THAT(memory(1, {0, 65537}),
              StatusIs(kInvalid, StartsWith("memory size")));
  EXPECT_THAT(memory(1, {2, 1}),
              StatusIs(kInvalid, StartsWith("size minimum must not be")));
  EXPECT_OK(memory(5, {0, uint64_t{1} << 48}));
  EXPECT_THAT(memory(4, {(uint64_t{1} << 48) + 1}),
              StatusIs(kInvalid, StartsWith("memory size")));
  const FeatureSet pages = FeatureSet().With(Feature::kCustomPageSizes);
  EXPECT_OK(memory(8, {65537, 0}, pages));
  EXPECT_OK(memory(8, {1, 16}, pages));
  EXPECT_THAT(memory(8, {1, 12}, pages),
              StatusIs(kInvalid, StartsWith("invalid custom page size")));
  EXPECT_THAT(memory(8, {uint64_t{1} << 32, 0}, pages),
              StatusIs(kInvalid, StartsWith("memory size")));

  const auto table = [](int flags, std::initializer_list<uint64_t> bounds) {
    Code type = {kFuncRefCode, flags};
    for (const uint64_t bound : bounds) type.U(bound);
    ModuleBuilder builder;
    builder.AddTable(type);
    return ValidateModule(builder);
  };
  EXPECT_OK(table(1, {0, UINT32_MAX}));
  EXPECT_THAT(table(0, {uint64_t{1} << 32}),
              StatusIs(kInvalid, StartsWith("table size")));
  EXPECT_OK(table(5, {0, UINT64_MAX}));
  EXPECT_THAT(table(5, {1, 0}),
              StatusIs(kInvalid, StartsWith("size minimum must not be")));
}

TEST(ValidatorTest, TableInitializers) {
  const auto table = [](const Code& definition) {
    ModuleBuilder builder;
    const uint32_t type = builder.AddFunctionType({}, {});
    builder.Import("m", "g", ExternKind::kGlobal, {kFuncRefCode, 0});
    builder.AddFunction(type, Code().End());
    builder.AddTable(definition);
    builder.AddGlobal({kFuncRefCode, 0},
                      Code().Op(Opcode::kRefNull).Byte(kFuncRefCode).End());
    return ValidateModule(builder);
  };
  const Code non_null = {kRefCode, kFuncRefCode, 0, 1};
  EXPECT_THAT(table(non_null), StatusIs(kInvalid, StartsWith("type mismatch")));
  EXPECT_OK(table(Code({0x40, 0}).Append(non_null).Append(RefFunc(0)).End()));
  EXPECT_THAT(table(Code({0x40, 0})
                        .Append(non_null)
                        .Op(Opcode::kRefNull)
                        .Byte(kFuncRefCode)
                        .End()),
              StatusIs(kInvalid, StartsWith("type mismatch")));
  // Only imported globals are there when tables are made.
  const Code nullable = {0x40, 0, kFuncRefCode, 0, 1};
  EXPECT_OK(table(Code(nullable).Op(Opcode::kGlobalGet).U(0).End()));
  EXPECT_THAT(table(Code(nullable).Op(Opcode::kGlobalGet).U(1).End()),
              StatusIs(kInvalid, StartsWith("unknown global 1")));
}

TEST(ValidatorTest, FeaturesLimitMemoriesAndTables) {
  ModuleBuilder memories;
  memories.AddMemory(0);
  memories.AddMemory(0);
  EXPECT_OK(ValidateModule(memories));
  EXPECT_THAT(
      ValidateModule(memories,
                     {.features = FeatureSet().Without(Feature::kMultiMemory)}),
      StatusIs(kInvalid, StartsWith("multiple memories")));
  ModuleBuilder tables;
  tables.AddTable(kFuncRefCode, 0);
  tables.AddTable(kFuncRefCode, 0);
  EXPECT_OK(ValidateModule(tables));
  EXPECT_THAT(ValidateModule(
                  tables, {.features = FeatureSet().Without(Feature::kWasm2)}),
              StatusIs(kInvalid, StartsWith("multiple tables")));
}

// Constant expressions.

// A module with things to refer to and one more global.
absl::Status ValidateGlobal(const Code& type, const Code& initializer,
                            FeatureSet features = {}) {
  ModuleBuilder builder;
  const uint32_t function = builder.AddFunctionType({}, {});
  builder.AddRawTypes({0x5F, 1, kI32Code, 0});                         // 1
  builder.AddRawTypes({0x5E, kI64Code, 1});                            // 2
  builder.AddRawTypes({0x5F, 1, kRefCode, 0x6E, 0});                   // 3
  builder.Import("m", "a", ExternKind::kGlobal, {kI32Code, 0});        // 0
  builder.Import("m", "b", ExternKind::kGlobal, {kI32Code, 1});        // 1
  builder.Import("m", "c", ExternKind::kGlobal, {kExternRefCode, 0});  // 2
  builder.AddFunction(function, Code().End());
  builder.AddGlobal({kI32Code, 0}, Code().I32Const(1).End());  // 3
  builder.AddGlobal(type, Code(initializer).End());            // 4
  builder.AddGlobal({kI32Code, 0}, Code().I32Const(1).End());  // 5
  return ValidateModule(builder, {.features = features});
}

TEST(ValidatorTest, ConstantInstructions) {
  const Code i32 = {kI32Code, 0};
  const Code i64 = {kI64Code, 0};
  EXPECT_OK(ValidateGlobal(i32, Code().I32Const(1)));
  EXPECT_OK(ValidateGlobal({0x7D, 1}, Code().F32(1)));
  EXPECT_OK(ValidateGlobal({0x7C, 1}, Code().F64(1)));
  Code v128;
  v128.Op(Opcode::kV128Const);
  for (int i = 0; i < 16; ++i) v128.Byte(i);
  EXPECT_OK(ValidateGlobal({0x7B, 0}, v128));
  for (const Opcode opcode :
       {Opcode::kI32Add, Opcode::kI32Sub, Opcode::kI32Mul}) {
    EXPECT_OK(ValidateGlobal(i32, Code().I32Const(1).I32Const(2).Op(opcode)));
  }
  for (const Opcode opcode :
       {Opcode::kI64Add, Opcode::kI64Sub, Opcode::kI64Mul}) {
    EXPECT_OK(ValidateGlobal(i64, Code().I64Const(1).I64Const(2).Op(opcode)));
  }
  EXPECT_OK(ValidateGlobal({kRefCode, 0, 0}, RefFunc(0)));
  EXPECT_OK(ValidateGlobal({0x6E, 0}, Code().I32Const(1).Op(Opcode::kRefI31)));
  EXPECT_OK(ValidateGlobal({0x6E, 0},
                           Code().I32Const(1).Op(Opcode::kStructNew).U(1)));
  EXPECT_OK(ValidateGlobal({kRefCode, 1, 0},
                           Code().Op(Opcode::kStructNewDefault).U(1)));
  EXPECT_OK(ValidateGlobal(
      {kRefCode, 2, 0},
      Code().I64Const(1).I32Const(9).Op(Opcode::kArrayNew).U(2)));
  EXPECT_OK(ValidateGlobal(
      {kRefCode, 2, 0}, Code().I32Const(9).Op(Opcode::kArrayNewDefault).U(2)));
  EXPECT_OK(ValidateGlobal(
      {kRefCode, 2, 0},
      Code().I64Const(1).I64Const(2).Op(Opcode::kArrayNewFixed).U(2).U(2)));
  EXPECT_OK(ValidateGlobal(
      {0x6E, 0},
      Code().Op(Opcode::kGlobalGet).U(2).Op(Opcode::kAnyConvertExtern)));
  EXPECT_OK(ValidateGlobal(
      {kExternRefCode, 0},
      Code().Op(Opcode::kRefNull).Byte(0x71).Op(Opcode::kExternConvertAny)));
}

TEST(ValidatorTest, ConstantExpressionErrors) {
  const Code i32 = {kI32Code, 0};
  const auto required =
      StatusIs(kInvalid, StartsWith("constant expression required"));
  EXPECT_THAT(ValidateGlobal(i32, Code().Op(Opcode::kNop).I32Const(1)),
              required);
  EXPECT_THAT(ValidateGlobal(i32, Code().Op(Opcode::kUnreachable)), required);
  EXPECT_THAT(ValidateGlobal(i32, Code().Op(Opcode::kCall).U(0)), required);
  EXPECT_THAT(
      ValidateGlobal(
          i32, Code().Op(Opcode::kBlock).Byte(kI32Code).I32Const(1).End()),
      required);
  EXPECT_THAT(
      ValidateGlobal(i32, Code().I32Const(1).I32Const(2).Op(Opcode::kI32DivS)),
      required);
  // A mutable global, a later one, itself.
  EXPECT_THAT(ValidateGlobal(i32, Code().Op(Opcode::kGlobalGet).U(1)),
              required);
  EXPECT_OK(ValidateGlobal(i32, Code().Op(Opcode::kGlobalGet).U(0)));
  EXPECT_OK(ValidateGlobal(i32, Code().Op(Opcode::kGlobalGet).U(3)));
  for (const uint32_t index : {4u, 5u, 6u}) {
    EXPECT_THAT(ValidateGlobal(i32, Code().Op(Opcode::kGlobalGet).U(index)),
                StatusIs(kInvalid, StartsWith("unknown global")));
  }
  EXPECT_THAT(ValidateGlobal(i32, {}),
              StatusIs(kInvalid, StartsWith("type mismatch")));
  EXPECT_THAT(ValidateGlobal(i32, Code().I32Const(1).I32Const(2)),
              StatusIs(kInvalid, StartsWith("type mismatch")));
  EXPECT_THAT(ValidateGlobal(i32, Code().I64Const(1)),
              StatusIs(kInvalid, StartsWith("type mismatch")));
  EXPECT_THAT(ValidateGlobal({kFuncRefCode, 0}, RefFunc(1)),
              StatusIs(kInvalid, StartsWith("unknown function 1")));
  EXPECT_THAT(ValidateGlobal({kRefCode, 3, 0},
                             Code().Op(Opcode::kStructNewDefault).U(3)),
              StatusIs(kInvalid, HasSubstr("not defaultable")));
  EXPECT_THAT(ValidateGlobal({kRefCode, 9, 0}, Code().I32Const(1)),
              StatusIs(kInvalid, StartsWith("unknown type 9 in global 4")));
}

TEST(ValidatorTest, FeaturesLimitConstantExpressions) {
  const Code sum = Code().I32Const(1).I32Const(2).Op(Opcode::kI32Add);
  ModuleBuilder builder;
  builder.AddGlobal({kI32Code, 0}, Code(sum).End());
  EXPECT_OK(ValidateModule(builder));
  EXPECT_THAT(
      ValidateModule(
          builder, {.features = FeatureSet().Without(Feature::kExtendedConst)}),
      StatusIs(kInvalid, StartsWith("constant expression required")));
}

// Exports, start, segments.

TEST(ValidatorTest, Exports) {
  const auto exports =
      [](std::initializer_list<std::pair<ExternKind, uint32_t>> list,
         bool same_name = false) {
        ModuleBuilder builder;
        builder.AddFunction(builder.AddFunctionType({}, {}), Code().End());
        builder.AddMemory(0);
        int count = 0;
        for (const auto& [kind, index] : list) {
          builder.Export(same_name ? "x" : StrCat("x", count++), kind, index);
        }
        return ValidateModule(builder);
      };
  EXPECT_OK(exports({{ExternKind::kFunction, 0}, {ExternKind::kMemory, 0}}));
  EXPECT_THAT(
      exports({{ExternKind::kFunction, 0}, {ExternKind::kMemory, 0}}, true),
      StatusIs(kInvalid, StartsWith("duplicate export name")));
  EXPECT_THAT(exports({{ExternKind::kFunction, 1}}),
              StatusIs(kInvalid, StartsWith("unknown function 1")));
  EXPECT_THAT(exports({{ExternKind::kTable, 0}}),
              StatusIs(kInvalid, StartsWith("unknown table 0")));
  EXPECT_THAT(exports({{ExternKind::kMemory, 1}}),
              StatusIs(kInvalid, StartsWith("unknown memory 1")));
  EXPECT_THAT(exports({{ExternKind::kGlobal, 0}}),
              StatusIs(kInvalid, StartsWith("unknown global 0")));
  EXPECT_THAT(exports({{ExternKind::kTag, 0}}),
              StatusIs(kInvalid, StartsWith("unknown tag 0")));
}

TEST(ValidatorTest, StartFunction) {
  const auto start = [](uint32_t index) {
    ModuleBuilder builder;
    builder.AddFunction(builder.AddFunctionType({}, {}), Code().End());
    builder.AddFunction(builder.AddFunctionType({kI32Code}, {}), Code().End());
    builder.AddFunction(builder.AddFunctionType({}, {kI32Code}),
                        Code().I32Const(0).End());
    builder.SetStart(index);
    return ValidateModule(builder);
  };
  EXPECT_OK(start(0));
  EXPECT_THAT(start(1), StatusIs(kInvalid, StartsWith("start function")));
  EXPECT_THAT(start(2), StatusIs(kInvalid, StartsWith("start function")));
  EXPECT_THAT(start(3), StatusIs(kInvalid, StartsWith("unknown function 3")));
}

TEST(ValidatorTest, ElementSegments) {
  const auto element = [](const Code& segment) {
    ModuleBuilder builder;
    builder.AddFunction(builder.AddFunctionType({}, {}), Code().End());
    builder.AddTable(kFuncRefCode, 1);
    builder.AddTable(kExternRefCode, 1);
    builder.AddTable({kFuncRefCode, 4, 1});  // 64-bit addresses
    builder.AddElement(segment);
    return ValidateModule(builder);
  };
  const Code offset = Code().I32Const(0).End();
  EXPECT_OK(element(Code({0}).Append(offset).Bytes({1, 0})));
  EXPECT_THAT(element(Code({0}).Append(offset).Bytes({1, 1})),
              StatusIs(kInvalid, StartsWith("unknown function 1")));
  EXPECT_THAT(element(Code({2, 9}).Append(offset).Bytes({0, 0})),
              StatusIs(kInvalid, StartsWith("unknown table 9")));
  EXPECT_THAT(element(Code({2, 1}).Append(offset).Bytes({0, 0})),
              StatusIs(kInvalid, StartsWith("type mismatch")));
  EXPECT_THAT(element(Code({2, 2}).Append(offset).Bytes({0, 0})),
              StatusIs(kInvalid, StartsWith("type mismatch")));
  EXPECT_OK(element(Code({2, 2}).I64Const(0).End().Bytes({0, 0})));
  EXPECT_OK(element(Code({6, 1})
                        .Append(offset)
                        .Byte(kExternRefCode)
                        .Bytes({1, 0xD0, kExternRefCode, 0x0B})));
  EXPECT_THAT(element(Code({5, kExternRefCode, 1}).Append(RefFunc(0)).End()),
              StatusIs(kInvalid, StartsWith("type mismatch")));
  EXPECT_THAT(element({7, kRefNullCode, 5, 0}),
              StatusIs(kInvalid, StartsWith("unknown type 5")));
}

TEST(ValidatorTest, DataSegments) {
  const auto data = [](const Code& segment) {
    ModuleBuilder builder;
    builder.AddMemory(1);
    builder.AddMemory({4, 1});
    builder.AddData(segment);
    return ValidateModule(builder);
  };
  EXPECT_OK(data(Code({0}).I32Const(0).End().U(0)));
  EXPECT_OK(data(Code({2, 1}).I64Const(0).End().U(0)));
  EXPECT_OK(data({1, 0}));
  EXPECT_THAT(data(Code({2, 1}).I32Const(0).End().U(0)),
              StatusIs(kInvalid, StartsWith("type mismatch")));
  EXPECT_THAT(data(Code({2, 2}).I32Const(0).End().U(0)),
              StatusIs(kInvalid, StartsWith("unknown memory 2")));
}

TEST(ValidatorTest, ReferencesToFunctionsAreDeclared) {
  const auto module = [](const std::function<void(ModuleBuilder*)>& declare) {
    ModuleBuilder builder;
    const uint32_t type = builder.AddFunctionType({}, {});
    builder.AddFunction(type, RefFunc(0).Op(Opcode::kDrop).End());
    declare(&builder);
    return ValidateModule(builder);
  };
  const auto undeclared =
      StatusIs(kInvalid, StartsWith("undeclared function reference 0"));
  EXPECT_THAT(module([](ModuleBuilder*) {}), undeclared);
  EXPECT_THAT(module([](ModuleBuilder* b) { b->SetStart(0); }), undeclared);
  EXPECT_OK(module(
      [](ModuleBuilder* b) { b->Export("f", ExternKind::kFunction, 0); }));
  EXPECT_OK(module([](ModuleBuilder* b) { b->AddElement({3, 0, 1, 0}); }));
  EXPECT_OK(module([](ModuleBuilder* b) {
    b->AddElement(Code({7, kFuncRefCode, 1}).Append(RefFunc(0)).End());
  }));
  EXPECT_OK(module([](ModuleBuilder* b) {
    b->AddGlobal({kFuncRefCode, 0}, RefFunc(0).End());
  }));
  EXPECT_OK(module([](ModuleBuilder* b) {
    b->AddTable(Code({0x40, 0, kFuncRefCode, 0, 0}).Append(RefFunc(0)).End());
  }));
}

// Malformed bodies.

absl::Status ValidateBody(const Code& body, bool data_count = false) {
  ModuleBuilder builder;
  builder.AddMemory(1);
  builder.AddPassiveData("x");
  if (data_count) builder.SetDataCount(1);
  builder.AddRawFunction(builder.AddFunctionType({}, {}), body);
  return ValidateModule(builder);
}

TEST(ValidatorTest, MalformedBodiesAreToldApart) {
  EXPECT_OK(ValidateBody({0, 0x0B}));
  EXPECT_THAT(ValidateBody({0}),
              StatusIs(kInvalid, StartsWith("malformed: unexpected end")));
  EXPECT_THAT(ValidateBody({0, 0x01}),
              StatusIs(kInvalid, StartsWith("malformed: unexpected end")));
  EXPECT_THAT(ValidateBody({0, 0x0B, 0x0B}),
              StatusIs(kInvalid, StartsWith("malformed: section size")));
  EXPECT_THAT(ValidateBody({0, 0x05, 0x0B}),
              StatusIs(kInvalid, StartsWith("malformed: END opcode expected")));
  EXPECT_THAT(ValidateBody({0, 0x02, 0x40, 0x05, 0x0B, 0x0B}),
              StatusIs(kInvalid, StartsWith("malformed: END opcode expected")));
  EXPECT_THAT(
      ValidateBody({0, 0xFF, 0x0B}),
      StatusIs(kInvalid, AllOf(StartsWith("malformed: illegal opcode ff"),
                               HasSubstr("(in function 0 at byte "))));
  const Code drop = Code({0}).Op(Opcode::kDataDrop).U(0).End();
  EXPECT_THAT(
      ValidateBody(drop),
      StatusIs(kInvalid, StartsWith("malformed: data count section required")));
  EXPECT_OK(ValidateBody(drop, true));
}

TEST(ValidatorTest, MalformedOutranksInvalid) {
  // Invalid first, malformed later in the same body.
  EXPECT_THAT(ValidateBody({0, 0x1A, 0xFF, 0x0B}),
              StatusIs(kInvalid, StartsWith("malformed: illegal opcode ff")));
  // In a later body, and with an invalid module around it.
  ModuleBuilder builder;
  const uint32_t type = builder.AddFunctionType({}, {});
  builder.AddFunction(type, {0x1A, 0x0B});
  builder.AddFunction(type, {0x06, 0x0B});
  builder.Export("x", ExternKind::kFunction, 9);
  EXPECT_THAT(
      ValidateModule(builder),
      StatusIs(kInvalid, AllOf(StartsWith("malformed: illegal opcode 06"),
                               HasSubstr("in function 1"))));
}

TEST(ValidatorTest, FeaturesThatAreOffHaveNoOpcodes) {
  ModuleBuilder builder;
  builder.AddFunction(builder.AddFunctionType({}, {}),
                      Code().Op(Opcode::kReturnCall).U(0).End());
  EXPECT_OK(ValidateModule(builder));
  EXPECT_THAT(
      ValidateModule(builder,
                     {.features = FeatureSet().Without(Feature::kTailCall)}),
      StatusIs(kInvalid, StartsWith("malformed: illegal opcode")));
}

// Threads.

TEST(ValidatorTest, TheErrorDoesNotDependOnThreads) {
  ModuleBuilder builder;
  const uint32_t type = builder.AddFunctionType({}, {});
  for (int i = 0; i < 400; ++i) {
    Code code;
    for (int j = 0; j < i % 7; ++j) code.Op(Opcode::kNop);
    if (i == 150 || i == 151 || i == 390) code.Op(Opcode::kDrop);
    builder.AddFunction(type, code.End());
  }
  const absl::Status one =
      ValidateModule(builder, {.features = {}, .threads = 1});
  EXPECT_THAT(one, StatusIs(kInvalid, HasSubstr("in function 150 ")));
  for (const int threads : {0, 2, 3, 8, 100}) {
    for (int run = 0; run < 10; ++run) {
      EXPECT_EQ(ValidateModule(builder, {.features = {}, .threads = threads}),
                one);
    }
  }
}

TEST(ValidatorTest, ManyThreadsOnFewFunctions) {
  ModuleBuilder none;
  EXPECT_OK(ValidateModule(none, {.features = {}, .threads = 8}));
  ModuleBuilder one;
  one.AddFunction(one.AddFunctionType({}, {}), Code().End());
  EXPECT_OK(ValidateModule(one, {.features = {}, .threads = 0}));
}

}  // namespace
}  // namespace wasmd

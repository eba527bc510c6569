#include "interp/type_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using enum AbstractHeapType;

SubType Function(std::vector<ValueType> params,
                 std::vector<ValueType> results = {}) {
  SubType type;
  type.function = {std::move(params), std::move(results)};
  return type;
}

SubType Struct(std::vector<FieldType> fields) {
  SubType type;
  type.kind = CompositeKind::kStruct;
  type.fields = std::move(fields);
  return type;
}

SubType Array(FieldType element) {
  SubType type = Struct({element});
  type.kind = CompositeKind::kArray;
  return type;
}

SubType Open(SubType type, std::optional<uint32_t> supertype = {}) {
  type.is_final = false;
  type.supertype = supertype;
  return type;
}

ValueType Ref(uint32_t type_index) {
  return ValueType::Ref(HeapType::Concrete(type_index), false);
}

// A module of the given recursive groups.
Module Types(const std::vector<std::vector<SubType>>& groups) {
  Module module;
  for (const std::vector<SubType>& group : groups) {
    const uint32_t begin = static_cast<uint32_t>(module.types.size());
    for (SubType type : group) {
      type.group_begin = begin;
      type.group_count = static_cast<uint32_t>(group.size());
      module.types.push_back(std::move(type));
    }
  }
  return module;
}

std::vector<TypeId> Intern(TypeStore& store,
                           const std::vector<std::vector<SubType>>& groups) {
  auto ids = store.Intern(Types(groups));
  EXPECT_OK(ids.status());
  return *std::move(ids);
}

TEST(TypeStoreTest, EqualTypesOfTwoModulesAreOne) {
  TypeStore store;
  const auto a = Intern(store, {{Function({kI32Type})}, {Function({})}});
  const auto b = Intern(store, {{Function({})}, {Function({kI32Type})}});
  EXPECT_EQ(a[0], b[1]);
  EXPECT_EQ(a[1], b[0]);
  EXPECT_NE(a[0], a[1]);
  EXPECT_EQ(store.size(), 2);
  EXPECT_EQ(store.Intern(FunctionType{{kI32Type}, {}}), a[0]);
  EXPECT_EQ(store.size(), 2);
  EXPECT_NE(store.Intern(FunctionType{{}, {kI32Type}}), a[0]);
}

TEST(TypeStoreTest, DetailsAreTypes) {
  TypeStore store;
  const FieldType field{kI32Type, PackedType::kNotPacked, false};
  const auto ids = Intern(
      store, {{Struct({field})},
              {Struct({FieldType{kI32Type, PackedType::kNotPacked, true}})},
              {Struct({FieldType{kI32Type, PackedType::kI8, false}})},
              {Struct({FieldType{kI32Type, PackedType::kI16, false}})},
              {Array(field)},
              {Open(Struct({field}))},
              {Struct({field, field})},
              {Struct({})},
              {Function({kI32Type, kI32Type})},
              {Function({kI32Type}, {kI32Type})},
              {Function({kFuncRefType})},
              {Function({ValueType::Ref(kFunc, false)})}});
  for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], i);
}

TEST(TypeStoreTest, WholeGroupsAreCompared) {
  TypeStore store;
  // The same function type alone, first and second of a group.
  const auto a = Intern(store, {{Function({})},
                                {Function({}), Struct({})},
                                {Struct({}), Function({})},
                                {Function({}), Struct({})}});
  EXPECT_NE(a[0], a[1]);
  EXPECT_NE(a[0], a[4]);
  EXPECT_NE(a[1], a[4]);
  EXPECT_EQ(a[1], a[5]);
  EXPECT_EQ(a[2], a[6]);
  const auto b = Intern(store, {{Struct({}), Function({})}});
  EXPECT_EQ(b[0], a[3]);
  EXPECT_EQ(b[1], a[4]);
}

TEST(TypeStoreTest, RecursionIsRelativeToTheGroup) {
  TypeStore store;
  // (rec (type $f (func (param (ref $f))))) at different indices.
  const auto a = Intern(store, {{Function({Ref(0)})}});
  const auto b = Intern(store, {{Struct({})}, {Function({Ref(1)})}});
  EXPECT_EQ(a[0], b[1]);
  EXPECT_EQ(store.Get(a[0]).function.params[0], Ref(a[0]));
  // An outside reference to an equal type is not a recursive one.
  const auto c = Intern(store, {{Function({Ref(0)})}, {Function({Ref(0)})}});
  EXPECT_EQ(c[0], a[0]);
  EXPECT_NE(c[1], a[0]);
  EXPECT_EQ(store.Get(c[1]).function.params[0], Ref(a[0]));
  // Mutual recursion, with what is outside of the group numbered differently.
  const auto d = Intern(
      store, {{Struct({})}, {Function({Ref(2), Ref(0)}), Function({Ref(1)})}});
  const auto e =
      Intern(store, {{Function({})},
                     {Struct({})},
                     {Function({Ref(3), Ref(1)}), Function({Ref(2)})},
                     {Function({Ref(3), Ref(0)}), Function({Ref(2)})}});
  EXPECT_EQ(d[1], e[2]);
  EXPECT_EQ(d[2], e[3]);
  EXPECT_NE(d[1], e[4]);
}

TEST(TypeStoreTest, FinalityAndSupertypeAreIdentity) {
  TypeStore store;
  const auto ids = Intern(store, {{Open(Struct({}))},
                                  {Open(Struct({}), 0)},
                                  {Struct({})},
                                  {Open(Struct({}), 1)}});
  const auto again = Intern(store, {{Open(Struct({}))}, {Open(Struct({}), 0)}});
  EXPECT_EQ(store.size(), 4);
  EXPECT_EQ(again[1], ids[1]);
  EXPECT_EQ(store.Get(ids[3]).supertype, ids[1]);
}

TEST(TypeStoreTest, SubtypesAreDeclared) {
  TypeStore store;
  // 0 <- 1 <- 2; 0 <- 3; 4 alone.
  const auto t = Intern(store, {{Open(Struct({}))},
                                {Open(Struct({}), 0)},
                                {Open(Struct({}), 1)},
                                {Open(Array({kI32Type}), {})},
                                {Struct({})}});
  EXPECT_TRUE(store.IsSubtype(t[0], t[0]));
  EXPECT_TRUE(store.IsSubtype(t[1], t[0]));
  EXPECT_TRUE(store.IsSubtype(t[2], t[0]));
  EXPECT_TRUE(store.IsSubtype(t[2], t[1]));
  EXPECT_FALSE(store.IsSubtype(t[0], t[1]));
  EXPECT_FALSE(store.IsSubtype(t[1], t[2]));
  EXPECT_FALSE(store.IsSubtype(t[2], t[3]));
  EXPECT_FALSE(store.IsSubtype(t[4], t[0]));
}

TEST(TypeStoreTest, AbstractHeapTypesMatchAsSpecified) {
  // Rows: sub; columns: super, in the order of the enumeration.
  constexpr AbstractHeapType kAll[] = {kFunc,  kNoFunc, kExtern, kNoExtern,
                                       kAny,   kEq,     kI31,    kStruct,
                                       kArray, kNone,   kExn,    kNoExn};
  constexpr const char* kExpected[] = {
      "x...........",  // func
      "xx..........",  // nofunc
      "..x.........",  // extern
      "..xx........",  // noextern
      "....x.......",  // any
      "....xx......",  // eq
      "....xxx.....",  // i31
      "....xx.x....",  // struct
      "....xx..x...",  // array
      "....xxxxxx..",  // none
      "..........x.",  // exn
      "..........xx",  // noexn
  };
  TypeStore store;
  for (size_t sub = 0; sub < 12; ++sub) {
    for (size_t super = 0; super < 12; ++super) {
      const bool expected = kExpected[sub][super] == 'x';
      EXPECT_EQ(IsSubtype(kAll[sub], kAll[super]), expected)
          << sub << " <: " << super;
      EXPECT_EQ(store.IsSubtype(HeapType(kAll[sub]), HeapType(kAll[super])),
                expected);
    }
  }
}

TEST(TypeStoreTest, ConcreteAndAbstractHeapTypesMatch) {
  TypeStore store;
  const auto t =
      Intern(store, {{Function({})}, {Struct({})}, {Array({kI32Type})}});
  const struct {
    AbstractHeapType abstract;
    const char* above;  // which of the three are below it
    const char* below;  // which of the three are above it
  } kCases[] = {
      {kFunc, "x..", "..."},   {kNoFunc, "...", "x.."},
      {kAny, ".xx", "..."},    {kEq, ".xx", "..."},
      {kStruct, ".x.", "..."}, {kArray, "..x", "..."},
      {kNone, "...", ".xx"},   {kI31, "...", "..."},
      {kExtern, "...", "..."}, {kNoExtern, "...", "..."},
      {kExn, "...", "..."},    {kNoExn, "...", "..."},
  };
  for (const auto& test : kCases) {
    for (size_t i = 0; i < 3; ++i) {
      const HeapType concrete = HeapType::Concrete(t[i]);
      EXPECT_EQ(store.IsSubtype(concrete, test.abstract), test.above[i] == 'x');
      EXPECT_EQ(store.IsSubtype(test.abstract, concrete), test.below[i] == 'x');
    }
  }
  EXPECT_EQ(store.TopOf(HeapType::Concrete(t[0])), kFunc);
  EXPECT_EQ(store.TopOf(HeapType::Concrete(t[1])), kAny);
  EXPECT_EQ(store.TopOf(HeapType::Concrete(t[2])), kAny);
  EXPECT_EQ(store.TopOf(kNoExn), kExn);
  EXPECT_EQ(store.TopOf(kNone), kAny);
  EXPECT_EQ(store.TopOf(kNoExtern), kExtern);
}

TEST(TypeStoreTest, ValueTypesMatch) {
  TypeStore store;
  const ValueType any_null = ValueType::Ref(kAny, true);
  const ValueType any = ValueType::Ref(kAny, false);
  const ValueType i31 = ValueType::Ref(kI31, false);
  EXPECT_TRUE(store.IsSubtype(any, any_null));
  EXPECT_FALSE(store.IsSubtype(any_null, any));
  EXPECT_TRUE(store.IsSubtype(i31, any_null));
  EXPECT_TRUE(store.IsSubtype(kI32Type, kI32Type));
  EXPECT_FALSE(store.IsSubtype(kI32Type, kI64Type));
  EXPECT_FALSE(store.IsSubtype(kI32Type, any));
  EXPECT_TRUE(store.IsSubtype(ValueType(ValueKind::kBottom), kI32Type));
}

TEST(TypeStoreTest, SubstituteReplacesConcreteTypesOnly) {
  const std::vector<TypeId> ids = {7, 9};
  EXPECT_EQ(Substitute(kI32Type, ids), kI32Type);
  EXPECT_EQ(Substitute(kFuncRefType, ids), kFuncRefType);
  EXPECT_EQ(Substitute(Ref(1), ids), Ref(9));
  EXPECT_TRUE(Substitute(ValueType::Ref(HeapType::Concrete(0), true), ids)
                  .is_nullable());
}

}  // namespace
}  // namespace wasmd

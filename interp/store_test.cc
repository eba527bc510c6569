#include "interp/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/testing/status_matchers.h"
#include "interp/reference.h"

namespace wasmd {
namespace {

using enum AbstractHeapType;
using ::testing::Each;
using ::wasmd::testing::StatusIs;

class NoFunction : public HostFunction {
 public:
  HostResult Call(HostCall&) override { return HostResult::kReturn; }
};

FuncAddr AddFunction(Store& store, const FunctionType& type,
                     const std::string& name) {
  return store.AddHostFunction(type, std::make_unique<NoFunction>(),
                               {"env", name});
}

TEST(StoreTest, AddressesAreInOrderOfAllocation) {
  Store store;
  EXPECT_EQ(AddFunction(store, {}, "a"), 0);
  EXPECT_EQ(AddFunction(store, {{kI32Type}, {}}, "b"), 1);
  EXPECT_EQ(store.host_info(1).name, "b");
  store.SetHostInfo(1, {"env", "c"});
  EXPECT_EQ(store.host_info(1).name, "c");
  EXPECT_EQ(store.host_info(0).name, "a");
  EXPECT_NE(store.function(0).type, store.function(1).type);
  EXPECT_NE(store.function(0).host, nullptr);
  ASSERT_OK_AND_ASSIGN(MemAddr memory, store.AddMemory(MemoryType{{1, {}}}));
  EXPECT_EQ(memory, 0);
  EXPECT_EQ(store.memory(memory).size_pages(), 1);
  EXPECT_EQ(store.AddGlobal({kV128Type, true}, V128Value(1, 2)), 0);
  EXPECT_EQ(store.global(0).value[1], 2);
  EXPECT_EQ(store.AddTag(store.function(0).type), 0);
  EXPECT_EQ(store.function_count(), 2);
  EXPECT_EQ(store.memory_count(), 1);
  EXPECT_EQ(store.global_count(), 1);
  EXPECT_EQ(store.tag_count(), 1);
  EXPECT_EQ(store.table_count(), 0);
  EXPECT_EQ(store.instance_count(), 0);
}

TEST(StoreTest, MemoriesGrowWithinTheLimitOfAll) {
  constexpr uint64_t kPage = 65536;
  Store store(StoreLimits{.max_memory_bytes = 8 * kPage,
                          .max_all_memory_bytes = 10 * kPage});
  ASSERT_OK_AND_ASSIGN(MemAddr a, store.AddMemory(MemoryType{{2, {}}}));
  ASSERT_OK_AND_ASSIGN(MemAddr b, store.AddMemory(MemoryType{{1, {}}}));
  EXPECT_EQ(store.GrowMemory(store.memory(a), 6), 2);
  EXPECT_EQ(store.GrowMemory(store.memory(a), 1), -1);  // its own limit
  EXPECT_EQ(store.GrowMemory(store.memory(b), 2), -1);  // of all
  EXPECT_EQ(store.GrowMemory(store.memory(b), ~uint64_t{0}), -1);
  EXPECT_EQ(store.GrowMemory(store.memory(b), 1), 1);
  EXPECT_EQ(store.GrowMemory(store.memory(b), 0), 2);
  EXPECT_THAT(store.AddMemory(MemoryType{{1, {}}}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(store.AddMemory(MemoryType{{0, {}}}));
  EXPECT_THAT(store.SetMemorySize(store.memory(b), 3),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(store.SetMemorySize(store.memory(b), 1));
  EXPECT_OK(store.SetMemorySize(store.memory(b), 2));
}

TEST(StoreTest, TablesGrowWithinTheLimits) {
  Store store(
      StoreLimits{.max_table_elements = 10, .max_all_table_elements = 15});
  ASSERT_OK_AND_ASSIGN(
      TableAddr a,
      store.AddTable(TableType{kExternRefType, {2, 5}}, HostReference(1)));
  TableInstance& table = store.table(a);
  EXPECT_EQ(store.GrowTable(table, 3, HostReference(1)), 2);
  EXPECT_EQ(store.GrowTable(table, 1, HostReference(1)), -1);
  EXPECT_EQ(store.GrowTable(table, ~uint64_t{0}, HostReference(1)), -1);
  EXPECT_EQ(store.GrowTable(table, 0, HostReference(1)), 5);
  EXPECT_THAT(table.elements, Each(HostReference(1)));
  EXPECT_THAT(store.AddTable(TableType{kExternRefType, {11, {}}}, 0),
              StatusIs(absl::StatusCode::kResourceExhausted));
  ASSERT_OK_AND_ASSIGN(TableAddr b,
                       store.AddTable(TableType{kExternRefType, {9, {}}}, 0));
  EXPECT_EQ(store.GrowTable(store.table(b), 2, 0), -1);
  EXPECT_EQ(store.GrowTable(store.table(b), 1, 0), 9);
}

TEST(StoreTest, ChecksReferencesFromOutside) {
  Store store;
  AddFunction(store, {{kI32Type}, {}}, "f");
  const TypeId f = store.function(0).type;
  const TypeId g = store.types().Intern(FunctionType{});
  const auto is = [&](Slot value, HeapType type, bool nullable = false) {
    return store.IsValueOf(value, ValueType::Ref(type, nullable));
  };
  EXPECT_TRUE(is(kNullReference, kFunc, true));
  EXPECT_FALSE(is(kNullReference, kFunc, false));
  EXPECT_TRUE(is(FunctionReference(0), kFunc));
  EXPECT_FALSE(is(FunctionReference(1), kFunc));
  EXPECT_FALSE(is(~Slot{0}, kFunc));
  EXPECT_TRUE(is(FunctionReference(0), HeapType::Concrete(f)));
  EXPECT_FALSE(is(FunctionReference(0), HeapType::Concrete(g)));
  EXPECT_FALSE(is(FunctionReference(0), kNoFunc));

  EXPECT_TRUE(is(I31Reference(5), kI31));
  EXPECT_TRUE(is(I31Reference(5), kAny));
  EXPECT_TRUE(is(I31Reference(5), kExtern));
  EXPECT_FALSE(is(I31Reference(5), kStruct));
  EXPECT_FALSE(is(I31Reference(5), kExn));
  EXPECT_FALSE(is(I31Reference(5) | Slot{1} << 40, kI31)) << "not canonical";
  EXPECT_TRUE(is(HostReference(5), kExtern));
  EXPECT_TRUE(is(HostReference(5), kAny));
  EXPECT_FALSE(is(HostReference(5), kEq));
  EXPECT_FALSE(is(4, kExtern));
  EXPECT_FALSE(is(8, kAny)) << "no heap yet";
}

}  // namespace
}  // namespace wasmd

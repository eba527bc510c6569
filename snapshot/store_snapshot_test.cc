// Stores at rest: captured, restored, and looked at.

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/testing/status_matchers.h"
#include "interp/heap.h"
#include "interp/reference.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/testing/test_process.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::StatusIs;
using testing::TestProcess;

// Restores `process` from its bytes and checks that it is the same then.
void RoundTripOk(TestProcess& process) {
  auto restored = RoundTrip(std::move(process.process()), process.Context());
  ASSERT_OK(restored);
  process.process() = *std::move(restored);
}

TEST(StoreSnapshotTest, AnEmptyStore) {
  TestProcess process;
  RoundTripOk(process);
  EXPECT_EQ(process.store().instance_count(), 0u);
}

TEST(StoreSnapshotTest, GlobalsOfEveryKind) {
  TestProcess process;
  process.Add("a", R"((module
    (func $f)
    (global (export "i32") (mut i32) (i32.const -5))
    (global (export "i64") i64 (i64.const 0x7FFFFFFFFFFFFFFF))
    (global (export "f32") f32 (f32.const nan:0x200001))
    (global (export "f64") (mut f64) (f64.const -0))
    (global (export "v128") v128 (v128.const i64x2 1 -1))
    (global (export "null") (mut funcref) (ref.null func))
    (global (export "func") (ref func) (ref.func $f))
    (global (export "extern") externref (ref.null extern))
    (global (export "i31") (mut anyref) (ref.i31 (i32.const 7)))))");
  process.store().global(7).value[0] = HostReference(99);
  std::vector<GlobalInstance> before;
  for (GlobalAddr a = 0; a < process.store().global_count(); ++a) {
    before.push_back(process.store().global(a));
  }
  RoundTripOk(process);
  ASSERT_EQ(process.store().global_count(), before.size());
  for (GlobalAddr a = 0; a < before.size(); ++a) {
    EXPECT_EQ(process.store().global(a).type, before[a].type) << a;
    EXPECT_EQ(process.store().global(a).value[0], before[a].value[0]) << a;
    EXPECT_EQ(process.store().global(a).value[1], before[a].value[1]) << a;
  }
}

TEST(StoreSnapshotTest, InstancesThatShareEverything) {
  TestProcess process;
  const FuncAddr host = process.AddHost("h", {{kI32Type}, {kI64Type}});
  process.Add("a", R"((module
    (import "host" "h" (func $h (param i32) (result i64)))
    (memory (export "memory") 1 3)
    (table (export "table") 4 funcref)
    (global (export "global") (mut i32) (i32.const 1))
    (tag (export "tag") (param i32))
    (func (export "f")) (func (export "g"))
    (export "h" (func $h))
    (elem (i32.const 0) $h 1 2)))");
  process.Add("b", R"((module
    (import "a" "h" (func (param i32) (result i64)))
    (import "a" "g" (func))
    (import "a" "memory" (memory 1))
    (import "a" "table" (table 1 funcref))
    (import "a" "global" (global (mut i32)))
    (import "a" "tag" (tag (param i32)))
    (func (export "own"))
    (memory 2) (global i32 (i32.const 9)) (tag) (table 1 externref)
    (export "both" (memory 1))
    (elem (i32.const 3) func 2)))");
  RoundTripOk(process);
  ModuleInstance& a = process.Instance("a");
  ModuleInstance& b = process.Instance("b");
  EXPECT_EQ(a.functions[0], host);
  EXPECT_EQ(b.functions[0], host);
  EXPECT_EQ(b.functions[1], a.functions[2]);
  EXPECT_EQ(b.memories[0], a.memories[0]);
  EXPECT_EQ(b.tables[0], a.tables[0]);
  EXPECT_EQ(b.globals[0], a.globals[0]);
  EXPECT_EQ(b.tags[0], a.tags[0]);
  EXPECT_NE(b.memories[1], a.memories[0]);
  EXPECT_THAT(
      a.tables[0]->elements,
      ElementsAre(FunctionReference(host), FunctionReference(a.functions[1]),
                  FunctionReference(a.functions[2]),
                  FunctionReference(b.functions[2])));
  EXPECT_EQ(process.store().function(host).instance, nullptr);
  EXPECT_NE(process.store().function(host).host, nullptr);
  EXPECT_EQ(process.store().host_info(host).name, "h");
  EXPECT_EQ(process.store().function(b.functions[2]).instance, &b);
  EXPECT_EQ(process.Export("b", "both"), b.memory_addresses[1]);
}

TEST(StoreSnapshotTest, MemoriesKeepImageSizeAndChanges) {
  TestProcess process;
  process.Add("a", R"((module
    (memory (export "m") 1 8)
    (memory (export "n") 1)
    (global $at i32 (i32.const 9000))
    (data (i32.const 100) "hello")
    (data (global.get $at) "world")
    (data (memory 1) (i32.const 0) "other")))");
  MemoryInstance& memory = *process.Instance("a").memories[0];
  EXPECT_THAT(memory.ChangedPages(), IsEmpty());
  ASSERT_EQ(memory.Grow(4), 1);
  std::memset((*memory.MutableBytes(3 * 65536, 5000)).data(), 7, 5000);
  // The initial image's page, now all zeros.
  std::memset((*memory.MutableBytes(9000, 5)).data(), 0, 5);
  memory.ClearDirty();
  const std::vector<uint64_t> changed = memory.ChangedPages();
  RoundTripOk(process);
  MemoryInstance& restored = *process.Instance("a").memories[0];
  EXPECT_EQ(restored.size_pages(), 5u);
  EXPECT_EQ(restored.ChangedPages(), changed);
  EXPECT_THAT(restored.DirtyPages(), IsEmpty());
  EXPECT_EQ(std::memcmp(restored.data() + 100, "hello", 5), 0);
  EXPECT_EQ(restored.data()[9000], 0);
  EXPECT_EQ(restored.data()[3 * 65536 + 4999], 7);
  EXPECT_EQ(restored.data()[3 * 65536 + 5000], 0);
  EXPECT_EQ(restored.Grow(4), -1);
  EXPECT_EQ(restored.Grow(3), 5);
  EXPECT_EQ(std::memcmp(process.Instance("a").memories[1]->data(), "other", 5),
            0);
}

TEST(StoreSnapshotTest, DirtyPagesAreThoseSinceTheLastClear) {
  TestProcess process;
  process.Add("a", R"((module (memory 1) (data (i32.const 0) "image")))");
  MemoryInstance& memory = *process.Instance("a").memories[0];
  (*memory.MutableBytes(4096, 1))[0] = 1;
  (*memory.MutableBytes(8192, 1))[0] = 1;
  ClearDirtyPages(process.store());
  (*memory.MutableBytes(8192, 1))[0] = 0;
  ASSERT_OK_AND_ASSIGN(
      const Capture dirty,
      CaptureSnapshot(process.store(), nullptr, {}, PageSelection::kDirty));
  ASSERT_EQ(dirty.pages.size(), 1u);
  EXPECT_EQ(dirty.pages[0].page, 2u);
  EXPECT_TRUE(dirty.pages[0].bytes.empty());  // all zeros
  ASSERT_OK_AND_ASSIGN(
      const Capture changed,
      CaptureSnapshot(process.store(), nullptr, {}, PageSelection::kChanged));
  ASSERT_EQ(changed.pages.size(), 1u);  // page 2 is as it was at first
  EXPECT_EQ(changed.pages[0].page, 1u);
  // Borrowed, not copied.
  EXPECT_EQ(changed.pages[0].bytes.data(), memory.data() + 4096);
}

TEST(StoreSnapshotTest, PagesLikeTheInitialImageAreNotSaved) {
  TestProcess process;
  process.Add("a", R"((module (memory 2) (data (i32.const 5000) "image")
                              (func (export "f"))))");
  MemoryInstance& memory = *process.Instance("a").memories[0];
  (*memory.MutableBytes(5001, 1))[0] = 'm';  // as it was
  (*memory.MutableBytes(9000, 1))[0] = 0;    // as it was
  ASSERT_OK_AND_ASSIGN(
      const Capture dirty,
      CaptureSnapshot(process.store(), nullptr, {}, PageSelection::kDirty));
  EXPECT_THAT(dirty.pages, IsEmpty());
  ClearDirtyPages(process.store());
  // Saved, and then as it was again: what was saved must be overwritten.
  (*memory.MutableBytes(5001, 1))[0] = 'M';
  ClearDirtyPages(process.store());
  (*memory.MutableBytes(5001, 1))[0] = 'm';
  ASSERT_OK_AND_ASSIGN(
      const Capture again,
      CaptureSnapshot(process.store(), nullptr, {}, PageSelection::kDirty));
  ASSERT_EQ(again.pages.size(), 1u);
  EXPECT_EQ(again.pages[0].bytes[5001 % 4096], 'm');
  ASSERT_OK_AND_ASSIGN(const OwnedSnapshot all, CaptureAll(process.process()));
  EXPECT_THAT(all.pages, IsEmpty());
  RoundTripOk(process);
}

TEST(StoreSnapshotTest, ImagesOfSeveralInstancesInOneMemory) {
  TestProcess process;
  process.Add("a", R"((module
    (memory (export "m") 1 8)
    (global (export "at") i32 (i32.const 9000))
    (data (i32.const 0) "aaaa")
    (data (i32.const 2) "bb") ;; over the first
    (data $passive "never")))");
  MemoryInstance& memory = *process.Instance("a").memories[0];
  (*memory.MutableBytes(9001, 1))[0] = 'x';   // under what b brings
  (*memory.MutableBytes(20000, 1))[0] = 'y';  // elsewhere
  ClearDirtyPages(process.store());
  ASSERT_EQ(memory.Grow(1), 1);
  process.Add("b", R"((module
    (import "a" "m" (memory 2))
    (import "a" "at" (global i32))
    (data (global.get 0) "bee")
    (data (i32.const 3) "B")
    (data (i32.const 69000) "grown")))");  // past the least size
  process.Add("none", R"((module (import "a" "m" (memory 1))))");
  const InstantiateOutcome trapped = process.Add("c", R"((module
    (import "a" "m" (memory 1))
    (data (i32.const 40000) "half")
    (data (i32.const 999999) "never")))");
  ASSERT_TRUE(trapped.trap.has_value());
  EXPECT_THAT(memory.image_instances(), ElementsAre(1));
  // 2 was saved and b changed it, 4 was saved, 9 is what c left.
  EXPECT_THAT(memory.DirtyPagesToSave(), ElementsAre(2, 9));
  ASSERT_OK_AND_ASSIGN(const OwnedSnapshot snapshot,
                       CaptureAll(process.process()));
  std::vector<uint64_t> pages;
  for (const OwnedPage& page : snapshot.pages) pages.push_back(page.page);
  // Nothing is left of the x in page 2, nor is anything else there.
  EXPECT_THAT(pages, ElementsAre(4, 9));
  const std::string before(AsText(*memory.Bytes(0, memory.size_bytes())));
  RoundTripOk(process);
  const MemoryInstance& after = *process.Instance("a").memories[0];
  EXPECT_EQ(AsText(*after.Bytes(0, after.size_bytes())), before);
  EXPECT_EQ(before.substr(0, 4), "aabB");
  EXPECT_EQ(before.substr(9000, 3), "bee");
  EXPECT_EQ(before.substr(69000, 5), "grown");
  EXPECT_THAT(after.image_instances(), ElementsAre(1));
}

TEST(StoreSnapshotTest, TablesOfEveryKind) {
  TestProcess process;
  process.Add("a", R"((module
    (type $f (func (param i32) (result i32)))
    (type $g (sub (func (param (ref null $f)))))
    (func $id (type $f) (local.get 0))
    (func $take (type $g))
    (table (export "typed") 2 5 (ref null $f))
    (table (export "nonnull") 3 (ref $g) (ref.func $take))
    (table (export "extern") i64 1 externref)
    (elem (table 0) (i32.const 1) (ref null $f) (ref.func $id))))");
  Store& store = process.store();
  ModuleInstance& instance = process.Instance("a");
  ASSERT_EQ(store.GrowTable(*instance.tables[2], 3, HostReference(5)), 1);
  RoundTripOk(process);
  ModuleInstance& a = process.Instance("a");
  EXPECT_THAT(a.tables[0]->elements,
              ElementsAre(kNullReference, FunctionReference(a.functions[0])));
  EXPECT_EQ(a.tables[0]->type.element,
            ValueType::Ref(HeapType::Concrete(a.types[0]), true));
  EXPECT_EQ(a.tables[0]->max_elements, 5u);
  EXPECT_THAT(a.tables[1]->elements,
              ::testing::Each(FunctionReference(a.functions[1])));
  EXPECT_THAT(a.tables[2]->elements,
              ElementsAre(kNullReference, HostReference(5), HostReference(5),
                          HostReference(5)));
}

TEST(StoreSnapshotTest, SegmentsStayDroppedOrNot) {
  TestProcess process;
  process.Add("a", R"((module
    (func $f) (func $g)
    (table 1 funcref) (memory 1)
    (elem $passive func $f $g)
    (elem $expressions funcref (ref.func $g) (ref.null func))
    (elem $dropped func $f)
    (elem $active (i32.const 0) func $f)
    (elem $empty func)
    (data $passive "abc") (data $dropped "d") (data (i32.const 0) "e")
    (data "f")))");
  ModuleInstance& before = process.Instance("a");
  before.elements[2].clear();
  before.data_dropped[1] = true;
  const std::vector<std::vector<Slot>> elements = before.elements;
  RoundTripOk(process);
  ModuleInstance& after = process.Instance("a");
  EXPECT_EQ(after.elements, elements);
  EXPECT_THAT(
      after.elements[1],
      ElementsAre(FunctionReference(after.functions[1]), kNullReference));
  EXPECT_THAT(after.data_dropped, ElementsAre(false, true, true, false));
}

TEST(StoreSnapshotTest, HeapObjectsAndWhoNamesThem) {
  TestProcess process;
  process.Add("a", R"((module
    (rec (type $node (struct (field i8) (field (mut (ref null $node)))))
         (type $other (struct (field (ref null $node)))))
    (type $bytes (array (mut i8)))
    (type $nodes (array (ref $node)))
    (global $leaf (ref $node) (struct.new $node (i32.const 5)
                                                (ref.null $node)))
    (global $root (export "root") (mut (ref null $node))
      (struct.new $node (i32.const 6) (global.get $leaf)))
    (global (export "any") (mut anyref)
      (array.new $bytes (i32.const 9) (i32.const 10000)))
    (table 2 (ref null $nodes))
    (elem (i32.const 0) (ref null $nodes)
      (array.new_fixed $nodes 2 (global.get $leaf) (global.get $leaf)))
    (elem (ref $other) (struct.new $other (global.get $leaf)))))");
  const Slot leaf = process.Instance("a").globals[0]->value[0];
  RoundTripOk(process);
  const ModuleInstance& a = process.Instance("a");
  const Heap& heap = process.store().heap();
  EXPECT_EQ(a.globals[0]->value[0], leaf);
  EXPECT_EQ(heap.TypeOf(leaf).type, a.types[0]);
  EXPECT_EQ(heap.LengthOf(a.globals[2]->value[0]), 10000u);
  EXPECT_EQ(heap.data()[a.globals[2]->value[0] + 8 + 9999], 9);
  EXPECT_EQ(heap.TypeOf(a.elements[1][0]).type, a.types[1]);
  EXPECT_THAT(heap.DirtyPages(), IsEmpty());
  EXPECT_THAT(heap.ChangedPages(), ElementsAre(0u, 1u, 2u));
}

TEST(StoreSnapshotTest, HeapPagesFromBeforeACollectionMeanNothing) {
  TestProcess process;
  process.Add("a", R"((module (type $s (struct (field i32)))
    (global (ref $s) (struct.new $s (i32.const 1)))))");
  ASSERT_OK_AND_ASSIGN(OwnedSnapshot snapshot, CaptureAll(process.process()));
  ASSERT_EQ(snapshot.pages.size(), 1u);
  EXPECT_EQ(snapshot.pages[0].memory, kHeapMemory);
  snapshot.pages.push_back({kHeapMemory, 7, std::string(4096, 'x')});
  ASSERT_OK_AND_ASSIGN(const RestoredProcess restored,
                       RestoreSnapshot(AsBytes(snapshot.state),
                                       PagesOf(snapshot), process.Context()));
  EXPECT_THAT(restored.store->heap().ChangedPages(), ElementsAre(0u));
}

TEST(StoreSnapshotTest, AHeapPageMayBeLongerFromBeforeACollection) {
  TestProcess process;
  process.Add("a", R"((module (type $s (struct (field i32)))
    (global (export "g") (ref $s) (struct.new $s (i32.const 1)))))");
  ASSERT_OK_AND_ASSIGN(OwnedSnapshot snapshot, CaptureAll(process.process()));
  ASSERT_EQ(snapshot.pages.size(), 1u);
  const std::string bytes = snapshot.pages[0].bytes;
  ASSERT_LT(bytes.size(), 4096u);
  snapshot.pages[0].bytes.resize(4096, 'x');
  ASSERT_OK_AND_ASSIGN(const RestoredProcess restored,
                       RestoreSnapshot(AsBytes(snapshot.state),
                                       PagesOf(snapshot), process.Context()));
  EXPECT_EQ(AsText(restored.store->heap().Page(0)), bytes);
  // What is past the end is no part of the heap: it stays zero.
  EXPECT_EQ(restored.store->heap().data()[bytes.size()], 0);
  snapshot.pages[0].bytes.resize(4097, 'x');
  EXPECT_THAT(RestoreSnapshot(AsBytes(snapshot.state), PagesOf(snapshot),
                              process.Context()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("the heap")));
}

TEST(StoreSnapshotTest, WhatTheEmbedderMade) {
  TestProcess process;
  Store& store = process.store();
  process.AddHost("unused", {{kExternRefType, kV128Type}, {kFuncRefType}});
  ASSERT_OK(store.AddMemory({.limits = {2, 9}}));
  (*store.memory(0).MutableBytes(70000, 1))[0] = 3;
  ASSERT_OK(store.AddTable({.element = kExternRefType, .limits = {2, {}}},
                           HostReference(1)));
  store.AddGlobal({kI64Type, true}, I64Value(77));
  store.AddTag(store.types().Intern(FunctionType{{kI32Type}, {}}));
  process.Add("a",
              "(module (func) (memory 1) (tag) (global i32 (i32.const 1)))");
  process.AddHost("late", {});
  RoundTripOk(process);
  EXPECT_EQ(process.store().memory(0).data()[70000], 3);
  EXPECT_FALSE(process.store().memory(0).has_initial_image());
  EXPECT_EQ(process.store().global(0).value[0], 77u);
  EXPECT_EQ(process.store().table(0).elements[1], HostReference(1));
  EXPECT_EQ(process.store().host_info(2).name, "late");
}

TEST(StoreSnapshotTest, AnInstantiationThatTrappedStaysInTheStore) {
  TestProcess process;
  process.Add("a", R"((module (table (export "t") 2 funcref)
                              (memory (export "m") 1)))");
  const InstantiateOutcome outcome = process.Add("b", R"((module
    (import "a" "t" (table 2 funcref))
    (import "a" "m" (memory 1))
    (memory 1)
    (func $f)
    (elem (i32.const 1) func $f)
    (data (memory 1) (i32.const 0) "own")
    (data (memory 0) (i32.const 5) "seen")
    (data (memory 1) (i32.const 65535) "past the end")
    (data (memory 1) (i32.const 5000) "never")))");
  ASSERT_TRUE(outcome.trap.has_value());
  RoundTripOk(process);
  const ModuleInstance& b = process.Instance("b");
  EXPECT_EQ(process.Instance("a").tables[0]->elements[1],
            FunctionReference(b.functions[0]));
  EXPECT_EQ(std::memcmp(b.memories[0]->data() + 5, "seen", 4), 0);
  EXPECT_EQ(std::memcmp(b.memories[1]->data(), "own", 3), 0);
  EXPECT_EQ(b.memories[1]->data()[5000], 0);
  EXPECT_THAT(b.data_dropped, ElementsAre(true, true, false, false));
}

TEST(StoreSnapshotTest, AnInstantiationCutShortCannotBeCaptured) {
  TestProcess process({.max_heap_bytes = 8192});
  const InstantiateOutcome outcome = process.Add("a", R"((module
    (type $a (array i64))
    (global (ref $a) (array.new $a (i64.const 1) (i32.const 10000)))))");
  ASSERT_TRUE(outcome.trap.has_value());
  EXPECT_THAT(CaptureAll(process.process()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("cut short by a trap")));
}

TEST(StoreSnapshotTest, TheStateDependsOnWhatIsThereNotOnHowItCame) {
  constexpr std::string_view kModule = R"((module
    (rec (type $s (struct (field (ref null $s)))) (type (func)))
    (table 3 (ref null $s)) (tag (param (ref null $s)))
    (func (param i32)) (global (ref null $s) (ref.null $s))))";
  TestProcess plain;
  plain.Add("a", kModule);
  plain.Add("b", kModule);
  TestProcess detour;
  // Other TypeIds.
  detour.store().types().Intern(FunctionType{{kF64Type}, {kF64Type}});
  ASSERT_THAT(Instantiate(detour.store(), testing::ModuleOf(R"((module
                (type (struct (field i64))) (import "no" "such" (func))))"),
                          std::vector<ExternValue>()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  detour.Add("a", kModule);
  detour.Add("b", kModule);
  ASSERT_OK_AND_ASSIGN(const OwnedSnapshot first, CaptureAll(plain.process()));
  ASSERT_OK_AND_ASSIGN(const OwnedSnapshot second,
                       CaptureAll(detour.process()));
  EXPECT_EQ(first, second);
  RoundTripOk(detour);
}

TEST(StoreSnapshotTest, HostStateComesBack) {
  TestProcess process;
  process.process().host_state = {{"b", std::string("\0\xFF", 2)}, {"a", ""}};
  RoundTripOk(process);
  EXPECT_EQ(process.process().host_state,
            (HostState{{"b", std::string("\0\xFF", 2)}, {"a", ""}}));
}

TEST(StoreSnapshotTest, TheSummaryNamesWhatIsNeeded) {
  TestProcess process({.max_memory_bytes = 1 << 20,
                       .max_table_elements = 77,
                       .max_all_memory_bytes = 3 << 20});
  process.AddHost("h", {});
  process.Add("a", R"((module (import "host" "h" (func))))");
  ASSERT_OK_AND_ASSIGN(const OwnedSnapshot snapshot,
                       CaptureAll(process.process()));
  ASSERT_OK_AND_ASSIGN(const SnapshotSummary summary,
                       SummarizeSnapshot(AsBytes(snapshot.state)));
  EXPECT_EQ(summary.format_version, 2u);
  EXPECT_THAT(summary.modules, ElementsAre(process.Instance("a").module->hash));
  ASSERT_EQ(summary.imports.size(), 1u);
  EXPECT_EQ(summary.imports[0].module, "host");
  EXPECT_EQ(summary.imports[0].name, "h");
  EXPECT_EQ(summary.store_limits.max_memory_bytes, 1u << 20);
  EXPECT_EQ(summary.store_limits.max_table_elements, 77u);
  EXPECT_EQ(summary.store_limits.max_all_memory_bytes, 3u << 20);
}

}  // namespace
}  // namespace wasmd

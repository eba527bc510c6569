#include "interp/heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "base/testing/status_matchers.h"
#include "wasm/module.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::wasmd::testing::StatusIs;

constexpr uint64_t kMiB = 1 << 20;

SubType Aggregate(CompositeKind kind, std::vector<FieldType> fields) {
  SubType type;
  type.kind = kind;
  type.fields = std::move(fields);
  return type;
}

class Roots : public RootSource {
 public:
  void VisitRoots(RootVisitor& visitor) override {
    for (Slot& slot : slots) visitor.Visit(slot);
    // A slot may be named again.
    if (!slots.empty()) visitor.Visit(slots[slots.size() / 2]);
  }
  std::vector<Slot> slots;
};

constexpr ValueType kAnyRef =
    ValueType::Ref(AbstractHeapType::kAny, /*nullable=*/true);

// A heap with a pair of references and a number, byte arrays, reference arrays
// and a struct with a function reference.
class HeapTest : public ::testing::Test {
 protected:
  enum : uint32_t { kPair, kBytes, kReferences, kFunctionField };

  explicit HeapTest(uint64_t max_bytes = 16 * kMiB) : heap_(types_, max_bytes) {
    Module module;
    module.types = {
        Aggregate(
            CompositeKind::kStruct,
            {FieldType{kAnyRef}, FieldType{kI32Type}, FieldType{kAnyRef}}),
        Aggregate(CompositeKind::kArray,
                  {FieldType{kI32Type, PackedType::kI8}}),
        Aggregate(CompositeKind::kArray, {FieldType{kAnyRef}}),
        Aggregate(CompositeKind::kStruct, {FieldType{kFuncRefType}}),
    };
    for (uint32_t i = 0; i < module.types.size(); ++i) {
      module.types[i].group_begin = i;
    }
    auto ids = types_.Intern(module);
    EXPECT_OK(ids.status());
    ids_ = *std::move(ids);
    heap_.AddRootSource(&roots_);
  }

  ObjectTypeIndex Type(uint32_t index) {
    return heap_.TypeFor(ids_[index], 0, index);
  }

  Slot Allocate(uint32_t type, uint32_t length = 0) {
    Slot object = heap_.TryAllocate(Type(type), length);
    if (object == kNullReference && heap_.MakeRoom()) {
      object = heap_.TryAllocate(Type(type), length);
      EXPECT_NE(object, kNullReference);
    }
    return object;
  }

  void Set(Slot object, uint32_t offset, uint64_t value) {
    StoreLittle(heap_.data() + object + offset, value);
    heap_.MarkDirty(object + offset, sizeof(value));
  }
  uint64_t Get(Slot object, uint32_t offset) const {
    return LoadLittle<uint64_t>(heap_.data() + object + offset);
  }

  // A collection, brought about as a guest does.
  void Collect() {
    const uint64_t before = heap_.statistics().collections;
    while (heap_.statistics().collections == before) Allocate(kBytes, 1000);
  }

  TypeStore types_;
  std::vector<TypeId> ids_;
  Heap heap_;
  Roots roots_;
};

TEST_F(HeapTest, TakesNothingUntilItIsUsed) {
  EXPECT_EQ(heap_.data(), nullptr);
  EXPECT_EQ(heap_.used_bytes(), 0);
  EXPECT_THAT(heap_.DirtyPages(), IsEmpty());
  EXPECT_EQ(heap_.TryAllocate(Type(kPair), 0), kNullReference);
  EXPECT_EQ(heap_.wanted_bytes(), 32);
  EXPECT_TRUE(heap_.MakeRoom());
  EXPECT_EQ(heap_.statistics().collections, 0);
  EXPECT_EQ(heap_.TryAllocate(Type(kPair), 0), 8);
}

TEST_F(HeapTest, ObjectsAreZeroAndKnowTheirTypeAndLength) {
  const Slot pair = Allocate(kPair);
  const Slot bytes = Allocate(kBytes, 13);
  EXPECT_EQ(bytes, pair + 32);
  EXPECT_EQ(heap_.used_bytes(), bytes + 24);
  EXPECT_EQ(heap_.TypeOf(pair).name.kind, ObjectKind::kStruct);
  EXPECT_EQ(heap_.TypeOf(bytes).type, ids_[kBytes]);
  EXPECT_EQ(heap_.LengthOf(bytes), 13);
  EXPECT_EQ(heap_.LengthOf(pair), 0);
  EXPECT_EQ(Get(pair, 8), 0);
  EXPECT_TRUE(heap_.IsObject(pair));
  EXPECT_TRUE(heap_.IsObject(bytes));
  EXPECT_FALSE(heap_.IsObject(pair + 8));
  EXPECT_FALSE(heap_.IsObject(bytes + 24));
  EXPECT_FALSE(heap_.IsObject(~Slot{7}));
  EXPECT_FALSE(heap_.IsObject(bytes | 1));
  const Slot late = Allocate(kPair);
  EXPECT_TRUE(heap_.IsObject(late));
}

TEST_F(HeapTest, TypesAreNumberedInOrderOfUse) {
  EXPECT_EQ(Type(kReferences), 0);
  EXPECT_EQ(Type(kPair), 1);
  EXPECT_EQ(Type(kReferences), 0);
  const TypeId tag_type = types_.Intern(FunctionType{{kI64Type}, {}});
  EXPECT_EQ(heap_.TypeForException(5, tag_type), 2);
  EXPECT_EQ(heap_.TypeForException(6, tag_type), 3);
  EXPECT_EQ(heap_.TypeForException(5, tag_type), 2);
  EXPECT_EQ(heap_.type(2).name.tag, 5);
  EXPECT_THAT(heap_.type(2).traced_offsets, IsEmpty());
  EXPECT_THAT(heap_.type(1).traced_offsets, ElementsAre(8, 24));
  EXPECT_TRUE(heap_.type(0).traces_elements);
  EXPECT_THAT(heap_.type(Type(kFunctionField)).traced_offsets, IsEmpty());
}

TEST_F(HeapTest, NewObjectsAreDirty) {
  Allocate(kPair);
  EXPECT_THAT(heap_.DirtyPages(), ElementsAre(0));
  heap_.ClearDirty();
  Allocate(kBytes, 3 * 4096);
  EXPECT_THAT(heap_.DirtyPages(), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(heap_.Page(0).size(), 4096);
  EXPECT_EQ(heap_.Page(3).size(), heap_.used_bytes() - 3 * 4096);
  heap_.ClearDirty();
  EXPECT_THAT(heap_.DirtyPages(), IsEmpty());
  EXPECT_THAT(heap_.ChangedPages(), ElementsAre(0, 1, 2, 3));
}

TEST_F(HeapTest, CollectsWhatNoRootReaches) {
  const Slot garbage = Allocate(kBytes, 100);
  const Slot kept = Allocate(kPair);
  const Slot child = Allocate(kBytes, 8);
  Set(kept, 8, child);
  Set(kept, 16, 0x1234);
  Set(kept, 24, I31Reference(7));
  Set(child, 8, 0xABCD);
  roots_.slots = {HostReference(9), kept, kept, I31Reference(1), 0};
  Collect();
  EXPECT_LT(roots_.slots[1], kept);
  EXPECT_EQ(roots_.slots[1], garbage) << "slides to the start";
  EXPECT_EQ(roots_.slots[2], roots_.slots[1]);
  EXPECT_EQ(roots_.slots[0], HostReference(9));
  EXPECT_EQ(roots_.slots[3], I31Reference(1));
  const Slot moved = roots_.slots[1];
  EXPECT_EQ(Get(moved, 16), 0x1234);
  EXPECT_EQ(Get(moved, 24), I31Reference(7));
  EXPECT_EQ(Get(moved, 8), moved + 32);
  EXPECT_EQ(Get(Get(moved, 8), 8), 0xABCD);
  EXPECT_EQ(heap_.statistics().live_bytes, 32 + 16);
}

TEST_F(HeapTest, CyclesAndSelfReferencesAreCollectedAndKept) {
  const Slot a = Allocate(kPair);
  const Slot b = Allocate(kPair);
  Set(a, 8, b);
  Set(b, 8, a);
  Set(a, 24, a);
  roots_.slots = {b};
  Collect();
  const Slot moved = roots_.slots[0];
  EXPECT_EQ(Get(Get(moved, 8), 8), moved);
  EXPECT_EQ(Get(Get(moved, 8), 24), Get(moved, 8));
  roots_.slots = {};
  Collect();
  EXPECT_EQ(heap_.statistics().live_bytes, 0);
}

TEST_F(HeapTest, FunctionReferencesAreNotObjects) {
  const Slot a = Allocate(kFunctionField);
  Set(a, 8, FunctionReference(1'000'007));  // a multiple of 8
  roots_.slots = {a};
  Collect();
  EXPECT_EQ(Get(roots_.slots[0], 8), FunctionReference(1'000'007));
}

TEST_F(HeapTest, LongListsAreMarkedWithoutRecursion) {
  roots_.slots = {kNullReference};
  for (int i = 0; i < 200'000; ++i) {
    const Slot node = Allocate(kPair);
    Set(node, 8, roots_.slots[0]);
    Set(node, 16, static_cast<uint64_t>(i));
    roots_.slots[0] = node;
  }
  Collect();
  Slot node = roots_.slots[0];
  for (uint64_t i = 200'000; i-- > 0; node = Get(node, 8)) {
    ASSERT_EQ(Get(node, 16), i);
  }
  EXPECT_EQ(node, kNullReference);
}

TEST_F(HeapTest, ObjectsThatDoNotMoveStayClean) {
  const Slot old = Allocate(kReferences, 2000);
  roots_.slots = {old};
  Allocate(kBytes, 5000);
  const Slot young = Allocate(kPair);
  Set(old, 8, young);
  Collect();
  const Slot moved = Get(old, 8);
  EXPECT_LT(moved, young);
  heap_.ClearDirty();
  Collect();
  EXPECT_EQ(roots_.slots[0], old);
  EXPECT_EQ(Get(old, 8), moved);
  // Only the page where the used part ends (it is shorter now), and the page of
  // the allocation after the collection: neither in front of `moved`.
  for (uint64_t page : heap_.DirtyPages()) EXPECT_GE(page, moved / 4096);
}

TEST_F(HeapTest, TheThresholdFollowsTheLiveObjects) {
  roots_.slots = {Allocate(kBytes, 3 * kMiB)};
  for (int i = 0; i < 3000; ++i) Allocate(kBytes, 10'000);
  const HeapStatistics statistics = heap_.statistics();
  // 30 MB of garbage over 3 MiB of live objects, a collection every 3 MiB.
  EXPECT_GE(statistics.collections, 8);
  EXPECT_LE(statistics.collections, 12);
  EXPECT_GT(statistics.allocated_bytes, 30'000'000);
  EXPECT_LT(heap_.state().threshold_bytes, 8 * kMiB);
  // A smaller heap gives memory back.
  roots_.slots = {};
  Collect();
  EXPECT_EQ(heap_.state().threshold_bytes, kMiB);
}

TEST_F(HeapTest, MemoryPastTheUsedPartIsZero) {
  for (int i = 0; i < 5; ++i) {
    const Slot array = Allocate(kBytes, 300'000);
    for (uint32_t j = 0; j < 300'000; ++j) {
      ASSERT_EQ(heap_.data()[array + 8 + j], 0);
    }
    std::fill_n(heap_.data() + array + 8, 300'000, uint8_t{0xEE});
  }
}

class SmallHeapTest : public HeapTest {
 protected:
  SmallHeapTest() : HeapTest(2 * kMiB) {}
};

TEST_F(SmallHeapTest, RefusesWhatCannotFit) {
  EXPECT_EQ(Allocate(kBytes, 0xFFFFFFFF), kNullReference);
  EXPECT_EQ(heap_.data(), nullptr);
  const Slot first = Allocate(kBytes, kMiB);
  ASSERT_NE(first, kNullReference);
  roots_.slots = {first};
  EXPECT_EQ(Allocate(kBytes, kMiB), kNullReference);
  EXPECT_NE(Allocate(kBytes, kMiB - 100), kNullReference);
  EXPECT_NE(Allocate(kBytes, kMiB - 100), kNullReference);
  EXPECT_EQ(heap_.statistics().collections, 3);
}

TEST_F(SmallHeapTest, AFullHeapIsExhaustedWithoutEndlessCollecting) {
  roots_.slots = {kNullReference};
  while (true) {
    const Slot node = Allocate(kPair);
    if (node == kNullReference) break;
    Set(node, 8, roots_.slots[0]);
    roots_.slots[0] = node;
  }
  EXPECT_GT(heap_.used_bytes(), 2 * kMiB * 60 / 64);
  EXPECT_LE(heap_.statistics().collections, 8);
  // What is dropped can be used again.
  roots_.slots = {};
  EXPECT_NE(Allocate(kBytes, kMiB), kNullReference);
}

TEST(HeapLimitTest, AHeapOfNothingHasNoRoom) {
  TypeStore types;
  Module module;
  module.types = {Aggregate(CompositeKind::kStruct, {})};
  ASSERT_OK_AND_ASSIGN(const std::vector<TypeId> ids, types.Intern(module));
  Heap heap(types, 0);
  EXPECT_EQ(heap.TryAllocate(heap.TypeFor(ids[0], 0, 0), 0), kNullReference);
  EXPECT_FALSE(heap.MakeRoom());
}

// A graph of objects built at random, kept in a map of plain nodes beside it.
class HeapModelTest : public HeapTest {
 public:
  struct Node {
    std::vector<int> children;  // -1 is null
    uint64_t value = 0;
  };

  static constexpr int kRoots = 20;

  void Start() {
    roots_.slots.assign(kRoots, kNullReference);
    std::fill_n(model_, kRoots, -1);
  }

  void Step(std::mt19937_64& random) {
    const auto pick = [&](size_t n) { return random() % n; };
    const size_t slot = pick(kRoots);
    switch (pick(4)) {
      case 0: {  // a pair
        const Slot pair = Allocate(kPair);
        const size_t a = pick(kRoots), b = pick(kRoots);
        Set(pair, 8, roots_.slots[a]);
        Set(pair, 24, roots_.slots[b]);
        StoreLittle(heap_.data() + pair + 16, static_cast<uint32_t>(next_));
        Bind(slot, pair, {model_[a], model_[b]});
        break;
      }
      case 1: {  // an array of references
        const auto length = static_cast<uint32_t>(pick(300));
        const Slot array = Allocate(kReferences, length);
        std::vector<int> children(length, -1);
        for (uint32_t i = 0; i < length; i += 3) {
          const size_t from = pick(kRoots);
          Set(array, 8 + 8 * i, roots_.slots[from]);
          children[i] = model_[from];
        }
        Bind(slot, array, std::move(children));
        break;
      }
      case 2:  // bytes, mostly garbage
        Allocate(kBytes, static_cast<uint32_t>(pick(20'000)));
        break;
      default:
        roots_.slots[slot] = kNullReference;
        model_[slot] = -1;
    }
  }

  void Bind(size_t slot, Slot object, std::vector<int> children) {
    roots_.slots[slot] = object;
    model_[slot] = next_;
    nodes_[next_++] = {std::move(children)};
  }

  // Compares everything reachable; returns the number of objects.
  size_t Compare() {
    std::map<int, Slot> seen;
    std::vector<int> todo;
    const auto visit = [&](int node, Slot object) {
      if (node < 0) {
        ASSERT_EQ(object, kNullReference);
        return;
      }
      ASSERT_TRUE(heap_.IsObject(object));
      const auto [it, is_new] = seen.emplace(node, object);
      ASSERT_EQ(it->second, object) << "one object is two";
      if (is_new) todo.push_back(node);
    };
    for (int i = 0; i < kRoots; ++i) visit(model_[i], roots_.slots[i]);
    while (!todo.empty()) {
      const int node = todo.back();
      todo.pop_back();
      const Slot object = seen[node];
      const std::vector<int>& children = nodes_[node].children;
      if (heap_.TypeOf(object).type == ids_[kPair]) {
        EXPECT_EQ(LoadLittle<uint32_t>(heap_.data() + object + 16),
                  static_cast<uint32_t>(node));
        visit(children[0], Get(object, 8));
        visit(children[1], Get(object, 24));
      } else {
        EXPECT_EQ(heap_.LengthOf(object), children.size());
        for (uint32_t i = 0; i < children.size(); ++i) {
          visit(children[i], Get(object, 8 + 8 * i));
        }
      }
    }
    return seen.size();
  }

  int next_ = 0;
  int model_[kRoots];
  std::map<int, Node> nodes_;
};

TEST_F(HeapModelTest, RandomGraphsSurvive) {
  std::mt19937_64 random(20240501);
  Start();
  size_t most = 0;
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < 20; ++i) Step(random);
    most = std::max(most, Compare());
    ASSERT_FALSE(::testing::Test::HasFailure()) << "in round " << round;
  }
  EXPECT_GT(most, 30);
  EXPECT_GT(heap_.statistics().collections, 10);
}

TEST_F(HeapModelTest, DirtyPagesKeepACopyCurrent) {
  std::mt19937_64 random(7);
  Start();
  std::vector<uint8_t> saved;
  for (int i = 0; i < 3000; ++i) {
    Step(random);
    if (i % 50 != 0) continue;
    saved.resize(heap_.used_bytes());
    for (uint64_t page : heap_.DirtyPages()) {
      const ByteSpan bytes = heap_.Page(page);
      std::copy(bytes.begin(), bytes.end(),
                saved.begin() + static_cast<ptrdiff_t>(page * 4096));
    }
    heap_.ClearDirty();
    ASSERT_TRUE(std::equal(saved.begin(), saved.end(), heap_.data()))
        << "after step " << i;
  }
}

class SecondHeap : public HeapModelTest {
 public:
  using HeapTest::heap_;
  void TestBody() override {}
};

TEST_F(HeapModelTest, SavingChangesNothing) {
  std::mt19937_64 random(9), other_random(9);
  SecondHeap other;
  Start();
  other.Start();
  for (int i = 0; i < 2000; ++i) {
    Step(random);
    other.Step(other_random);
    heap_.ClearDirty();
    heap_.IsObject(8);
    heap_.ChangedPages();
  }
  ASSERT_GT(heap_.statistics().collections, 5);
  EXPECT_EQ(heap_.state().threshold_bytes, other.heap_.state().threshold_bytes);
  ASSERT_EQ(heap_.used_bytes(), other.heap_.used_bytes());
  EXPECT_TRUE(std::equal(heap_.data(), heap_.data() + heap_.used_bytes(),
                         other.heap_.data()));
}

TEST_F(HeapTest, RestoresFromStateAndPages) {
  const Slot a = Allocate(kPair);
  const Slot b = Allocate(kBytes, 10'000);
  Set(a, 8, b);
  heap_.data()[b + 9000] = 0x77;
  const HeapState state = heap_.state();

  Heap restored(types_, 16 * kMiB);
  std::vector<TypeId> ids;
  for (const ObjectTypeName& name : state.types) {
    ids.push_back(ids_[name.type_index]);
  }
  ASSERT_OK(restored.Restore(state, ids));
  for (uint64_t page : heap_.ChangedPages()) {
    const ByteSpan from = heap_.Page(page);
    const MutableByteSpan to = restored.RestoredPage(page);
    ASSERT_EQ(from.size(), to.size());
    std::copy(from.begin(), from.end(), to.begin());
  }
  EXPECT_EQ(restored.state().used_bytes, state.used_bytes);
  EXPECT_EQ(restored.state().threshold_bytes, state.threshold_bytes);
  EXPECT_EQ(restored.state().types, state.types);
  EXPECT_TRUE(std::equal(heap_.data(), heap_.data() + state.used_bytes,
                         restored.data()));
  EXPECT_EQ(restored.DirtyPages(), heap_.DirtyPages());
  EXPECT_EQ(restored.TryAllocate(0, 0), heap_.TryAllocate(0, 0));
}

TEST_F(HeapTest, RestoringRefusesNonsense) {
  const auto restore = [&](const HeapState& state,
                           const std::vector<TypeId>& ids = {}) {
    return Heap(types_, 2 * kMiB).Restore(state, ids);
  };
  EXPECT_OK(restore({}));
  EXPECT_OK(restore({8, 4096, {}}));
  EXPECT_THAT(restore({4, 4096, {}}), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(restore({12, 4096, {}}), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(restore({0, 4096, {}}), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(restore({8, 4097, {}}), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(restore({8192, 4096, {}}), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(restore({3 * kMiB, 3 * kMiB, {}}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  const ObjectTypeName pair{ObjectKind::kStruct, 0, 0, 0};
  EXPECT_OK(restore({0, 0, {pair}}, {ids_[kPair]}));
  EXPECT_THAT(restore({0, 0, {pair, pair}}, {ids_[kPair], ids_[kPair]}),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace wasmd

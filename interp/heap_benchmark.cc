// Costs of the heap: allocation, and collections of graphs of several kinds.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "base/check.h"
#include "interp/heap.h"
#include "wasm/module.h"

namespace wasmd {
namespace {

constexpr ValueType kAnyRef = ValueType::Ref(AbstractHeapType::kAny, true);

class BenchmarkHeap : public RootSource {
 public:
  BenchmarkHeap() {
    Module module;
    module.types.resize(2);
    module.types[0].kind = CompositeKind::kStruct;
    module.types[0].fields = {FieldType{kAnyRef}, FieldType{kAnyRef},
                              FieldType{kI32Type}};
    module.types[1].kind = CompositeKind::kArray;
    module.types[1].group_begin = 1;
    module.types[1].fields = {FieldType{kI32Type, PackedType::kI8}};
    ids_ = *types_.Intern(module);
    heap_.AddRootSource(this);
  }

  void VisitRoots(RootVisitor& visitor) override { visitor.Visit(root); }

  Slot Allocate(uint32_t type, uint32_t length) {
    const ObjectTypeIndex index = heap_.TypeFor(ids_[type], 0, type);
    Slot object = heap_.TryAllocate(index, length);
    if (object == kNullReference) {
      CHECK(heap_.MakeRoom());
      object = heap_.TryAllocate(index, length);
    }
    return object;
  }
  // A node whose first field is the root as it is after the allocation.
  Slot Node() {
    const Slot node = Allocate(0, 0);
    StoreLittle(heap_.data() + node + 8, root);
    return node;
  }

  Heap& heap() { return heap_; }

  Slot root = kNullReference;

 private:
  TypeStore types_;
  std::vector<TypeId> ids_;
  Heap heap_{types_, uint64_t{1} << 30};
};

// Small structs that die at once; collections included.
void BM_AllocateStruct(benchmark::State& state) {
  BenchmarkHeap heap;
  for (auto _ : state) benchmark::DoNotOptimize(heap.Node());
}
BENCHMARK(BM_AllocateStruct);

void BM_AllocateArray(benchmark::State& state) {
  BenchmarkHeap heap;
  const auto length = static_cast<uint32_t>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(heap.Allocate(1, length));
  state.SetBytesProcessed(state.iterations() * length);
}
BENCHMARK(BM_AllocateArray)->Arg(100)->Arg(10'000)->Arg(1'000'000);

// One collection of a list of this many live nodes with as many dead ones
// between them: every live one moves.
void BM_CollectList(benchmark::State& state) {
  const int64_t count = state.range(0);
  uint64_t collections = 0;
  for (auto _ : state) {
    state.PauseTiming();
    BenchmarkHeap heap;
    for (int64_t i = 0; i < count; ++i) {
      heap.root = heap.Node();
      heap.Node();
    }
    // As if the next one did not fit.
    const uint64_t before = heap.heap().statistics().collections;
    const ObjectTypeIndex bytes = heap.heap().TypeFor(1, 0, 1);
    while (heap.heap().TryAllocate(bytes, 4096) != kNullReference) {
    }
    state.ResumeTiming();
    CHECK(heap.heap().MakeRoom());
    state.PauseTiming();
    collections += heap.heap().statistics().collections - before;
    CHECK(heap.heap().statistics().live_bytes ==
          static_cast<uint64_t>(count) * 32);
    state.ResumeTiming();
  }
  CHECK(collections == static_cast<uint64_t>(state.iterations()));
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_CollectList)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wasmd

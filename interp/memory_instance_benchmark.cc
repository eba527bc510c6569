// Costs of memories: to make one, and to find its dirty pages.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>

#include "base/check.h"
#include "interp/memory_instance.h"

namespace wasmd {
namespace {

constexpr uint64_t kMaxBytes = uint64_t{4} << 30;

std::unique_ptr<MemoryInstance> Create(uint64_t pages) {
  auto memory = MemoryInstance::Create(MemoryType{{pages, {}}}, kMaxBytes);
  CHECK(memory.ok());
  return *std::move(memory);
}

void BM_CreateAndDestroy(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Create(1));
}
BENCHMARK(BM_CreateAndDestroy);

void BM_CreateWriteAndDestroy(benchmark::State& state) {
  for (auto _ : state) {
    auto memory = Create(1);
    memory->data()[0] = 1;
    memory->MarkDirty(0, 1);
  }
}
BENCHMARK(BM_CreateWriteAndDestroy);

// A memory of this many MiB with every 1000th page dirty.
void BM_DirtyPages(benchmark::State& state) {
  const auto bytes = static_cast<uint64_t>(state.range(0)) << 20;
  auto memory = Create(bytes >> 16);
  for (uint64_t at = 0; at < bytes; at += 1000 * kCardPageBytes) {
    memory->MarkDirty(at, 1);
  }
  for (auto _ : state) benchmark::DoNotOptimize(memory->DirtyPages());
}
BENCHMARK(BM_DirtyPages)->Arg(1)->Arg(64)->Arg(4096);

}  // namespace
}  // namespace wasmd

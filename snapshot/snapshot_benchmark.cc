// What a commit pays for a capture, and a resume for a restore.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/str_cat.h"
#include "interp/memory_instance.h"
#include "interp/thread.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/testing/test_process.h"
#include "wasm/types.h"

namespace wasmd {
namespace {

// A program the size of a language runtime: 20 000 functions, 5 000 of them in
// a table in no order, 64 MiB of memory, stopped in a host call at this depth.
void MakeProcess(int depth, testing::TestProcess& process) {
  process.AddHost("wait", {{kI32Type}, {}});
  std::string wat = R"((module
    (import "host" "wait" (func $wait (param i32)))
    (memory 1024) (global (mut i32) (i32.const 65536))
    (table 5000 funcref)
    (func $deep (export "run") (param i32) (local i32 i64 i32 f64)
      (local.set 1 (i32.const 1048576))
      (if (i32.eqz (local.get 0))
        (then (call $wait (i32.const 1)) (return)))
      (call $deep (i32.sub (local.get 0) (i32.const 1)))))";
  for (int i = 0; i < 20'000; ++i) wat += "(func)";
  wat += "(elem (i32.const 0) func";
  for (int i = 0; i < 5'000; ++i) StrAppend(&wat, " ", i * 7919 % 20'000);
  wat += "))";
  process.Add("m", wat);
  process.process().thread = std::make_unique<Thread>(process.store());
  Thread& thread = process.thread();
  CHECK(thread
            .Start(process.Export("m", "run"),
                   std::vector{I32Value(static_cast<uint32_t>(depth))})
            .ok());
  CHECK(thread.Run() == RunResult::kHostCall);
}

void Dirty(MemoryInstance& memory, uint64_t pages) {
  for (uint64_t i = 0; i < pages; ++i) {
    (*memory.MutableBytes(i * 40 * kCardPageBytes, 1))[0] = 1;
  }
}

void BM_Capture(benchmark::State& state) {
  testing::TestProcess process;
  MakeProcess(static_cast<int>(state.range(0)), process);
  ClearDirtyPages(process.store());
  Dirty(process.store().memory(0), static_cast<uint64_t>(state.range(1)));
  size_t bytes = 0;
  for (auto _ : state) {
    const auto capture = CaptureSnapshot(process.store(), &process.thread(), {},
                                         PageSelection::kDirty);
    CHECK(capture.ok());
    bytes = capture->state.size();
    benchmark::DoNotOptimize(capture);
  }
  state.counters["state_bytes"] = static_cast<double>(bytes);
}
BENCHMARK(BM_Capture)
    ->ArgNames({"frames", "dirty_pages"})
    ->Args({10, 0})
    ->Args({10, 20})
    ->Args({10, 400})
    ->Args({1000, 20})
    ->Args({100'000, 20})
    ->Unit(benchmark::kMicrosecond);

// A memory of 256 MiB, all of whose pages were saved before.
std::unique_ptr<MemoryInstance> SavedMemory(uint64_t dirty_pages) {
  auto memory = MemoryInstance::Create(
      MemoryType{Limits{4096, 4096}, AddressType::kI32, 16}, 1 << 30);
  CHECK(memory.ok());
  std::unique_ptr<MemoryInstance> owned = *std::move(memory);
  owned->MarkInitialImage();
  for (uint64_t page = 0; page < 65536; ++page) {
    owned->data()[page * kCardPageBytes + page % kCardPageBytes] = 1;
    owned->MarkChanged(page);
  }
  for (uint64_t i = 0; i < dirty_pages; ++i) {
    owned->MarkDirty(i * 7919 % 65536 * kCardPageBytes, 1);
  }
  return owned;
}

// The least that finding dirty pages can take: the scan of the cards.
void BM_ScanCards(benchmark::State& state) {
  const auto memory = SavedMemory(static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(memory->DirtyPages());
}
BENCHMARK(BM_ScanCards)->ArgName("dirty_pages")->Range(1, 10'000);

// What a commit of these pages needs.
void BM_CollectPages(benchmark::State& state) {
  const auto memory = SavedMemory(static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(memory->DirtyPagesToSave());
}
BENCHMARK(BM_CollectPages)->ArgName("dirty_pages")->Range(1, 10'000);

void BM_Restore(benchmark::State& state) {
  testing::TestProcess process;
  MakeProcess(static_cast<int>(state.range(0)), process);
  Dirty(process.store().memory(0), static_cast<uint64_t>(state.range(1)));
  const auto snapshot = CaptureAll(process.process());
  CHECK(snapshot.ok());
  const RestoreContext context = process.Context();
  for (auto _ : state) {
    const auto restored =
        RestoreSnapshot(AsBytes(snapshot->state), PagesOf(*snapshot), context);
    CHECK(restored.ok());
    benchmark::DoNotOptimize(restored);
  }
}
BENCHMARK(BM_Restore)
    ->ArgNames({"frames", "pages"})
    ->Args({10, 20})
    ->Args({10, 400})
    ->Args({1000, 20})
    ->Args({100'000, 20})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace wasmd

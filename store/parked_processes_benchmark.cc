// Many small processes, parked in one store until a time: what they take on
// disk and in memory, and what it takes to park, wake and list them.
//
// Works in the directory for temporary files, or in WASMD_BENCHMARK_DIRECTORY.
// A million take a few minutes: --benchmark_filter=/1000000.

#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "store/process_db.h"

namespace wasmd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kThreads = 64;  // that create processes
constexpr size_t kCommitsOfWrite = 100;
constexpr size_t kWoken = 1000;
constexpr size_t kStateBytes = 300;
constexpr size_t kWordsOfPage = 100;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Of this program, without files that are mapped.
double MemoryBytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  uint64_t shared = 0;
  file >> size >> resident >> shared;
  return static_cast<double>((resident - shared) *
                             static_cast<uint64_t>(getpagesize()));
}

double DiskBytes(const std::string& path) {
  uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(path)) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  return static_cast<double>(bytes);
}

ProcessRecord RecordOf(const Sha256Digest& module, int64_t i) {
  ProcessRecord record;
  record.set_name(StrCat("process-", i));
  record.set_module_hash(std::string(module.begin(), module.end()));
  record.set_module_path("programs/sleeper.wasm");
  record.set_created_ns(1'700'000'000'000'000'000 + i * 1'000'003);
  record.set_memory_bytes(65536);
  return record;
}

// A frame or two, and a heap that was just begun.
struct Parked {
  explicit Parked(uint64_t seed) : state(kStateBytes, 0), page(kPageBytes, 0) {
    std::mt19937_64 random(seed);
    for (size_t i = 0; i < state.size(); i += 10) {
      state[i] = static_cast<char>(random());
      state[i + 1] = static_cast<char>(i);
    }
    for (size_t i = 0; i < kWordsOfPage; ++i) {
      StoreLittle<uint32_t>(&page[1024 + 4 * i],
                            static_cast<uint32_t>(random() % 50'000));
    }
  }
  std::string state;
  std::string page;
};

void CreateAll(ProcessDb* db, const Sha256Digest& module, int64_t count,
               std::vector<ProcessNumber>* numbers) {
  numbers->resize(static_cast<size_t>(count));
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int64_t i = thread; i < count; i += kThreads) {
        const auto number = db->CreateProcess(RecordOf(module, i));
        CHECK(number.ok());
        (*numbers)[static_cast<size_t>(i)] = *number;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void ParkAll(ProcessDb* db, const Sha256Digest& module,
             const std::vector<ProcessNumber>& numbers) {
  for (size_t first = 0; first < numbers.size(); first += kCommitsOfWrite) {
    std::vector<Parked> parked;
    std::vector<Commit> commits;
    parked.reserve(kCommitsOfWrite);
    for (size_t i = first;
         i < std::min(first + kCommitsOfWrite, numbers.size()); ++i) {
      parked.emplace_back(i);
      Commit commit{.process = numbers[i],
                    .record = RecordOf(module, static_cast<int64_t>(i))};
      commit.record.set_sequence(1);
      commit.record.set_status(WAITING);
      commit.record.set_wake_time_ns(static_cast<int64_t>(1 + i));
      commit.state = AsBytes(parked.back().state);
      commit.pages = {
          {.memory = 0, .page = 2, .bytes = AsBytes(parked.back().page)}};
      commits.push_back(commit);
    }
    CHECK(db->ApplyCommits(commits, SyncMode::kSync).ok());
    // They left memory.
    for (const Commit& commit : commits) db->Forget(commit.process);
  }
}

// Reads all that a process needs to go on, and commits that it does.
void Wake(ProcessDb* db, ProcessNumber process) {
  const auto record = db->GetRecord(process);
  CHECK(record.ok());
  CHECK(db->GetState(process).ok());
  CHECK(db->ForEachPage(process, [](uint32_t, uint64_t, ByteSpan bytes) {
            benchmark::DoNotOptimize(bytes.data());
            return absl::OkStatus();
          }).ok());
  Commit commit{.process = process, .record = *record};
  commit.record.set_sequence(record->sequence() + 1);
  commit.record.set_status(RUNNING);
  commit.record.set_wake_time_ns(0);
  CHECK(db->ApplyCommit(commit, SyncMode::kNoSync).ok());
}

std::unique_ptr<ProcessDb> MustOpen(const std::string& path) {
  auto db = ProcessDb::Open(path);
  CHECK(db.ok());
  return *std::move(db);
}

// Argument: processes.
void BM_ParkedProcesses(benchmark::State& state) {
  const char* const chosen = std::getenv("WASMD_BENCHMARK_DIRECTORY");
  std::string folder =
      (chosen != nullptr ? std::string(chosen)
                         : std::filesystem::temp_directory_path().string()) +
      "/parked_benchmark_XXXXXX";
  CHECK(mkdtemp(folder.data()) != nullptr);
  const std::string path = folder + "/store";
  const auto count = static_cast<double>(state.range(0));
  const std::string module(2000, 'm');
  const Sha256Digest hash = Sha256(AsBytes(module));
  for (auto unused : state) {
    auto db = MustOpen(path);
    CHECK(db->PutModule(hash, AsBytes(module)).ok());
    std::vector<ProcessNumber> numbers;
    Clock::time_point begin = Clock::now();
    CreateAll(db.get(), hash, state.range(0), &numbers);
    state.counters["create_us"] = 1e6 * SecondsSince(begin) / count;
    begin = Clock::now();
    ParkAll(db.get(), hash, numbers);
    state.counters["park_us"] = 1e6 * SecondsSince(begin) / count;
    db = nullptr;
    state.counters["disk_bytes"] = DiskBytes(path) / count;

    const double memory_before = MemoryBytes();
    begin = Clock::now();
    db = MustOpen(path);
    state.counters["open_ms"] = 1e3 * SecondsSince(begin);
    begin = Clock::now();
    uint64_t listed = 0;
    CHECK(db->ForEachProcess([&](ProcessNumber, const ProcessRecord&) {
              ++listed;
              return absl::OkStatus();
            }).ok());
    CHECK(listed == numbers.size());
    state.counters["list_us"] = 1e6 * SecondsSince(begin) / count;
    begin = Clock::now();
    const auto due = db->DueProcesses(state.range(0) + 1, kWoken);
    CHECK(due.ok() && due->size() == kWoken);
    state.counters["due_us"] = 1e6 * SecondsSince(begin);
    begin = Clock::now();
    for (const ProcessNumber process : *due) Wake(db.get(), process);
    state.counters["wake_us"] =
        1e6 * SecondsSince(begin) / static_cast<double>(kWoken);
    state.counters["memory_MiB"] = (MemoryBytes() - memory_before) / (1 << 20);
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_ParkedProcesses)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace wasmd

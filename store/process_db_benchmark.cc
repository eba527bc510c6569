// What commits cost, against the least that the disk allows: appending the same
// bytes to a file and syncing it, in turns in the same loop, so that both meet
// the same load. Read the ratios; times depend on the disk.
//
// Works in the directory for temporary files, or in WASMD_BENCHMARK_DIRECTORY.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/str_cat.h"
#include "store/process_db.h"

namespace wasmd {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

class WorkDirectory {
 public:
  WorkDirectory() {
    const char* const chosen = std::getenv("WASMD_BENCHMARK_DIRECTORY");
    path_ =
        (chosen != nullptr ? std::string(chosen)
                           : std::filesystem::temp_directory_path().string()) +
        "/store_benchmark_XXXXXX";
    CHECK(mkdtemp(path_.data()) != nullptr);
  }
  ~WorkDirectory() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The least: append and sync.
class RawFile {
 public:
  explicit RawFile(const std::string& path)
      : file_(open(path.c_str(), O_CREAT | O_APPEND | O_WRONLY, 0600)) {
    CHECK(file_ >= 0);
  }
  ~RawFile() { close(file_); }

  double TimeAppend(size_t size) {
    if (bytes_.size() < size) bytes_.resize(size, 'r');
    const Clock::time_point begin = Clock::now();
    CHECK(write(file_, bytes_.data(), size) == static_cast<ssize_t>(size));
    CHECK(fdatasync(file_) == 0);
    return SecondsSince(begin);
  }

 private:
  const int file_;
  std::string bytes_;
};

// A process with a memory of which some pages are hot, as after start-up.
class Workload {
 public:
  explicit Workload(ProcessDb* db, const std::string& name) {
    ProcessRecord record;
    record.set_name(name);
    record.set_status(RUNNING);
    record.set_module_path("program.wasm");
    record.add_arguments("argument");
    const auto process = db->CreateProcess(record);
    CHECK(process.ok());
    commit_.process = *process;
    commit_.record = record;
    state_.resize(4096);
    memory_.resize(kHotPages * kPageBytes);
    // Words as programs have them: small numbers, pointers, text, zeros.
    for (size_t i = 0; i < memory_.size(); i += 8) {
      const uint64_t kind = random_() % 4;
      const uint64_t word = kind == 0   ? 0
                            : kind == 1 ? random_() % 1000
                            : kind == 2 ? random_() % (1 << 20)
                                        : random_();
      StoreLittle(&memory_[i], word);
    }
  }

  // The next commit, with this many dirty pages.
  const Commit& Step(uint64_t dirty_pages, bool with_state) {
    commit_.record.set_sequence(commit_.record.sequence() + 1);
    commit_.record.set_updated_ns(static_cast<int64_t>(random_() >> 8));
    commit_.pages.clear();
    for (uint64_t i = 0; i < dirty_pages; ++i) {
      const uint64_t page = (first_ + i) % kHotPages;
      char* const bytes = &memory_[page * kPageBytes];
      for (uint64_t word = 0; word < kWordsOfPage; ++word) {
        StoreLittle(bytes + random_() % (kPageBytes / 8) * 8, random_());
      }
      commit_.pages.push_back(
          {.memory = 0,
           .page = page,
           .bytes = AsBytes(std::string_view(bytes, kPageBytes))});
    }
    first_ += dirty_pages;
    if (with_state) {
      for (uint64_t i = 0; i < kWordsOfState; ++i) {
        StoreLittle(&state_[random_() % 512 * 8], random_() % 100'000);
      }
      commit_.state = AsBytes(state_);
    }
    return commit_;
  }
  Commit& commit() { return commit_; }

  // Until every hot page was written whole and a few times in part, which is
  // how a process is most of its life.
  void Warm(ProcessDb* db, uint64_t dirty_pages) {
    const uint64_t pages = std::max<uint64_t>(dirty_pages, 32);
    for (uint64_t i = 0; i < 2 * kHotPages / pages; ++i) {
      CHECK(db->ApplyCommit(Step(pages, /*with_state=*/true), SyncMode::kNoSync)
                .ok());
    }
  }

  // What a step changes, in 8-byte words.
  static uint64_t ChangedBytes(uint64_t dirty_pages, bool with_state) {
    return 8 * (dirty_pages * kWordsOfPage + (with_state ? kWordsOfState : 0));
  }

 private:
  static constexpr uint64_t kHotPages = 512;
  static constexpr uint64_t kWordsOfPage = 4;
  static constexpr uint64_t kWordsOfState = 64;

  std::mt19937_64 random_{1};
  Commit commit_;
  std::string state_;
  std::string memory_;
  uint64_t first_ = 0;
};

std::unique_ptr<ProcessDb> MustOpen(const std::string& path) {
  auto db = ProcessDb::Open(path);
  CHECK(db.ok());
  return *std::move(db);
}

double Percentile(std::vector<double>* seconds, double percent) {
  if (seconds->empty()) return 0;
  std::sort(seconds->begin(), seconds->end());
  const auto at = static_cast<size_t>(percent / 100 *
                                      static_cast<double>(seconds->size() - 1));
  return (*seconds)[at] * 1e6;
}

// How many of a hundred took more than three times the median.
double SlowPercent(const std::vector<double>& seconds, double p50_us) {
  const auto slow =
      std::count_if(seconds.begin(), seconds.end(),
                    [p50_us](double s) { return s * 1e6 > 3 * p50_us; });
  return 100 * static_cast<double>(slow) / static_cast<double>(seconds.size());
}

// Times of commits and of raw appends of as many bytes.
struct Times {
  std::vector<double> commits;
  std::vector<double> raw;
  uint64_t bytes = 0;

  void Report(benchmark::State& state) {
    const double p50 = Percentile(&commits, 50);
    const double raw_p50 = Percentile(&raw, 50);
    state.counters["p50_us"] = p50;
    state.counters["p99_us"] = Percentile(&commits, 99);
    state.counters["raw_p50_us"] = raw_p50;
    state.counters["raw_p99_us"] = Percentile(&raw, 99);
    state.counters["p99_to_raw"] =
        Percentile(&commits, 99) / Percentile(&raw, 99);
    state.counters["slow_percent"] = SlowPercent(commits, p50);
    state.counters["raw_slow_percent"] = SlowPercent(raw, raw_p50);
    state.counters["ratio"] = p50 / raw_p50;
    state.counters["bytes"] =
        static_cast<double>(bytes) / static_cast<double>(commits.size());
  }
};

// One synced commit, then a raw append of what it wrote.
void TimeCommit(ProcessDb* db, const Commit& commit, RawFile* raw, Times* times,
                benchmark::State& state) {
  const uint64_t before = db->Statistics().written_bytes;
  const Clock::time_point begin = Clock::now();
  const absl::Status committed = db->ApplyCommit(commit, SyncMode::kSync);
  const double seconds = SecondsSince(begin);
  CHECK(committed.ok());
  state.SetIterationTime(seconds);
  times->commits.push_back(seconds);
  const uint64_t bytes = db->Statistics().written_bytes - before;
  times->bytes += bytes;
  times->raw.push_back(raw->TimeAppend(bytes));
}

// Argument: dirty pages. "pages_ratio" is against a raw append of the pages and
// the state as they are in memory.
void BM_Checkpoint(benchmark::State& state) {
  const auto dirty_pages = static_cast<uint64_t>(state.range(0));
  WorkDirectory directory;
  const auto db = MustOpen(directory / "store");
  RawFile raw(directory / "raw");
  RawFile raw_pages(directory / "raw_pages");
  Workload workload(db.get(), "process");
  workload.Warm(db.get(), dirty_pages);
  Times times;
  std::vector<double> pages;
  for (auto unused : state) {
    TimeCommit(db.get(), workload.Step(dirty_pages, /*with_state=*/true), &raw,
               &times, state);
    pages.push_back(raw_pages.TimeAppend((dirty_pages + 1) * kPageBytes));
  }
  times.Report(state);
  state.counters["pages_ratio"] =
      Percentile(&times.commits, 50) / Percentile(&pages, 50);
  state.counters["p99_ratio"] =
      Percentile(&times.commits, 99) / Percentile(&times.commits, 50);
  state.counters["amplification"] =
      static_cast<double>(times.bytes) /
      static_cast<double>(times.commits.size() *
                          Workload::ChangedBytes(dirty_pages, true));
}
BENCHMARK(BM_Checkpoint)
    ->Arg(0)
    ->Arg(1)
    ->Arg(10)
    ->Arg(20)
    ->Arg(100)
    ->Arg(500)
    ->UseManualTime();

// A commit of the size of a journal record: the head and 100 bytes.
void BM_JournalRecord(benchmark::State& state) {
  WorkDirectory directory;
  const auto db = MustOpen(directory / "store");
  RawFile raw(directory / "raw");
  Workload workload(db.get(), "process");
  const std::string text(100, 'j');
  workload.commit().log = {{.stream = 1, .bytes = text}};
  Times times;
  for (auto unused : state) {
    TimeCommit(db.get(), workload.Step(0, /*with_state=*/false), &raw, &times,
               state);
  }
  times.Report(state);
}
BENCHMARK(BM_JournalRecord)->UseManualTime();

// Many processes, each with a step of its own, committed in one write.
struct Round {
  int64_t processes = 0;
  uint64_t dirty_pages = 0;
  bool is_checkpoint = false;  // else 100 bytes of journal
};

// "pipeline" is how many rounds there are for each that makes the same steps,
// finds the same changes and appends them to a file instead.
void RunRounds(const Round& round, benchmark::State& state) {
  WorkDirectory directory;
  const auto db = MustOpen(directory / "store");
  RawFile raw(directory / "raw");
  std::vector<std::unique_ptr<Workload>> workloads;
  for (int64_t i = 0; i < round.processes; ++i) {
    workloads.push_back(
        std::make_unique<Workload>(db.get(), StrCat("process ", i)));
    if (round.is_checkpoint) workloads.back()->Warm(db.get(), 4);
  }
  CHECK(db->Sync().ok());
  Times times;
  std::vector<Commit> commits(workloads.size());
  const std::string answer(100, 'j');
  uint64_t event = 1;
  double steps = 0;
  const uint64_t prepared_before = db->Statistics().prepare_ns;
  for (auto unused : state) {
    const Clock::time_point start = Clock::now();
    for (size_t i = 0; i < workloads.size(); ++i) {
      commits[i] = workloads[i]->Step(round.dirty_pages, round.is_checkpoint);
      if (!round.is_checkpoint) {
        commits[i].journal = {{.first_event = event, .bytes = AsBytes(answer)}};
      }
    }
    ++event;
    steps += SecondsSince(start);
    const uint64_t before = db->Statistics().written_bytes;
    const Clock::time_point begin = Clock::now();
    CHECK(db->ApplyCommits(commits, SyncMode::kSync).ok());
    const double seconds = SecondsSince(begin);
    state.SetIterationTime(seconds);
    times.commits.push_back(seconds);
    const uint64_t bytes = db->Statistics().written_bytes - before;
    times.bytes += bytes;
    times.raw.push_back(raw.TimeAppend(bytes));
  }
  const auto sum = [](const std::vector<double>& all) {
    return std::accumulate(all.begin(), all.end(), 0.0);
  };
  const double prepare =
      1e-9 * static_cast<double>(db->Statistics().prepare_ns - prepared_before);
  state.counters["pipeline"] =
      (steps + prepare + sum(times.raw)) / (steps + sum(times.commits));
  times.Report(state);
  state.SetItemsProcessed(state.iterations() * round.processes);
}

// Argument: processes, each with 4 dirty pages. Items are commits.
void BM_CommitOfManyProcesses(benchmark::State& state) {
  RunRounds(
      {.processes = state.range(0), .dirty_pages = 4, .is_checkpoint = true},
      state);
}
BENCHMARK(BM_CommitOfManyProcesses)->Arg(1)->Arg(16)->Arg(64)->UseManualTime();

// Argument: processes, each with an answer for its journal. Items are records.
void BM_JournalOfManyProcesses(benchmark::State& state) {
  RunRounds({.processes = state.range(0)}, state);
}
BENCHMARK(BM_JournalOfManyProcesses)->Arg(1)->Arg(16)->Arg(64)->UseManualTime();

// Threads that each commit a process of their own; RocksDB lets them share
// syncs. Items are commits.
void BM_CommitFromThreads(benchmark::State& state) {
  static WorkDirectory* directory = nullptr;
  static std::unique_ptr<ProcessDb> db;
  if (state.thread_index() == 0) {
    directory = new WorkDirectory();
    db = MustOpen(*directory / "store");
  }
  std::unique_ptr<Workload> workload;
  for (auto unused : state) {
    if (workload == nullptr) {
      workload = std::make_unique<Workload>(
          db.get(), StrCat("process ", state.thread_index()));
    }
    CHECK(
        db->ApplyCommit(workload->Step(4, /*with_state=*/true), SyncMode::kSync)
            .ok());
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) {
    db.reset();
    delete directory;
  }
}
BENCHMARK(BM_CommitFromThreads)
    ->Threads(1)
    ->Threads(8)
    ->Threads(64)
    ->UseRealTime();

// Argument: pages. Items are pages.
void BM_ReadPages(benchmark::State& state) {
  const auto pages = static_cast<uint64_t>(state.range(0));
  WorkDirectory directory;
  auto db = MustOpen(directory / "store");
  Workload workload(db.get(), "process");
  for (uint64_t done = 0; done < pages; done += 512) {
    Commit commit = workload.Step(512, /*with_state=*/false);
    for (PageWrite& page : commit.pages) page.page += done;
    CHECK(db->ApplyCommit(commit, SyncMode::kNoSync).ok());
  }
  uint64_t bytes_read = 0;
  for (auto unused : state) {
    CHECK(db->ForEachPage(workload.commit().process, [&](uint32_t, uint64_t,
                                                         ByteSpan bytes) {
              benchmark::DoNotOptimize(bytes.data());
              bytes_read += bytes.size();
              return absl::OkStatus();
            }).ok());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(static_cast<int64_t>(bytes_read));
}
BENCHMARK(BM_ReadPages)->Arg(512)->Arg(16384)->Unit(benchmark::kMillisecond);

// A journal record each ms, as of a program that mostly waits, while so many
// other threads (argument) compute all the time.
void BM_CommitOnABusyMachine(benchmark::State& state) {
  WorkDirectory directory;
  const auto db = MustOpen(directory / "store");
  RawFile raw(directory / "raw");
  Workload workload(db.get(), "process");
  std::atomic<bool> is_over = false;
  std::vector<std::thread> others;
  for (int64_t i = 0; i < state.range(0); ++i) {
    others.emplace_back([&is_over] {
      while (!is_over.load(std::memory_order_relaxed)) {
      }
    });
  }
  Times times;
  for (auto unused : state) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    TimeCommit(db.get(), workload.Step(0, /*with_state=*/false), &raw, &times,
               state);
  }
  is_over = true;
  for (std::thread& other : others) other.join();
  times.Report(state);
}
BENCHMARK(BM_CommitOnABusyMachine)->Arg(0)->Arg(2)->Arg(8)->UseManualTime();

void BM_CreateStore(benchmark::State& state) {
  for (auto unused : state) {
    WorkDirectory directory;
    const Clock::time_point begin = Clock::now();
    auto db = MustOpen(directory / "store");
    state.SetIterationTime(SecondsSince(begin));
  }
}
BENCHMARK(BM_CreateStore)->UseManualTime()->Unit(benchmark::kMillisecond);

// Open, one commit, close: a short command. Argument: processes in the store.
void BM_OpenCommitClose(benchmark::State& state) {
  WorkDirectory directory;
  auto db = MustOpen(directory / "store");
  Workload workload(db.get(), "process");
  for (int64_t i = 1; i < state.range(0); ++i) {
    Workload other(db.get(), StrCat("process ", i));
    CHECK(db->ApplyCommit(other.Step(8, true), SyncMode::kNoSync).ok());
  }
  db.reset();
  for (auto unused : state) {
    db = MustOpen(directory / "store");
    CHECK(
        db->ApplyCommit(workload.Step(4, /*with_state=*/true), SyncMode::kSync)
            .ok());
    db.reset();
  }
}
BENCHMARK(BM_OpenCommitClose)
    ->Arg(1)
    ->Arg(1000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wasmd

// What it takes from a process in a store to its first instruction: everything
// read at once, or pages as they are touched. Modules are loaded before, the
// store is open. "Cold" drops the files of the store from the page cache and
// opens it anew first.
//
// Works in the directory for temporary files, or in WASMD_BENCHMARK_DIRECTORY.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/sha256.h"
#include "interp/instantiate.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/translated_module.h"
#include "runtime/stored_pages.h"
#include "snapshot/snapshot.h"
#include "store/process_db.h"
#include "wasm/decoder.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kEager = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kLazy = 0;
constexpr StoreLimits kLimits = {.max_memory_bytes = uint64_t{4} << 30};

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void AppendLeb128(uint64_t value, std::vector<uint8_t>* out) {
  for (; value >= 0x80; value >>= 7) {
    out->push_back(static_cast<uint8_t>(value | 0x80));
  }
  out->push_back(static_cast<uint8_t>(value));
}

// (module (memory PAGES) (func (export "f") (param i32) (result i32)
//   (i32.load (local.get 0))))
std::vector<uint8_t> ModuleBytes(uint64_t pages) {
  std::vector<uint8_t> bytes = {0, 0x61, 0x73, 0x6D, 1, 0,    0, 0, 1, 6,
                                1, 0x60, 1,    0x7F, 1, 0x7F, 3, 2, 1, 0};
  std::vector<uint8_t> memory = {1, 0};
  AppendLeb128(pages, &memory);
  bytes.push_back(5);
  AppendLeb128(memory.size(), &bytes);
  bytes.insert(bytes.end(), memory.begin(), memory.end());
  const uint8_t rest[] = {7, 5, 1, 1,    'f', 0,    0, 10, 9,
                          1, 7, 0, 0x20, 0,   0x28, 2, 0,  0x0B};
  bytes.insert(bytes.end(), std::begin(rest), std::end(rest));
  return bytes;
}

// How memories are filled: words of 4 random bytes, and zeros between them.
// LZ4 makes 0.5 of 12 bytes a word, 0.25 of 32, 0.12 of 64, 0.78 of 8; of 4
// nothing.
constexpr int64_t kBytesOfWord = 12;

void FillPage(uint64_t page, size_t bytes_of_word, MutableByteSpan bytes) {
  std::mt19937 random(static_cast<unsigned>(page + 1));
  for (size_t i = 0; i + 4 <= bytes.size(); i += bytes_of_word) {
    StoreLittle<uint32_t>(bytes.data() + i, static_cast<uint32_t>(random()));
  }
}

// A store with one process whose memory has this many MiB, all of it stored.
class KeptProcess {
 public:
  explicit KeptProcess(int64_t mib, int64_t bytes_of_word = kBytesOfWord)
      : mib_(static_cast<uint64_t>(mib)),
        bytes_of_word_(static_cast<size_t>(bytes_of_word)) {
    const char* const chosen = std::getenv("WASMD_BENCHMARK_DIRECTORY");
    path_ =
        (chosen != nullptr ? std::string(chosen)
                           : std::filesystem::temp_directory_path().string()) +
        "/resume_benchmark_XXXXXX";
    CHECK(mkdtemp(path_.data()) != nullptr);
    const std::vector<uint8_t> bytes = ModuleBytes(mib_ * 16);
    const auto module = Decode(bytes);
    CHECK(module.ok() && Validate(**module).ok());
    module_ = TranslatedModule::Create(*module);
    Open();
    Write(bytes);
    DropCache();
    Open();
  }
  ~KeptProcess() {
    db_.reset();
    std::filesystem::remove_all(path_);
  }

  // Resumes and runs to the end. The seconds that this took; what is left is
  // taken down after that.
  double Resume(uint64_t lazy_min_bytes) {
    const Clock::time_point begin = Clock::now();
    auto state = db_->GetState(number_);
    CHECK(state.ok());
    RestoreContext context;
    context.store_limits = kLimits;
    context.lazy_min_bytes = lazy_min_bytes;
    context.find_module = [this](const Sha256Digest&) { return module_; };
    auto pages = OpenStoredPages(*db_, number_);
    CHECK(pages.ok());
    context.stored_pages = *std::move(pages);
    auto process = RestoreSnapshot(
        AsBytes(*state),
        [this](const PageSink& sink) {
          return db_->ForEachPage(number_, sink);
        },
        context);
    CHECK(process.ok());
    CHECK(process->thread->Run() == RunResult::kReturned);
    const double seconds = SecondsSince(begin);
    CHECK(process->store->status().ok());
    benchmark::DoNotOptimize(process->thread->results()[0]);
    return seconds;
  }

  double ReadOnePage() {
    const Clock::time_point begin = Clock::now();
    const auto pages = OpenStoredPages(*db_, number_);
    CHECK(pages.ok() && *pages != nullptr);
    CHECK((*pages)
              ->Read(0, address() / kPageBytes, 1,
                     [](uint64_t, ByteSpan bytes) {
                       benchmark::DoNotOptimize(bytes.data());
                       return absl::OkStatus();
                     })
              .ok());
    return SecondsSince(begin);
  }

  // Closes the store; Open comes next.
  void DropCache() {
    db_.reset();
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(path_)) {
      if (!entry.is_regular_file()) continue;
      const int file = open(entry.path().c_str(), O_RDONLY);
      CHECK(file >= 0);
      fdatasync(file);
      CHECK(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0);
      close(file);
    }
  }
  void Open() {
    auto db = ProcessDb::Open(path_ + "/store");
    CHECK(db.ok());
    db_ = *std::move(db);
  }

 private:
  uint32_t address() const {
    return static_cast<uint32_t>(mib_ * kMiB * 2 / 3 & ~uint64_t{7});
  }

  std::string MakeState() {
    Store store(kLimits);
    const auto outcome =
        Instantiate(store, module_, std::vector<ExternValue>());
    CHECK(outcome.ok());
    Thread thread(store);
    const auto function = outcome->instance->FindExport("f");
    CHECK(
        thread.Start(function->address, std::vector{I32Value(address())}).ok());
    const auto capture =
        CaptureSnapshot(store, &thread, {}, PageSelection::kDirty);
    CHECK(capture.ok());
    return capture->state;
  }

  void Write(const std::vector<uint8_t>& module_bytes) {
    const Sha256Digest& hash = module_->module().hash;
    CHECK(db_->PutModule(hash, module_bytes).ok());
    Commit commit;
    commit.record.set_name("p");
    commit.record.set_module_hash(hash.data(), hash.size());
    const auto number = db_->CreateProcess(commit.record);
    CHECK(number.ok());
    commit.process = number_ = *number;
    const std::string state = MakeState();
    commit.state = AsBytes(state);
    constexpr uint64_t kPagesAtOnce = 1024;
    std::vector<uint8_t> bytes(kPagesAtOnce * kPageBytes);
    for (uint64_t page = 0; page < mib_ * kMiB / kPageBytes;) {
      commit.pages.clear();
      for (uint64_t i = 0; i < kPagesAtOnce && page < mib_ * kMiB / kPageBytes;
           ++i, ++page) {
        const MutableByteSpan span(bytes.data() + i * kPageBytes, kPageBytes);
        FillPage(page, bytes_of_word_, span);
        commit.pages.push_back({0, page, span});
      }
      commit.record.set_sequence(commit.record.sequence() + 1);
      CHECK(db_->ApplyCommit(commit, SyncMode::kNoSync).ok());
    }
  }

  const uint64_t mib_;
  const size_t bytes_of_word_;
  std::string path_;
  std::shared_ptr<TranslatedModule> module_;
  std::unique_ptr<ProcessDb> db_;
  ProcessNumber number_ = 0;
};

// So many MiB in a file that is in the page cache.
class FileOfBytes {
 public:
  explicit FileOfBytes(int64_t mib) : size_(static_cast<uint64_t>(mib) * kMiB) {
    std::string path = std::filesystem::temp_directory_path() / "resume_XXXXXX";
    file_ = mkstemp(path.data());
    CHECK(file_ >= 0);
    unlink(path.c_str());
    std::vector<uint8_t> page(kPageBytes);
    for (uint64_t i = 0; i < size_ / kPageBytes; ++i) {
      FillPage(i, kBytesOfWord, page);
      CHECK(write(file_, page.data(), kPageBytes) == ssize_t{kPageBytes});
    }
  }
  ~FileOfBytes() { close(file_); }
  FileOfBytes(const FileOfBytes&) = delete;
  FileOfBytes& operator=(const FileOfBytes&) = delete;

  // The seconds that it takes to read all of it into new memory.
  double Read() const {
    const Clock::time_point begin = Clock::now();
    void* const memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    CHECK(madvise(memory, size_, MADV_NOHUGEPAGE) == 0);
    CHECK(pread(file_, memory, size_, 0) == static_cast<ssize_t>(size_));
    const double seconds = SecondsSince(begin);
    munmap(memory, size_);
    return seconds;
  }

 private:
  const uint64_t size_;
  int file_ = -1;
};

double Median(std::vector<double>* values) {
  std::sort(values->begin(), values->end());
  return (*values)[values->size() / 2];
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("MiB")->UseManualTime()->Unit(benchmark::kMicrosecond);
}

// In turns, so that both meet the same load: a resume, and the least that
// reading everything can take, which is the same bytes from a file that is in
// the page cache, into new memory. The counter is the ratio of the medians.
void BM_ResumeEager(benchmark::State& state) {
  KeptProcess process(state.range(0), state.range(1));
  const FileOfBytes file(state.range(0));
  std::vector<double> ours;
  std::vector<double> theirs;
  for (auto _ : state) {
    theirs.push_back(file.Read());
    ours.push_back(process.Resume(kEager));
    state.SetIterationTime(ours.back());
  }
  state.counters["pread_us"] = 1e6 * Median(&theirs);
  state.counters["to_pread"] = Median(&ours) / Median(&theirs);
}
BENCHMARK(BM_ResumeEager)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond)
    ->ArgNames({"MiB", "bytes_of_word"})
    ->Args({1, kBytesOfWord})
    ->Args({4, kBytesOfWord})
    ->Args({64, 64})
    ->Args({64, 32})
    ->Args({64, kBytesOfWord})
    ->Args({64, 8})
    ->Args({64, 4});

void BM_ResumeLazily(benchmark::State& state) {
  KeptProcess process(state.range(0));
  for (auto _ : state) state.SetIterationTime(process.Resume(kLazy));
}
BENCHMARK(BM_ResumeLazily)
    ->Apply(Sizes)
    ->Arg(1)
    ->Arg(4)
    ->Arg(16)
    ->Arg(64)
    ->Arg(256)
    ->Arg(1024);

// In turns, so that both meet the same load: a resume, and reading the one page
// that the instruction wants. The counters are medians, and their ratio.
void BM_ResumeLazilyCold(benchmark::State& state) {
  KeptProcess process(state.range(0));
  std::vector<double> resumes;
  std::vector<double> pages;
  for (auto _ : state) {
    process.DropCache();
    process.Open();
    pages.push_back(process.ReadOnePage());
    process.DropCache();
    process.Open();
    resumes.push_back(process.Resume(kLazy));
    state.SetIterationTime(resumes.back());
  }
  state.counters["median_us"] = 1e6 * Median(&resumes);
  state.counters["page_us"] = 1e6 * Median(&pages);
  state.counters["to_page"] = Median(&resumes) / Median(&pages);
}
// So many because each opens the store twice, and the process is made anew when
// the library guesses how many there should be.
BENCHMARK(BM_ResumeLazilyCold)
    ->Apply(Sizes)
    ->Iterations(40)
    ->Arg(64)
    ->Arg(1024);

}  // namespace
}  // namespace wasmd

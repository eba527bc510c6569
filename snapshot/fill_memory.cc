#include "snapshot/fill_memory.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/str_cat.h"
#include "interp/memory_instance.h"
#include "snapshot/page_writer.h"
#include "snapshot/restore_errors.h"

namespace wasmd {
namespace {

constexpr unsigned kMaxThreads = 4;
// A thread takes so many pages at a time, more of a memory that would have too
// many such ranges: it may be all but empty, and a range costs some look-ups.
constexpr uint64_t kMinRangePages = 1024;
constexpr uint64_t kMaxRanges = 64;

class MemoryFiller {
 public:
  MemoryFiller(StoredPages& pages, MemAddr memory, Store& store)
      : pages_(pages), memory_(memory), store_(store) {
    const uint64_t bytes = store.memory(memory).size_bytes();
    range_pages_ =
        std::max(kMinRangePages, bytes / kCardPageBytes / kMaxRanges + 1);
    const uint64_t range_bytes = range_pages_ * kCardPageBytes;
    ranges_ =
        std::max<uint64_t>(1, bytes / range_bytes + (bytes % range_bytes != 0));
    first_bad_ = ranges_;
  }

  absl::Status Fill() {
    const uint64_t count =
        std::min<uint64_t>({ranges_, kMaxThreads,
                            std::max(1u, std::thread::hardware_concurrency())});
    std::vector<Worker> workers;
    workers.reserve(count);
    for (uint64_t i = 0; i < count; ++i) workers.emplace_back(store_);
    std::vector<std::thread> threads;
    for (uint64_t i = 1; i < count; ++i) {
      try {
        threads.emplace_back([this, &workers, i] { Work(workers[i]); });
      } catch (const std::system_error&) {
        break;  // no more are to be had
      }
    }
    Work(workers[0]);
    for (std::thread& thread : threads) thread.join();
    for (const Worker& worker : workers) {
      if (!worker.status.ok() && worker.range == first_bad_) {
        return worker.status;
      }
    }
    for (Worker& worker : workers) worker.writer->MarkChanged();
    return absl::OkStatus();
  }

 private:
  struct Worker {
    explicit Worker(Store& store)
        : writer(std::make_unique<PageWriter>(store)) {}
    std::unique_ptr<PageWriter> writer;
    uint64_t range = 0;
    absl::Status status;
  };

  // Ranges are taken in order, so all before the first bad one are read.
  void Work(Worker& worker) {
    while ((worker.range = next_range_++) < first_bad_) {
      worker.status = Read(worker.range, *worker.writer);
      if (worker.status.ok()) continue;
      uint64_t known = first_bad_;
      while (worker.range < known &&
             !first_bad_.compare_exchange_weak(known, worker.range)) {
      }
      return;
    }
  }

  absl::Status Read(uint64_t range, PageWriter& writer) {
    const uint64_t first = range * range_pages_;
    // The last one has what must not be there too.
    const uint64_t count = range + 1 == ranges_
                               ? std::numeric_limits<uint64_t>::max() - first
                               : range_pages_;
    const absl::Status status =
        pages_.Read(memory_, first, count,
                    [&](uint64_t page, ByteSpan bytes) -> absl::Status {
                      // Else two threads could write one page.
                      if (page < first || page - first >= count) {
                        return Damage(StrCat("page ", page, " of memory ",
                                             memory_, " came for another"));
                      }
                      return writer.Write(memory_, page, bytes);
                    });
    writer.Flush();
    return status;
  }

  StoredPages& pages_;
  const MemAddr memory_;
  Store& store_;
  uint64_t range_pages_;
  uint64_t ranges_;
  std::atomic<uint64_t> next_range_ = 0;
  std::atomic<uint64_t> first_bad_;
};

}  // namespace

absl::Status FillMemory(StoredPages& pages, MemAddr memory, Store& store) {
  return MemoryFiller(pages, memory, store).Fill();
}

}  // namespace wasmd

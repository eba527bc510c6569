#include "snapshot/page_writer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "base/str_cat.h"
#include "interp/heap.h"
#include "interp/memory_instance.h"
#include "snapshot/restore_errors.h"
#include "snapshot/snapshot.h"
#include "snapshot/zero_bytes.h"

namespace wasmd {
namespace {

// Stays in the cache until it is copied.
constexpr size_t kMaxRunBytes = size_t{128} << 10;

uint64_t PageCount(uint64_t bytes) {
  return bytes / kCardPageBytes + (bytes % kCardPageBytes != 0);
}

absl::Status PageError(MemAddr memory, uint64_t page, std::string_view what) {
  const std::string name =
      memory == kHeapMemory ? "the heap" : StrCat("memory ", memory);
  return Damage(StrCat("page ", page, " of ", name, ": ", what));
}

}  // namespace

absl::Status PageWriter::Write(MemAddr memory, uint64_t page, ByteSpan bytes) {
  if (last_ && std::pair(memory, page) <= *last_) {
    return PageError(memory, page, "it is out of order");
  }
  last_ = {memory, page};
  if (memory == kHeapMemory) return WriteHeapPage(page, bytes);
  if (memory >= store_.memory_count()) {
    return PageError(memory, page, "there is no such memory");
  }
  MemoryInstance& target = store_.memory(memory);
  if (page >= PageCount(target.size_bytes())) {
    return PageError(memory, page, "it is past the end of the memory");
  }
  const uint64_t begin = page * kCardPageBytes;
  const uint64_t size = std::min(kCardPageBytes, target.size_bytes() - begin);
  changed_.emplace_back(memory, page);
  return Put(memory, page, bytes, {target.data() + begin, size});
}

absl::Status PageWriter::WriteHeapPage(uint64_t page, ByteSpan bytes) {
  Heap& heap = store_.heap();
  // Left from before a collection.
  if (page >= PageCount(heap.used_bytes())) return absl::OkStatus();
  const MutableByteSpan to = heap.RestoredPage(page);
  // The last one may have been longer before a collection.
  if (bytes.size() > to.size() && bytes.size() <= kCardPageBytes) {
    bytes = bytes.first(to.size());
  }
  return Put(kHeapMemory, page, bytes, to);
}

absl::Status PageWriter::Put(MemAddr memory, uint64_t page, ByteSpan bytes,
                             MutableByteSpan to) {
  if (!bytes.empty() && bytes.size() != to.size()) {
    return PageError(
        memory, page,
        StrCat("it has ", bytes.size(), " bytes instead of ", to.size()));
  }
  if (bytes.empty()) {
    // Writing would make it use memory.
    if (!IsZero(to)) std::memset(to.data(), 0, to.size());
    return absl::OkStatus();
  }
  if (to.data() != run_begin_ + run_.size() || run_.size() >= kMaxRunBytes) {
    Flush();
    run_begin_ = to.data();
  }
  run_.insert(run_.end(), bytes.begin(), bytes.end());
  return absl::OkStatus();
}

void PageWriter::Flush() {
  if (run_.empty()) return;
#ifdef MADV_POPULATE_WRITE
  // Where the system cannot do it, the copy does.
  if (run_.size() > kCardPageBytes) {
    (void)madvise(run_begin_, PageCount(run_.size()) * kCardPageBytes,
                  MADV_POPULATE_WRITE);
  }
#endif
  std::memcpy(run_begin_, run_.data(), run_.size());
  run_.clear();
  run_begin_ = nullptr;
}

void PageWriter::MarkChanged() {
  for (const auto& [memory, page] : changed_) {
    store_.memory(memory).MarkChanged(page);
  }
  changed_.clear();
}

}  // namespace wasmd

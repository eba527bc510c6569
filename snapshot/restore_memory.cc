#include "snapshot/restore_memory.h"

#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/constant_expression.h"
#include "snapshot/restore_errors.h"
#include "snapshot/zero_bytes.h"
#include "wasm/limits.h"

namespace wasmd {
namespace {

absl::StatusOr<MemoryType> ReadType(const snapshot::Memory& saved) {
  MemoryType type;
  type.limits.min = saved.min();
  if (saved.has_max()) type.limits.max = saved.max();
  type.address = saved.address64() ? AddressType::kI64 : AddressType::kI32;
  type.page_size_log2 = saved.page_size_log2();
  if (type.page_size_log2 != 0 && type.page_size_log2 != 16) {
    return Damage("the page size is not one that memories have");
  }
  return type;
}

// Takes pages in order and puts them where they belong.
class PageWriter {
 public:
  explicit PageWriter(Store& store) : store_(store) {}

  absl::Status Write(MemAddr memory, uint64_t page, ByteSpan bytes) {
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
    const size_t size = target.CardPage(page).size();
    const uint64_t begin = page * kCardPageBytes;
    target.MarkDirty(begin, size);
    return Write(memory, page, bytes, {target.data() + begin, size});
  }

 private:
  static uint64_t PageCount(uint64_t bytes) {
    return bytes / kCardPageBytes + (bytes % kCardPageBytes != 0);
  }

  static absl::Status PageError(MemAddr memory, uint64_t page,
                                std::string_view what) {
    const std::string name =
        memory == kHeapMemory ? "the heap" : StrCat("memory ", memory);
    return Damage(StrCat("page ", page, " of ", name, ": ", what));
  }

  absl::Status WriteHeapPage(uint64_t page, ByteSpan bytes) {
    Heap& heap = store_.heap();
    // Left from before a collection.
    if (page >= PageCount(heap.used_bytes())) return absl::OkStatus();
    const MutableByteSpan to = heap.RestoredPage(page);
    // The last one may have been longer before a collection.
    if (bytes.size() > to.size() && bytes.size() <= kCardPageBytes) {
      bytes = bytes.first(to.size());
    }
    return Write(kHeapMemory, page, bytes, to);
  }

  absl::Status Write(MemAddr memory, uint64_t page, ByteSpan bytes,
                     MutableByteSpan to) {
    if (!bytes.empty() && bytes.size() != to.size()) {
      return PageError(
          memory, page,
          StrCat("it has ", bytes.size(), " bytes instead of ", to.size()));
    }
    if (!bytes.empty()) {
      std::memcpy(to.data(), bytes.data(), bytes.size());
    } else if (!IsZero(to)) {  // writing would make it use memory
      std::memset(to.data(), 0, to.size());
    }
    return absl::OkStatus();
  }

  Store& store_;
  std::optional<std::pair<MemAddr, uint64_t>> last_;
};

}  // namespace

absl::Status AddMemory(const snapshot::Memory& saved, Store& store) {
  ASSIGN_OR_RETURN(const MemoryType type, ReadType(saved));
  if (saved.size_pages() < saved.min() ||
      (saved.has_max() && saved.size_pages() > saved.max())) {
    return Damage("the size is not one its type allows");
  }
  const auto address = store.AddMemory(type);
  if (!address.ok()) return OverLimit("its minimum", address.status());
  const absl::Status status =
      store.SetMemorySize(store.memory(*address), saved.size_pages());
  return status.ok() ? status : OverLimit("its size", status);
}

absl::Status ReproduceInitialImage(Store& store, const ModuleInstance& definer,
                                   MemoryInstance& memory) {
  const Module& module = *definer.module;
  // Instantiation copies before anything can grow the memory.
  const uint64_t size = memory.type().limits.min
                        << memory.type().page_size_log2;
  for (const DataSegment& segment : module.data) {
    if (segment.mode != SegmentMode::kActive ||
        definer.memories[segment.memory_index] != &memory) {
      continue;
    }
    const ByteSpan bytes = module.Bytes(segment.bytes);
    Slot offset[2];
    const auto trap = EvaluateConstant(store, definer, segment.offset, offset);
    if (trap || bytes.size() > size || offset[0] > size - bytes.size()) {
      return Damage(
          "the initial image does not fit: a global that places it "
          "has changed");
    }
    if (!bytes.empty()) {
      std::memcpy(memory.data() + offset[0], bytes.data(), bytes.size());
    }
  }
  memory.MarkInitialImage();
  return absl::OkStatus();
}

absl::Status OverlayPages(const PageSource& pages, Store& store) {
  if (pages == nullptr) return absl::OkStatus();
  PageWriter writer(store);
  return pages([&writer](MemAddr memory, uint64_t page, ByteSpan bytes) {
    return writer.Write(memory, page, bytes);
  });
}

}  // namespace wasmd

#include "snapshot/restore_memory.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/constant_expression.h"
#include "interp/memory_image.h"
#include "interp/memory_instance.h"
#include "snapshot/restore_errors.h"
#include "snapshot/stored_page_loader.h"
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
    const uint64_t begin = page * kCardPageBytes;
    const uint64_t size = std::min(kCardPageBytes, target.size_bytes() - begin);
    target.MarkChanged(page);
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

void CopyImage(MemoryInstance& memory) {
  memory.image().CopyTo(0, {memory.data(), memory.size_bytes()});
}

// Adds the active data segments that `instance` has for `memory`, all within
// `size`.
absl::Status AddSegments(Store& store, const ModuleInstance& instance,
                         const MemoryInstance& memory, uint64_t size,
                         MemoryImage* image) {
  const Module& module = *instance.module;
  for (const DataSegment& segment : module.data) {
    if (segment.mode != SegmentMode::kActive ||
        instance.memories[segment.memory_index] != &memory) {
      continue;
    }
    const ByteSpan bytes = module.Bytes(segment.bytes);
    Slot offset[2];
    const auto trap = EvaluateConstant(store, instance, segment.offset, offset);
    if (trap || bytes.size() > size || offset[0] > size - bytes.size()) {
      return Damage(
          "the initial image does not fit: a global that places it "
          "has changed");
    }
    image->Add({offset[0], bytes});
  }
  return absl::OkStatus();
}

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

absl::Status FindInitialImage(const snapshot::Memory& saved, Store& store,
                              const ModuleInstance* definer,
                              MemoryInstance& memory) {
  MemoryImage image;
  if (saved.has_image()) {
    if (definer == nullptr) return Damage("it has an image but no module");
    // Instantiation copies before anything can grow the memory.
    RETURN_IF_ERROR(AddSegments(
        store, *definer, memory,
        memory.type().limits.min << memory.type().page_size_log2, &image));
  }
  std::vector<uint32_t> instances;
  for (const uint32_t address : saved.image_instances()) {
    if (address >= store.instance_count() ||
        (!instances.empty() && address <= instances.back())) {
      return Damage("the instances of its image are malformed");
    }
    const ModuleInstance& instance = store.instance(address);
    const auto end =
        instance.memories.begin() + instance.module->imported_memories;
    if (std::find(instance.memories.begin(), end, &memory) == end) {
      return Damage(StrCat("instance ", address, " does not import it"));
    }
    RETURN_IF_ERROR(
        AddSegments(store, instance, memory, memory.size_bytes(), &image));
    instances.push_back(address);
  }
  memory.SetImage(saved.has_image(), std::move(instances), std::move(image));
  return absl::OkStatus();
}

absl::Status FillMemories(const PageSource& pages, Store& store) {
  for (MemAddr a = 0; a < store.memory_count(); ++a) {
    CopyImage(store.memory(a));
  }
  if (pages == nullptr) return absl::OkStatus();
  PageWriter writer(store);
  return pages([&writer](MemAddr memory, uint64_t page, ByteSpan bytes) {
    return writer.Write(memory, page, bytes);
  });
}

absl::Status FillMemories(const RestoreContext& context, Store& store) {
  PageWriter writer(store);
  const auto read_all = [&](MemAddr memory) {
    return context.stored_pages->Read(
        memory, 0, std::numeric_limits<uint64_t>::max(),
        [&](uint64_t page, ByteSpan bytes) {
          return writer.Write(memory, page, bytes);
        });
  };
  for (MemAddr a = 0; a < store.memory_count(); ++a) {
    MemoryInstance& memory = store.memory(a);
    if (memory.size_bytes() >= context.lazy_min_bytes &&
        memory.size_bytes() % kWasmPageBytes == 0 &&
        memory.LoadLazily(
            MakeStoredPageLoader(context.stored_pages, a, memory))) {
      continue;
    }
    CopyImage(memory);
    RETURN_IF_ERROR(read_all(a));
  }
  return store.heap().used_bytes() == 0 ? absl::OkStatus()
                                        : read_all(kHeapMemory);
}

}  // namespace wasmd

#include "snapshot/restore_memory.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/constant_expression.h"
#include "interp/memory_image.h"
#include "interp/memory_instance.h"
#include "snapshot/fill_memory.h"
#include "snapshot/page_writer.h"
#include "snapshot/restore_errors.h"
#include "snapshot/stored_page_loader.h"
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

void CopyImage(MemoryInstance& memory) {
  memory.image().CopyTo(0, {memory.data(), memory.size_bytes()});
}

// Adds the active data segments that `instance` has for `memory`, all within
// `size`.
absl::Status AddSegments(Store& store, const ModuleInstance& instance,
                         const MemoryInstance& memory, uint64_t size,
                         MemoryImage* image) {
  const Module& module = *instance.module;
  std::vector<ImagePiece> pieces;
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
    pieces.push_back({offset[0], bytes});
  }
  image->Add(pieces);
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
  RETURN_IF_ERROR(
      pages([&writer](MemAddr memory, uint64_t page, ByteSpan bytes) {
        return writer.Write(memory, page, bytes);
      }));
  writer.Flush();
  writer.MarkChanged();
  return absl::OkStatus();
}

absl::Status FillMemories(const RestoreContext& context, Store& store) {
  StoredPages& pages = *context.stored_pages;
  for (MemAddr a = 0; a < store.memory_count(); ++a) {
    MemoryInstance& memory = store.memory(a);
    if (memory.size_bytes() >= context.lazy_min_bytes &&
        memory.size_bytes() % kWasmPageBytes == 0 &&
        memory.LoadLazily(
            MakeStoredPageLoader(context.stored_pages, a, memory))) {
      continue;
    }
    CopyImage(memory);
    RETURN_IF_ERROR(FillMemory(pages, a, store));
  }
  if (store.heap().used_bytes() == 0) return absl::OkStatus();
  PageWriter writer(store);
  RETURN_IF_ERROR(pages.Read(kHeapMemory, 0,
                             std::numeric_limits<uint64_t>::max(),
                             [&writer](uint64_t page, ByteSpan bytes) {
                               return writer.Write(kHeapMemory, page, bytes);
                             }));
  writer.Flush();
  return absl::OkStatus();
}

}  // namespace wasmd

// MemoryInstance: one linear memory (core specification, exec/runtime,
// syntax-meminst) with a dirty card for every 4 KiB page of it. It is a
// CardedRegion (carded_region.h says how it lies in memory: data() never moves,
// and the card of the byte at `a` is data()[(a >> 12) - kCardBytes]) with a
// type and limits.
//
// "Dirty" is a page written since the last ClearDirty. "Changed" is a page that
// was ever dirty: one that is not has the contents of the initial image (zero,
// plus the active data segments of the instance that allocated the memory).
//
// Confined to one thread at a time.

#ifndef WASMD_INTERP_MEMORY_INSTANCE_H_
#define WASMD_INTERP_MEMORY_INSTANCE_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "interp/carded_region.h"
#include "wasm/types.h"

namespace wasmd {

inline constexpr uint64_t kMaxMemoryBytes = kMaxRegionBytes;

class MemoryInstance {
 public:
  // `max_bytes` is the configured limit for memory.grow (more than
  // kMaxMemoryBytes is taken as that); the declared maximum counts too.
  // ResourceExhausted if the minimum is past the limit or the address space
  // cannot be had.
  static absl::StatusOr<std::unique_ptr<MemoryInstance>> Create(
      const MemoryType& type, uint64_t max_bytes);
  MemoryInstance(const MemoryInstance&) = delete;
  MemoryInstance& operator=(const MemoryInstance&) = delete;

  const MemoryType& type() const { return type_; }
  uint8_t* data() const { return region_.data(); }
  uint64_t size_bytes() const { return region_.size_bytes(); }
  uint64_t size_pages() const { return size_bytes() >> type_.page_size_log2; }
  // The most it can grow to.
  uint64_t max_pages() const {
    return region_.max_bytes() >> type_.page_size_log2;
  }

  // memory.grow: the old size in pages, or -1 with the memory unchanged. New
  // pages are zero. Fails only by the limits, so that it is deterministic.
  int64_t Grow(uint64_t delta_pages);

  // True if [address, address + length) lies inside; never overflows.
  bool InBounds(uint64_t address, uint64_t length) const {
    return length <= size_bytes() && address <= size_bytes() - length;
  }

  // The access of host functions. OutOfRange when not InBounds. The span is
  // valid until the memory grows or the guest runs. MutableBytes marks every
  // page of the range dirty.
  absl::StatusOr<ByteSpan> Bytes(uint64_t address, uint64_t length) const;
  absl::StatusOr<MutableByteSpan> MutableBytes(uint64_t address,
                                               uint64_t length);

  // Marks the pages that hold [address, address + length), which is InBounds.
  void MarkDirty(uint64_t address, uint64_t length) {
    region_.MarkDirty(address, length);
  }

  // Card pages dirty since the last ClearDirty, ascending.
  std::vector<uint64_t> DirtyPages() const { return region_.DirtyPages(); }
  // Card pages ever dirty, ascending: DirtyPages and what ClearDirty collected.
  std::vector<uint64_t> ChangedPages() const { return region_.ChangedPages(); }
  // Forgets which pages are dirty; they stay changed.
  void ClearDirty() { region_.ClearDirty(); }
  // Makes what is in memory now the initial image: nothing dirty or changed.
  // Instantiation does it for the memories the module defines once all its
  // active data segments are copied, and not when one of them traps.
  void MarkInitialImage() {
    region_.ForgetChanges();
    has_initial_image_ = true;
  }
  // MarkInitialImage was called: the image is that of the module which defines
  // the memory. Otherwise it is all zeros.
  bool has_initial_image() const { return has_initial_image_; }

  // The bytes of one card page; only the last one can be shorter than
  // kCardPageBytes (custom page sizes).
  ByteSpan CardPage(uint64_t page) const { return region_.Page(page); }

  // Restore: sets the size without reference to the current one; new pages are
  // zero. ResourceExhausted past the type's or the configured limit.
  absl::Status SetSizePages(uint64_t pages);

 private:
  MemoryInstance(const MemoryType& type, CardedRegion region)
      : type_(type), region_(std::move(region)) {}

  MemoryType type_;
  CardedRegion region_;
  bool has_initial_image_ = false;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_MEMORY_INSTANCE_H_

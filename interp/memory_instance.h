// MemoryInstance: one linear memory (core specification, exec/runtime,
// syntax-meminst) with a dirty card for every 4 KiB page of it. It is a
// CardedRegion (carded_region.h says how it lies in memory: data() never moves,
// and the card of the byte at `a` is data()[(a >> 12) - kCardBytes]) with a
// type and limits.
//
// "Dirty" is a page written since the last ClearDirty. "Changed" is a page that
// was ever dirty and then not like the initial image (memory_image.h), or that
// was restored: one that is neither has the contents of the image.
//
// A restored memory may load its contents as they are touched (lazy_pages.h).
// Handlers and other code of this program need not know; host functions, which
// may hand what they get to a system call, get it present.
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
#include "interp/memory_image.h"
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
  // pages are zero. Fails only by the limits, so that it is deterministic; or
  // with a status() that is not OK.
  int64_t Grow(uint64_t delta_pages);

  // True if [address, address + length) lies inside; never overflows.
  bool InBounds(uint64_t address, uint64_t length) const {
    return length <= size_bytes() && address <= size_bytes() - length;
  }

  // The access of host functions. OutOfRange when not InBounds. The span is
  // valid until the memory grows or the guest runs. MutableBytes marks every
  // page of the range dirty. What is missing is loaded; status() if that fails.
  absl::StatusOr<ByteSpan> Bytes(uint64_t address, uint64_t length) const;
  absl::StatusOr<MutableByteSpan> MutableBytes(uint64_t address,
                                               uint64_t length);

  // Marks the pages that hold [address, address + length), which is InBounds.
  void MarkDirty(uint64_t address, uint64_t length) {
    region_.MarkDirty(address, length);
  }

  // Card pages dirty since the last ClearDirty, ascending.
  std::vector<uint64_t> DirtyPages() const { return region_.DirtyPages(); }
  // Card pages changed or dirty, ascending. Loads everything.
  std::vector<uint64_t> ChangedPages() const { return region_.ChangedPages(); }
  // What has to be saved of DirtyPages and ChangedPages: a page that is like
  // the image and was never changed is not.
  std::vector<uint64_t> DirtyPagesToSave() const;
  std::vector<uint64_t> ChangedPagesToSave() const;
  // Forgets which pages are dirty; those of DirtyPagesToSave stay changed.
  void ClearDirty();
  // Restore: the page was saved.
  void MarkChanged(uint64_t page) { region_.MarkChanged(page); }

  const MemoryImage& image() const { return image_; }
  // Instantiation does this for the memories the module defines once all its
  // active data segments are copied, and not when one of them traps: what is in
  // memory now is zeros and these pieces, and it is the initial image. Nothing
  // is dirty or changed.
  void MarkInitialImage(const std::vector<ImagePiece>& pieces = {});
  // MarkInitialImage was called: the image begins with the segments of the
  // module that defines the memory. Otherwise it begins with zeros.
  bool has_initial_image() const { return has_initial_image_; }
  // The same for a memory that the instance of this number imports: its
  // segments were copied, without a mark, and are in the image from now on.
  void ExtendImage(uint32_t instance, const std::vector<ImagePiece>& pieces);
  // Of which ExtendImage was called, in that order.
  const std::vector<uint32_t>& image_instances() const {
    return image_instances_;
  }
  // Restore: as the two above, of a memory whose contents are still to come.
  void SetImage(bool has_initial_image, std::vector<uint32_t> instances,
                MemoryImage image);

  // The bytes of one card page; only the last one can be shorter than
  // kCardPageBytes (custom page sizes).
  ByteSpan CardPage(uint64_t page) const { return region_.Page(page); }

  // Restore: sets the size without reference to the current one; new pages are
  // zero. ResourceExhausted past the type's or the configured limit.
  absl::Status SetSizePages(uint64_t pages);

  // Restore, of a memory that nothing has touched: its contents come from
  // `loader`. False, with nothing done, where that is not possible.
  bool LoadLazily(std::unique_ptr<PageLoader> loader) {
    return region_.LoadLazily(std::move(loader));
  }
  LazyPages* lazy_pages() const { return region_.lazy_pages(); }
  // Loads what is missing of a range that is InBounds.
  void EnsurePresent(uint64_t address, uint64_t length) const {
    region_.EnsurePresent(address, length);
  }
  // Not OK: nothing that the guest did since may be let out (carded_region.h).
  absl::Status status() const { return region_.status(); }

 private:
  MemoryInstance(const MemoryType& type, CardedRegion region)
      : type_(type), region_(std::move(region)) {}

  bool IsLikeImage(uint64_t page) const {
    return image_.Equals(page << kCardPageLog2, CardPage(page));
  }

  MemoryType type_;
  bool has_initial_image_ = false;
  std::vector<uint32_t> image_instances_;
  MemoryImage image_;
  CardedRegion region_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_MEMORY_INSTANCE_H_

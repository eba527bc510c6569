// CardedRegion: a range of zeroed memory that never moves, can grow, and has a
// dirty card for every 4 KiB page of it. What linear memories and the heap of
// objects are made of.
//
// Layout: one reservation of address space, [cards][data], with room for the
// most the region may ever have, so the card of the byte at offset `a` is
// always data()[(a >> kCardPageLog2) - kCardBytes]. Whoever writes through
// data() marks the card of every page written with the value 1. Pages of the
// reservation that were never touched cost nothing (docs/decisions/0001).
//
// "Dirty" is a page written since the last ClearDirty. "Changed" is a page that
// was ever dirty since the last ForgetChanges, or is kept outside.
//
// The contents of a region may come from outside as they are touched
// (LoadLazily). Who hands memory to the kernel calls EnsurePresent first.
//
// Where the system refuses address space that nothing stands behind
// (vm.overcommit_memory=2), the region takes memory as it grows, and growing
// can fail.
//
// Confined to one thread at a time.

#ifndef WASMD_INTERP_CARDED_REGION_H_
#define WASMD_INTERP_CARDED_REGION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "interp/lazy_pages.h"

namespace wasmd {

// The most a region can have, and the address space of the cards for it.
inline constexpr uint64_t kMaxRegionBytes = uint64_t{64} << 30;
inline constexpr uint64_t kCardBytes = kMaxRegionBytes >> kCardPageLog2;

class CardedRegion {
 public:
  // An empty region of size 0 that can grow to `max_bytes` (at most
  // kMaxRegionBytes). ResourceExhausted if the address space cannot be had.
  static absl::StatusOr<CardedRegion> Create(uint64_t max_bytes);
  ~CardedRegion();
  CardedRegion(CardedRegion&& other) noexcept;
  CardedRegion& operator=(CardedRegion&& other) noexcept;

  uint8_t* data() const { return data_; }
  uint64_t size_bytes() const { return size_bytes_; }
  uint64_t max_bytes() const { return max_bytes_; }

  // `size` is at most max_bytes(). Bytes past a new size are lost: they read as
  // zero when the region grows over them again. Marks nothing; the pages cut
  // off are neither dirty nor changed any more. A region that is loaded lazily
  // never shrinks. False, with the size unchanged and status() saying so, if
  // the system has no memory for it.
  bool SetSize(uint64_t size);

  // Of an empty untouched region of this size: its contents come from `loader`
  // when they are touched, and the pages that are stored count as changed then.
  // False, with nothing done, where that is not possible.
  bool LoadLazily(std::unique_ptr<PageLoader> loader);
  // Null if the region is not loaded lazily.
  LazyPages* lazy_pages() const { return lazy_.get(); }
  // Loads what is missing of [offset, offset + length), which lies inside.
  void EnsurePresent(uint64_t offset, uint64_t length) const {
    if (lazy_ != nullptr) lazy_->EnsurePresent(offset, length);
  }

  // Not OK once contents could not be loaded or growing failed for want of
  // memory. The guest may go on, but what it does must not be let out: it would
  // depend on this machine.
  absl::Status status() const;

  // Marks the pages that hold [offset, offset + length), which lies inside.
  void MarkDirty(uint64_t offset, uint64_t length) {
    if (length == 0) return;
    uint8_t* cards = data_ - kCardBytes;
    const uint64_t last = (offset + length - 1) >> kCardPageLog2;
    for (uint64_t page = offset >> kCardPageLog2; page <= last; ++page) {
      cards[page] = 1;
    }
  }

  // Pages dirty since the last ClearDirty, ascending.
  std::vector<uint64_t> DirtyPages() const;
  // Pages ever dirty since the last ForgetChanges, ascending. Loads everything.
  std::vector<uint64_t> ChangedPages() const;
  // Forgets which pages are dirty; they stay changed, but for those that were
  // not changed before and for which `is_unchanged` says true.
  void ClearDirty(
      const std::function<bool(uint64_t page)>& is_unchanged = nullptr);
  // True if the page was changed when ClearDirty was called last. It is
  // present.
  bool WasChanged(uint64_t page) const;
  // The page is kept outside: changed, but not dirty.
  void MarkChanged(uint64_t page);
  // From here on nothing is dirty or changed.
  void ForgetChanges();

  // The number of pages, the last of which can be shorter than kCardPageBytes.
  uint64_t page_count() const {
    return (size_bytes_ + kCardPageBytes - 1) >> kCardPageLog2;
  }
  // page < page_count(); is loaded if it is missing.
  ByteSpan Page(uint64_t page) const;

 private:
  CardedRegion() = default;
  void Release();
  bool TakeMemory(uint64_t size);
  void Shrink(uint64_t size);

  uint8_t* data_ = nullptr;  // null only when moved from
  uint64_t size_bytes_ = 0;
  uint64_t max_bytes_ = 0;
  uint64_t reserved_bytes_ = 0;  // for cards and data
  // Data is readable and writable up to here, and as many cards.
  uint64_t usable_bytes_ = 0;
  // A bit for each page that ClearDirty found dirty.
  std::vector<uint64_t> changed_bits_;
  std::unique_ptr<LazyPages> lazy_;
  absl::Status failure_;  // of growing
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CARDED_REGION_H_

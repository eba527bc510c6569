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
// was ever dirty since the last ForgetChanges.
//
// Confined to one thread at a time.

#ifndef WASMD_INTERP_CARDED_REGION_H_
#define WASMD_INTERP_CARDED_REGION_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace wasmd {

// Unit of dirty tracking and of saved pages; not the 64 KiB page of the spec.
inline constexpr uint64_t kCardPageBytes = 4096;
inline constexpr unsigned kCardPageLog2 = 12;
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
  // off are neither dirty nor changed any more.
  void SetSize(uint64_t size);

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
  // Pages ever dirty since the last ForgetChanges, ascending.
  std::vector<uint64_t> ChangedPages() const;
  // Forgets which pages are dirty; they stay changed.
  void ClearDirty();
  // From here on nothing is dirty or changed.
  void ForgetChanges();

  // The number of pages, the last of which can be shorter than kCardPageBytes.
  uint64_t page_count() const {
    return (size_bytes_ + kCardPageBytes - 1) >> kCardPageLog2;
  }
  ByteSpan Page(uint64_t page) const;  // page < page_count()

 private:
  CardedRegion() = default;
  void Release();

  uint8_t* data_ = nullptr;  // null only when moved from
  uint64_t size_bytes_ = 0;
  uint64_t max_bytes_ = 0;
  uint64_t reserved_bytes_ = 0;  // for cards and data
  // A bit for each page that ClearDirty found dirty.
  std::vector<uint64_t> changed_bits_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CARDED_REGION_H_

#include "interp/carded_region.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

// Cards are looked at eight at a time, and first in blocks of eight words, all
// of which are mostly zero.
constexpr uint64_t kWordCards = 8;
constexpr uint64_t kBlockCards = 64;

uint64_t RoundUp(uint64_t value, uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Calls visit(first_page, word) for every word of cards that is not all zero.
// `cards` has a multiple of kBlockCards readable bytes at and after page_count.
template <typename Visit>
void ForEachDirtyWord(uint8_t* cards, uint64_t page_count, Visit visit) {
  for (uint64_t block = 0; block < page_count; block += kBlockCards) {
    uint64_t any = 0;
    for (uint64_t i = 0; i < kBlockCards; i += kWordCards) {
      any |= LoadLittle<uint64_t>(cards + block + i);
    }
    if (any == 0) continue;
    for (uint64_t i = 0; i < kBlockCards; i += kWordCards) {
      const uint64_t word = LoadLittle<uint64_t>(cards + block + i);
      if (word != 0) visit(block + i, word);
    }
  }
}

// Calls visit(page) for every card of `word` that is set, in order.
template <typename Visit>
void ForEachCard(uint64_t first_page, uint64_t word, Visit visit) {
  while (word != 0) {
    const unsigned card = static_cast<unsigned>(std::countr_zero(word)) / 8;
    visit(first_page + card);
    word &= ~(uint64_t{0xFF} << (card * 8));
  }
}

// Gives back the pages of [begin, begin + length), which then read as zero.
void Discard(uint8_t* begin, uint64_t length) {
  if (length == 0) return;
  CHECK(madvise(begin, length, MADV_DONTNEED) == 0);
}

}  // namespace

absl::StatusOr<CardedRegion> CardedRegion::Create(uint64_t max_bytes) {
  CHECK(max_bytes <= kMaxRegionBytes);
  const uint64_t reserved =
      kCardBytes + std::max(RoundUp(max_bytes, kCardPageBytes), kCardPageBytes);
  // Readable and writable at once, without a later mprotect: cheaper to make
  // (4 us against 9 us), and neighbouring regions merge into one mapping of the
  // kernel, of which a process may have only about 65,000.
  void* begin = mmap(nullptr, reserved, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (begin == MAP_FAILED) {
    return absl::ResourceExhaustedError(
        StrCat("cannot reserve ", reserved,
               " bytes of address space: ", std::strerror(errno),
               "; lower the memory limit, or check ulimit -v and "
               "vm.overcommit_memory"));
  }
  // Without this, a system with transparent huge pages always on would give the
  // first byte written to each of many small regions a page of 2 MiB. It fails
  // only where there are no huge pages.
  madvise(begin, reserved, MADV_NOHUGEPAGE);
  CardedRegion region;
  region.data_ = static_cast<uint8_t*>(begin) + kCardBytes;
  region.max_bytes_ = max_bytes;
  region.reserved_bytes_ = reserved;
  return region;
}

CardedRegion::CardedRegion(CardedRegion&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_bytes_(std::exchange(other.size_bytes_, 0)),
      max_bytes_(std::exchange(other.max_bytes_, 0)),
      reserved_bytes_(std::exchange(other.reserved_bytes_, 0)),
      changed_bits_(std::move(other.changed_bits_)) {}

CardedRegion& CardedRegion::operator=(CardedRegion&& other) noexcept {
  if (this == &other) return *this;
  Release();
  data_ = std::exchange(other.data_, nullptr);
  size_bytes_ = std::exchange(other.size_bytes_, 0);
  max_bytes_ = std::exchange(other.max_bytes_, 0);
  reserved_bytes_ = std::exchange(other.reserved_bytes_, 0);
  changed_bits_ = std::move(other.changed_bits_);
  return *this;
}

CardedRegion::~CardedRegion() { Release(); }

void CardedRegion::Release() {
  if (data_ == nullptr) return;
  CHECK(munmap(data_ - kCardBytes, reserved_bytes_) == 0);
  data_ = nullptr;
}

void CardedRegion::SetSize(uint64_t size) {
  CHECK(size <= max_bytes_);
  if (size < size_bytes_) {
    const uint64_t old_pages = page_count();
    const uint64_t new_pages = (size + kCardPageBytes - 1) >> kCardPageLog2;
    const uint64_t boundary = new_pages << kCardPageLog2;
    std::memset(data_ + size, 0, std::min(boundary, size_bytes_) - size);
    Discard(data_ + boundary, (old_pages << kCardPageLog2) - boundary);
    std::memset(data_ - kCardBytes + new_pages, 0, old_pages - new_pages);
    changed_bits_.resize(std::min(changed_bits_.size(), (new_pages + 63) / 64));
    if (changed_bits_.size() * 64 > new_pages) {
      changed_bits_.back() &= (uint64_t{1} << (new_pages % 64)) - 1;
    }
  }
  size_bytes_ = size;
}

std::vector<uint64_t> CardedRegion::DirtyPages() const {
  std::vector<uint64_t> pages;
  ForEachDirtyWord(data_ - kCardBytes, page_count(),
                   [&](uint64_t first_page, uint64_t word) {
                     ForEachCard(first_page, word,
                                 [&](uint64_t page) { pages.push_back(page); });
                   });
  return pages;
}

std::vector<uint64_t> CardedRegion::ChangedPages() const {
  std::vector<uint64_t> bits = changed_bits_;
  ForEachDirtyWord(data_ - kCardBytes, page_count(),
                   [&](uint64_t first_page, uint64_t word) {
                     if (bits.size() <= first_page / 64) {
                       bits.resize(first_page / 64 + 1);
                     }
                     ForEachCard(first_page, word, [&](uint64_t page) {
                       bits[page / 64] |= uint64_t{1} << (page % 64);
                     });
                   });
  std::vector<uint64_t> pages;
  for (size_t i = 0; i < bits.size(); ++i) {
    for (uint64_t word = bits[i]; word != 0; word &= word - 1) {
      pages.push_back(i * 64 + static_cast<uint64_t>(std::countr_zero(word)));
    }
  }
  return pages;
}

void CardedRegion::ClearDirty() {
  uint8_t* cards = data_ - kCardBytes;
  ForEachDirtyWord(cards, page_count(),
                   [&](uint64_t first_page, uint64_t word) {
                     if (changed_bits_.size() <= first_page / 64) {
                       changed_bits_.resize(first_page / 64 + 1);
                     }
                     ForEachCard(first_page, word, [&](uint64_t page) {
                       changed_bits_[page / 64] |= uint64_t{1} << (page % 64);
                     });
                     StoreLittle<uint64_t>(cards + first_page, 0);
                   });
}

void CardedRegion::ForgetChanges() {
  ClearDirty();
  changed_bits_.clear();
}

ByteSpan CardedRegion::Page(uint64_t page) const {
  CHECK(page < page_count());
  const uint64_t begin = page << kCardPageLog2;
  return ByteSpan(data_ + begin, std::min(kCardPageBytes, size_bytes_ - begin));
}

}  // namespace wasmd

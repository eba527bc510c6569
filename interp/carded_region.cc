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
  const bool is_usable = begin != MAP_FAILED;
  if (!is_usable && errno == ENOMEM) {
    // Perhaps only for want of memory behind it: what cannot be touched needs
    // none.
    begin = mmap(nullptr, reserved, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }
  if (begin == MAP_FAILED) {
    return absl::ResourceExhaustedError(StrCat(
        "cannot reserve ", reserved, " bytes of address space: ",
        std::strerror(errno), "; lower the memory limit, or check ulimit -v"));
  }
  // Without this, a system with transparent huge pages always on would give the
  // first byte written to each of many small regions a page of 2 MiB. It fails
  // only where there are no huge pages.
  madvise(begin, reserved, MADV_NOHUGEPAGE);
  CardedRegion region;
  region.data_ = static_cast<uint8_t*>(begin) + kCardBytes;
  region.max_bytes_ = max_bytes;
  region.reserved_bytes_ = reserved;
  region.usable_bytes_ = is_usable ? reserved - kCardBytes : 0;
  return region;
}

CardedRegion::CardedRegion(CardedRegion&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_bytes_(std::exchange(other.size_bytes_, 0)),
      max_bytes_(std::exchange(other.max_bytes_, 0)),
      reserved_bytes_(std::exchange(other.reserved_bytes_, 0)),
      usable_bytes_(std::exchange(other.usable_bytes_, 0)),
      changed_bits_(std::move(other.changed_bits_)),
      lazy_(std::move(other.lazy_)),
      failure_(std::move(other.failure_)) {}

CardedRegion& CardedRegion::operator=(CardedRegion&& other) noexcept {
  if (this == &other) return *this;
  Release();
  data_ = std::exchange(other.data_, nullptr);
  size_bytes_ = std::exchange(other.size_bytes_, 0);
  max_bytes_ = std::exchange(other.max_bytes_, 0);
  reserved_bytes_ = std::exchange(other.reserved_bytes_, 0);
  usable_bytes_ = std::exchange(other.usable_bytes_, 0);
  changed_bits_ = std::move(other.changed_bits_);
  lazy_ = std::move(other.lazy_);
  failure_ = std::move(other.failure_);
  return *this;
}

CardedRegion::~CardedRegion() { Release(); }

void CardedRegion::Release() {
  if (data_ == nullptr) return;
  lazy_.reset();
  CHECK(munmap(data_ - kCardBytes, reserved_bytes_) == 0);
  data_ = nullptr;
}

bool CardedRegion::TakeMemory(uint64_t size) {
  const uint64_t usable = RoundUp(size, kCardPageBytes);
  // Cards are looked at in blocks, and pages of them are the system's unit.
  const uint64_t cards = RoundUp(usable >> kCardPageLog2, kCardPageBytes);
  if (mprotect(data_ - kCardBytes, cards, PROT_READ | PROT_WRITE) != 0 ||
      mprotect(data_, usable, PROT_READ | PROT_WRITE) != 0) {
    failure_ = absl::ResourceExhaustedError(
        StrCat("the system has no memory for ", size,
               " bytes of the guest's: ", std::strerror(errno),
               "; free some, or allow more (vm.overcommit_memory)"));
    return false;
  }
  usable_bytes_ = usable;
  return true;
}

bool CardedRegion::SetSize(uint64_t size) {
  CHECK(size <= max_bytes_);
  if (size > usable_bytes_ && !TakeMemory(size)) return false;
  if (size < size_bytes_) Shrink(size);
  size_bytes_ = size;
  return true;
}

void CardedRegion::Shrink(uint64_t size) {
  CHECK(lazy_ == nullptr);
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

bool CardedRegion::LoadLazily(std::unique_ptr<PageLoader> loader) {
  CHECK(lazy_ == nullptr);
  if (size_bytes_ == 0 || size_bytes_ % kCardPageBytes != 0) return false;
  lazy_ = LazyPages::Create(data_, size_bytes_, std::move(loader));
  return lazy_ != nullptr;
}

absl::Status CardedRegion::status() const {
  if (!failure_.ok() || lazy_ == nullptr) return failure_;
  return lazy_->status();
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
  if (lazy_ != nullptr) {
    lazy_->LoadAll();
    const std::vector<uint64_t>& stored = lazy_->stored_bits();
    bits.resize(std::max(bits.size(), stored.size()));
    for (size_t i = 0; i < stored.size(); ++i) bits[i] |= stored[i];
  }
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

void CardedRegion::MarkChanged(uint64_t page) {
  if (changed_bits_.size() <= page / 64) changed_bits_.resize(page / 64 + 1);
  changed_bits_[page / 64] |= uint64_t{1} << (page % 64);
}

bool CardedRegion::WasChanged(uint64_t page) const {
  if (page / 64 < changed_bits_.size() &&
      (changed_bits_[page / 64] >> (page % 64) & 1) != 0) {
    return true;
  }
  return lazy_ != nullptr && page / 64 < lazy_->stored_bits().size() &&
         lazy_->IsStored(page);
}

void CardedRegion::ClearDirty(
    const std::function<bool(uint64_t page)>& is_unchanged) {
  uint8_t* cards = data_ - kCardBytes;
  ForEachDirtyWord(cards, page_count(),
                   [&](uint64_t first_page, uint64_t word) {
                     ForEachCard(first_page, word, [&](uint64_t page) {
                       if (is_unchanged == nullptr || WasChanged(page) ||
                           !is_unchanged(page)) {
                         MarkChanged(page);
                       }
                     });
                     StoreLittle<uint64_t>(cards + first_page, 0);
                   });
}

void CardedRegion::ForgetChanges() {
  CHECK(lazy_ == nullptr);
  ClearDirty();
  changed_bits_.clear();
}

ByteSpan CardedRegion::Page(uint64_t page) const {
  CHECK(page < page_count());
  const uint64_t begin = page << kCardPageLog2;
  EnsurePresent(begin, 1);
  return ByteSpan(data_ + begin, std::min(kCardPageBytes, size_bytes_ - begin));
}

}  // namespace wasmd

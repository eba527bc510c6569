#include "interp/lazy_pages.h"

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/str_cat.h"
#include "interp/fault_ranges.h"

namespace wasmd {
namespace {

constexpr uint64_t kChunkBytes = uint64_t{64} << 10;
// The most that is loaded at once.
constexpr uint64_t kMaxWindow = 16;

bool IsZero(ByteSpan page) {
  return page[0] == 0 &&
         std::memcmp(page.data(), page.data() + 1, page.size() - 1) == 0;
}

}  // namespace

std::unique_ptr<LazyPages> LazyPages::Create(
    uint8_t* begin, uint64_t size, std::unique_ptr<PageLoader> loader) {
  CHECK(size > 0 && size % kCardPageBytes == 0);
  FaultRanges* const ranges = FaultRanges::Get();
  if (ranges == nullptr) return nullptr;
  std::unique_ptr<LazyPages> pages(
      new LazyPages(begin, size, std::move(loader)));
  if (ranges->Add(begin, size, pages.get())) return pages;
  pages->missing_chunks_ = 0;  // nothing to forget
  return nullptr;
}

LazyPages::LazyPages(uint8_t* begin, uint64_t size,
                     std::unique_ptr<PageLoader> loader)
    : begin_(begin),
      size_(size),
      loader_(std::move(loader)),
      is_present_((size + kChunkBytes - 1) / kChunkBytes),
      missing_chunks_(is_present_.size()),
      stored_bits_((size / kCardPageBytes + 63) / 64) {}

LazyPages::~LazyPages() {
  if (!is_all_present()) FaultRanges::Get()->Forget(begin_);
}

bool LazyPages::OnFault(uint64_t offset) {
  const uint64_t first = offset / kChunkBytes;
  if (is_present_[first]) return false;
  window_ = first == next_chunk_ ? std::min(window_ * 2, kMaxWindow) : 1;
  uint64_t count = 1;
  while (count < window_ && first + count < is_present_.size() &&
         !is_present_[first + count]) {
    ++count;
  }
  LoadChunks(first, count);
  return true;
}

void LazyPages::EnsurePresent(uint64_t offset, uint64_t length) {
  // What the region grew by since is there already.
  if (length == 0 || offset >= size_ || is_all_present()) return;
  length = std::min(length, size_ - offset);
  uint64_t chunk = offset / kChunkBytes;
  const uint64_t end = (offset + length - 1) / kChunkBytes + 1;
  while (chunk < end && !is_all_present()) {
    uint64_t count = 0;
    while (count < kMaxWindow && chunk + count < end &&
           !is_present_[chunk + count]) {
      ++count;
    }
    if (count > 0) LoadChunks(chunk, count);
    chunk += std::max<uint64_t>(count, 1);
  }
}

void LazyPages::LoadChunks(uint64_t first, uint64_t count) {
  const uint64_t begin = first * kChunkBytes;
  const uint64_t size = std::min(count * kChunkBytes, size_ - begin);
  const uint64_t first_page = begin / kCardPageBytes;
  staging_.assign(size, 0);
  std::vector<bool> is_stored(size / kCardPageBytes);
  absl::Status status = loader_->Load(first_page, staging_, &is_stored);
  if (status.ok()) status = Install(begin, staging_);
  if (!status.ok()) return Fail(std::move(status));
  for (uint64_t i = 0; i < is_stored.size(); ++i) {
    const uint64_t page = first_page + i;
    if (is_stored[i]) stored_bits_[page / 64] |= uint64_t{1} << (page % 64);
  }
  for (uint64_t i = 0; i < count; ++i) is_present_[first + i] = true;
  missing_chunks_ -= count;
  next_chunk_ = first + count;
  if (is_all_present()) Finish();
}

// Pages of zeros do not take memory.
absl::Status LazyPages::Install(uint64_t offset, ByteSpan bytes) {
  const int userfault = FaultRanges::Get()->userfault();
  const uint64_t start = reinterpret_cast<uintptr_t>(begin_) + offset;
  uint64_t done = 0;
  while (done < bytes.size()) {
    const bool is_zero = IsZero(bytes.subspan(done, kCardPageBytes));
    uint64_t end = done + kCardPageBytes;
    while (end < bytes.size() &&
           IsZero(bytes.subspan(end, kCardPageBytes)) == is_zero) {
      end += kCardPageBytes;
    }
    int64_t installed = 0;
    int result = 0;
    if (is_zero) {
      uffdio_zeropage request = {};
      request.range.start = start + done;
      request.range.len = end - done;
      result = ioctl(userfault, UFFDIO_ZEROPAGE, &request);
      installed = request.zeropage;
    } else {
      uffdio_copy request = {};
      request.dst = start + done;
      request.src = reinterpret_cast<uintptr_t>(bytes.data()) + done;
      request.len = end - done;
      result = ioctl(userfault, UFFDIO_COPY, &request);
      installed = request.copy;
    }
    // EAGAIN: the kernel was disturbed, and says how far it came.
    if (result != 0 && errno != EAGAIN) {
      return absl::ResourceExhaustedError(
          StrCat("cannot make memory of ", end - done,
                 " bytes present: ", std::strerror(errno)));
    }
    done += static_cast<uint64_t>(std::max<int64_t>(installed, 0));
  }
  return absl::OkStatus();
}

void LazyPages::Fail(absl::Status status) {
  status_ = std::move(status);
  is_present_.assign(is_present_.size(), true);
  missing_chunks_ = 0;
  Finish();
  if (on_failure_ != nullptr) on_failure_();
}

void LazyPages::Finish() {
  FaultRanges::Get()->Remove(begin_, size_);
  loader_.reset();
  staging_ = {};
}

}  // namespace wasmd

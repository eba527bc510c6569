#include "interp/memory_instance.h"

#include <algorithm>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "wasm/limits.h"

namespace wasmd {
namespace {

// The most pages that the type allows, in bytes at most `max_bytes`.
uint64_t MaxPages(const MemoryType& type, uint64_t max_bytes) {
  uint64_t pages = max_bytes >> type.page_size_log2;
  // The specification's bound keeps addresses of the address type in range; it
  // is in bytes where pages have another size.
  if (type.address == AddressType::kI32) {
    const uint64_t bound = kMaxMemory32Pages * kWasmPageBytes;
    pages = std::min(pages, bound >> type.page_size_log2);
  }
  if (type.limits.max.has_value()) pages = std::min(pages, *type.limits.max);
  return pages;
}

absl::Status OutOfBounds(uint64_t address, uint64_t length, uint64_t size) {
  return absl::OutOfRangeError(StrCat("guest memory access of ", length,
                                      " bytes at ", address,
                                      " is out of bounds of ", size, " bytes"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<MemoryInstance>> MemoryInstance::Create(
    const MemoryType& type, uint64_t max_bytes) {
  CHECK(type.page_size_log2 <= 16);
  const uint64_t max_pages =
      MaxPages(type, std::min(max_bytes, kMaxMemoryBytes));
  if (type.limits.min > max_pages) {
    return absl::ResourceExhaustedError(
        StrCat("memory of at least ", type.limits.min, " pages of ",
               uint64_t{1} << type.page_size_log2,
               " bytes is over the limit of ", max_pages, " pages"));
  }
  ASSIGN_OR_RETURN(CardedRegion region,
                   CardedRegion::Create(max_pages << type.page_size_log2));
  region.SetSize(type.limits.min << type.page_size_log2);
  return std::unique_ptr<MemoryInstance>(
      new MemoryInstance(type, std::move(region)));
}

int64_t MemoryInstance::Grow(uint64_t delta_pages) {
  const uint64_t old_pages = size_pages();
  if (delta_pages > max_pages() - old_pages) return -1;
  region_.SetSize((old_pages + delta_pages) << type_.page_size_log2);
  return static_cast<int64_t>(old_pages);
}

absl::StatusOr<ByteSpan> MemoryInstance::Bytes(uint64_t address,
                                               uint64_t length) const {
  if (!InBounds(address, length)) {
    return OutOfBounds(address, length, size_bytes());
  }
  return ByteSpan(data() + address, length);
}

absl::StatusOr<MutableByteSpan> MemoryInstance::MutableBytes(uint64_t address,
                                                             uint64_t length) {
  if (!InBounds(address, length)) {
    return OutOfBounds(address, length, size_bytes());
  }
  MarkDirty(address, length);
  return MutableByteSpan(data() + address, length);
}

absl::Status MemoryInstance::SetSizePages(uint64_t pages) {
  if (pages > max_pages()) {
    return absl::ResourceExhaustedError(
        StrCat("memory of ", pages, " pages is over the limit of ", max_pages(),
               " pages; raise the memory limit to restore it"));
  }
  region_.SetSize(pages << type_.page_size_log2);
  return absl::OkStatus();
}

}  // namespace wasmd

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
  if (!region.SetSize(type.limits.min << type.page_size_log2)) {
    return region.status();
  }
  return std::unique_ptr<MemoryInstance>(
      new MemoryInstance(type, std::move(region)));
}

int64_t MemoryInstance::Grow(uint64_t delta_pages) {
  const uint64_t old_pages = size_pages();
  if (delta_pages > max_pages() - old_pages) return -1;
  if (!region_.SetSize((old_pages + delta_pages) << type_.page_size_log2)) {
    return -1;
  }
  return static_cast<int64_t>(old_pages);
}

absl::StatusOr<ByteSpan> MemoryInstance::Bytes(uint64_t address,
                                               uint64_t length) const {
  if (!InBounds(address, length)) {
    return OutOfBounds(address, length, size_bytes());
  }
  if (lazy_pages() != nullptr) {
    EnsurePresent(address, length);
    RETURN_IF_ERROR(status());
  }
  return ByteSpan(data() + address, length);
}

absl::StatusOr<MutableByteSpan> MemoryInstance::MutableBytes(uint64_t address,
                                                             uint64_t length) {
  if (!InBounds(address, length)) {
    return OutOfBounds(address, length, size_bytes());
  }
  if (lazy_pages() != nullptr) {
    EnsurePresent(address, length);
    RETURN_IF_ERROR(status());
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
  return region_.SetSize(pages << type_.page_size_log2) ? absl::OkStatus()
                                                        : region_.status();
}

std::vector<uint64_t> MemoryInstance::DirtyPagesToSave() const {
  std::vector<uint64_t> pages = region_.DirtyPages();
  std::erase_if(pages, [this](uint64_t page) {
    return !region_.WasChanged(page) && IsLikeImage(page);
  });
  return pages;
}

std::vector<uint64_t> MemoryInstance::ChangedPagesToSave() const {
  std::vector<uint64_t> pages = region_.ChangedPages();
  std::erase_if(pages, [this](uint64_t page) { return IsLikeImage(page); });
  return pages;
}

void MemoryInstance::ClearDirty() {
  region_.ClearDirty([this](uint64_t page) { return IsLikeImage(page); });
}

void MemoryInstance::MarkInitialImage(const std::vector<ImagePiece>& pieces) {
  region_.ForgetChanges();
  image_.Add(pieces);
  has_initial_image_ = true;
}

void MemoryInstance::ExtendImage(uint32_t instance,
                                 const std::vector<ImagePiece>& pieces) {
  image_.Add(pieces);
  for (const ImagePiece& piece : pieces) {
    if (piece.bytes.empty()) continue;
    // Pages that were like the image still are. Others, written and perhaps
    // saved before, have changed.
    const uint64_t last = piece.offset + piece.bytes.size() - 1;
    for (uint64_t page = piece.offset >> kCardPageLog2;
         page <= last >> kCardPageLog2; ++page) {
      if (region_.WasChanged(page)) MarkDirty(page << kCardPageLog2, 1);
    }
  }
  image_instances_.push_back(instance);
}

void MemoryInstance::SetImage(bool has_initial_image,
                              std::vector<uint32_t> instances,
                              MemoryImage image) {
  has_initial_image_ = has_initial_image;
  image_instances_ = std::move(instances);
  image_ = std::move(image);
}

}  // namespace wasmd

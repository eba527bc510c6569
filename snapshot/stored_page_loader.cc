#include "snapshot/stored_page_loader.h"

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/str_cat.h"
#include "snapshot/restore_errors.h"

namespace wasmd {
namespace {

class StoredPageLoader : public PageLoader {
 public:
  StoredPageLoader(std::shared_ptr<StoredPages> pages, MemAddr address,
                   const MemoryInstance& memory)
      : pages_(std::move(pages)), address_(address), memory_(memory) {}

  absl::Status Load(uint64_t first_page, MutableByteSpan to,
                    std::vector<bool>* is_stored) override {
    memory_.image().CopyTo(first_page * kCardPageBytes, to);
    const uint64_t count = to.size() / kCardPageBytes;
    uint64_t next = first_page;  // the lowest page that may come
    const absl::Status status =
        pages_->Read(address_, first_page, count,
                     [&](uint64_t page, ByteSpan bytes) -> absl::Status {
                       if (page < next || page - first_page >= count ||
                           (!bytes.empty() && bytes.size() != kCardPageBytes)) {
                         return Damage(StrCat("page ", page, " is malformed"));
                       }
                       next = page + 1;
                       const uint64_t at = page - first_page;
                       uint8_t* const target = to.data() + at * kCardPageBytes;
                       if (bytes.empty()) {
                         std::memset(target, 0, kCardPageBytes);
                       } else {
                         std::memcpy(target, bytes.data(), kCardPageBytes);
                       }
                       (*is_stored)[at] = true;
                       return absl::OkStatus();
                     });
    return Annotate(StrCat("memory ", address_, " cannot be loaded"), status);
  }

 private:
  const std::shared_ptr<StoredPages> pages_;
  const MemAddr address_;
  const MemoryInstance& memory_;
};

}  // namespace

std::unique_ptr<PageLoader> MakeStoredPageLoader(
    std::shared_ptr<StoredPages> pages, MemAddr address,
    const MemoryInstance& memory) {
  return std::make_unique<StoredPageLoader>(std::move(pages), address, memory);
}

}  // namespace wasmd

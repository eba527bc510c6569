#include "runtime/passing_reader.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "interp/lazy_pages.h"
#include "interp/memory_instance.h"
#include "snapshot/stored_page_loader.h"

namespace wasmd {

// Passes on what is read, and notes what that was. A memory that is loaded
// lazily reads each page once, just before it is there.
class PassingReader::Watched : public StoredPages {
 public:
  explicit Watched(std::shared_ptr<StoredPages> pages)
      : pages_(std::move(pages)) {}

  absl::Status Read(MemAddr memory, uint64_t first_page, uint64_t count,
                    const Sink& sink) override {
    if (count != 0) {
      const MutexLock lock(mutex_);
      counts_[{memory, first_page}] = count;
    }
    return pages_->Read(memory, first_page, count, sink);
  }

  bool WasRead(MemAddr memory, uint64_t page) {
    const MutexLock lock(mutex_);
    auto after = counts_.upper_bound({memory, page});
    if (after == counts_.begin()) return false;
    const auto& [from, count] = *--after;
    return from.first == memory && page - from.second < count;
  }

 private:
  const std::shared_ptr<StoredPages> pages_;
  Mutex mutex_;
  // By memory and first page; they do not overlap.
  std::map<std::pair<MemAddr, uint64_t>, uint64_t> counts_
      ABSL_GUARDED_BY(mutex_);
};

PassingReader::PassingReader(std::shared_ptr<StoredPages> pages)
    : pages_(std::move(pages)),
      watched_(pages_ == nullptr ? nullptr
                                 : std::make_shared<Watched>(pages_)) {}

PassingReader::~PassingReader() = default;

std::shared_ptr<StoredPages> PassingReader::watched() const { return watched_; }

void PassingReader::Begin(const Store& store) {
  store_ = &store;
  restored_bytes_.clear();
  for (MemAddr a = 0; a < store.memory_count(); ++a) {
    restored_bytes_.push_back(store.memory(a).size_bytes());
  }
}

bool PassingReader::IsMissing(MemAddr memory, uint64_t offset) const {
  const LazyPages* const lazy = store_->memory(memory).lazy_pages();
  return lazy != nullptr && !lazy->is_all_present() && pages_ != nullptr &&
         memory < restored_bytes_.size() && offset < restored_bytes_[memory] &&
         !watched_->WasRead(memory, offset / kCardPageBytes);
}

absl::Status PassingReader::Read(MemAddr memory, uint64_t offset,
                                 MutableByteSpan to) const {
  const MemoryInstance& instance = store_->memory(memory);
  while (!to.empty()) {
    // As far as all of it is missing, or none.
    const bool is_missing = IsMissing(memory, offset);
    uint64_t size = std::min<uint64_t>(kAlignment, to.size());
    while (size < to.size() && IsMissing(memory, offset + size) == is_missing) {
      size = std::min<uint64_t>(size + kAlignment, to.size());
    }
    const MutableByteSpan piece = to.first(size);
    if (is_missing) {
      std::memset(piece.data(), 0, piece.size());
      std::vector<bool> is_stored(size / kCardPageBytes);
      RETURN_IF_ERROR(MakeStoredPageLoader(pages_, memory, instance)
                          ->Load(offset / kCardPageBytes, piece, &is_stored));
    } else {
      ASSIGN_OR_RETURN(const ByteSpan bytes, instance.Bytes(offset, size));
      std::memcpy(piece.data(), bytes.data(), size);
    }
    to = to.subspan(size);
    offset += size;
  }
  return absl::OkStatus();
}

}  // namespace wasmd

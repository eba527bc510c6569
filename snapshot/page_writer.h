// PageWriter: puts stored pages into the memories and the heap of a restored
// Store, in the order in which they come. Part of RestoreSnapshot.

#ifndef WASMD_SNAPSHOT_PAGE_WRITER_H_
#define WASMD_SNAPSHOT_PAGE_WRITER_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "interp/store.h"

namespace wasmd {

// Confined to one thread; several may write into one Store at the same time if
// no two of them get the same page.
class PageWriter {
 public:
  explicit PageWriter(Store& store) : store_(store) {}
  PageWriter(const PageWriter&) = delete;
  PageWriter& operator=(const PageWriter&) = delete;

  // Empty bytes: all zeros. DataLoss if they do not fit, or if the page does
  // not come after the one before, of this memory or one before. Not all is in
  // memory before Flush.
  absl::Status Write(MemAddr memory, uint64_t page, ByteSpan bytes);
  void Flush();
  // What was written is changed. Of several writers of one Store one by one,
  // after Flush.
  void MarkChanged();

 private:
  absl::Status WriteHeapPage(uint64_t page, ByteSpan bytes);
  absl::Status Put(MemAddr memory, uint64_t page, ByteSpan bytes,
                   MutableByteSpan to);

  Store& store_;
  std::optional<std::pair<MemAddr, uint64_t>> last_;
  std::vector<std::pair<MemAddr, uint64_t>> changed_;
  // Pages that follow each other and are not in memory yet: the system gives
  // memory for all of them at once in half the time that it takes to do so when
  // each is touched.
  std::vector<uint8_t> run_;
  uint8_t* run_begin_ = nullptr;
};

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_PAGE_WRITER_H_

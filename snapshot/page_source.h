// Where the stored pages of a process come from: all at once (PageSource) or as
// they are needed (StoredPages). Whoever keeps snapshots implements them.

#ifndef WASMD_SNAPSHOT_PAGE_SOURCE_H_
#define WASMD_SNAPSHOT_PAGE_SOURCE_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "interp/store.h"

namespace wasmd {

// Calls `sink` for each stored page, ascending (memory, page); an empty span is
// a page of zeros.
using PageSink =
    std::function<absl::Status(MemAddr memory, uint64_t page, ByteSpan bytes)>;
using PageSource = std::function<absl::Status(const PageSink& sink)>;

// The pages of a process as they were where it was restored. A page is read
// before the process changes it, never after; until then it must be what it was
// at the restore, whatever is committed meanwhile.
//
// A restore may call Read from several threads at once, for different pages.
// Later it is called on the thread that the process runs on, in the middle of
// an instruction of the guest: needs no lock that is held while a guest runs or
// its memory is read.
class StoredPages {
 public:
  using Sink = std::function<absl::Status(uint64_t page, ByteSpan bytes)>;

  virtual ~StoredPages() = default;

  // Calls `sink` for each stored page of `memory` from `first_page` on, `count`
  // page numbers far, ascending; an empty span is a page of zeros. Not all of
  // `first_page` + `count` need be a page number.
  virtual absl::Status Read(MemAddr memory, uint64_t first_page, uint64_t count,
                            const Sink& sink) = 0;
};

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_PAGE_SOURCE_H_

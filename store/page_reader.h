// PageReader: the pages of a process, read on demand (ProcessDb::OpenPages).

#ifndef WASMD_STORE_PAGE_READER_H_
#define WASMD_STORE_PAGE_READER_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "base/bytes.h"

namespace wasmd {

// The pages of a process as they were at one commit: the last one when this was
// opened, or that of a kept point.
//
// It is for a process that is resumed and loads a page when it first touches
// it. So nothing is held that would keep old data from being dropped, and the
// following is what can be read:
//   - of the last commit: pages that no later commit wrote. A process that
//     loads a page before it changes it reads nothing else. What is read of
//     other pages is one of their later contents, or of an earlier and a later
//     one mixed: never use it;
//   - of a kept point: every page, as long as the point is kept.
// This holds across failed writes too, after which the store opens its database
// anew.
//
// Thread-safe; may be used while other threads commit, this process too. Lives
// no longer than the ProcessDb, and not beyond removal or rewinding of its
// process (NotFound, DataLoss or other pages then; never a crash).
class PageReader {
 public:
  // `page` is the number within the memory. Empty bytes: all zeros. Borrowed
  // until it returns. An error ends the reading and is returned.
  using Sink = std::function<absl::Status(uint64_t page, ByteSpan bytes)>;
  // The same for a range over several memories.
  using AllSink =
      std::function<absl::Status(uint32_t memory, uint64_t page, ByteSpan)>;

  virtual ~PageReader() = default;

  // Gives every stored page of `memory` from `first_page` on, before
  // `first_page + count`, ascending. A page that is not given is not stored: it
  // is as the initial image of the memory has it, else zeros. One page costs
  // one or two look-ups (some 10 us warm), a long range much less a page.
  virtual absl::Status Read(uint32_t memory, uint64_t first_page,
                            uint64_t count, const Sink& sink) const = 0;

  // Every stored page of every memory, ascending (memory, page).
  virtual absl::Status ReadAll(const AllSink& sink) const = 0;
};

}  // namespace wasmd

#endif  // WASMD_STORE_PAGE_READER_H_

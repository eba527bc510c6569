// PageHistory: keeps what a page was at the kept points before it is written
// whole again (table 14).
//
// An entry (page, T) is what table 6 held for the page until commit T; what it
// held at point P is the entry with the least T > P, else table 6 itself. So
// only the first write after the newest point needs an entry.
//
// Confined to whoever has the claim of the process (HeadTable).

#ifndef WASMD_STORE_PAGE_HISTORY_H_
#define WASMD_STORE_PAGE_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/batch_writer.h"
#include "store/database.h"
#include "store/redo_record.h"

namespace wasmd {

class PageHistory {
 public:
  explicit PageHistory(uint64_t process) : process_(process) {}

  // Before the first of so many commits of the process in one batch. What a
  // batch holds is not in the database yet, so it is remembered if a later
  // commit of the batch may have to keep it.
  void BeginBatch(size_t commits);

  // Before `page` is written whole by commit `sequence`; `last_point` is the
  // newest point, 0 for none.
  absl::Status BeforeWrite(const PageId& page, uint64_t sequence,
                           uint64_t last_point, const Database& database,
                           BatchWriter* out);
  void AfterWrite(const PageId& page, ByteSpan bytes);

 private:
  // Whether what the page was at the last point is kept already.
  absl::StatusOr<bool> IsKept(const PageId& page, const Database& database);

  const uint64_t process_;
  // Pages known to be kept, or written, since this point.
  uint64_t point_ = 0;
  std::unordered_set<PageId, PageIdHash> kept_;
  bool remembers_ = false;
  std::unordered_map<PageId, std::string, PageIdHash> batch_;
};

// The payload of an entry; nullopt: the process had not written the page.
std::string EncodeHistory(std::optional<ByteSpan> page);
// DataLoss if it is malformed.
absl::StatusOr<std::optional<ByteSpan>> ParseHistory(std::string_view key,
                                                     ByteSpan payload);

}  // namespace wasmd

#endif  // WASMD_STORE_PAGE_HISTORY_H_

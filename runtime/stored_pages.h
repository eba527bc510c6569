// StoredPages of a process in a store: what a resume reads lazily.

#ifndef WASMD_RUNTIME_STORED_PAGES_H_
#define WASMD_RUNTIME_STORED_PAGES_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "snapshot/page_source.h"
#include "store/process_db.h"

namespace wasmd {

// The pages of the process as its last commit left them, or as they were at a
// kept point. Null if this store can only be read as a whole. `db` outlives it.
absl::StatusOr<std::shared_ptr<StoredPages>> OpenStoredPages(
    ProcessDb& db, ProcessNumber process, std::optional<uint64_t> point = {});

}  // namespace wasmd

#endif  // WASMD_RUNTIME_STORED_PAGES_H_

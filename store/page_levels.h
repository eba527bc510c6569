// The pages of a process, put together: tables of pages and history, redo
// records, and what a fork shares with its parent.

#ifndef WASMD_STORE_PAGE_LEVELS_H_
#define WASMD_STORE_PAGE_LEVELS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/database.h"
#include "store/process_record.pb.h"
#include "store/redo_record.h"
#include "store/redo_window.h"

namespace rocksdb {
class Snapshot;
}  // namespace rocksdb

namespace wasmd {

// A chain of forks is no longer than this.
inline constexpr size_t kMaxPageLevels = 64;

// One process of a chain of forks.
struct PageLevel {
  uint64_t process = 0;
  // As of this point; absent: the last commit.
  std::optional<uint64_t> point = {};
  RedoWindow window = {};
};

// The process, its parent at the fork, and so on. NotFound if there is no such
// process or point. What it loads stays right for later snapshots too, as far
// as PageReader promises.
absl::StatusOr<std::vector<PageLevel>> LoadPageLevels(
    const Database& database, const rocksdb::Snapshot* snapshot,
    uint64_t process, std::optional<uint64_t> point);

// Gives the stored pages from `first` to `last`, both included, ascending.
absl::Status ReadPages(
    const Database& database, const rocksdb::Snapshot* snapshot,
    const std::vector<PageLevel>& levels, const PageId& first,
    const PageId& last,
    const std::function<absl::Status(const PageId&, ByteSpan)>& sink);

// The page at one level, nullopt if the process had not written it.
absl::StatusOr<std::optional<std::string>> ReadPageOfLevel(
    const Database& database, const rocksdb::Snapshot* snapshot,
    const PageLevel& level, const PageId& page);

// The last state, or that of a kept point. NotFound if there is none.
absl::StatusOr<std::string> ReadState(const Database& database,
                                      const rocksdb::Snapshot* snapshot,
                                      uint64_t process,
                                      std::optional<uint64_t> point);

// NotFound if there is none, kept or for forks.
absl::StatusOr<StoredPoint> ReadStoredPoint(const Database& database,
                                            uint64_t process, uint64_t point,
                                            const rocksdb::Snapshot* snapshot);
// The same for one that is kept.
absl::StatusOr<StoredPoint> ReadKeptPoint(const Database& database,
                                          uint64_t process, uint64_t point,
                                          const rocksdb::Snapshot* snapshot);

}  // namespace wasmd

#endif  // WASMD_STORE_PAGE_LEVELS_H_

// Kept points of a process, forks from them, and rewinding to them
// (docs/store-format.md, "Points and forks").
//
// What they need is told by their keys alone: a record or an old page that no
// point needs is garbage, found by reading the points again, whatever was cut
// off in between.

#ifndef WASMD_STORE_PROCESS_POINTS_H_
#define WASMD_STORE_PROCESS_POINTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/batch_writer.h"
#include "store/database.h"
#include "store/head_table.h"
#include "store/process_record.pb.h"

namespace rocksdb {
class Snapshot;
}  // namespace rocksdb

namespace wasmd {

// By sequence; those that only forks need too.
absl::StatusOr<std::map<uint64_t, StoredPoint>> ReadPoints(
    const Database& database, const rocksdb::Snapshot* snapshot,
    uint64_t process);

// The children of a process, at most `limit`; of one point if it is given.
absl::StatusOr<std::vector<uint64_t>> ReadForks(const Database& database,
                                                uint64_t process,
                                                std::optional<uint64_t> point,
                                                size_t limit);

// What the functions below are to do, with everything claimed by the caller.
struct PointFork {
  uint64_t parent = 0;
  std::optional<uint64_t> point = {};  // absent: the last commit
  uint64_t child = 0;
  std::optional<uint64_t> journal_from = {};
  std::optional<uint64_t> input_from = {};
};
// Adds a child and what its parent must keep for it.
absl::Status AddFork(const Database& database, const PointFork& fork,
                     const ProcessRecord& record, ProcessHead* parent_head,
                     BatchWriter* out);

// Adds the removal of a child's claim on its parent. Nothing for a process that
// is no child. FailedPrecondition if it has children itself.
absl::Status AddForkRemoval(const Database& database, uint64_t process,
                            uint64_t parent, uint64_t parent_sequence,
                            BatchWriter* out);

struct PointRewind {
  uint64_t process = 0;
  uint64_t point = 0;
  std::optional<uint64_t> journal_end = {};
};
// Adds the return to a point, with this record. FailedPrecondition if its
// sequence does not follow.
absl::Status AddRewind(const Database& database, const PointRewind& rewind,
                       const ProcessRecord& record, ProcessHead* head,
                       BatchWriter* out);

// Adds the removal of kept points before `min_sequence`, and of all but the
// newest `max_points`. False if there is nothing to remove.
absl::StatusOr<bool> AddPointRemoval(const Database& database, uint64_t process,
                                     uint64_t min_sequence,
                                     std::optional<uint64_t> max_points,
                                     ProcessHead* head, BatchWriter* out);

// Keys of old pages and redo records of a process that nothing needs: at most
// about `limit`, from the key `from` on. `from` is set to where to go on, empty
// at the end. What is garbage stays so, so no claim is needed.
absl::StatusOr<std::vector<std::string>> FindHistoryGarbage(
    const Database& database, uint64_t process, size_t limit,
    std::string* from);

}  // namespace wasmd

#endif  // WASMD_STORE_PROCESS_POINTS_H_

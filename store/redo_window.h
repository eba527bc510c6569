// RedoWindow: the redo records that must be applied to what the tables of pages
// and states hold, to get what a process had at a commit.

#ifndef WASMD_STORE_REDO_WINDOW_H_
#define WASMD_STORE_REDO_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/database.h"
#include "store/redo_record.h"

namespace rocksdb {
class Snapshot;
}  // namespace rocksdb

namespace wasmd {

// Immutable once loaded; thread-safe then. Holds the records in memory: about a
// MiB at most (redo_tracker.h).
class RedoWindow {
 public:
  // Of records `first` to `last`; none when `first` is 0.
  static absl::StatusOr<RedoWindow> Load(const Database& database,
                                         const rocksdb::Snapshot* snapshot,
                                         uint64_t process, uint64_t first,
                                         uint64_t last);

  // Brings a page, or the state, from what its table holds to the last record.
  // DataLoss if the patches do not fit.
  absl::Status ApplyToPage(const PageId& page, std::string* bytes) const;
  absl::Status ApplyToState(std::string* state) const;
  bool HasPatches(const PageId& page) const { return pages_.contains(page); }
  bool HasStatePatches() const { return !state_.empty(); }

  // In order of their sequences.
  struct Record {
    uint64_t sequence = 0;
    size_t size_bytes = 0;
  };
  const std::vector<Record>& records() const { return records_; }

  // What has patches, with the first record that has one.
  void ForEachPatched(
      const std::function<void(const PageId&, uint64_t first_sequence)>&
          callback) const;
  std::optional<uint64_t> first_state_patch() const;

 private:
  struct Patch {
    uint64_t sequence;
    ByteSpan bytes;
  };
  struct StatePatch {
    uint64_t sequence;
    StateChange change;
    ByteSpan bytes;
  };
  absl::Status Add(uint64_t sequence, std::string_view key, ByteSpan payload);

  uint64_t process_ = 0;
  std::vector<Record> records_;
  // Patches borrow from them, and so this can be moved and not copied.
  std::vector<std::unique_ptr<const std::string>> payloads_;
  std::unordered_map<PageId, std::vector<Patch>, PageIdHash> pages_;
  std::vector<StatePatch> state_;
};

}  // namespace wasmd

#endif  // WASMD_STORE_REDO_WINDOW_H_

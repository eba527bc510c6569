// RedoTracker: what is held in memory of a process that commits, so that a
// commit writes a redo record instead of pages.
//
// It has copies ("shadows") of pages that were written lately. A page that has
// one is written as what changed in it, unless that is more than half of it. A
// page with changes in records and not in its own table is pending; pending
// pages are written whole ("folded") in the order in which they became so, a
// few a commit, and records are deleted once they are older than all that is
// pending. They are folded at an even pace, at which all have had their turn
// just before the window of records is full, so there is never one commit that
// folds many. A page that is still being written, of which little changed since
// it was whole, is not folded: all that changed in it is written once more as
// one patch, which is cheaper, and it goes to the end of the row.
//
// Confined to whoever has the claim of the process (HeadTable).

#ifndef WASMD_STORE_REDO_TRACKER_H_
#define WASMD_STORE_REDO_TRACKER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/batch_writer.h"
#include "store/changed_words.h"
#include "store/commit.h"
#include "store/database.h"
#include "store/page_history.h"
#include "store/redo_record.h"
#include "store/redo_window.h"

namespace wasmd {

// What all trackers of a store may use. Thread-safe.
class RedoBudget {
 public:
  struct Limits {
    // Of memory for shadows.
    size_t shadow_bytes = 0;
    // A window with about so many records, or so many bytes of them, is full:
    // everything that is new is then written whole, until there are fewer.
    uint64_t window_records = 0;
    uint64_t window_bytes = 0;
  };
  explicit RedoBudget(const Limits& limits) : limits_(limits) {}

  const Limits& limits() const { return limits_; }
  bool Take(size_t bytes);
  void Return(size_t bytes) { used_bytes_ -= bytes; }
  size_t used_bytes() const { return used_bytes_; }

 private:
  const Limits limits_;
  std::atomic<size_t> used_bytes_ = 0;
};

class RedoTracker {
 public:
  // Of a process whose records from `first` (0: none) to `last` are pending.
  // `budget` outlives this.
  // Records up to `last_point` are kept for points.
  static absl::StatusOr<std::unique_ptr<RedoTracker>> Load(
      const Database& database, uint64_t process, uint64_t first, uint64_t last,
      uint64_t last_point, RedoBudget* budget);
  ~RedoTracker();
  RedoTracker(const RedoTracker&) = delete;
  RedoTracker& operator=(const RedoTracker&) = delete;

  // What a commit adds to the batch.
  struct Change {
    const Commit& commit;
    // Pages and records up to this sequence are kept for points.
    uint64_t last_point = 0;
  };
  // Before the first of so many commits that go into one batch.
  void BeginBatch(size_t commits) { history_.BeginBatch(commits); }
  // Adds pages, state and record of a commit, and brings `redo_from`, the first
  // record that is pending, up to date. What it wrote is known here from then
  // on, so if the batch is not written this must be dropped.
  absl::Status Add(const Change& change, const Database& database,
                   BatchWriter* out, uint64_t* redo_from);

 private:
  struct Page {
    std::unique_ptr<uint8_t[]> shadow;  // null: none
    uint32_t size = 0;                  // of the shadow
    uint64_t pending_since = 0;         // sequence; 0: is not
    uint64_t last_write = 0;            // sequence
    uint64_t whole_at = 0;              // sequence of the last write as a whole
    std::unique_ptr<ChangedWords> changed;  // since then; null: none
  };
  // What became pending, in this order. Left there when it is not any more.
  struct Pending {
    bool is_state = false;
    PageId page = {};
    uint64_t first_sequence = 0;
  };

  RedoTracker(uint64_t process, RedoBudget* budget)
      : process_(process), budget_(budget), history_(process) {}

  absl::Status AddPage(const Change& change, const PageWrite& write,
                       const Database& database, BatchWriter* out);
  absl::Status AddState(const Change& change, BatchWriter* out);
  absl::Status PutPage(const Change& change, const PageId& id, ByteSpan bytes,
                       const Database& database, BatchWriter* out);
  void PutState(ByteSpan bytes, BatchWriter* out);
  // Folds up to `count` of what has been pending longest.
  absl::Status Fold(const Change& change, size_t count,
                    const Database& database, BatchWriter* out);
  absl::Status FoldPage(const Change& change, const PageId& id,
                        const Database& database, BatchWriter* out);
  // Writes the sum of its patches instead, if that is better.
  bool AddSum(uint64_t sequence, const PageId& id, Page* page);
  absl::Status FoldState(const Database& database, BatchWriter* out);
  // Gives up records that are older than all that is pending.
  void Trim(uint64_t last_point, BatchWriter* out);

  // False if it was written whole since.
  bool IsPending(const Pending& entry) const;
  // Forgets what is at the front and not pending any more.
  void PopDone();
  // Reads what is deleted when there is time.
  absl::Status FindGarbage(const Database& database, uint64_t first,
                           uint64_t last_point);
  void TakeOver(RedoWindow window);
  // How many a commit folds.
  size_t FoldCount(const Commit& commit);
  // 0: it is not.
  void SetPending(uint64_t sequence, Page* page);
  // Of the window; 1: full.
  double Fullness() const;
  // A shadow for a page of `size` bytes, if there is room.
  bool MakeShadow(Page* page, size_t size, uint64_t sequence);
  void DropShadow(Page* page);
  // Makes room: drops pages that were not written for long.
  void DropCold(uint64_t sequence);
  void KeepStateShadow(ByteSpan state);

  const uint64_t process_;
  RedoBudget* const budget_;
  // Of the life before this one; what is pending there may have no shadow.
  std::optional<RedoWindow> loaded_;

  std::unordered_map<PageId, Page, PageIdHash> pages_;
  std::optional<std::string> state_;
  size_t state_budget_ = 0;
  uint64_t state_pending_since_ = 0;
  std::deque<Pending> pending_;
  size_t pending_pages_ = 0;
  double folds_due_ = 0;

  std::deque<RedoWindow::Record> records_;  // from redo_from on
  uint64_t record_bytes_ = 0;
  std::deque<uint64_t> garbage_;  // records to be deleted
  uint64_t last_drop_ = 0;

  RedoRecordBuilder builder_;
  PageHistory history_;
};

}  // namespace wasmd

#endif  // WASMD_STORE_REDO_TRACKER_H_

// HeadTable: who commits for which process just now, and what is known of the
// head records without reading them.
//
// A commit must follow the stored one, so two commits of one process must not
// overlap. A writer claims its processes first and has them to itself until the
// claim ends.
//
// Thread-safe. Memory is bounded: heads that nobody claims are forgotten when
// there are many.

#ifndef WASMD_STORE_HEAD_TABLE_H_
#define WASMD_STORE_HEAD_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/sha256.h"

namespace wasmd {

class RedoTracker;

// What a commit needs to know of the commit before it.
struct ProcessHead {
  struct LogStream {
    uint32_t stream = 0;
    uint64_t bytes = 0;
    uint64_t indexed_at = 0;
  };
  // Of the DatabaseHolder when this was read or written.
  uint64_t generation = 0;
  uint64_t sequence = 0;
  std::string name = {};
  std::vector<Sha256Digest> modules = {};  // ascending, each once
  std::optional<int64_t> wake_time_ns = {};
  std::vector<LogStream> log_streams = {};
  uint64_t log_bytes = 0;
  // As in StoredProcess.
  uint64_t redo_from = 0;
  uint64_t last_point = 0;
  uint64_t parent = 0;
  uint64_t parent_sequence = 0;
  // Made by the first commit that changes pages or state.
  std::shared_ptr<RedoTracker> tracker = {};
};

class HeadTable {
  struct Entry {
    bool claimed = false;
    std::optional<ProcessHead> head;
  };

 public:
  // `capacity`: heads remembered beyond those that are claimed.
  explicit HeadTable(size_t capacity) : capacity_(capacity) {}

  class Claim {
   public:
    Claim(Claim&& other) noexcept
        : table_(std::exchange(other.table_, nullptr)),
          processes_(std::move(other.processes_)),
          entries_(std::move(other.entries_)) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim();

    size_t size() const { return processes_.size(); }
    uint64_t process(size_t i) const { return processes_[i]; }
    // nullopt: not known, read it. What is left here when the claim ends is
    // what the next one finds.
    std::optional<ProcessHead>& head(size_t i) { return entries_[i]->head; }
    // The index of a claimed process.
    size_t IndexOf(uint64_t process) const;

   private:
    friend class HeadTable;
    Claim() = default;
    HeadTable* table_ = nullptr;       // null once moved from
    std::vector<uint64_t> processes_;  // ascending
    std::vector<Entry*> entries_;
  };

  // Waits until nobody has any of the processes; takes all of them at once, so
  // claims can not wait for each other in a ring. Duplicates are claimed once.
  Claim Acquire(std::vector<uint64_t> processes);

 private:
  void Release(const Claim& claim);

  const size_t capacity_;
  absl::Mutex mutex_;
  std::unordered_map<uint64_t, std::unique_ptr<Entry>> entries_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace wasmd

#endif  // WASMD_STORE_HEAD_TABLE_H_

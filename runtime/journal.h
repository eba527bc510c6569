// Journal: what the outside answered a process, in order. In memory until a
// commit takes it; what a checkpoint makes needless for recovery is kept for
// people as far as `kept_bytes` goes (`wasmd history`).
//
// Recovery is the last state that was committed, and the answers since then
// given again (replay.h). "The tail" is these answers.

#ifndef WASMD_RUNTIME_JOURNAL_H_
#define WASMD_RUNTIME_JOURNAL_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "interp/memory_instance.h"
#include "interp/slot.h"
#include "runtime/journal_event.h"
#include "store/process_db.h"
#include "wasi/wasi.h"

namespace wasmd {

// What a call was.
struct JournalCall {
  uint32_t function = 0;  // of wasi::Context
  std::span<const Slot> arguments = {};
  wasi::Durability durability = wasi::Durability::kPure;
  int64_t time_ns = 0;
  int64_t duration_ns = 0;
};

// Confined to one thread at a time.
class Journal {
 public:
  static constexpr uint64_t kKeepAll = ~uint64_t{0};

  explicit Journal(uint64_t kept_bytes);

  // What the store has of the journal of a process: `state_event` events before
  // its state and `end_event` before its last commit. With `goes_on` it may
  // have more, which the next commit removes. DataLoss if that is damaged.
  absl::Status Load(ProcessDb& db, ProcessNumber process, uint64_t state_event,
                    uint64_t end_event, bool goes_on);

  // So many events so far.
  uint64_t event_count() const { return event_count_; }
  // When time was looked at last; of calls that are too quick to be timed it is
  // when they were.
  int64_t time_ns() const { return time_ns_; }
  void NoteTime(int64_t time_ns) { time_ns_ = time_ns; }

  // A call that returned: its `head` but for the kind and the name.
  void AddAnswer(const JournalBlock::Head& head, const wasi::CallRecord& record,
                 const MemoryInstance& memory);
  void AddExit(const JournalCall& call, uint32_t exit_code);

  // Did something happen since NoteSaved that might go another way if it
  // happened again? (Of a process that was not saved by this program yet, that
  // is not known.)
  bool is_loose() const { return is_loose_; }
  void NoteSaved() { is_loose_ = false; }

  // Is the whole tail there, and not too long, so that a commit can do without
  // the state?
  bool can_recover() const;
  uint64_t unwritten_bytes() const { return unwritten_bytes_; }
  bool has_unwritten() const { return event_count_ > written_count_; }

  // Adds to a commit what it does not have yet, and what it may now drop. Bytes
  // are borrowed until the next call of this. With a state (is_checkpoint) the
  // tail begins anew; otherwise `wasi_state` (SaveForReplay) ends it, with
  // `intent`, if not null, being the effect that is about to start.
  void FillCommit(bool is_checkpoint, const JournalCall* intent,
                  std::string_view wasi_state, Commit* commit);
  // The commit is done with.
  void DropWritten();
  // As FillCommit, for the last commit, after which nothing is recovered.
  void FillLastCommit(Commit* commit);

 private:
  // A block that has so much is followed by another.
  static constexpr uint64_t kBlockBytes = uint64_t{32} << 10;

  struct StoredBlock {
    uint64_t first_event = 0;
    uint64_t bytes = 0;
  };

  // The block that takes the next event.
  JournalBlock& OpenBlock() {
    if (open_ == nullptr || open_->size_bytes() >= kBlockBytes) BeginBlock();
    return *open_;
  }
  void BeginBlock();
  void AddInFull(JournalBlock::Head head, const wasi::CallRecord& record,
                 const MemoryInstance& memory, JournalBlock& block);
  void Bound();
  void KeepNewest();
  void Recycle(JournalBlock& block);
  void Write(Commit* commit);
  void Trim(Commit* commit);
  // What was loaded: forgets what is behind end_event_, of which the first
  // block is `bytes` if it begins before.
  absl::Status CutAt(uint64_t end_event, std::string_view last_block);
  JournalBlock::Head HeadOf(JournalEvent::Kind kind, const JournalCall& call,
                            uint32_t result) const;

  const uint64_t kept_bytes_;
  const std::vector<std::string>& import_names_;  // by function
  uint64_t event_count_ = 0;
  uint64_t written_count_ = 0;  // of them committed
  uint64_t tail_begin_ = 1;     // the first event of the tail
  int64_t time_ns_ = 0;
  bool is_loose_ = true;
  bool has_state_ = false;    // the tail begins at a state that is committed
  bool tail_is_cut_ = false;  // some of it was dropped

  std::deque<JournalBlock> unwritten_;  // the last is open
  JournalBlock* open_ = nullptr;        // that, if there is one
  uint64_t unwritten_bytes_ = 0;
  std::deque<JournalBlock> writing_;  // what a commit borrows from
  std::vector<JournalBuffer> spare_;  // of blocks that were dropped
  std::deque<StoredBlock> stored_;
  // What the next commit is to put right: the block that goes on too far, as it
  // is to be, and blocks that are not to be there.
  std::optional<JournalBlock> cut_block_;
  std::vector<uint64_t> unwanted_;
  uint64_t stored_bytes_ = 0;
  uint64_t stored_tail_bytes_ = 0;
};

// "wasi_snapshot_preview1.fd_write".
std::string ImportName(uint32_t function);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_JOURNAL_H_

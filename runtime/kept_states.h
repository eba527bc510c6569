// KeptStates: which states of a process are kept beside its last one, so that
// it can be looked at, forked and rewound there (`wasmd run --history`).
//
// A state is kept every so often; what happened between two is in the journal,
// which is run again from the one before (moment.h).

#ifndef WASMD_RUNTIME_KEPT_STATES_H_
#define WASMD_RUNTIME_KEPT_STATES_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_set>

#include "absl/status/status.h"
#include "runtime/process_options.pb.h"
#include "snapshot/snapshot.h"
#include "store/process_db.h"

namespace wasmd {

// Confined to one thread at a time.
class KeptStates {
 public:
  // After so much fuel, or so many bytes of journal, another state is kept, so
  // that going back to any event takes about a second at most.
  static constexpr uint64_t kDefaultIntervalFuel = 200'000'000;
  static constexpr uint64_t kIntervalJournalBytes = uint64_t{4} << 20;

  explicit KeptStates(const ProcessOptions::KeptStates& settings)
      : settings_(settings) {}

  // What the store keeps of a process, which has used `fuel` at its last state
  // and written `page_bytes` (ProcessOptions::written_page_bytes) until then.
  absl::Status Load(ProcessDb& db, ProcessNumber process, uint64_t fuel,
                    uint64_t page_bytes);

  // Is none kept? The first is the one to begin with.
  bool is_empty() const { return states_.empty(); }
  // Is the state that is about to be saved, after so much fuel, to be kept?
  bool Wants(uint64_t fuel) const;
  // The journal got so many bytes.
  void AddJournal(uint64_t bytes) { journal_bytes_ += bytes; }

  // Pages are about to be saved with a state. Gives how many bytes of pages
  // were changed so far, each page counted once between two kept states.
  uint64_t AddPages(std::span<const PageContent> pages);

  // A state was saved and is kept. The process had read its input up to
  // `input`.
  void NoteKept(uint64_t sequence, uint64_t state_bytes, int64_t now_ns,
                uint64_t fuel, uint64_t input);

  // How far the oldest had read its input; kNoInput if there is none.
  static constexpr uint64_t kNoInput = ~uint64_t{0};
  uint64_t oldest_input() const {
    return states_.empty() ? kNoInput : states_.front().input;
  }

  // What is to be dropped now, if there is so much of it that it is worth a
  // write. It counts as dropped.
  std::optional<PointRetention> TakeRetention(int64_t now_ns);

 private:
  struct State {
    uint64_t sequence = 0;
    uint64_t state_bytes = 0;
    int64_t time_ns = 0;
    uint64_t page_bytes = 0;  // written before
    uint64_t input = 0;
  };
  // The first of states_ that stays.
  size_t FirstToKeep(int64_t now_ns) const;

  const ProcessOptions::KeptStates settings_;
  std::deque<State> states_;    // ascending
  uint64_t fuel_ = 0;           // at the newest
  uint64_t journal_bytes_ = 0;  // since then
  uint64_t page_bytes_ = 0;
  std::unordered_set<uint64_t> pages_;  // since the newest
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_KEPT_STATES_H_

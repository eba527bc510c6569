// Replay: the journal as the outside: answers the calls of a guest that runs
// again from a saved state as they were answered the first time.

#ifndef WASMD_RUNTIME_REPLAY_H_
#define WASMD_RUNTIME_REPLAY_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "interp/memory_instance.h"
#include "interp/slot.h"
#include "runtime/journal_event.h"
#include "store/process_db.h"
#include "wasi/replayed_state.h"

namespace wasmd {

// Confined to one thread at a time.
class Replay {
 public:
  // The events after `state_event`, up to and including `end_event`; `state` is
  // the WASI side at the former. With `with_end`, what follows `end_event` in
  // its block counts too: an intent, the exact state. DataLoss if events are
  // missing or damaged.
  static absl::StatusOr<Replay> Create(ProcessDb& db, ProcessNumber process,
                                       uint64_t state_event, uint64_t end_event,
                                       bool with_end,
                                       wasi::ReplayedState state);

  // Have all events been given, and is no effect pending?
  bool is_done() const {
    return failure_.ok() && !next_.has_value() && !intent_.has_value();
  }
  // The number of the event that is awaited, for messages.
  uint64_t next_event() const { return next_event_; }

  // Answers a call within a run, if it is answered and not the last: a run
  // stops at the last, so that it ends exactly there.
  bool AnswerInRun(uint32_t function, std::span<const Slot> arguments,
                   MemoryInstance& memory, std::span<Slot> results);

  // Answers a call that was left pending: the errno. nullopt: it is the effect
  // that was about to start. DataLoss if it is not the call that the journal
  // has here.
  absl::StatusOr<std::optional<uint32_t>> AnswerPending(
      uint32_t function, std::span<const Slot> arguments,
      MemoryInstance& memory);

  // Called with what the guest writes to standard output (1) and standard error
  // (2) in calls that are answered; null: nobody is.
  using OnOutput = std::function<void(uint32_t stream, std::string bytes)>;
  void set_on_output(OnOutput on_output) { on_output_ = std::move(on_output); }

  // DataLoss: the guest did something else (`what`).
  absl::Status Diverged(std::string_view what) const;

  // When it is done: the WASI side.
  std::string WasiState() const { return state_.Save(); }
  // wasi::ReplayedState::ExpectWrites.
  void ExpectWrites() { state_.ExpectWrites(); }

 private:
  Replay(uint64_t end_event, bool with_end, wasi::ReplayedState state)
      : end_event_(end_event), with_end_(with_end), state_(std::move(state)) {}
  // Sets next_ or intent_, or neither at the end.
  absl::Status Advance();
  absl::Status TakeBlock();
  absl::Status Match(uint32_t function, std::span<const Slot> arguments) const;
  absl::Status Give(MemoryInstance& memory);
  absl::Status TellOutput(MemoryInstance& memory) const;

  const uint64_t end_event_;
  const bool with_end_;
  uint64_t next_event_ = 0;
  std::deque<std::pair<uint64_t, std::string>> blocks_;
  std::deque<JournalEvent> events_;  // of the block that was taken last
  std::optional<JournalEvent> next_;
  std::optional<JournalEvent> intent_;
  wasi::ReplayedState state_;
  OnOutput on_output_;
  absl::Status failure_;  // of an answer within a run
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_REPLAY_H_

// Thread: one guest thread of control: its value stack, its call frames and the
// state it is in. A checked state machine; a method called in a state it does
// not list is our bug (CHECK).
//
//   kIdle ----Start----> kRunnable --Run--> kFinished | kHostCall | kRunnable
//   kHostCall --CompleteHostCall--> kRunnable;  --FailHostCall--> kFinished
//   kFinished --Start--> kRunnable
//
// Run never recurses on the native stack for guest calls.
//
// Confined to one thread at a time, except RequestInterrupt.

#ifndef WASMD_INTERP_THREAD_H_
#define WASMD_INTERP_THREAD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "interp/frame.h"
#include "interp/store.h"
#include "interp/trap.h"
#include "interp/value.h"

namespace wasmd {

struct ThreadLimits {
  // Bytes of value stack. A guest that needs more gets the trap "call stack
  // exhausted". The number of frames is bounded by it too, since every call
  // takes at least one slot.
  uint64_t stack_bytes = uint64_t{16} << 20;
};

enum class ThreadState : uint8_t { kIdle, kRunnable, kHostCall, kFinished };

enum class RunResult : uint8_t {
  kReturned,       // results() has the values
  kTrapped,        // trap() says why; the frames are still there to be shown
  kThrew,          // an exception left the outermost frame; exception()
  kHostCall,       // a host function left its call pending
  kInterrupted,    // RequestInterrupt was seen at a safepoint
  kFuelExhausted,  // RunOptions::fuel is used up
};

struct RunOptions {
  // Stop at the safepoint after this much work: a call, a taken back-edge and
  // the arrival of an exception in its handler count 1, an instruction that
  // goes through memory, tables or the heap 1 for every 256 bytes. Such an
  // instruction is done as a whole, so that the last one may go over. The count
  // is the same on every machine. None: no limit. 0 stops at the first.
  std::optional<uint64_t> fuel;
};

// How a computation ended.
struct ThreadOutcome {
  RunResult result = RunResult::kReturned;  // kReturned, kTrapped or kThrew
  std::vector<Value> results;               // kReturned
  Trap trap;                                // kTrapped
  Slot exception = 0;                       // kThrew
};

// What a kRunnable thread without frames is about to do.
struct FramelessState {
  // False: call the entry function, a host function, with `values`. True:
  // return `values`; the host function that came last was answered.
  bool is_answered = false;
  std::vector<Value> values;
};

// Where a frame is, without its values.
struct FramePosition {
  InstanceAddr instance = 0;
  uint32_t function_index = 0;
  uint32_t code_offset = 0;  // as Frame::code_offset
};

class Thread {
 public:
  // `store` outlives the thread.
  explicit Thread(Store& store, const ThreadLimits& limits = {});
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  ThreadState state() const;
  Store& store() const;
  const ThreadLimits& limits() const;

  // kIdle, kFinished. Sets up a call; runs nothing. InvalidArgument if the
  // arguments do not match the function's type.
  absl::Status Start(FuncAddr function, std::span<const Value> arguments);
  // Start and Run in one, for an existing function and arguments that are known
  // to match its type: as slots, two for a v128.
  RunResult Call(FuncAddr function, std::span<const Slot> arguments);

  // kRunnable. Runs until one of RunResult; kRunnable again after kInterrupted
  // and kFuelExhausted, which leave the thread at a safepoint.
  RunResult Run(const RunOptions& options = {});

  // Any thread, any state: the guest stops at its next look at the flag, within
  // a slice (some thousands of calls and back-edges). Kept until Run sees it.
  void RequestInterrupt();

  // After kReturned, kTrapped, kThrew.
  const std::vector<Value>& results() const;
  // After kReturned: the same as slots, two for a v128, the first of them at
  // this place. They stay until the next Start.
  const Slot* result_slots() const;
  const Trap& trap() const;
  Slot exception() const;
  // kFinished. Which of these three it was.
  RunResult outcome() const;

  // kHostCall.
  PendingCall pending_call() const;
  // kHostCall. The results as slots (two for a v128) or as values; their number
  // and types are those of the function's type.
  void CompleteHostCall(std::span<const Slot> results);
  absl::Status CompleteHostCall(std::span<const Value> results);
  // kHostCall. Ends the computation with this trap.
  void FailHostCall(Trap trap);
  // kHostCall. Throws an exception: kRunnable where it is caught, or else
  // kFinished.
  void ThrowFromHostCall(Slot exception);

  // kRunnable, kHostCall. The frames, outermost first; changes nothing. After
  // kTrapped and kThrew, the same for a back trace: there the top frame's
  // code_offset is that of the trapping or throwing instruction, and values may
  // be missing.
  std::vector<Frame> CaptureFrames() const;
  // The positions of the same frames, but innermost first and `max_frames` of
  // them at the most: the cost does not depend on how deep the stack is. Also
  // while the thread is in Run, calling a host function.
  std::vector<FramePosition> CapturePositions(size_t max_frames) const;

  // kRunnable. Nothing if there are frames. There are none before a host
  // function that was started has run, and after one that no frame waits for
  // was answered: the started one, or one that was called by a tail call.
  std::optional<FramelessState> frameless_state() const;

  // kIdle. Puts the thread in kRunnable, or kHostCall with a pending call.
  // Trusts nothing: every frame's function and offset must exist and be a
  // safepoint there, callees must be what the caller's call can call, the
  // number and types of locals and operands must be those validation gives,
  // references must be in range. DataLoss, saying which frame and why,
  // otherwise; ResourceExhausted if they do not fit the stack's limit; the
  // thread stays kIdle. `frames` may be empty when a host
  // function was called from outside. `function` is what Start was given.
  absl::Status RestoreFrames(FuncAddr function, std::span<const Frame> frames,
                             const std::optional<PendingCall>& pending);
  // kIdle. Puts the thread in kFinished, as Run left it, but with no frames to
  // show. DataLoss if `outcome` has another result than those three or results
  // that are not of the function's result types, references in range included;
  // the thread stays kIdle.
  absl::Status RestoreFinished(FuncAddr function, ThreadOutcome outcome);
  // kIdle. Puts the thread in kRunnable. DataLoss if the values are not of the
  // function's types, references in range included, or the function to be
  // called is not a host function; the thread stays kIdle.
  absl::Status RestoreFrameless(FuncAddr function, const FramelessState& state);
  // What Start or the last of the Restore methods was given.
  FuncAddr entry_function() const;

  // What was counted so far, deterministic; saved with the process.
  uint64_t fuel_used() const;
  void set_fuel_used(uint64_t fuel);

 private:
  friend class FrameRestorer;

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_THREAD_H_

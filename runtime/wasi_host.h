// WasiHost: the functions of wasi/ as host functions of the interpreter. Calls
// that only look, or only write output, are answered with the guest stopped for
// a moment; effects and calls that may wait are left pending, so that the
// process can be saved around them.

#ifndef WASMD_RUNTIME_WASI_HOST_H_
#define WASMD_RUNTIME_WASI_HOST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "interp/host_function.h"
#include "interp/memory_instance.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "runtime/journal.h"
#include "runtime/outside.h"
#include "runtime/replay.h"
#include "wasi/wasi.h"

namespace wasmd {

// Outlives the Stores whose functions it made. Confined to one thread at a
// time.
class WasiHost {
 public:
  // Whether effects are left pending; if not, they are performed at once.
  explicit WasiHost(bool suspends_for_effects)
      : suspends_for_effects_(suspends_for_effects) {}
  WasiHost(const WasiHost&) = delete;
  WasiHost& operator=(const WasiHost&) = delete;

  // Must be set before any function is called.
  void set_context(std::unique_ptr<wasi::Context> context) {
    context_ = std::move(context);
  }
  wasi::Context& context() { return *context_; }
  const wasi::Context& context() const { return *context_; }

  // Calls are recorded there; `clock` says when they were. Both outlive this.
  void set_journal(Journal* journal, Outside* clock) {
    journal_ = journal;
    clock_ = clock;
  }
  // Calls are answered from there, and need no context; null: as usual.
  void set_replay(Replay* replay) { replay_ = replay; }

  // NotFound if preview 1 has no function of this name.
  absl::StatusOr<std::unique_ptr<HostFunction>> Bind(std::string_view name);

  // A pending call of one of these functions, taken apart.
  struct Call {
    uint32_t function = 0;
    std::vector<Slot> arguments;
    MemoryInstance* memory = nullptr;
    wasi::Durability durability = wasi::Durability::kPure;
  };
  // `thread` is in kHostCall, in a function that Bind made.
  // During a replay `durability` is not known.
  Call PendingCallOf(const Thread& thread);

  // Context::Call, recorded. `since_ns`: when it was made, if that was not now.
  wasi::Outcome Perform(uint32_t function, std::span<const Slot> arguments,
                        MemoryInstance& memory, wasi::Durability durability,
                        bool in_doubt, std::optional<int64_t> since_ns);

 private:
  friend class WasiFunction;

  // The memory that a function works on: what the calling instance exports as
  // "memory", or one without any bytes.
  MemoryInstance* MemoryOf(const ModuleInstance* caller);
  // An effect that may start at once: all that led to it is saved, and doing
  // it again does no harm.
  bool MayStart(uint32_t function, std::span<const Slot> arguments) {
    return journal_ != nullptr && !journal_->is_loose() &&
           context_->MayRepeat(function, arguments);
  }

  const bool suspends_for_effects_;
  std::unique_ptr<wasi::Context> context_;
  Journal* journal_ = nullptr;
  Outside* clock_ = nullptr;
  Replay* replay_ = nullptr;
  wasi::CallRecord record_;  // of the call that is performed
  // The last answer of MemoryOf.
  const ModuleInstance* known_caller_ = nullptr;
  MemoryInstance* known_memory_ = nullptr;
  std::unique_ptr<MemoryInstance> empty_memory_;
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_WASI_HOST_H_

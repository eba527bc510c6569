// WASI preview 1 for durable processes (guest-abi layer A). Each function says
// what its answer means for durability, so that the runtime can save the
// process before an effect and park it while it waits.
//
// wasi/ does no saving itself: its own state (descriptors, clocks, buffered
// input) goes to bytes and back with Save and Load.

#ifndef WASMD_WASI_WASI_H_
#define WASMD_WASI_WASI_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "interp/memory_instance.h"
#include "interp/slot.h"
#include "wasi/environment.h"
#include "wasi/guest_memory.h"
#include "wasm/types.h"

namespace wasmd::wasi {

inline constexpr std::string_view kModuleName = "wasi_snapshot_preview1";

// What the runtime must do around a call (design section 4).
enum class Durability : uint8_t {
  kPure,      // answered from saved state
  kInput,     // reads the outside; a repeat after a crash may answer otherwise
  kOutput,    // stdout, stderr: goes to Environment::Write, released on commit
  kEffect,    // changes the outside: the state is saved before it starts
  kBlocking,  // may wait
};

struct Preopen {
  std::string host_path;
  std::string guest_path;
  bool read_only = false;
};

struct Options {
  std::vector<std::string> arguments = {};    // argv[0] first
  std::vector<std::string> environment = {};  // "KEY=VALUE"
  std::vector<Preopen> preopens = {};
  // Where to listen, "127.0.0.1:8080"; their descriptors follow those of the
  // preopened directories.
  std::vector<std::string> listeners = {};
};

// Why a blocking call cannot answer yet.
struct Wait {
  // Realtime nanoseconds; nullopt: no clock ends the wait.
  std::optional<int64_t> deadline_ns;
  bool input = false;  // standard input ends it too
  // These end it too: descriptors of the host, of the context, to be polled.
  struct Socket {
    int fd = -1;
    bool for_write = false;
  };
  std::vector<Socket> sockets;
};

struct Outcome {
  enum class Kind : uint8_t {
    kReturn,  // `errno_value` is the result
    kWait,    // call again when `wait` is over
    kExit,    // proc_exit(exit_code)
    kTrap,    // `message`: the guest broke the ABI (no memory exported, ...)
  } kind = Kind::kReturn;
  uint16_t errno_value = 0;
  Wait wait;
  uint32_t exit_code = 0;
  std::string message;
};

// What a call did beside its result, so that it can be answered again without
// the outside (replayed_state.h).
struct CallRecord {
  // Guest memory that it wrote; in order, may overlap.
  std::vector<GuestRange> written = {};
  // Of the saved state; for ReplayedState. Often empty.
  std::string change = {};
  // A kEffect that did all it was asked for, so that a repeat of it in the same
  // state does the same.
  bool is_complete = false;

  void Clear() {
    written.clear();
    change.clear();
    is_complete = false;
  }
};

// The WASI side of one process. Confined to one thread at a time.
class Context {
 public:
  // Opens the preopened directories: NotFound, with the host path, if one is
  // not there; and the listeners: errors as ListenAt (tcp.h) has them.
  // `environment` outlives the context.
  static absl::StatusOr<std::unique_ptr<Context>> Create(
      const Options& options, Environment* environment);
  // From what Save gave. Descriptors are reopened at their offsets; one that
  // cannot be is reported in `warnings` and fails with EIO when used. Listeners
  // listen again where they did; connections are gone, and answer ECONNRESET.
  static absl::StatusOr<std::unique_ptr<Context>> Load(
      ByteSpan saved, Environment* environment,
      std::vector<std::string>* warnings);
  virtual ~Context() = default;

  // Protobuf bytes of everything a resumed process needs.
  virtual std::string Save() const = 0;
  // The same without what never changes (arguments, environment), for
  // ReplayedState::Replace.
  virtual std::string SaveForReplay() const = 0;

  // The number of an imported function, or nullopt if preview 1 has none of
  // this name. Numbers are of this build only.
  static std::optional<uint32_t> FindFunction(std::string_view name);
  static const FunctionType& TypeOf(uint32_t function);
  static std::string_view NameOf(uint32_t function);
  // They are below this.
  static uint32_t FunctionCount();

  // What the call would be, with these arguments; changes nothing.
  virtual Durability DurabilityOf(uint32_t function,
                                  std::span<const Slot> arguments) const = 0;

  // A kEffect that may be done before it is saved that it was asked for,
  // provided that all is saved that led to it: it writes at an offset of a
  // file, behind whatever was written to that file since NoteSaved, so that
  // doing it again after a crash, with all that came before it since then,
  // never takes a byte of the file back to what it was.
  virtual bool MayRepeat(uint32_t function,
                         std::span<const Slot> arguments) = 0;
  // All answers so far are saved.
  virtual void NoteSaved() = 0;

  // For a call that DurabilityOf says is kEffect: notes what a repeat of it
  // must know (was the target there before, which inode is the source, where
  // does the file end that is appended to). Looks at the outside and changes
  // nothing in it. The order is Prepare, Save, commit, Call(in_doubt = false);
  // after a crash: Load, Call(in_doubt = true). Without Prepare a repeat takes
  // "it is there already" for its own doing.
  virtual void Prepare(uint32_t function, std::span<const Slot> arguments,
                       MemoryInstance& memory) = 0;

  // Performs a call. `memory` is the caller's exported memory. `in_doubt` is
  // true when the state was restored with this very call pending, so that an
  // effect may have happened already: what Prepare noted tells whether it did,
  // and then the answer is that of the first time.
  // After kWait, call again with the same arguments; the deadline is kept in
  // the saved state. `record`, which is empty and may be null, is filled for
  // kReturn.
  virtual Outcome Call(uint32_t function, std::span<const Slot> arguments,
                       MemoryInstance& memory, bool in_doubt,
                       CallRecord* record) = 0;
  Outcome Call(uint32_t function, std::span<const Slot> arguments,
               MemoryInstance& memory, bool in_doubt) {
    return Call(function, arguments, memory, in_doubt, nullptr);
  }
};

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_WASI_H_

// HostFunction: the only way out of the interpreter. It is called with the
// guest stopped at a safepoint, all of whose state is in memory the Store and
// Thread own, and either answers at once or leaves the call pending: then the
// Thread stops, can be captured, and goes on when the call is completed, in
// this process or in another.

#ifndef WASMD_INTERP_HOST_FUNCTION_H_
#define WASMD_INTERP_HOST_FUNCTION_H_

#include <cstdint>
#include <span>
#include <string>

#include "interp/slot.h"
#include "interp/trap.h"
#include "interp/value.h"

namespace wasmd {

class Store;
class Thread;
struct FunctionInstance;
struct ModuleInstance;

enum class HostResult : uint8_t {
  kReturn,   // results are written; the guest goes on
  kSuspend,  // the call stays pending; Thread::Run returns kHostCall
  kTrap,     // call.trap says why
  kThrow,    // call.exception is the exception reference to throw
};

// One call of a host function; valid while HostFunction::Call runs.
struct HostCall {
  Store& store;
  Thread& thread;
  // The instance whose code made the call; null when the embedder calls the
  // host function itself. WASI uses its memory.
  ModuleInstance* caller;
  const FunctionInstance& function;
  // Parameters as slots, two for a v128.
  std::span<const Slot> arguments;
  // To be filled on kReturn; may overlap `arguments`: read them first.
  std::span<Slot> results;

  Trap trap;
  Slot exception = 0;
};

class HostFunction {
 public:
  virtual ~HostFunction() = default;
  // May read and write guest memory through MemoryInstance's accessors. Must
  // not run the calling Thread. May run another Thread of the same Store; while
  // it does, the calling Thread cannot be captured.
  virtual HostResult Call(HostCall& call) = 0;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_HOST_FUNCTION_H_

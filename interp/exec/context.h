// Context: what a running thread's handlers share with its driver (Thread):
// counters, the current instance's pieces, the registers while the machine is
// stopped, and why it stopped. Plain data; confined to one thread at a time.

#ifndef WASMD_INTERP_EXEC_CONTEXT_H_
#define WASMD_INTERP_EXEC_CONTEXT_H_

#include <atomic>
#include <cstdint>

#include "interp/code/function_code.h"
#include "interp/code/handler_set.h"
#include "interp/instances.h"
#include "interp/slot.h"
#include "interp/trap.h"

namespace wasmd {

class Heap;
class MemoryInstance;
class Store;
class Thread;
struct ModuleInstance;

// The float and vector accumulator. f64 and f32 are its lowest lane; the other
// lanes then mean nothing.
using VectorRegister = double __attribute__((vector_size(16)));

// A call in progress: where its caller goes on. Records of cross-instance calls
// come in pairs: the caller's own, and above it one whose pc is
// Context::restore_code and whose fp is the caller's ModuleInstance*.
struct CallRecord {
  const CodeUnit* pc;
  Slot* fp;
};

enum class ExitReason : uint8_t {
  kReturned,     // the outermost frame returned
  kTranslate,    // `pc` is the stub of a function to be translated
  kTrapped,      // `trap`; pc at the op that trapped
  kThrew,        // `exception`, with no handler left
  kHostCall,     // left pending; `pending_function`, `pending_arguments`
  kInterrupted,  // at the safepoint `pc`
  kFuelExhausted,
};

struct Context {
  // Safepoints that may still be passed before the slow path is taken; the one
  // that finds 0 takes it.
  uint64_t fuel = 0;
  // A frame may not start above this; kFrameRedZone slots lie above it.
  Slot* stack_limit = nullptr;

  // Of the current instance.
  ModuleInstance* instance = nullptr;
  GlobalInstance* const* globals = nullptr;
  TableInstance* const* tables = nullptr;
  const TypeId* types = nullptr;
  MemoryInstance* memory0 = nullptr;
  // Of the Store.
  FunctionInstance* functions = nullptr;
  Heap* heap = nullptr;

  // The registers, when stopped.
  const CodeUnit* pc = nullptr;
  Slot* fp = nullptr;
  CallRecord* csp = nullptr;
  uint64_t r0 = 0;
  VectorRegister v0 = {0, 0};
  // What they mean, if anything, Translation::HeldLoopAt says.
  Slot held[kHeldLocals] = {};

  ExitReason exit = ExitReason::kReturned;
  Trap trap;
  Slot exception = 0;
  // `pc` is after the call that failed, not at it.
  bool pc_after_call = false;
  // A host function is being called, and the registers are stored, with `pc`
  // after the call.
  bool in_host_call = false;
  // The host function of the last call, and where its arguments are.
  FuncAddr pending_function = 0;
  Slot* pending_arguments = nullptr;

  // Fuel bookkeeping: the thread's total is fuel_used + (slice - fuel).
  uint64_t fuel_used = 0;
  uint64_t slice = 0;
  // What is left of RunOptions::fuel after the current slice.
  uint64_t budget = 0;
  std::atomic<bool> interrupt{false};

  Slot* stack_end = nullptr;
  Store* store = nullptr;
  Thread* thread = nullptr;

  // One op each: SimpleOp::kExit and SimpleOp::kRestoreInstance.
  CodeUnit exit_code[kHandlerUnits] = {0, 0};
  CodeUnit restore_code[kHandlerUnits] = {0, 0};
};

// Context::budget when RunOptions sets no limit.
inline constexpr uint64_t kNoFuelLimit = ~uint64_t{0};

// Safepoints between two looks at the interrupt flag.
inline constexpr uint64_t kFuelSlice = 16384;

// Makes `instance` the current one, whose pieces the handlers use.
void EnterInstance(Context& context, ModuleInstance* instance);

}  // namespace wasmd

#endif  // WASMD_INTERP_EXEC_CONTEXT_H_

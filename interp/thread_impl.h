// Thread::Impl, shared by thread.cc (running), thread_capture.cc and
// thread_restore.cc. Private to interp/.

#ifndef WASMD_INTERP_THREAD_IMPL_H_
#define WASMD_INTERP_THREAD_IMPL_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "interp/code/function_code.h"
#include "interp/exec/context.h"
#include "interp/frame.h"
#include "interp/machine_stack.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/translated_module.h"

namespace wasmd {

struct Thread::Impl {
  Impl(Store& store_in, const ThreadLimits& limits_in, Thread* thread);

  Store& store;
  const ThreadLimits limits;
  MachineStack stack;
  Context context;
  ThreadState state = ThreadState::kIdle;
  FuncAddr entry = 0;
  // Start was given a host function, which Run has yet to call.
  bool calls_host_entry = false;
  ThreadOutcome outcome;

  // Empties the stack and takes the pieces of the machine that depend on the
  // back end from `function`'s module.
  void Reset(const FunctionInstance& function);
  void PushRecord(const CodeUnit* pc, Slot* fp) { *context.csp++ = {pc, fp}; }
  bool AtExit() const { return context.pc == context.exit_code; }

  RunResult Finish(RunResult result);
  RunResult RunHostEntry();
  RunResult RunMachine(const RunOptions& options);
  void Translate();
  void CallCompleted();

  // The type of a function with the concrete types its frame's values have:
  // those of its module, or none for a host function.
  const FunctionType& TypeOf(FuncAddr function) const;
  // Whether `value` may be where `type` is expected; `type` is of the module
  // of `instance`, or of the Store where that is null.
  bool Accepts(const ModuleInstance* instance, ValueType type,
               const Value& value) const;
  std::vector<Value> ReadValues(const std::vector<ValueType>& types,
                                const Slot* from) const;
  // Of the canonical width; returns the slot after the last.
  static Slot* WriteValues(std::span<const Value> values, Slot* to);
};

// The code of the function that a position is in.
FunctionCode& FunctionAt(const ModuleInstance& instance, const CodeUnit* pc);

}  // namespace wasmd

#endif  // WASMD_INTERP_THREAD_IMPL_H_

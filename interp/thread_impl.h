// Thread::Impl, shared by thread.cc (running), thread_capture.cc,
// thread_restore.cc, thread_roots.cc and thread_unwind.cc. Private to interp/.

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
#include "interp/heap.h"
#include "interp/machine_stack.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/translated_module.h"

namespace wasmd {

// The registers that a frame has, or had when it was left by a call.
struct MachineFrame {
  ModuleInstance* instance = nullptr;
  const CodeUnit* pc = nullptr;
  Slot* fp = nullptr;
  CallRecord* csp = nullptr;
};

// Goes through the frames of a machine that is stopped, innermost first.
class FrameWalker {
 public:
  explicit FrameWalker(const Context& context);
  // False after the outermost one.
  bool Next();
  const MachineFrame& frame() const { return frame_; }
  // The code that the frame is in.
  FunctionCode& function();

 private:
  void Pop();

  const Context& context_;
  MachineFrame frame_;
  bool started_ = false;
  // The last that was looked for: recursion is common.
  FunctionCode* function_ = nullptr;
};

// The references in its frames, arguments and results are roots of the heap.
struct Thread::Impl : public RootSource {
  Impl(Store& store_in, const ThreadLimits& limits_in, Thread* thread);
  ~Impl() override;

  Store& store;
  const ThreadLimits limits;
  MachineStack stack;
  Context context;
  ThreadState state = ThreadState::kIdle;
  FuncAddr entry = 0;
  // Inside Run.
  bool running = false;
  // Start was given a host function, which Run has yet to call.
  bool calls_host_entry = false;
  // After kReturned, the results are in the first slots of the stack, and in
  // outcome.results, too, once somebody has asked for them there.
  ThreadOutcome outcome;
  bool has_read_results = false;

  // Empties the stack and takes the pieces of the machine that depend on the
  // back end from `function`'s module.
  void Reset(const FunctionInstance& function);
  // What Start does once it has found nothing wrong: all but the arguments.
  void Begin(FuncAddr function, const FunctionInstance& record);
  void PushRecord(const CodeUnit* pc, Slot* fp) { *context.csp++ = {pc, fp}; }
  // No frame is left, though a call that returned into none may have to bring
  // back its instance.
  bool AtExit() const;

  // Ended by a trap or exception; otherwise it is in a state that has frames.
  bool HasFailed() const;
  RunResult Finish(RunResult result);
  RunResult FinishOtherwise(RunResult result);
  // Around everything that may call host functions.
  void EnterRun();
  void LeaveRun();
  RunResult RunHostEntry();
  RunResult RunMachine(const RunOptions& options);
  // Goes on in the handler of context.exception, with its instance entered and
  // the values that its label takes in their slots; false if there is none,
  // with nothing changed.
  bool Unwind();
  // The same for a machine that runs; also false if it has to stop there.
  bool UnwindRunning();
  void Translate();
  void LeaveHeldLoop();
  void CallCompleted();

  void VisitRoots(RootVisitor& visitor) override;
  void VisitValues(const std::vector<ValueType>& types, FuncAddr function,
                   Slot* slots, RootVisitor& visitor) const;
  void VisitFrames(RootVisitor& visitor) const;

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

}  // namespace wasmd

#endif  // WASMD_INTERP_THREAD_IMPL_H_

// The references of a thread, for collections of the heap: exactly the slots
// that hold one, by the types that validation gives them.

#include "base/check.h"
#include "interp/code/translator.h"
#include "interp/thread_impl.h"

namespace wasmd {
namespace {

// The slots of one frame that may hold objects.
void VisitFrame(const MachineFrame& frame, const Translation& translation,
                uint32_t operands, bool at_entry, RootVisitor& visitor) {
  for (const uint32_t slot : translation.traced_locals) {
    // At its entry a function has yet to zero the locals it declares.
    if (at_entry && slot >= translation.parameter_slots) break;
    visitor.Visit(frame.fp[slot]);
  }
  const std::vector<OperandNode>& nodes = translation.operands;
  for (uint32_t at = nodes[operands].traced; at != 0;
       at = nodes[nodes[at].below].traced) {
    visitor.Visit(frame.fp[nodes[at].slot]);
  }
}

}  // namespace

void Thread::Impl::VisitValues(const std::vector<ValueType>& types,
                               FuncAddr function, Slot* slots,
                               RootVisitor& visitor) const {
  const ModuleInstance* instance = store.function(function).instance;
  for (const ValueType type : types) {
    if (instance == nullptr ? HoldsObject(type)
                            : HoldsObject(*instance->module, type)) {
      visitor.Visit(*slots);
    }
    slots += type.slot_count();
  }
}

void Thread::Impl::VisitFrames(RootVisitor& visitor) const {
  // The top frame is at an op that allocates, or where it can be captured, or
  // in a call. The others are in calls.
  const bool in_call = state == ThreadState::kHostCall || context.in_host_call;
  bool is_top = true;
  for (FrameWalker walker(context); walker.Next(); is_top = false) {
    const MachineFrame& frame = walker.frame();
    FunctionCode& code = walker.function();
    code.module->EnsureTranslated(code);
    const Translation& translation = *code.translation;
    const CodeUnit* pc =
        frame.pc == code.stub ? translation.code.get() : frame.pc;
    const auto position = static_cast<uint32_t>(pc - translation.code.get());
    if (is_top && running && !in_call) {
      VisitFrame(frame, translation,
                 translation.CollectionPointAt(position).operands,
                 /*at_entry=*/false, visitor);
      continue;
    }
    const Safepoint* safepoint = nullptr;
    if (is_top && !in_call) {
      safepoint = translation.Find(position, /*after_call=*/false);
    }
    if (safepoint == nullptr) {
      safepoint = translation.Find(position, /*after_call=*/true);
      CHECK(safepoint != nullptr);
      if (is_top && !in_call) {
        // The callee's results are on the operand stack.
        const Module& module = *frame.instance->module;
        const bool known = safepoint->callee_kind == CalleeKind::kFunction;
        const FunctionType& type =
            known ? module.TypeOfFunction(safepoint->callee)
                  : module.types[safepoint->callee].function;
        VisitValues(type.results,
                    frame.instance->functions[code.function_index],
                    frame.fp + translation.EndOfOperands(*safepoint), visitor);
      }
    }
    VisitFrame(frame, translation, safepoint->operands,
               safepoint->kind == SafepointKind::kEntry, visitor);
  }
}

void Thread::Impl::VisitRoots(RootVisitor& visitor) {
  switch (state) {
    case ThreadState::kIdle:
      return;
    case ThreadState::kFinished:
      if (outcome.result == RunResult::kReturned) {
        VisitValues(TypeOf(entry).results, entry, stack.slots(), visitor);
      }
      for (Value& value : outcome.results) {
        VisitValues({value.type}, entry, &value.low, visitor);
      }
      if (outcome.result == RunResult::kThrew) visitor.Visit(outcome.exception);
      return;
    case ThreadState::kHostCall:
      break;
    case ThreadState::kRunnable:
      if (running) break;
      if (calls_host_entry) {
        return VisitValues(TypeOf(entry).params, entry, stack.slots(), visitor);
      }
      if (AtExit()) {
        return VisitValues(TypeOf(entry).results, entry, stack.slots(),
                           visitor);
      }
      break;
  }
  if (state == ThreadState::kHostCall || context.in_host_call) {
    const FuncAddr callee = context.pending_function;
    VisitValues(TypeOf(callee).params, callee, context.pending_arguments,
                visitor);
  }
  VisitFrames(visitor);
}

}  // namespace wasmd

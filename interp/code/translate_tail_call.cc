// Calls through references, and tail calls.

#include "interp/code/function_translator.h"

namespace wasmd {

// The top operand in a slot that stays as it is while others are moved to
// theirs: a local's, or its own.
uint32_t FunctionTranslator::PopInSlot(bool r0_taken) {
  const Operand operand = stack_.Pop(r0_taken);
  if (operand.has_slot) return operand.slot;
  const uint32_t slot = stack_.top_slot();
  stack_.Store(operand, slot);
  return slot;
}

void FunctionTranslator::CallRef(const Instruction& instruction) {
  const FunctionType& type = module().types[instruction.index].function;
  const uint32_t reference = PopInSlot();
  const uint32_t base = TakeArguments(type);
  emitter_.Simple(SimpleOp::kCallRef, {base, reference});
  FinishCall(instruction, type, CalleeKind::kType, instruction.index);
}

// An index of 64 bits.
void FunctionTranslator::CallIndirect64(const Instruction& instruction) {
  const FunctionType& type = module().types[instruction.index].function;
  const uint32_t index = PopInSlot();
  const uint32_t base = TakeArguments(type);
  emitter_.Simple(SimpleOp::kCallIndirect64,
                  {base, index, instruction.index, instruction.index2});
  FinishCall(instruction, type, CalleeKind::kType, instruction.index);
}

void FunctionTranslator::ReturnCall(const Instruction& instruction) {
  const uint32_t callee = instruction.index;
  const FunctionType& type = module().TypeOfFunction(callee);
  const uint32_t base = TakeArguments(type);
  const uint32_t slots = SlotCount(type.params);
  if (callee < module().imported_functions) {
    emitter_.Simple(SimpleOp::kReturnCallImport, {base, slots, callee});
  } else {
    emitter_.Simple(SimpleOp::kReturnCall, {base, slots});
    emitter_.code().Put64(reinterpret_cast<uint64_t>(
        &context_.functions[callee - module().imported_functions]));
  }
  EndTailCall();
}

void FunctionTranslator::ReturnCallIndirect(const Instruction& instruction) {
  const FunctionType& type = module().types[instruction.index].function;
  const uint32_t index = PopInSlot();
  const uint32_t base = TakeArguments(type);
  emitter_.Simple(SimpleOp::kReturnCallIndirect,
                  {base, SlotCount(type.params), index, instruction.index,
                   instruction.index2});
  EndTailCall();
}

void FunctionTranslator::ReturnCallRef(const Instruction& instruction) {
  const FunctionType& type = module().types[instruction.index].function;
  const uint32_t reference = PopInSlot();
  const uint32_t base = TakeArguments(type);
  emitter_.Simple(SimpleOp::kReturnCallRef,
                  {base, SlotCount(type.params), reference});
  EndTailCall();
}

void FunctionTranslator::EndTailCall() {
  has_tail_calls_ = true;
  EndReachable();
}

}  // namespace wasmd

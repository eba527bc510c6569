// Calls.

#include "interp/code/function_translator.h"

namespace wasmd {

// The arguments go to their canonical slots, the callee's first ones. Returns
// the first.
uint32_t FunctionTranslator::TakeArguments(const FunctionType& type) {
  stack_.Flush();
  stack_.Truncate(stack_.size() - static_cast<uint32_t>(type.params.size()));
  return stack_.top_slot();
}

void FunctionTranslator::FinishCall(const Instruction& instruction,
                                    const FunctionType& type,
                                    CalleeKind callee_kind, uint32_t callee) {
  emitter_.Seal();
  AddSafepoint(SafepointKind::kAfterCall, instruction.next_offset, callee_kind,
               callee);
  stack_.ForgetAccumulators();
  const uint32_t base = stack_.top_slot();
  for (const ValueType result : type.results) stack_.PushSlot(result);
  if (type.results.size() == 1) stack_.SetAlias(type.results[0], base);
}

void FunctionTranslator::Call(const Instruction& instruction) {
  const uint32_t callee = instruction.index;
  const FunctionType& type = module().TypeOfFunction(callee);
  const uint32_t base = TakeArguments(type);
  if (callee < module().imported_functions) {
    emitter_.Simple(SimpleOp::kCallImport, {base, callee});
  } else {
    emitter_.Simple(SimpleOp::kCall, {base});
    emitter_.code().Put64(reinterpret_cast<uint64_t>(
        &context_.functions[callee - module().imported_functions]));
  }
  FinishCall(instruction, type, CalleeKind::kFunction, callee);
}

void FunctionTranslator::CallIndirect(const Instruction& instruction) {
  const FunctionType& type = module().types[instruction.index].function;
  Operand index = stack_.Pop();
  if (index.is_immediate()) index = stack_.ToAccumulator(index);
  // Moving the arguments leaves the accumulator alone.
  const uint32_t base = TakeArguments(type);
  if (index.in_accumulator()) {
    emitter_.Simple(SimpleOp::kCallIndirectAcc,
                    {base, instruction.index, instruction.index2});
  } else {
    emitter_.Simple(SimpleOp::kCallIndirect,
                    {base, index.slot, instruction.index, instruction.index2});
  }
  FinishCall(instruction, type, CalleeKind::kType, instruction.index);
}

}  // namespace wasmd

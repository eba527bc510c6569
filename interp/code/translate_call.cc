// Calls.

#include <optional>

#include "interp/code/function_translator.h"

namespace wasmd {
namespace {

// The slot of the last argument.
uint32_t LastSlot(const FunctionType& type, uint32_t base) {
  for (size_t i = 0; i + 1 < type.params.size(); ++i) {
    base += type.params[i].slot_count();
  }
  return base;
}

}  // namespace

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

// If the last op put the last argument into its slot, the call does that.
void FunctionTranslator::EmitCall(const FunctionType& type, uint32_t base,
                                  const FunctionCode* code) {
  const auto begin = [&](SimpleOp op) {
    emitter_.Simple(op, {base});
    emitter_.code().Put64(reinterpret_cast<uint64_t>(code));
  };
  if (type.params.empty() || type.params.back().is_vector()) {
    return begin(SimpleOp::kCall);
  }
  const uint32_t slot = LastSlot(type, base);
  if (const ResultOp* last = emitter_.last();
      last != nullptr && last->opcode == Opcode::kI32Add &&
      !last->leaves_accumulator_only() && last->destination_slot == slot &&
      last->operands[0].kind == OperandKind::kSlot &&
      last->operands[1].is_immediate()) {
    const ResultOp add = emitter_.TakeLast();
    begin(SimpleOp::kCallAdd);
    emitter_.code().Put(slot);
    emitter_.code().Put(add.operands[0].slot);
    emitter_.code().Put(static_cast<CodeUnit>(add.operands[1].bits));
  } else if (const std::optional<uint32_t> from = emitter_.TakeMoveTo(slot)) {
    begin(SimpleOp::kCallMove);
    emitter_.code().Put(slot);
    emitter_.code().Put(*from);
  } else {
    begin(SimpleOp::kCall);
  }
}

void FunctionTranslator::Call(const Instruction& instruction) {
  const uint32_t callee = instruction.index;
  const FunctionType& type = module().TypeOfFunction(callee);
  const uint32_t base = TakeArguments(type);
  if (callee < module().imported_functions) {
    emitter_.Simple(SimpleOp::kCallImport, {base, callee});
  } else {
    EmitCall(type, base,
             &context_.functions[callee - module().imported_functions]);
  }
  FinishCall(instruction, type, CalleeKind::kFunction, callee);
}

void FunctionTranslator::CallIndirect(const Instruction& instruction) {
  if (module().tables[instruction.index2].type.address == AddressType::kI64) {
    return CallIndirect64(instruction);
  }
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

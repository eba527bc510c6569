// Parametric, variable and reference instructions.

#include <array>

#include "interp/code/function_translator.h"
#include "interp/reference.h"

namespace wasmd {

void FunctionTranslator::Drop(const Instruction&) {
  stack_.Truncate(stack_.size() - 1);
}

void FunctionTranslator::Select(const Instruction& instruction) {
  Operand condition = stack_.Pop();
  Operand if_false = stack_.Pop(condition.in_accumulator());
  Operand if_true =
      stack_.Pop(condition.in_accumulator() ||
                 (ClassOf(if_false.type) == RegisterClass::kInteger &&
                  if_false.in_accumulator()));
  const ValueType type =
      instruction.select_types.empty() || instruction.opcode == Opcode::kSelect
          ? if_true.type
          : instruction.select_types[0];
  if (condition.is_immediate()) {
    // A constant choice: what is chosen is known now.
    const Operand& chosen = condition.bits != 0 ? if_true : if_false;
    const uint32_t slot = stack_.top_slot();
    if (chosen.kind != OperandKind::kSlot || chosen.slot != slot) {
      stack_.Store(chosen, slot);
    }
    return stack_.PushSlot(type);
  }
  if (type.is_vector()) {
    std::array operands = {if_true, if_false, condition};
    return VectorResult(Opcode::kSelect, operands, {}, type);
  }
  // Each accumulator can stand for one operand only.
  if (if_true.in_accumulator() && if_false.in_accumulator()) {
    OperandStack::PreferSlot(if_true.has_slot ? if_true : if_false);
  }
  if (ClassOf(type) == RegisterClass::kInteger && condition.in_accumulator()) {
    for (Operand* value : {&if_true, &if_false}) {
      if (!value->in_accumulator()) continue;
      OperandStack::PreferSlot(condition.has_slot ? condition : *value);
    }
  }
  ResultOp op;
  op.handlers = handlers().select(type.kind(), if_true.kind, if_false.kind,
                                  condition.kind);
  op.type = type;
  op.fields.PutWhole(if_true);
  op.fields.PutWhole(if_false);
  op.fields.Put(condition);
  stack_.PushResult(op);
}

void FunctionTranslator::LocalGet(const Instruction& instruction) {
  stack_.PushLocal(instruction.index);
}

void FunctionTranslator::LocalSet(const Instruction& instruction) {
  stack_.SetLocal(instruction.index);
}

void FunctionTranslator::LocalTee(const Instruction& instruction) {
  stack_.SetLocal(instruction.index);
  stack_.PushLocal(instruction.index);
}

void FunctionTranslator::GlobalGet(const Instruction& instruction) {
  ResultOp op;
  op.type = module().globals[instruction.index].type.value;
  op.handlers = handlers().global_get(op.type.kind());
  op.fields.Put(instruction.index);
  stack_.PushResult(op);
}

void FunctionTranslator::GlobalSet(const Instruction& instruction) {
  const uint32_t index = instruction.index;
  const Operand value = stack_.Pop();
  if (value.type.is_vector()) {
    if (value.in_accumulator()) {
      return emitter_.Simple(SimpleOp::kGlobalSetV128Acc, {index});
    }
    return emitter_.Simple(SimpleOp::kGlobalSetV128, {value.slot, index});
  }
  switch (value.kind) {
    case OperandKind::kSlot:
      return emitter_.Simple(SimpleOp::kGlobalSet, {value.slot, index});
    case OperandKind::kImmediate:
      return emitter_.Simple(SimpleOp::kGlobalSetConst,
                             {index, static_cast<CodeUnit>(value.bits),
                              static_cast<CodeUnit>(value.bits >> 32)});
    case OperandKind::kAccumulator:
      return emitter_.Simple(value.type == kF32Type ? SimpleOp::kGlobalSetF32
                             : value.type == kF64Type
                                 ? SimpleOp::kGlobalSetF64
                                 : SimpleOp::kGlobalSetInteger,
                             {index});
  }
}

void FunctionTranslator::RefNull(const Instruction& instruction) {
  stack_.PushConst(instruction.ref_type, kNullReference);
}

// A reference is null if its slot is 0, as an i64 is.
void FunctionTranslator::RefIsNull(const Instruction&) {
  Operand operand = stack_.Pop();
  if (operand.is_immediate()) {
    return stack_.PushConst(kI32Type, operand.bits == 0);
  }
  ResultOp op;
  op.handlers = handlers().unary(Opcode::kI64Eqz, operand.kind);
  op.type = kI32Type;
  op.opcode = Opcode::kI64Eqz;
  op.operands[0] = operand;
  op.fields.Put(operand);
  stack_.PushResult(op);
}

void FunctionTranslator::RefFunc(const Instruction& instruction) {
  const uint32_t slot = stack_.top_slot();
  emitter_.Simple(SimpleOp::kRefFunc, {slot, instruction.index});
  stack_.NoteWrite(slot);
  const uint32_t type_index = module().functions[instruction.index].type_index;
  stack_.PushSlot(
      ValueType::Ref(HeapType::Concrete(type_index), /*nullable=*/false));
}

}  // namespace wasmd

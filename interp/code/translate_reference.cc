// Instructions on references of any kind, but for those on objects.

#include "interp/code/function_translator.h"
#include "interp/reference.h"

namespace wasmd {
namespace {

ValueType NonNull(ValueType type) {
  return ValueType::Ref(type.heap_type(), /*nullable=*/false);
}

}  // namespace

// References are equal if their slots are, as i64 are.
void FunctionTranslator::RefEq(const Instruction&) {
  const Operand right = stack_.Pop();
  const Operand left = stack_.Pop(right.in_accumulator());
  EmitBinary(Opcode::kI64Eq, left, right);
}

void FunctionTranslator::RefAsNonNull(const Instruction&) {
  const ValueType type = stack_.TopType();
  if (type.is_nullable()) {
    emitter_.Simple(SimpleOp::kCheckNotNull, {SettledTopSlot()});
  }
  stack_.RetypeTop(NonNull(type));
}

// Where the top operand is, for an instruction that leaves it there.
uint32_t FunctionTranslator::SettledTopSlot() {
  if (const Operand operand = stack_.Peek(); operand.has_slot) {
    return operand.slot;
  }
  stack_.Flush();
  return stack_.SlotOf(stack_.size() - 1);
}

// Whether a reference in a slot is null, for a branch.
FunctionTranslator::Condition FunctionTranslator::NullCondition(uint32_t slot,
                                                                bool is_null) {
  Condition condition;
  condition.opcode = is_null ? Opcode::kI64Eq : Opcode::kI64Ne;
  condition.left = {.type = kI64Type, .slot = slot};
  condition.right = {
      .kind = OperandKind::kImmediate, .has_slot = false, .type = kI64Type};
  return condition;
}

void FunctionTranslator::BrOnNull(const Instruction& instruction) {
  Label& target = label(instruction.index);
  const ValueType type = stack_.TopType();
  // The reference stays in its slot while the others are what is carried.
  stack_.Flush();
  const uint32_t slot = stack_.SlotOf(stack_.size() - 1);
  stack_.Truncate(stack_.size() - 1);
  JumpIf(NullCondition(slot, /*is_null=*/true), target);
  stack_.Retype(target.carried());
  stack_.PushSlot(NonNull(type));
}

void FunctionTranslator::BrOnNonNull(const Instruction& instruction) {
  Label& target = label(instruction.index);
  stack_.Flush();
  const uint32_t slot = stack_.SlotOf(stack_.size() - 1);
  JumpIf(NullCondition(slot, /*is_null=*/false), target);
  stack_.Retype(target.carried());
  stack_.Truncate(stack_.size() - 1);
}

}  // namespace wasmd

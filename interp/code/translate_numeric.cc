// Numeric instructions.

#include <optional>
#include <utility>

#include "base/check.h"
#include "interp/code/function_translator.h"
#include "interp/code/operand_order.h"
#include "interp/slot.h"
#include "wasm/opcodes.h"

namespace wasmd {
ValueType ResultTypeOf(Opcode opcode) {
  switch (InfoOf(opcode).signature.back()) {
    case 'i':
      return kI32Type;
    case 'l':
      return kI64Type;
    case 'f':
      return kF32Type;
    case 'd':
      return kF64Type;
    default:
      return kV128Type;
  }
}

void FunctionTranslator::Const(const Instruction& instruction) {
  const ValueType type = ResultTypeOf(instruction.opcode);
  // i32 constants come sign-extended.
  const uint64_t bits =
      type == kI32Type ? ToSlot(static_cast<uint32_t>(instruction.constant))
                       : instruction.constant;
  stack_.PushConst(type, bits);
}

void FunctionTranslator::Unary(const Instruction& instruction) {
  Operand operand = stack_.Pop();
  if (operand.is_immediate()) operand = stack_.ToAccumulator(operand);
  ResultOp op;
  op.handlers = handlers().unary(instruction.opcode, operand.kind);
  op.type = ResultTypeOf(instruction.opcode);
  op.opcode = instruction.opcode;
  op.operands[0] = operand;
  op.fields.Put(operand);
  stack_.PushResult(op);
}

void FunctionTranslator::Binary(const Instruction& instruction) {
  Opcode opcode = instruction.opcode;
  Operand right = stack_.Pop();
  Operand left = stack_.Pop();
  if (left.in_accumulator() && right.in_accumulator()) {
    OperandStack::PreferSlot(right.has_slot ? right : left);
  }
  if (left.is_immediate() && right.is_immediate()) {
    left = stack_.ToAccumulator(left);
  }
  if (!HasBinaryHandler(opcode, left.kind, right.kind)) {
    const std::optional<Opcode> swapped = Swapped(opcode);
    CHECK(swapped.has_value());
    opcode = *swapped;
    std::swap(left, right);
  }
  ResultOp op;
  op.handlers = handlers().binary(opcode, left.kind, right.kind);
  op.type = ResultTypeOf(opcode);
  op.opcode = opcode;
  op.operands = {left, right};
  op.fields.Put(left);
  op.fields.Put(right);
  stack_.PushResult(op);
}

}  // namespace wasmd

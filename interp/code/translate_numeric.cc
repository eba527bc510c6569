// Numeric instructions.

#include <optional>
#include <utility>

#include "base/check.h"
#include "interp/code/function_translator.h"
#include "interp/code/operand_order.h"
#include "interp/slot.h"
#include "wasm/opcodes.h"

namespace wasmd {
namespace {

// Loads of one value, not of vectors.
bool IsLoad(Opcode opcode) {
  return opcode >= Opcode::kI32Load && opcode <= Opcode::kI64Load32U;
}

}  // namespace

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

// Takes back a comparison just made and makes the opposite one instead.
bool FunctionTranslator::InvertComparison() {
  if (!stack_.TopIsLast()) return false;
  const std::optional<Opcode> opposite = Opposite(emitter_.last()->opcode);
  if (!opposite.has_value()) return false;
  ResultOp op = stack_.PopLast();
  op.opcode = *opposite;
  op.handlers =
      handlers().binary(*opposite, op.operands[0].kind, op.operands[1].kind);
  stack_.PushResult(op);
  return true;
}

void FunctionTranslator::Unary(const Instruction& instruction) {
  if (instruction.opcode == Opcode::kI32Eqz && InvertComparison()) return;
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

// i32 additions of locals and constants are not computed before they are used:
// see OperandStack.
bool FunctionTranslator::PushLazySum(Opcode opcode) {
  const auto push = [this](std::pair<uint32_t, uint32_t> sum, uint32_t more) {
    stack_.Truncate(stack_.size() - 2);
    stack_.PushSum(sum.first, sum.second + more);
    return true;
  };
  const std::optional<uint64_t> right = stack_.ConstAt(0);
  if (right.has_value()) {
    const auto left = stack_.LocalAndImmediateAt(1);
    if (!left.has_value()) return false;
    const auto more = static_cast<uint32_t>(*right);
    return push(*left, opcode == Opcode::kI32Sub ? 0 - more : more);
  }
  if (opcode != Opcode::kI32Add) return false;
  if (const std::optional<uint64_t> left = stack_.ConstAt(1)) {
    const auto other = stack_.LocalAndImmediateAt(0);
    return other.has_value() && push(*other, static_cast<uint32_t>(*left));
  }
  const std::optional<uint32_t> first = stack_.LocalAt(1);
  const std::optional<uint32_t> second = stack_.LocalAt(0);
  if (!first.has_value() || !second.has_value()) return false;
  stack_.Truncate(stack_.size() - 2);
  stack_.PushSum(*first, *second, 0);
  return true;
}

// base + (index << constant), or the other way round, where the shift was just
// made: taken back and made with the addition.
bool FunctionTranslator::PushAddShifted() {
  const auto is_shift = [this] {
    return stack_.TopIsLast() && emitter_.last()->opcode == Opcode::kI32Shl &&
           emitter_.last()->operands[1].is_immediate();
  };
  Sum sum;
  const std::optional<uint32_t> right = stack_.LocalAt(0);
  if (right.has_value()) {
    stack_.Truncate(stack_.size() - 1);
    if (!is_shift()) {
      stack_.PushLocal(*right);
      return false;
    }
  } else if (!is_shift() || stack_.ConstAt(1).has_value()) {
    return false;
  }
  const ResultOp shift = stack_.PopLast();
  sum.index = shift.operands[0];
  sum.shift = static_cast<uint32_t>(shift.operands[1].bits) & 31;
  std::optional<uint32_t> base = right;
  if (!base.has_value() && stack_.LocalAt(0).has_value()) {
    base = stack_.LocalAt(0);
    stack_.Truncate(stack_.size() - 1);
  }
  if (base.has_value() && sum.index.local != kNoLocal && sum.shift != 0) {
    stack_.PushSum(*base, sum.index.local, sum.shift);
    return true;
  }
  if (base.has_value()) stack_.PushLocal(*base);
  sum.base = stack_.Pop(sum.index.in_accumulator());
  if (sum.base.in_accumulator() && sum.index.in_accumulator()) {
    OperandStack::PreferSlot(sum.base.has_slot ? sum.base : sum.index);
  }
  if (sum.shift == 0) {
    EmitBinary(Opcode::kI32Add, sum.base, sum.index);
  } else {
    stack_.PushComputed(sum);
  }
  return true;
}

void FunctionTranslator::Binary(const Instruction& instruction) {
  Opcode opcode = instruction.opcode;
  if ((opcode == Opcode::kI32Add || opcode == Opcode::kI32Sub) &&
      PushLazySum(opcode)) {
    return;
  }
  if (opcode == Opcode::kI32Add && PushAddShifted()) return;
  Operand right = stack_.Pop();
  const Operand left = stack_.Pop(right.in_accumulator());
  if (right.is_immediate()) {
    // One way to add a constant is enough.
    if (opcode == Opcode::kI32Sub) {
      opcode = Opcode::kI32Add;
      right.bits = ToSlot(0 - static_cast<uint32_t>(right.bits));
    } else if (opcode == Opcode::kI64Sub) {
      opcode = Opcode::kI64Add;
      right.bits = 0 - right.bits;
    }
  }
  EmitBinary(opcode, left, right);
}

// An operand that the last op has just computed or loaded: one op does both, if
// there is a handler. The value is nowhere but in the accumulator, so the other
// operand is not.
bool FunctionTranslator::FuseWithLast(Opcode opcode, const Operand& left,
                                      const Operand& right) {
  const bool reversed = stack_.IsLast(right);
  if (!reversed && !stack_.IsLast(left)) return false;
  const Operand& computed = reversed ? right : left;
  const Operand& other = reversed ? left : right;
  if (other.in_accumulator()) return false;
  const ResultOp& last = *emitter_.last();
  // Which side the computed operand is on matters for few.
  const bool swapped = reversed && Swapped(opcode) != opcode;
  const bool is_load = IsLoad(last.opcode);
  ResultOp op;
  op.handlers = is_load ? handlers().load_binary(last.opcode, last.address,
                                                 opcode, swapped, other.kind)
                        : handlers().pair({last.opcode, opcode, swapped,
                                           last.operands[0].kind,
                                           last.operands[1].kind, other.kind});
  if (op.handlers[0] == 0) return false;
  const ResultOp taken = stack_.TakeBack(computed);
  op.type = ResultTypeOf(opcode);
  op.offset = taken.offset;  // only a load can trap
  op.fields = taken.fields;
  op.fields.Put(other);
  stack_.PushResult(op);
  return true;
}

void FunctionTranslator::EmitBinary(Opcode opcode, Operand left,
                                    Operand right) {
  if (FuseWithLast(opcode, left, right)) return;
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

// Which binary instructions may exchange their operands: the handler families
// leave out the variants that this makes superfluous, and the translator
// exchanges operands to get to those that exist.

#ifndef WASMD_INTERP_CODE_OPERAND_ORDER_H_
#define WASMD_INTERP_CODE_OPERAND_ORDER_H_

#include <optional>

#include "interp/code/handler_set.h"
#include "wasm/opcodes.h"

namespace wasmd {

// The instruction that computes op(a, b) as swapped(b, a), if there is one.
constexpr std::optional<Opcode> Swapped(Opcode op) {
  switch (op) {
    // Commutative. All NaNs being canonical, float arithmetic is too.
    case Opcode::kI32Add:
    case Opcode::kI32Mul:
    case Opcode::kI32And:
    case Opcode::kI32Or:
    case Opcode::kI32Xor:
    case Opcode::kI32Eq:
    case Opcode::kI32Ne:
    case Opcode::kI64Add:
    case Opcode::kI64Mul:
    case Opcode::kI64And:
    case Opcode::kI64Or:
    case Opcode::kI64Xor:
    case Opcode::kI64Eq:
    case Opcode::kI64Ne:
    case Opcode::kF32Add:
    case Opcode::kF32Mul:
    case Opcode::kF32Min:
    case Opcode::kF32Max:
    case Opcode::kF32Eq:
    case Opcode::kF32Ne:
    case Opcode::kF64Add:
    case Opcode::kF64Mul:
    case Opcode::kF64Min:
    case Opcode::kF64Max:
    case Opcode::kF64Eq:
    case Opcode::kF64Ne:
      return op;
#define MIRRORED(a, b)   \
  case Opcode::k##a:     \
    return Opcode::k##b; \
  case Opcode::k##b:     \
    return Opcode::k##a;
      MIRRORED(I32LtS, I32GtS)
      MIRRORED(I32LtU, I32GtU)
      MIRRORED(I32LeS, I32GeS)
      MIRRORED(I32LeU, I32GeU)
      MIRRORED(I64LtS, I64GtS)
      MIRRORED(I64LtU, I64GtU)
      MIRRORED(I64LeS, I64GeS)
      MIRRORED(I64LeU, I64GeU)
      MIRRORED(F32Lt, F32Gt)
      MIRRORED(F32Le, F32Ge)
      MIRRORED(F64Lt, F64Gt)
      MIRRORED(F64Le, F64Ge)
#undef MIRRORED
    default:
      return std::nullopt;
  }
}

// The comparison that holds where this one of integers does not.
constexpr std::optional<Opcode> Opposite(Opcode op) {
  switch (op) {
#define OPPOSITES(a, b)  \
  case Opcode::k##a:     \
    return Opcode::k##b; \
  case Opcode::k##b:     \
    return Opcode::k##a;
    OPPOSITES(I32Eq, I32Ne)
    OPPOSITES(I32LtS, I32GeS)
    OPPOSITES(I32LtU, I32GeU)
    OPPOSITES(I32GtS, I32LeS)
    OPPOSITES(I32GtU, I32LeU)
    OPPOSITES(I64Eq, I64Ne)
    OPPOSITES(I64LtS, I64GeS)
    OPPOSITES(I64LtU, I64GeU)
    OPPOSITES(I64GtS, I64LeS)
    OPPOSITES(I64GtU, I64LeU)
#undef OPPOSITES
    default:
      return std::nullopt;
  }
}

// True for comparisons of two operands.
constexpr bool IsComparison(Opcode op) {
  return (op >= Opcode::kI32Eq && op <= Opcode::kI32GeU) ||
         (op >= Opcode::kI64Eq && op <= Opcode::kF64Ge);
}

// Whether a handler exists for these operand kinds of a binary instruction.
constexpr bool HasBinaryHandler(Opcode op, OperandKind left,
                                OperandKind right) {
  const bool swappable = Swapped(op).has_value();
  switch (left) {
    case OperandKind::kSlot:
      return right != OperandKind::kAccumulator || !swappable;
    case OperandKind::kAccumulator:
      return right != OperandKind::kAccumulator;
    case OperandKind::kImmediate:
      return right != OperandKind::kImmediate && !swappable;
  }
  return false;
}

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_OPERAND_ORDER_H_

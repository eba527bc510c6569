// Forms of vector ops: which kinds their operands have, as a number; and which
// forms there are not, because exchanging the operands gives one that there is.

#ifndef WASMD_INTERP_CODE_VECTOR_FORMS_H_
#define WASMD_INTERP_CODE_VECTOR_FORMS_H_

#include <cstddef>
#include <optional>
#include <span>

#include "interp/code/handler_set.h"
#include "wasm/opcodes.h"

namespace wasmd {

constexpr size_t FormCount(size_t operands) {
  size_t count = 1;
  for (size_t i = 0; i < operands; ++i) count *= kOperandKinds;
  return count;
}
constexpr size_t FormOf(std::span<const OperandKind> kinds) {
  size_t form = 0;
  for (size_t i = kinds.size(); i > 0; --i) {
    form = form * kOperandKinds + static_cast<size_t>(kinds[i - 1]);
  }
  return form;
}
constexpr OperandKind KindInForm(size_t form, size_t operand) {
  return static_cast<OperandKind>(form / FormCount(operand) % kOperandKinds);
}

// The instruction that computes op(a, b) as swapped(b, a), if there is one.
constexpr std::optional<Opcode> SwappedVector(Opcode op) {
  switch (op) {
    // Commutative. All NaNs being canonical, float arithmetic is too.
#define INTEGER_SHAPE(shape)  \
  case Opcode::k##shape##Add: \
  case Opcode::k##shape##Eq:  \
  case Opcode::k##shape##Ne:
#define NARROW_SHAPE(shape)       \
  case Opcode::k##shape##AddSatS: \
  case Opcode::k##shape##AddSatU: \
  case Opcode::k##shape##AvgrU:
#define MIN_MAX_SHAPE(shape)   \
  case Opcode::k##shape##MinS: \
  case Opcode::k##shape##MinU: \
  case Opcode::k##shape##MaxS: \
  case Opcode::k##shape##MaxU:
#define FLOAT_SHAPE(shape)           \
  case Opcode::k##shape##Add:        \
  case Opcode::k##shape##Mul:        \
  case Opcode::k##shape##Min:        \
  case Opcode::k##shape##Max:        \
  case Opcode::k##shape##RelaxedMin: \
  case Opcode::k##shape##RelaxedMax: \
  case Opcode::k##shape##Eq:         \
  case Opcode::k##shape##Ne:
#define EXTMUL(wide, narrow)                   \
  case Opcode::k##wide##ExtmulLow##narrow##S:  \
  case Opcode::k##wide##ExtmulLow##narrow##U:  \
  case Opcode::k##wide##ExtmulHigh##narrow##S: \
  case Opcode::k##wide##ExtmulHigh##narrow##U:
    INTEGER_SHAPE(I8x16)
    INTEGER_SHAPE(I16x8)
    INTEGER_SHAPE(I32x4)
    INTEGER_SHAPE(I64x2)
    NARROW_SHAPE(I8x16)
    NARROW_SHAPE(I16x8)
    MIN_MAX_SHAPE(I8x16)
    MIN_MAX_SHAPE(I16x8)
    MIN_MAX_SHAPE(I32x4)
    FLOAT_SHAPE(F32x4)
    FLOAT_SHAPE(F64x2)
    EXTMUL(I16x8, I8x16)
    EXTMUL(I32x4, I16x8)
    EXTMUL(I64x2, I32x4)
#undef INTEGER_SHAPE
#undef NARROW_SHAPE
#undef MIN_MAX_SHAPE
#undef FLOAT_SHAPE
#undef EXTMUL
    case Opcode::kI16x8Mul:
    case Opcode::kI32x4Mul:
    case Opcode::kI64x2Mul:
    case Opcode::kI16x8Q15mulrSatS:
    case Opcode::kI16x8RelaxedQ15mulrS:
    case Opcode::kI32x4DotI16x8S:
    case Opcode::kI16x8RelaxedDotI8x16I7x16S:
    case Opcode::kV128And:
    case Opcode::kV128Or:
    case Opcode::kV128Xor:
      return op;
#define MIRRORED(a, b)   \
  case Opcode::k##a:     \
    return Opcode::k##b; \
  case Opcode::k##b:     \
    return Opcode::k##a;
#define MIRRORED_SHAPE(shape)      \
  MIRRORED(shape##LtS, shape##GtS) \
  MIRRORED(shape##LeS, shape##GeS)
#define MIRRORED_UNSIGNED(shape)   \
  MIRRORED(shape##LtU, shape##GtU) \
  MIRRORED(shape##LeU, shape##GeU)
      MIRRORED_SHAPE(I8x16)
      MIRRORED_SHAPE(I16x8)
      MIRRORED_SHAPE(I32x4)
      MIRRORED_SHAPE(I64x2)
      MIRRORED_UNSIGNED(I8x16)
      MIRRORED_UNSIGNED(I16x8)
      MIRRORED_UNSIGNED(I32x4)
      MIRRORED(F32x4Lt, F32x4Gt)
      MIRRORED(F32x4Le, F32x4Ge)
      MIRRORED(F64x2Lt, F64x2Gt)
      MIRRORED(F64x2Le, F64x2Ge)
#undef MIRRORED_SHAPE
#undef MIRRORED_UNSIGNED
#undef MIRRORED
    default:
      return std::nullopt;
  }
}

// There is no handler for these kinds, but one for the exchanged operands.
constexpr bool IsSuperfluous(Opcode op, std::span<const OperandKind> kinds) {
  return kinds.size() == 2 && kinds[1] == OperandKind::kAccumulator &&
         SwappedVector(op).has_value();
}

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_VECTOR_FORMS_H_

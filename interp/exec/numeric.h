// Families of numeric handlers (core specification, exec/instructions, "Numeric
// Instructions"): one eval:: function times its destination and operand kinds.

#ifndef WASMD_INTERP_EXEC_NUMERIC_H_
#define WASMD_INTERP_EXEC_NUMERIC_H_

#include <array>
#include <span>

#include "interp/code/operand_order.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

template <typename F>
struct SignatureOf;
template <typename Result, typename A>
struct SignatureOf<Result (*)(A)> {
  using Operand = A;
};
template <typename Result, typename A, typename B>
struct SignatureOf<Result (*)(A, B)> {
  using Left = A;
  using Right = B;
};

template <auto kFunction, Destination destination, OperandKind operand>
WASMD_INLINE Op Unary(Registers& r) {
  using T = typename SignatureOf<decltype(kFunction)>::Operand;
  constexpr uint32_t kAt = kFirstOperand<destination>;
  if (kAt + kFieldUnits<operand, T> - kF >= 2) ReadFieldPair(r);
  return Finish<destination>(r, kFunction(Read<T, operand>(r, kAt)),
                             kAt + kFieldUnits<operand, T>);
}

template <auto kFunction, Destination destination, OperandKind left,
          OperandKind right>
WASMD_INLINE Op Binary(Registers& r) {
  using Left = typename SignatureOf<decltype(kFunction)>::Left;
  using Right = typename SignatureOf<decltype(kFunction)>::Right;
  constexpr uint32_t kLeft = kFirstOperand<destination>;
  constexpr uint32_t kRight = kLeft + kFieldUnits<left, Left>;
  constexpr uint32_t kEnd = kRight + kFieldUnits<right, Right>;
  // A 64-bit immediate is read as a whole.
  constexpr bool kWide =
      right == kImmediateKind && sizeof(Right) == sizeof(uint64_t);
  if (kEnd - kF >= (kWide ? 4 : 2)) ReadFieldPair(r);
  return Finish<destination>(
      r, kFunction(Read<Left, left>(r, kLeft), Read<Right, right>(r, kRight)),
      kEnd);
}

struct UnaryRow {
  Opcode opcode;
  std::array<DestinationRow, kOperandKinds> handlers;  // by operand
};

struct BinaryRow {
  Opcode opcode;
  // By left, then right operand.
  std::array<std::array<DestinationRow, kOperandKinds>, kOperandKinds> handlers;
};

template <auto kFunction, OperandKind operand>
constexpr DestinationRow UnaryVariants() {
  return {&Entry<Unary<kFunction, Destination::kAccumulator, operand>>,
          &Entry<Unary<kFunction, Destination::kSlot, operand>>,
          &Entry<Unary<kFunction, Destination::kBoth, operand>>};
}

template <Opcode kOpcode, auto kFunction>
constexpr UnaryRow MakeUnary() {
  UnaryRow row{kOpcode, {}};
  row.handlers[0] = UnaryVariants<kFunction, kSlotKind>();
  row.handlers[2] = UnaryVariants<kFunction, kAccumulatorKind>();
  return row;
}

template <Opcode kOpcode, auto kFunction, OperandKind left, OperandKind right>
constexpr DestinationRow BinaryVariants() {
  if constexpr (HasBinaryHandler(kOpcode, left, right)) {
    return {&Entry<Binary<kFunction, Destination::kAccumulator, left, right>>,
            &Entry<Binary<kFunction, Destination::kSlot, left, right>>,
            &Entry<Binary<kFunction, Destination::kBoth, left, right>>};
  } else {
    return {};
  }
}

template <Opcode kOpcode, auto kFunction, OperandKind left>
constexpr std::array<DestinationRow, kOperandKinds> BinaryVariantsOfLeft() {
  return {BinaryVariants<kOpcode, kFunction, left, kSlotKind>(),
          BinaryVariants<kOpcode, kFunction, left, kImmediateKind>(),
          BinaryVariants<kOpcode, kFunction, left, kAccumulatorKind>()};
}

template <Opcode kOpcode, auto kFunction>
constexpr BinaryRow MakeBinary() {
  return {kOpcode,
          {BinaryVariantsOfLeft<kOpcode, kFunction, kSlotKind>(),
           BinaryVariantsOfLeft<kOpcode, kFunction, kImmediateKind>(),
           BinaryVariantsOfLeft<kOpcode, kFunction, kAccumulatorKind>()}};
}

// One file each.
std::span<const BinaryRow> I32Arithmetic();
std::span<const BinaryRow> I32Comparisons();
std::span<const BinaryRow> I64Arithmetic();
std::span<const BinaryRow> I64Comparisons();
std::span<const BinaryRow> F32Binary();
std::span<const BinaryRow> F64Binary();
std::span<const UnaryRow> IntegerUnary();
std::span<const UnaryRow> FloatUnary();
std::span<const UnaryRow> Conversions();

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_NUMERIC_H_

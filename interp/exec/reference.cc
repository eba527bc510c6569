// Instructions on references that have one operand and a result (core
// specification, exec/instructions, "Reference Instructions").

#include "interp/reference.h"

#include <array>

#include "interp/eval/checked.h"
#include "interp/exec/gc.h"
#include "interp/exec/handlers.h"
#include "interp/exec/numeric.h"
#include "interp/heap.h"

namespace wasmd::WASMD_BACKEND {
namespace {

using eval::Checked;

inline Slot RefI31(uint32_t value) { return I31Reference(value); }

inline Checked<uint32_t> I31GetS(Slot reference) {
  if (reference == kNullReference) {
    return Checked<uint32_t>::Trapped(TrapKind::kNullI31Reference);
  }
  return {static_cast<uint32_t>(I31Signed(reference))};
}
inline Checked<uint32_t> I31GetU(Slot reference) {
  if (reference == kNullReference) {
    return Checked<uint32_t>::Trapped(TrapKind::kNullI31Reference);
  }
  return {I31Unsigned(reference)};
}

template <Destination destination, OperandKind operand>
WASMD_INLINE Op ArrayLen(Registers& r) {
  constexpr uint32_t kAt = kFirstOperand<destination>;
  const Slot array = Read<Slot, operand>(r, kAt);
  if (array == kNullReference) [[unlikely]] {
    return TrapOp(TrapKind::kNullArrayReference);
  }
  return Finish<destination>(r, r.ctx->heap->LengthOf(array),
                             kAt + kFieldUnits<operand, Slot>);
}

template <Destination destination, OperandKind operand>
WASMD_INLINE Op RefTest(Registers& r) {
  constexpr uint32_t kAt = kFirstOperand<destination>;
  constexpr uint32_t kType = kAt + kFieldUnits<operand, Slot>;
  const Slot reference = Read<Slot, operand>(r, kAt);
  const bool matches = TestReference(*r.ctx, reference, r.pc[kType]);
  return Finish<destination>(r, uint32_t{matches}, kType + 1);
}

using Row = std::array<DestinationRow, kOperandKinds>;  // by operand

template <auto kFunction>
constexpr Row MakeReference() {
  return {UnaryVariants<kFunction, kSlotKind>(), DestinationRow{},
          UnaryVariants<kFunction, kAccumulatorKind>()};
}

template <OperandKind operand>
constexpr DestinationRow kArrayLen = {
    &Entry<ArrayLen<Destination::kAccumulator, operand>>,
    &Entry<ArrayLen<Destination::kSlot, operand>>,
    &Entry<ArrayLen<Destination::kBoth, operand>>};
template <OperandKind operand>
constexpr DestinationRow kRefTest = {
    &Entry<RefTest<Destination::kAccumulator, operand>>,
    &Entry<RefTest<Destination::kSlot, operand>>,
    &Entry<RefTest<Destination::kBoth, operand>>};

constexpr Row kRefI31 = MakeReference<&RefI31>();
constexpr Row kI31GetS = MakeReference<&I31GetS>();
constexpr Row kI31GetU = MakeReference<&I31GetU>();
constexpr Row kArrayLenRow = {kArrayLen<kSlotKind>, DestinationRow{},
                              kArrayLen<kAccumulatorKind>};
constexpr Row kRefTestRow = {kRefTest<kSlotKind>, DestinationRow{},
                             kRefTest<kAccumulatorKind>};

const Row* FindRow(Opcode opcode) {
  switch (opcode) {
    case Opcode::kRefI31:
      return &kRefI31;
    case Opcode::kI31GetS:
      return &kI31GetS;
    case Opcode::kI31GetU:
      return &kI31GetU;
    case Opcode::kArrayLen:
      return &kArrayLenRow;
    case Opcode::kRefTest:
      return &kRefTestRow;
    default:
      return nullptr;
  }
}

}  // namespace

DestinationHandlers Reference(Opcode opcode, OperandKind operand) {
  const Row* row = FindRow(opcode);
  if (row == nullptr) return {};
  return ToHandlers((*row)[static_cast<size_t>(operand)]);
}

}  // namespace wasmd::WASMD_BACKEND

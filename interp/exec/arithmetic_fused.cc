// i32 additions fused with what comes before (a shift) or after (a return).

#include <array>
#include <bit>

#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"
#include "interp/exec/return.h"

namespace wasmd::WASMD_BACKEND {
namespace {

template <Destination destination, OperandKind base, OperandKind index>
WASMD_INLINE Op AddShiftedBody(Registers& r) {
  constexpr uint32_t kBase = kFirstOperand<destination>;
  constexpr uint32_t kIndex = kBase + kFieldUnits<base, uint32_t>;
  constexpr uint32_t kShift = kIndex + kFieldUnits<index, uint32_t>;
  const uint32_t sum =
      Read<uint32_t, base>(r, kBase) +
      (Read<uint32_t, index>(r, kIndex) << (r.pc[kShift] & 31));
  return Finish<destination>(r, sum, kShift + 1);
}

template <OperandKind base, OperandKind index>
constexpr DestinationRow kAddShifted = {
    &Entry<AddShiftedBody<Destination::kAccumulator, base, index>>,
    &Entry<AddShiftedBody<Destination::kSlot, base, index>>,
    &Entry<AddShiftedBody<Destination::kBoth, base, index>>};

template <OperandKind left, OperandKind right>
WASMD_INLINE Op ReturnAddBody(Registers& r) {
  constexpr uint32_t kRight = kHandlerUnits + kFieldUnits<left, uint32_t>;
  return ReturnWith(r, Read<uint32_t, left>(r, kHandlerUnits) +
                           Read<uint32_t, right>(r, kRight));
}

}  // namespace

DestinationHandlers AddShifted(OperandKind base, OperandKind index) {
  if (base == kAccumulatorKind) {
    return ToHandlers(kAddShifted<kAccumulatorKind, kSlotKind>);
  }
  return ToHandlers(index == kAccumulatorKind
                        ? kAddShifted<kSlotKind, kAccumulatorKind>
                        : kAddShifted<kSlotKind, kSlotKind>);
}

Handler ReturnAdd(OperandKind left, OperandKind right) {
  const bool immediate = right == kImmediateKind;
  Function function;
  if (left == kAccumulatorKind) {
    function = immediate
                   ? &Entry<ReturnAddBody<kAccumulatorKind, kImmediateKind>>
                   : &Entry<ReturnAddBody<kAccumulatorKind, kSlotKind>>;
  } else {
    function = immediate ? &Entry<ReturnAddBody<kSlotKind, kImmediateKind>>
                         : &Entry<ReturnAddBody<kSlotKind, kSlotKind>>;
  }
  return std::bit_cast<Handler>(function);
}

}  // namespace wasmd::WASMD_BACKEND

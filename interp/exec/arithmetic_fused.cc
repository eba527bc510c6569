// i32 additions fused with what comes before (a shift) or after (a return).

#include "interp/exec/arithmetic_fused.h"

#include <array>
#include <bit>

#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {
namespace {

template <OperandKind base, OperandKind index>
constexpr DestinationRow kAddShifted = {
    &Entry<AddShiftedBody<Destination::kAccumulator, base, index>>,
    &Entry<AddShiftedBody<Destination::kSlot, base, index>>,
    &Entry<AddShiftedBody<Destination::kBoth, base, index>>};

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

// i32 additions fused with what comes before (a shift) or after (a return).

#ifndef WASMD_INTERP_EXEC_ARITHMETIC_FUSED_H_
#define WASMD_INTERP_EXEC_ARITHMETIC_FUSED_H_

#include "interp/exec/operands.h"
#include "interp/exec/return.h"

namespace wasmd::WASMD_BACKEND {

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

template <OperandKind left, OperandKind right>
WASMD_INLINE Op ReturnAddBody(Registers& r) {
  constexpr uint32_t kRight = kHandlerUnits + kFieldUnits<left, uint32_t>;
  return ReturnWith(r, Read<uint32_t, left>(r, kHandlerUnits) +
                           Read<uint32_t, right>(r, kRight));
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_ARITHMETIC_FUSED_H_

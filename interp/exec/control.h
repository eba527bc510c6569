// Branches and returns.

#ifndef WASMD_INTERP_EXEC_CONTROL_H_
#define WASMD_INTERP_EXEC_CONTROL_H_

#include <bit>

#include "interp/exec/operands.h"
#include "interp/exec/return.h"
#include "interp/exec/safepoint.h"

namespace wasmd::WASMD_BACKEND {

WASMD_INLINE Op Unreachable(Registers&) {
  return TrapOp(TrapKind::kUnreachable);
}

WASMD_INLINE Op Branch(Registers& r) {
  r.pc += SignedField(r, kF);
  return GoOn(r);
}

WASMD_INLINE Op BranchBack(Registers& r) {
  if (kHasSlotCache && r.closes_loop) return RepeatLoop(r);
  PredictTarget(r, r.pc + SignedField(r, kF));
  if (!CountSafepoint(r)) [[unlikely]] {
    return SafepointOp();
  }
  return GoOn(r);
}

template <OperandKind condition, bool negate, bool back>
WASMD_INLINE Op BranchIfBody(Registers& r) {
  constexpr uint32_t kOffset = kF + kFieldUnits<condition, uint32_t>;
  const bool taken = (Read<uint32_t, condition>(r, kF) != 0) != negate;
  if (!taken) return Next(r, kOffset + 1);
  const CodeUnit* target = r.pc + SignedField(r, kOffset);
  if constexpr (back) return JumpBack(r, target);
  r.pc = target;
  return Dispatch(r);
}

// The default is the last of the offsets; `at` is the position of their count.
template <OperandKind index>
WASMD_INLINE Op BranchTable(Registers& r) {
  constexpr uint32_t kCount = kF + kFieldUnits<index, uint32_t>;
  const uint32_t chosen = Read<uint32_t, index>(r, kF);
  const uint32_t count = r.pc[kCount];
  const uint32_t at = chosen < count ? chosen : count;
  r.pc += SignedField(r, kCount + 1 + at);
  return Dispatch(r);
}

// The index is the sum of a local and an immediate.
WASMD_INLINE Op BranchTableAdd(Registers& r) {
  constexpr uint32_t kCount = kF + 2;
  const uint32_t chosen = FromSlot<uint32_t>(ReadSlot(r, kF)) + r.pc[kF + 1];
  const uint32_t count = r.pc[kCount];
  const uint32_t at = chosen < count ? chosen : count;
  r.pc += SignedField(r, kCount + 1 + at);
  return Dispatch(r);
}

template <typename T, OperandKind value>
WASMD_INLINE Op ReturnValue(Registers& r) {
  return ReturnWith(r, Read<T, value>(r, kF));
}

WASMD_INLINE Op ReturnConst(Registers& r) {
  const uint64_t result = Field64(r, kF);
  SetAccumulator(r, result);
  SetAccumulator(r, std::bit_cast<double>(result));
  r.fp[0] = result;
  return PopRecord(r);
}

WASMD_INLINE Op ReturnRange(Registers& r) {
  const Slot* from = &SlotAt(r, kF);
  const uint32_t count = r.pc[kF + 1];
  // Results move down: ascending order is right when the ranges overlap.
  for (size_t i = 0; i < count; ++i) {
    r.fp[i] = from[i];
    Pin(i);  // not a call of memmove
  }
  return PopRecord(r);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_CONTROL_H_

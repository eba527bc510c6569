// Moves, constants, globals, select.

#ifndef WASMD_INTERP_EXEC_VARIABLE_H_
#define WASMD_INTERP_EXEC_VARIABLE_H_

#include "interp/exec/operands.h"
#include "interp/instances.h"
#include "interp/module_instance.h"
#include "interp/reference.h"

namespace wasmd::WASMD_BACKEND {

// One after the other: a later source may be an earlier destination. No loop:
// a sequence has to see which fields these are.
template <uint32_t first, uint32_t count>
WASMD_INLINE void MoveFrom(Registers& r) {
  if constexpr (first < count) {
    WriteSlot(r, kF + 2 * first, ReadSlot(r, kF + 2 * first + 1));
    MoveFrom<first + 1, count>(r);
  }
}
template <uint32_t count>
WASMD_INLINE Op MoveFew(Registers& r) {
  ReadFieldPair(r);
  MoveFrom<0, count>(r);
  return Next(r, kF + 2 * count);
}

WASMD_INLINE Op MoveRange(Registers& r) {
  Slot* to = &SlotAt(r, kF);
  const Slot* from = &SlotAt(r, kF + 1);
  const uint32_t count = r.pc[kF + 2];
  // Results move down: ascending order is right when the ranges overlap.
  for (size_t i = 0; i < count; ++i) {
    to[i] = from[i];
    Pin(i);  // not a call of memmove
  }
  return Next(r, kF + 3);
}

template <typename T>
WASMD_INLINE Op LoadAccumulator(Registers& r) {
  SetAccumulator(r, FromSlot<T>(ReadSlot(r, kF)));
  return Next(r, kF + 1);
}

template <typename T>
WASMD_INLINE Op StoreAccumulator(Registers& r) {
  WriteSlot(r, kF, ToSlot(Accumulator<T>(r)));
  return Next(r, kF + 1);
}

WASMD_INLINE Op Const32(Registers& r) {
  ReadFieldPair(r);
  WriteSlot(r, kF, FieldAt(r, kF + 1));
  return Next(r, kF + 2);
}
WASMD_INLINE Op Const64(Registers& r) {
  WriteSlot(r, kF, Field64(r, kF + 1));
  return Next(r, kF + 3);
}
template <typename T>
WASMD_INLINE Op ConstAccumulator(Registers& r) {
  SetAccumulator(r, FromSlot<T>(Field64(r, kF)));
  return Next(r, kF + 2);
}

WASMD_INLINE Op RefFunc(Registers& r) {
  SlotAt(r, kF) = FunctionReference(r.ctx->instance->functions[r.pc[kF + 1]]);
  return Next(r, kF + 2);
}

template <typename T, Destination destination>
WASMD_INLINE Op GlobalGetBody(Registers& r) {
  constexpr uint32_t kAt = kFirstOperand<destination>;
  const Slot value = r.ctx->globals[r.pc[kAt]]->value[0];
  return Finish<destination>(r, FromSlot<T>(value), kAt + 1);
}

WASMD_INLINE Op GlobalSet(Registers& r) {
  r.ctx->globals[r.pc[kF + 1]]->value[0] = ReadSlot(r, kF);
  return Next(r, kF + 2);
}
template <typename T>
WASMD_INLINE Op GlobalSetAccumulator(Registers& r) {
  r.ctx->globals[r.pc[kF]]->value[0] = ToSlot(Accumulator<T>(r));
  return Next(r, kF + 1);
}
WASMD_INLINE Op GlobalSetConst(Registers& r) {
  r.ctx->globals[r.pc[kF]]->value[0] = Field64(r, kF + 1);
  return Next(r, kF + 3);
}

// T is uint64_t (whole slots), float or double.
template <typename T, Destination destination, OperandKind if_true,
          OperandKind if_false, OperandKind condition>
WASMD_INLINE Op SelectBody(Registers& r) {
  constexpr uint32_t kTrue = kFirstOperand<destination>;
  constexpr uint32_t kFalse = kTrue + kFieldUnits<if_true, T>;
  constexpr uint32_t kCondition = kFalse + kFieldUnits<if_false, T>;
  const bool chosen = Read<uint32_t, condition>(r, kCondition) != 0;
  const Slot a = ToSlot(Read<T, if_true>(r, kTrue));
  const Slot b = ToSlot(Read<T, if_false>(r, kFalse));
  const Slot value = WASMD_UNPREDICTABLE(chosen) ? a : b;
  return Finish<destination>(r, FromSlot<T>(value),
                             kCondition + kFieldUnits<condition, uint32_t>);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_VARIABLE_H_

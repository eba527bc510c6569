// Moves, globals and returns of v128 (core specification, exec/instructions,
// "Variable Instructions" and "Control Instructions"). A v128 takes two slots,
// of which a field names the first.

#include <array>
#include <bit>
#include <cstring>

#include "interp/exec/handlers.h"
#include "interp/exec/vector.h"
#include "interp/instances.h"

namespace wasmd::WASMD_BACKEND {
namespace {

WASMD_INLINE V128 LoadSlots(const Slot* from) {
  V128 value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}
WASMD_INLINE void StoreSlots(Slot* to, V128 value) {
  std::memcpy(to, &value, sizeof(value));
}

WASMD_INLINE Op Move(Registers& r) {
  StoreSlots(&SlotAt(r, kF), LoadSlots(&SlotAt(r, kF + 1)));
  return Next(r, kF + 2);
}
WASMD_INLINE Op LoadAccumulator(Registers& r) {
  r.v0 = std::bit_cast<VectorRegister>(LoadSlots(&SlotAt(r, kF)));
  return Next(r, kF + 1);
}
WASMD_INLINE Op StoreAccumulator(Registers& r) {
  StoreSlots(&SlotAt(r, kF), std::bit_cast<V128>(r.v0));
  return Next(r, kF + 1);
}

template <OperandKind value>
WASMD_INLINE Op GlobalSet(Registers& r) {
  constexpr uint32_t kIndex = kF + kFieldUnits<value, V128>;
  StoreSlots(r.ctx->globals[r.pc[kIndex]]->value,
             ReadOperand<V128, value>(r, kF));
  return Next(r, kIndex + 1);
}

template <Destination destination>
WASMD_INLINE Op GlobalGet(Registers& r) {
  constexpr uint32_t kIndex = kFirstOperand<destination>;
  const V128 value = LoadSlots(r.ctx->globals[r.pc[kIndex]]->value);
  WriteResult<destination>(r, value);
  return Next(r, kIndex + 1);
}

template <OperandKind value>
WASMD_INLINE Op Return(Registers& r) {
  const V128 result = ReadOperand<V128, value>(r, kF);
  r.v0 = std::bit_cast<VectorRegister>(result);
  StoreSlots(r.fp, result);
  --r.csp;
  r.pc = r.csp->pc;
  r.fp = r.csp->fp;
  return Dispatch(r);
}

constexpr DestinationRow kGlobalGet = {
    &Entry<GlobalGet<Destination::kAccumulator>>,
    &Entry<GlobalGet<Destination::kSlot>>,
    &Entry<GlobalGet<Destination::kBoth>>};

constexpr std::array kOps = {
    MakeSimple<SimpleOp::kMoveV128, Move>(),
    MakeSimple<SimpleOp::kLoadV128, LoadAccumulator>(),
    MakeSimple<SimpleOp::kStoreV128, StoreAccumulator>(),
    MakeSimple<SimpleOp::kGlobalSetV128, GlobalSet<kSlotKind>>(),
    MakeSimple<SimpleOp::kGlobalSetV128Acc, GlobalSet<kAccumulatorKind>>(),
    MakeSimple<SimpleOp::kReturnV128, Return<kSlotKind>>(),
    MakeSimple<SimpleOp::kReturnV128Acc, Return<kAccumulatorKind>>(),
};

}  // namespace

std::span<const SimpleRow> VectorVariableOps() { return kOps; }

DestinationHandlers VectorGlobalGet() { return ToHandlers(kGlobalGet); }

}  // namespace wasmd::WASMD_BACKEND

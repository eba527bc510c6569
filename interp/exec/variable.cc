// Moves, constants, globals, select (core specification, exec/instructions,
// "Variable Instructions" and "Parametric Instructions").

#include <array>

#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"
#include "interp/instances.h"
#include "interp/module_instance.h"
#include "interp/reference.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr uint32_t kF = kHandlerUnits;  // the first field

// One after the other: a later source may be an earlier destination.
template <uint32_t count>
WASMD_INLINE Op MoveFew(Registers& r) {
  for (uint32_t i = 0; i < count; ++i) {
    SlotAt(r, kF + 2 * i) = SlotAt(r, kF + 2 * i + 1);
  }
  return Next(r, kF + 2 * count);
}

WASMD_INLINE Op MoveRange(Registers& r) {
  Slot* to = &SlotAt(r, kF);
  const Slot* from = &SlotAt(r, kF + 1);
  const uint32_t count = r.pc[kF + 2];
  // Results move down: ascending order is right when the ranges overlap.
  for (uint32_t i = 0; i < count; ++i) {
    to[i] = from[i];
    asm volatile("" ::: "memory");  // not a call of memmove
  }
  return Next(r, kF + 3);
}

template <typename T>
WASMD_INLINE Op LoadAccumulator(Registers& r) {
  SetAccumulator(r, FromSlot<T>(SlotAt(r, kF)));
  return Next(r, kF + 1);
}

template <typename T>
WASMD_INLINE Op StoreAccumulator(Registers& r) {
  SlotAt(r, kF) = ToSlot(Accumulator<T>(r));
  return Next(r, kF + 1);
}

WASMD_INLINE Op Const32(Registers& r) {
  SlotAt(r, kF) = r.pc[kF + 1];
  return Next(r, kF + 2);
}
WASMD_INLINE Op Const64(Registers& r) {
  SlotAt(r, kF) = Field64(r, kF + 1);
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
  r.ctx->globals[r.pc[kF + 1]]->value[0] = SlotAt(r, kF);
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
  const Slot value = __builtin_expect_with_probability(chosen, 1, 0.5) ? a : b;
  return Finish<destination>(r, FromSlot<T>(value),
                             kCondition + kFieldUnits<condition, uint32_t>);
}

template <typename T, OperandKind if_true, OperandKind if_false,
          OperandKind condition>
constexpr DestinationRow SelectVariants() {
  // An accumulator holds one value only.
  constexpr int kInR0 =
      (std::is_integral_v<T> && if_true == kAccumulatorKind) +
      (std::is_integral_v<T> && if_false == kAccumulatorKind) +
      (condition == kAccumulatorKind);
  constexpr bool kExists =
      kInR0 <= 1 && condition != kImmediateKind &&
      !(if_true == kAccumulatorKind && if_false == kAccumulatorKind);
  if constexpr (kExists) {
    return {
        &Entry<SelectBody<T, Destination::kAccumulator, if_true, if_false,
                          condition>>,
        &Entry<SelectBody<T, Destination::kSlot, if_true, if_false, condition>>,
        &Entry<
            SelectBody<T, Destination::kBoth, if_true, if_false, condition>>};
  } else {
    return {};
  }
}

using SelectRow = std::array<DestinationRow, kOperandKinds>;  // by condition
using SelectTable =
    std::array<std::array<SelectRow, kOperandKinds>, kOperandKinds>;

template <typename T, OperandKind if_true, OperandKind if_false>
constexpr SelectRow MakeSelectRow() {
  return {SelectVariants<T, if_true, if_false, kSlotKind>(),
          SelectVariants<T, if_true, if_false, kImmediateKind>(),
          SelectVariants<T, if_true, if_false, kAccumulatorKind>()};
}

template <typename T, OperandKind if_true>
constexpr std::array<SelectRow, kOperandKinds> MakeSelectRows() {
  return {MakeSelectRow<T, if_true, kSlotKind>(),
          MakeSelectRow<T, if_true, kImmediateKind>(),
          MakeSelectRow<T, if_true, kAccumulatorKind>()};
}

template <typename T>
constexpr SelectTable MakeSelect() {
  return {MakeSelectRows<T, kSlotKind>(), MakeSelectRows<T, kImmediateKind>(),
          MakeSelectRows<T, kAccumulatorKind>()};
}

constexpr SelectTable kSelectInteger = MakeSelect<uint64_t>();
constexpr SelectTable kSelectF32 = MakeSelect<float>();
constexpr SelectTable kSelectF64 = MakeSelect<double>();

template <typename T>
constexpr DestinationRow kGlobalGet = {
    &Entry<GlobalGetBody<T, Destination::kAccumulator>>,
    &Entry<GlobalGetBody<T, Destination::kSlot>>,
    &Entry<GlobalGetBody<T, Destination::kBoth>>};

constexpr std::array kOps = {
    MakeSimple<SimpleOp::kMove, MoveFew<1>>(),
    MakeSimple<SimpleOp::kMove2, MoveFew<2>>(),
    MakeSimple<SimpleOp::kMove3, MoveFew<3>>(),
    MakeSimple<SimpleOp::kMove4, MoveFew<4>>(),
    MakeSimple<SimpleOp::kMoveRange, MoveRange>(),
    MakeSimple<SimpleOp::kLoadInteger, LoadAccumulator<uint64_t>>(),
    MakeSimple<SimpleOp::kLoadFloat, LoadAccumulator<double>>(),
    MakeSimple<SimpleOp::kStoreInteger, StoreAccumulator<uint64_t>>(),
    MakeSimple<SimpleOp::kStoreF32, StoreAccumulator<float>>(),
    MakeSimple<SimpleOp::kStoreF64, StoreAccumulator<double>>(),
    MakeSimple<SimpleOp::kConst32, Const32>(),
    MakeSimple<SimpleOp::kConst64, Const64>(),
    MakeSimple<SimpleOp::kConstInteger, ConstAccumulator<uint64_t>>(),
    MakeSimple<SimpleOp::kConstFloat, ConstAccumulator<double>>(),
    MakeSimple<SimpleOp::kRefFunc, RefFunc>(),
    MakeSimple<SimpleOp::kGlobalSet, GlobalSet>(),
    MakeSimple<SimpleOp::kGlobalSetInteger, GlobalSetAccumulator<uint64_t>>(),
    MakeSimple<SimpleOp::kGlobalSetF32, GlobalSetAccumulator<float>>(),
    MakeSimple<SimpleOp::kGlobalSetF64, GlobalSetAccumulator<double>>(),
    MakeSimple<SimpleOp::kGlobalSetConst, GlobalSetConst>(),
};

}  // namespace

std::span<const SimpleRow> VariableOps() { return kOps; }

DestinationHandlers Select(ValueKind type, OperandKind if_true,
                           OperandKind if_false, OperandKind condition) {
  const SelectTable& table = type == ValueKind::kF32   ? kSelectF32
                             : type == ValueKind::kF64 ? kSelectF64
                                                       : kSelectInteger;
  return ToHandlers(table[static_cast<size_t>(if_true)][static_cast<size_t>(
      if_false)][static_cast<size_t>(condition)]);
}

DestinationHandlers GlobalGet(ValueKind kind) {
  if (kind == ValueKind::kV128) return VectorGlobalGet();
  const bool is_float = kind == ValueKind::kF32 || kind == ValueKind::kF64;
  return ToHandlers(is_float ? kGlobalGet<double> : kGlobalGet<uint64_t>);
}

}  // namespace wasmd::WASMD_BACKEND

// Moves, constants, globals, select (core specification, exec/instructions,
// "Variable Instructions" and "Parametric Instructions").

#include "interp/exec/variable.h"

#include <array>

#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {
namespace {

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

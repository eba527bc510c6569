// The family of vector handlers (core specification, exec/instructions, "Vector
// Instructions"): one function of eval::vector times its destination and the
// kinds of its operands, as many as it has. Accumulators are r0 for integers
// and v0 for floats and vectors; scalars and immediates of the instruction may
// be immediates of the op.

#ifndef WASMD_INTERP_EXEC_VECTOR_H_
#define WASMD_INTERP_EXEC_VECTOR_H_

#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "interp/code/vector_forms.h"
#include "interp/eval/vector.h"
#include "interp/eval/vector_lanes.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

using eval::vector::V128;

// A v128 takes two slots; the field names the first.
template <typename T, OperandKind kind>
WASMD_INLINE T ReadOperand(Registers& r, uint32_t at) {
  if constexpr (!std::is_same_v<T, V128>) {
    return Read<T, kind>(r, at);
  } else if constexpr (kind == kAccumulatorKind) {
    return std::bit_cast<V128>(r.v0);
  } else {
    V128 value;
    std::memcpy(&value, &SlotAt(r, at), sizeof(value));
    return value;
  }
}

// The same, and moves on to the next operand.
template <typename T, OperandKind kind>
WASMD_INLINE T TakeOperand(Registers& r, uint32_t& at) {
  const uint32_t from = at;
  at += kFieldUnits<kind, T>;
  return ReadOperand<T, kind>(r, from);
}

template <Destination destination, typename T>
WASMD_INLINE void WriteResult(Registers& r, T value) {
  if constexpr (!std::is_same_v<T, V128>) {
    Write<destination>(r, value);
  } else {
    if constexpr (destination != Destination::kAccumulator) {
      std::memcpy(&SlotAt(r, kHandlerUnits), &value, sizeof(value));
    }
    if constexpr (destination != Destination::kSlot) {
      r.v0 = std::bit_cast<VectorRegister>(value);
    }
  }
}

template <auto kFunction, Destination destination, OperandKind... kinds,
          typename Result, typename... T>
WASMD_INLINE Op Apply(Registers& r, Result (*)(T...)) {
  uint32_t at = kFirstOperand<destination>;
  // Braces: from left to right.
  const std::tuple<T...> operands{TakeOperand<T, kinds>(r, at)...};
  WriteResult<destination>(r, std::apply(kFunction, operands));
  return Next(r, at);
}

template <auto kFunction, Destination destination, OperandKind... kinds>
WASMD_INLINE Op VectorBody(Registers& r) {
  return Apply<kFunction, destination, kinds...>(r, kFunction);
}

// Whether an operand of type T can be of this kind.
template <typename T>
constexpr bool IsPossible(OperandKind kind) {
  using eval::vector::Immediate128;
  using eval::vector::LaneIndex;
  if constexpr (std::is_same_v<T, LaneIndex> ||
                std::is_same_v<T, Immediate128>) {
    return kind == kImmediateKind;
  } else if constexpr (std::is_same_v<T, V128>) {
    return kind != kImmediateKind;
  } else {
    return true;
  }
}

// Each accumulator holds one operand at most.
template <typename Result, typename... T>
constexpr bool HasVectorForm(Result (*)(T...), Opcode opcode,
                             std::array<OperandKind, sizeof...(T)> kinds) {
  if (IsSuperfluous(opcode, kinds)) return false;
  size_t operand = 0;
  int integers = 0;
  int floats = 0;
  bool possible = true;
  const auto look = [&](bool is_possible, bool is_integer) {
    const bool in_accumulator = kinds[operand++] == kAccumulatorKind;
    possible = possible && is_possible;
    (is_integer ? integers : floats) += in_accumulator ? 1 : 0;
  };
  (look(IsPossible<T>(kinds[operand]), std::is_integral_v<T>), ...);
  return possible && integers <= 1 && floats <= 1;
}

template <Opcode kOpcode, auto kFunction, OperandKind... kinds>
constexpr DestinationRow VectorVariants() {
  if constexpr (HasVectorForm(kFunction, kOpcode, {kinds...})) {
    return {&Entry<VectorBody<kFunction, Destination::kAccumulator, kinds...>>,
            &Entry<VectorBody<kFunction, Destination::kSlot, kinds...>>,
            &Entry<VectorBody<kFunction, Destination::kBoth, kinds...>>};
  } else {
    return {};
  }
}

// The handlers of one opcode: as many rows as its operands have forms
// (vector_forms.h).
struct VectorRow {
  Opcode opcode;
  std::span<const DestinationRow> forms;
};

template <Opcode kOpcode, auto kFunction, size_t form, size_t... operand>
constexpr DestinationRow MakeVectorForm(std::index_sequence<operand...>) {
  return VectorVariants<kOpcode, kFunction, KindInForm(form, operand)...>();
}

template <Opcode kOpcode, auto kFunction, size_t operands, size_t... form>
constexpr auto MakeVectorForms(std::index_sequence<form...>) {
  return std::array<DestinationRow, sizeof...(form)>{
      MakeVectorForm<kOpcode, kFunction, form>(
          std::make_index_sequence<operands>())...};
}

template <typename F>
inline constexpr size_t kOperandCount = 0;
template <typename Result, typename... T>
inline constexpr size_t kOperandCount<Result (*)(T...)> = sizeof...(T);

// Of a function with one parameter.
template <typename F>
struct ParameterOf;
template <typename Result, typename T>
struct ParameterOf<Result (*)(T)> {
  using Type = T;
};

template <Opcode kOpcode, auto kFunction>
inline constexpr auto kVectorForms = [] {
  constexpr size_t kOperands = kOperandCount<decltype(kFunction)>;
  return MakeVectorForms<kOpcode, kFunction, kOperands>(
      std::make_index_sequence<FormCount(kOperands)>());
}();

template <Opcode kOpcode, auto kFunction>
constexpr VectorRow MakeVector() {
  return {kOpcode, kVectorForms<kOpcode, kFunction>};
}

// One file each.
std::span<const VectorRow> VectorBitwise();
std::span<const VectorRow> VectorComparisons();
std::span<const VectorRow> VectorConversions();
std::span<const VectorRow> VectorFloats();
std::span<const VectorRow> VectorIntegers();
std::span<const VectorRow> VectorLanes();
std::span<const VectorRow> VectorRelaxed();

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_VECTOR_H_

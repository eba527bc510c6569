// How handler bodies read operands and write results, by kind. A Layout of an
// op is computed at compile time: fields follow the handler address in the
// order destination, operands, the rest.

#ifndef WASMD_INTERP_EXEC_OPERANDS_H_
#define WASMD_INTERP_EXEC_OPERANDS_H_

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "interp/eval/checked.h"
#include "interp/exec/dispatch.h"
#include "interp/slot.h"
#include "interp/trap.h"

namespace wasmd::WASMD_BACKEND {

using FloatVector = float __attribute__((vector_size(16)));

inline constexpr OperandKind kSlotKind = OperandKind::kSlot;
inline constexpr OperandKind kImmediateKind = OperandKind::kImmediate;
inline constexpr OperandKind kAccumulatorKind = OperandKind::kAccumulator;

// Position of the first field.
inline constexpr uint32_t kF = kHandlerUnits;

// Units of an operand's field.
template <OperandKind kind, typename T>
inline constexpr uint32_t kFieldUnits = kind == kAccumulatorKind ? 0
                                        : kind == kImmediateKind
                                            ? sizeof(T) / sizeof(CodeUnit)
                                            : 1;

// Position of the first operand of an op with this destination.
template <Destination destination>
inline constexpr uint32_t kFirstOperand =
    kHandlerUnits + (destination == Destination::kAccumulator ? 0 : 1);

template <typename T>
WASMD_INLINE T Accumulator(const Registers& r) {
  if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<FloatVector>(r.v0)[0];
  } else if constexpr (std::is_same_v<T, double>) {
    return r.v0[0];
  } else {
    return FromSlot<T>(r.r0);
  }
}

template <typename T>
WASMD_INLINE void SetAccumulator(Registers& r, T value) {
  // The other lanes are left undefined, which takes no instruction.
  if constexpr (std::is_same_v<T, float>) {
    const FloatVector lane = {value, 0, 0, 0};
    r.v0 = std::bit_cast<VectorRegister>(
        __builtin_shufflevector(lane, lane, 0, -1, -1, -1));
  } else if constexpr (std::is_same_v<T, double>) {
    const VectorRegister lane = {value, 0};
    r.v0 = __builtin_shufflevector(lane, lane, 0, -1);
  } else {
    r.r0 = ToSlot(value);
  }
}

WASMD_INLINE uint64_t Field64(const Registers& r, uint32_t at) {
  uint64_t value;
  std::memcpy(&value, r.pc + at, sizeof(value));
  return value;
}

WASMD_INLINE int32_t SignedField(const Registers& r, uint32_t at) {
  return static_cast<int32_t>(r.pc[at]);
}

// Reads the first two fields of an op at once. What limits the speed of most
// handlers is how many accesses to memory a processor can begin in a cycle, and
// to take two fields from a register is less than to read one more. For ops
// that need both; where a pattern keeps values most fields are not read at all.
WASMD_INLINE void ReadFieldPair(Registers& r) {
  if (r.cache.used()) return;
  r.field_pair = Field64(r, kF);
  Pin(r.field_pair);
  r.has_field_pair = true;
}

WASMD_INLINE CodeUnit FieldAt(const Registers& r, uint32_t at) {
  if (r.has_field_pair && at == kF) return static_cast<CodeUnit>(r.field_pair);
  if (r.has_field_pair && at == kF + 1) {
    return static_cast<CodeUnit>(r.field_pair >> 32);
  }
  return r.pc[at];
}

// The slot that a field names.
WASMD_INLINE Slot& SlotAt(const Registers& r, uint32_t at) {
  return r.fp[FieldAt(r, at)];
}

// Never called: a field that is written has a letter in every pattern, or
// values that are kept would not be those of their slots. Where there are
// patterns, a call that the optimizer does not find to be unreachable is an
// error.
#if defined(__clang__)
[[gnu::error("a field that is written has no letter in the pattern")]]
#endif
void WriteWithoutLetter();

// Its value, and a new one. What an op of a sequence with a pattern reads and
// writes goes through these two.
WASMD_INLINE Slot ReadSlot(Registers& r, uint32_t at) {
  if constexpr (kHasSlotCache) {
    const uint32_t number = r.cache.NumberOf(at - kHandlerUnits);
    if (SlotCache::IsKept(number)) {
      if (!r.cache.Has(number)) r.cache.Set(number, SlotAt(r, at));
      return r.cache.Get(number);
    }
  }
  return SlotAt(r, at);
}
WASMD_INLINE void WriteSlot(Registers& r, uint32_t at, Slot value) {
  if constexpr (kHasSlotCache) {
    const uint32_t number = r.cache.NumberOf(at - kHandlerUnits);
    if (r.cache.used() && number == 0) WriteWithoutLetter();
    if (SlotCache::IsKept(number)) {
      r.cache.Set(number, value);
      if (r.cache.holds()) return;
    }
  }
  SlotAt(r, at) = value;
}

template <typename T, OperandKind kind>
WASMD_INLINE T Read(Registers& r, uint32_t at) {
  if constexpr (kind == kAccumulatorKind) {
    return Accumulator<T>(r);
  } else if constexpr (kind == kImmediateKind) {
    if constexpr (sizeof(T) == sizeof(CodeUnit)) {
      return std::bit_cast<T>(FieldAt(r, at));
    }
    T value;
    std::memcpy(&value, r.pc + at, sizeof(value));
    return value;
  } else {
    return FromSlot<T>(ReadSlot(r, at));
  }
}

template <Destination destination, typename T>
WASMD_INLINE void Write(Registers& r, T value) {
  if constexpr (destination != Destination::kAccumulator) {
    WriteSlot(r, kHandlerUnits, ToSlot(value));
  }
  if constexpr (destination != Destination::kSlot) SetAccumulator(r, value);
}

// Traps: cold handlers that name the kind and stop the machine.
template <TrapKind kind>
WASMD_INLINE Op TrapBody(Registers& r) {
  r.ctx->exit = ExitReason::kTrapped;
  r.ctx->trap.kind = kind;
  return Op{Stop};
}

inline constexpr std::array kTrapHandlers = {
#define TRAP(name, message) &HeldEntry<TrapBody<TrapKind::k##name>>,
#include "interp/traps.def"
};

WASMD_INLINE Op TrapOp(TrapKind kind) {
  return Op{kTrapHandlers[static_cast<size_t>(kind)]};
}

// Writes what an eval:: function returned and goes on, or traps.
template <Destination destination, typename T>
WASMD_INLINE Op Finish(Registers& r, T result, uint32_t units) {
  Write<destination>(r, result);
  return Next(r, units);
}
template <Destination destination, typename T>
WASMD_INLINE Op Finish(Registers& r, eval::Checked<T> result, uint32_t units) {
  if (!result.ok) [[unlikely]] {
    return TrapOp(result.trap);
  }
  Write<destination>(r, result.value);
  return Next(r, units);
}

// The variants of an op by destination, as function pointers.
using DestinationRow = std::array<Function, kDestinations>;

inline DestinationHandlers ToHandlers(const DestinationRow& row) {
  DestinationHandlers handlers;
  for (int i = 0; i < kDestinations; ++i) {
    handlers[i] = std::bit_cast<Handler>(row[i]);
  }
  return handlers;
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_OPERANDS_H_

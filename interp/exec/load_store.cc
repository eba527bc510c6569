// Loads and stores of memory 0 with 32-bit addresses (core specification,
// exec/instructions, "Memory Instructions").

#include <array>
#include <bit>
#include <cstring>

#include "interp/exec/handlers.h"
#include "interp/exec/memory_access.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {
namespace {

// In memory an `Access`, as a value a `T`.
template <typename Access, typename T, Destination destination,
          OperandKind address>
WASMD_INLINE Op LoadBody(Registers& r) {
  constexpr uint32_t kAt = kFirstOperand<destination>;
  const uint64_t at = EffectiveAddress<address>(r, kAt);
  if (!InBounds<Access>(r, at)) [[unlikely]] {
    return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
  }
  Access value;
  std::memcpy(&value, r.mem + at, sizeof(value));
  return Finish<destination>(r, static_cast<T>(value),
                             kAt + kAddressUnits<address>);
}

template <typename Access, typename T, OperandKind address, OperandKind value>
WASMD_INLINE Op StoreBody(Registers& r) {
  constexpr uint32_t kAt = kHandlerUnits;
  constexpr uint32_t kValueAt = kAt + kAddressUnits<address>;
  const uint64_t at = EffectiveAddress<address>(r, kAt);
  if (!InBounds<Access>(r, at)) [[unlikely]] {
    return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
  }
  const Access bytes = static_cast<Access>(Read<T, value>(r, kValueAt));
  std::memcpy(r.mem + at, &bytes, sizeof(bytes));
  MarkDirty<Access>(r, at);
  return Next(r, kValueAt + kFieldUnits<value, T>);
}

struct LoadRow {
  Opcode opcode;
  std::array<DestinationRow, kOperandKinds> handlers;  // by address
};

struct StoreRow {
  Opcode opcode;
  // By address, then value; null where both are the same accumulator.
  std::array<std::array<Function, kOperandKinds>, kOperandKinds> handlers;
};

template <typename Access, typename T, OperandKind address>
constexpr DestinationRow LoadVariants() {
  return {&Entry<LoadBody<Access, T, Destination::kAccumulator, address>>,
          &Entry<LoadBody<Access, T, Destination::kSlot, address>>,
          &Entry<LoadBody<Access, T, Destination::kBoth, address>>};
}

template <Opcode opcode, typename Access, typename T>
constexpr LoadRow MakeLoad() {
  return {opcode,
          {LoadVariants<Access, T, kSlotKind>(),
           LoadVariants<Access, T, kImmediateKind>(),
           LoadVariants<Access, T, kAccumulatorKind>()}};
}

template <typename Access, typename T, OperandKind address, OperandKind value>
constexpr Function StoreVariant() {
  if constexpr (address == kAccumulatorKind && value == kAccumulatorKind &&
                std::is_integral_v<T>) {
    return nullptr;
  } else {
    return &Entry<StoreBody<Access, T, address, value>>;
  }
}

template <typename Access, typename T, OperandKind address>
constexpr std::array<Function, kOperandKinds> StoreVariants() {
  return {StoreVariant<Access, T, address, kSlotKind>(),
          StoreVariant<Access, T, address, kImmediateKind>(),
          StoreVariant<Access, T, address, kAccumulatorKind>()};
}

template <Opcode opcode, typename Access, typename T>
constexpr StoreRow MakeStore() {
  return {opcode,
          {StoreVariants<Access, T, kSlotKind>(),
           StoreVariants<Access, T, kImmediateKind>(),
           StoreVariants<Access, T, kAccumulatorKind>()}};
}

// In the order of their opcodes.
constexpr std::array kLoads = {
    MakeLoad<Opcode::kI32Load, uint32_t, uint32_t>(),
    MakeLoad<Opcode::kI64Load, uint64_t, uint64_t>(),
    MakeLoad<Opcode::kF32Load, float, float>(),
    MakeLoad<Opcode::kF64Load, double, double>(),
    MakeLoad<Opcode::kI32Load8S, int8_t, uint32_t>(),
    MakeLoad<Opcode::kI32Load8U, uint8_t, uint32_t>(),
    MakeLoad<Opcode::kI32Load16S, int16_t, uint32_t>(),
    MakeLoad<Opcode::kI32Load16U, uint16_t, uint32_t>(),
    MakeLoad<Opcode::kI64Load8S, int8_t, uint64_t>(),
    MakeLoad<Opcode::kI64Load8U, uint8_t, uint64_t>(),
    MakeLoad<Opcode::kI64Load16S, int16_t, uint64_t>(),
    MakeLoad<Opcode::kI64Load16U, uint16_t, uint64_t>(),
    MakeLoad<Opcode::kI64Load32S, int32_t, uint64_t>(),
    MakeLoad<Opcode::kI64Load32U, uint32_t, uint64_t>(),
};

constexpr std::array kStores = {
    MakeStore<Opcode::kI32Store, uint32_t, uint32_t>(),
    MakeStore<Opcode::kI64Store, uint64_t, uint64_t>(),
    MakeStore<Opcode::kF32Store, float, float>(),
    MakeStore<Opcode::kF64Store, double, double>(),
    MakeStore<Opcode::kI32Store8, uint8_t, uint32_t>(),
    MakeStore<Opcode::kI32Store16, uint16_t, uint32_t>(),
    MakeStore<Opcode::kI64Store8, uint8_t, uint64_t>(),
    MakeStore<Opcode::kI64Store16, uint16_t, uint64_t>(),
    MakeStore<Opcode::kI64Store32, uint32_t, uint64_t>(),
};

template <typename Rows>
const auto* FindRow(const Rows& rows, Opcode opcode) {
  const size_t at =
      static_cast<size_t>(opcode) - static_cast<size_t>(rows[0].opcode);
  return at < rows.size() ? &rows[at] : nullptr;
}

}  // namespace

DestinationHandlers Load(Opcode opcode, OperandKind address) {
  const LoadRow* row = FindRow(kLoads, opcode);
  if (row == nullptr) return {};
  return ToHandlers(row->handlers[static_cast<size_t>(address)]);
}

Handler Store(Opcode opcode, OperandKind address, OperandKind value) {
  const StoreRow* row = FindRow(kStores, opcode);
  if (row == nullptr) return 0;
  return std::bit_cast<Handler>(
      row->handlers[static_cast<size_t>(address)][static_cast<size_t>(value)]);
}

}  // namespace wasmd::WASMD_BACKEND

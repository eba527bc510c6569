// Stores to memory 0 with 32-bit addresses (core specification,
// exec/instructions, "Memory Instructions").

#include "interp/exec/store.h"

#include <array>
#include <bit>
#include <type_traits>
#include <utility>

#include "interp/exec/handlers.h"
#include "interp/exec/memory_access.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {
namespace {

struct StoreRow {
  Opcode opcode;
  // By address, then value; null where both would be r0.
  std::array<std::array<Function, kOperandKinds>, kAddressKinds> handlers;
};

constexpr bool UsesR0(AddressKind address) {
  return address == AddressKind::kAccumulator ||
         address == AddressKind::kAccumulatorImmediate ||
         address == AddressKind::kAccumulatorSlot ||
         address == AddressKind::kAccumulatorShifted;
}

template <typename Access, typename T, AddressKind address, OperandKind value>
constexpr Function StoreVariant() {
  if constexpr (UsesR0(address) && value == kAccumulatorKind &&
                std::is_integral_v<T>) {
    return nullptr;
  } else {
    return &Entry<StoreBody<Access, T, address, value>>;
  }
}

template <typename Access, typename T, AddressKind address>
constexpr std::array<Function, kOperandKinds> StoreVariants() {
  return {StoreVariant<Access, T, address, kSlotKind>(),
          StoreVariant<Access, T, address, kImmediateKind>(),
          StoreVariant<Access, T, address, kAccumulatorKind>()};
}

template <Opcode opcode, typename Access, typename T>
constexpr StoreRow MakeStore() {
  return []<size_t... kinds>(std::index_sequence<kinds...>) {
    return StoreRow{
        opcode,
        {StoreVariants<Access, T, static_cast<AddressKind>(kinds)>()...}};
  }
  (std::make_index_sequence<kAddressKinds>());
}

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

}  // namespace

Handler Store(Opcode opcode, AddressKind address, OperandKind value) {
  const StoreRow* row = FindAccess(kStores, opcode);
  if (row == nullptr) return 0;
  return std::bit_cast<Handler>(
      row->handlers[static_cast<size_t>(address)][static_cast<size_t>(value)]);
}

}  // namespace wasmd::WASMD_BACKEND

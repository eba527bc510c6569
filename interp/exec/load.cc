// Loads from memory 0 with 32-bit addresses (core specification,
// exec/instructions, "Memory Instructions").

#include "interp/exec/load.h"

#include <array>
#include <utility>

#include "interp/exec/handlers.h"
#include "interp/exec/memory_access.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {
namespace {

struct LoadRow {
  Opcode opcode;
  std::array<DestinationRow, kAddressKinds> handlers;  // by address
};

template <typename Access, typename T, AddressKind address>
constexpr DestinationRow LoadVariants() {
  return {&Entry<LoadBody<Access, T, Destination::kAccumulator, address>>,
          &Entry<LoadBody<Access, T, Destination::kSlot, address>>,
          &Entry<LoadBody<Access, T, Destination::kBoth, address>>};
}

template <Opcode opcode, typename Access, typename T>
constexpr LoadRow MakeLoad() {
  return []<size_t... kinds>(std::index_sequence<kinds...>) {
    return LoadRow{
        opcode,
        {LoadVariants<Access, T, static_cast<AddressKind>(kinds)>()...}};
  }
  (std::make_index_sequence<kAddressKinds>());
}

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

}  // namespace

DestinationHandlers Load(Opcode opcode, AddressKind address) {
  const LoadRow* row = FindAccess(kLoads, opcode);
  if (row == nullptr) return {};
  return ToHandlers(row->handlers[static_cast<size_t>(address)]);
}

}  // namespace wasmd::WASMD_BACKEND

// Vector loads and stores of memory 0 with 32-bit addresses (core
// specification, exec/instructions, "Memory Instructions").

#include <array>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include "interp/eval/vector_lanes.h"
#include "interp/exec/handlers.h"
#include "interp/exec/memory_access.h"
#include "interp/exec/vector.h"
#include "interp/exec/vector_load.h"

namespace wasmd::WASMD_BACKEND {
namespace {

using eval::vector::LaneIndex;

template <typename Access>
WASMD_INLINE Access ReadMemory(const Registers& r, uint64_t address) {
  Access bytes;
  std::memcpy(&bytes, r.mem + address, sizeof(bytes));
  return bytes;
}

template <typename Access>
WASMD_INLINE void WriteMemory(Registers& r, uint64_t address, Access bytes) {
  std::memcpy(r.mem + address, &bytes, sizeof(bytes));
  MarkDirty<Access>(r, address);
}

template <auto kFunction, Destination destination, AddressKind address>
WASMD_INLINE Op LoadBody(Registers& r) {
  using Access = typename ParameterOf<decltype(kFunction)>::Type;
  constexpr uint32_t kAt = kFirstOperand<destination>;
  const uint64_t at = EffectiveAddress<address>(r, kAt);
  if (!InBounds<Access>(r, at)) [[unlikely]] {
    return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
  }
  WriteResult<destination>(r, kFunction(ReadMemory<Access>(r, at)));
  return Next(r, kAt + kAddressUnits<address>);
}

// The fields after the address: vector, lane.
template <typename T, Destination destination, AddressKind address,
          OperandKind vector>
WASMD_INLINE Op LoadLaneBody(Registers& r) {
  constexpr uint32_t kAt = kFirstOperand<destination>;
  constexpr uint32_t kVector = kAt + kAddressUnits<address>;
  constexpr uint32_t kLane = kVector + kFieldUnits<vector, V128>;
  const uint64_t at = EffectiveAddress<address>(r, kAt);
  if (!InBounds<T>(r, at)) [[unlikely]] {
    return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
  }
  const V128 result = eval::vector::ReplaceLane<T>(
      ReadOperand<V128, vector>(r, kVector), ReadMemory<T>(r, at),
      LaneIndex{r.pc[kLane]});
  WriteResult<destination>(r, result);
  return Next(r, kLane + 1);
}

template <AddressKind address, OperandKind vector>
WASMD_INLINE Op StoreBody(Registers& r) {
  constexpr uint32_t kVector = kHandlerUnits + kAddressUnits<address>;
  const uint64_t at = EffectiveAddress<address>(r, kHandlerUnits);
  if (!InBounds<V128>(r, at)) [[unlikely]] {
    return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
  }
  WriteMemory(r, at, ReadOperand<V128, vector>(r, kVector));
  return Next(r, kVector + kFieldUnits<vector, V128>);
}

template <typename T, AddressKind address, OperandKind vector>
WASMD_INLINE Op StoreLaneBody(Registers& r) {
  constexpr uint32_t kVector = kHandlerUnits + kAddressUnits<address>;
  constexpr uint32_t kLane = kVector + kFieldUnits<vector, V128>;
  const uint64_t at = EffectiveAddress<address>(r, kHandlerUnits);
  if (!InBounds<T>(r, at)) [[unlikely]] {
    return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
  }
  const V128 lanes = ReadOperand<V128, vector>(r, kVector);
  WriteMemory(r, at,
              eval::vector::ExtractLane<T, T>(lanes, LaneIndex{r.pc[kLane]}));
  return Next(r, kLane + 1);
}

template <auto kFunction, AddressKind address>
constexpr DestinationRow LoadVariants() {
  return {&Entry<LoadBody<kFunction, Destination::kAccumulator, address>>,
          &Entry<LoadBody<kFunction, Destination::kSlot, address>>,
          &Entry<LoadBody<kFunction, Destination::kBoth, address>>};
}

// Slot, immediate and r0 are the first kinds; whole vectors have all.
constexpr size_t kPlainKinds = 3;
using LoadRow = std::array<DestinationRow, kPlainKinds>;

template <auto kFunction>
constexpr LoadRow MakeLoad() {
  return {LoadVariants<kFunction, AddressKind::kSlot>(),
          LoadVariants<kFunction, AddressKind::kImmediate>(),
          LoadVariants<kFunction, AddressKind::kAccumulator>()};
}

// In the order of their opcodes, from v128.load8x8_s on.
constexpr std::array kLoads = {
    MakeLoad<&Extend<int8_t>>(),  MakeLoad<&Extend<uint8_t>>(),
    MakeLoad<&Extend<int16_t>>(), MakeLoad<&Extend<uint16_t>>(),
    MakeLoad<&Extend<int32_t>>(), MakeLoad<&Extend<uint32_t>>(),
    MakeLoad<&Splat<uint8_t>>(),  MakeLoad<&Splat<uint16_t>>(),
    MakeLoad<&Splat<uint32_t>>(), MakeLoad<&Splat<uint64_t>>(),
};
constexpr std::array kZeroLoads = {
    MakeLoad<&Zero<uint32_t>>(),
    MakeLoad<&Zero<uint64_t>>(),
};
constexpr auto kWholeLoads =
    []<size_t... kinds>(std::index_sequence<kinds...>) {
  return std::array<DestinationRow, kAddressKinds>{
      LoadVariants<&Whole, static_cast<AddressKind>(kinds)>()...};
}
(std::make_index_sequence<kAddressKinds>());

// By address, then whether the vector is in v0.
using LoadLaneRow = std::array<std::array<DestinationRow, 2>, kPlainKinds>;
using StoreLaneRow = std::array<std::array<Function, 2>, kPlainKinds>;

template <typename T, AddressKind address, OperandKind vector>
constexpr DestinationRow LoadLaneVariants() {
  return {&Entry<LoadLaneBody<T, Destination::kAccumulator, address, vector>>,
          &Entry<LoadLaneBody<T, Destination::kSlot, address, vector>>,
          &Entry<LoadLaneBody<T, Destination::kBoth, address, vector>>};
}

template <typename T, AddressKind address>
constexpr std::array<DestinationRow, 2> LoadLaneOfAddress() {
  return {LoadLaneVariants<T, address, kSlotKind>(),
          LoadLaneVariants<T, address, kAccumulatorKind>()};
}

template <typename T>
constexpr LoadLaneRow MakeLoadLane() {
  return {LoadLaneOfAddress<T, AddressKind::kSlot>(),
          LoadLaneOfAddress<T, AddressKind::kImmediate>(),
          LoadLaneOfAddress<T, AddressKind::kAccumulator>()};
}

template <typename T, AddressKind address>
constexpr std::array<Function, 2> StoreLaneOfAddress() {
  return {&Entry<StoreLaneBody<T, address, kSlotKind>>,
          &Entry<StoreLaneBody<T, address, kAccumulatorKind>>};
}

template <typename T>
constexpr StoreLaneRow MakeStoreLane() {
  return {StoreLaneOfAddress<T, AddressKind::kSlot>(),
          StoreLaneOfAddress<T, AddressKind::kImmediate>(),
          StoreLaneOfAddress<T, AddressKind::kAccumulator>()};
}

template <AddressKind address>
constexpr std::array<Function, 2> StoreOfAddress() {
  return {&Entry<StoreBody<address, kSlotKind>>,
          &Entry<StoreBody<address, kAccumulatorKind>>};
}

// In the order of their opcodes.
constexpr std::array kLoadLanes = {
    MakeLoadLane<uint8_t>(), MakeLoadLane<uint16_t>(), MakeLoadLane<uint32_t>(),
    MakeLoadLane<uint64_t>()};
constexpr std::array kStoreLanes = {
    MakeStoreLane<uint8_t>(), MakeStoreLane<uint16_t>(),
    MakeStoreLane<uint32_t>(), MakeStoreLane<uint64_t>()};
constexpr auto kStores = []<size_t... kinds>(std::index_sequence<kinds...>) {
  return std::array<std::array<Function, 2>, kAddressKinds>{
      StoreOfAddress<static_cast<AddressKind>(kinds)>()...};
}
(std::make_index_sequence<kAddressKinds>());

size_t Distance(Opcode opcode, Opcode first) {
  return static_cast<size_t>(opcode) - static_cast<size_t>(first);
}

}  // namespace

DestinationHandlers VectorLoad(Opcode opcode, AddressKind address) {
  const auto kind = static_cast<size_t>(address);
  if (opcode == Opcode::kV128Load) return ToHandlers(kWholeLoads[kind]);
  if (kind >= kPlainKinds) return {};
  const LoadRow& row =
      opcode <= Opcode::kV128Load64Splat
          ? kLoads[Distance(opcode, Opcode::kV128Load8x8S)]
          : kZeroLoads[Distance(opcode, Opcode::kV128Load32Zero)];
  return ToHandlers(row[kind]);
}

DestinationHandlers VectorLoadLane(Opcode opcode, AddressKind address,
                                   OperandKind vector) {
  const LoadLaneRow& row = kLoadLanes[Distance(opcode, Opcode::kV128Load8Lane)];
  return ToHandlers(
      row[static_cast<size_t>(address)][vector == kAccumulatorKind ? 1 : 0]);
}

Handler VectorStore(Opcode opcode, AddressKind address, OperandKind vector) {
  const auto kind = static_cast<size_t>(address);
  const size_t in_v0 = vector == kAccumulatorKind ? 1 : 0;
  if (opcode == Opcode::kV128Store) {
    return std::bit_cast<Handler>(kStores[kind][in_v0]);
  }
  const StoreLaneRow& row =
      kStoreLanes[Distance(opcode, Opcode::kV128Store8Lane)];
  return std::bit_cast<Handler>(row[kind][in_v0]);
}

}  // namespace wasmd::WASMD_BACKEND

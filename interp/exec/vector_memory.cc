// Vector loads and stores of memory 0 with 32-bit addresses (core
// specification, exec/instructions, "Memory Instructions").

#include <array>
#include <bit>
#include <cstring>
#include <type_traits>

#include "interp/eval/vector_conversion.h"
#include "interp/eval/vector_lanes.h"
#include "interp/exec/handlers.h"
#include "interp/exec/memory_access.h"
#include "interp/exec/vector.h"

namespace wasmd::WASMD_BACKEND {
namespace {

using eval::vector::Half;
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

// What loads make of the bytes they read.
inline V128 Whole(V128 bytes) { return bytes; }
template <typename T>
inline V128 Splat(T bytes) {
  return eval::vector::Splat<T>(bytes);
}
template <typename T>
inline V128 Zero(T bytes) {
  return eval::vector::ZeroExtend(bytes);
}
template <typename T>
inline V128 Extend(uint64_t bytes) {
  return eval::vector::Extend<T, Half::kLow>(V128{bytes, 0});
}

template <auto kFunction, Destination destination, OperandKind address>
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
template <typename T, Destination destination, OperandKind address,
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

template <OperandKind address, OperandKind vector>
WASMD_INLINE Op StoreBody(Registers& r) {
  constexpr uint32_t kVector = kHandlerUnits + kAddressUnits<address>;
  const uint64_t at = EffectiveAddress<address>(r, kHandlerUnits);
  if (!InBounds<V128>(r, at)) [[unlikely]] {
    return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
  }
  WriteMemory(r, at, ReadOperand<V128, vector>(r, kVector));
  return Next(r, kVector + kFieldUnits<vector, V128>);
}

template <typename T, OperandKind address, OperandKind vector>
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

struct LoadRow {
  Opcode opcode;
  std::array<DestinationRow, kOperandKinds> handlers;  // by address
};

template <auto kFunction, OperandKind address>
constexpr DestinationRow LoadVariants() {
  return {&Entry<LoadBody<kFunction, Destination::kAccumulator, address>>,
          &Entry<LoadBody<kFunction, Destination::kSlot, address>>,
          &Entry<LoadBody<kFunction, Destination::kBoth, address>>};
}

template <Opcode opcode, auto kFunction>
constexpr LoadRow MakeLoad() {
  return {opcode,
          {LoadVariants<kFunction, kSlotKind>(),
           LoadVariants<kFunction, kImmediateKind>(),
           LoadVariants<kFunction, kAccumulatorKind>()}};
}

// In the order of their opcodes.
constexpr std::array kLoads = {
    MakeLoad<Opcode::kV128Load, &Whole>(),
    MakeLoad<Opcode::kV128Load8x8S, &Extend<int8_t>>(),
    MakeLoad<Opcode::kV128Load8x8U, &Extend<uint8_t>>(),
    MakeLoad<Opcode::kV128Load16x4S, &Extend<int16_t>>(),
    MakeLoad<Opcode::kV128Load16x4U, &Extend<uint16_t>>(),
    MakeLoad<Opcode::kV128Load32x2S, &Extend<int32_t>>(),
    MakeLoad<Opcode::kV128Load32x2U, &Extend<uint32_t>>(),
    MakeLoad<Opcode::kV128Load8Splat, &Splat<uint8_t>>(),
    MakeLoad<Opcode::kV128Load16Splat, &Splat<uint16_t>>(),
    MakeLoad<Opcode::kV128Load32Splat, &Splat<uint32_t>>(),
    MakeLoad<Opcode::kV128Load64Splat, &Splat<uint64_t>>(),
};
constexpr std::array kZeroLoads = {
    MakeLoad<Opcode::kV128Load32Zero, &Zero<uint32_t>>(),
    MakeLoad<Opcode::kV128Load64Zero, &Zero<uint64_t>>(),
};

// By address, then whether the vector is in v0.
using LoadLaneRow = std::array<std::array<DestinationRow, 2>, kOperandKinds>;
using StoreRow = std::array<std::array<Function, 2>, kOperandKinds>;

template <typename T, OperandKind address, OperandKind vector>
constexpr DestinationRow LoadLaneVariants() {
  return {&Entry<LoadLaneBody<T, Destination::kAccumulator, address, vector>>,
          &Entry<LoadLaneBody<T, Destination::kSlot, address, vector>>,
          &Entry<LoadLaneBody<T, Destination::kBoth, address, vector>>};
}

template <typename T, OperandKind address>
constexpr std::array<DestinationRow, 2> LoadLaneOfAddress() {
  return {LoadLaneVariants<T, address, kSlotKind>(),
          LoadLaneVariants<T, address, kAccumulatorKind>()};
}

template <typename T>
constexpr LoadLaneRow MakeLoadLane() {
  return {LoadLaneOfAddress<T, kSlotKind>(),
          LoadLaneOfAddress<T, kImmediateKind>(),
          LoadLaneOfAddress<T, kAccumulatorKind>()};
}

template <typename T, OperandKind address>
constexpr std::array<Function, 2> StoreLaneOfAddress() {
  return {&Entry<StoreLaneBody<T, address, kSlotKind>>,
          &Entry<StoreLaneBody<T, address, kAccumulatorKind>>};
}

template <typename T>
constexpr StoreRow MakeStoreLane() {
  return {StoreLaneOfAddress<T, kSlotKind>(),
          StoreLaneOfAddress<T, kImmediateKind>(),
          StoreLaneOfAddress<T, kAccumulatorKind>()};
}

template <OperandKind address>
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
constexpr StoreRow kStore = {StoreOfAddress<kSlotKind>(),
                             StoreOfAddress<kImmediateKind>(),
                             StoreOfAddress<kAccumulatorKind>()};

size_t Distance(Opcode opcode, Opcode first) {
  return static_cast<size_t>(opcode) - static_cast<size_t>(first);
}

}  // namespace

DestinationHandlers VectorLoad(Opcode opcode, OperandKind address) {
  const LoadRow& row =
      opcode <= Opcode::kV128Load64Splat
          ? kLoads[Distance(opcode, Opcode::kV128Load)]
          : kZeroLoads[Distance(opcode, Opcode::kV128Load32Zero)];
  return ToHandlers(row.handlers[static_cast<size_t>(address)]);
}

DestinationHandlers VectorLoadLane(Opcode opcode, OperandKind address,
                                   OperandKind vector) {
  const LoadLaneRow& row = kLoadLanes[Distance(opcode, Opcode::kV128Load8Lane)];
  return ToHandlers(
      row[static_cast<size_t>(address)][vector == kAccumulatorKind ? 1 : 0]);
}

Handler VectorStore(Opcode opcode, OperandKind address, OperandKind vector) {
  const StoreRow& row =
      opcode == Opcode::kV128Store
          ? kStore
          : kStoreLanes[Distance(opcode, Opcode::kV128Store8Lane)];
  return std::bit_cast<Handler>(
      row[static_cast<size_t>(address)][vector == kAccumulatorKind ? 1 : 0]);
}

}  // namespace wasmd::WASMD_BACKEND

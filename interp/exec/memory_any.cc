// Loads and stores of any memory, with addresses of any type: those that
// load.cc, store.cc and vector_memory.cc leave (core specification,
// exec/instructions, "Memory Instructions").

#include <array>
#include <bit>
#include <cstring>

#include "interp/eval/vector_lanes.h"
#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"
#include "interp/exec/vector.h"
#include "interp/exec/vector_load.h"
#include "interp/memory_instance.h"
#include "interp/module_instance.h"

namespace wasmd::WASMD_BACKEND {
namespace {

using eval::vector::LaneIndex;

// Units of the fields that say where: address, memory, offset.
constexpr uint32_t kPlaceUnits = 4;

// Where an access goes; null if it is out of bounds.
struct Place {
  uint8_t* data = nullptr;  // of the memory
  uint64_t address = 0;
};

template <typename Access>
WASMD_INLINE Place FindPlace(const Registers& r, uint32_t at) {
  uint8_t* data = r.mem;
  uint64_t size = static_cast<uint64_t>(r.mem_limit + kLimitBytes);
  if (const uint32_t index = r.pc[at + 1]; index != 0) {
    const MemoryInstance& memory = *r.ctx->instance->memories[index];
    data = memory.data();
    size = memory.size_bytes();
  }
  // An i32 address is zero-extended.
  uint64_t address;
  if (__builtin_add_overflow(SlotAt(r, at), Field64(r, at + 2), &address) ||
      sizeof(Access) > size || address > size - sizeof(Access)) [[unlikely]] {
    return {};
  }
  return {data, address};
}

template <typename Access>
WASMD_INLINE Access ReadMemory(const Place& place) {
  Access bytes;
  std::memcpy(&bytes, place.data + place.address, sizeof(bytes));
  return bytes;
}

// Marks the card pages of the first and the last byte (memory_instance.h).
template <typename Access>
WASMD_INLINE void WriteMemory(const Place& place, Access bytes) {
  std::memcpy(place.data + place.address, &bytes, sizeof(bytes));
  uint8_t* const cards = place.data - kCardBytes;
  cards[place.address >> kCardPageLog2] = 1;
  cards[(place.address + sizeof(bytes) - 1) >> kCardPageLog2] = 1;
}

WASMD_INLINE Op OutOfBounds() {
  return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
}

template <typename Access, typename T>
T Convert(Access bytes) {
  return static_cast<T>(bytes);
}

template <auto kFunction, Destination destination>
WASMD_INLINE Op LoadBody(Registers& r) {
  using Access = typename ParameterOf<decltype(kFunction)>::Type;
  constexpr uint32_t kAt = kFirstOperand<destination>;
  const Place place = FindPlace<Access>(r, kAt);
  if (place.data == nullptr) [[unlikely]] {
    return OutOfBounds();
  }
  WriteResult<destination>(r, kFunction(ReadMemory<Access>(place)));
  return Next(r, kAt + kPlaceUnits);
}

template <typename T, Destination destination>
WASMD_INLINE Op LoadLaneBody(Registers& r) {
  constexpr uint32_t kAt = kFirstOperand<destination>;
  constexpr uint32_t kVector = kAt + kPlaceUnits;
  const Place place = FindPlace<T>(r, kAt);
  if (place.data == nullptr) [[unlikely]] {
    return OutOfBounds();
  }
  const V128 result = eval::vector::ReplaceLane<T>(
      ReadOperand<V128, kSlotKind>(r, kVector), ReadMemory<T>(place),
      LaneIndex{r.pc[kVector + 1]});
  WriteResult<destination>(r, result);
  return Next(r, kVector + 2);
}

template <typename Access, typename T>
WASMD_INLINE Op StoreBody(Registers& r) {
  const Place place = FindPlace<Access>(r, kF);
  if (place.data == nullptr) [[unlikely]] {
    return OutOfBounds();
  }
  const T value = ReadOperand<T, kSlotKind>(r, kF + kPlaceUnits);
  WriteMemory(place, static_cast<Access>(value));
  return Next(r, kF + kPlaceUnits + 1);
}

template <typename T>
WASMD_INLINE Op StoreLaneBody(Registers& r) {
  constexpr uint32_t kVector = kF + kPlaceUnits;
  const Place place = FindPlace<T>(r, kF);
  if (place.data == nullptr) [[unlikely]] {
    return OutOfBounds();
  }
  const V128 lanes = ReadOperand<V128, kSlotKind>(r, kVector);
  WriteMemory(place, eval::vector::ExtractLane<T, T>(
                         lanes, LaneIndex{r.pc[kVector + 1]}));
  return Next(r, kVector + 2);
}

struct LoadRow {
  Opcode opcode;
  DestinationRow handlers;
};
struct StoreRow {
  Opcode opcode;
  Function handler;
};

template <Opcode opcode, auto kFunction>
constexpr LoadRow MakeLoad() {
  return {opcode,
          {&Entry<LoadBody<kFunction, Destination::kAccumulator>>,
           &Entry<LoadBody<kFunction, Destination::kSlot>>,
           &Entry<LoadBody<kFunction, Destination::kBoth>>}};
}

template <Opcode opcode, typename T>
constexpr LoadRow MakeLoadLane() {
  return {opcode,
          {&Entry<LoadLaneBody<T, Destination::kAccumulator>>,
           &Entry<LoadLaneBody<T, Destination::kSlot>>,
           &Entry<LoadLaneBody<T, Destination::kBoth>>}};
}

template <Opcode opcode, typename Access, typename T>
constexpr StoreRow MakeStore() {
  return {opcode, &Entry<StoreBody<Access, T>>};
}

template <Opcode opcode, typename T>
constexpr StoreRow MakeStoreLane() {
  return {opcode, &Entry<StoreLaneBody<T>>};
}

constexpr std::array kLoads = {
    MakeLoad<Opcode::kI32Load, &Convert<uint32_t, uint32_t>>(),
    MakeLoad<Opcode::kI64Load, &Convert<uint64_t, uint64_t>>(),
    MakeLoad<Opcode::kF32Load, &Convert<float, float>>(),
    MakeLoad<Opcode::kF64Load, &Convert<double, double>>(),
    MakeLoad<Opcode::kI32Load8S, &Convert<int8_t, uint32_t>>(),
    MakeLoad<Opcode::kI32Load8U, &Convert<uint8_t, uint32_t>>(),
    MakeLoad<Opcode::kI32Load16S, &Convert<int16_t, uint32_t>>(),
    MakeLoad<Opcode::kI32Load16U, &Convert<uint16_t, uint32_t>>(),
    MakeLoad<Opcode::kI64Load8S, &Convert<int8_t, uint64_t>>(),
    MakeLoad<Opcode::kI64Load8U, &Convert<uint8_t, uint64_t>>(),
    MakeLoad<Opcode::kI64Load16S, &Convert<int16_t, uint64_t>>(),
    MakeLoad<Opcode::kI64Load16U, &Convert<uint16_t, uint64_t>>(),
    MakeLoad<Opcode::kI64Load32S, &Convert<int32_t, uint64_t>>(),
    MakeLoad<Opcode::kI64Load32U, &Convert<uint32_t, uint64_t>>(),
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
    MakeLoad<Opcode::kV128Load32Zero, &Zero<uint32_t>>(),
    MakeLoad<Opcode::kV128Load64Zero, &Zero<uint64_t>>(),
    MakeLoadLane<Opcode::kV128Load8Lane, uint8_t>(),
    MakeLoadLane<Opcode::kV128Load16Lane, uint16_t>(),
    MakeLoadLane<Opcode::kV128Load32Lane, uint32_t>(),
    MakeLoadLane<Opcode::kV128Load64Lane, uint64_t>(),
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
    MakeStore<Opcode::kV128Store, V128, V128>(),
    MakeStoreLane<Opcode::kV128Store8Lane, uint8_t>(),
    MakeStoreLane<Opcode::kV128Store16Lane, uint16_t>(),
    MakeStoreLane<Opcode::kV128Store32Lane, uint32_t>(),
    MakeStoreLane<Opcode::kV128Store64Lane, uint64_t>(),
};

}  // namespace

DestinationHandlers LoadAny(Opcode opcode) {
  for (const LoadRow& row : kLoads) {
    if (row.opcode == opcode) return ToHandlers(row.handlers);
  }
  return {};
}

Handler StoreAny(Opcode opcode) {
  for (const StoreRow& row : kStores) {
    if (row.opcode == opcode) return std::bit_cast<Handler>(row.handler);
  }
  return 0;
}

}  // namespace wasmd::WASMD_BACKEND

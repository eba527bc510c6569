// Fields of structs and elements of arrays (core specification,
// exec/instructions, "struct.get" and so on). Where a field lies follows from
// the static type: a subtype has it at the same place (object_layout.h).

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "interp/carded_region.h"
#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"
#include "interp/heap.h"
#include "interp/object_layout.h"
#include "interp/reference.h"

namespace wasmd::WASMD_BACKEND {
namespace {

// In the object an `Access`, as a value a `T`.
template <FieldAccess access>
struct AccessTypes;
#define ACCESS(name, access, value)          \
  template <>                                \
  struct AccessTypes<FieldAccess::k##name> { \
    using Access = access;                   \
    using T = value;                         \
  };
ACCESS(8Signed, int8_t, uint32_t)
ACCESS(8Unsigned, uint8_t, uint32_t)
ACCESS(16Signed, int16_t, uint32_t)
ACCESS(16Unsigned, uint16_t, uint32_t)
ACCESS(I32, uint32_t, uint32_t)
ACCESS(I64, uint64_t, uint64_t)
ACCESS(F32, float, float)
ACCESS(F64, double, double)
#undef ACCESS

struct Slots2 {
  Slot low;
  Slot high;
};

template <typename T>
WASMD_INLINE T ReadHeap(const Registers& r, uint64_t offset) {
  T value;
  std::memcpy(&value, r.ctx->heap->data() + offset, sizeof(value));
  return value;
}

// Marks the card page too: what is no wider than 8 bytes lies in one.
template <typename T>
WASMD_INLINE void WriteHeap(const Registers& r, uint64_t offset, T value) {
  uint8_t* const data = r.ctx->heap->data();
  std::memcpy(data + offset, &value, sizeof(value));
  uint8_t* const cards = data - kCardBytes;
  cards[offset >> kCardPageLog2] = 1;
  if constexpr (sizeof(T) > kObjectAlignment) {
    cards[(offset + sizeof(value) - 1) >> kCardPageLog2] = 1;
  }
}

// Where an element is; or the trap.
struct Element {
  uint64_t offset = 0;
  bool ok = false;
  TrapKind trap = TrapKind::kNullArrayReference;
};

WASMD_INLINE Element FindElement(const Registers& r, Slot array, uint32_t index,
                                 uint64_t size) {
  Element element;
  if (array == kNullReference) return element;
  if (index >= r.ctx->heap->LengthOf(array)) {
    element.trap = TrapKind::kOutOfBoundsArrayAccess;
    return element;
  }
  element.offset = array + kObjectHeaderBytes + index * size;
  element.ok = true;
  return element;
}

template <FieldAccess access, Destination destination, OperandKind reference>
WASMD_INLINE Op StructGetBody(Registers& r) {
  using Access = typename AccessTypes<access>::Access;
  using T = typename AccessTypes<access>::T;
  constexpr uint32_t kAt = kFirstOperand<destination>;
  constexpr uint32_t kOffset = kAt + kFieldUnits<reference, Slot>;
  const Slot object = Read<Slot, reference>(r, kAt);
  if (object == kNullReference) [[unlikely]] {
    return TrapOp(TrapKind::kNullStructReference);
  }
  const auto value = ReadHeap<Access>(r, object + r.pc[kOffset]);
  return Finish<destination>(r, static_cast<T>(value), kOffset + 1);
}

template <FieldAccess access, OperandKind kind>
WASMD_INLINE Op StructSetBody(Registers& r) {
  using Access = typename AccessTypes<access>::Access;
  using T = typename AccessTypes<access>::T;
  const Slot object = SlotAt(r, kF);
  if (object == kNullReference) [[unlikely]] {
    return TrapOp(TrapKind::kNullStructReference);
  }
  const T value = Read<T, kind>(r, kF + 2);
  WriteHeap(r, object + r.pc[kF + 1], static_cast<Access>(value));
  return Next(r, kF + 2 + kFieldUnits<kind, T>);
}

template <FieldAccess access, Destination destination, OperandKind index>
WASMD_INLINE Op ArrayGetBody(Registers& r) {
  using Access = typename AccessTypes<access>::Access;
  using T = typename AccessTypes<access>::T;
  constexpr uint32_t kAt = kFirstOperand<destination>;
  const Element element = FindElement(
      r, SlotAt(r, kAt), Read<uint32_t, index>(r, kAt + 1), sizeof(Access));
  if (!element.ok) [[unlikely]] {
    return TrapOp(element.trap);
  }
  const auto value = ReadHeap<Access>(r, element.offset);
  return Finish<destination>(r, static_cast<T>(value),
                             kAt + 1 + kFieldUnits<index, uint32_t>);
}

template <FieldAccess access, OperandKind kind>
WASMD_INLINE Op ArraySetBody(Registers& r) {
  using Access = typename AccessTypes<access>::Access;
  using T = typename AccessTypes<access>::T;
  const Element element = FindElement(
      r, SlotAt(r, kF), FromSlot<uint32_t>(SlotAt(r, kF + 1)), sizeof(Access));
  if (!element.ok) [[unlikely]] {
    return TrapOp(element.trap);
  }
  const T value = Read<T, kind>(r, kF + 2);
  WriteHeap(r, element.offset, static_cast<Access>(value));
  return Next(r, kF + 2 + kFieldUnits<kind, T>);
}

// A v128 is in two slots, of which the field names the first.

WASMD_INLINE Op StructGetV128(Registers& r) {
  const Slot object = SlotAt(r, kF + 1);
  if (object == kNullReference) [[unlikely]] {
    return TrapOp(TrapKind::kNullStructReference);
  }
  const auto value = ReadHeap<Slots2>(r, object + r.pc[kF + 2]);
  std::memcpy(&SlotAt(r, kF), &value, sizeof(value));
  return Next(r, kF + 3);
}

WASMD_INLINE Op StructSetV128(Registers& r) {
  const Slot object = SlotAt(r, kF);
  if (object == kNullReference) [[unlikely]] {
    return TrapOp(TrapKind::kNullStructReference);
  }
  Slots2 value;
  std::memcpy(&value, &SlotAt(r, kF + 2), sizeof(value));
  WriteHeap(r, object + r.pc[kF + 1], value);
  return Next(r, kF + 3);
}

WASMD_INLINE Op ArrayGetV128(Registers& r) {
  const Element element =
      FindElement(r, SlotAt(r, kF + 1), FromSlot<uint32_t>(SlotAt(r, kF + 2)),
                  sizeof(Slots2));
  if (!element.ok) [[unlikely]] {
    return TrapOp(element.trap);
  }
  const auto value = ReadHeap<Slots2>(r, element.offset);
  std::memcpy(&SlotAt(r, kF), &value, sizeof(value));
  return Next(r, kF + 3);
}

WASMD_INLINE Op ArraySetV128(Registers& r) {
  const Element element = FindElement(
      r, SlotAt(r, kF), FromSlot<uint32_t>(SlotAt(r, kF + 1)), sizeof(Slots2));
  if (!element.ok) [[unlikely]] {
    return TrapOp(element.trap);
  }
  Slots2 value;
  std::memcpy(&value, &SlotAt(r, kF + 2), sizeof(value));
  WriteHeap(r, element.offset, value);
  return Next(r, kF + 3);
}

// By access, then by the kind of the operand that has one.
using GetTable =
    std::array<std::array<DestinationRow, kOperandKinds>, kFieldAccesses>;
using SetTable =
    std::array<std::array<Function, kOperandKinds>, kFieldAccesses>;

template <FieldAccess access, OperandKind reference>
constexpr DestinationRow StructGetVariants() {
  return {&Entry<StructGetBody<access, Destination::kAccumulator, reference>>,
          &Entry<StructGetBody<access, Destination::kSlot, reference>>,
          &Entry<StructGetBody<access, Destination::kBoth, reference>>};
}
template <FieldAccess access, OperandKind index>
constexpr DestinationRow ArrayGetVariants() {
  return {&Entry<ArrayGetBody<access, Destination::kAccumulator, index>>,
          &Entry<ArrayGetBody<access, Destination::kSlot, index>>,
          &Entry<ArrayGetBody<access, Destination::kBoth, index>>};
}

// Calls make(access as a constant) for each.
template <typename Table, typename Make>
constexpr Table ForEachAccess(Make make) {
  return [&]<size_t... i>(std::index_sequence<i...>) {
    return Table{make.template operator()<static_cast<FieldAccess>(i)>()...};
  }
  (std::make_index_sequence<kFieldAccesses>());
}

constexpr auto kStructGet = ForEachAccess<GetTable>([]<FieldAccess access>() {
  return std::array<DestinationRow, kOperandKinds>{
      StructGetVariants<access, kSlotKind>(), DestinationRow{},
      StructGetVariants<access, kAccumulatorKind>()};
});
constexpr auto kArrayGet = ForEachAccess<GetTable>([]<FieldAccess access>() {
  return std::array<DestinationRow, kOperandKinds>{
      ArrayGetVariants<access, kSlotKind>(),
      ArrayGetVariants<access, kImmediateKind>(),
      ArrayGetVariants<access, kAccumulatorKind>()};
});
constexpr auto kStructSet = ForEachAccess<SetTable>([]<FieldAccess access>() {
  return std::array<Function, kOperandKinds>{
      &Entry<StructSetBody<access, kSlotKind>>,
      &Entry<StructSetBody<access, kImmediateKind>>,
      &Entry<StructSetBody<access, kAccumulatorKind>>};
});
constexpr auto kArraySet = ForEachAccess<SetTable>([]<FieldAccess access>() {
  return std::array<Function, kOperandKinds>{
      &Entry<ArraySetBody<access, kSlotKind>>,
      &Entry<ArraySetBody<access, kImmediateKind>>,
      &Entry<ArraySetBody<access, kAccumulatorKind>>};
});

constexpr std::array kOps = {
    MakeSimple<SimpleOp::kStructGetV128, StructGetV128>(),
    MakeSimple<SimpleOp::kStructSetV128, StructSetV128>(),
    MakeSimple<SimpleOp::kArrayGetV128, ArrayGetV128>(),
    MakeSimple<SimpleOp::kArraySetV128, ArraySetV128>(),
};

}  // namespace

std::span<const SimpleRow> FieldOps() { return kOps; }

DestinationHandlers StructGet(FieldAccess access, OperandKind reference) {
  return ToHandlers(
      kStructGet[static_cast<size_t>(access)][static_cast<size_t>(reference)]);
}
DestinationHandlers ArrayGet(FieldAccess access, OperandKind index) {
  return ToHandlers(
      kArrayGet[static_cast<size_t>(access)][static_cast<size_t>(index)]);
}
Handler StructSet(FieldAccess access, OperandKind value) {
  return std::bit_cast<Handler>(
      kStructSet[static_cast<size_t>(access)][static_cast<size_t>(value)]);
}
Handler ArraySet(FieldAccess access, OperandKind value) {
  return std::bit_cast<Handler>(
      kArraySet[static_cast<size_t>(access)][static_cast<size_t>(value)]);
}

}  // namespace wasmd::WASMD_BACKEND

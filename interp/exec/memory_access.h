// Addresses, bounds and dirty marks of accesses to memory 0.

#ifndef WASMD_INTERP_EXEC_MEMORY_ACCESS_H_
#define WASMD_INTERP_EXEC_MEMORY_ACCESS_H_

#include <cstddef>
#include <cstdint>

#include "interp/exec/checks.h"
#include "interp/exec/operands.h"
#include "interp/memory_instance.h"

namespace wasmd::WASMD_BACKEND {

// Units of the address operand with its offset.
template <AddressKind kind>
inline constexpr uint32_t kAddressUnits = [] {
  switch (kind) {
    case AddressKind::kImmediate:
    case AddressKind::kAccumulator:
      return 1;
    case AddressKind::kSlot:
    case AddressKind::kAccumulatorImmediate:
    case AddressKind::kAccumulatorSlot:
      return 2;
    case AddressKind::kSlotImmediate:
    case AddressKind::kSlotSlot:
    case AddressKind::kAccumulatorShifted:
      return 3;
    case AddressKind::kSlotShifted:
      return 4;
  }
}();

WASMD_INLINE uint32_t ReadSlot32(Registers& r, uint32_t at) {
  return Read<uint32_t, kSlotKind>(r, at);
}

// The 32-bit address, without the offset.
template <AddressKind kind>
WASMD_INLINE uint32_t BaseAddress(Registers& r, uint32_t at) {
  const uint32_t r0 = FromSlot<uint32_t>(r.r0);
  switch (kind) {
    case AddressKind::kSlot:
      return ReadSlot32(r, at);
    case AddressKind::kAccumulator:
      return r0;
    case AddressKind::kSlotImmediate:
      return ReadSlot32(r, at) + FieldAt(r, at + 1);
    case AddressKind::kAccumulatorImmediate:
      return r0 + FieldAt(r, at);
    case AddressKind::kSlotSlot:
      return ReadSlot32(r, at) + ReadSlot32(r, at + 1);
    case AddressKind::kAccumulatorSlot:
      return r0 + ReadSlot32(r, at);
    case AddressKind::kSlotShifted:
      return ReadSlot32(r, at) + (ReadSlot32(r, at + 1) << (r.pc[at + 2] & 31));
    case AddressKind::kAccumulatorShifted:
      return ReadSlot32(r, at) + (r0 << (r.pc[at + 1] & 31));
    case AddressKind::kImmediate:
      break;
  }
  return 0;
}

// With the offset: 33 bits at most, so that it cannot wrap.
template <AddressKind kind>
WASMD_INLINE uint64_t EffectiveAddress(Registers& r, uint32_t at) {
  const uint64_t offset = FieldAt(r, at + kAddressUnits<kind> - 1);
  if constexpr (kind == AddressKind::kImmediate) return offset;
  uint64_t sum = uint64_t{BaseAddress<kind>(r, at)} + offset;
  Pin(sum);
  return sum;
}

template <typename Access>
WASMD_INLINE bool InBounds(const Registers& r, uint64_t address) {
  if (!kChecksBounds) return true;
  constexpr int64_t kMore = static_cast<int64_t>(sizeof(Access)) - kLimitBytes;
  const int64_t at = static_cast<int64_t>(address);
  if constexpr (kMore > 0) return at + kMore <= r.mem_limit;
  if (at <= r.mem_limit) [[likely]]
    return true;
  // Fewer bytes may fit after that.
  return kMore < 0 && at + kMore <= r.mem_limit;
}

// Marks the card pages of the first and the last byte (memory_instance.h).
template <typename Access>
WASMD_INLINE void MarkDirty(const Registers& r, uint64_t address) {
  if (!kMarksDirtyPages) return;
  constexpr ptrdiff_t kCards = -static_cast<ptrdiff_t>(kCardBytes);
  r.mem[static_cast<ptrdiff_t>(address >> kCardPageLog2) + kCards] = 1;
  // Aligned, it cannot reach into another page.
  constexpr bool kIsVector = sizeof(Access) > sizeof(uint64_t);
  if (kIsVector || (address & (sizeof(Access) - 1)) != 0) [[unlikely]] {
    const uint64_t last = address + sizeof(Access) - 1;
    r.mem[static_cast<ptrdiff_t>(last >> kCardPageLog2) + kCards] = 1;
  }
}

// Rows by opcode in the order of the enumeration.
template <typename Rows>
const auto* FindAccess(const Rows& rows, Opcode opcode) {
  const size_t at =
      static_cast<size_t>(opcode) - static_cast<size_t>(rows[0].opcode);
  return at < rows.size() ? &rows[at] : nullptr;
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_MEMORY_ACCESS_H_

// Addresses, bounds and dirty marks of accesses to memory 0.

#ifndef WASMD_INTERP_EXEC_MEMORY_ACCESS_H_
#define WASMD_INTERP_EXEC_MEMORY_ACCESS_H_

#include <cstddef>
#include <cstdint>

#include "interp/exec/operands.h"
#include "interp/memory_instance.h"

namespace wasmd::WASMD_BACKEND {

// Units of the address operand with its offset.
template <OperandKind address>
inline constexpr uint32_t kAddressUnits = address == kSlotKind ? 2 : 1;

// The address as 33 bits at most, so that it cannot wrap.
template <OperandKind address>
WASMD_INLINE uint64_t EffectiveAddress(const Registers& r, uint32_t at) {
  if constexpr (address == kImmediateKind) {
    return r.pc[at];
  } else {
    uint64_t sum = uint64_t{Read<uint32_t, address>(r, at)} +
                   r.pc[at + kAddressUnits<address> - 1];
    Pin(sum);
    return sum;
  }
}

template <typename Access>
WASMD_INLINE bool InBounds(const Registers& r, uint64_t address) {
  return address + sizeof(Access) <= r.mem_size;
}

// Marks the card pages of the first and the last byte (memory_instance.h).
template <typename Access>
WASMD_INLINE void MarkDirty(const Registers& r, uint64_t address) {
  constexpr ptrdiff_t kCards = -static_cast<ptrdiff_t>(kCardBytes);
  r.mem[static_cast<ptrdiff_t>(address >> kCardPageLog2) + kCards] = 1;
  if constexpr (sizeof(Access) > 1) {
    const uint64_t last = address + sizeof(Access) - 1;
    r.mem[static_cast<ptrdiff_t>(last >> kCardPageLog2) + kCards] = 1;
  }
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_MEMORY_ACCESS_H_

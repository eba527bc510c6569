// Slot: the 64-bit cell that locals, operands, globals and table elements are
// kept in. i32 and f32 are zero-extended, f64 is its bits, a v128 takes two
// slots (low lanes first), a reference is a Reference (reference.h). The upper
// bits are therefore always determined by the value, and equal states have
// equal bytes.

#ifndef WASMD_INTERP_SLOT_H_
#define WASMD_INTERP_SLOT_H_

#include <bit>
#include <cstdint>

namespace wasmd {

using Slot = uint64_t;

constexpr Slot ToSlot(uint32_t value) { return value; }
constexpr Slot ToSlot(int32_t value) { return static_cast<uint32_t>(value); }
constexpr Slot ToSlot(uint64_t value) { return value; }
constexpr Slot ToSlot(int64_t value) { return static_cast<uint64_t>(value); }
constexpr Slot ToSlot(float value) { return std::bit_cast<uint32_t>(value); }
constexpr Slot ToSlot(double value) { return std::bit_cast<uint64_t>(value); }

template <typename T>
constexpr T FromSlot(Slot slot) {
  if constexpr (sizeof(T) == 4) {
    return std::bit_cast<T>(static_cast<uint32_t>(slot));
  } else {
    return std::bit_cast<T>(slot);
  }
}

}  // namespace wasmd

#endif  // WASMD_INTERP_SLOT_H_

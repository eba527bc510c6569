// Instructions on all 128 bits, tests of lanes, and shifts (core specification,
// exec/numerics, "Vector Operations").

#ifndef WASMD_INTERP_EVAL_VECTOR_BITWISE_H_
#define WASMD_INTERP_EVAL_VECTOR_BITWISE_H_

#include <cstdint>

#include "interp/eval/vector.h"

namespace wasmd::eval::vector {

inline V128 Not(V128 a) { return ~a; }
inline V128 And(V128 a, V128 b) { return a & b; }
inline V128 AndNot(V128 a, V128 b) { return a & ~b; }
inline V128 Or(V128 a, V128 b) { return a | b; }
inline V128 Xor(V128 a, V128 b) { return a ^ b; }
// Bits of `a` where `mask` has ones, else of `b`.
inline V128 Bitselect(V128 a, V128 b, V128 mask) { return Blend(mask, a, b); }

inline uint32_t AnyTrue(V128 a) { return (a[0] | a[1]) != 0; }
template <typename T>
inline uint32_t AllTrue(V128 a) {
  return AnyTrue(ToV128(As<T>(a) == Lanes<T>{})) == 0;
}

// Bit i of the result is bit 0 of byte i, whose other bits are 0 too if that
// is: the product brings the bits together in the topmost byte, without
// carries.
inline uint32_t GatherBytes(uint64_t mask) {
  constexpr uint64_t kLowBits = 0x0101010101010101;
  constexpr uint64_t kGather = 0x0102040810204080;
  return static_cast<uint32_t>(((mask & kLowBits) * kGather) >> 56);
}

// Bit i is the sign of lane i.
template <typename T>
inline uint32_t Bitmask(V128 a) {
  const Lanes<T> signs = As<T>(a) < Lanes<T>{};
  if constexpr (sizeof(T) == 8) {
    return (signs[0] & 1) | (signs[1] & 2);
  } else if constexpr (sizeof(T) == 1) {
    const V128 halves = ToV128(signs);
    return GatherBytes(halves[0]) | GatherBytes(halves[1]) << 8;
  } else {
    using Bytes = typename VectorType<int8_t, kLanes<T>>::Type;
    const Bytes bytes = __builtin_convertvector(signs, Bytes);
    using Packed = std::conditional_t<sizeof(Bytes) == 8, uint64_t, uint32_t>;
    return GatherBytes(std::bit_cast<Packed>(bytes));
  }
}

// Counts are taken modulo the width of a lane.
template <typename T>
inline V128 Shl(V128 a, uint32_t count) {
  return ToV128(As<T>(a) << static_cast<T>(count & (sizeof(T) * 8 - 1)));
}
template <typename T>
inline V128 Shr(V128 a, uint32_t count) {
  return ToV128(As<T>(a) >> static_cast<T>(count & (sizeof(T) * 8 - 1)));
}

}  // namespace wasmd::eval::vector

#endif  // WASMD_INTERP_EVAL_VECTOR_BITWISE_H_

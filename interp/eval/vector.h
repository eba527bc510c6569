// v128 as the vector instructions see it: 128 bits that each instruction
// divides into lanes of its own type. Written with the vector extensions that
// clang and gcc share, so that one lanewise expression becomes host vector
// instructions. Lane 0 is at the lowest address; hosts are little-endian.
//
// In interp/eval/vector_*.h, a lane type says the sign too: Min<int8_t> is
// i8x16.min_s, Min<uint8_t> is i8x16.min_u. Where the sign makes no difference
// the type is unsigned: signed overflow is not for us to cause.

#ifndef WASMD_INTERP_EVAL_VECTOR_H_
#define WASMD_INTERP_EVAL_VECTOR_H_

#include <bit>
#include <cstdint>
#include <type_traits>

namespace wasmd::eval::vector {

static_assert(std::endian::native == std::endian::little);

template <typename T, int kBytes>
struct VectorType {
  // Not `using`: gcc would ignore the attribute, T being dependent.
  typedef T Type __attribute__((vector_size(kBytes)));
};
template <typename T>
using Lanes = typename VectorType<T, 16>::Type;
template <typename T>
using HalfLanes = typename VectorType<T, 8>::Type;

// The low and the high 64 bits: the two slots of a v128.
using V128 = Lanes<uint64_t>;

template <typename T>
inline constexpr int kLanes = 16 / sizeof(T);

// The signed or unsigned integer as wide as a lane, for masks and bits.
template <typename T>
using MaskLane = std::conditional_t<
    sizeof(T) == 1, int8_t,
    std::conditional_t<sizeof(T) == 2, int16_t,
                       std::conditional_t<sizeof(T) == 4, int32_t, int64_t>>>;
template <typename T>
using BitsLane = std::make_unsigned_t<MaskLane<T>>;

// The integer of twice the width and the same sign.
template <typename T>
using WideLane = std::conditional_t<
    std::is_signed_v<T>,
    std::conditional_t<sizeof(T) == 1, int16_t,
                       std::conditional_t<sizeof(T) == 2, int32_t, int64_t>>,
    std::conditional_t<sizeof(T) == 1, uint16_t,
                       std::conditional_t<sizeof(T) == 2, uint32_t, uint64_t>>>;

template <typename T>
inline Lanes<T> As(V128 value) {
  return std::bit_cast<Lanes<T>>(value);
}
template <typename Vector>
inline V128 ToV128(Vector lanes) {
  return std::bit_cast<V128>(lanes);
}

// Half the lanes: lane 0 and up, or those after them.
template <typename T>
inline HalfLanes<T> LowHalf(V128 value) {
  return std::bit_cast<HalfLanes<T>>(uint64_t{value[0]});
}
template <typename T>
inline HalfLanes<T> HighHalf(V128 value) {
  return std::bit_cast<HalfLanes<T>>(uint64_t{value[1]});
}
template <typename Half>
inline V128 JoinHalves(Half low, Half high) {
  return V128{std::bit_cast<uint64_t>(low), std::bit_cast<uint64_t>(high)};
}

// Bits of `a` where the mask has ones, else of `b`.
inline V128 Blend(V128 mask, V128 a, V128 b) {
  return (a & mask) | (b & ~mask);
}

// A vector with this value in all lanes.
template <typename T>
inline Lanes<T> All(T value) {
  const auto bits = std::bit_cast<BitsLane<T>>(value);
  return std::bit_cast<Lanes<T>>(Lanes<BitsLane<T>>{} + bits);
}

}  // namespace wasmd::eval::vector

#endif  // WASMD_INTERP_EVAL_VECTOR_H_

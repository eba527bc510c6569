// The floating-point instructions as pure functions (core specification,
// exec/numerics, "Floating-Point Operations"), in the deterministic profile:
// every NaN that arithmetic makes is the positive canonical one, whatever the
// CPU would make. abs, neg and copysign only touch the sign bit. T is float or
// double. No function of the C library is used: results must not depend on it,
// and handlers must not call.

#ifndef WASMD_INTERP_EVAL_FLOAT_H_
#define WASMD_INTERP_EVAL_FLOAT_H_

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace wasmd::eval {

// The unsigned integer with the bits of T.
template <typename T>
using BitsOf = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

template <typename T>
inline constexpr BitsOf<T> kSignBit = BitsOf<T>{1} << (sizeof(T) * 8 - 1);
template <typename T>
inline constexpr T kCanonicalNan = std::bit_cast<T>(
    sizeof(T) == 4 ? static_cast<BitsOf<T>>(0x7FC00000u)
                   : static_cast<BitsOf<T>>(0x7FF8000000000000u));
// The smallest power of two from which on every T is a whole number.
template <typename T>
inline constexpr T kWholeFrom = sizeof(T) == 4 ? T{8388608.0f}
                                               : T{4503599627370496.0};

// Not so only in builds that measure what it costs (exec/checks.h).
#if defined(WASMD_WITHOUT_NAN)
inline constexpr bool kMakesNanCanonical = false;
#else
inline constexpr bool kMakesNanCanonical = true;
#endif

template <typename T>
constexpr T Canonical(T x) {
  if (kMakesNanCanonical && x != x) [[unlikely]] {
    // Keeps this a branch that is not taken: as a selection it would cost three
    // moves in every instruction.
    if (!std::is_constant_evaluated()) asm volatile("");
    return kCanonicalNan<T>;
  }
  return x;
}

template <typename T>
constexpr T FAbs(T x) {
  return std::bit_cast<T>(std::bit_cast<BitsOf<T>>(x) & ~kSignBit<T>);
}
template <typename T>
constexpr T FNeg(T x) {
  return std::bit_cast<T>(std::bit_cast<BitsOf<T>>(x) ^ kSignBit<T>);
}
template <typename T>
constexpr T FCopysign(T a, T b) {
  return std::bit_cast<T>((std::bit_cast<BitsOf<T>>(a) & ~kSignBit<T>) |
                          (std::bit_cast<BitsOf<T>>(b) & kSignBit<T>));
}

template <typename T>
constexpr T FAdd(T a, T b) {
  return Canonical(a + b);
}
template <typename T>
constexpr T FSub(T a, T b) {
  return Canonical(a - b);
}
template <typename T>
constexpr T FMul(T a, T b) {
  return Canonical(a * b);
}
template <typename T>
constexpr T FDiv(T a, T b) {
  return Canonical(a / b);
}
template <typename T>
inline T FSqrt(T a) {
  if constexpr (sizeof(T) == 4) {
    return Canonical(__builtin_sqrtf(a));
  } else {
    return Canonical(__builtin_sqrt(a));
  }
}

template <typename T>
constexpr T FMin(T a, T b) {
  if (a != a || b != b) [[unlikely]] {
    return kCanonicalNan<T>;
  }
  // Equal operands differ at most in the sign of zero: -0 is the smaller.
  if (a == b) {
    return std::bit_cast<T>(std::bit_cast<BitsOf<T>>(a) |
                            std::bit_cast<BitsOf<T>>(b));
  }
  return a < b ? a : b;
}
template <typename T>
constexpr T FMax(T a, T b) {
  if (a != a || b != b) [[unlikely]] {
    return kCanonicalNan<T>;
  }
  if (a == b) {
    return std::bit_cast<T>(std::bit_cast<BitsOf<T>>(a) &
                            std::bit_cast<BitsOf<T>>(b));
  }
  return a > b ? a : b;
}

// Below kWholeFrom a T converts to an integer and back exactly; from there on
// (and for infinities) it is whole already. The sign is kept for results of 0.
template <typename T>
constexpr T FTrunc(T x) {
  if (FAbs(x) < kWholeFrom<T>) {
    return FCopysign(static_cast<T>(static_cast<int64_t>(x)), x);
  }
  return Canonical(x);
}
template <typename T>
constexpr T FFloor(T x) {
  const T whole = FTrunc(x);
  return whole > x ? whole - T{1} : whole;
}
template <typename T>
constexpr T FCeil(T x) {
  const T whole = FTrunc(x);
  return whole < x ? FCopysign(whole + T{1}, x) : whole;
}
// Adding and subtracting kWholeFrom rounds to the nearest whole number, ties to
// even, by the hardware's own rounding.
template <typename T>
constexpr T FNearest(T x) {
  const T magnitude = FAbs(x);
  if (magnitude < kWholeFrom<T>) {
    return FCopysign((magnitude + kWholeFrom<T>)-kWholeFrom<T>, x);
  }
  return Canonical(x);
}

template <typename T>
constexpr uint32_t FEq(T a, T b) {
  return a == b;
}
template <typename T>
constexpr uint32_t FNe(T a, T b) {
  return a != b;
}
template <typename T>
constexpr uint32_t FLt(T a, T b) {
  return a < b;
}
template <typename T>
constexpr uint32_t FGt(T a, T b) {
  return a > b;
}
template <typename T>
constexpr uint32_t FLe(T a, T b) {
  return a <= b;
}
template <typename T>
constexpr uint32_t FGe(T a, T b) {
  return a >= b;
}

}  // namespace wasmd::eval

#endif  // WASMD_INTERP_EVAL_FLOAT_H_

// Lanewise integer arithmetic (core specification, exec/numerics, "Integer
// Operations" and "Vector Operations").

#ifndef WASMD_INTERP_EVAL_VECTOR_INTEGER_H_
#define WASMD_INTERP_EVAL_VECTOR_INTEGER_H_

#include <cstdint>
#include <limits>

#include "interp/eval/vector.h"
#include "interp/eval/vector_conversion.h"

namespace wasmd::eval::vector {

template <typename T>
inline V128 Add(V128 a, V128 b) {
  return ToV128(As<T>(a) + As<T>(b));
}
template <typename T>
inline V128 Sub(V128 a, V128 b) {
  return ToV128(As<T>(a) - As<T>(b));
}
template <typename T>
inline V128 Mul(V128 a, V128 b) {
  return ToV128(As<T>(a) * As<T>(b));
}
template <typename T>
inline V128 Neg(V128 a) {
  return ToV128(Lanes<T>{} - As<T>(a));
}
// Of the most negative number, itself.
template <typename T>
inline V128 Abs(V128 a) {
  const V128 negative = ToV128(As<MaskLane<T>>(a) < Lanes<MaskLane<T>>{});
  return Sub<T>(a ^ negative, negative);
}

// The sum of bits in each byte.
inline V128 Popcnt(V128 a) {
  Lanes<uint8_t> x = As<uint8_t>(a);
  x = x - ((x >> 1) & All<uint8_t>(0x55));
  x = (x & All<uint8_t>(0x33)) + ((x >> 2) & All<uint8_t>(0x33));
  return ToV128((x + (x >> 4)) & All<uint8_t>(0x0F));
}

template <typename T>
inline V128 Min(V128 a, V128 b) {
  return Blend(ToV128(As<T>(a) < As<T>(b)), a, b);
}
template <typename T>
inline V128 Max(V128 a, V128 b) {
  return Blend(ToV128(As<T>(a) > As<T>(b)), a, b);
}

// The limit of T on the side of each lane's sign.
template <typename T>
inline V128 LimitOfSign(V128 a) {
  constexpr int kSignBit = sizeof(T) * 8 - 1;
  return ToV128((As<T>(a) >> kSignBit) ^ All<T>(std::numeric_limits<T>::max()));
}

// A signed sum overflows if both operands have the sign that it has not.
template <typename T>
inline V128 AddSat(V128 a, V128 b) {
  using U = BitsLane<T>;
  const V128 sum = Add<U>(a, b);
  if constexpr (std::is_unsigned_v<T>) {
    return sum | ToV128(As<T>(sum) < As<T>(a));
  } else {
    const V128 signs = (sum ^ a) & (sum ^ b);
    return Blend(ToV128(As<T>(signs) < Lanes<T>{}), LimitOfSign<T>(a), sum);
  }
}
template <typename T>
inline V128 SubSat(V128 a, V128 b) {
  using U = BitsLane<T>;
  const V128 difference = Sub<U>(a, b);
  if constexpr (std::is_unsigned_v<T>) {
    return difference & ToV128(As<T>(a) > As<T>(b));
  } else {
    const V128 signs = (a ^ b) & (a ^ difference);
    return Blend(ToV128(As<T>(signs) < Lanes<T>{}), LimitOfSign<T>(a),
                 difference);
  }
}

// (a + b + 1) / 2 without the overflow.
template <typename T>
inline V128 AvgrU(V128 a, V128 b) {
  return ToV128(As<T>(a | b) - (As<T>(a ^ b) >> 1));
}

// The products of the low or the high lanes, exact: lanes are twice as wide.
template <typename T, Half half>
inline V128 Extmul(V128 a, V128 b) {
  using U = BitsLane<WideLane<T>>;
  return Mul<U>(Extend<T, half>(a), Extend<T, half>(b));
}

// The even and the odd lanes, extended to twice their width.
template <typename T>
inline Lanes<WideLane<T>> EvenLanes(V128 a) {
  using Wide = WideLane<T>;
  constexpr int kBits = sizeof(T) * 8;
  const auto raised = As<BitsLane<Wide>>(a) << kBits;
  return std::bit_cast<Lanes<Wide>>(raised) >> kBits;
}
template <typename T>
inline Lanes<WideLane<T>> OddLanes(V128 a) {
  return As<WideLane<T>>(a) >> int{sizeof(T) * 8};
}

// Sums of neighbours, exact.
template <typename T>
inline V128 ExtaddPairwise(V128 a) {
  return ToV128(EvenLanes<T>(a) + OddLanes<T>(a));
}

// Products of neighbours' lanes: exact, as each fits the wider lane.
template <typename T>
inline V128 EvenProducts(V128 a, V128 b) {
  return ToV128(EvenLanes<T>(a) * EvenLanes<T>(b));
}
template <typename T>
inline V128 OddProducts(V128 a, V128 b) {
  return ToV128(OddLanes<T>(a) * OddLanes<T>(b));
}

// i32x4.dot_i16x8_s. The one sum that overflows, of two products of -2^15 and
// -2^15, wraps.
inline V128 Dot(V128 a, V128 b) {
  return Add<uint32_t>(EvenProducts<int16_t>(a, b), OddProducts<int16_t>(a, b));
}

// Products of fixed-point numbers with 15 fractional bits, rounded; only the
// square of -1 does not fit.
inline V128 Q15mulrSat(V128 a, V128 b) {
  const auto rounded = [](V128 products) {
    return ToV128((As<int32_t>(products) + (1 << 14)) >> 15);
  };
  return Narrow<int16_t>(rounded(Extmul<int16_t, Half::kLow>(a, b)),
                         rounded(Extmul<int16_t, Half::kHigh>(a, b)));
}

}  // namespace wasmd::eval::vector

#endif  // WASMD_INTERP_EVAL_VECTOR_INTEGER_H_

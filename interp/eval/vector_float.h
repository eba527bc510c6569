// Lanewise floating-point arithmetic (core specification, exec/numerics,
// "Floating-Point Operations"), in the deterministic profile as in float.h:
// every NaN that arithmetic makes is the positive canonical one. T is float or
// double. Products are not to be contracted with sums: compile with
// -ffp-contract=off.

#ifndef WASMD_INTERP_EVAL_VECTOR_FLOAT_H_
#define WASMD_INTERP_EVAL_VECTOR_FLOAT_H_

#include <cstdint>

#include "interp/eval/float.h"
#include "interp/eval/vector.h"

namespace wasmd::eval::vector {

// Makes the bits of `a` what they are: to the compiler the payload of a NaN
// that arithmetic made is any payload, and it would leave out replacing it.
inline void FixBits(V128& a) {
#if defined(__x86_64__)
  asm("" : "+x"(a));
#elif defined(__aarch64__)
  asm("" : "+w"(a));
#endif
}

template <typename T>
inline V128 Canonical(V128 a) {
  FixBits(a);
  const V128 is_number = ToV128(As<T>(a) == As<T>(a));
  return Blend(is_number, a, ToV128(All<T>(kCanonicalNan<T>)));
}

template <typename T>
inline V128 SignBits() {
  return ToV128(All<BitsLane<T>>(kSignBit<T>));
}

template <typename T>
inline V128 FAbs(V128 a) {
  return a & ~SignBits<T>();
}
template <typename T>
inline V128 FNeg(V128 a) {
  return a ^ SignBits<T>();
}
template <typename T>
inline V128 FCopysign(V128 a, V128 sign) {
  return Blend(SignBits<T>(), sign, a);
}

template <typename T>
inline V128 FAdd(V128 a, V128 b) {
  return Canonical<T>(ToV128(As<T>(a) + As<T>(b)));
}
template <typename T>
inline V128 FSub(V128 a, V128 b) {
  return Canonical<T>(ToV128(As<T>(a) - As<T>(b)));
}
template <typename T>
inline V128 FMul(V128 a, V128 b) {
  return Canonical<T>(ToV128(As<T>(a) * As<T>(b)));
}
template <typename T>
inline V128 FDiv(V128 a, V128 b) {
  return Canonical<T>(ToV128(As<T>(a) / As<T>(b)));
}
template <typename T>
inline V128 FSqrt(V128 a) {
  Lanes<T> lanes = As<T>(a);
  for (int i = 0; i < kLanes<T>; ++i) {
    if constexpr (sizeof(T) == 4) {
      lanes[i] = __builtin_sqrtf(lanes[i]);
    } else {
      lanes[i] = __builtin_sqrt(lanes[i]);
    }
  }
  return Canonical<T>(ToV128(lanes));
}

template <typename T>
inline V128 Unordered(V128 a, V128 b) {
  return ToV128((As<T>(a) != As<T>(a)) | (As<T>(b) != As<T>(b)));
}

// Equal operands differ at most in the sign of zero: the or of both is the
// smaller, the and is the greater one.
template <typename T>
inline V128 FMin(V128 a, V128 b) {
  const V128 equal = ToV128(As<T>(a) == As<T>(b));
  const V128 less = ToV128(As<T>(a) < As<T>(b));
  const V128 number = Blend(equal, a | b, Blend(less, a, b));
  return Blend(Unordered<T>(a, b), ToV128(All<T>(kCanonicalNan<T>)), number);
}
template <typename T>
inline V128 FMax(V128 a, V128 b) {
  const V128 equal = ToV128(As<T>(a) == As<T>(b));
  const V128 greater = ToV128(As<T>(a) > As<T>(b));
  const V128 number = Blend(equal, a & b, Blend(greater, a, b));
  return Blend(Unordered<T>(a, b), ToV128(All<T>(kCanonicalNan<T>)), number);
}

// One of the operands, whatever it is: the first unless the comparison holds.
template <typename T>
inline V128 Pmin(V128 a, V128 b) {
  return Blend(ToV128(As<T>(b) < As<T>(a)), b, a);
}
template <typename T>
inline V128 Pmax(V128 a, V128 b) {
  return Blend(ToV128(As<T>(a) < As<T>(b)), b, a);
}

// Adding and subtracting kWholeFrom rounds to the nearest whole number, ties to
// even, by the hardware's own rounding; from there on (and for infinities)
// floats are whole already. The sign is kept for results of 0.
template <typename T>
inline V128 FNearest(V128 a) {
  const V128 magnitude = FAbs<T>(a);
  const Lanes<T> raised = As<T>(magnitude) + kWholeFrom<T>;
  const V128 rounded = FCopysign<T>(ToV128(raised - kWholeFrom<T>), a);
  const V128 has_fraction = ToV128(As<T>(magnitude) < kWholeFrom<T>);
  return Canonical<T>(Blend(has_fraction, rounded, a));
}
// The nearest whole number is the wanted one, or off by one.
template <typename T>
inline V128 FFloor(V128 a) {
  const V128 nearest = FNearest<T>(a);
  const V128 above = ToV128(As<T>(nearest) > As<T>(a));
  return Blend(above, ToV128(As<T>(nearest) - T{1}), nearest);
}
template <typename T>
inline V128 FCeil(V128 a) {
  const V128 nearest = FNearest<T>(a);
  const V128 below = ToV128(As<T>(nearest) < As<T>(a));
  return Blend(below, FCopysign<T>(ToV128(As<T>(nearest) + T{1}), a), nearest);
}
template <typename T>
inline V128 FTrunc(V128 a) {
  const V128 is_number = ToV128(As<T>(a) == As<T>(a));
  const V128 whole = FCopysign<T>(FFloor<T>(FAbs<T>(a)), a);
  return Blend(is_number, whole, ToV128(All<T>(kCanonicalNan<T>)));
}

}  // namespace wasmd::eval::vector

#endif  // WASMD_INTERP_EVAL_VECTOR_FLOAT_H_

// The integer instructions as pure functions (core specification,
// exec/numerics, "Integer Operations"). T is uint32_t or uint64_t: Wasm
// integers have no sign of their own, so the signed instructions convert.
// Results of comparisons are i32.

#ifndef WASMD_INTERP_EVAL_INTEGER_H_
#define WASMD_INTERP_EVAL_INTEGER_H_

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "interp/eval/checked.h"

namespace wasmd::eval {

template <typename T>
constexpr std::make_signed_t<T> Signed(T x) {
  return static_cast<std::make_signed_t<T>>(x);
}

// Width in bits, and the mask that shift counts are taken with.
template <typename T>
inline constexpr unsigned kBits = sizeof(T) * 8;
template <typename T>
inline constexpr T kShiftMask = kBits<T> - 1;

template <typename T>
constexpr T Add(T a, T b) {
  return a + b;
}
template <typename T>
constexpr T Sub(T a, T b) {
  return a - b;
}
template <typename T>
constexpr T Mul(T a, T b) {
  return a * b;
}
template <typename T>
constexpr T And(T a, T b) {
  return a & b;
}
template <typename T>
constexpr T Or(T a, T b) {
  return a | b;
}
template <typename T>
constexpr T Xor(T a, T b) {
  return a ^ b;
}
template <typename T>
constexpr T Shl(T a, T b) {
  return a << (b & kShiftMask<T>);
}
template <typename T>
constexpr T ShrU(T a, T b) {
  return a >> (b & kShiftMask<T>);
}
template <typename T>
constexpr T ShrS(T a, T b) {
  return static_cast<T>(Signed(a) >> (b & kShiftMask<T>));
}
template <typename T>
constexpr T Rotl(T a, T b) {
  return std::rotl(a, static_cast<int>(b & kShiftMask<T>));
}
template <typename T>
constexpr T Rotr(T a, T b) {
  return std::rotr(a, static_cast<int>(b & kShiftMask<T>));
}

template <typename T>
constexpr Checked<T> DivU(T a, T b) {
  if (b == 0) return Checked<T>::Trapped(TrapKind::kIntegerDivideByZero);
  return {.value = static_cast<T>(a / b)};
}
template <typename T>
constexpr Checked<T> DivS(T a, T b) {
  if (b == 0) return Checked<T>::Trapped(TrapKind::kIntegerDivideByZero);
  if (Signed(b) == -1) {
    if (Signed(a) == std::numeric_limits<std::make_signed_t<T>>::min()) {
      return Checked<T>::Trapped(TrapKind::kIntegerOverflow);
    }
    return {.value = static_cast<T>(0 - a)};
  }
  return {.value = static_cast<T>(Signed(a) / Signed(b))};
}
template <typename T>
constexpr Checked<T> RemU(T a, T b) {
  if (b == 0) return Checked<T>::Trapped(TrapKind::kIntegerDivideByZero);
  return {.value = static_cast<T>(a % b)};
}
template <typename T>
constexpr Checked<T> RemS(T a, T b) {
  if (b == 0) return Checked<T>::Trapped(TrapKind::kIntegerDivideByZero);
  // The quotient of the most negative number by -1 does not exist; the
  // remainder does.
  if (Signed(b) == -1) return {.value = 0};
  return {.value = static_cast<T>(Signed(a) % Signed(b))};
}

template <typename T>
constexpr T Clz(T a) {
  return static_cast<T>(std::countl_zero(a));
}
template <typename T>
constexpr T Ctz(T a) {
  return static_cast<T>(std::countr_zero(a));
}
template <typename T>
constexpr T Popcnt(T a) {
  return static_cast<T>(std::popcount(a));
}
// Sign-extends the low bits of `a` that `Narrow` (a signed type) holds.
template <typename T, typename Narrow>
constexpr T Extend(T a) {
  return static_cast<T>(
      static_cast<std::make_signed_t<T>>(static_cast<Narrow>(a)));
}

template <typename T>
constexpr uint32_t Eqz(T a) {
  return a == 0;
}
template <typename T>
constexpr uint32_t Eq(T a, T b) {
  return a == b;
}
template <typename T>
constexpr uint32_t Ne(T a, T b) {
  return a != b;
}
template <typename T>
constexpr uint32_t LtU(T a, T b) {
  return a < b;
}
template <typename T>
constexpr uint32_t GtU(T a, T b) {
  return a > b;
}
template <typename T>
constexpr uint32_t LeU(T a, T b) {
  return a <= b;
}
template <typename T>
constexpr uint32_t GeU(T a, T b) {
  return a >= b;
}
template <typename T>
constexpr uint32_t LtS(T a, T b) {
  return Signed(a) < Signed(b);
}
template <typename T>
constexpr uint32_t GtS(T a, T b) {
  return Signed(a) > Signed(b);
}
template <typename T>
constexpr uint32_t LeS(T a, T b) {
  return Signed(a) <= Signed(b);
}
template <typename T>
constexpr uint32_t GeS(T a, T b) {
  return Signed(a) >= Signed(b);
}

}  // namespace wasmd::eval

#endif  // WASMD_INTERP_EVAL_INTEGER_H_

// The conversion instructions as pure functions (core specification,
// exec/numerics, "Conversions"). Integers are uint32_t or uint64_t; the sign of
// an instruction is a template argument.

#ifndef WASMD_INTERP_EVAL_CONVERSION_H_
#define WASMD_INTERP_EVAL_CONVERSION_H_

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "interp/eval/checked.h"
#include "interp/eval/float.h"

namespace wasmd::eval {

enum class Sign : uint8_t { kSigned, kUnsigned };

template <typename Int, Sign sign>
using IntOf =
    std::conditional_t<sign == Sign::kSigned, std::make_signed_t<Int>, Int>;

// The open interval of floats whose truncation fits the integer type. A bound
// that is no float itself is replaced by its neighbour, with <= for <.
template <typename Int, Sign sign, typename Float>
constexpr bool TruncFits(Float x) {
  // 2 to the number of value bits: a power of two, exact in every float.
  constexpr Float kHigh =
      static_cast<Float>(
          Int{1} << (std::numeric_limits<IntOf<Int, sign>>::digits - 1)) *
      2;
  if constexpr (sign == Sign::kUnsigned) {
    return x > Float{-1} && x < kHigh;
  } else if constexpr (std::numeric_limits<Float>::digits >
                       std::numeric_limits<IntOf<Int, sign>>::digits) {
    return x > -kHigh - Float{1} && x < kHigh;
  } else {
    return x >= -kHigh && x < kHigh;
  }
}

template <typename Int, Sign sign, typename Float>
constexpr Checked<Int> Trunc(Float x) {
  if (TruncFits<Int, sign>(x)) [[likely]] {
    return {.value = static_cast<Int>(static_cast<IntOf<Int, sign>>(x))};
  }
  return Checked<Int>::Trapped(x != x ? TrapKind::kInvalidConversionToInteger
                                      : TrapKind::kIntegerOverflow);
}

template <typename Int, Sign sign, typename Float>
constexpr Int TruncSat(Float x) {
  using Limits = std::numeric_limits<IntOf<Int, sign>>;
  if (TruncFits<Int, sign>(x)) [[likely]] {
    return static_cast<Int>(static_cast<IntOf<Int, sign>>(x));
  }
  if (x != x) return 0;
  return static_cast<Int>(x < 0 ? Limits::min() : Limits::max());
}

template <typename Float, Sign sign, typename Int>
constexpr Float Convert(Int x) {
  return static_cast<Float>(static_cast<IntOf<Int, sign>>(x));
}

constexpr float Demote(double x) { return Canonical(static_cast<float>(x)); }
constexpr double Promote(float x) { return Canonical(static_cast<double>(x)); }

constexpr uint32_t Wrap(uint64_t x) { return static_cast<uint32_t>(x); }
constexpr uint64_t ExtendS(uint32_t x) {
  return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(x)));
}
constexpr uint64_t ExtendU(uint32_t x) { return x; }

template <typename To, typename From>
constexpr To Reinterpret(From x) {
  return std::bit_cast<To>(x);
}

}  // namespace wasmd::eval

#endif  // WASMD_INTERP_EVAL_CONVERSION_H_

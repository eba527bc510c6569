// Conversions between lane types (core specification, exec/numerics,
// "Conversions"), in the deterministic profile.

#ifndef WASMD_INTERP_EVAL_VECTOR_CONVERSION_H_
#define WASMD_INTERP_EVAL_VECTOR_CONVERSION_H_

#include <cstdint>
#include <limits>
#include <type_traits>

#include "interp/eval/vector.h"
#include "interp/eval/vector_float.h"

namespace wasmd::eval::vector {

enum class Half : uint8_t { kLow, kHigh };

// Half of the lanes, an integer type, as lanes of twice the width.
template <typename T, Half half>
inline V128 Extend(V128 a) {
  const HalfLanes<T> lanes =
      half == Half::kLow ? LowHalf<T>(a) : HighHalf<T>(a);
  return ToV128(__builtin_convertvector(lanes, Lanes<WideLane<T>>));
}

// The lanes of `a`, then `b`, which are signed and of twice the width of T, as
// the nearest T.
template <typename T>
inline HalfLanes<T> NarrowHalf(V128 a) {
  using Wide = MaskLane<WideLane<T>>;
  using Limits = std::numeric_limits<T>;
  const Lanes<Wide> min = All<Wide>(Limits::min());
  const Lanes<Wide> max = All<Wide>(Limits::max());
  Lanes<Wide> lanes = As<Wide>(a);
  lanes = lanes < min ? min : lanes;
  lanes = lanes > max ? max : lanes;
  return __builtin_convertvector(lanes, HalfLanes<T>);
}
template <typename T>
inline V128 Narrow(V128 a, V128 b) {
  return JoinHalves(NarrowHalf<T>(a), NarrowHalf<T>(b));
}

// The truncated floats of a vector as T, 32 bits wide: 0 for NaN, the nearest T
// for what has none. Lanes out of range convert as 0, which is defined, and get
// their value afterwards. The result has as many lanes as `floats`.
template <typename T, typename Floats>
inline auto TruncSatLanes(Floats floats) {
  using Float = std::remove_cvref_t<decltype(floats[0])>;
  constexpr int kCount = sizeof(Floats) / sizeof(Float);
  using Ints = typename VectorType<T, kCount * sizeof(T)>::Type;
  using Masks = typename VectorType<MaskLane<T>, kCount * sizeof(T)>::Type;
  using Limits = std::numeric_limits<T>;
  // Both are exact: 0 or a power of two.
  constexpr Float kMin = static_cast<Float>(Limits::min());
  constexpr Float kEnd = static_cast<Float>(Limits::max() / 2 + 1) * 2;
  const auto low = floats < kMin;
  const auto high = floats >= kEnd;
  const Floats safe = (low | high | (floats != floats)) ? Floats{} : floats;
  const Ints inside = __builtin_convertvector(safe, Ints);
  const Ints low_mask =
      std::bit_cast<Ints>(__builtin_convertvector(low, Masks));
  const Ints high_mask =
      std::bit_cast<Ints>(__builtin_convertvector(high, Masks));
  return inside | (low_mask & Limits::min()) | (high_mask & Limits::max());
}

template <typename T>
inline V128 TruncSatF32(V128 a) {
  return ToV128(TruncSatLanes<T>(As<float>(a)));
}
// The upper lanes become 0.
template <typename T>
inline V128 TruncSatF64Zero(V128 a) {
  const HalfLanes<T> lanes = TruncSatLanes<T>(As<double>(a));
  return V128{std::bit_cast<uint64_t>(lanes), 0};
}

template <typename T>
inline V128 ConvertToF32(V128 a) {
  return ToV128(__builtin_convertvector(As<T>(a), Lanes<float>));
}
template <typename T>
inline V128 ConvertLowToF64(V128 a) {
  return ToV128(__builtin_convertvector(LowHalf<T>(a), Lanes<double>));
}

inline V128 DemoteZero(V128 a) {
  const auto lanes = __builtin_convertvector(As<double>(a), HalfLanes<float>);
  return Canonical<float>(V128{std::bit_cast<uint64_t>(lanes), 0});
}
inline V128 PromoteLow(V128 a) {
  return Canonical<double>(
      ToV128(__builtin_convertvector(LowHalf<float>(a), Lanes<double>)));
}

}  // namespace wasmd::eval::vector

#endif  // WASMD_INTERP_EVAL_VECTOR_CONVERSION_H_

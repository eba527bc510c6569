// For tests: vector instructions as plain loops over lanes, the inputs worth
// trying, and tables of both to compare with the real ones.

#ifndef WASMD_INTERP_EVAL_VECTOR_MODEL_H_
#define WASMD_INTERP_EVAL_VECTOR_MODEL_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "interp/eval/vector.h"

namespace wasmd::eval::vector {

template <typename T>
using LaneArray = std::array<T, 16 / sizeof(T)>;
using Words = std::array<uint64_t, 2>;

template <typename T>
LaneArray<T> ToArray(V128 v) {
  return std::bit_cast<LaneArray<T>>(v);
}
template <typename T>
V128 FromArray(const LaneArray<T>& lanes) {
  return std::bit_cast<V128>(lanes);
}

template <typename T>
std::vector<T> EdgeValues() {
  if constexpr (std::is_integral_v<T>) {
    constexpr T kMin = std::numeric_limits<std::make_signed_t<T>>::min();
    constexpr T kMax = std::numeric_limits<std::make_signed_t<T>>::max();
    constexpr auto kAlternating = static_cast<T>(0x5555555555555555);
    return {T{0},
            T{1},
            T{2},
            T{15},
            T{16},
            T{127},
            static_cast<T>(-1),
            static_cast<T>(-2),
            static_cast<T>(-128),
            static_cast<T>(1) << (sizeof(T) * 4),
            kMin,
            static_cast<T>(kMin + 1),
            kMax,
            static_cast<T>(kMax - 1),
            kAlternating,
            static_cast<T>(~kAlternating)};
  } else {
    using Limits = std::numeric_limits<T>;
    using Bits = BitsLane<T>;
    constexpr Bits kInfinityBits = std::bit_cast<Bits>(Limits::infinity());
    constexpr T kWhole = T{1} / Limits::epsilon();
    std::vector<T> values = {
        T{0},
        T{0.25},
        T{0.5},
        T{0.75},
        T{1},
        T{1.5},
        T{2},
        T{2.5},
        T{3.5},
        T{1} - Limits::epsilon(),
        T{0.5} - Limits::epsilon() / 4,
        Limits::denorm_min(),
        Limits::min(),
        Limits::max(),
        Limits::infinity(),
        kWhole,
        kWhole - T{0.5},
        kWhole / 2 - T{0.5},
        T{2147483648.0},
        T{2147483647.0},
        T{2147483648.5},
        T{4294967295.0},
        T{4294967295.5},
        T{4294967296.0},
        std::bit_cast<T>(static_cast<Bits>(kInfinityBits + 1)),  // signalling
        Limits::quiet_NaN(),
        std::bit_cast<T>(
            static_cast<Bits>(std::bit_cast<Bits>(Limits::quiet_NaN()) + 5)),
    };
    for (size_t i = 0, size = values.size(); i < size; ++i) {
      const auto bits = std::bit_cast<Bits>(values[i]);
      values.push_back(std::bit_cast<T>(
          static_cast<Bits>(bits | Bits{1} << (sizeof(T) * 8 - 1))));
    }
    return values;
  }
}

// Vectors that have each edge value of T in each lane, and random ones. Over
// all pairs of them, each pair of edge values meets.
template <typename T>
std::vector<V128> Inputs() {
  const std::vector<T> edges = EdgeValues<T>();
  std::vector<V128> inputs;
  for (size_t first = 0; first < edges.size(); ++first) {
    LaneArray<T> lanes;
    for (size_t i = 0; i < lanes.size(); ++i) {
      lanes[i] = edges[(first + i) % edges.size()];
    }
    inputs.push_back(FromArray<T>(lanes));
  }
  std::mt19937_64 random(12345);
  for (int i = 0; i < 24; ++i) inputs.push_back(V128{random(), random()});
  return inputs;
}

using UnaryModel = std::function<V128(V128)>;
using BinaryModel = std::function<V128(V128, V128)>;

// `model` on each lane, from lanes of T to as many of Result.
template <typename T, typename Result = T, typename F>
UnaryModel EachLane(F model) {
  return [model](V128 a) {
    const LaneArray<T> x = ToArray<T>(a);
    LaneArray<Result> result;
    for (size_t i = 0; i < x.size(); ++i) {
      result[i] = static_cast<Result>(model(x[i]));
    }
    return FromArray<Result>(result);
  };
}
template <typename T, typename Result = T, typename F>
BinaryModel EachPair(F model) {
  return [model](V128 a, V128 b) {
    const LaneArray<T> x = ToArray<T>(a);
    const LaneArray<T> y = ToArray<T>(b);
    LaneArray<Result> result;
    for (size_t i = 0; i < x.size(); ++i) {
      result[i] = static_cast<Result>(model(x[i], y[i]));
    }
    return FromArray<Result>(result);
  };
}

// The bits of a result of arithmetic, in the deterministic profile. Not by a
// comparison of floats: compilers may take any NaN for another.
template <typename T>
BitsLane<T> CanonicalBits(T x) {
  const auto bits = std::bit_cast<BitsLane<T>>(x);
  constexpr auto kInfinity =
      std::bit_cast<BitsLane<T>>(std::numeric_limits<T>::infinity());
  constexpr BitsLane<T> kMagnitude = ~BitsLane<T>{0} >> 1;
  return (bits & kMagnitude) <= kInfinity ? bits : kInfinity | kInfinity >> 1;
}

struct UnaryCase {
  const char* name;
  V128 (*function)(V128);
  UnaryModel model;
  std::vector<V128> inputs;
};
struct BinaryCase {
  const char* name;
  V128 (*function)(V128, V128);
  BinaryModel model;
  std::vector<V128> inputs;
};

// The inputs are Inputs<T>().
template <typename T>
UnaryCase Unary(const char* name, V128 (*function)(V128), UnaryModel model) {
  return {name, function, std::move(model), Inputs<T>()};
}
template <typename T>
BinaryCase Binary(const char* name, V128 (*function)(V128, V128),
                  BinaryModel model) {
  return {name, function, std::move(model), Inputs<T>()};
}

inline std::string Hex(V128 v) {
  char text[36];
  std::snprintf(text, sizeof(text), "%016llx_%016llx",
                static_cast<unsigned long long>(v[1]),
                static_cast<unsigned long long>(v[0]));
  return text;
}

inline void Check(const std::vector<UnaryCase>& cases) {
  for (const UnaryCase& c : cases) {
    for (const V128 a : c.inputs) {
      ASSERT_EQ(Hex(c.function(a)), Hex(c.model(a)))
          << c.name << " of " << Hex(a);
    }
  }
}
inline void Check(const std::vector<BinaryCase>& cases) {
  for (const BinaryCase& c : cases) {
    for (const V128 a : c.inputs) {
      for (const V128 b : c.inputs) {
        ASSERT_EQ(Hex(c.function(a, b)), Hex(c.model(a, b)))
            << c.name << " of " << Hex(a) << ", " << Hex(b);
      }
    }
  }
}

}  // namespace wasmd::eval::vector

#endif  // WASMD_INTERP_EVAL_VECTOR_MODEL_H_

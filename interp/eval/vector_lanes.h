// Instructions that move lanes without looking at them (core specification,
// exec/instructions, "Vector Instructions"). Lane indices are in range, as
// validation has it.

#ifndef WASMD_INTERP_EVAL_VECTOR_LANES_H_
#define WASMD_INTERP_EVAL_VECTOR_LANES_H_

#include <cstdint>

#include "interp/eval/vector.h"

namespace wasmd::eval::vector {

// Immediates of instructions, told apart from their operands by type.
struct LaneIndex {
  uint32_t value;
};
struct Immediate128 {
  V128 value;
};

inline V128 Const(Immediate128 x) { return x.value; }

// `a` if the condition is not 0.
inline V128 Select(V128 a, V128 b, uint32_t condition) {
  return condition != 0 ? a : b;
}

// The low bits of an operand, or a float as it is, in every lane.
template <typename T, typename Operand>
inline V128 Splat(Operand x) {
  return ToV128(All<T>(static_cast<T>(x)));
}

// A signed T extends its sign into the result.
template <typename T, typename Result>
inline Result ExtractLane(V128 a, LaneIndex lane) {
  return static_cast<Result>(As<T>(a)[lane.value]);
}
template <typename T, typename Operand>
inline V128 ReplaceLane(V128 a, Operand x, LaneIndex lane) {
  Lanes<T> lanes = As<T>(a);
  lanes[lane.value] = static_cast<T>(x);
  return ToV128(lanes);
}

// Lane i of the result is the lane of `a`, then `b`, that indices[i] < 32 says.
inline V128 Shuffle(V128 a, V128 b, Immediate128 indices) {
  struct Bytes {
    uint8_t at[32];
  };
  struct Pair {
    V128 a, b;
  };
  const Bytes from = std::bit_cast<Bytes>(Pair{a, b});
  const Lanes<uint8_t> index = As<uint8_t>(indices.value);
  Lanes<uint8_t> result;
  for (int i = 0; i < kLanes<uint8_t>; ++i) {
    result[i] = from.at[index[i] & 31];
  }
  return ToV128(result);
}

// Lane i of the result is the lane of `a` that b[i] says; 0 if there is none.
inline V128 Swizzle(V128 a, V128 b) {
  const Lanes<uint8_t> index = As<uint8_t>(b);
  const V128 in_range = ToV128(index < All<uint8_t>(kLanes<uint8_t>));
  const V128 indices = ToV128(index & All<uint8_t>(kLanes<uint8_t> - 1));
  return Shuffle(a, a, {indices}) & in_range;
}

// What a load of fewer than 16 bytes makes of them; splats are above, extending
// loads are Extend of vector_conversion.h.
template <typename T>
inline V128 ZeroExtend(T bits) {
  return V128{bits, 0};
}

}  // namespace wasmd::eval::vector

#endif  // WASMD_INTERP_EVAL_VECTOR_LANES_H_

// Relaxed vector instructions (core specification, exec/numerics, "Relaxed
// Operations"). In the deterministic profile every parameter of theirs is 0:
// most are then an instruction that there is anyway, and only those that are
// not are here:
//   relaxed_swizzle    = swizzle          relaxed_min, _max = min, max
//   relaxed_trunc      = trunc_sat        relaxed_q15mulr_s = q15mulr_sat_s
//   relaxed_laneselect = v128.bitselect

#ifndef WASMD_INTERP_EVAL_VECTOR_RELAXED_H_
#define WASMD_INTERP_EVAL_VECTOR_RELAXED_H_

#include "interp/eval/vector.h"
#include "interp/eval/vector_float.h"
#include "interp/eval/vector_integer.h"

namespace wasmd::eval::vector {

// Rounded twice, not fused.
template <typename T>
inline V128 RelaxedMadd(V128 a, V128 b, V128 c) {
  return FAdd<T>(FMul<T>(a, b), c);
}
template <typename T>
inline V128 RelaxedNmadd(V128 a, V128 b, V128 c) {
  return FAdd<T>(FMul<T>(FNeg<T>(a), b), c);
}

// i16x8.relaxed_dot_i8x16_i7x16_s, with signed lanes of both operands and a
// saturated sum.
inline V128 RelaxedDot(V128 a, V128 b) {
  return AddSat<int16_t>(EvenProducts<int8_t>(a, b), OddProducts<int8_t>(a, b));
}
inline V128 RelaxedDotAdd(V128 a, V128 b, V128 c) {
  return Add<uint32_t>(ExtaddPairwise<int16_t>(RelaxedDot(a, b)), c);
}

}  // namespace wasmd::eval::vector

#endif  // WASMD_INTERP_EVAL_VECTOR_RELAXED_H_

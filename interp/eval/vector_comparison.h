// Lanewise comparisons: all ones for true, all zeros for false (core
// specification, exec/numerics). T is a signed or unsigned integer or a float.

#ifndef WASMD_INTERP_EVAL_VECTOR_COMPARISON_H_
#define WASMD_INTERP_EVAL_VECTOR_COMPARISON_H_

#include "interp/eval/vector.h"

namespace wasmd::eval::vector {

template <typename T>
inline V128 Eq(V128 a, V128 b) {
  return ToV128(As<T>(a) == As<T>(b));
}
template <typename T>
inline V128 Ne(V128 a, V128 b) {
  return ToV128(As<T>(a) != As<T>(b));
}
template <typename T>
inline V128 Lt(V128 a, V128 b) {
  return ToV128(As<T>(a) < As<T>(b));
}
template <typename T>
inline V128 Gt(V128 a, V128 b) {
  return ToV128(As<T>(a) > As<T>(b));
}
template <typename T>
inline V128 Le(V128 a, V128 b) {
  return ToV128(As<T>(a) <= As<T>(b));
}
template <typename T>
inline V128 Ge(V128 a, V128 b) {
  return ToV128(As<T>(a) >= As<T>(b));
}

}  // namespace wasmd::eval::vector

#endif  // WASMD_INTERP_EVAL_VECTOR_COMPARISON_H_

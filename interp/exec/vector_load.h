// What vector loads make of the bytes that they read.

#ifndef WASMD_INTERP_EXEC_VECTOR_LOAD_H_
#define WASMD_INTERP_EXEC_VECTOR_LOAD_H_

#include "interp/eval/vector_conversion.h"
#include "interp/eval/vector_lanes.h"
#include "interp/exec/vector.h"

namespace wasmd::WASMD_BACKEND {

inline V128 Whole(V128 bytes) { return bytes; }
template <typename T>
inline V128 Splat(T bytes) {
  return eval::vector::Splat<T>(bytes);
}
template <typename T>
inline V128 Zero(T bytes) {
  return eval::vector::ZeroExtend(bytes);
}
template <typename T>
inline V128 Extend(uint64_t bytes) {
  return eval::vector::Extend<T, eval::vector::Half::kLow>(V128{bytes, 0});
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_VECTOR_LOAD_H_

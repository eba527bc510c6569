// Value: a WebAssembly value with its type, for the borders of the interpreter
// (arguments, results, canonical frames). Inside, values are bare slots.

#ifndef WASMD_INTERP_VALUE_H_
#define WASMD_INTERP_VALUE_H_

#include <string>

#include "interp/reference.h"
#include "interp/slot.h"
#include "wasm/types.h"

namespace wasmd {

struct Value {
  // A concrete heap type in here is an index of the module that the context
  // names (for a frame: the frame's module).
  ValueType type;
  Slot low = 0;
  Slot high = 0;  // the upper 64 bits of a v128, else 0

  template <typename T>
  T As() const {
    return FromSlot<T>(low);
  }
  friend bool operator==(const Value&, const Value&) = default;
};

inline Value I32Value(uint32_t v) { return {kI32Type, ToSlot(v)}; }
inline Value I64Value(uint64_t v) { return {kI64Type, ToSlot(v)}; }
inline Value F32Value(float v) { return {kF32Type, ToSlot(v)}; }
inline Value F64Value(double v) { return {kF64Type, ToSlot(v)}; }
inline Value V128Value(Slot low, Slot high) { return {kV128Type, low, high}; }

// "i32:42", "f64:1.5", "funcref:null", "funcref:17".
std::string ToString(const Value& value);

}  // namespace wasmd

#endif  // WASMD_INTERP_VALUE_H_

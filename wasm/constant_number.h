// Constant expressions that are one number, as nearly all offsets of segments
// are: large modules have tens of thousands of them. What reads, validates or
// evaluates any constant expression looks here first.

#ifndef WASMD_WASM_CONSTANT_NUMBER_H_
#define WASMD_WASM_CONSTANT_NUMBER_H_

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "wasm/types.h"

namespace wasmd {

struct ConstantNumber {
  ValueType type;           // i32 or i64
  uint64_t bits = 0;        // an i32 zero-extended
  uint32_t size_bytes = 0;  // of the expression, its end included
};

// What `bytes` begin with, if it is such an expression: i32.const or i64.const
// and end. Nothing if it is another one, or malformed.
std::optional<ConstantNumber> ReadConstantNumber(ByteSpan bytes);

}  // namespace wasmd

#endif  // WASMD_WASM_CONSTANT_NUMBER_H_

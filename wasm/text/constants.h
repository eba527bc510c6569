// Constants as instructions and scripts write them: i32.const, f64.const,
// v128.const (core specification, text/instructions). Errors go to the cursor.

#ifndef WASMD_WASM_TEXT_CONSTANTS_H_
#define WASMD_WASM_TEXT_CONSTANTS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wasm/text/token_cursor.h"

namespace wasmd::text {

// The lanes of a vector.
struct VectorShape {
  std::string_view name;  // "i8x16"
  unsigned lane_bits;
  unsigned lane_count;
  bool is_float;
};

// An iN or fN literal of `width` bits, as its bits; 0 after an error.
uint64_t ParseIntegerLiteral(TokenCursor& cursor, unsigned width);
uint64_t ParseFloatLiteral(TokenCursor& cursor, unsigned width);

// A shape, or null after an error.
const VectorShape* ParseVectorShape(TokenCursor& cursor);

// Puts a lane's bits in place, little-endian.
void SetLane(const VectorShape& shape, unsigned lane, uint64_t bits,
             std::array<uint8_t, 16>* bytes);

// A shape and its lanes.
std::array<uint8_t, 16> ParseVectorLiteral(TokenCursor& cursor);

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_CONSTANTS_H_

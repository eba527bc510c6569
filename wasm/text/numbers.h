// Number literals of the text format (core specification, text/values).

#ifndef WASMD_WASM_TEXT_NUMBERS_H_
#define WASMD_WASM_TEXT_NUMBERS_H_

#include <cstdint>
#include <string_view>

namespace wasmd::text {

enum class NumberError : uint8_t {
  kNone,
  kSyntax,      // not a number of this kind
  kOutOfRange,  // "constant out of range"
};

// A parsed literal; `bits` is 0 on error.
struct NumberResult {
  uint64_t bits = 0;
  NumberError error = NumberError::kNone;

  bool ok() const { return error == NumberError::kNone; }
};

// uN: no sign, decimal or 0x, underscores between digits; below 2^width.
NumberResult ParseUnsigned(std::string_view text, unsigned width);

// iN: an uN or a signed sN, -2^(width-1) at least; the result is the two's
// complement in `width` bits, upper bits zero.
NumberResult ParseInteger(std::string_view text, unsigned width);

// fN: decimal or hexadecimal of any length, inf, nan, nan:0xN. Rounded once, to
// nearest with ties to even, directly to the width asked for. A finite literal
// that rounds to infinity, or a NaN payload that is 0 or does not fit, is out
// of range. The result is the IEEE 754 bits.
NumberResult ParseF32(std::string_view text);
NumberResult ParseF64(std::string_view text);

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_NUMBERS_H_

// LEB128 integers as the WebAssembly binary format defines them (core
// specification, binary/values, "Integers"): at most ceil(bits / 7) bytes, and
// the unused bits of the last byte must be a zero or sign extension. Padded
// encodings within these bounds are accepted.

#ifndef WASMD_BASE_LEB128_H_
#define WASMD_BASE_LEB128_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace wasmd {

enum class Leb128Error : uint8_t {
  kNone,
  kTruncated,  // the input ends inside the integer
  kTooLong,    // "integer representation too long"
  kTooLarge,   // "integer too large"
};

template <typename T>
struct Leb128Result {
  T value = 0;
  size_t size_bytes = 0;  // consumed; 0 on error
  Leb128Error error = Leb128Error::kNone;
};

// Reads an unsigned integer of `kBits` bits from the front of `bytes`.
template <typename T, unsigned kBits = sizeof(T) * 8>
Leb128Result<T> ReadUnsignedLeb128(ByteSpan bytes) {
  constexpr unsigned kMaxBytes = (kBits + 6) / 7;
  constexpr unsigned kLastBits = kBits - 7 * (kMaxBytes - 1);
  uint64_t value = 0;
  for (unsigned i = 0; i < kMaxBytes; ++i) {
    if (i >= bytes.size()) return {.error = Leb128Error::kTruncated};
    const uint8_t byte = bytes[i];
    if (i == kMaxBytes - 1) {
      if (byte & 0x80) return {.error = Leb128Error::kTooLong};
      if (byte >> kLastBits) return {.error = Leb128Error::kTooLarge};
    }
    value |= static_cast<uint64_t>(byte & 0x7F) << (7 * i);
    if (!(byte & 0x80)) return {static_cast<T>(value), i + 1};
  }
  return {.error = Leb128Error::kTooLong};
}

// Reads a signed integer of `kBits` bits (33 for block and heap types).
template <typename T, unsigned kBits = sizeof(T) * 8>
Leb128Result<T> ReadSignedLeb128(ByteSpan bytes) {
  constexpr unsigned kMaxBytes = (kBits + 6) / 7;
  constexpr unsigned kLastBits = kBits - 7 * (kMaxBytes - 1);
  uint64_t value = 0;
  for (unsigned i = 0; i < kMaxBytes; ++i) {
    if (i >= bytes.size()) return {.error = Leb128Error::kTruncated};
    const uint8_t byte = bytes[i];
    if (i == kMaxBytes - 1) {
      if (byte & 0x80) return {.error = Leb128Error::kTooLong};
      // The sign bit and all bits above it in the last byte must agree.
      const uint8_t high = static_cast<uint8_t>(byte >> (kLastBits - 1));
      const uint8_t ones = static_cast<uint8_t>(0x7F >> (kLastBits - 1));
      if (high != 0 && high != ones) return {.error = Leb128Error::kTooLarge};
    }
    const unsigned shift = 7 * i;
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (!(byte & 0x80)) {
      if (shift + 7 < 64 && (byte & 0x40)) value |= ~uint64_t{0} << (shift + 7);
      return {static_cast<T>(static_cast<int64_t>(value)), i + 1};
    }
  }
  return {.error = Leb128Error::kTooLong};
}

// Appends the shortest encoding.
inline void AppendUnsignedLeb128(std::string* out, uint64_t value) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

inline void AppendSignedLeb128(std::string* out, int64_t value) {
  while (value < -0x40 || value >= 0x40) {
    out->push_back(static_cast<char>((value & 0x7F) | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value & 0x7F));
}

}  // namespace wasmd

#endif  // WASMD_BASE_LEB128_H_

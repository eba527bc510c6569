// Byte ranges, and little-endian loads and stores at any alignment.

#ifndef WASMD_BASE_BYTES_H_
#define WASMD_BASE_BYTES_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace wasmd {

static_assert(std::endian::native == std::endian::little,
              "guest memory is little-endian and is accessed in place");

// A borrowed range of bytes, valid as long as its owner says.
using ByteSpan = std::span<const uint8_t>;
using MutableByteSpan = std::span<uint8_t>;

inline ByteSpan AsBytes(std::string_view text) {
  return ByteSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

inline std::string_view AsText(ByteSpan bytes) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()),
                          bytes.size());
}

// Reads a T from `at`, which needs no alignment and must have sizeof(T) bytes.
template <typename T>
requires std::is_trivially_copyable_v<T>
[[gnu::always_inline]] inline T LoadLittle(const void* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

template <typename T>
requires std::is_trivially_copyable_v<T>
[[gnu::always_inline]] inline void StoreLittle(void* at, T value) {
  std::memcpy(at, &value, sizeof(T));
}

}  // namespace wasmd

#endif  // WASMD_BASE_BYTES_H_

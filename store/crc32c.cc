#include "store/crc32c.h"

#include <array>
#include <cstddef>

namespace wasmd {
namespace {

constexpr std::array<uint32_t, 256> MakeTable() {
  constexpr uint32_t kPolynomial = 0x82F63B78;  // reflected
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? value >> 1 ^ kPolynomial : value >> 1;
    }
    table[i] = value;
  }
  return table;
}

uint32_t ExtendByTable(uint32_t state, ByteSpan bytes) {
  static constexpr std::array<uint32_t, 256> kTable = MakeTable();
  for (const uint8_t byte : bytes) {
    state = kTable[(state ^ byte) & 0xFF] ^ state >> 8;
  }
  return state;
}

#if defined(__x86_64__)
[[gnu::target("sse4.2")]] uint32_t ExtendByInstruction(uint32_t state,
                                                       ByteSpan bytes) {
  size_t i = 0;
  uint64_t wide = state;
  for (; i + 8 <= bytes.size(); i += 8) {
    wide = __builtin_ia32_crc32di(wide, LoadLittle<uint64_t>(&bytes[i]));
  }
  state = static_cast<uint32_t>(wide);
  for (; i < bytes.size(); ++i) {
    state = __builtin_ia32_crc32qi(state, bytes[i]);
  }
  return state;
}
#endif

}  // namespace

uint32_t ExtendCrc32c(uint32_t crc, ByteSpan bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) {
    return ~ExtendByInstruction(~crc, bytes);
  }
#endif
  return ~ExtendByTable(~crc, bytes);
}

}  // namespace wasmd

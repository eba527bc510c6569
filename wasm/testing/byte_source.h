// ByteSource: decisions out of bytes, for generators that fuzzers drive. When
// the bytes are used up every decision is 0, which generators have to take for
// "no more".

#ifndef WASMD_WASM_TESTING_BYTE_SOURCE_H_
#define WASMD_WASM_TESTING_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace wasmd::testing {

class ByteSource {
 public:
  explicit ByteSource(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ >= bytes_.size(); }
  uint8_t Byte() { return at_end() ? uint8_t{0} : bytes_[at_++]; }
  // Below `count`, which is not 0. Two bytes where one is too few.
  uint32_t Pick(size_t count) {
    uint32_t value = Byte();
    if (count > 256) value |= static_cast<uint32_t>(Byte()) << 8;
    return value % static_cast<uint32_t>(count);
  }
  bool OneIn(uint32_t count) { return Pick(count) == 1; }
  uint64_t Bits(int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | Byte();
    return value;
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

}  // namespace wasmd::testing

#endif  // WASMD_WASM_TESTING_BYTE_SOURCE_H_

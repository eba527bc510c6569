// Values of the store as they are on disk (docs/store-format.md):
//
//   value := codec (1 byte) payload checksum (8 bytes, little-endian)
//
// The checksum is XXH3-64 of the payload, seeded with a hash of codec and key,
// so that a value found under another key does not pass either. In an encrypted
// store (value_cipher.h), after the codec, which has its highest bit set, comes
// what the cipher makes of the payload; its tag is the checksum.

#ifndef WASMD_STORE_VALUE_H_
#define WASMD_STORE_VALUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/key.h"
#include "store/value_cipher.h"

namespace wasmd {

// Persisted.
enum class Codec : uint8_t {
  kRaw = 0,  // payload: the bytes
  kLz4 = 1,  // payload: their number (LEB128), then an LZ4 block
};

enum class Compression : uint8_t { kNone, kLz4 };

// The largest value that is stored or believed.
inline constexpr size_t kMaxValueBytes = size_t{1} << 30;

// Makes values. Keeps a buffer for compression; confined to one thread.
class ValueSealer {
 public:
  // `cipher` outlives this; null: values are plain.
  explicit ValueSealer(const ValueCipher* cipher = nullptr) : cipher_(cipher) {}

  // The parts of the value, to be written one after the other; they borrow from
  // `payload` and from this, until the next call. Compressed only if that saves
  // an eighth. At most kMaxValueBytes.
  using Parts = std::array<std::string_view, 3>;
  Parts Seal(std::string_view key, ByteSpan payload, Compression compression);

 private:
  // The payload with LZ4 in buffer_; empty if it does not pay.
  std::string_view Compress(ByteSpan payload);

  const ValueCipher* const cipher_;
  std::unique_ptr<char[]> buffer_;  // only written as far as is needed
  size_t buffer_bytes_ = 0;
  std::string encrypted_;
  char codec_ = 0;
  std::array<char, 8> checksum_;
};

// A whole value, plain and not compressed.
std::string SealSmall(std::string_view key, ByteSpan payload);

// The bytes in a value, at most `max_bytes`; they borrow from `value` or from
// `buffer`, which is overwritten. DataLoss, naming what `key` stands for, if
// the value is not what was sealed under this key. With a cipher, a plain value
// is damaged too, but for the few that are plain in every store.
absl::StatusOr<ByteSpan> Unseal(std::string_view key, std::string_view value,
                                size_t max_bytes, std::string* buffer,
                                const ValueCipher* cipher = nullptr);

// DataLoss: what `key` stands for is damaged, and how.
absl::Status DamagedValue(std::string_view key, std::string_view how);

}  // namespace wasmd

#endif  // WASMD_STORE_VALUE_H_

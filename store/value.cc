#include "store/value.h"

#include <lz4.h>
#include <xxhash.h>

#include <cstring>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/leb128.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

constexpr size_t kOverhead = 1 + 8;  // codec, checksum
// LZ4 cannot make more than this of one byte.
constexpr size_t kLz4MaxRatio = 255;
// Below this, compression saves less than a cache line.
constexpr size_t kMinCompressBytes = 256;
// Of the codec of a value that is encrypted.
constexpr uint8_t kEncrypted = 0x80;

uint64_t Checksum(Codec codec, std::string_view key, std::string_view payload) {
  const uint64_t seed = XXH3_64bits_withSeed(key.data(), key.size(),
                                             static_cast<uint64_t>(codec));
  return XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
}

// Who has no key must be able to tell which wasmd is needed.
bool IsAlwaysPlain(std::string_view key) {
  return key == MakeMetaKey(kFormatFact);
}

// What is in the payload of a value.
absl::StatusOr<ByteSpan> Unpack(std::string_view key, Codec codec,
                                std::string_view payload, size_t max_bytes,
                                std::string* buffer) {
  if (codec == Codec::kRaw) {
    if (payload.size() > max_bytes) {
      return DamagedValue(key, "it is too large");
    }
    return AsBytes(payload);
  }
  if (codec != Codec::kLz4) {
    return absl::UnimplementedError(
        StrCat(DescribeKey(key), " has the unknown codec ",
               static_cast<int>(codec), ": use the wasmd that wrote it"));
  }
  const auto size = ReadUnsignedLeb128<uint64_t>(AsBytes(payload));
  const std::string_view block = payload.substr(size.size_bytes);
  if (size.error != Leb128Error::kNone || size.value > max_bytes ||
      size.value > block.size() * kLz4MaxRatio) {
    return DamagedValue(key, "its size is wrong");
  }
  buffer->resize(size.value);
  const int made = LZ4_decompress_safe(block.data(), buffer->data(),
                                       static_cast<int>(block.size()),
                                       static_cast<int>(size.value));
  if (made < 0 || static_cast<uint64_t>(made) != size.value) {
    return DamagedValue(key, "it does not decompress");
  }
  return AsBytes(*buffer);
}

absl::StatusOr<ByteSpan> UnsealEncrypted(std::string_view key,
                                         std::string_view value,
                                         size_t max_bytes, std::string* buffer,
                                         const ValueCipher& cipher) {
  const char codec = value.empty() ? 0 : value.front();
  if ((static_cast<uint8_t>(codec) & kEncrypted) == 0) {
    return DamagedValue(key, "it is not encrypted");
  }
  std::string text;
  if (!cipher.Decrypt(codec, key, value.substr(1), &text)) {
    return DamagedValue(key, "its authentication tag is wrong");
  }
  const auto plain_codec =
      static_cast<Codec>(static_cast<uint8_t>(codec) & ~kEncrypted);
  if (plain_codec != Codec::kRaw) {
    return Unpack(key, plain_codec, text, max_bytes, buffer);
  }
  buffer->swap(text);
  return Unpack(key, plain_codec, *buffer, max_bytes, buffer);
}

}  // namespace

std::string_view ValueSealer::Compress(ByteSpan payload) {
  std::string header;
  AppendUnsignedLeb128(&header, payload.size());
  const size_t limit = payload.size() - payload.size() / 8;
  if (buffer_bytes_ < header.size() + limit) {
    buffer_bytes_ = header.size() + limit;
    buffer_ = std::make_unique_for_overwrite<char[]>(buffer_bytes_);
  }
  std::memcpy(buffer_.get(), header.data(), header.size());
  const int size = LZ4_compress_default(
      reinterpret_cast<const char*>(payload.data()),
      buffer_.get() + header.size(), static_cast<int>(payload.size()),
      static_cast<int>(limit));
  if (size <= 0) return {};
  return {buffer_.get(), header.size() + static_cast<size_t>(size)};
}

ValueSealer::Parts ValueSealer::Seal(std::string_view key, ByteSpan payload,
                                     Compression compression) {
  CHECK(payload.size() <= kMaxValueBytes);
  Codec codec = Codec::kRaw;
  std::string_view stored = AsText(payload);
  // What is encrypted nobody can compress later.
  if ((compression == Compression::kLz4 || cipher_ != nullptr) &&
      payload.size() >= kMinCompressBytes) {
    if (const std::string_view compressed = Compress(payload);
        !compressed.empty()) {
      codec = Codec::kLz4;
      stored = compressed;
    }
  }
  if (cipher_ != nullptr && !IsAlwaysPlain(key)) {
    codec_ = static_cast<char>(static_cast<uint8_t>(codec) | kEncrypted);
    cipher_->Encrypt(codec_, key, stored, &encrypted_);
    return {std::string_view(&codec_, 1), encrypted_, std::string_view()};
  }
  codec_ = static_cast<char>(codec);
  StoreLittle(checksum_.data(), Checksum(codec, key, stored));
  return {std::string_view(&codec_, 1), stored,
          std::string_view(checksum_.data(), checksum_.size())};
}

std::string SealSmall(std::string_view key, ByteSpan payload) {
  ValueSealer sealer;
  std::string value;
  for (const std::string_view part :
       sealer.Seal(key, payload, Compression::kNone)) {
    value.append(part);
  }
  return value;
}

absl::Status DamagedValue(std::string_view key, std::string_view how) {
  return absl::DataLossError(StrCat(DescribeKey(key), " is damaged (", how,
                                    "): restore the store from a backup"));
}

absl::StatusOr<ByteSpan> Unseal(std::string_view key, std::string_view value,
                                size_t max_bytes, std::string* buffer,
                                const ValueCipher* cipher) {
  if (cipher != nullptr && !IsAlwaysPlain(key)) {
    return UnsealEncrypted(key, value, max_bytes, buffer, *cipher);
  }
  if (value.size() < kOverhead) {
    return DamagedValue(key, StrCat(value.size(), " bytes are left"));
  }
  const auto codec = static_cast<Codec>(value.front());
  const std::string_view payload = value.substr(1, value.size() - kOverhead);
  const auto stored =
      LoadLittle<uint64_t>(value.data() + value.size() - sizeof(uint64_t));
  if (Checksum(codec, key, payload) != stored) {
    return DamagedValue(key, "its checksum is wrong");
  }
  return Unpack(key, codec, payload, max_bytes, buffer);
}

}  // namespace wasmd

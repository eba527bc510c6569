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

uint64_t Checksum(Codec codec, std::string_view key, std::string_view payload) {
  const uint64_t seed = XXH3_64bits_withSeed(key.data(), key.size(),
                                             static_cast<uint64_t>(codec));
  return XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
}

}  // namespace

std::string_view ValueSealer::Compress(ByteSpan payload) {
  std::string header;
  AppendUnsignedLeb128(&header, payload.size());
  const size_t limit = payload.size() - payload.size() / 8;
  buffer_.resize(header.size() + limit);
  std::memcpy(buffer_.data(), header.data(), header.size());
  const int size = LZ4_compress_default(
      reinterpret_cast<const char*>(payload.data()),
      buffer_.data() + header.size(), static_cast<int>(payload.size()),
      static_cast<int>(limit));
  if (size <= 0) return {};
  return {buffer_.data(), header.size() + static_cast<size_t>(size)};
}

ValueSealer::Parts ValueSealer::Seal(std::string_view key, ByteSpan payload,
                                     Compression compression) {
  CHECK(payload.size() <= kMaxValueBytes);
  Codec codec = Codec::kRaw;
  std::string_view stored = AsText(payload);
  if (compression == Compression::kLz4 && payload.size() >= kMinCompressBytes) {
    if (const std::string_view compressed = Compress(payload);
        !compressed.empty()) {
      codec = Codec::kLz4;
      stored = compressed;
    }
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
                                size_t max_bytes, std::string* buffer) {
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

}  // namespace wasmd

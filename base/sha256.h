// SHA-256 (FIPS 180-4): the identity of modules. Thread-safe.

#ifndef WASMD_BASE_SHA256_H_
#define WASMD_BASE_SHA256_H_

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace wasmd {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(ByteSpan bytes);

// Lower-case hexadecimal, 64 characters.
std::string ToHex(const Sha256Digest& digest);

}  // namespace wasmd

#endif  // WASMD_BASE_SHA256_H_

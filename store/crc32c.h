// CRC-32C (Castagnoli), as RocksDB's WAL uses it. Thread-safe.

#ifndef WASMD_STORE_CRC32C_H_
#define WASMD_STORE_CRC32C_H_

#include <cstdint>

#include "base/bytes.h"

namespace wasmd {

// `crc` is the checksum of what precedes; 0 for nothing.
uint32_t ExtendCrc32c(uint32_t crc, ByteSpan bytes);

}  // namespace wasmd

#endif  // WASMD_STORE_CRC32C_H_

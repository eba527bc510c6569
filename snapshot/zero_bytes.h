// Is a page all zeros? Such pages are saved without their bytes.

#ifndef WASMD_SNAPSHOT_ZERO_BYTES_H_
#define WASMD_SNAPSHOT_ZERO_BYTES_H_

#include <cstring>

#include "base/bytes.h"

namespace wasmd {

inline bool IsZero(ByteSpan bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 &&
          std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_ZERO_BYTES_H_

// Versions of wasi_state.proto.

#ifndef WASMD_WASI_STATE_VERSION_H_
#define WASMD_WASI_STATE_VERSION_H_

#include <cstdint>

namespace wasmd::wasi {

// The newest that this build reads and writes.
inline constexpr uint32_t kStateVersion = 3;
// What is written is the least of them that knows what the process has: sockets
// from 2 on, a position in its input from 3 on.
inline constexpr uint32_t kFirstStateVersion = 1;
inline constexpr uint32_t kStateVersionWithSockets = 2;
inline constexpr uint32_t kStateVersionWithInputPosition = 3;

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_STATE_VERSION_H_

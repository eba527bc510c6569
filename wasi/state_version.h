// Versions of wasi_state.proto.

#ifndef WASMD_WASI_STATE_VERSION_H_
#define WASMD_WASI_STATE_VERSION_H_

#include <cstdint>

namespace wasmd::wasi {

// The newest that this build reads and writes.
inline constexpr uint32_t kStateVersion = 2;
// Written for a process without sockets, of which alone an older wasmd knows.
inline constexpr uint32_t kStateVersionWithoutSockets = 1;

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_STATE_VERSION_H_

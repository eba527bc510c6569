// The version of wasi_state.proto that this build writes.

#ifndef WASMD_WASI_STATE_VERSION_H_
#define WASMD_WASI_STATE_VERSION_H_

#include <cstdint>

namespace wasmd::wasi {

inline constexpr uint32_t kStateVersion = 1;

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_STATE_VERSION_H_

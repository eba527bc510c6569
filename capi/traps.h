// Traps of wasm.h, made from what stopped a thread.

#ifndef WASMD_CAPI_TRAPS_H_
#define WASMD_CAPI_TRAPS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "capi/include/wasm.h"
#include "capi/object.h"
#include "capi/store_state.h"
#include "interp/thread.h"

namespace wasmd::capi {

// Frames that a trap keeps of a deep stack.
inline constexpr size_t kMaxTrapFrames = 256;

// An owner of a new trap without frames; `store` may be null.
wasm_trap_t* NewTrap(wasm_store_t* store, std::string message);
wasm_trap_t* NewTrap(wasm_store_t* store, const Trap& trap);

// What a thread ended with that trapped or threw: what a callback gave, or a
// new trap; with the frames of the thread if it has none yet.
wasm_trap_t* TrapOf(wasm_store_t& store, const Thread& thread);

// The frames of a thread, innermost first; each owns its instance.
std::vector<wasm_frame_t> FramesOf(wasm_store_t& store, const Thread& thread,
                                   size_t max_frames);

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_TRAPS_H_

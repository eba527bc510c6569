// Sizes of frames that the translator and the machine agree on.

#ifndef WASMD_INTERP_CODE_FRAME_LAYOUT_H_
#define WASMD_INTERP_CODE_FRAME_LAYOUT_H_

#include <cstdint>

namespace wasmd {

// Slots above the stack limit, in which a called frame always fits without a
// check of its own; larger frames check themselves (SimpleOp::kCheckFrame).
inline constexpr uint32_t kFrameRedZone = 1024;

// Of one frame, in slots: 32 MiB. A function with more traps when called.
inline constexpr uint32_t kMaxFrameSlots = uint32_t{1} << 22;

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_FRAME_LAYOUT_H_

// Frame: the canonical form of an activation, the only form in which code
// positions leave the interpreter (design: "Canonical frames"). A frame can be
// given in this form whenever its thread is stopped at a safepoint, and any
// release can take it up again: nothing here depends on the internal code.

#ifndef WASMD_INTERP_FRAME_H_
#define WASMD_INTERP_FRAME_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "interp/reference.h"
#include "interp/value.h"

namespace wasmd {

struct Frame {
  InstanceAddr instance = 0;
  uint32_t function_index = 0;
  // Byte offset, in the module's binary, of the next instruction: the first of
  // the function, the first inside a loop, or the one after a call. In a frame
  // below the top, the callee's results are still to be pushed.
  uint32_t code_offset = 0;
  std::vector<Value> locals;    // parameters first
  std::vector<Value> operands;  // bottom first, without the callee's arguments
};

// A call of a host function that has no answer yet. Its arguments are no longer
// on the operand stack of the frame below.
struct PendingCall {
  FuncAddr function = 0;
  // The instance that made the call; none when called from outside.
  std::optional<InstanceAddr> caller;
  std::vector<Value> arguments;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_FRAME_H_

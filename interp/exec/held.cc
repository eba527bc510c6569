// Into and out of loops that hold locals in registers.

#include "interp/exec/held.h"

#include <array>
#include <span>

#include "interp/exec/handlers.h"

namespace wasmd::WASMD_BACKEND {
namespace {

WASMD_INLINE Op EnterHeld(Registers& r) {
  r.pc += SignedField(r, kF);
  for (uint32_t i = 0; i < kHeldLocals; ++i) r.held[i] = r.fp[r.pc[i]];
  r.pc += kHeldLocals;
  // Where the first back-edge goes to.
  r.lt = r.pc;
  return Dispatch(r);
}

template <uint32_t count>
WASMD_INLINE Op LeaveHeld(Registers& r) {
  for (uint32_t i = 0; i < count; ++i) SlotAt(r, kF + i) = r.held[i];
  r.pc += SignedField(r, kF + count);
  return Dispatch(r);
}

constexpr std::array kOps = {
    SimpleRow{SimpleOp::kEnterHeld, &HeldEntry<EnterHeld>},
    SimpleRow{SimpleOp::kLeaveHeld1, &HeldEntry<LeaveHeld<1>>},
    SimpleRow{SimpleOp::kLeaveHeld2, &HeldEntry<LeaveHeld<2>>},
    SimpleRow{SimpleOp::kLeaveHeld3, &HeldEntry<LeaveHeld<3>>},
};

}  // namespace

std::span<const SimpleRow> HeldLoopOps() { return kOps; }

}  // namespace wasmd::WASMD_BACKEND

// Safepoints in handlers: the fuel that goes down in calls and taken
// back-edges, and the cold path that looks why it ran out.

#ifndef WASMD_INTERP_EXEC_SAFEPOINT_H_
#define WASMD_INTERP_EXEC_SAFEPOINT_H_

#include "interp/exec/checks.h"
#include "interp/exec/dispatch.h"
#include "interp/exec/fuel.h"

namespace wasmd::WASMD_BACKEND {

// Stops or goes on at r.pc, which is a safepoint.
WASMD_INLINE Op SafepointBody(Registers& r) {
  if (MustStop(*r.ctx)) return Op{Stop};
  return Dispatch(r);
}

WASMD_INLINE Op SafepointOp() { return Op{&HeldEntry<SafepointBody>}; }

// False if there is no fuel for another one.
WASMD_INLINE bool CountSafepoint(Registers& r) {
  if (!kCountsFuel) return true;
  return !__builtin_sub_overflow(r.ctx->fuel, uint64_t{1}, &r.ctx->fuel);
}

// Counts the safepoint at r.pc and goes on there.
WASMD_INLINE Op PassSafepoint(Registers& r) {
  if (!CountSafepoint(r)) [[unlikely]] {
    return SafepointOp();
  }
  return Dispatch(r);
}

// Sets pc to the target of a back-edge. In a short loop the way from one header
// to the next, through the load of the branch offset, is the longest chain of
// dependent instructions. So the target is predicted to be the last one, which
// `lt` holds: then the pc depends on the load only through a branch, which the
// CPU predicts. Pin keeps the compiler from making it a conditional move again.
WASMD_INLINE void PredictTarget(Registers& r, const CodeUnit* target) {
  const CodeUnit* predicted = r.lt;
  Pin(predicted);
  if (target != predicted) [[unlikely]] {
    predicted = target;
    asm volatile("" : "+r"(predicted));
  }
  r.lt = predicted;
  r.pc = predicted;
}

// Takes the back-edge of the loop that this handler is.
WASMD_INLINE Op RepeatLoop(Registers& r) {
  r.pc = r.loop;
  if (!CountSafepoint(r)) [[unlikely]] {
    return SafepointOp();
  }
  Op op = Dispatch(r);
  op.repeats = true;
  return op;
}

// Takes a back-edge.
WASMD_INLINE Op JumpBack(Registers& r, const CodeUnit* target) {
  if (kHasSlotCache && r.closes_loop) return RepeatLoop(r);
  PredictTarget(r, target);
  return PassSafepoint(r);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_SAFEPOINT_H_

// Ops of the machine itself: leaving it, untranslated functions, function
// entry.

#include <array>

#include "interp/exec/enter.h"
#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"
#include "interp/exec/reload.h"
#include "interp/exec/safepoint.h"
#include "interp/module_instance.h"

namespace wasmd::WASMD_BACKEND {

namespace {

WASMD_INLINE Op Exit(Registers& r) {
  r.ctx->exit = ExitReason::kReturned;
  return Op{Stop};
}

WASMD_INLINE Op Translate(Registers& r) {
  r.ctx->exit = ExitReason::kTranslate;
  return Op{Stop};
}

// The record popped last named the instance in its fp; the one below it is the
// caller's own.
WASMD_INLINE Op RestoreInstance(Registers& r) {
  EnterInstance(*r.ctx, reinterpret_cast<ModuleInstance*>(r.fp));
  ReloadMemory(r);
  --r.csp;
  r.pc = r.csp->pc;
  r.fp = r.csp->fp;
  return Dispatch(r);
}

WASMD_INLINE Op CheckFrame(Registers& r) {
  const size_t room = static_cast<size_t>(r.ctx->stack_end - r.fp);
  if (r.pc[kF] > room) [[unlikely]] {
    return TrapOp(TrapKind::kCallStackExhausted);
  }
  return Next(r, kF + 1);
}

WASMD_INLINE Op FrameTooBig(Registers&) {
  return TrapOp(TrapKind::kCallStackExhausted);
}
WASMD_INLINE Op TooManyLocals(Registers&) {
  return TrapOp(TrapKind::kTooManyLocals);
}

constexpr std::array kOps = {
    MakeSimple<SimpleOp::kExit, Exit>(),
    MakeSimple<SimpleOp::kTranslate, Translate>(),
    MakeSimple<SimpleOp::kRestoreInstance, RestoreInstance>(),
    MakeSimple<SimpleOp::kEnter1, EnterFew<1>>(),
    MakeSimple<SimpleOp::kEnter2, EnterFew<2>>(),
    MakeSimple<SimpleOp::kEnter3, EnterFew<3>>(),
    MakeSimple<SimpleOp::kEnter4, EnterFew<4>>(),
    MakeSimple<SimpleOp::kEnter5, EnterFew<5>>(),
    MakeSimple<SimpleOp::kEnter6, EnterFew<6>>(),
    MakeSimple<SimpleOp::kEnter7, EnterFew<7>>(),
    MakeSimple<SimpleOp::kEnter8, EnterFew<8>>(),
    MakeSimple<SimpleOp::kEnterMany, EnterMany>(),
    MakeSimple<SimpleOp::kCheckFrame, CheckFrame>(),
    MakeSimple<SimpleOp::kFrameTooBig, FrameTooBig>(),
    MakeSimple<SimpleOp::kTooManyLocals, TooManyLocals>(),
};

}  // namespace

std::span<const SimpleRow> MachineOps() { return kOps; }

}  // namespace wasmd::WASMD_BACKEND

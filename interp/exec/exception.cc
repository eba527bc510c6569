// Exceptions and checks of references (core specification, exec/instructions,
// "throw", "throw_ref"). The driver finds the handler, with the machine
// stopped: interp/thread_unwind.cc.

#include <array>

#include "interp/exec/allocation.h"
#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"
#include "interp/reference.h"

namespace wasmd::WASMD_BACKEND {
namespace {

WASMD_INLINE Op Throw(Registers& r) {
  const GcStatus status = Allocate<&ThrowOp>(r);
  if (!status.ok()) [[unlikely]] {
    return TrapOp(status.trap());
  }
  r.ctx->exit = ExitReason::kThrew;
  return Op{Stop};
}

WASMD_INLINE Op ThrowRef(Registers& r) {
  const Slot reference = SlotAt(r, kF);
  if (reference == kNullReference) [[unlikely]] {
    return TrapOp(TrapKind::kNullExceptionReference);
  }
  r.ctx->exception = reference;
  r.ctx->exit = ExitReason::kThrew;
  return Op{Stop};
}

WASMD_INLINE Op CheckNotNull(Registers& r) {
  if (SlotAt(r, kF) == kNullReference) [[unlikely]] {
    return TrapOp(TrapKind::kNullReference);
  }
  return Next(r, kF + 1);
}

constexpr std::array kOps = {
    MakeSimple<SimpleOp::kThrow, Throw>(),
    MakeSimple<SimpleOp::kThrowRef, ThrowRef>(),
    MakeSimple<SimpleOp::kCheckNotNull, CheckNotNull>(),
};

}  // namespace

std::span<const SimpleRow> ExceptionOps() { return kOps; }

}  // namespace wasmd::WASMD_BACKEND

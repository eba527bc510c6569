// The protocol of ops that allocate (interp/gc_operations.h): what needs room
// is done again after it was made.

#ifndef WASMD_INTERP_EXEC_ALLOCATION_H_
#define WASMD_INTERP_EXEC_ALLOCATION_H_

#include "interp/exec/gc.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

using GcFunction = GcStatus (*)(Context&, const CodeUnit*, Slot*);

// An op whose first field is the slot of the first operand.
template <GcFunction kFunction>
WASMD_INLINE GcStatus Allocate(Registers& r) {
  const CodeUnit* const fields = r.pc + kHandlerUnits + 1;
  Slot* const operands = &SlotAt(r, kHandlerUnits);
  const GcStatus status = kFunction(*r.ctx, fields, operands);
  if (!status.needs_room()) [[likely]]
    return status;
  r.ctx->pc = r.pc;
  r.ctx->fp = r.fp;
  r.ctx->csp = r.csp;
  if (!MakeRoom(*r.ctx)) return GcStatus::OfTrap(TrapKind::kHeapExhausted);
  return kFunction(*r.ctx, fields, operands);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_ALLOCATION_H_

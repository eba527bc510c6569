// Handlers of the functions of gc.h.

#include <array>

#include "interp/exec/allocation.h"
#include "interp/exec/gc.h"
#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {
namespace {

// An op that makes an object; its fields are the first slot and `more`. The
// result is in its slot and in r0.
template <GcFunction kFunction, uint32_t more>
WASMD_INLINE Op New(Registers& r) {
  const GcStatus status = Allocate<kFunction>(r);
  if (!status.ok()) [[unlikely]] {
    return TrapOp(status.trap());
  }
  r.r0 = SlotAt(r, kF);
  return Next(r, kF + 1 + more);
}

// One that makes none.
template <GcFunction kFunction, uint32_t more>
WASMD_INLINE Op Change(Registers& r) {
  const GcStatus status = kFunction(*r.ctx, r.pc + kF + 1, &SlotAt(r, kF));
  if (!status.ok()) [[unlikely]] {
    return TrapOp(status.trap());
  }
  return Next(r, kF + 1 + more);
}

WASMD_INLINE Op RefCast(Registers& r) {
  if (!TestReference(*r.ctx, SlotAt(r, kF), r.pc[kF + 1])) [[unlikely]] {
    return TrapOp(TrapKind::kCastFailure);
  }
  return Next(r, kF + 2);
}

constexpr std::array kOps = {
    MakeSimple<SimpleOp::kRefCast, RefCast>(),
    MakeSimple<SimpleOp::kStructNew, New<&StructNewOp, 1>>(),
    MakeSimple<SimpleOp::kStructNewDefault, New<&StructNewDefaultOp, 1>>(),
    MakeSimple<SimpleOp::kArrayNew, New<&ArrayNewOp, 1>>(),
    MakeSimple<SimpleOp::kArrayNewDefault, New<&ArrayNewDefaultOp, 1>>(),
    MakeSimple<SimpleOp::kArrayNewFixed, New<&ArrayNewFixedOp, 2>>(),
    MakeSimple<SimpleOp::kArrayNewData, New<&ArrayNewDataOp, 2>>(),
    MakeSimple<SimpleOp::kArrayNewElem, New<&ArrayNewElemOp, 2>>(),
    MakeSimple<SimpleOp::kArrayFill, Change<&ArrayFillOp, 0>>(),
    MakeSimple<SimpleOp::kArrayCopy, Change<&ArrayCopyOp, 0>>(),
    MakeSimple<SimpleOp::kArrayInitData, Change<&ArrayInitDataOp, 1>>(),
    MakeSimple<SimpleOp::kArrayInitElem, Change<&ArrayInitElemOp, 1>>(),
};

}  // namespace

std::span<const SimpleRow> GcOps() { return kOps; }

}  // namespace wasmd::WASMD_BACKEND

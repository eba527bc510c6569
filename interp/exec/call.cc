// Calls (core specification, exec/instructions, "Function Calls"). How a
// function is entered: calls.h.

#include <array>

#include "interp/exec/call_ops.h"
#include "interp/exec/handlers.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kOps = {
    MakeSimple<SimpleOp::kCall, CallBody>(),
    MakeSimple<SimpleOp::kCallMove, CallMove>(),
    MakeSimple<SimpleOp::kCallAdd, CallAdd>(),
    MakeSimple<SimpleOp::kCallImport, CallImport>(),
    MakeSimple<SimpleOp::kCallIndirect, CallIndirectBody<kSlotKind>>(),
    MakeSimple<SimpleOp::kCallIndirectAcc,
               CallIndirectBody<kAccumulatorKind>>(),
};

}  // namespace

std::span<const SimpleRow> CallOps() { return kOps; }

}  // namespace wasmd::WASMD_BACKEND

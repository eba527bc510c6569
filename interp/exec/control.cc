// Branches and returns (core specification, exec/instructions, "Control
// Instructions"); calls are in call.cc.

#include "interp/exec/control.h"

#include <array>
#include <bit>

#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {
namespace {

template <OperandKind condition>
constexpr std::array<Function, 4> kBranchIf = {
    &Entry<BranchIfBody<condition, false, false>>,
    &Entry<BranchIfBody<condition, false, true>>,
    &Entry<BranchIfBody<condition, true, false>>,
    &Entry<BranchIfBody<condition, true, true>>};

constexpr std::array kOps = {
    MakeSimple<SimpleOp::kUnreachable, Unreachable>(),
    MakeSimple<SimpleOp::kBranch, Branch>(),
    MakeSimple<SimpleOp::kBranchBack, BranchBack>(),
    MakeSimple<SimpleOp::kBranchTable, BranchTable<kSlotKind>>(),
    MakeSimple<SimpleOp::kBranchTableAdd, BranchTableAdd>(),
    MakeSimple<SimpleOp::kBranchTableAcc, BranchTable<kAccumulatorKind>>(),
    MakeSimple<SimpleOp::kReturn, PopRecord>(),
    MakeSimple<SimpleOp::kReturnInteger, ReturnValue<uint64_t, kSlotKind>>(),
    MakeSimple<SimpleOp::kReturnFloat, ReturnValue<double, kSlotKind>>(),
    MakeSimple<SimpleOp::kReturnR0, ReturnValue<uint64_t, kAccumulatorKind>>(),
    MakeSimple<SimpleOp::kReturnF32, ReturnValue<float, kAccumulatorKind>>(),
    MakeSimple<SimpleOp::kReturnF64, ReturnValue<double, kAccumulatorKind>>(),
    MakeSimple<SimpleOp::kReturnConst, ReturnConst>(),
    MakeSimple<SimpleOp::kReturnRange, ReturnRange>(),
};

}  // namespace

std::span<const SimpleRow> ControlOps() { return kOps; }

Handler BranchIf(OperandKind condition, bool negate, bool back) {
  const auto& variants = condition == kAccumulatorKind
                             ? kBranchIf<kAccumulatorKind>
                             : kBranchIf<kSlotKind>;
  return std::bit_cast<Handler>(variants[(negate ? 2 : 0) + (back ? 1 : 0)]);
}

}  // namespace wasmd::WASMD_BACKEND

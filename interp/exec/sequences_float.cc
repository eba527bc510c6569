// Sequences that begin with arithmetic of floats.

#include <array>
#include <span>

#include "interp/exec/sequences.h"

namespace wasmd::WASMD_BACKEND {
namespace {

// clang-format off
constexpr std::array kRows = {
    MakeSequence<Binary<kF64Add, kToB, kA, kS>,
                 Unary<kF64Sqrt, kToA, kA>>(),
    MakeSequence<Binary<kF64Add, kToB, kA, kS>,
                 Unary<kF64Sqrt, kToA, kA>,
                 PairBody<double, kF64PlainMultiply, kF64Div, true, kToB, kA, kS, kI>,
                 Binary<kF64Mul, kToB, kA, kS>,
                 PairBody<double, kF64PlainMultiply, kF64Sub, true, kToA, kA, kS, kS>,
                 StoreBody<double, double, kAtS, kA>,
                 LoadBody<double, double, kToS, kAtS>,
                 PairBody<double, kF64PlainMultiply, kF64Sub, true, kToA, kS, kS, kS>>(),
    MakeSequence<Binary<kF64Div, kToS, kI, kA>,
                 LoadBinaryBody<double, double, kF64Mul, false, kToA, kAtS, kS>>(),
    MakeSequence<Binary<kF64Div, kToS, kI, kA>,
                 LoadBinaryBody<double, double, kF64Mul, false, kToA, kAtS, kS>,
                 Binary<kF64Add, kToB, kA, kS>>(),
    MakeSequence<Binary<kF64Mul, kToB, kA, kS>,
                 Binary<kF64Add, kToA, kA, kS>>(),
    MakeSequence<Binary<kF64Mul, kToB, kA, kS>,
                 Binary<kF64Add, kToA, kA, kS>,
                 BranchCompareBody<kF64Gt, kA, kI, false, false>>(),
    MakeSequence<Binary<kF64Mul, kToB, kA, kS>,
                 PairBody<double, kF64PlainAdd, kF64Mul, false, kToA, kS, kS, kS>,
                 Binary<kF64Add, kToB, kA, kS>>(),
    MakeSequence<Binary<kF64Mul, kToB, kS, kS>,
                 Binary<kF64Add, kToA, kA, kS>>(),
    MakeSequence<Binary<kF64Mul, kToB, kS, kS>,
                 Binary<kF64Mul, kToB, kS, kS>,
                 Binary<kF64Add, kToA, kA, kS>>(),
    MakeSequence<Binary<kF64Mul, kToB, kS, kS>,
                 Binary<kF64Mul, kToB, kS, kS>,
                 Binary<kF64Add, kToA, kA, kS>,
                 BranchCompareBody<kF64Gt, kA, kI, true, false>>(),
    MakeSequence<Binary<kF64Mul, kToB, kS, kS>,
                 Binary<kF64Mul, kToS, kA, kS>>(),
    MakeSequence<PairBody<double, kF64PlainAdd, kF64Mul, false, kToA, kS, kS, kS>,
                 Binary<kF64Add, kToB, kA, kS>>(),
    MakeSequence<PairBody<double, kF64PlainAdd, kF64Mul, false, kToA, kS, kS, kS>,
                 Binary<kF64Add, kToB, kA, kS>,
                 Const32,
                 AddBranchBody<kI32Ne, kI, kI>>(),
    MakeSequence<PairBody<double, kF64PlainMultiply, kF64Div, true, kToB, kA, kS, kI>,
                 Binary<kF64Mul, kToB, kA, kS>>(),
    MakeSequence<PairBody<double, kF64PlainMultiply, kF64Div, true, kToB, kA, kS, kI>,
                 Binary<kF64Mul, kToB, kA, kS>,
                 PairBody<double, kF64PlainMultiply, kF64Sub, true, kToA, kA, kS, kS>>(),
    MakeSequence<PairBody<double, kF64PlainMultiply, kF64Div, true, kToB, kA, kS, kI>,
                 Binary<kF64Mul, kToB, kA, kS>,
                 PairBody<double, kF64PlainMultiply, kF64Sub, true, kToA, kA, kS, kS>,
                 StoreBody<double, double, kAtS, kA>,
                 LoadBody<double, double, kToS, kAtS>,
                 PairBody<double, kF64PlainMultiply, kF64Sub, true, kToA, kS, kS, kS>>(),
    MakeSequence<PairBody<double, kF64PlainSubtract, kF64Add, false, kToB, kS, kS, kS>,
                 Binary<kF64Mul, kToB, kA, kS>,
                 PairBody<double, kF64PlainAdd, kF64Mul, false, kToA, kS, kS, kS>,
                 Binary<kF64Add, kToB, kA, kS>>(),
    MakeSequence<PairBody<double, kF64PlainSubtract, kF64Add, false, kToB, kS, kS, kS>,
                 Binary<kF64Mul, kToB, kA, kS>,
                 PairBody<double, kF64PlainAdd, kF64Mul, false, kToA, kS, kS, kS>,
                 Binary<kF64Add, kToB, kA, kS>,
                 Binary<kF64Mul, kToB, kA, kS>,
                 Binary<kF64Add, kToA, kA, kS>,
                 BranchCompareBody<kF64Gt, kA, kI, false, false>>(),
    MakeSequence<PairBody<double, kF64PlainSubtract, kF64Add, false, kToB, kS, kS, kS>,
                 PairBody<double, kF64PlainAdd, kF64Mul, false, kToA, kS, kS, kS>,
                 Binary<kF64Add, kToB, kA, kS>,
                 Const32,
                 AddBranchBody<kI32Ne, kI, kI>>(),
    MakeSequence<Unary<&eval::Convert<double, eval::Sign::kSigned, uint32_t>, kToA, kA>,
                 Binary<kF64Div, kToS, kI, kA>,
                 LoadBinaryBody<double, double, kF64Mul, false, kToA, kAtS, kS>,
                 Binary<kF64Add, kToB, kA, kS>>(),
    MakeSequence<Unary<&eval::Convert<double, eval::Sign::kSigned, uint32_t>, kToA, kA>,
                 Binary<kF64Div, kToS, kI, kA>,
                 LoadBinaryBody<double, double, kF64Mul, false, kToA, kAtS, kS>,
                 Binary<kF64Add, kToB, kA, kS>,
                 Binary<kI32Add, kToB, kS, kI>,
                 AddBranchBody<kI32Ne, kI, kS>>(),
};
// clang-format on

}  // namespace

std::span<const SequenceRow> FloatSequences() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

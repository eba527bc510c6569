#include <array>
#include <span>

#include "interp/eval/float.h"
#include "interp/exec/numeric.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kRows = {
    MakeUnary<Opcode::kF32Abs, &eval::FAbs<float>>(),
    MakeUnary<Opcode::kF32Neg, &eval::FNeg<float>>(),
    MakeUnary<Opcode::kF32Ceil, &eval::FCeil<float>>(),
    MakeUnary<Opcode::kF32Floor, &eval::FFloor<float>>(),
    MakeUnary<Opcode::kF32Trunc, &eval::FTrunc<float>>(),
    MakeUnary<Opcode::kF32Nearest, &eval::FNearest<float>>(),
    MakeUnary<Opcode::kF32Sqrt, &eval::FSqrt<float>>(),
    MakeUnary<Opcode::kF64Abs, &eval::FAbs<double>>(),
    MakeUnary<Opcode::kF64Neg, &eval::FNeg<double>>(),
    MakeUnary<Opcode::kF64Ceil, &eval::FCeil<double>>(),
    MakeUnary<Opcode::kF64Floor, &eval::FFloor<double>>(),
    MakeUnary<Opcode::kF64Trunc, &eval::FTrunc<double>>(),
    MakeUnary<Opcode::kF64Nearest, &eval::FNearest<double>>(),
    MakeUnary<Opcode::kF64Sqrt, &eval::FSqrt<double>>(),
};

}  // namespace

std::span<const UnaryRow> FloatUnary() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

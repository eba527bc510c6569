#include "interp/eval/vector_float.h"

#include <array>
#include <span>

#include "interp/exec/vector.h"

namespace wasmd::WASMD_BACKEND {
namespace {

namespace vector = eval::vector;

constexpr std::array kRows = {
    MakeVector<Opcode::kF32x4Abs, &vector::FAbs<float>>(),
    MakeVector<Opcode::kF32x4Neg, &vector::FNeg<float>>(),
    MakeVector<Opcode::kF32x4Sqrt, &vector::FSqrt<float>>(),
    MakeVector<Opcode::kF32x4Ceil, &vector::FCeil<float>>(),
    MakeVector<Opcode::kF32x4Floor, &vector::FFloor<float>>(),
    MakeVector<Opcode::kF32x4Trunc, &vector::FTrunc<float>>(),
    MakeVector<Opcode::kF32x4Nearest, &vector::FNearest<float>>(),
    MakeVector<Opcode::kF32x4Add, &vector::FAdd<float>>(),
    MakeVector<Opcode::kF32x4Sub, &vector::FSub<float>>(),
    MakeVector<Opcode::kF32x4Mul, &vector::FMul<float>>(),
    MakeVector<Opcode::kF32x4Div, &vector::FDiv<float>>(),
    MakeVector<Opcode::kF32x4Min, &vector::FMin<float>>(),
    MakeVector<Opcode::kF32x4Max, &vector::FMax<float>>(),
    MakeVector<Opcode::kF32x4Pmin, &vector::Pmin<float>>(),
    MakeVector<Opcode::kF32x4Pmax, &vector::Pmax<float>>(),
    MakeVector<Opcode::kF64x2Abs, &vector::FAbs<double>>(),
    MakeVector<Opcode::kF64x2Neg, &vector::FNeg<double>>(),
    MakeVector<Opcode::kF64x2Sqrt, &vector::FSqrt<double>>(),
    MakeVector<Opcode::kF64x2Ceil, &vector::FCeil<double>>(),
    MakeVector<Opcode::kF64x2Floor, &vector::FFloor<double>>(),
    MakeVector<Opcode::kF64x2Trunc, &vector::FTrunc<double>>(),
    MakeVector<Opcode::kF64x2Nearest, &vector::FNearest<double>>(),
    MakeVector<Opcode::kF64x2Add, &vector::FAdd<double>>(),
    MakeVector<Opcode::kF64x2Sub, &vector::FSub<double>>(),
    MakeVector<Opcode::kF64x2Mul, &vector::FMul<double>>(),
    MakeVector<Opcode::kF64x2Div, &vector::FDiv<double>>(),
    MakeVector<Opcode::kF64x2Min, &vector::FMin<double>>(),
    MakeVector<Opcode::kF64x2Max, &vector::FMax<double>>(),
    MakeVector<Opcode::kF64x2Pmin, &vector::Pmin<double>>(),
    MakeVector<Opcode::kF64x2Pmax, &vector::Pmax<double>>(),
};

}  // namespace

std::span<const VectorRow> VectorFloats() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

#include <array>
#include <span>

#include "interp/eval/float.h"
#include "interp/exec/numeric.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kRows = {
    MakeBinary<Opcode::kF32Add, &eval::FAdd<float>>(),
    MakeBinary<Opcode::kF32Sub, &eval::FSub<float>>(),
    MakeBinary<Opcode::kF32Mul, &eval::FMul<float>>(),
    MakeBinary<Opcode::kF32Div, &eval::FDiv<float>>(),
    MakeBinary<Opcode::kF32Min, &eval::FMin<float>>(),
    MakeBinary<Opcode::kF32Max, &eval::FMax<float>>(),
    MakeBinary<Opcode::kF32Copysign, &eval::FCopysign<float>>(),
    MakeBinary<Opcode::kF32Eq, &eval::FEq<float>>(),
    MakeBinary<Opcode::kF32Ne, &eval::FNe<float>>(),
    MakeBinary<Opcode::kF32Lt, &eval::FLt<float>>(),
    MakeBinary<Opcode::kF32Gt, &eval::FGt<float>>(),
    MakeBinary<Opcode::kF32Le, &eval::FLe<float>>(),
    MakeBinary<Opcode::kF32Ge, &eval::FGe<float>>(),
};

}  // namespace

std::span<const BinaryRow> F32Binary() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

#include <array>
#include <span>

#include "interp/eval/float.h"
#include "interp/exec/numeric.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kRows = {
    MakeBinary<Opcode::kF64Add, &eval::FAdd<double>>(),
    MakeBinary<Opcode::kF64Sub, &eval::FSub<double>>(),
    MakeBinary<Opcode::kF64Mul, &eval::FMul<double>>(),
    MakeBinary<Opcode::kF64Div, &eval::FDiv<double>>(),
    MakeBinary<Opcode::kF64Min, &eval::FMin<double>>(),
    MakeBinary<Opcode::kF64Max, &eval::FMax<double>>(),
    MakeBinary<Opcode::kF64Copysign, &eval::FCopysign<double>>(),
    MakeBinary<Opcode::kF64Eq, &eval::FEq<double>>(),
    MakeBinary<Opcode::kF64Ne, &eval::FNe<double>>(),
    MakeBinary<Opcode::kF64Lt, &eval::FLt<double>>(),
    MakeBinary<Opcode::kF64Gt, &eval::FGt<double>>(),
    MakeBinary<Opcode::kF64Le, &eval::FLe<double>>(),
    MakeBinary<Opcode::kF64Ge, &eval::FGe<double>>(),
};

}  // namespace

std::span<const BinaryRow> F64Binary() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

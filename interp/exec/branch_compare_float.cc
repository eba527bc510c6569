// Float comparisons fused with branches.

#include <array>
#include <span>

#include "interp/eval/float.h"
#include "interp/exec/branch_compare.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kRows = {
    MakeBranch<Opcode::kF32Eq, &eval::FEq<float>>(),
    MakeBranch<Opcode::kF32Ne, &eval::FNe<float>>(),
    MakeBranch<Opcode::kF32Lt, &eval::FLt<float>>(),
    MakeBranch<Opcode::kF32Gt, &eval::FGt<float>>(),
    MakeBranch<Opcode::kF32Le, &eval::FLe<float>>(),
    MakeBranch<Opcode::kF32Ge, &eval::FGe<float>>(),
    MakeBranch<Opcode::kF64Eq, &eval::FEq<double>>(),
    MakeBranch<Opcode::kF64Ne, &eval::FNe<double>>(),
    MakeBranch<Opcode::kF64Lt, &eval::FLt<double>>(),
    MakeBranch<Opcode::kF64Gt, &eval::FGt<double>>(),
    MakeBranch<Opcode::kF64Le, &eval::FLe<double>>(),
    MakeBranch<Opcode::kF64Ge, &eval::FGe<double>>(),
};

}  // namespace

std::span<const BranchRow> FloatBranches() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

#include <array>
#include <span>

#include "interp/eval/integer.h"
#include "interp/exec/numeric.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kRows = {
    MakeBinary<Opcode::kI64Eq, &eval::Eq<uint64_t>>(),
    MakeBinary<Opcode::kI64Ne, &eval::Ne<uint64_t>>(),
    MakeBinary<Opcode::kI64LtS, &eval::LtS<uint64_t>>(),
    MakeBinary<Opcode::kI64LtU, &eval::LtU<uint64_t>>(),
    MakeBinary<Opcode::kI64GtS, &eval::GtS<uint64_t>>(),
    MakeBinary<Opcode::kI64GtU, &eval::GtU<uint64_t>>(),
    MakeBinary<Opcode::kI64LeS, &eval::LeS<uint64_t>>(),
    MakeBinary<Opcode::kI64LeU, &eval::LeU<uint64_t>>(),
    MakeBinary<Opcode::kI64GeS, &eval::GeS<uint64_t>>(),
    MakeBinary<Opcode::kI64GeU, &eval::GeU<uint64_t>>(),
};

}  // namespace

std::span<const BinaryRow> I64Comparisons() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

#include <array>
#include <span>

#include "interp/eval/integer.h"
#include "interp/exec/numeric.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kRows = {
    MakeBinary<Opcode::kI32Eq, &eval::Eq<uint32_t>>(),
    MakeBinary<Opcode::kI32Ne, &eval::Ne<uint32_t>>(),
    MakeBinary<Opcode::kI32LtS, &eval::LtS<uint32_t>>(),
    MakeBinary<Opcode::kI32LtU, &eval::LtU<uint32_t>>(),
    MakeBinary<Opcode::kI32GtS, &eval::GtS<uint32_t>>(),
    MakeBinary<Opcode::kI32GtU, &eval::GtU<uint32_t>>(),
    MakeBinary<Opcode::kI32LeS, &eval::LeS<uint32_t>>(),
    MakeBinary<Opcode::kI32LeU, &eval::LeU<uint32_t>>(),
    MakeBinary<Opcode::kI32GeS, &eval::GeS<uint32_t>>(),
    MakeBinary<Opcode::kI32GeU, &eval::GeU<uint32_t>>(),
};

}  // namespace

std::span<const BinaryRow> I32Comparisons() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

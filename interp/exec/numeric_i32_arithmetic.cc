#include <array>
#include <span>

#include "interp/eval/integer.h"
#include "interp/exec/numeric.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kRows = {
    MakeBinary<Opcode::kI32Add, &eval::Add<uint32_t>>(),
    MakeBinary<Opcode::kI32Sub, &eval::Sub<uint32_t>>(),
    MakeBinary<Opcode::kI32Mul, &eval::Mul<uint32_t>>(),
    MakeBinary<Opcode::kI32DivS, &eval::DivS<uint32_t>>(),
    MakeBinary<Opcode::kI32DivU, &eval::DivU<uint32_t>>(),
    MakeBinary<Opcode::kI32RemS, &eval::RemS<uint32_t>>(),
    MakeBinary<Opcode::kI32RemU, &eval::RemU<uint32_t>>(),
    MakeBinary<Opcode::kI32And, &eval::And<uint32_t>>(),
    MakeBinary<Opcode::kI32Or, &eval::Or<uint32_t>>(),
    MakeBinary<Opcode::kI32Xor, &eval::Xor<uint32_t>>(),
    MakeBinary<Opcode::kI32Shl, &eval::Shl<uint32_t>>(),
    MakeBinary<Opcode::kI32ShrS, &eval::ShrS<uint32_t>>(),
    MakeBinary<Opcode::kI32ShrU, &eval::ShrU<uint32_t>>(),
    MakeBinary<Opcode::kI32Rotl, &eval::Rotl<uint32_t>>(),
    MakeBinary<Opcode::kI32Rotr, &eval::Rotr<uint32_t>>(),
};

}  // namespace

std::span<const BinaryRow> I32Arithmetic() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

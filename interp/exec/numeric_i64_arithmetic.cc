#include <array>
#include <span>

#include "interp/eval/integer.h"
#include "interp/exec/numeric.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kRows = {
    MakeBinary<Opcode::kI64Add, &eval::Add<uint64_t>>(),
    MakeBinary<Opcode::kI64Sub, &eval::Sub<uint64_t>>(),
    MakeBinary<Opcode::kI64Mul, &eval::Mul<uint64_t>>(),
    MakeBinary<Opcode::kI64DivS, &eval::DivS<uint64_t>>(),
    MakeBinary<Opcode::kI64DivU, &eval::DivU<uint64_t>>(),
    MakeBinary<Opcode::kI64RemS, &eval::RemS<uint64_t>>(),
    MakeBinary<Opcode::kI64RemU, &eval::RemU<uint64_t>>(),
    MakeBinary<Opcode::kI64And, &eval::And<uint64_t>>(),
    MakeBinary<Opcode::kI64Or, &eval::Or<uint64_t>>(),
    MakeBinary<Opcode::kI64Xor, &eval::Xor<uint64_t>>(),
    MakeBinary<Opcode::kI64Shl, &eval::Shl<uint64_t>>(),
    MakeBinary<Opcode::kI64ShrS, &eval::ShrS<uint64_t>>(),
    MakeBinary<Opcode::kI64ShrU, &eval::ShrU<uint64_t>>(),
    MakeBinary<Opcode::kI64Rotl, &eval::Rotl<uint64_t>>(),
    MakeBinary<Opcode::kI64Rotr, &eval::Rotr<uint64_t>>(),
};

}  // namespace

std::span<const BinaryRow> I64Arithmetic() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

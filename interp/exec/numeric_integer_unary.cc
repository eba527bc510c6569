#include <array>
#include <span>

#include "interp/eval/integer.h"
#include "interp/exec/numeric.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kRows = {
    MakeUnary<Opcode::kI32Eqz, &eval::Eqz<uint32_t>>(),
    MakeUnary<Opcode::kI32Clz, &eval::Clz<uint32_t>>(),
    MakeUnary<Opcode::kI32Ctz, &eval::Ctz<uint32_t>>(),
    MakeUnary<Opcode::kI32Popcnt, &eval::Popcnt<uint32_t>>(),
    MakeUnary<Opcode::kI32Extend8S, &eval::Extend<uint32_t, int8_t>>(),
    MakeUnary<Opcode::kI32Extend16S, &eval::Extend<uint32_t, int16_t>>(),
    MakeUnary<Opcode::kI64Eqz, &eval::Eqz<uint64_t>>(),
    MakeUnary<Opcode::kI64Clz, &eval::Clz<uint64_t>>(),
    MakeUnary<Opcode::kI64Ctz, &eval::Ctz<uint64_t>>(),
    MakeUnary<Opcode::kI64Popcnt, &eval::Popcnt<uint64_t>>(),
    MakeUnary<Opcode::kI64Extend8S, &eval::Extend<uint64_t, int8_t>>(),
    MakeUnary<Opcode::kI64Extend16S, &eval::Extend<uint64_t, int16_t>>(),
    MakeUnary<Opcode::kI64Extend32S, &eval::Extend<uint64_t, int32_t>>(),
};

}  // namespace

std::span<const UnaryRow> IntegerUnary() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

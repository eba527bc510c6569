#include <array>
#include <span>

#include "interp/eval/conversion.h"
#include "interp/exec/numeric.h"

namespace wasmd::WASMD_BACKEND {
namespace {

using eval::Sign;

constexpr std::array kRows = {
    MakeUnary<Opcode::kI32WrapI64, &eval::Wrap>(),
    MakeUnary<Opcode::kI64ExtendI32S, &eval::ExtendS>(),
    MakeUnary<Opcode::kI64ExtendI32U, &eval::ExtendU>(),
    MakeUnary<Opcode::kF32DemoteF64, &eval::Demote>(),
    MakeUnary<Opcode::kF64PromoteF32, &eval::Promote>(),
    MakeUnary<Opcode::kI32ReinterpretF32,
              &eval::Reinterpret<uint32_t, float>>(),
    MakeUnary<Opcode::kI64ReinterpretF64,
              &eval::Reinterpret<uint64_t, double>>(),
    MakeUnary<Opcode::kF32ReinterpretI32,
              &eval::Reinterpret<float, uint32_t>>(),
    MakeUnary<Opcode::kF64ReinterpretI64,
              &eval::Reinterpret<double, uint64_t>>(),
    MakeUnary<Opcode::kI32TruncF32S,
              &eval::Trunc<uint32_t, Sign::kSigned, float>>(),
    MakeUnary<Opcode::kI32TruncF32U,
              &eval::Trunc<uint32_t, Sign::kUnsigned, float>>(),
    MakeUnary<Opcode::kI32TruncF64S,
              &eval::Trunc<uint32_t, Sign::kSigned, double>>(),
    MakeUnary<Opcode::kI32TruncF64U,
              &eval::Trunc<uint32_t, Sign::kUnsigned, double>>(),
    MakeUnary<Opcode::kI64TruncF32S,
              &eval::Trunc<uint64_t, Sign::kSigned, float>>(),
    MakeUnary<Opcode::kI64TruncF32U,
              &eval::Trunc<uint64_t, Sign::kUnsigned, float>>(),
    MakeUnary<Opcode::kI64TruncF64S,
              &eval::Trunc<uint64_t, Sign::kSigned, double>>(),
    MakeUnary<Opcode::kI64TruncF64U,
              &eval::Trunc<uint64_t, Sign::kUnsigned, double>>(),
    MakeUnary<Opcode::kI32TruncSatF32S,
              &eval::TruncSat<uint32_t, Sign::kSigned, float>>(),
    MakeUnary<Opcode::kI32TruncSatF32U,
              &eval::TruncSat<uint32_t, Sign::kUnsigned, float>>(),
    MakeUnary<Opcode::kI32TruncSatF64S,
              &eval::TruncSat<uint32_t, Sign::kSigned, double>>(),
    MakeUnary<Opcode::kI32TruncSatF64U,
              &eval::TruncSat<uint32_t, Sign::kUnsigned, double>>(),
    MakeUnary<Opcode::kI64TruncSatF32S,
              &eval::TruncSat<uint64_t, Sign::kSigned, float>>(),
    MakeUnary<Opcode::kI64TruncSatF32U,
              &eval::TruncSat<uint64_t, Sign::kUnsigned, float>>(),
    MakeUnary<Opcode::kI64TruncSatF64S,
              &eval::TruncSat<uint64_t, Sign::kSigned, double>>(),
    MakeUnary<Opcode::kI64TruncSatF64U,
              &eval::TruncSat<uint64_t, Sign::kUnsigned, double>>(),
    MakeUnary<Opcode::kF32ConvertI32S,
              &eval::Convert<float, Sign::kSigned, uint32_t>>(),
    MakeUnary<Opcode::kF32ConvertI32U,
              &eval::Convert<float, Sign::kUnsigned, uint32_t>>(),
    MakeUnary<Opcode::kF32ConvertI64S,
              &eval::Convert<float, Sign::kSigned, uint64_t>>(),
    MakeUnary<Opcode::kF32ConvertI64U,
              &eval::Convert<float, Sign::kUnsigned, uint64_t>>(),
    MakeUnary<Opcode::kF64ConvertI32S,
              &eval::Convert<double, Sign::kSigned, uint32_t>>(),
    MakeUnary<Opcode::kF64ConvertI32U,
              &eval::Convert<double, Sign::kUnsigned, uint32_t>>(),
    MakeUnary<Opcode::kF64ConvertI64S,
              &eval::Convert<double, Sign::kSigned, uint64_t>>(),
    MakeUnary<Opcode::kF64ConvertI64U,
              &eval::Convert<double, Sign::kUnsigned, uint64_t>>(),
};

}  // namespace

std::span<const UnaryRow> Conversions() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

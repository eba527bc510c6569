#include "interp/eval/vector_relaxed.h"

#include <array>
#include <span>

#include "interp/eval/vector_bitwise.h"
#include "interp/eval/vector_conversion.h"
#include "interp/eval/vector_float.h"
#include "interp/eval/vector_integer.h"
#include "interp/eval/vector_lanes.h"
#include "interp/exec/vector.h"

namespace wasmd::WASMD_BACKEND {
namespace {

namespace vector = eval::vector;

constexpr std::array kRows = {
    MakeVector<Opcode::kI8x16RelaxedSwizzle, &vector::Swizzle>(),
    MakeVector<Opcode::kI32x4RelaxedTruncF32x4S,
               &vector::TruncSatF32<int32_t>>(),
    MakeVector<Opcode::kI32x4RelaxedTruncF32x4U,
               &vector::TruncSatF32<uint32_t>>(),
    MakeVector<Opcode::kI32x4RelaxedTruncF64x2SZero,
               &vector::TruncSatF64Zero<int32_t>>(),
    MakeVector<Opcode::kI32x4RelaxedTruncF64x2UZero,
               &vector::TruncSatF64Zero<uint32_t>>(),
    MakeVector<Opcode::kF32x4RelaxedMadd, &vector::RelaxedMadd<float>>(),
    MakeVector<Opcode::kF32x4RelaxedNmadd, &vector::RelaxedNmadd<float>>(),
    MakeVector<Opcode::kF64x2RelaxedMadd, &vector::RelaxedMadd<double>>(),
    MakeVector<Opcode::kF64x2RelaxedNmadd, &vector::RelaxedNmadd<double>>(),
    MakeVector<Opcode::kI8x16RelaxedLaneselect, &vector::Bitselect>(),
    MakeVector<Opcode::kI16x8RelaxedLaneselect, &vector::Bitselect>(),
    MakeVector<Opcode::kI32x4RelaxedLaneselect, &vector::Bitselect>(),
    MakeVector<Opcode::kI64x2RelaxedLaneselect, &vector::Bitselect>(),
    MakeVector<Opcode::kF32x4RelaxedMin, &vector::FMin<float>>(),
    MakeVector<Opcode::kF32x4RelaxedMax, &vector::FMax<float>>(),
    MakeVector<Opcode::kF64x2RelaxedMin, &vector::FMin<double>>(),
    MakeVector<Opcode::kF64x2RelaxedMax, &vector::FMax<double>>(),
    MakeVector<Opcode::kI16x8RelaxedQ15mulrS, &vector::Q15mulrSat>(),
    MakeVector<Opcode::kI16x8RelaxedDotI8x16I7x16S, &vector::RelaxedDot>(),
    MakeVector<Opcode::kI32x4RelaxedDotI8x16I7x16AddS,
               &vector::RelaxedDotAdd>(),
};

}  // namespace

std::span<const VectorRow> VectorRelaxed() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

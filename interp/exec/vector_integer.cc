#include "interp/eval/vector_integer.h"

#include <array>
#include <span>

#include "interp/exec/vector.h"

namespace wasmd::WASMD_BACKEND {
namespace {

namespace vector = eval::vector;

constexpr std::array kRows = {
    MakeVector<Opcode::kI8x16Abs, &vector::Abs<uint8_t>>(),
    MakeVector<Opcode::kI8x16Neg, &vector::Neg<uint8_t>>(),
    MakeVector<Opcode::kI8x16Popcnt, &vector::Popcnt>(),
    MakeVector<Opcode::kI8x16Add, &vector::Add<uint8_t>>(),
    MakeVector<Opcode::kI8x16Sub, &vector::Sub<uint8_t>>(),
    MakeVector<Opcode::kI8x16AddSatS, &vector::AddSat<int8_t>>(),
    MakeVector<Opcode::kI8x16AddSatU, &vector::AddSat<uint8_t>>(),
    MakeVector<Opcode::kI8x16SubSatS, &vector::SubSat<int8_t>>(),
    MakeVector<Opcode::kI8x16SubSatU, &vector::SubSat<uint8_t>>(),
    MakeVector<Opcode::kI8x16AvgrU, &vector::AvgrU<uint8_t>>(),
    MakeVector<Opcode::kI8x16MinS, &vector::Min<int8_t>>(),
    MakeVector<Opcode::kI8x16MinU, &vector::Min<uint8_t>>(),
    MakeVector<Opcode::kI8x16MaxS, &vector::Max<int8_t>>(),
    MakeVector<Opcode::kI8x16MaxU, &vector::Max<uint8_t>>(),
    MakeVector<Opcode::kI16x8Abs, &vector::Abs<uint16_t>>(),
    MakeVector<Opcode::kI16x8Neg, &vector::Neg<uint16_t>>(),
    MakeVector<Opcode::kI16x8Add, &vector::Add<uint16_t>>(),
    MakeVector<Opcode::kI16x8Sub, &vector::Sub<uint16_t>>(),
    MakeVector<Opcode::kI16x8Mul, &vector::Mul<uint16_t>>(),
    MakeVector<Opcode::kI16x8AddSatS, &vector::AddSat<int16_t>>(),
    MakeVector<Opcode::kI16x8AddSatU, &vector::AddSat<uint16_t>>(),
    MakeVector<Opcode::kI16x8SubSatS, &vector::SubSat<int16_t>>(),
    MakeVector<Opcode::kI16x8SubSatU, &vector::SubSat<uint16_t>>(),
    MakeVector<Opcode::kI16x8AvgrU, &vector::AvgrU<uint16_t>>(),
    MakeVector<Opcode::kI16x8MinS, &vector::Min<int16_t>>(),
    MakeVector<Opcode::kI16x8MinU, &vector::Min<uint16_t>>(),
    MakeVector<Opcode::kI16x8MaxS, &vector::Max<int16_t>>(),
    MakeVector<Opcode::kI16x8MaxU, &vector::Max<uint16_t>>(),
    MakeVector<Opcode::kI32x4Abs, &vector::Abs<uint32_t>>(),
    MakeVector<Opcode::kI32x4Neg, &vector::Neg<uint32_t>>(),
    MakeVector<Opcode::kI32x4Add, &vector::Add<uint32_t>>(),
    MakeVector<Opcode::kI32x4Sub, &vector::Sub<uint32_t>>(),
    MakeVector<Opcode::kI32x4Mul, &vector::Mul<uint32_t>>(),
    MakeVector<Opcode::kI32x4MinS, &vector::Min<int32_t>>(),
    MakeVector<Opcode::kI32x4MinU, &vector::Min<uint32_t>>(),
    MakeVector<Opcode::kI32x4MaxS, &vector::Max<int32_t>>(),
    MakeVector<Opcode::kI32x4MaxU, &vector::Max<uint32_t>>(),
    MakeVector<Opcode::kI64x2Abs, &vector::Abs<uint64_t>>(),
    MakeVector<Opcode::kI64x2Neg, &vector::Neg<uint64_t>>(),
    MakeVector<Opcode::kI64x2Add, &vector::Add<uint64_t>>(),
    MakeVector<Opcode::kI64x2Sub, &vector::Sub<uint64_t>>(),
    MakeVector<Opcode::kI64x2Mul, &vector::Mul<uint64_t>>(),
    MakeVector<Opcode::kI16x8ExtmulLowI8x16S,
               &vector::Extmul<int8_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI16x8ExtmulLowI8x16U,
               &vector::Extmul<uint8_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI16x8ExtmulHighI8x16S,
               &vector::Extmul<int8_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI16x8ExtmulHighI8x16U,
               &vector::Extmul<uint8_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI16x8ExtaddPairwiseI8x16S,
               &vector::ExtaddPairwise<int8_t>>(),
    MakeVector<Opcode::kI16x8ExtaddPairwiseI8x16U,
               &vector::ExtaddPairwise<uint8_t>>(),
    MakeVector<Opcode::kI32x4ExtmulLowI16x8S,
               &vector::Extmul<int16_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI32x4ExtmulLowI16x8U,
               &vector::Extmul<uint16_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI32x4ExtmulHighI16x8S,
               &vector::Extmul<int16_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI32x4ExtmulHighI16x8U,
               &vector::Extmul<uint16_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI32x4ExtaddPairwiseI16x8S,
               &vector::ExtaddPairwise<int16_t>>(),
    MakeVector<Opcode::kI32x4ExtaddPairwiseI16x8U,
               &vector::ExtaddPairwise<uint16_t>>(),
    MakeVector<Opcode::kI64x2ExtmulLowI32x4S,
               &vector::Extmul<int32_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI64x2ExtmulLowI32x4U,
               &vector::Extmul<uint32_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI64x2ExtmulHighI32x4S,
               &vector::Extmul<int32_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI64x2ExtmulHighI32x4U,
               &vector::Extmul<uint32_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI32x4DotI16x8S, &vector::Dot>(),
    MakeVector<Opcode::kI16x8Q15mulrSatS, &vector::Q15mulrSat>(),
};

}  // namespace

std::span<const VectorRow> VectorIntegers() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

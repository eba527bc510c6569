#include "interp/eval/vector_conversion.h"

#include <array>
#include <span>

#include "interp/exec/vector.h"

namespace wasmd::WASMD_BACKEND {
namespace {

namespace vector = eval::vector;

constexpr std::array kRows = {
    MakeVector<Opcode::kI16x8ExtendLowI8x16S,
               &vector::Extend<int8_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI16x8ExtendLowI8x16U,
               &vector::Extend<uint8_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI16x8ExtendHighI8x16S,
               &vector::Extend<int8_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI16x8ExtendHighI8x16U,
               &vector::Extend<uint8_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI8x16NarrowI16x8S, &vector::Narrow<int8_t>>(),
    MakeVector<Opcode::kI8x16NarrowI16x8U, &vector::Narrow<uint8_t>>(),
    MakeVector<Opcode::kI32x4ExtendLowI16x8S,
               &vector::Extend<int16_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI32x4ExtendLowI16x8U,
               &vector::Extend<uint16_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI32x4ExtendHighI16x8S,
               &vector::Extend<int16_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI32x4ExtendHighI16x8U,
               &vector::Extend<uint16_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI16x8NarrowI32x4S, &vector::Narrow<int16_t>>(),
    MakeVector<Opcode::kI16x8NarrowI32x4U, &vector::Narrow<uint16_t>>(),
    MakeVector<Opcode::kI64x2ExtendLowI32x4S,
               &vector::Extend<int32_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI64x2ExtendLowI32x4U,
               &vector::Extend<uint32_t, vector::Half::kLow>>(),
    MakeVector<Opcode::kI64x2ExtendHighI32x4S,
               &vector::Extend<int32_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI64x2ExtendHighI32x4U,
               &vector::Extend<uint32_t, vector::Half::kHigh>>(),
    MakeVector<Opcode::kI32x4TruncSatF32x4S, &vector::TruncSatF32<int32_t>>(),
    MakeVector<Opcode::kI32x4TruncSatF64x2SZero,
               &vector::TruncSatF64Zero<int32_t>>(),
    MakeVector<Opcode::kF32x4ConvertI32x4S, &vector::ConvertToF32<int32_t>>(),
    MakeVector<Opcode::kF64x2ConvertLowI32x4S,
               &vector::ConvertLowToF64<int32_t>>(),
    MakeVector<Opcode::kI32x4TruncSatF32x4U, &vector::TruncSatF32<uint32_t>>(),
    MakeVector<Opcode::kI32x4TruncSatF64x2UZero,
               &vector::TruncSatF64Zero<uint32_t>>(),
    MakeVector<Opcode::kF32x4ConvertI32x4U, &vector::ConvertToF32<uint32_t>>(),
    MakeVector<Opcode::kF64x2ConvertLowI32x4U,
               &vector::ConvertLowToF64<uint32_t>>(),
    MakeVector<Opcode::kF32x4DemoteF64x2Zero, &vector::DemoteZero>(),
    MakeVector<Opcode::kF64x2PromoteLowF32x4, &vector::PromoteLow>(),
};

}  // namespace

std::span<const VectorRow> VectorConversions() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

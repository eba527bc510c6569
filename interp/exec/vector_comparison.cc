#include "interp/eval/vector_comparison.h"

#include <array>
#include <span>

#include "interp/exec/vector.h"

namespace wasmd::WASMD_BACKEND {
namespace {

namespace vector = eval::vector;

constexpr std::array kRows = {
    MakeVector<Opcode::kI8x16Eq, &vector::Eq<uint8_t>>(),
    MakeVector<Opcode::kI8x16Ne, &vector::Ne<uint8_t>>(),
    MakeVector<Opcode::kI8x16LtS, &vector::Lt<int8_t>>(),
    MakeVector<Opcode::kI8x16LtU, &vector::Lt<uint8_t>>(),
    MakeVector<Opcode::kI8x16GtS, &vector::Gt<int8_t>>(),
    MakeVector<Opcode::kI8x16GtU, &vector::Gt<uint8_t>>(),
    MakeVector<Opcode::kI8x16LeS, &vector::Le<int8_t>>(),
    MakeVector<Opcode::kI8x16LeU, &vector::Le<uint8_t>>(),
    MakeVector<Opcode::kI8x16GeS, &vector::Ge<int8_t>>(),
    MakeVector<Opcode::kI8x16GeU, &vector::Ge<uint8_t>>(),
    MakeVector<Opcode::kI16x8Eq, &vector::Eq<uint16_t>>(),
    MakeVector<Opcode::kI16x8Ne, &vector::Ne<uint16_t>>(),
    MakeVector<Opcode::kI16x8LtS, &vector::Lt<int16_t>>(),
    MakeVector<Opcode::kI16x8LtU, &vector::Lt<uint16_t>>(),
    MakeVector<Opcode::kI16x8GtS, &vector::Gt<int16_t>>(),
    MakeVector<Opcode::kI16x8GtU, &vector::Gt<uint16_t>>(),
    MakeVector<Opcode::kI16x8LeS, &vector::Le<int16_t>>(),
    MakeVector<Opcode::kI16x8LeU, &vector::Le<uint16_t>>(),
    MakeVector<Opcode::kI16x8GeS, &vector::Ge<int16_t>>(),
    MakeVector<Opcode::kI16x8GeU, &vector::Ge<uint16_t>>(),
    MakeVector<Opcode::kI32x4Eq, &vector::Eq<uint32_t>>(),
    MakeVector<Opcode::kI32x4Ne, &vector::Ne<uint32_t>>(),
    MakeVector<Opcode::kI32x4LtS, &vector::Lt<int32_t>>(),
    MakeVector<Opcode::kI32x4LtU, &vector::Lt<uint32_t>>(),
    MakeVector<Opcode::kI32x4GtS, &vector::Gt<int32_t>>(),
    MakeVector<Opcode::kI32x4GtU, &vector::Gt<uint32_t>>(),
    MakeVector<Opcode::kI32x4LeS, &vector::Le<int32_t>>(),
    MakeVector<Opcode::kI32x4LeU, &vector::Le<uint32_t>>(),
    MakeVector<Opcode::kI32x4GeS, &vector::Ge<int32_t>>(),
    MakeVector<Opcode::kI32x4GeU, &vector::Ge<uint32_t>>(),
    MakeVector<Opcode::kI64x2Eq, &vector::Eq<uint64_t>>(),
    MakeVector<Opcode::kI64x2Ne, &vector::Ne<uint64_t>>(),
    MakeVector<Opcode::kI64x2LtS, &vector::Lt<int64_t>>(),
    MakeVector<Opcode::kI64x2GtS, &vector::Gt<int64_t>>(),
    MakeVector<Opcode::kI64x2LeS, &vector::Le<int64_t>>(),
    MakeVector<Opcode::kI64x2GeS, &vector::Ge<int64_t>>(),
    MakeVector<Opcode::kF32x4Eq, &vector::Eq<float>>(),
    MakeVector<Opcode::kF32x4Ne, &vector::Ne<float>>(),
    MakeVector<Opcode::kF32x4Lt, &vector::Lt<float>>(),
    MakeVector<Opcode::kF32x4Gt, &vector::Gt<float>>(),
    MakeVector<Opcode::kF32x4Le, &vector::Le<float>>(),
    MakeVector<Opcode::kF32x4Ge, &vector::Ge<float>>(),
    MakeVector<Opcode::kF64x2Eq, &vector::Eq<double>>(),
    MakeVector<Opcode::kF64x2Ne, &vector::Ne<double>>(),
    MakeVector<Opcode::kF64x2Lt, &vector::Lt<double>>(),
    MakeVector<Opcode::kF64x2Gt, &vector::Gt<double>>(),
    MakeVector<Opcode::kF64x2Le, &vector::Le<double>>(),
    MakeVector<Opcode::kF64x2Ge, &vector::Ge<double>>(),
};

}  // namespace

std::span<const VectorRow> VectorComparisons() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

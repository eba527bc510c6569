#include "interp/eval/vector_lanes.h"

#include <array>
#include <span>

#include "interp/exec/vector.h"

namespace wasmd::WASMD_BACKEND {
namespace {

namespace vector = eval::vector;

constexpr std::array kRows = {
    MakeVector<Opcode::kV128Const, &vector::Const>(),
    MakeVector<Opcode::kI8x16Shuffle, &vector::Shuffle>(),
    MakeVector<Opcode::kI8x16Swizzle, &vector::Swizzle>(),
    MakeVector<Opcode::kI8x16Splat, &vector::Splat<uint8_t, uint32_t>>(),
    MakeVector<Opcode::kI16x8Splat, &vector::Splat<uint16_t, uint32_t>>(),
    MakeVector<Opcode::kI32x4Splat, &vector::Splat<uint32_t, uint32_t>>(),
    MakeVector<Opcode::kI64x2Splat, &vector::Splat<uint64_t, uint64_t>>(),
    MakeVector<Opcode::kF32x4Splat, &vector::Splat<float, float>>(),
    MakeVector<Opcode::kF64x2Splat, &vector::Splat<double, double>>(),
    MakeVector<Opcode::kI8x16ExtractLaneS,
               &vector::ExtractLane<int8_t, uint32_t>>(),
    MakeVector<Opcode::kI8x16ExtractLaneU,
               &vector::ExtractLane<uint8_t, uint32_t>>(),
    MakeVector<Opcode::kI16x8ExtractLaneS,
               &vector::ExtractLane<int16_t, uint32_t>>(),
    MakeVector<Opcode::kI16x8ExtractLaneU,
               &vector::ExtractLane<uint16_t, uint32_t>>(),
    MakeVector<Opcode::kI32x4ExtractLane,
               &vector::ExtractLane<uint32_t, uint32_t>>(),
    MakeVector<Opcode::kI64x2ExtractLane,
               &vector::ExtractLane<uint64_t, uint64_t>>(),
    MakeVector<Opcode::kF32x4ExtractLane, &vector::ExtractLane<float, float>>(),
    MakeVector<Opcode::kF64x2ExtractLane,
               &vector::ExtractLane<double, double>>(),
    MakeVector<Opcode::kI8x16ReplaceLane,
               &vector::ReplaceLane<uint8_t, uint32_t>>(),
    MakeVector<Opcode::kI16x8ReplaceLane,
               &vector::ReplaceLane<uint16_t, uint32_t>>(),
    MakeVector<Opcode::kI32x4ReplaceLane,
               &vector::ReplaceLane<uint32_t, uint32_t>>(),
    MakeVector<Opcode::kI64x2ReplaceLane,
               &vector::ReplaceLane<uint64_t, uint64_t>>(),
    MakeVector<Opcode::kF32x4ReplaceLane, &vector::ReplaceLane<float, float>>(),
    MakeVector<Opcode::kF64x2ReplaceLane,
               &vector::ReplaceLane<double, double>>(),
    MakeVector<Opcode::kSelect, &vector::Select>(),
};

}  // namespace

std::span<const VectorRow> VectorLanes() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

#include "interp/eval/vector_bitwise.h"

#include <array>
#include <span>

#include "interp/exec/vector.h"

namespace wasmd::WASMD_BACKEND {
namespace {

namespace vector = eval::vector;

constexpr std::array kRows = {
    MakeVector<Opcode::kV128Not, &vector::Not>(),
    MakeVector<Opcode::kV128And, &vector::And>(),
    MakeVector<Opcode::kV128Andnot, &vector::AndNot>(),
    MakeVector<Opcode::kV128Or, &vector::Or>(),
    MakeVector<Opcode::kV128Xor, &vector::Xor>(),
    MakeVector<Opcode::kV128Bitselect, &vector::Bitselect>(),
    MakeVector<Opcode::kV128AnyTrue, &vector::AnyTrue>(),
    MakeVector<Opcode::kI8x16AllTrue, &vector::AllTrue<uint8_t>>(),
    MakeVector<Opcode::kI8x16Bitmask, &vector::Bitmask<int8_t>>(),
    MakeVector<Opcode::kI8x16Shl, &vector::Shl<uint8_t>>(),
    MakeVector<Opcode::kI8x16ShrS, &vector::Shr<int8_t>>(),
    MakeVector<Opcode::kI8x16ShrU, &vector::Shr<uint8_t>>(),
    MakeVector<Opcode::kI16x8AllTrue, &vector::AllTrue<uint16_t>>(),
    MakeVector<Opcode::kI16x8Bitmask, &vector::Bitmask<int16_t>>(),
    MakeVector<Opcode::kI16x8Shl, &vector::Shl<uint16_t>>(),
    MakeVector<Opcode::kI16x8ShrS, &vector::Shr<int16_t>>(),
    MakeVector<Opcode::kI16x8ShrU, &vector::Shr<uint16_t>>(),
    MakeVector<Opcode::kI32x4AllTrue, &vector::AllTrue<uint32_t>>(),
    MakeVector<Opcode::kI32x4Bitmask, &vector::Bitmask<int32_t>>(),
    MakeVector<Opcode::kI32x4Shl, &vector::Shl<uint32_t>>(),
    MakeVector<Opcode::kI32x4ShrS, &vector::Shr<int32_t>>(),
    MakeVector<Opcode::kI32x4ShrU, &vector::Shr<uint32_t>>(),
    MakeVector<Opcode::kI64x2AllTrue, &vector::AllTrue<uint64_t>>(),
    MakeVector<Opcode::kI64x2Bitmask, &vector::Bitmask<int64_t>>(),
    MakeVector<Opcode::kI64x2Shl, &vector::Shl<uint64_t>>(),
    MakeVector<Opcode::kI64x2ShrS, &vector::Shr<int64_t>>(),
    MakeVector<Opcode::kI64x2ShrU, &vector::Shr<uint64_t>>(),
};

}  // namespace

std::span<const VectorRow> VectorBitwise() { return kRows; }

}  // namespace wasmd::WASMD_BACKEND

// Pairs of i32 instructions. Subtractions of constants are additions.

#include "interp/eval/integer.h"
#include "interp/exec/pair.h"

namespace wasmd::WASMD_BACKEND {
namespace {

using Firsts = Operations<  //
    Operation<Opcode::kI32Add, &eval::Add<uint32_t>, PairOperand::kAny>,
    Operation<Opcode::kI32Sub, &eval::Sub<uint32_t>, PairOperand::kSlot>,
    Operation<Opcode::kI32Mul, &eval::Mul<uint32_t>, PairOperand::kAny>,
    Operation<Opcode::kI32And, &eval::And<uint32_t>, PairOperand::kAny>,
    Operation<Opcode::kI32Or, &eval::Or<uint32_t>, PairOperand::kAny>,
    Operation<Opcode::kI32Xor, &eval::Xor<uint32_t>, PairOperand::kAny>,
    Operation<Opcode::kI32Shl, &eval::Shl<uint32_t>, PairOperand::kImmediate>,
    Operation<Opcode::kI32ShrU, &eval::ShrU<uint32_t>, PairOperand::kImmediate>,
    Operation<Opcode::kI32Rotl, &eval::Rotl<uint32_t>,
              PairOperand::kImmediate>>;

using Seconds = Operations<  //
    Operation<Opcode::kI32Add, &eval::Add<uint32_t>, PairOperand::kAny>,
    Operation<Opcode::kI32Sub, &eval::Sub<uint32_t>, PairOperand::kSlot>,
    Operation<Opcode::kI32Sub, &eval::Sub<uint32_t>, PairOperand::kAny, true>,
    Operation<Opcode::kI32Mul, &eval::Mul<uint32_t>, PairOperand::kAny>,
    Operation<Opcode::kI32And, &eval::And<uint32_t>, PairOperand::kAny>,
    Operation<Opcode::kI32Or, &eval::Or<uint32_t>, PairOperand::kSlot>,
    Operation<Opcode::kI32Xor, &eval::Xor<uint32_t>, PairOperand::kAny>,
    Operation<Opcode::kI32Shl, &eval::Shl<uint32_t>, PairOperand::kImmediate>,
    Operation<Opcode::kI32ShrU, &eval::ShrU<uint32_t>,
              PairOperand::kImmediate>>;

}  // namespace

DestinationHandlers I32Pair(const PairForm& form) {
  return PairFamily<uint32_t, Firsts, Seconds>::Find(form);
}

}  // namespace wasmd::WASMD_BACKEND

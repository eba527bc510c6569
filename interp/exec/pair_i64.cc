// Pairs of i64 instructions. Subtractions of constants are additions.

#include "interp/eval/integer.h"
#include "interp/exec/pair.h"

namespace wasmd::WASMD_BACKEND {
namespace {

using Firsts = Operations<  //
    Operation<Opcode::kI64Add, &eval::Add<uint64_t>, PairOperand::kAny>,
    Operation<Opcode::kI64Sub, &eval::Sub<uint64_t>, PairOperand::kSlot>,
    Operation<Opcode::kI64Mul, &eval::Mul<uint64_t>, PairOperand::kAny>,
    Operation<Opcode::kI64And, &eval::And<uint64_t>, PairOperand::kAny>,
    Operation<Opcode::kI64Or, &eval::Or<uint64_t>, PairOperand::kAny>,
    Operation<Opcode::kI64Xor, &eval::Xor<uint64_t>, PairOperand::kAny>,
    Operation<Opcode::kI64Shl, &eval::Shl<uint64_t>, PairOperand::kImmediate>,
    Operation<Opcode::kI64ShrU, &eval::ShrU<uint64_t>, PairOperand::kImmediate>,
    Operation<Opcode::kI64Rotl, &eval::Rotl<uint64_t>,
              PairOperand::kImmediate>>;

using Seconds = Operations<  //
    Operation<Opcode::kI64Add, &eval::Add<uint64_t>, PairOperand::kAny>,
    Operation<Opcode::kI64Sub, &eval::Sub<uint64_t>, PairOperand::kSlot>,
    Operation<Opcode::kI64Sub, &eval::Sub<uint64_t>, PairOperand::kAny, true>,
    Operation<Opcode::kI64Mul, &eval::Mul<uint64_t>, PairOperand::kAny>,
    Operation<Opcode::kI64And, &eval::And<uint64_t>, PairOperand::kAny>,
    Operation<Opcode::kI64Or, &eval::Or<uint64_t>, PairOperand::kSlot>,
    Operation<Opcode::kI64Xor, &eval::Xor<uint64_t>, PairOperand::kSlot>,
    Operation<Opcode::kI64ShrU, &eval::ShrU<uint64_t>,
              PairOperand::kImmediate>>;

}  // namespace

DestinationHandlers I64Pair(const PairForm& form) {
  return PairFamily<uint64_t, Firsts, Seconds>::Find(form);
}

}  // namespace wasmd::WASMD_BACKEND

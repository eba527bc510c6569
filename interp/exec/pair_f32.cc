// Pairs of f32 instructions. Each rounds; a NaN that the first makes is made
// canonical by the second.

#include "interp/eval/float.h"
#include "interp/exec/pair.h"

namespace wasmd::WASMD_BACKEND {
namespace {

using Firsts = Operations<  //
    Operation<Opcode::kF32Add, &PlainAdd<float>, PairOperand::kSlot>,
    Operation<Opcode::kF32Sub, &PlainSubtract<float>, PairOperand::kSlot>,
    Operation<Opcode::kF32Mul, &PlainMultiply<float>, PairOperand::kSlot>>;

using Seconds = Operations<  //
    Operation<Opcode::kF32Add, &eval::FAdd<float>, PairOperand::kSlot>,
    Operation<Opcode::kF32Sub, &eval::FSub<float>, PairOperand::kSlot>,
    Operation<Opcode::kF32Sub, &eval::FSub<float>, PairOperand::kSlot, true>,
    Operation<Opcode::kF32Mul, &eval::FMul<float>, PairOperand::kSlot>,
    Operation<Opcode::kF32Div, &eval::FDiv<float>, PairOperand::kSlot>,
    Operation<Opcode::kF32Div, &eval::FDiv<float>, PairOperand::kSlot, true>>;

}  // namespace

DestinationHandlers F32Pair(const PairForm& form) {
  return PairFamily<float, Firsts, Seconds>::Find(form);
}

}  // namespace wasmd::WASMD_BACKEND

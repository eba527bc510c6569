// Pairs of f64 instructions. Each rounds; a NaN that the first makes is made
// canonical by the second.

#include "interp/eval/float.h"
#include "interp/exec/pair.h"

namespace wasmd::WASMD_BACKEND {
namespace {

using Firsts = Operations<  //
    Operation<Opcode::kF64Add, &PlainAdd<double>, PairOperand::kAny>,
    Operation<Opcode::kF64Sub, &PlainSubtract<double>, PairOperand::kAny>,
    Operation<Opcode::kF64Mul, &PlainMultiply<double>, PairOperand::kAny>>;

using Seconds = Operations<  //
    Operation<Opcode::kF64Add, &eval::FAdd<double>, PairOperand::kAny>,
    Operation<Opcode::kF64Sub, &eval::FSub<double>, PairOperand::kAny>,
    Operation<Opcode::kF64Sub, &eval::FSub<double>, PairOperand::kAny, true>,
    Operation<Opcode::kF64Mul, &eval::FMul<double>, PairOperand::kAny>,
    Operation<Opcode::kF64Div, &eval::FDiv<double>, PairOperand::kAny>,
    Operation<Opcode::kF64Div, &eval::FDiv<double>, PairOperand::kAny, true>>;

}  // namespace

DestinationHandlers F64Pair(const PairForm& form) {
  return PairFamily<double, Firsts, Seconds>::Find(form);
}

}  // namespace wasmd::WASMD_BACKEND

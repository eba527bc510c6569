// Pairs of f64 instructions. Each rounds; a NaN that the first makes is made
// canonical by the second.

#include "interp/eval/float.h"
#include "interp/exec/pair.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr double Add(double a, double b) { return a + b; }
constexpr double Subtract(double a, double b) { return a - b; }
constexpr double Multiply(double a, double b) { return a * b; }

using Firsts = Operations<  //
    Operation<Opcode::kF64Add, &Add, PairOperand::kAny>,
    Operation<Opcode::kF64Sub, &Subtract, PairOperand::kAny>,
    Operation<Opcode::kF64Mul, &Multiply, PairOperand::kAny>>;

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

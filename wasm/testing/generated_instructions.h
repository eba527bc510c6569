// The instructions of opcodes.def that a generator can use by their signatures
// alone.

#ifndef WASMD_WASM_TESTING_GENERATED_INSTRUCTIONS_H_
#define WASMD_WASM_TESTING_GENERATED_INSTRUCTIONS_H_

#include <cstdint>
#include <vector>

#include "wasm/opcodes.h"

namespace wasmd::testing {

// Those that take operands and leave one value of the type of a letter of
// opcodes.def; for ':', those that store to memory and leave none.
const std::vector<Opcode>& InstructionsWithResult(char letter);

// Traps for a divisor of 0.
bool IsDivision(Opcode opcode);

// How many lanes an immediate lane index chooses from; 0 if there is none.
uint32_t LanesOf(Opcode opcode);

}  // namespace wasmd::testing

#endif  // WASMD_WASM_TESTING_GENERATED_INSTRUCTIONS_H_

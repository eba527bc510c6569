// Finding the end of an expression (core specification, binary/expressions):
// the structure of blocks, without any types. Private to wasm/.

#ifndef WASMD_WASM_EXPRESSION_READER_H_
#define WASMD_WASM_EXPRESSION_READER_H_

#include <vector>

#include "wasm/binary_reader.h"
#include "wasm/instruction_reader.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"

namespace wasmd {

// The nesting of blocks while instructions are read one by one.
class BlockNesting {
 public:
  // Takes the next instruction into account. Null, or what is malformed about
  // an `else` or `end` at this place.
  const char* Step(Opcode opcode);
  // The last instruction was the end of the whole expression.
  bool AtEnd() const { return at_end_; }

 private:
  // For each open block whether it is an `if` without an `else` so far.
  std::vector<bool> open_ifs_;
  bool at_end_ = false;
};

// Takes an expression, up to and with its final end, from the front of what
// `reader` has left. False if it is malformed; the error is the reader's.
// `scratch` saves allocations between calls.
bool ReadConstantExpression(BinaryReader* reader, Instruction* scratch,
                            ConstantExpression* expression);

}  // namespace wasmd

#endif  // WASMD_WASM_EXPRESSION_READER_H_

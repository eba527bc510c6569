#include "wasm/expression_reader.h"

#include "wasm/constant_number.h"

namespace wasmd {

const char* BlockNesting::Step(Opcode opcode) {
  switch (opcode) {
    case Opcode::kBlock:
    case Opcode::kLoop:
    case Opcode::kTryTable:
      open_ifs_.push_back(false);
      return nullptr;
    case Opcode::kIf:
      open_ifs_.push_back(true);
      return nullptr;
    case Opcode::kElse:
      if (open_ifs_.empty() || !open_ifs_.back()) {
        return "END opcode expected: else without if";
      }
      open_ifs_.back() = false;
      return nullptr;
    case Opcode::kEnd:
      if (open_ifs_.empty()) {
        at_end_ = true;
      } else {
        open_ifs_.pop_back();
      }
      return nullptr;
    default:
      return nullptr;
  }
}

bool ReadConstantExpression(BinaryReader* reader, Instruction* scratch,
                            ConstantExpression* expression) {
  if (const auto number = ReadConstantNumber(reader->Rest())) {
    expression->begin = reader->offset();
    expression->end = expression->begin + number->size_bytes;
    reader->Skip(number->size_bytes);
    return true;
  }
  InstructionReader instructions(reader->Rest(), reader->offset());
  BlockNesting nesting;
  expression->begin = reader->offset();
  while (!nesting.AtEnd()) {
    if (instructions.AtEnd()) {
      reader->Skip(reader->remaining());
      return reader->FailAtEnd();
    }
    if (!instructions.TryRead(scratch)) {
      const ReadError& error = instructions.error();
      return error.is_limit ? reader->FailLimit(error.message, error.offset)
                            : reader->Fail(error.message, error.offset);
    }
    if (const char* problem = nesting.Step(scratch->opcode)) {
      return reader->Fail(problem, scratch->offset);
    }
  }
  expression->end = instructions.offset();
  reader->Skip(expression->end - expression->begin);
  return true;
}

}  // namespace wasmd

// CodeGenerator: the body of one function of a generated module.

#ifndef WASMD_WASM_TESTING_CODE_GENERATOR_H_
#define WASMD_WASM_TESTING_CODE_GENERATOR_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/opcodes.h"
#include "wasm/testing/byte_source.h"
#include "wasm/testing/generated_environment.h"
#include "wasm/testing/module_builder.h"

namespace wasmd::testing {

class CodeGenerator {
 public:
  CodeGenerator(ByteSource* source, const Functions& functions,
                const Signature& signature)
      : in_(*source), functions_(functions), signature_(signature) {}

  // Everything after the size of the function; once. `budget` is what it gives
  // the calls below it; 0 takes one from what there is.
  Code Body(uint32_t budget);

 private:
  struct Label {
    std::string types;
    bool is_target = true;  // not a loop, which would not end
  };

  // Code that leaves one value of this type, or these, or nothing.
  void Value(char type, int depth);
  void Values(std::string_view types, int depth);
  void Statement(int depth);
  void Statements(int depth);

  // Parts of Value.
  void Leaf(char type);
  void Constant(char type);
  void Numeric(char type, int depth);
  void NumericOf(Opcode opcode, int depth);
  void Integer(char type, int depth);  // out of references and sizes
  void Reference(char type, int depth);
  void NonNull(char type, int depth);  // S, A or B
  void Cast(int depth);                // (ref $struct) out of an anyref
  void Allocate(char type, int depth);
  void FromField(char type, int depth);
  void ValueBlock(char type, int depth);
  void Select(char type, int depth);
  bool CallFor(char type, int depth);
  void Caught(char type, int depth);

  // Parts of Statement.
  void Assign(int depth);
  void Store(int depth);
  void Bulk(int depth);
  void BulkOfTables(int depth);
  void Object(int depth);
  void Loop(int depth);
  void If(int depth);
  void Branch(int depth);
  void BranchTable(int depth);
  void AnyCall(int depth);
  void TailCall(int depth);
  void Throw(int depth);

  void Call(uint32_t function, int depth);
  void Op(Opcode opcode) { code_.Op(opcode); }
  void Op(Opcode opcode, uint64_t immediate) { code_.Op(opcode).U(immediate); }
  void Open(Opcode opcode, std::string_view result, Label label);
  void Close();
  void Drop(size_t count);
  // An address, index or size: mostly below `limit`, a power of two.
  void Bounded(char type, uint64_t limit, int depth);
  void MemArg(uint32_t memory, uint32_t access_bytes);
  uint32_t LocalOf(char type);
  bool Spend();

  ByteSource& in_;
  const Functions& functions_;
  const Signature& signature_;
  Code code_;
  std::string locals_;  // parameters first; those with capital letters too
  uint32_t assignable_ = 0;
  std::vector<Label> labels_;
  uint32_t left_ = 120;  // instructions that have operands
};

}  // namespace wasmd::testing

#endif  // WASMD_WASM_TESTING_CODE_GENERATOR_H_

// Memory and table instructions.

#include <algorithm>
#include <string_view>

#include "interp/code/function_translator.h"
#include "wasm/opcodes.h"

namespace wasmd {
namespace {

struct BulkInstruction {
  SimpleOp op;
  uint32_t indices;   // fields after the first slot
  bool swap_indices;  // the binary has them in the other order
};

BulkInstruction BulkOf(Opcode opcode) {
  switch (opcode) {
    case Opcode::kMemorySize:
      return {SimpleOp::kMemorySize, 1, false};
    case Opcode::kMemoryGrow:
      return {SimpleOp::kMemoryGrow, 1, false};
    case Opcode::kMemoryFill:
      return {SimpleOp::kMemoryFill, 1, false};
    case Opcode::kMemoryCopy:
      return {SimpleOp::kMemoryCopy, 2, false};
    case Opcode::kMemoryInit:
      return {SimpleOp::kMemoryInit, 2, false};
    case Opcode::kDataDrop:
      return {SimpleOp::kDataDrop, 1, false};
    case Opcode::kTableGet:
      return {SimpleOp::kTableGet, 1, false};
    case Opcode::kTableSet:
      return {SimpleOp::kTableSet, 1, false};
    case Opcode::kTableSize:
      return {SimpleOp::kTableSize, 1, false};
    case Opcode::kTableGrow:
      return {SimpleOp::kTableGrow, 1, false};
    case Opcode::kTableFill:
      return {SimpleOp::kTableFill, 1, false};
    case Opcode::kTableCopy:
      return {SimpleOp::kTableCopy, 2, false};
    case Opcode::kTableInit:
      return {SimpleOp::kTableInit, 2, false};
    default:
      return {SimpleOp::kElemDrop, 1, false};
  }
}

uint32_t OperandCount(Opcode opcode) {
  switch (opcode) {
    case Opcode::kMemorySize:
    case Opcode::kTableSize:
    case Opcode::kDataDrop:
    case Opcode::kElemDrop:
      return 0;
    case Opcode::kMemoryGrow:
    case Opcode::kTableGet:
      return 1;
    case Opcode::kTableSet:
    case Opcode::kTableGrow:
      return 2;
    default:
      return 3;
  }
}

}  // namespace

// A constant address with its offset added, if the sum fits a field: it may be
// beyond any memory, but not wrap.
bool FunctionTranslator::ConstantAddress(Operand& address, uint64_t offset) {
  if (!address.is_immediate()) return false;
  if (address.bits + offset <= UINT32_MAX) {
    address.bits += offset;
    return true;
  }
  address = stack_.ToAccumulator(address);
  return false;
}

void FunctionTranslator::Load(const Instruction& instruction) {
  const MemArg& memarg = instruction.memarg;
  if (!IsPlainMemory(memarg.memory_index)) return Unsupported(instruction);
  Operand address = stack_.Pop();
  const bool is_constant = ConstantAddress(address, memarg.offset);
  ResultOp op;
  op.handlers = handlers().load(instruction.opcode, address.kind);
  op.type = ResultTypeOf(instruction.opcode);
  op.opcode = instruction.opcode;
  op.operands[0] = address;
  op.fields.Put(address);
  if (!is_constant) op.fields.Put(static_cast<CodeUnit>(memarg.offset));
  stack_.PushResult(op);
}

void FunctionTranslator::Store(const Instruction& instruction) {
  const MemArg& memarg = instruction.memarg;
  if (!IsPlainMemory(memarg.memory_index)) return Unsupported(instruction);
  Operand value = stack_.Pop();
  Operand address = stack_.Pop();
  if (ClassOf(value.type) == RegisterClass::kInteger &&
      value.in_accumulator() && address.in_accumulator()) {
    OperandStack::PreferSlot(address.has_slot ? address : value);
  }
  if (address.is_immediate() && address.bits + memarg.offset > UINT32_MAX &&
      value.in_accumulator()) {
    // r0 is taken: the address goes through the slot it had on the stack.
    const uint32_t slot = stack_.top_slot();
    stack_.Store(address, slot);
    address.kind = OperandKind::kSlot;
    address.slot = slot;
  }
  const bool is_constant = ConstantAddress(address, memarg.offset);
  Fields fields;
  fields.Put(address);
  if (!is_constant) fields.Put(static_cast<CodeUnit>(memarg.offset));
  fields.Put(value);
  if (InfoOf(instruction.opcode).immediates == Immediates::kMemArgLane) {
    fields.Put(instruction.lane);
  }
  emitter_.Begin(
      handlers().store(instruction.opcode, address.kind, value.kind));
  for (const CodeUnit field : fields) emitter_.code().Put(field);
}

void FunctionTranslator::Bulk(const Instruction& instruction) {
  const BulkInstruction bulk = BulkOf(instruction.opcode);
  const uint32_t operands = OperandCount(instruction.opcode);
  stack_.Flush();
  stack_.Truncate(stack_.size() - operands);
  const uint32_t first = stack_.top_slot();
  if (bulk.indices == 2) {
    emitter_.Simple(bulk.op, {first, instruction.index, instruction.index2});
  } else {
    emitter_.Simple(bulk.op, {first, instruction.index});
  }
  if (const ValueType type = BulkResultType(instruction); type != ValueType()) {
    stack_.NoteWrite(first);
    stack_.PushSlot(type);
  }
}

// kBottom where there is no result.
ValueType FunctionTranslator::BulkResultType(const Instruction& instruction) {
  switch (instruction.opcode) {
    case Opcode::kMemorySize:
    case Opcode::kMemoryGrow:
      return ToValueType(module().memories[instruction.index].type.address);
    case Opcode::kTableGet:
      return module().tables[instruction.index].type.element;
    case Opcode::kTableSize:
    case Opcode::kTableGrow:
      return ToValueType(module().tables[instruction.index].type.address);
    default:
      return ValueType();
  }
}

}  // namespace wasmd

// Memory and table instructions.

#include <algorithm>
#include <optional>

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

// Whether there are handlers that add up the address. Of vectors, only for
// whole ones.
bool FunctionTranslator::HasAddressForms(Opcode opcode) {
  return opcode < Opcode::kV128Load || opcode == Opcode::kV128Load ||
         opcode == Opcode::kV128Store;
}

// An operand that is a slot or r0.
FunctionTranslator::Address FunctionTranslator::AddressOf(
    const Operand& operand) {
  Address address;
  address.kind =
      operand.in_accumulator() ? AddressKind::kAccumulator : AddressKind::kSlot;
  address.fields.Put(operand);
  return address;
}

FunctionTranslator::Address FunctionTranslator::AddressOf(Sum sum,
                                                          bool r0_taken) {
  if (r0_taken) {
    if (sum.base.in_accumulator()) OperandStack::PreferSlot(sum.base);
    if (sum.index.in_accumulator()) OperandStack::PreferSlot(sum.index);
  }
  Address address;
  if (sum.index.is_immediate()) {
    address.kind = sum.base.in_accumulator()
                       ? AddressKind::kAccumulatorImmediate
                       : AddressKind::kSlotImmediate;
  } else if (sum.shift == 0) {
    address.kind = sum.base.in_accumulator() || sum.index.in_accumulator()
                       ? AddressKind::kAccumulatorSlot
                       : AddressKind::kSlotSlot;
  } else {
    // There is no form for a shifted slot added to r0.
    if (sum.base.in_accumulator()) OperandStack::PreferSlot(sum.base);
    address.kind = sum.index.in_accumulator() ? AddressKind::kAccumulatorShifted
                                              : AddressKind::kSlotShifted;
  }
  address.fields.Put(sum.base);
  address.fields.Put(sum.index);
  if (sum.shift != 0) address.fields.Put(sum.shift);
  return address;
}

// The addition that was just made, if the access can make it itself.
std::optional<FunctionTranslator::Address>
FunctionTranslator::TakeComputedAddress() {
  if (!stack_.TopIsLast()) return std::nullopt;
  const ResultOp& last = *emitter_.last();
  const bool is_add = last.opcode == Opcode::kI32Add;
  const bool is_shifted =
      last.is_add_shifted && !last.operands[0].in_accumulator();
  if (!is_add && !is_shifted) return std::nullopt;
  const ResultOp op = stack_.PopLast();
  return AddressOf(Sum{op.operands[0], op.operands[1], op.shift},
                   /*r0_taken=*/false);
}

// `r0_taken`: r0 holds the value to be stored.
FunctionTranslator::Address FunctionTranslator::TakeAddress(Opcode opcode,
                                                            uint64_t offset,
                                                            bool r0_taken) {
  Address address;
  if (const std::optional<uint64_t> constant = stack_.ConstAt(0);
      constant.has_value() && *constant + offset <= UINT32_MAX) {
    stack_.Pop();
    address.kind = AddressKind::kImmediate;
    address.fields.Put(static_cast<CodeUnit>(*constant + offset));
    return address;
  }
  std::optional<Address> computed;
  if (HasAddressForms(opcode)) {
    if (const std::optional<Sum> sum = stack_.PopSum()) {
      computed = AddressOf(*sum, r0_taken);
    } else if (!r0_taken) {
      computed = TakeComputedAddress();
    }
  }
  if (computed.has_value()) {
    address = *computed;
  } else {
    Operand operand = stack_.Pop(r0_taken);
    if (operand.is_immediate()) {
      // Beyond 32 bits with its offset, so certain to trap; through the slot it
      // had on the stack, to have no form of its own.
      const uint32_t slot = stack_.top_slot();
      stack_.Store(operand, slot);
      operand = {.type = kI32Type, .slot = slot};
    } else if (r0_taken && operand.in_accumulator()) {
      OperandStack::PreferSlot(operand);
    }
    address = AddressOf(operand);
  }
  address.fields.Put(static_cast<CodeUnit>(offset));
  return address;
}

void FunctionTranslator::Load(const Instruction& instruction) {
  const MemArg& memarg = instruction.memarg;
  if (!IsPlainMemory(memarg.memory_index)) return LoadAny(instruction);
  const Address address =
      TakeAddress(instruction.opcode, memarg.offset, /*r0_taken=*/false);
  ResultOp op;
  op.handlers = handlers().load(instruction.opcode, address.kind);
  op.type = ResultTypeOf(instruction.opcode);
  op.opcode = instruction.opcode;
  op.address = address.kind;
  op.fields = address.fields;
  stack_.PushResult(op);
}

void FunctionTranslator::Store(const Instruction& instruction) {
  const MemArg& memarg = instruction.memarg;
  if (!IsPlainMemory(memarg.memory_index)) return StoreAny(instruction);
  Operand value = stack_.Pop();
  const bool in_r0 =
      ClassOf(value.type) == RegisterClass::kInteger && value.in_accumulator();
  const Address address = TakeAddress(instruction.opcode, memarg.offset, in_r0);
  emitter_.Begin(
      handlers().store(instruction.opcode, address.kind, value.kind));
  for (const CodeUnit field : address.fields) emitter_.code().Put(field);
  PutOperand(value);
  if (InfoOf(instruction.opcode).immediates == Immediates::kMemArgLane) {
    emitter_.code().Put(instruction.lane);
  }
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

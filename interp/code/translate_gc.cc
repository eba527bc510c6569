// Instructions on structs, arrays, i31 and casts.

#include <bit>

#include "base/check.h"
#include "interp/code/function_translator.h"
#include "interp/reference.h"
#include "wasm/opcodes.h"

namespace wasmd {
namespace {

ValueType NonNullOf(uint32_t type_index) {
  return ValueType::Ref(HeapType::Concrete(type_index), /*nullable=*/false);
}

FieldAccess AccessOf(const FieldType& field, bool is_signed) {
  switch (field.packed) {
    case PackedType::kI8:
      return is_signed ? FieldAccess::k8Signed : FieldAccess::k8Unsigned;
    case PackedType::kI16:
      return is_signed ? FieldAccess::k16Signed : FieldAccess::k16Unsigned;
    case PackedType::kNotPacked:
      break;
  }
  switch (field.value.kind()) {
    case ValueKind::kI32:
      return FieldAccess::kI32;
    case ValueKind::kF32:
      return FieldAccess::kF32;
    case ValueKind::kF64:
      return FieldAccess::kF64;
    default:
      return FieldAccess::kI64;
  }
}

}  // namespace

// An instruction that makes an object of `count` operands, which are all in
// their slots, so that they and what lies below them can be found and moved.
void FunctionTranslator::EmitNew(SimpleOp op, uint32_t count,
                                 std::initializer_list<CodeUnit> fields,
                                 uint32_t type_index) {
  stack_.Flush();
  AddCollectionPoint();
  const uint32_t first = stack_.SlotOf(stack_.size() - count);
  emitter_.Simple(op, {first});
  for (const CodeUnit field : fields) emitter_.code().Put(field);
  stack_.Truncate(stack_.size() - count);
  // A collection rewrites slots, and leaves r0 as it was.
  stack_.ForgetAccumulators();
  const ValueType type = NonNullOf(type_index);
  stack_.PushSlot(type);
  stack_.SetAlias(type, first);
}

void FunctionTranslator::New(const Instruction& instruction) {
  const uint32_t type = instruction.index;
  switch (instruction.opcode) {
    case Opcode::kStructNew:
      return EmitNew(SimpleOp::kStructNew,
                     static_cast<uint32_t>(module().types[type].fields.size()),
                     {type}, type);
    case Opcode::kStructNewDefault:
      return EmitNew(SimpleOp::kStructNewDefault, 0, {type}, type);
    case Opcode::kArrayNew:
      return EmitNew(SimpleOp::kArrayNew, 2, {type}, type);
    case Opcode::kArrayNewDefault:
      return EmitNew(SimpleOp::kArrayNewDefault, 1, {type}, type);
    case Opcode::kArrayNewFixed:
      return EmitNew(SimpleOp::kArrayNewFixed, instruction.index2,
                     {type, instruction.index2}, type);
    case Opcode::kArrayNewData:
      return EmitNew(SimpleOp::kArrayNewData, 2, {type, instruction.index2},
                     type);
    case Opcode::kArrayNewElem:
      return EmitNew(SimpleOp::kArrayNewElem, 2, {type, instruction.index2},
                     type);
    default:
      CHECK(false);
  }
}

uint32_t FunctionTranslator::FieldOffset(uint32_t type_index,
                                         uint32_t field_index) const {
  return context_.layouts[type_index].fields[field_index].offset;
}

// A v128 goes from slots to slots.
void FunctionTranslator::PushVectorOf(SimpleOp op,
                                      std::initializer_list<CodeUnit> fields) {
  const uint32_t slot = stack_.top_slot();
  emitter_.Simple(op, {slot});
  for (const CodeUnit field : fields) emitter_.code().Put(field);
  stack_.NoteWrite(slot);
  stack_.NoteWrite(slot + 1);
  stack_.PushSlot(kV128Type);
}

void FunctionTranslator::StructGet(const Instruction& instruction) {
  const FieldType& field =
      module().types[instruction.index].fields[instruction.index2];
  const uint32_t offset = FieldOffset(instruction.index, instruction.index2);
  if (field.value.is_vector()) {
    const uint32_t reference = PopInSlot();
    return PushVectorOf(SimpleOp::kStructGetV128, {reference, offset});
  }
  Operand reference = stack_.Pop();
  if (reference.is_immediate()) reference = stack_.ToAccumulator(reference);
  ResultOp op;
  op.handlers = handlers().struct_get(
      AccessOf(field, instruction.opcode == Opcode::kStructGetS),
      reference.kind);
  op.type = field.value;
  op.fields.Put(reference);
  op.fields.Put(offset);
  stack_.PushResult(op);
}

void FunctionTranslator::StructSet(const Instruction& instruction) {
  const FieldType& field =
      module().types[instruction.index].fields[instruction.index2];
  const uint32_t offset = FieldOffset(instruction.index, instruction.index2);
  if (field.value.is_vector()) {
    const uint32_t value = PopInSlot();
    const uint32_t reference = PopInSlot();
    return emitter_.Simple(SimpleOp::kStructSetV128,
                           {reference, offset, value});
  }
  const Operand value = stack_.Pop();
  const uint32_t reference = PopInSlot();
  emitter_.Begin(handlers().struct_set(AccessOf(field, false), value.kind));
  emitter_.code().Put(reference);
  emitter_.code().Put(offset);
  PutOperand(value);
}

void FunctionTranslator::ArrayGet(const Instruction& instruction) {
  const FieldType& element = module().types[instruction.index].fields[0];
  if (element.value.is_vector()) {
    const uint32_t index = PopInSlot();
    const uint32_t reference = PopInSlot();
    return PushVectorOf(SimpleOp::kArrayGetV128, {reference, index});
  }
  const Operand index = stack_.Pop();
  const uint32_t reference = PopInSlot();
  ResultOp op;
  op.handlers = handlers().array_get(
      AccessOf(element, instruction.opcode == Opcode::kArrayGetS), index.kind);
  op.type = element.value;
  op.fields.Put(reference);
  op.fields.Put(index);
  stack_.PushResult(op);
}

void FunctionTranslator::ArraySet(const Instruction& instruction) {
  const FieldType& element = module().types[instruction.index].fields[0];
  if (element.value.is_vector()) {
    const uint32_t value = PopInSlot();
    const uint32_t index = PopInSlot();
    const uint32_t reference = PopInSlot();
    return emitter_.Simple(SimpleOp::kArraySetV128, {reference, index, value});
  }
  const Operand value = stack_.Pop();
  const bool r0_taken =
      value.in_accumulator() && ClassOf(value.type) == RegisterClass::kInteger;
  const uint32_t index = PopInSlot(r0_taken);
  const uint32_t reference = PopInSlot(r0_taken);
  emitter_.Begin(handlers().array_set(AccessOf(element, false), value.kind));
  emitter_.code().Put(reference);
  emitter_.code().Put(index);
  PutOperand(value);
}

// array.fill, copy, init_data, init_elem: all operands in their slots.
void FunctionTranslator::ArrayBulk(const Instruction& instruction) {
  SimpleOp op = SimpleOp::kArrayFill;
  uint32_t count = 4;
  bool has_segment = false;
  switch (instruction.opcode) {
    case Opcode::kArrayFill:
      break;
    case Opcode::kArrayCopy:
      op = SimpleOp::kArrayCopy;
      count = 5;
      break;
    case Opcode::kArrayInitData:
      op = SimpleOp::kArrayInitData;
      has_segment = true;
      break;
    default:
      op = SimpleOp::kArrayInitElem;
      has_segment = true;
      break;
  }
  stack_.Flush();
  stack_.Truncate(stack_.size() - count);
  emitter_.Simple(op, {stack_.top_slot()});
  if (has_segment) emitter_.code().Put(instruction.index2);
}

// ref.i31, i31.get, array.len.
void FunctionTranslator::ReferenceUnary(const Instruction& instruction) {
  Opcode opcode = instruction.opcode;
  Operand operand = stack_.Pop();
  if (operand.is_immediate()) operand = stack_.ToAccumulator(operand);
  ResultOp op;
  op.handlers = handlers().reference(opcode, operand.kind);
  op.type = opcode == Opcode::kRefI31
                ? ValueType::Ref(AbstractHeapType::kI31, /*nullable=*/false)
                : kI32Type;
  op.fields.Put(operand);
  stack_.PushResult(op);
}

// The result as an i32 in r0.
void FunctionTranslator::PushRefTest(const Operand& operand, ValueType type) {
  ResultOp op;
  op.handlers = handlers().reference(Opcode::kRefTest, operand.kind);
  op.type = kI32Type;
  op.fields.Put(operand);
  op.fields.Put(std::bit_cast<CodeUnit>(type));
  stack_.PushResult(op);
}

void FunctionTranslator::RefTest(const Instruction& instruction) {
  Operand operand = stack_.Pop();
  if (operand.is_immediate()) operand = stack_.ToAccumulator(operand);
  PushRefTest(operand, instruction.ref_type);
}

void FunctionTranslator::RefCast(const Instruction& instruction) {
  emitter_.Simple(
      SimpleOp::kRefCast,
      {SettledTopSlot(), std::bit_cast<CodeUnit>(instruction.ref_type)});
  stack_.RetypeTop(instruction.ref_type);
}

void FunctionTranslator::BrOnCast(const Instruction& instruction) {
  const bool on_failure = instruction.opcode == Opcode::kBrOnCastFail;
  const ValueType from = instruction.ref_type;
  const ValueType to = instruction.ref_type2;
  // What is not of the type: null neither, if that is.
  const ValueType rest =
      ValueType::Ref(from.heap_type(), from.is_nullable() && !to.is_nullable());
  Label& target = label(instruction.index);
  stack_.Flush();
  const Operand operand{.type = from, .slot = stack_.SlotOf(stack_.size() - 1)};
  PushRefTest(operand, to);
  Condition condition = TakeCondition();
  condition.negate = on_failure;
  JumpIf(condition, target);
  stack_.Retype(target.carried());
  stack_.RetypeTop(on_failure ? to : rest);
}

// The slot stays what it is.
void FunctionTranslator::Externalize(const Instruction& instruction) {
  const AbstractHeapType heap_type =
      instruction.opcode == Opcode::kAnyConvertExtern
          ? AbstractHeapType::kAny
          : AbstractHeapType::kExtern;
  stack_.RetypeTop(ValueType::Ref(heap_type, stack_.TopType().is_nullable()));
}

}  // namespace wasmd

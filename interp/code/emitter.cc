#include "interp/code/emitter.h"

namespace wasmd {

void Fields::Put(const Operand& operand) {
  switch (operand.kind) {
    case OperandKind::kAccumulator:
      return;
    case OperandKind::kSlot:
      return Put(operand.slot);
    case OperandKind::kImmediate:
      break;
  }
  if (operand.type == kI32Type || operand.type == kF32Type) {
    Put(static_cast<CodeUnit>(operand.bits));
  } else {
    Put64(operand.bits);
  }
}

void Fields::PutWhole(const Operand& operand) {
  if (operand.is_immediate() && operand.type == kI32Type) {
    Put64(operand.bits);
  } else {
    Put(operand);
  }
}

uint32_t Emitter::Begin(Handler handler) {
  const uint32_t position = code_.position();
  if (record_offsets_) offsets_.emplace_back(position, offset_);
  code_.Put64(handler);
  has_last_ = false;
  return position;
}

void Emitter::Simple(SimpleOp op, std::initializer_list<CodeUnit> fields) {
  Begin(op);
  for (const CodeUnit field : fields) code_.Put(field);
}

void Emitter::Emit(ResultOp op, Destination destination, uint32_t slot) {
  op.destination = destination;
  op.destination_slot = slot;
  const uint32_t instruction = offset_;
  offset_ = op.offset;
  op.position = Begin(op.handlers[static_cast<size_t>(destination)]);
  offset_ = instruction;
  if (destination != Destination::kAccumulator) code_.Put(slot);
  for (const CodeUnit field : op.fields) code_.Put(field);
  last_ = op;
  has_last_ = true;
}

ResultOp Emitter::TakeLast() {
  has_last_ = false;
  code_.Truncate(last_.position);
  if (record_offsets_) offsets_.pop_back();
  return last_;
}

}  // namespace wasmd

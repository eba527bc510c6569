#include "interp/code/emitter.h"

#include <algorithm>

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
  offsets_.emplace_back(position, offset_);
  code_.Put64(handler);
  Seal();
  return position;
}

void Emitter::Truncate(uint32_t position) {
  code_.Truncate(position);
  while (!offsets_.empty() && offsets_.back().first >= position) {
    offsets_.pop_back();
  }
}

void Emitter::Simple(SimpleOp op, std::initializer_list<CodeUnit> fields) {
  Begin(op);
  for (const CodeUnit field : fields) code_.Put(field);
}

void Emitter::Emit(ResultOp op, Destination destination, uint32_t slot) {
  op.destination = destination;
  op.destination_slot = slot;
  const size_t before = history_size_;
  const uint32_t instruction = offset_;
  offset_ = op.offset;
  op.position = Begin(op.handlers[static_cast<size_t>(destination)]);
  offset_ = instruction;
  if (destination != Destination::kAccumulator) code_.Put(slot);
  for (const CodeUnit field : op.fields) code_.Put(field);
  history_size_ = before;
  if (history_size_ == kHistory) {
    std::move(history_.begin() + 1, history_.end(), history_.begin());
    --history_size_;
  }
  history_[history_size_++] = op;
}

ResultOp Emitter::TakeLast() {
  const ResultOp op = history_[--history_size_];
  Truncate(op.position);
  return op;
}

void Emitter::Move(uint32_t to, uint32_t from) {
  if (move_position_ == kNoMove || moves_ == kMaxMoves) {
    Simple(SimpleOp::kMove, {to, from});
    move_position_ = position() - kHandlerUnits - 2;
    moves_ = 1;
    return;
  }
  // One more for the op that is there.
  const uint32_t at = move_position_;
  const Handler handler = handlers_.of(moves_ == 1   ? SimpleOp::kMove2
                                       : moves_ == 2 ? SimpleOp::kMove3
                                                     : SimpleOp::kMove4);
  code_.Set64(at, handler);
  code_.Put(to);
  code_.Put(from);
  ++moves_;
}

std::optional<uint32_t> Emitter::TakeMoveTo(uint32_t to) {
  if (move_position_ == kNoMove || moves_ != 1 ||
      code_.Get(move_position_ + kHandlerUnits) != to) {
    return std::nullopt;
  }
  const uint32_t from = code_.Get(move_position_ + kHandlerUnits + 1);
  Truncate(move_position_);
  Seal();
  return from;
}

}  // namespace wasmd

// Emitter: writes ops to a CodeBuffer and remembers the last few, so that they
// can be taken back and written again: with another destination, or fused with
// what follows.

#ifndef WASMD_INTERP_CODE_EMITTER_H_
#define WASMD_INTERP_CODE_EMITTER_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "interp/code/code_buffer.h"
#include "interp/code/handler_set.h"
#include "wasm/types.h"

namespace wasmd {

// The accumulator that a value of this type uses.
constexpr RegisterClass ClassOf(ValueType type) {
  switch (type.kind()) {
    case ValueKind::kF32:
    case ValueKind::kF64:
    case ValueKind::kV128:
      return RegisterClass::kFloat;
    default:
      return RegisterClass::kInteger;
  }
}

inline constexpr uint32_t kNoLocal = ~uint32_t{0};

// An operand as an op takes it. One that is in the accumulator may be in a slot
// as well.
struct Operand {
  OperandKind kind = OperandKind::kSlot;
  bool has_slot = true;
  ValueType type;
  uint32_t slot = 0;
  uint32_t local = kNoLocal;  // the local whose slot it is, if it is one
  uint64_t bits = 0;          // kImmediate

  bool in_accumulator() const { return kind == OperandKind::kAccumulator; }
  bool is_immediate() const { return kind == OperandKind::kImmediate; }
};

// The fields of an op after its destination.
class Fields {
 public:
  void Put(CodeUnit unit) { units_[count_++] = unit; }
  void Put64(uint64_t value) {
    Put(static_cast<CodeUnit>(value));
    Put(static_cast<CodeUnit>(value >> 32));
  }
  // Slot, immediate of the width of the operand's type, or nothing.
  void Put(const Operand& operand);
  // The same with immediates of integers as whole slots.
  void PutWhole(const Operand& operand);

  const CodeUnit* begin() const { return units_.data(); }
  const CodeUnit* end() const { return units_.data() + count_; }

 private:
  static constexpr size_t kMaxFields = 8;
  std::array<CodeUnit, kMaxFields> units_{};
  size_t count_ = 0;
};

// An op that has a destination.
struct ResultOp {
  DestinationHandlers handlers{};
  Fields fields;
  ValueType type;  // of the result
  Destination destination = Destination::kAccumulator;
  uint32_t destination_slot = 0;
  uint32_t position = 0;
  uint32_t offset = 0;  // of the instruction that a trap would name
  // What it computes, for fusion with what follows; kNop for what cannot be.
  Opcode opcode = Opcode::kNop;
  std::array<Operand, 2> operands;
  AddressKind address = AddressKind::kSlot;  // of a load
  // operands[0] + (operands[1] << shift), in 32 bits.
  bool is_add_shifted = false;
  uint32_t shift = 0;
  // The slot that the accumulator of its class equalled before it.
  uint32_t alias_before = ~uint32_t{0};

  bool leaves_accumulator_only() const {
    return destination == Destination::kAccumulator;
  }
};

class Emitter {
 public:
  explicit Emitter(const HandlerSet& handlers) : handlers_(handlers) {}

  const HandlerSet& handlers() const { return handlers_; }
  CodeBuffer& code() { return code_; }
  uint32_t position() const { return code_.position(); }

  // The instruction that is being translated.
  void set_offset(uint32_t offset) { offset_ = offset; }
  uint32_t offset() const { return offset_; }

  // Writes the handler address; the caller writes the fields. Returns the
  // position of the op.
  uint32_t Begin(Handler handler);
  uint32_t Begin(SimpleOp op) { return Begin(handlers_.of(op)); }
  void Simple(SimpleOp op, std::initializer_list<CodeUnit> fields);

  // Writes an op with a result and remembers it as the last one.
  void Emit(ResultOp op, Destination destination, uint32_t slot);

  // The last op, if it has a result, nothing was written after it and no label
  // is there.
  const ResultOp* last() const {
    return history_size_ > 0 ? &history_[history_size_ - 1] : nullptr;
  }
  // Takes the last op back and returns it. The one before it, if it was as
  // close, is the last now.
  ResultOp TakeLast();

  // Moves a slot to another; moves that follow each other become one op.
  void Move(uint32_t to, uint32_t from);
  // If the last op is a single Move to this slot: takes it back.
  std::optional<uint32_t> TakeMoveTo(uint32_t to);

  // Control may come here from elsewhere: what was written stays as it is.
  void Seal() {
    history_size_ = 0;
    move_position_ = kNoMove;
  }

  // Position of each op and offset of its instruction, ascending.
  const std::vector<std::pair<uint32_t, uint32_t>>& offsets() const {
    return offsets_;
  }

 private:
  static constexpr uint32_t kMaxMoves = 4;

  void Truncate(uint32_t position);

  const HandlerSet& handlers_;
  CodeBuffer code_;
  uint32_t offset_ = 0;
  // Ops with results, each right after the one before it.
  static constexpr size_t kHistory = 4;
  std::array<ResultOp, kHistory> history_;
  size_t history_size_ = 0;
  // The last op is a Move of this many slots.
  static constexpr uint32_t kNoMove = ~uint32_t{0};
  uint32_t move_position_ = kNoMove;
  uint32_t moves_ = 0;
  std::vector<std::pair<uint32_t, uint32_t>> offsets_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_EMITTER_H_

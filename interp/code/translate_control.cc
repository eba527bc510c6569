// Control instructions; calls are in translate_call.cc.

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "interp/code/function_translator.h"
#include "interp/code/operand_order.h"

namespace wasmd {

std::span<const ValueType> FunctionTranslator::Label::params() const {
  if (type == nullptr) return {};
  return type->params;
}

std::span<const ValueType> FunctionTranslator::Label::results() const {
  if (type != nullptr) return type->results;
  if (single == ValueType()) return {};
  return {&single, 1};
}

void FunctionTranslator::AddSafepoint(SafepointKind kind, uint32_t code_offset,
                                      CalleeKind callee_kind, uint32_t callee) {
  safepoints_.push_back({.position = position(),
                         .code_offset = code_offset,
                         .operands = stack_.TypeList(stack_.size()),
                         .callee = callee,
                         .kind = kind,
                         .callee_kind = callee_kind});
}

void FunctionTranslator::AddCollectionPoint() {
  collection_points_.push_back({position(), stack_.TypeList(stack_.size())});
}

void FunctionTranslator::EndReachable() {
  reachable_ = false;
  skipped_labels_ = 0;
}

void FunctionTranslator::Unreachable(const Instruction&) {
  emitter_.Simple(SimpleOp::kUnreachable, {});
  EndReachable();
}

// Opens a block: what lies on the operand stack is put into its slots, so that
// every branch to the block's end finds it there.
FunctionTranslator::Label& FunctionTranslator::PushLabel(
    const Instruction& instruction) {
  stack_.Flush();
  Label label;
  label.opcode = instruction.opcode;
  switch (instruction.block_type.kind) {
    case BlockType::Kind::kEmpty:
      break;
    case BlockType::Kind::kValue:
      label.single = instruction.block_type.value;
      break;
    case BlockType::Kind::kTypeIndex:
      label.type = &module().types[instruction.block_type.type_index].function;
      break;
  }
  stack_.Retype(label.params());
  label.height = stack_.size() - static_cast<uint32_t>(label.params().size());
  label.slot = stack_.SlotOf(label.height);
  labels_.push_back(label);
  return labels_.back();
}

void FunctionTranslator::Block(const Instruction& instruction) {
  PushLabel(instruction);
}

void FunctionTranslator::Loop(const Instruction& instruction) {
  Label& label = PushLabel(instruction);
  emitter_.Seal();
  stack_.ForgetAccumulators();
  label.loop_position = position();
  AddSafepoint(SafepointKind::kLoop, instruction.next_offset, CalleeKind::kNone,
               0);
}

void FunctionTranslator::If(const Instruction& instruction) {
  Condition condition = TakeCondition();
  condition.negate = !condition.negate;
  Label& label = PushLabel(instruction);
  const uint32_t base = EmitCondition(condition, /*back=*/false);
  label.else_branch = PutFixup(base, kNone);
}

void FunctionTranslator::Else(const Instruction&) {
  Label& label = labels_.back();
  if (reachable_) {
    stack_.Flush();
    const uint32_t base = emitter_.Begin(SimpleOp::kBranch);
    label.branches = PutFixup(base, label.branches);
  }
  ResetTo(label, label.params());
  Bind(label.else_branch);
  label.else_branch = kNone;
  label.opcode = Opcode::kElse;
  reachable_ = true;
}

void FunctionTranslator::End(const Instruction& instruction) {
  Label& label = labels_.back();
  if (label.opcode == Opcode::kTryTable) CloseRegion(label);
  if (label.opcode == Opcode::kLoop) CloseLoop(label);
  if (labels_.size() == 1) {
    if (reachable_) EmitReturn(/*keeps_stack=*/false);
    EmitCaughtReturn(label);
    labels_.pop_back();
    return;
  }
  const bool joined = label.branches != kNone || label.else_branch != kNone ||
                      label.catches != kNone;
  if (reachable_ && joined) stack_.Flush();
  if (joined) {
    ResetTo(label, label.results());
    Bind(label.else_branch);
    Bind(label.branches);
    BindCatches(label, instruction.next_offset);
    reachable_ = true;
  } else if (!reachable_) {
    ResetTo(label, label.results());
  } else {
    stack_.Retype(label.results());
  }
  labels_.pop_back();
}

// Loops end before those around them: the last one that ended is in this one if
// any is.
void FunctionTranslator::CloseLoop(const Label& label) {
  const uint32_t begin = label.loop_position;
  const bool innermost = last_loop_ == kNone || last_loop_ < begin;
  if (innermost) innermost_loops_.push_back({begin, position()});
  last_loop_ = begin;
}

void FunctionTranslator::ResetTo(const Label& label,
                                 std::span<const ValueType> pushed) {
  stack_.Truncate(label.height);
  for (const ValueType type : pushed) stack_.PushSlot(type);
}

uint32_t FunctionTranslator::PutFixup(uint32_t base, uint32_t next) {
  fixups_.push_back({position(), base, next});
  emitter_.code().Put(0);
  return static_cast<uint32_t>(fixups_.size() - 1);
}

void FunctionTranslator::Bind(uint32_t fixups) {
  if (fixups == kNone) return;
  for (uint32_t at = fixups; at != kNone; at = fixups_[at].next) {
    const Fixup& fixup = fixups_[at];
    emitter_.code().Set(fixup.at, position() - fixup.base);
  }
  emitter_.Seal();
  stack_.ForgetAccumulators();
}

void FunctionTranslator::PutTarget(Label& target, uint32_t base) {
  if (target.opcode == Opcode::kLoop) {
    emitter_.code().Put(target.loop_position - base);
  } else {
    target.branches = PutFixup(base, target.branches);
  }
}

bool FunctionTranslator::MustMove(const Label& target) const {
  const auto count = static_cast<uint32_t>(target.carried().size());
  return count > 0 && stack_.SlotOf(stack_.size() - count) != target.slot;
}

// Moves what the branch carries to the label's slots; the stack is not to be
// used after it on this way.
void FunctionTranslator::MoveCarried(const Label& target) {
  const std::span<const ValueType> carried = target.carried();
  if (carried.empty()) return;
  if (carried.size() == 1) return stack_.StoreTo(target.slot);
  stack_.Flush();
  if (!MustMove(target)) return;
  const uint32_t first =
      stack_.SlotOf(stack_.size() - static_cast<uint32_t>(carried.size()));
  emitter_.Simple(SimpleOp::kMoveRange,
                  {target.slot, first, SlotCount(carried)});
}

void FunctionTranslator::Jump(Label& target) {
  if (IsFunctionBody(target)) return EmitReturn(/*keeps_stack=*/false);
  MoveCarried(target);
  const uint32_t base =
      emitter_.Begin(target.opcode == Opcode::kLoop ? SimpleOp::kBranchBack
                                                    : SimpleOp::kBranch);
  PutTarget(target, base);
}

void FunctionTranslator::Br(const Instruction& instruction) {
  Jump(label(instruction.index));
  EndReachable();
}

void FunctionTranslator::Return(const Instruction&) {
  EmitReturn(/*keeps_stack=*/false);
  EndReachable();
}

// A sum that is returned at once.
bool FunctionTranslator::EmitReturnAdd() {
  Operand left;
  Operand right;
  if (std::optional<Sum> sum = stack_.PopSum()) {
    if (sum->shift != 0) {
      stack_.PushComputed(*sum);
      return false;
    }
    left = sum->base;
    right = sum->index;
    if (right.in_accumulator()) std::swap(left, right);
  } else if (stack_.TopIsLast() && emitter_.last()->opcode == Opcode::kI32Add) {
    const ResultOp op = stack_.PopLast();
    left = op.operands[0];
    right = op.operands[1];
  } else {
    return false;
  }
  emitter_.Begin(handlers().return_add(left.kind, right.kind));
  PutOperand(left);
  PutOperand(right);
  return true;
}

void FunctionTranslator::EmitReturn(bool keeps_stack) {
  const std::vector<ValueType>& results = type_.results;
  if (results.empty()) return emitter_.Simple(SimpleOp::kReturn, {});
  if (results.size() > 1) {
    stack_.Flush();
    const uint32_t first =
        stack_.SlotOf(stack_.size() - static_cast<uint32_t>(results.size()));
    return emitter_.Simple(SimpleOp::kReturnRange, {first, SlotCount(results)});
  }
  if (!keeps_stack && EmitReturnAdd()) return;
  const Operand value = stack_.Peek();
  if (results[0].is_vector()) {
    if (value.in_accumulator()) {
      return emitter_.Simple(SimpleOp::kReturnV128Acc, {});
    }
    return emitter_.Simple(SimpleOp::kReturnV128, {value.slot});
  }
  const bool is_float = ClassOf(results[0]) == RegisterClass::kFloat;
  switch (value.kind) {
    case OperandKind::kSlot:
      return emitter_.Simple(
          is_float ? SimpleOp::kReturnFloat : SimpleOp::kReturnInteger,
          {value.slot});
    case OperandKind::kImmediate:
      return emitter_.Simple(SimpleOp::kReturnConst,
                             {static_cast<CodeUnit>(value.bits),
                              static_cast<CodeUnit>(value.bits >> 32)});
    case OperandKind::kAccumulator:
      return emitter_.Simple(results[0] == kF32Type   ? SimpleOp::kReturnF32
                             : results[0] == kF64Type ? SimpleOp::kReturnF64
                                                      : SimpleOp::kReturnR0,
                             {});
  }
}

void FunctionTranslator::PutOperand(const Operand& operand) {
  Fields fields;
  fields.Put(operand);
  for (const CodeUnit field : fields) emitter_.code().Put(field);
}

// A comparison that was just made is taken back: the branch makes it.
FunctionTranslator::Condition FunctionTranslator::TakeCondition() {
  Condition condition;
  while (stack_.TopIsLast()) {
    const Opcode opcode = emitter_.last()->opcode;
    if (IsComparison(opcode) || opcode == Opcode::kI32And) {
      const ResultOp op = stack_.PopLast();
      condition.opcode = opcode;
      condition.left = op.operands[0];
      condition.right = op.operands[1];
      return condition;
    }
    if (opcode != Opcode::kI32Eqz && opcode != Opcode::kI64Eqz) break;
    condition.left = stack_.PopLast().operands[0];
    if (opcode == Opcode::kI64Eqz) {
      condition.opcode = Opcode::kI64Eq;
      condition.right = {
          .kind = OperandKind::kImmediate, .has_slot = false, .type = kI64Type};
      return condition;
    }
    condition.negate = !condition.negate;
    if (condition.left.has_slot) return condition;
    stack_.PushAccumulator(kI32Type);
  }
  condition.left = stack_.Pop();
  return condition;
}

uint32_t FunctionTranslator::EmitCondition(Condition condition, bool back) {
  if (condition.opcode == Opcode::kNop) {
    if (condition.left.is_immediate()) {
      condition.left = stack_.ToAccumulator(condition.left);
    }
    if (back && !condition.negate) {
      const Operand zero{
          .kind = OperandKind::kImmediate, .has_slot = false, .type = kI32Type};
      const std::optional<uint32_t> base =
          EmitAddBranch(Opcode::kI32Ne, condition.left, zero);
      if (base.has_value()) return *base;
    }
    const uint32_t base = emitter_.Begin(
        handlers().branch_if(condition.left.kind, condition.negate, back));
    PutOperand(condition.left);
    return base;
  }
  if (const std::optional<Opcode> opposite = Opposite(condition.opcode);
      condition.negate && opposite.has_value()) {
    condition.opcode = *opposite;
    condition.negate = false;
  }
  if (back && !condition.negate) {
    const std::optional<uint32_t> base =
        EmitAddBranch(condition.opcode, condition.left, condition.right);
    if (base.has_value()) return *base;
  }
  const uint32_t base = emitter_.Begin(
      handlers().branch_compare(condition.opcode, condition.left.kind,
                                condition.right.kind, condition.negate, back));
  PutOperand(condition.left);
  PutOperand(condition.right);
  return base;
}

// The end of a counting loop: what is compared has just been added to.
std::optional<uint32_t> FunctionTranslator::EmitAddBranch(
    Opcode comparison, const Operand& left, const Operand& right) {
  const ResultOp* last = emitter_.last();
  if (last == nullptr || last->opcode != Opcode::kI32Add ||
      last->destination != Destination::kBoth || !left.in_accumulator() ||
      !left.has_slot || left.slot != last->destination_slot ||
      comparison < Opcode::kI32Eq || comparison > Opcode::kI32GeU ||
      right.in_accumulator() ||
      (!right.is_immediate() && right.slot == left.slot)) {
    return std::nullopt;
  }
  const auto is_counter = [&](const Operand& operand) {
    return operand.kind == OperandKind::kSlot && operand.slot == left.slot;
  };
  Operand counter = last->operands[0];
  Operand addend = last->operands[1];
  if (!is_counter(counter)) std::swap(counter, addend);
  if (!is_counter(counter) || addend.in_accumulator()) return std::nullopt;
  emitter_.TakeLast();
  const uint32_t base = emitter_.Begin(
      handlers().add_branch(comparison, addend.kind, right.kind));
  PutOperand(counter);
  PutOperand(addend);
  PutOperand(right);
  return base;
}

void FunctionTranslator::BrIf(const Instruction& instruction) {
  const Condition condition = TakeCondition();
  Label& target = label(instruction.index);
  JumpIf(condition, target);
  // As validation has it.
  stack_.Retype(target.carried());
}

void FunctionTranslator::JumpIf(const Condition& condition, Label& target) {
  // What is carried must be in the same place on both ways: in its slots,
  // except for a single result, which EmitReturn leaves where it is.
  const std::span<const ValueType> carried = target.carried();
  if (IsFunctionBody(target) && carried.size() == 1) {
    stack_.SettleTop();
  } else if (!carried.empty()) {
    stack_.Flush();
  }
  if (!IsFunctionBody(target) && !MustMove(target)) {
    const uint32_t base =
        EmitCondition(condition, target.opcode == Opcode::kLoop);
    return PutTarget(target, base);
  }
  Condition opposite = condition;
  opposite.negate = !opposite.negate;
  const uint32_t base = EmitCondition(opposite, /*back=*/false);
  const uint32_t around = PutFixup(base, kNone);
  EmitLanding(target);
  emitter_.code().Set(fixups_[around].at, position() - base);
  emitter_.Seal();
}

// The way to a label for branches that have more to do than to branch: all
// operands are in their slots, and stay as they are for other ways.
void FunctionTranslator::EmitLanding(Label& target) {
  if (IsFunctionBody(target)) return EmitReturn(/*keeps_stack=*/true);
  if (MustMove(target)) {
    const std::span<const ValueType> carried = target.carried();
    const uint32_t first =
        stack_.SlotOf(stack_.size() - static_cast<uint32_t>(carried.size()));
    emitter_.Simple(SimpleOp::kMoveRange,
                    {target.slot, first, SlotCount(carried)});
  }
  const uint32_t base =
      emitter_.Begin(target.opcode == Opcode::kLoop ? SimpleOp::kBranchBack
                                                    : SimpleOp::kBranch);
  PutTarget(target, base);
}

// The op with its index; everything else on the stack is in its slot.
uint32_t FunctionTranslator::EmitTableIndex() {
  if (std::optional<Sum> sum = stack_.PopSum()) {
    if (sum->index.is_immediate()) {
      stack_.Flush();
      emitter_.Simple(SimpleOp::kBranchTableAdd,
                      {sum->base.slot, static_cast<CodeUnit>(sum->index.bits)});
      return position() - kHandlerUnits - 2;
    }
    stack_.PushComputed(*sum);
  }
  Operand index = stack_.Pop();
  if (index.is_immediate()) index = stack_.ToAccumulator(index);
  stack_.Flush();
  const uint32_t base =
      emitter_.Begin(index.in_accumulator() ? SimpleOp::kBranchTableAcc
                                            : SimpleOp::kBranchTable);
  PutOperand(index);
  return base;
}

// The offsets come first, then the landings of those labels that need one, each
// once.
void FunctionTranslator::BrTable(const Instruction& instruction) {
  const auto count = static_cast<uint32_t>(instruction.labels.size() - 1);
  const uint32_t base = EmitTableIndex();
  emitter_.code().Put(count);
  ++tables_;
  const uint32_t first_offset = position();
  std::vector<uint32_t> to_land;
  for (const uint32_t depth : instruction.labels) {
    Label& target = label(depth);
    if (target.opcode != Opcode::kLoop && !IsFunctionBody(target) &&
        !MustMove(target)) {
      PutTarget(target, base);
      continue;
    }
    if (target.table != tables_) {
      target.table = tables_;
      target.landing = 0;
      to_land.push_back(depth);
    }
    emitter_.code().Put(0);
  }
  for (const uint32_t depth : to_land) {
    Label& target = label(depth);
    target.landing = position() - base;
    EmitLanding(target);
  }
  for (uint32_t i = 0; i <= count; ++i) {
    const Label& target = label(instruction.labels[i]);
    if (target.table == tables_) {
      emitter_.code().Set(first_offset + i, target.landing);
    }
  }
  EndReachable();
}

}  // namespace wasmd

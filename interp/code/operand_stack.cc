#include "interp/code/operand_stack.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace wasmd {

OperandStack::OperandStack(Emitter& emitter, std::vector<ValueType> local_types)
    : emitter_(emitter) {
  locals_.reserve(local_types.size());
  for (const ValueType type : local_types) {
    locals_.push_back({type, declared_slots_, kNone});
    declared_slots_ += type.slot_count();
  }
  // Every frame has a slot, so that the depth of calls is bounded.
  local_slots_ = std::max(declared_slots_, 1u);
  max_slot_ = local_slots_;
}

uint32_t OperandStack::SlotOf(uint32_t index) const {
  if (index < entries_.size()) return entries_[index].slot;
  if (index == 0) return local_slots_;
  const Entry& below = entries_[index - 1];
  return below.slot + below.type.slot_count();
}

OperandStack::Entry& OperandStack::Push(ValueType type, Place place) {
  const uint32_t slot = top_slot();
  entries_.push_back({type, place, slot, kNone, kNone, 0, 0});
  max_slot_ = std::max(max_slot_, slot + type.slot_count());
  return entries_.back();
}

void OperandStack::PushLocal(uint32_t local) {
  Local& source = locals_[local];
  Entry& entry = Push(source.type, Place::kLocal);
  entry.local = local;
  entry.next_of_local = source.top_entry;
  source.top_entry = size() - 1;
}

void OperandStack::PushConst(ValueType type, uint64_t bits) {
  Push(type, Place::kConst).bits = bits;
}

void OperandStack::PushSlot(ValueType type) { Push(type, Place::kSlot); }

void OperandStack::PushResult(ResultOp op) {
  op.offset = op.offset != 0 ? op.offset : emitter_.offset();
  Evict(op.type);
  emitter_.Emit(op, Destination::kAccumulator, 0);
  Push(op.type, Place::kAccumulator);
  accumulator(op.type) = {.entry = size() - 1, .alias = kNone};
}

Operand OperandStack::OperandOf(const Entry& entry) const {
  Operand operand{.type = entry.type};
  switch (entry.place) {
    case Place::kConst:
      operand.kind = OperandKind::kImmediate;
      operand.has_slot = false;
      operand.bits = entry.bits;
      return operand;
    case Place::kAccumulator:
      operand.kind = OperandKind::kAccumulator;
      operand.has_slot = false;
      return operand;
    case Place::kLocal:
      operand.slot = locals_[entry.local].slot;
      break;
    case Place::kSlot:
      operand.slot = entry.slot;
      break;
  }
  if (accumulator(entry.type).alias == operand.slot) {
    operand.kind = OperandKind::kAccumulator;
  }
  return operand;
}

void OperandStack::Release(const Entry& entry) {
  if (entry.place == Place::kLocal) {
    // Entries go in the order in which they came, so this one is the topmost.
    locals_[entry.local].top_entry = entry.next_of_local;
  } else if (entry.place == Place::kAccumulator) {
    accumulator(entry.type).entry = kNone;
  }
}

Operand OperandStack::Pop() {
  const Entry entry = entries_.back();
  entries_.pop_back();
  flushed_ = std::min(flushed_, size());
  const Operand operand = OperandOf(entry);
  Release(entry);
  return operand;
}

void OperandStack::Truncate(uint32_t new_size) {
  while (size() > new_size) {
    Release(entries_.back());
    entries_.pop_back();
  }
  flushed_ = std::min(flushed_, size());
}

bool OperandStack::LastProduced(const Entry& entry) const {
  const ResultOp* last = emitter_.last();
  return last != nullptr && entry.place == Place::kAccumulator &&
         last->destination == Destination::kAccumulator &&
         ClassOf(last->type) == ClassOf(entry.type);
}

void OperandStack::Evict(ValueType type) {
  AccumulatorState& state = accumulator(type);
  if (state.entry == kNone) return;
  Entry& entry = entries_[state.entry];
  if (LastProduced(entry)) {
    ResultOp op = emitter_.TakeLast();
    NoteWrite(entry.slot);
    emitter_.Emit(op, Destination::kSlot, entry.slot);
    entry.place = Place::kSlot;
    state = {};
  } else {
    Materialise(entry);
  }
}

void OperandStack::Materialise(Entry& entry) {
  if (LastProduced(entry)) {
    ResultOp op = emitter_.TakeLast();
    NoteWrite(entry.slot);
    emitter_.Emit(op, Destination::kBoth, entry.slot);
    accumulator(entry.type) = {.entry = kNone, .alias = entry.slot};
  } else {
    const Operand operand = OperandOf(entry);
    Release(entry);
    Store(operand, entry.slot);
  }
  entry.place = Place::kSlot;
}

void OperandStack::Store(const Operand& operand, uint32_t slot) {
  AccumulatorState& state = accumulator(operand.type);
  switch (operand.kind) {
    case OperandKind::kAccumulator:
      emitter_.Simple(operand.type == kF32Type   ? SimpleOp::kStoreF32
                      : operand.type == kF64Type ? SimpleOp::kStoreF64
                      : operand.type.is_vector() ? SimpleOp::kStoreV128
                                                 : SimpleOp::kStoreInteger,
                      {slot});
      NoteWrite(slot);
      if (state.entry == kNone && state.alias == kNone) state.alias = slot;
      return;
    case OperandKind::kImmediate:
      if (operand.bits >> 32 == 0) {
        emitter_.Simple(SimpleOp::kConst32,
                        {slot, static_cast<CodeUnit>(operand.bits)});
      } else {
        emitter_.Simple(SimpleOp::kConst64,
                        {slot, static_cast<CodeUnit>(operand.bits),
                         static_cast<CodeUnit>(operand.bits >> 32)});
      }
      break;
    case OperandKind::kSlot:
      if (operand.type.is_vector()) {
        emitter_.Simple(SimpleOp::kMoveV128, {slot, operand.slot});
      } else {
        emitter_.Simple(SimpleOp::kMove, {slot, operand.slot});
      }
      break;
  }
  NoteWrite(slot);
}

void OperandStack::PreferSlot(Operand& operand) {
  CHECK(operand.has_slot);
  operand.kind = OperandKind::kSlot;
}

Operand OperandStack::ToAccumulator(const Operand& operand) {
  if (operand.in_accumulator()) return operand;
  Evict(operand.type);
  const bool is_float = ClassOf(operand.type) == RegisterClass::kFloat;
  if (operand.is_immediate()) {
    emitter_.Simple(is_float ? SimpleOp::kConstFloat : SimpleOp::kConstInteger,
                    {static_cast<CodeUnit>(operand.bits),
                     static_cast<CodeUnit>(operand.bits >> 32)});
  } else {
    emitter_.Simple(operand.type.is_vector() ? SimpleOp::kLoadV128
                    : is_float               ? SimpleOp::kLoadFloat
                                             : SimpleOp::kLoadInteger,
                    {operand.slot});
  }
  accumulator(operand.type) = {};
  Operand result = operand;
  result.kind = OperandKind::kAccumulator;
  return result;
}

void OperandStack::DetachLocal(uint32_t local) {
  uint32_t at = std::exchange(locals_[local].top_entry, kNone);
  while (at != kNone) {
    Entry& entry = entries_[at];
    at = entry.next_of_local;
    const Operand operand = OperandOf(entry);
    entry.place = Place::kSlot;
    Store(operand, entry.slot);
  }
}

void OperandStack::SetLocal(uint32_t local) {
  const uint32_t slot = locals_[local].slot;
  const Entry entry = entries_.back();
  if (LastProduced(entry)) {
    Truncate(size() - 1);
    ResultOp op = emitter_.TakeLast();
    accumulator(entry.type) = {};
    DetachLocal(local);
    NoteWrite(slot);
    emitter_.Emit(op, Destination::kBoth, slot);
    accumulator(entry.type) = {.entry = kNone, .alias = slot};
    return;
  }
  const Operand value = Pop();
  if (value.has_slot && value.slot == slot) return;  // x = x
  DetachLocal(local);
  Store(value, slot);
}

void OperandStack::StoreTo(uint32_t slot) {
  const Entry entry = entries_.back();
  if (entry.place == Place::kSlot && entry.slot == slot) {
    Truncate(size() - 1);
    return;
  }
  if (LastProduced(entry)) {
    Truncate(size() - 1);
    ResultOp op = emitter_.TakeLast();
    NoteWrite(slot);
    emitter_.Emit(op, Destination::kBoth, slot);
    accumulator(entry.type) = {.entry = kNone, .alias = slot};
    return;
  }
  Store(Pop(), slot);
}

void OperandStack::Flush() {
  // First what the last op left in an accumulator: that op can still be changed
  // to put it into its slot.
  for (const AccumulatorState& state : accumulators_) {
    if (state.entry != kNone && LastProduced(entries_[state.entry])) {
      Materialise(entries_[state.entry]);
      break;
    }
  }
  for (uint32_t i = flushed_; i < size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.place == Place::kSlot) continue;
    if (entry.place == Place::kLocal) {
      // All entries that stand for it lie in this range and go now.
      locals_[entry.local].top_entry = kNone;
      const Operand operand = OperandOf(entry);
      entry.place = Place::kSlot;
      Store(operand, entry.slot);
    } else {
      Materialise(entry);
    }
  }
  flushed_ = size();
}

void OperandStack::ForgetAccumulators() {
  for (AccumulatorState& state : accumulators_) {
    CHECK(state.entry == kNone);
    state = {};
  }
}

void OperandStack::SetAlias(ValueType type, uint32_t slot) {
  AccumulatorState& state = accumulator(type);
  CHECK(state.entry == kNone);
  state.alias = slot;
}

void OperandStack::NoteWrite(uint32_t slot) {
  for (AccumulatorState& state : accumulators_) {
    if (state.alias == slot) state.alias = kNone;
  }
}

uint32_t OperandStack::TypeList(uint32_t count) {
  uint32_t known = count;
  while (known > 0 && entries_[known - 1].node == 0) --known;
  uint32_t node = known > 0 ? entries_[known - 1].node : 0;
  for (uint32_t i = known; i < count; ++i) {
    Entry& entry = entries_[i];
    nodes_.push_back({node, entry.type, entry.slot});
    node = static_cast<uint32_t>(nodes_.size() - 1);
    entry.node = node;
  }
  return node;
}

}  // namespace wasmd

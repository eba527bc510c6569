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

// Pushing.

OperandStack::Entry& OperandStack::Push(ValueType type, Place place) {
  const uint32_t slot = top_slot();
  Entry& entry = entries_.emplace_back();
  entry.type = type;
  entry.place = place;
  entry.slot = slot;
  max_slot_ = std::max(max_slot_, slot + type.slot_count());
  return entry;
}

// The top entry stands for a local.
void OperandStack::List(size_t which, uint32_t local) {
  Entry& entry = entries_.back();
  entry.locals[which] = local;
  if (which == 1 && entry.locals[0] == local) return;  // listed already
  entry.is_listed[which] = true;
  entry.next[which] = locals_[local].top_entry;
  locals_[local].top_entry = size() - 1;
}

void OperandStack::PushLocal(uint32_t local) {
  Push(locals_[local].type, Place::kLocal);
  List(0, local);
}

void OperandStack::PushSum(uint32_t local, uint32_t immediate) {
  Push(kI32Type, Place::kSumImmediate).bits = immediate;
  List(0, local);
}

void OperandStack::PushSum(uint32_t local, uint32_t index, uint32_t shift) {
  Push(kI32Type, Place::kSumLocal).bits = shift;
  List(0, local);
  List(1, index);
}

void OperandStack::PushConst(ValueType type, uint64_t bits) {
  Push(type, Place::kConst).bits = bits;
}

void OperandStack::PushSlot(ValueType type) { Push(type, Place::kSlot); }

void OperandStack::PushResult(ResultOp op) {
  op.offset = op.offset != 0 ? op.offset : emitter_.offset();
  Evict(op.type);
  op.alias_before = accumulator(op.type).alias;
  emitter_.Emit(op, Destination::kAccumulator, 0);
  Push(op.type, Place::kAccumulator);
  accumulator(op.type) = {.entry = size() - 1, .alias = kNone};
}

// Popping.

Operand OperandStack::OperandOfLocal(uint32_t local) const {
  const Local& source = locals_[local];
  Operand operand{.type = source.type, .slot = source.slot, .local = local};
  if (accumulator(source.type).alias == source.slot) {
    operand.kind = OperandKind::kAccumulator;
  }
  return operand;
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
      return OperandOfLocal(entry.locals[0]);
    case Place::kSlot:
      operand.slot = entry.slot;
      if (accumulator(entry.type).alias == entry.slot) {
        operand.kind = OperandKind::kAccumulator;
      }
      return operand;
    case Place::kSumImmediate:
    case Place::kSumLocal:
      break;
  }
  CHECK(false);
}

Sum OperandStack::SumOf(const Entry& entry) const {
  Sum sum;
  sum.base = OperandOfLocal(entry.locals[0]);
  if (entry.place == Place::kSumImmediate) {
    sum.index = {.kind = OperandKind::kImmediate,
                 .has_slot = false,
                 .type = kI32Type,
                 .bits = entry.bits};
    return sum;
  }
  sum.index = OperandOfLocal(entry.locals[1]);
  sum.shift = static_cast<uint32_t>(entry.bits);
  if (sum.base.in_accumulator() && sum.index.in_accumulator()) {
    PreferSlot(sum.base);
  }
  return sum;
}

ResultOp OperandStack::SumOp(Sum sum) const {
  ResultOp op;
  op.type = kI32Type;
  op.offset = emitter_.offset();
  if (sum.shift != 0) {
    op.is_add_shifted = true;
    op.operands = {sum.base, sum.index};
    op.shift = sum.shift;
    op.handlers =
        emitter_.handlers().add_shifted(sum.base.kind, sum.index.kind);
    op.fields.Put(sum.base);
    op.fields.Put(sum.index);
    op.fields.Put(sum.shift);
    return op;
  }
  // Commutative: what is in the accumulator comes first.
  if (sum.index.in_accumulator()) std::swap(sum.base, sum.index);
  op.handlers = emitter_.handlers().binary(Opcode::kI32Add, sum.base.kind,
                                           sum.index.kind);
  op.opcode = Opcode::kI32Add;
  op.operands = {sum.base, sum.index};
  op.fields.Put(sum.base);
  op.fields.Put(sum.index);
  return op;
}

void OperandStack::Release(const Entry& entry) {
  // Entries go in the order in which they came, so this one is the first of
  // every list it is in.
  for (size_t i = 0; i < entry.locals.size(); ++i) {
    if (entry.is_listed[i]) locals_[entry.locals[i]].top_entry = entry.next[i];
  }
  if (entry.place == Place::kAccumulator) {
    accumulator(entry.type).entry = kNone;
  }
}

Operand OperandStack::Pop(bool r0_taken) {
  if (entries_.back().is_sum()) {
    if (!r0_taken) {
      Peek();
    } else {
      StoreEntry(entries_.back());
    }
  }
  const Entry entry = entries_.back();
  entries_.pop_back();
  flushed_ = std::min(flushed_, size());
  const Operand operand = OperandOf(entry);
  Release(entry);
  return operand;
}

Operand OperandStack::Peek() {
  if (entries_.back().is_sum()) {
    // Compute it, as if that had been done when it was pushed.
    const Sum sum = SumOf(entries_.back());
    Truncate(size() - 1);
    PushComputed(sum);
  }
  return OperandOf(entries_.back());
}

void OperandStack::SettleTop() {
  if (entries_.back().is_sum()) StoreEntry(entries_.back());
}

std::optional<Sum> OperandStack::PopSum() {
  if (!entries_.back().is_sum()) return std::nullopt;
  const Sum sum = SumOf(entries_.back());
  Truncate(size() - 1);
  return sum;
}

void OperandStack::PushComputed(const Sum& sum) { PushResult(SumOp(sum)); }

void OperandStack::PushAccumulator(ValueType type) {
  Push(type, Place::kAccumulator);
  accumulator(type) = {.entry = size() - 1, .alias = kNone};
}

std::optional<uint32_t> OperandStack::LocalAt(uint32_t depth) const {
  const Entry& entry = entries_[size() - 1 - depth];
  if (entry.place != Place::kLocal) return std::nullopt;
  return entry.locals[0];
}

std::optional<std::pair<uint32_t, uint32_t>> OperandStack::LocalAndImmediateAt(
    uint32_t depth) const {
  const Entry& entry = entries_[size() - 1 - depth];
  if (entry.place == Place::kLocal) return {{entry.locals[0], 0}};
  if (entry.place != Place::kSumImmediate) return std::nullopt;
  return {{entry.locals[0], static_cast<uint32_t>(entry.bits)}};
}

std::optional<uint64_t> OperandStack::ConstAt(uint32_t depth) const {
  const Entry& entry = entries_[size() - 1 - depth];
  if (entry.place != Place::kConst) return std::nullopt;
  return entry.bits;
}

bool OperandStack::TopIsLast() const {
  return size() > 0 && LastProduced(entries_.back());
}

ResultOp OperandStack::PopLast() {
  const ValueType type = entries_.back().type;
  Truncate(size() - 1);
  const ResultOp op = emitter_.TakeLast();
  accumulator(type) = {.entry = kNone, .alias = op.alias_before};
  return op;
}

bool OperandStack::IsLast(const Operand& operand) const {
  const ResultOp* last = emitter_.last();
  return last != nullptr && operand.in_accumulator() && !operand.has_slot &&
         last->leaves_accumulator_only() &&
         ClassOf(last->type) == ClassOf(operand.type);
}

ResultOp OperandStack::TakeBack(const Operand& operand) {
  const ResultOp op = emitter_.TakeLast();
  accumulator(operand.type) = {.entry = kNone, .alias = op.alias_before};
  return op;
}

void OperandStack::Truncate(uint32_t new_size) {
  while (size() > new_size) {
    const Entry entry = entries_.back();
    entries_.pop_back();
    Release(entry);
  }
  flushed_ = std::min(flushed_, size());
}

void OperandStack::Retype(std::span<const ValueType> types) {
  const size_t first = entries_.size() - types.size();
  bool changed = false;
  for (size_t i = 0; i < types.size(); ++i) {
    Entry& entry = entries_[first + i];
    if (entry.type != types[i]) {
      entry.type = types[i];
      changed = true;
    }
    // The lists of types that it and those above it are in have another one.
    if (changed) entry.node = 0;
  }
}

// Moving values to where they must be.

bool OperandStack::LastProduced(const Entry& entry) const {
  const ResultOp* last = emitter_.last();
  return last != nullptr && entry.place == Place::kAccumulator &&
         last->leaves_accumulator_only() &&
         ClassOf(last->type) == ClassOf(entry.type);
}

void OperandStack::Evict(ValueType type) {
  AccumulatorState& state = accumulator(type);
  if (state.entry == kNone) return;
  Entry& entry = entries_[state.entry];
  if (LastProduced(entry)) {
    const ResultOp op = emitter_.TakeLast();
    state = {.entry = kNone, .alias = op.alias_before};
    NoteWrite(entry.slot);
    emitter_.Emit(op, Destination::kSlot, entry.slot);
    entry.place = Place::kSlot;
  } else {
    StoreEntry(entry);
  }
}

// Puts an entry that is not in its slot there.
void OperandStack::StoreEntry(Entry& entry) {
  if (LastProduced(entry)) {
    const ResultOp op = emitter_.TakeLast();
    NoteWrite(entry.slot);
    emitter_.Emit(op, Destination::kBoth, entry.slot);
    accumulator(entry.type) = {.entry = kNone, .alias = entry.slot};
  } else if (entry.is_sum()) {
    const ResultOp op = SumOp(SumOf(entry));
    NoteWrite(entry.slot);
    emitter_.Emit(op, Destination::kSlot, entry.slot);
  } else {
    const Operand operand = OperandOf(entry);
    if (entry.place == Place::kAccumulator) {
      accumulator(entry.type).entry = kNone;
    }
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
        emitter_.Move(slot, operand.slot);
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
    const size_t which = entry.is_listed[0] && entry.locals[0] == local ? 0 : 1;
    entry.is_listed[which] = false;
    at = entry.next[which];
    if (entry.place == Place::kLocal || entry.is_sum()) StoreEntry(entry);
  }
}

void OperandStack::SetLocal(uint32_t local) {
  const uint32_t slot = locals_[local].slot;
  const Entry entry = entries_.back();
  if (entry.is_sum() || LastProduced(entry)) {
    // The op that computes it can put it into the local.
    ResultOp op;
    if (entry.is_sum()) {
      Truncate(size() - 1);
      DetachLocal(local);
      op = SumOp(SumOf(entry));
      SetResult(op, slot);
    } else {
      op = PopLast();
      DetachLocal(local);
      NoteWrite(slot);
      emitter_.Emit(op, Destination::kBoth, slot);
      accumulator(entry.type) = {.entry = kNone, .alias = slot};
    }
    return;
  }
  const Operand value = Pop();
  if (value.has_slot && value.slot == slot) return;  // x = x
  DetachLocal(local);
  Store(value, slot);
}

// Emits an integer op that was not emitted before with a slot as destination;
// and into r0 too, if that is free.
void OperandStack::SetResult(const ResultOp& op, uint32_t slot) {
  AccumulatorState& state = accumulator(op.type);
  NoteWrite(slot);
  if (state.entry != kNone) {
    emitter_.Emit(op, Destination::kSlot, slot);
  } else {
    ResultOp both = op;
    both.alias_before = state.alias;
    emitter_.Emit(both, Destination::kBoth, slot);
    state.alias = slot;
  }
}

void OperandStack::StoreTo(uint32_t slot) {
  const Entry entry = entries_.back();
  if (entry.place == Place::kSlot && entry.slot == slot) {
    Truncate(size() - 1);
    return;
  }
  if (entry.is_sum()) {
    Truncate(size() - 1);
    return SetResult(SumOp(SumOf(entry)), slot);
  }
  if (LastProduced(entry)) {
    const ResultOp op = PopLast();
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
      StoreEntry(entries_[state.entry]);
      break;
    }
  }
  for (uint32_t i = flushed_; i < size(); ++i) {
    Entry& entry = entries_[i];
    // All entries that wait for writes to a local lie in this range.
    for (size_t which = 0; which < entry.locals.size(); ++which) {
      if (!std::exchange(entry.is_listed[which], false)) continue;
      locals_[entry.locals[which]].top_entry = kNone;
    }
    if (entry.place != Place::kSlot) StoreEntry(entry);
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

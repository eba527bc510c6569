// OperandStack: what the operand stack holds at the point the translator has
// reached, and where each value is. A value has a canonical slot, by its height
// as the specification counts it, but is put there only when it must be: until
// then it may be a local, a constant, or in an accumulator.
//
// Invariants:
//  1. Of each class (integer, float) at most one entry is in the accumulator
//     and nowhere else. When none is, the accumulator may be known to equal one
//     slot (its alias).
//  2. An entry that stands for a local, or for a sum with it, has the value the
//     local has now: a write to the local first moves such entries to their
//     slots.
//  3. Entries below `flushed_` are in their slots.
// Every operation is O(1) amortised over the entries pushed.

#ifndef WASMD_INTERP_CODE_OPERAND_STACK_H_
#define WASMD_INTERP_CODE_OPERAND_STACK_H_

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "interp/code/emitter.h"
#include "interp/code/function_code.h"
#include "wasm/types.h"

namespace wasmd {

// base + (index << shift), or base + immediate: 32-bit operands that wrap.
struct Sum {
  Operand base;
  Operand index;  // an immediate, or a slot, or in r0
  uint32_t shift = 0;
};

class OperandStack {
 public:
  // `local_types` are all locals, parameters first.
  OperandStack(Emitter& emitter, std::vector<ValueType> local_types);

  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  // Slots of the locals, at least 1: the first operand is after them.
  uint32_t local_slots() const { return local_slots_; }
  // The same without the one that is there in any case.
  uint32_t declared_slots() const { return declared_slots_; }
  // The slot after the top entry, and the highest that ever was.
  uint32_t top_slot() const { return SlotOf(size()); }
  uint32_t max_slot() const { return max_slot_; }
  // Canonical slot of an entry; of size(), the slot of the next one.
  uint32_t SlotOf(uint32_t index) const;
  ValueType TypeOf(uint32_t index) const { return entries_[index].type; }
  ValueType TopType() const { return entries_.back().type; }

  size_t local_count() const { return locals_.size(); }
  uint32_t local_slot(uint32_t local) const { return locals_[local].slot; }
  ValueType local_type(uint32_t local) const { return locals_[local].type; }

  void PushLocal(uint32_t local);
  // i32 sums: local + immediate, local + (local << shift).
  void PushSum(uint32_t local, uint32_t immediate);
  void PushSum(uint32_t local, uint32_t index, uint32_t shift);
  void PushConst(ValueType type, uint64_t bits);
  // A value that is in its canonical slot.
  void PushSlot(ValueType type);
  // Emits the op, whose operands were popped, and pushes its result.
  void PushResult(ResultOp op);

  // The top value, as an operand of the next op emitted. A sum is computed
  // first: into r0, or into its slot if r0 holds an operand popped before.
  Operand Pop(bool r0_taken = false);
  // The same without taking it.
  Operand Peek();
  // Computes the top value if it is a sum, without touching an accumulator.
  void SettleTop();
  // If the top value is a sum that is not computed: takes it.
  std::optional<Sum> PopSum();
  // Pushes the value of a sum, computed now.
  void PushComputed(const Sum& sum);
  // A value the last op left in the accumulator of its type's class.
  void PushAccumulator(ValueType type);
  // What a not computed entry stands for, `depth` below the top: a local, or a
  // local and an immediate.
  std::optional<uint32_t> LocalAt(uint32_t depth) const;
  std::optional<std::pair<uint32_t, uint32_t>> LocalAndImmediateAt(
      uint32_t depth) const;
  std::optional<uint64_t> ConstAt(uint32_t depth) const;
  // True if the top entry is the last op's result, in the accumulator only.
  bool TopIsLast() const;
  // Pops the top entry, which is the last op's result, and takes that op back.
  ResultOp PopLast();
  // Whether an operand just popped is the last op's result, in the accumulator
  // only; and takes that op back.
  bool IsLast(const Operand& operand) const;
  ResultOp TakeBack(const Operand& operand);
  // Takes entries off without looking at them.
  void Truncate(uint32_t size);

  // The top entries have these types from here on: others of the same kinds,
  // subtypes or supertypes.
  void Retype(std::span<const ValueType> types);
  void RetypeTop(ValueType type) { Retype({&type, 1}); }

  // local.set: pops into a local. local.tee: PushLocal after it.
  void SetLocal(uint32_t local);
  // Pops into a slot that no entry and no local uses: one of a label's.
  void StoreTo(uint32_t slot);

  // Emits what puts `operand` into the accumulator of its class.
  Operand ToAccumulator(const Operand& operand);
  // Emits what puts it into this slot, which the caller knows to be free.
  void Store(const Operand& operand, uint32_t slot);
  // Takes a value in the accumulator from its slot instead. Requires has_slot.
  static void PreferSlot(Operand& operand);

  // Puts every entry into its slot.
  void Flush();

  // What the accumulators hold is unknown from here on; no entry may be there.
  void ForgetAccumulators();
  // The accumulator of the type's class equals this slot.
  void SetAlias(ValueType type, uint32_t slot);
  // A slot is written by an op the stack does not know.
  void NoteWrite(uint32_t slot);

  // The list of types of the first `count` entries, for a safepoint.
  uint32_t TypeList(uint32_t count);
  std::vector<OperandNode> TakeNodes() { return std::move(nodes_); }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};

  enum class Place : uint8_t {
    kSlot,
    kLocal,
    kConst,
    kAccumulator,
    kSumImmediate,  // locals[0] + bits
    kSumLocal,      // locals[0] + (locals[1] << bits)
  };

  struct Entry {
    ValueType type;
    Place place;
    uint32_t slot;      // canonical
    uint32_t node = 0;  // in nodes_, 0 when not made yet
    // What it stands for, until it goes to its slot.
    std::array<uint32_t, 2> locals = {kNone, kNone};
    uint64_t bits = 0;
    // Whether it is in the list of the entries that a write to a local
    // concerns, and the next entry below in that list.
    std::array<bool, 2> is_listed = {false, false};
    std::array<uint32_t, 2> next = {kNone, kNone};

    bool is_sum() const {
      return place == Place::kSumImmediate || place == Place::kSumLocal;
    }
  };

  struct Local {
    ValueType type;
    uint32_t slot;
    uint32_t top_entry;  // the topmost entry in its list
  };

  struct AccumulatorState {
    uint32_t entry = kNone;  // that is only here
    uint32_t alias = kNone;  // slot that has the same value
  };

  AccumulatorState& accumulator(ValueType type) {
    return accumulators_[static_cast<size_t>(ClassOf(type))];
  }
  const AccumulatorState& accumulator(ValueType type) const {
    return accumulators_[static_cast<size_t>(ClassOf(type))];
  }

  Entry& Push(ValueType type, Place place);
  void List(size_t which, uint32_t local);
  Operand OperandOf(const Entry& entry) const;
  void Release(const Entry& entry);
  // Whether the last op put its result into the accumulator for this entry.
  bool LastProduced(const Entry& entry) const;
  // Entries that stand for a local about to be written.
  void DetachLocal(uint32_t local);
  // Makes the accumulator free for a result of this type.
  void Evict(ValueType type);
  Operand OperandOfLocal(uint32_t local) const;
  Sum SumOf(const Entry& entry) const;
  ResultOp SumOp(Sum sum) const;
  void StoreEntry(Entry& entry);
  void SetResult(const ResultOp& op, uint32_t slot);

  Emitter& emitter_;
  std::vector<Local> locals_;
  uint32_t local_slots_ = 0;
  uint32_t declared_slots_ = 0;
  std::vector<Entry> entries_;
  uint32_t flushed_ = 0;
  uint32_t max_slot_ = 0;
  std::array<AccumulatorState, 2> accumulators_;
  std::vector<OperandNode> nodes_{1};
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_OPERAND_STACK_H_

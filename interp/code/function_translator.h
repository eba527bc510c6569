// FunctionTranslator: the state of one translation, private to interp/code. The
// instructions are in translate_*.cc by chapter of the specification; each is a
// method that gets the decoded instruction, found by opcode in a table.

#ifndef WASMD_INTERP_CODE_FUNCTION_TRANSLATOR_H_
#define WASMD_INTERP_CODE_FUNCTION_TRANSLATOR_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "interp/code/emitter.h"
#include "interp/code/function_code.h"
#include "interp/code/operand_stack.h"
#include "interp/code/translator.h"
#include "wasm/instruction_reader.h"
#include "wasm/module.h"

namespace wasmd {

// Slots that values of these types take.
inline uint32_t SlotCount(std::span<const ValueType> types) {
  uint32_t slots = 0;
  for (const ValueType type : types) slots += type.slot_count();
  return slots;
}

// The result of an instruction with a signature in opcodes.def.
ValueType ResultTypeOf(Opcode opcode);

class FunctionTranslator {
 public:
  struct Options {
    // Slots to check for at the entry; 0 for frames that fit the red zone.
    uint32_t checked_slots = 0;
  };

  FunctionTranslator(const TranslateContext& context, uint32_t function_index,
                     std::vector<ValueType> local_types,
                     const Options& options);

  std::unique_ptr<const Translation> Translate();
  const Emitter& emitter() const { return emitter_; }
  // EnterMany may zero up to three slots past the locals.
  uint32_t frame_slots() const { return stack_.max_slot() + 3; }

 private:
  using Method = void (FunctionTranslator::*)(const Instruction&);

  static constexpr uint32_t kNone = ~uint32_t{0};

  // A block, loop, if, or the function's body (core specification, "Labels").
  struct Label {
    Opcode opcode = Opcode::kBlock;
    // What a block type gives: a function type, or at most one result.
    const FunctionType* type = nullptr;
    ValueType single;
    // Of the operand stack without the label's parameters.
    uint32_t height = 0;
    uint32_t slot = 0;
    uint32_t loop_position = 0;    // kLoop
    uint32_t else_branch = kNone;  // kIf: fixup of the branch to its else
    uint32_t branches = kNone;     // fixups of branches to its end
    uint32_t catches = kNone;      // handlers that branch to its end
    uint32_t region = kNone;       // kTryTable
    bool entered = false;          // control can reach its start
    // The last br_table with a landing for this label, and where that is.
    uint32_t table = 0;
    uint32_t landing = 0;

    std::span<const ValueType> params() const;
    std::span<const ValueType> results() const;
    // What a branch to it carries.
    std::span<const ValueType> carried() const {
      return opcode == Opcode::kLoop ? params() : results();
    }
  };

  // A branch offset to be written once its target is known.
  struct Fixup {
    uint32_t at = 0;    // position of the offset
    uint32_t base = 0;  // of the op it is relative to
    uint32_t next = kNone;
  };

  // What a conditional branch looks at, taken off the operand stack.
  struct Condition {
    Opcode opcode = Opcode::kNop;  // a comparison, or just `left`
    Operand left;
    Operand right;
    bool negate = false;
  };

  // An address taken off the operand stack, with its fields and the offset.
  struct Address {
    AddressKind kind = AddressKind::kSlot;
    Fields fields;
  };

  static Method MethodFor(Opcode opcode);
  void TranslateBody();
  void TranslateUnreachable(const Instruction& instruction);
  void EmitEntry();
  std::unique_ptr<Translation> Finish();
  std::unique_ptr<Translation> Trapping(SimpleOp op);
  void AddRoots(Translation& translation) const;

  const Module& module() const { return context_.module; }
  const HandlerSet& handlers() const { return context_.handlers; }
  uint32_t position() const { return emitter_.position(); }
  Label& label(uint32_t depth) { return labels_[labels_.size() - 1 - depth]; }

  // translate_control.cc
  void Unreachable(const Instruction&);
  void Nop(const Instruction&) {}
  void Block(const Instruction&);
  void Loop(const Instruction&);
  void If(const Instruction&);
  void Else(const Instruction&);
  void End(const Instruction&);
  void Br(const Instruction&);
  void BrIf(const Instruction&);
  void BrTable(const Instruction&);
  void Return(const Instruction&);
  Label& PushLabel(const Instruction& instruction);
  void CloseLoop(const Label& label);
  // Leaves the operands the label began with and these.
  void ResetTo(const Label& label, std::span<const ValueType> pushed);
  // Unconditional: the operands the label takes go to its slots, then control.
  void Jump(Label& target);
  void MoveCarried(const Label& target);
  // With `keeps_stack`, there are other ways on from here.
  void EmitReturn(bool keeps_stack);
  bool EmitReturnAdd();
  uint32_t EmitTableIndex();
  void PutOperand(const Operand& operand);
  Condition TakeCondition();
  // Jumps if the condition holds.
  void JumpIf(const Condition& condition, Label& target);
  // A conditional branch with an offset still to be given.
  uint32_t EmitCondition(Condition condition, bool back);
  std::optional<uint32_t> EmitAddBranch(Opcode comparison, const Operand& left,
                                        const Operand& right);
  // Gives the op at `base`, whose offset goes here, its target.
  void PutTarget(Label& target, uint32_t base);
  uint32_t PutFixup(uint32_t base, uint32_t next);
  // The offsets of the list, to the current position; control joins here.
  void Bind(uint32_t fixups);
  // Control leaves this point for good.
  void EndReachable();
  bool IsFunctionBody(const Label& target) const {
    return &target == labels_.data();
  }
  // The operands a branch carries are not where the label wants them.
  bool MustMove(const Label& target) const;
  void EmitLanding(Label& target);
  void AddSafepoint(SafepointKind kind, uint32_t code_offset,
                    CalleeKind callee_kind, uint32_t callee);
  // The next op may collect the heap; every operand is in its slot.
  void AddCollectionPoint();

  // translate_exception.cc
  void Throw(const Instruction&);
  void ThrowRef(const Instruction&);
  void TryTable(const Instruction&);
  void AddHandler(const CatchClause& clause);
  void CloseRegion(const Label& ended);
  void BindCatches(const Label& ended, uint32_t code_offset);
  void EmitCaughtReturn(const Label& body);

  // translate_call.cc
  void Call(const Instruction&);
  void CallIndirect(const Instruction&);
  void EmitCall(const FunctionType& type, uint32_t base,
                const FunctionCode* code);
  uint32_t TakeArguments(const FunctionType& type);
  void FinishCall(const Instruction& instruction, const FunctionType& type,
                  CalleeKind callee_kind, uint32_t callee);

  // translate_tail_call.cc
  void CallRef(const Instruction&);
  void CallIndirect64(const Instruction&);
  void ReturnCall(const Instruction&);
  void ReturnCallIndirect(const Instruction&);
  void ReturnCallRef(const Instruction&);
  uint32_t PopInSlot(bool r0_taken = false);
  void EndTailCall();

  // translate_reference.cc
  void RefEq(const Instruction&);
  void RefAsNonNull(const Instruction&);
  void BrOnNull(const Instruction&);
  void BrOnNonNull(const Instruction&);
  uint32_t SettledTopSlot();
  Condition NullCondition(uint32_t slot, bool is_null);

  // translate_parametric.cc
  void Drop(const Instruction&);
  void Select(const Instruction&);
  void LocalGet(const Instruction&);
  void LocalSet(const Instruction&);
  void LocalTee(const Instruction&);
  void GlobalGet(const Instruction&);
  void GlobalSet(const Instruction&);
  void RefNull(const Instruction&);
  void RefIsNull(const Instruction&);
  void RefFunc(const Instruction&);

  // translate_numeric.cc
  void Const(const Instruction&);
  void Unary(const Instruction&);
  void Binary(const Instruction&);
  bool InvertComparison();
  bool PushLazySum(Opcode opcode);
  bool PushAddShifted();
  void EmitBinary(Opcode opcode, Operand left, Operand right);
  bool FuseWithLast(Opcode opcode, const Operand& left, const Operand& right);

  // translate_memory.cc
  void Load(const Instruction&);
  void Store(const Instruction&);
  void Bulk(const Instruction&);
  ValueType BulkResultType(const Instruction&);
  bool IsPlainMemory(uint32_t memory_index) const {
    return memory_index == 0 &&
           module().memories[0].type.address == AddressType::kI32;
  }
  static bool HasAddressForms(Opcode opcode);
  Address TakeAddress(Opcode opcode, uint64_t offset, bool r0_taken);
  Address AddressOf(const Operand& operand);
  Address AddressOf(Sum sum, bool r0_taken);
  std::optional<Address> TakeComputedAddress();

  // translate_vector.cc
  void Vector(const Instruction&);
  void LoadLane(const Instruction&);
  // Pushes what a vector op makes of operands, and of its immediates (none, a
  // lane, or 16 bytes) as units.
  void VectorResult(Opcode opcode, std::span<Operand> operands,
                    std::span<const CodeUnit> immediates, ValueType type);

  // translate_memory_any.cc
  void LoadAny(const Instruction&);
  void StoreAny(const Instruction&);
  static Fields PlaceOf(const MemArg& memarg, uint32_t address);

  // translate_gc.cc
  void New(const Instruction&);
  void StructGet(const Instruction&);
  void StructSet(const Instruction&);
  void ArrayGet(const Instruction&);
  void ArraySet(const Instruction&);
  void ArrayBulk(const Instruction&);
  void ReferenceUnary(const Instruction&);
  void RefTest(const Instruction&);
  void RefCast(const Instruction&);
  void BrOnCast(const Instruction&);
  void Externalize(const Instruction&);
  void EmitNew(SimpleOp op, uint32_t count,
               std::initializer_list<CodeUnit> fields, uint32_t type_index);
  uint32_t FieldOffset(uint32_t type_index, uint32_t field_index) const;
  void PushVectorOf(SimpleOp op, std::initializer_list<CodeUnit> fields);
  void PushRefTest(const Operand& operand, ValueType type);

  const TranslateContext& context_;
  const uint32_t function_index_;
  const Options options_;
  const FunctionType& type_;
  Emitter emitter_;
  OperandStack stack_;
  std::vector<Label> labels_;
  std::vector<Fixup> fixups_;
  std::vector<Safepoint> safepoints_;
  // Positions of the header and the end of loops that have no other in them.
  std::vector<std::pair<uint32_t, uint32_t>> innermost_loops_;
  uint32_t last_loop_ = kNone;  // the header of the loop that ended last
  std::vector<CollectionPoint> collection_points_;
  std::vector<TryRegion> regions_;
  uint32_t open_region_ = TryRegion::kNone;
  std::vector<ExceptionHandler> handlers_;
  // For each handler, the next one that branches to the same end.
  std::vector<uint32_t> next_catches_;
  bool has_tail_calls_ = false;
  uint32_t tables_ = 0;
  // Whether control can reach the current instruction; if not, the number of
  // blocks opened since.
  bool reachable_ = true;
  uint32_t skipped_labels_ = 0;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_FUNCTION_TRANSLATOR_H_

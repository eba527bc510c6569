#include "interp/exec/handlers.h"

#include <array>
#include <bit>
#include <vector>

#include "interp/code/vector_forms.h"
#include "interp/exec/branch_compare.h"
#include "interp/exec/held.h"
#include "interp/exec/held_tables.h"
#include "interp/exec/numeric.h"
#include "interp/exec/sequences.h"
#include "interp/exec/vector.h"

namespace wasmd::WASMD_BACKEND {
namespace {

// Rows of all files by opcode; null where there is none.
template <typename Row>
class RowIndex {
 public:
  RowIndex(std::initializer_list<std::span<const Row>> files) {
    for (const std::span<const Row>& file : files) {
      for (const Row& row : file) rows_[static_cast<size_t>(row.opcode)] = &row;
    }
  }
  const Row* Find(Opcode opcode) const {
    return rows_[static_cast<size_t>(opcode)];
  }

 private:
  std::array<const Row*, kOpcodeCount> rows_{};
};

DestinationHandlers FindUnary(Opcode opcode, OperandKind operand) {
  static const RowIndex<UnaryRow> kIndex{IntegerUnary(), FloatUnary(),
                                         Conversions()};
  const UnaryRow* row = kIndex.Find(opcode);
  if (row == nullptr) return {};
  return ToHandlers(row->handlers[static_cast<size_t>(operand)]);
}

DestinationHandlers FindBinary(Opcode opcode, OperandKind left,
                               OperandKind right) {
  static const RowIndex<BinaryRow> kIndex{I32Arithmetic(), I32Comparisons(),
                                          I64Arithmetic(), I64Comparisons(),
                                          F32Binary(),     F64Binary()};
  const BinaryRow* row = kIndex.Find(opcode);
  if (row == nullptr) return {};
  return ToHandlers(
      row->handlers[static_cast<size_t>(left)][static_cast<size_t>(right)]);
}

DestinationHandlers FindPair(const PairForm& form) {
  if (form.second >= Opcode::kI32Clz && form.second <= Opcode::kI32Rotr) {
    return I32Pair(form);
  }
  if (form.second >= Opcode::kI64Clz && form.second <= Opcode::kI64Rotr) {
    return I64Pair(form);
  }
  if (form.second >= Opcode::kF32Abs && form.second <= Opcode::kF32Copysign) {
    return F32Pair(form);
  }
  if (form.second >= Opcode::kF64Abs && form.second <= Opcode::kF64Copysign) {
    return F64Pair(form);
  }
  return {};
}

bool IsVector(Opcode opcode) {
  return opcode >= Opcode::kV128Load &&
         opcode <= Opcode::kI32x4RelaxedDotI8x16I7x16AddS;
}

DestinationHandlers FindVector(Opcode opcode,
                               std::span<const OperandKind> kinds) {
  static const RowIndex<VectorRow> kIndex{
      VectorBitwise(), VectorComparisons(), VectorConversions(),
      VectorFloats(),  VectorIntegers(),    VectorLanes(),
      VectorRelaxed()};
  const VectorRow* row = kIndex.Find(opcode);
  if (row == nullptr || row->forms.size() != FormCount(kinds.size())) return {};
  return ToHandlers(row->forms[FormOf(kinds)]);
}

DestinationHandlers FindLoad(Opcode opcode, AddressKind address) {
  return IsVector(opcode) ? VectorLoad(opcode, address) : Load(opcode, address);
}

Handler FindStore(Opcode opcode, AddressKind address, OperandKind value) {
  return IsVector(opcode) ? VectorStore(opcode, address, value)
                          : Store(opcode, address, value);
}

Handler FindBranch(Opcode opcode, OperandKind left, OperandKind right,
                   bool negate, bool back) {
  static const RowIndex<BranchRow> kIndex{IntegerBranches(), FloatBranches()};
  const BranchRow* row = kIndex.Find(opcode);
  if (row == nullptr) return 0;
  return std::bit_cast<Handler>(row->handlers[static_cast<size_t>(
      left)][static_cast<size_t>(right)][negate ? 1 : 0][back ? 1 : 0]);
}

SequenceIndex MakeSequenceIndex() {
  SequenceIndex index;
  std::vector<Handler> ops;
  for (const std::span<const SequenceRow>& file :
       {AddSequences(), ControlSequences(), FloatSequences(),
        IntegerSequences(), LoadSequences(), LoadBinarySequences(),
        LoadSumSequences(), LoopsAddSequences(), LoopsFloatSequences(),
        LoopsIntegerSequences(), LoopsLoadSequences(), PairSequences(),
        StoreSequences()}) {
    for (const SequenceRow& row : file) {
      if (row.whole == nullptr) continue;
      ops.clear();
      for (const Function op : row.ops) {
        ops.push_back(std::bit_cast<Handler>(op));
      }
      index.Add(ops, {.handler = std::bit_cast<Handler>(row.whole),
                      .pattern = row.pattern,
                      .loop = row.loop});
    }
  }
  return index;
}

// Null if handlers cannot hold anything.
const HeldOps* FindHeldOps() {
  if constexpr (!kHoldsLocals) return nullptr;
  static const HeldOps kOps = MakeHeldOps();
  return &kOps;
}

HandlerSet MakeHandlers() {
  static const SequenceIndex kSequences = MakeSequenceIndex();

  HandlerSet set{.unary = FindUnary,
                 .binary = FindBinary,
                 .pair = FindPair,
                 .load_binary = LoadBinary,
                 .add_shifted = AddShifted,
                 .load = FindLoad,
                 .store = FindStore,
                 .vector = FindVector,
                 .load_lane = VectorLoadLane,
                 .select = Select,
                 .global_get = GlobalGet,
                 .branch_if = BranchIf,
                 .branch_compare = FindBranch,
                 .add_branch = AddBranch,
                 .return_add = ReturnAdd,
                 .load_any = LoadAny,
                 .store_any = StoreAny,
                 .reference = Reference,
                 .struct_get = StructGet,
                 .struct_set = StructSet,
                 .array_get = ArrayGet,
                 .array_set = ArraySet,
                 .simple = {},
                 .sequences = &kSequences,
                 .held = FindHeldOps()};
  for (const std::span<const SimpleRow>& file :
       {MachineOps(), HeldLoopOps(), VariableOps(), ControlOps(), CallOps(),
        TailCallOps(), BulkOps(), VectorVariableOps(), ExceptionOps(), GcOps(),
        FieldOps()}) {
    for (const SimpleRow& row : file) {
      set.simple[static_cast<size_t>(row.op)] =
          std::bit_cast<Handler>(row.function);
    }
  }
  return set;
}

}  // namespace

const HandlerSet& Handlers() {
  static const HandlerSet kSet = MakeHandlers();
  return kSet;
}

}  // namespace wasmd::WASMD_BACKEND

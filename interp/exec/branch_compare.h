// Comparisons fused with the branch on their result.

#ifndef WASMD_INTERP_EXEC_BRANCH_COMPARE_H_
#define WASMD_INTERP_EXEC_BRANCH_COMPARE_H_

#include <array>
#include <span>

#include "interp/code/operand_order.h"
#include "interp/exec/numeric.h"
#include "interp/exec/operands.h"
#include "interp/exec/safepoint.h"

namespace wasmd::WASMD_BACKEND {

template <auto kCompare, OperandKind left, OperandKind right, bool negate,
          bool back>
WASMD_INLINE Op BranchCompareBody(Registers& r) {
  using T = typename SignatureOf<decltype(kCompare)>::Left;
  constexpr uint32_t kRight = kHandlerUnits + kFieldUnits<left, T>;
  constexpr uint32_t kOffset = kRight + kFieldUnits<right, T>;
  if (left == kSlotKind && kOffset - kF == 2) ReadFieldPair(r);
  const bool holds =
      kCompare(Read<T, left>(r, kHandlerUnits), Read<T, right>(r, kRight)) != 0;
  if (holds == negate) return Next(r, kOffset + 1);
  const CodeUnit* target = r.pc + SignedField(r, kOffset);
  if constexpr (back) return JumpBack(r, target);
  r.pc = target;
  return Dispatch(r);
}

// The end of a counting loop: adds to a local and branches back if it compares.
template <auto kCompare, OperandKind addend, OperandKind right>
WASMD_INLINE Op AddBranchBody(Registers& r) {
  if (addend != kAccumulatorKind) ReadFieldPair(r);
  const uint32_t sum =
      FromSlot<uint32_t>(ReadSlot(r, kF)) + Read<uint32_t, addend>(r, kF + 1);
  const uint32_t limit = Read<uint32_t, right>(r, kF + 2);
  WriteSlot(r, kF, sum);
  r.r0 = sum;
  if (kCompare(sum, limit) == 0) return Next(r, kF + 4);
  return JumpBack(r, r.pc + SignedField(r, kF + 3));
}

// By negate, then back.
using BranchVariants = std::array<std::array<Function, 2>, 2>;

struct BranchRow {
  Opcode opcode;
  // By left, then right operand; slot-slot, slot-immediate, accumulator-slot
  // and accumulator-immediate are there.
  std::array<std::array<BranchVariants, kOperandKinds>, kOperandKinds> handlers;
};

template <auto kCompare, OperandKind left, OperandKind right, bool negatable>
constexpr BranchVariants MakeBranchVariants() {
  BranchVariants variants{};
  variants[0] = {&Entry<BranchCompareBody<kCompare, left, right, false, false>>,
                 &Entry<BranchCompareBody<kCompare, left, right, false, true>>};
  if constexpr (negatable) {
    variants[1] = {
        &Entry<BranchCompareBody<kCompare, left, right, true, false>>,
        &Entry<BranchCompareBody<kCompare, left, right, true, true>>};
  }
  return variants;
}

template <Opcode kOpcode, auto kCompare>
constexpr BranchRow MakeBranch() {
  constexpr bool kNegatable = !Opposite(kOpcode).has_value();
  constexpr auto kSlot = static_cast<size_t>(kSlotKind);
  constexpr auto kImmediate = static_cast<size_t>(kImmediateKind);
  constexpr auto kAccumulator = static_cast<size_t>(kAccumulatorKind);
  BranchRow row{kOpcode, {}};
  row.handlers[kSlot][kSlot] =
      MakeBranchVariants<kCompare, kSlotKind, kSlotKind, kNegatable>();
  row.handlers[kSlot][kImmediate] =
      MakeBranchVariants<kCompare, kSlotKind, kImmediateKind, kNegatable>();
  row.handlers[kAccumulator][kSlot] =
      MakeBranchVariants<kCompare, kAccumulatorKind, kSlotKind, kNegatable>();
  row.handlers[kAccumulator][kImmediate] =
      MakeBranchVariants<kCompare, kAccumulatorKind, kImmediateKind,
                         kNegatable>();
  return row;
}

// One file each.
std::span<const BranchRow> IntegerBranches();
std::span<const BranchRow> FloatBranches();

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_BRANCH_COMPARE_H_

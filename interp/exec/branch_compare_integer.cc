// Integer comparisons fused with branches, and the counting loop's end: add,
// compare, branch back.

#include <array>
#include <bit>
#include <span>

#include "interp/eval/integer.h"
#include "interp/exec/branch_compare.h"
#include "interp/exec/handlers.h"

namespace wasmd::WASMD_BACKEND {
namespace {

constexpr std::array kRows = {
    // i32.and tests bits: it branches if any is set.
    MakeBranch<Opcode::kI32And, &eval::And<uint32_t>>(),
    MakeBranch<Opcode::kI32Eq, &eval::Eq<uint32_t>>(),
    MakeBranch<Opcode::kI32Ne, &eval::Ne<uint32_t>>(),
    MakeBranch<Opcode::kI32LtS, &eval::LtS<uint32_t>>(),
    MakeBranch<Opcode::kI32LtU, &eval::LtU<uint32_t>>(),
    MakeBranch<Opcode::kI32GtS, &eval::GtS<uint32_t>>(),
    MakeBranch<Opcode::kI32GtU, &eval::GtU<uint32_t>>(),
    MakeBranch<Opcode::kI32LeS, &eval::LeS<uint32_t>>(),
    MakeBranch<Opcode::kI32LeU, &eval::LeU<uint32_t>>(),
    MakeBranch<Opcode::kI32GeS, &eval::GeS<uint32_t>>(),
    MakeBranch<Opcode::kI32GeU, &eval::GeU<uint32_t>>(),
    MakeBranch<Opcode::kI64Eq, &eval::Eq<uint64_t>>(),
    MakeBranch<Opcode::kI64Ne, &eval::Ne<uint64_t>>(),
    MakeBranch<Opcode::kI64LtS, &eval::LtS<uint64_t>>(),
    MakeBranch<Opcode::kI64LtU, &eval::LtU<uint64_t>>(),
    MakeBranch<Opcode::kI64GtS, &eval::GtS<uint64_t>>(),
    MakeBranch<Opcode::kI64GtU, &eval::GtU<uint64_t>>(),
    MakeBranch<Opcode::kI64LeS, &eval::LeS<uint64_t>>(),
    MakeBranch<Opcode::kI64LeU, &eval::LeU<uint64_t>>(),
    MakeBranch<Opcode::kI64GeS, &eval::GeS<uint64_t>>(),
    MakeBranch<Opcode::kI64GeU, &eval::GeU<uint64_t>>(),
};

struct AddBranchRow {
  Opcode opcode;
  std::array<std::array<Function, 2>, 2> handlers;  // by addend, then right
};

template <Opcode kOpcode, auto kCompare>
constexpr AddBranchRow MakeAddBranch() {
  return {
      kOpcode,
      {{{&Entry<AddBranchBody<kCompare, kSlotKind, kSlotKind>>,
         &Entry<AddBranchBody<kCompare, kSlotKind, kImmediateKind>>},
        {&Entry<AddBranchBody<kCompare, kImmediateKind, kSlotKind>>,
         &Entry<AddBranchBody<kCompare, kImmediateKind, kImmediateKind>>}}}};
}

constexpr std::array kAddBranches = {
    MakeAddBranch<Opcode::kI32Eq, &eval::Eq<uint32_t>>(),
    MakeAddBranch<Opcode::kI32Ne, &eval::Ne<uint32_t>>(),
    MakeAddBranch<Opcode::kI32LtS, &eval::LtS<uint32_t>>(),
    MakeAddBranch<Opcode::kI32LtU, &eval::LtU<uint32_t>>(),
    MakeAddBranch<Opcode::kI32GtS, &eval::GtS<uint32_t>>(),
    MakeAddBranch<Opcode::kI32GtU, &eval::GtU<uint32_t>>(),
    MakeAddBranch<Opcode::kI32LeS, &eval::LeS<uint32_t>>(),
    MakeAddBranch<Opcode::kI32LeU, &eval::LeU<uint32_t>>(),
    MakeAddBranch<Opcode::kI32GeS, &eval::GeS<uint32_t>>(),
    MakeAddBranch<Opcode::kI32GeU, &eval::GeU<uint32_t>>(),
};

}  // namespace

std::span<const BranchRow> IntegerBranches() { return kRows; }

Handler AddBranch(Opcode comparison, OperandKind addend, OperandKind right) {
  for (const AddBranchRow& row : kAddBranches) {
    if (row.opcode != comparison) continue;
    return std::bit_cast<Handler>(
        row.handlers[static_cast<size_t>(addend)][static_cast<size_t>(right)]);
  }
  return 0;
}

}  // namespace wasmd::WASMD_BACKEND

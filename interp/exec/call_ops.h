// Calls; how a function is entered: calls.h.

#ifndef WASMD_INTERP_EXEC_CALL_OPS_H_
#define WASMD_INTERP_EXEC_CALL_OPS_H_

#include "interp/code/function_code.h"
#include "interp/exec/calls.h"
#include "interp/exec/operands.h"
#include "interp/instances.h"
#include "interp/module_instance.h"
#include "interp/reference.h"

namespace wasmd::WASMD_BACKEND {

WASMD_INLINE Op CallBody(Registers& r) {
  const auto* code = reinterpret_cast<const FunctionCode*>(Field64(r, kF + 1));
  return EnterCode(r, code, &SlotAt(r, kF), kF + 3);
}

// Calls whose last argument is put into its slot by the call itself.
inline constexpr uint32_t kArgument = kF + 3;

WASMD_INLINE Op CallMove(Registers& r) {
  const auto* code = reinterpret_cast<const FunctionCode*>(Field64(r, kF + 1));
  SlotAt(r, kArgument) = SlotAt(r, kArgument + 1);
  return EnterCode(r, code, &SlotAt(r, kF), kArgument + 2);
}

WASMD_INLINE Op CallAdd(Registers& r) {
  const auto* code = reinterpret_cast<const FunctionCode*>(Field64(r, kF + 1));
  const auto value = FromSlot<uint32_t>(SlotAt(r, kArgument + 1));
  SlotAt(r, kArgument) = ToSlot(value + r.pc[kArgument + 2]);
  return EnterCode(r, code, &SlotAt(r, kF), kArgument + 3);
}

WASMD_INLINE Op CallImport(Registers& r) {
  const FuncAddr address = r.ctx->instance->functions[r.pc[kF + 1]];
  return CallFunction(r, r.ctx->functions[address], &SlotAt(r, kF), kF + 2);
}

// The slow half of call_indirect, for what is not a function of this instance
// with exactly the expected type: its fields are read again.
template <OperandKind index>
WASMD_INLINE Op CallIndirectSlow(Registers& r) {
  constexpr uint32_t kType = kF + 1 + kFieldUnits<index, uint32_t>;
  const TableInstance& table = *r.ctx->tables[r.pc[kType + 1]];
  const Slot reference = table.elements[Read<uint32_t, index>(r, kF + 1)];
  if (reference == kNullReference) {
    return TrapOp(TrapKind::kUninitializedElement);
  }
  const FunctionInstance& callee = r.ctx->functions[FunctionOf(reference)];
  if (!MatchesType(*r.ctx, callee, r.ctx->types[r.pc[kType]])) {
    return TrapOp(TrapKind::kIndirectCallTypeMismatch);
  }
  return CallFunction(r, callee, &SlotAt(r, kF), kType + 2);
}

template <OperandKind index>
WASMD_INLINE Op CallIndirectBody(Registers& r) {
  constexpr uint32_t kType = kF + 1 + kFieldUnits<index, uint32_t>;
  const TableInstance& table = *r.ctx->tables[r.pc[kType + 1]];
  const uint32_t at = Read<uint32_t, index>(r, kF + 1);
  if (at >= table.elements.size()) [[unlikely]] {
    return TrapOp(TrapKind::kUndefinedElement);
  }
  const Slot reference = table.elements[at];
  if (reference == kNullReference) [[unlikely]] {
    return TrapOp(TrapKind::kUninitializedElement);
  }
  const FunctionInstance& callee = r.ctx->functions[FunctionOf(reference)];
  if (callee.type != r.ctx->types[r.pc[kType]] ||
      callee.instance != r.ctx->instance || callee.host != nullptr)
      [[unlikely]] {
    return Op{&Entry<CallIndirectSlow<index>>};
  }
  return EnterCode(r, callee.code, &SlotAt(r, kF), kType + 2);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_CALL_OPS_H_

// Calls through references, and tail calls (core specification,
// exec/instructions, "call_ref", "return_call" and so on). What tail calls do
// to the frames: calls.h.

#include <array>

#include "interp/code/function_code.h"
#include "interp/exec/calls.h"
#include "interp/exec/handlers.h"
#include "interp/exec/host_call.h"
#include "interp/exec/operands.h"
#include "interp/instances.h"
#include "interp/module_instance.h"
#include "interp/reference.h"

namespace wasmd::WASMD_BACKEND {
namespace {

// The function of a table's element, checked; or the trap.
struct Callee {
  const FunctionInstance* function = nullptr;
  TrapKind trap = TrapKind::kUndefinedElement;
};

// The fields from `at` on: index, type, table.
WASMD_INLINE Callee Find(const Registers& r, uint32_t at) {
  const TableInstance& table = *r.ctx->tables[r.pc[at + 2]];
  // An i32 is zero-extended: tables of both address types are alike.
  const uint64_t index = SlotAt(r, at);
  if (index >= table.elements.size()) {
    return {nullptr, TrapKind::kUndefinedElement};
  }
  const Slot reference = table.elements[index];
  if (reference == kNullReference) {
    return {nullptr, TrapKind::kUninitializedElement};
  }
  const FunctionInstance& callee = r.ctx->functions[FunctionOf(reference)];
  if (!MatchesType(*r.ctx, callee, r.ctx->types[r.pc[at + 1]])) {
    return {nullptr, TrapKind::kIndirectCallTypeMismatch};
  }
  return {&callee, {}};
}

WASMD_INLINE Op CallIndirect64(Registers& r) {
  const Callee callee = Find(r, kF + 1);
  if (callee.function == nullptr) [[unlikely]] {
    return TrapOp(callee.trap);
  }
  return CallFunction(r, *callee.function, &SlotAt(r, kF), kF + 4);
}

WASMD_INLINE Op CallRefSlow(Registers& r) {
  const Slot reference = SlotAt(r, kF + 1);
  return CallFunction(r, r.ctx->functions[FunctionOf(reference)],
                      &SlotAt(r, kF), kF + 2);
}

WASMD_INLINE Op CallRef(Registers& r) {
  const Slot reference = SlotAt(r, kF + 1);
  if (reference == kNullReference) [[unlikely]] {
    return TrapOp(TrapKind::kNullFunctionReference);
  }
  const FunctionInstance& callee = r.ctx->functions[FunctionOf(reference)];
  if (callee.host != nullptr || callee.instance != r.ctx->instance)
      [[unlikely]] {
    return Op{&Entry<CallRefSlow>};
  }
  return EnterCode(r, callee.code, &SlotAt(r, kF), kF + 2);
}

// Fields of tail calls: the first argument, the number of argument slots.
WASMD_INLINE Op ReturnCall(Registers& r) {
  const auto* code = reinterpret_cast<const FunctionCode*>(Field64(r, kF + 2));
  return TailCallCode(r, code, &SlotAt(r, kF), r.pc[kF + 1]);
}

WASMD_INLINE Op ReturnCallImport(Registers& r) {
  const FuncAddr address = r.ctx->instance->functions[r.pc[kF + 2]];
  return TailCallFunction(r, r.ctx->functions[address], &SlotAt(r, kF),
                          r.pc[kF + 1]);
}

WASMD_INLINE Op ReturnCallIndirect(Registers& r) {
  const Callee callee = Find(r, kF + 2);
  if (callee.function == nullptr) [[unlikely]] {
    return TrapOp(callee.trap);
  }
  return TailCallFunction(r, *callee.function, &SlotAt(r, kF), r.pc[kF + 1]);
}

WASMD_INLINE Op ReturnCallRef(Registers& r) {
  const Slot reference = SlotAt(r, kF + 2);
  if (reference == kNullReference) [[unlikely]] {
    return TrapOp(TrapKind::kNullFunctionReference);
  }
  return TailCallFunction(r, r.ctx->functions[FunctionOf(reference)],
                          &SlotAt(r, kF), r.pc[kF + 1]);
}

constexpr std::array kOps = {
    MakeSimple<SimpleOp::kCallIndirect64, CallIndirect64>(),
    MakeSimple<SimpleOp::kCallRef, CallRef>(),
    MakeSimple<SimpleOp::kReturnCall, ReturnCall>(),
    MakeSimple<SimpleOp::kReturnCallImport, ReturnCallImport>(),
    MakeSimple<SimpleOp::kReturnCallIndirect, ReturnCallIndirect>(),
    MakeSimple<SimpleOp::kReturnCallRef, ReturnCallRef>(),
};

}  // namespace

std::span<const SimpleRow> TailCallOps() { return kOps; }

}  // namespace wasmd::WASMD_BACKEND

// The handlers of one back end, family by family. Each function below is in the
// file of its chapter; handlers.cc joins them to the HandlerSet.

#ifndef WASMD_INTERP_EXEC_HANDLERS_H_
#define WASMD_INTERP_EXEC_HANDLERS_H_

#include <span>

#include "interp/code/handler_set.h"
#include "interp/exec/dispatch.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

const HandlerSet& Handlers();

struct SimpleRow {
  SimpleOp op;
  Function function;
};

template <SimpleOp kOp, Op (*Body)(Registers&)>
constexpr SimpleRow MakeSimple() {
  return {kOp, &Entry<Body>};
}

std::span<const SimpleRow> MachineOps();         // machine.cc
std::span<const SimpleRow> HeldLoopOps();        // held.cc
std::span<const SimpleRow> VariableOps();        // variable.cc
std::span<const SimpleRow> ControlOps();         // control.cc
std::span<const SimpleRow> CallOps();            // call.cc
std::span<const SimpleRow> TailCallOps();        // tail_call.cc
std::span<const SimpleRow> ExceptionOps();       // exception.cc
std::span<const SimpleRow> BulkOps();            // bulk_ops.cc
std::span<const SimpleRow> GcOps();              // gc_ops.cc
std::span<const SimpleRow> FieldOps();           // gc_field.cc
std::span<const SimpleRow> VectorVariableOps();  // vector_variable.cc

// load.cc, store.cc
DestinationHandlers Load(Opcode, AddressKind address);
Handler Store(Opcode, AddressKind address, OperandKind value);
// pair.h, one file each
DestinationHandlers I32Pair(const PairForm&);
DestinationHandlers I64Pair(const PairForm&);
DestinationHandlers F32Pair(const PairForm&);
DestinationHandlers F64Pair(const PairForm&);
// load_binary.cc
DestinationHandlers LoadBinary(Opcode load, AddressKind address, Opcode binary,
                               bool reversed, OperandKind other);
// arithmetic_fused.cc
DestinationHandlers AddShifted(OperandKind base, OperandKind index);
Handler ReturnAdd(OperandKind left, OperandKind right);
// branch_compare_integer.cc
Handler AddBranch(Opcode comparison, OperandKind addend, OperandKind right);
// variable.cc
DestinationHandlers Select(ValueKind, OperandKind if_true, OperandKind if_false,
                           OperandKind condition);
DestinationHandlers GlobalGet(ValueKind);
// vector_memory.cc
DestinationHandlers VectorLoad(Opcode, AddressKind address);
DestinationHandlers VectorLoadLane(Opcode, AddressKind address,
                                   OperandKind vector);
Handler VectorStore(Opcode, AddressKind address, OperandKind vector);
// vector_variable.cc
DestinationHandlers VectorGlobalGet();
// memory_any.cc
DestinationHandlers LoadAny(Opcode);
Handler StoreAny(Opcode);
// reference.cc
DestinationHandlers Reference(Opcode, OperandKind operand);
// gc_field.cc
DestinationHandlers StructGet(FieldAccess, OperandKind reference);
Handler StructSet(FieldAccess, OperandKind value);
DestinationHandlers ArrayGet(FieldAccess, OperandKind index);
Handler ArraySet(FieldAccess, OperandKind value);
// control.cc
Handler BranchIf(OperandKind condition, bool negate, bool back);

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_HANDLERS_H_

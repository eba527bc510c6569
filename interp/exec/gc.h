// Instructions on the heap's objects, as functions on an op's fields and
// operands (as in bulk.h). The same for all back ends. What allocates may need
// room (interp/gc_operations.h): then nothing has happened.

#ifndef WASMD_INTERP_EXEC_GC_H_
#define WASMD_INTERP_EXEC_GC_H_

#include "interp/exec/context.h"
#include "interp/gc_operations.h"

namespace wasmd {

// With the registers stored, at an op that is a collection point. False if the
// heap is exhausted.
[[gnu::noinline, gnu::cold]] bool MakeRoom(Context& context);

// Makes context.exception of the operands.
GcStatus ThrowOp(Context&, const CodeUnit* fields, Slot* operands);

// These leave the new object in the first operand's slot.
GcStatus StructNewOp(Context&, const CodeUnit* fields, Slot* operands);
GcStatus StructNewDefaultOp(Context&, const CodeUnit* fields, Slot* operands);
GcStatus ArrayNewOp(Context&, const CodeUnit* fields, Slot* operands);
GcStatus ArrayNewDefaultOp(Context&, const CodeUnit* fields, Slot* operands);
GcStatus ArrayNewFixedOp(Context&, const CodeUnit* fields, Slot* operands);
GcStatus ArrayNewDataOp(Context&, const CodeUnit* fields, Slot* operands);
GcStatus ArrayNewElemOp(Context&, const CodeUnit* fields, Slot* operands);

GcStatus ArrayFillOp(Context&, const CodeUnit* fields, Slot* operands);
GcStatus ArrayCopyOp(Context&, const CodeUnit* fields, Slot* operands);
GcStatus ArrayInitDataOp(Context&, const CodeUnit* fields, Slot* operands);
GcStatus ArrayInitElemOp(Context&, const CodeUnit* fields, Slot* operands);

// Whether a reference is of the ValueType with these bits, whose concrete type
// is an index of the current instance's module.
bool TestReference(const Context& context, Slot reference, uint32_t bits);

}  // namespace wasmd

#endif  // WASMD_INTERP_EXEC_GC_H_

// The instructions of memories and tables that are not loads and stores, as
// functions on an op's fields and operands: `fields` are the units after the
// first slot, `operands` that slot and those above it, where results go too.
// The same for all back ends. Nothing is written before all bounds are checked.

#ifndef WASMD_INTERP_EXEC_BULK_H_
#define WASMD_INTERP_EXEC_BULK_H_

#include <optional>

#include "interp/exec/context.h"

namespace wasmd {

using BulkResult = std::optional<TrapKind>;

BulkResult MemorySize(Context&, const CodeUnit* fields, Slot* operands);
BulkResult MemoryGrow(Context&, const CodeUnit* fields, Slot* operands);
BulkResult MemoryFill(Context&, const CodeUnit* fields, Slot* operands);
BulkResult MemoryCopy(Context&, const CodeUnit* fields, Slot* operands);
BulkResult MemoryInit(Context&, const CodeUnit* fields, Slot* operands);
BulkResult DataDrop(Context&, const CodeUnit* fields, Slot* operands);
BulkResult TableGet(Context&, const CodeUnit* fields, Slot* operands);
BulkResult TableSet(Context&, const CodeUnit* fields, Slot* operands);
BulkResult TableSize(Context&, const CodeUnit* fields, Slot* operands);
BulkResult TableGrow(Context&, const CodeUnit* fields, Slot* operands);
BulkResult TableFill(Context&, const CodeUnit* fields, Slot* operands);
BulkResult TableCopy(Context&, const CodeUnit* fields, Slot* operands);
BulkResult TableInit(Context&, const CodeUnit* fields, Slot* operands);
BulkResult ElemDrop(Context&, const CodeUnit* fields, Slot* operands);

}  // namespace wasmd

#endif  // WASMD_INTERP_EXEC_BULK_H_

// Handlers of the functions of bulk.h.

#include <array>

#include "interp/exec/bulk.h"
#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"
#include "interp/exec/reload.h"

namespace wasmd::WASMD_BACKEND {
namespace {

// An op whose fields are the first slot and `indices` indices.
template <BulkResult (*kFunction)(Context&, const CodeUnit*, Slot*),
          uint32_t indices>
WASMD_INLINE Op Bulk(Registers& r) {
  const BulkResult result =
      kFunction(*r.ctx, r.pc + kHandlerUnits + 1, &SlotAt(r, kHandlerUnits));
  if (result.has_value()) [[unlikely]] {
    return TrapOp(*result);
  }
  ReloadMemory(r);
  return Next(r, kHandlerUnits + 1 + indices);
}

template <SimpleOp kOp,
          BulkResult (*kFunction)(Context&, const CodeUnit*, Slot*),
          uint32_t indices>
constexpr SimpleRow MakeBulk() {
  return MakeSimple<kOp, Bulk<kFunction, indices>>();
}

constexpr std::array kOps = {
    MakeBulk<SimpleOp::kMemorySize, MemorySize, 1>(),
    MakeBulk<SimpleOp::kMemoryGrow, MemoryGrow, 1>(),
    MakeBulk<SimpleOp::kMemoryFill, MemoryFill, 1>(),
    MakeBulk<SimpleOp::kMemoryCopy, MemoryCopy, 2>(),
    MakeBulk<SimpleOp::kMemoryInit, MemoryInit, 2>(),
    MakeBulk<SimpleOp::kDataDrop, DataDrop, 1>(),
    MakeBulk<SimpleOp::kTableGet, TableGet, 1>(),
    MakeBulk<SimpleOp::kTableSet, TableSet, 1>(),
    MakeBulk<SimpleOp::kTableSize, TableSize, 1>(),
    MakeBulk<SimpleOp::kTableGrow, TableGrow, 1>(),
    MakeBulk<SimpleOp::kTableFill, TableFill, 1>(),
    MakeBulk<SimpleOp::kTableCopy, TableCopy, 2>(),
    MakeBulk<SimpleOp::kTableInit, TableInit, 2>(),
    MakeBulk<SimpleOp::kElemDrop, ElemDrop, 1>(),
};

}  // namespace

std::span<const SimpleRow> BulkOps() { return kOps; }

}  // namespace wasmd::WASMD_BACKEND

#include "interp/exec/bulk.h"

#include <algorithm>
#include <cstring>

#include "interp/exec/fuel.h"
#include "interp/instances.h"
#include "interp/memory_instance.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "wasm/module.h"

namespace wasmd {
namespace {

constexpr TrapKind kMemoryTrap = TrapKind::kOutOfBoundsMemoryAccess;
constexpr TrapKind kTableTrap = TrapKind::kOutOfBoundsTableAccess;

// i32 operands are zero-extended slots, so addresses of both types read alike.
bool RangeFits(uint64_t at, uint64_t length, uint64_t size) {
  return length <= size && at <= size - length;
}

// The failure result of a grow instruction, in the address type's width.
Slot Failure(AddressType type) {
  return type == AddressType::kI64 ? ~uint64_t{0} : uint64_t{0xFFFFFFFF};
}

}  // namespace

BulkResult MemorySize(Context& context, const CodeUnit* fields,
                      Slot* operands) {
  operands[0] = context.instance->memories[fields[0]]->size_pages();
  return std::nullopt;
}

BulkResult MemoryGrow(Context& context, const CodeUnit* fields,
                      Slot* operands) {
  MemoryInstance& memory = *context.instance->memories[fields[0]];
  const int64_t old_pages = context.store->GrowMemory(memory, operands[0]);
  operands[0] = old_pages < 0 ? Failure(memory.type().address)
                              : static_cast<Slot>(old_pages);
  return std::nullopt;
}

BulkResult MemoryFill(Context& context, const CodeUnit* fields,
                      Slot* operands) {
  MemoryInstance& memory = *context.instance->memories[fields[0]];
  const uint64_t at = operands[0];
  const uint64_t length = operands[2];
  if (!memory.InBounds(at, length)) return kMemoryTrap;
  if (length == 0) return std::nullopt;
  ChargeBytes(context, length);
  std::memset(memory.data() + at, static_cast<uint8_t>(operands[1]), length);
  memory.MarkDirty(at, length);
  return std::nullopt;
}

BulkResult MemoryCopy(Context& context, const CodeUnit* fields,
                      Slot* operands) {
  MemoryInstance& to = *context.instance->memories[fields[0]];
  const MemoryInstance& from = *context.instance->memories[fields[1]];
  const uint64_t to_at = operands[0];
  const uint64_t from_at = operands[1];
  const uint64_t length = operands[2];
  if (!to.InBounds(to_at, length) || !from.InBounds(from_at, length)) {
    return kMemoryTrap;
  }
  if (length == 0) return std::nullopt;
  ChargeBytes(context, length);
  std::memmove(to.data() + to_at, from.data() + from_at, length);
  to.MarkDirty(to_at, length);
  return std::nullopt;
}

BulkResult MemoryInit(Context& context, const CodeUnit* fields,
                      Slot* operands) {
  const ModuleInstance& instance = *context.instance;
  const uint32_t segment = fields[0];
  MemoryInstance& memory = *instance.memories[fields[1]];
  const uint64_t to_at = operands[0];
  const uint64_t from_at = operands[1];
  const uint64_t length = operands[2];
  ByteSpan bytes;
  if (!instance.data_dropped[segment]) {
    bytes = instance.module->Bytes(instance.module->data[segment].bytes);
  }
  if (!memory.InBounds(to_at, length) ||
      !RangeFits(from_at, length, bytes.size())) {
    return kMemoryTrap;
  }
  if (length == 0) return std::nullopt;
  ChargeBytes(context, length);
  std::memcpy(memory.data() + to_at, bytes.data() + from_at, length);
  memory.MarkDirty(to_at, length);
  return std::nullopt;
}

BulkResult DataDrop(Context& context, const CodeUnit* fields, Slot*) {
  context.instance->data_dropped[fields[0]] = true;
  return std::nullopt;
}

BulkResult TableGet(Context& context, const CodeUnit* fields, Slot* operands) {
  const TableInstance& table = *context.tables[fields[0]];
  if (operands[0] >= table.elements.size()) return kTableTrap;
  operands[0] = table.elements[operands[0]];
  return std::nullopt;
}

BulkResult TableSet(Context& context, const CodeUnit* fields, Slot* operands) {
  TableInstance& table = *context.tables[fields[0]];
  if (operands[0] >= table.elements.size()) return kTableTrap;
  table.elements[operands[0]] = operands[1];
  return std::nullopt;
}

BulkResult TableSize(Context& context, const CodeUnit* fields, Slot* operands) {
  operands[0] = context.tables[fields[0]]->elements.size();
  return std::nullopt;
}

BulkResult TableGrow(Context& context, const CodeUnit* fields, Slot* operands) {
  TableInstance& table = *context.tables[fields[0]];
  const int64_t old_size =
      context.store->GrowTable(table, operands[1], operands[0]);
  if (old_size >= 0) ChargeBytes(context, operands[1] * sizeof(Slot));
  operands[0] =
      old_size < 0 ? Failure(table.type.address) : static_cast<Slot>(old_size);
  return std::nullopt;
}

BulkResult TableFill(Context& context, const CodeUnit* fields, Slot* operands) {
  TableInstance& table = *context.tables[fields[0]];
  const uint64_t at = operands[0];
  const uint64_t length = operands[2];
  if (!RangeFits(at, length, table.elements.size())) return kTableTrap;
  ChargeBytes(context, length * sizeof(Slot));
  std::fill_n(table.elements.begin() + static_cast<ptrdiff_t>(at), length,
              operands[1]);
  return std::nullopt;
}

BulkResult TableCopy(Context& context, const CodeUnit* fields, Slot* operands) {
  TableInstance& to = *context.tables[fields[0]];
  const TableInstance& from = *context.tables[fields[1]];
  const uint64_t to_at = operands[0];
  const uint64_t from_at = operands[1];
  const uint64_t length = operands[2];
  if (!RangeFits(to_at, length, to.elements.size()) ||
      !RangeFits(from_at, length, from.elements.size())) {
    return kTableTrap;
  }
  if (length == 0) return std::nullopt;
  ChargeBytes(context, length * sizeof(Slot));
  std::memmove(to.elements.data() + to_at, from.elements.data() + from_at,
               length * sizeof(Slot));
  return std::nullopt;
}

BulkResult TableInit(Context& context, const CodeUnit* fields, Slot* operands) {
  const std::vector<Slot>& segment = context.instance->elements[fields[0]];
  TableInstance& table = *context.tables[fields[1]];
  const uint64_t to_at = operands[0];
  const uint64_t from_at = operands[1];
  const uint64_t length = operands[2];
  if (!RangeFits(to_at, length, table.elements.size()) ||
      !RangeFits(from_at, length, segment.size())) {
    return kTableTrap;
  }
  if (length == 0) return std::nullopt;
  ChargeBytes(context, length * sizeof(Slot));
  std::memcpy(table.elements.data() + to_at, segment.data() + from_at,
              length * sizeof(Slot));
  return std::nullopt;
}

BulkResult ElemDrop(Context& context, const CodeUnit* fields, Slot*) {
  std::vector<Slot>().swap(context.instance->elements[fields[0]]);
  return std::nullopt;
}

}  // namespace wasmd

// Memories, tables, globals, segments (core specification, valid/instructions).

#include <bit>

#include "base/str_cat.h"
#include "wasm/function_validator.h"

namespace wasmd {
namespace {

// The address type of a length that must fit both (aux-minat).
ValueType Smaller(ValueType a, ValueType b) { return a == kI32Type ? a : b; }

}  // namespace

bool FunctionValidator::FindMemory(uint32_t index, ValueType* address) {
  if (index >= module_.memories.size()) {
    return Fail(StrCat("unknown memory ", index));
  }
  *address = ToValueType(module_.memories[index].type.address);
  return true;
}

bool FunctionValidator::FindTable(uint32_t index, const Table** table) {
  if (index >= module_.tables.size()) {
    return Fail(StrCat("unknown table ", index));
  }
  *table = &module_.tables[index];
  return true;
}

bool FunctionValidator::FindData(uint32_t index) {
  if (!module_.data_count) {
    return FailMalformed("data count section required");
  }
  return index < module_.data.size() ||
         Fail(StrCat("unknown data segment ", index));
}

bool FunctionValidator::FindElements(uint32_t index,
                                     const ElementSegment** segment) {
  if (index >= module_.elements.size()) {
    return Fail(StrCat("unknown elem segment ", index));
  }
  *segment = &module_.elements[index];
  return true;
}

bool FunctionValidator::FindTag(uint32_t index, const FunctionType** type) {
  if (index >= module_.tags.size()) return Fail(StrCat("unknown tag ", index));
  *type = &module_.types[module_.tags[index].type.type_index].function;
  return true;
}

bool FunctionValidator::FindFunctionType(uint32_t index,
                                         const FunctionType** type) {
  if (index >= module_.types.size() ||
      module_.types[index].kind != CompositeKind::kFunction) {
    return Require(types_.CheckFunctionType(index));
  }
  *type = &module_.types[index].function;
  return true;
}

bool FunctionValidator::CheckMemArg(uint32_t access_bytes, ValueType* address) {
  const MemArg& memarg = in_.memarg;
  if (!FindMemory(memarg.memory_index, address)) return false;
  if (memarg.align_log2 >
      static_cast<uint32_t>(std::countr_zero(access_bytes))) {
    return Fail(StrCat("alignment must not be larger than natural: 2^",
                       memarg.align_log2, " for ", access_bytes, " bytes"));
  }
  if (*address == kI32Type && memarg.offset > UINT32_MAX) {
    return Fail(StrCat("offset out of range: ", memarg.offset));
  }
  return true;
}

bool FunctionValidator::CheckMemoryOrTable() {
  switch (in_.opcode) {
    case Opcode::kMemoryInit:
      return CheckMemoryInit();
    case Opcode::kMemoryCopy:
      return CheckMemoryCopy();
    case Opcode::kTableInit:
      return CheckTableInit();
    case Opcode::kTableCopy:
      return CheckTableCopy();
    default:
      return CheckTableAccess();
  }
}

bool FunctionValidator::CheckMemoryInit() {
  ValueType address;
  return FindMemory(in_.index2, &address) && FindData(in_.index) &&
         PopAll({address, kI32Type, kI32Type});
}

bool FunctionValidator::CheckMemoryCopy() {
  ValueType to;
  ValueType from;
  return FindMemory(in_.index, &to) && FindMemory(in_.index2, &from) &&
         PopAll({to, from, Smaller(to, from)});
}

bool FunctionValidator::CheckTableAccess() {
  const Table* table = nullptr;
  if (!FindTable(in_.index, &table)) return false;
  const ValueType element = table->type.element;
  const ValueType address = ToValueType(table->type.address);
  switch (in_.opcode) {
    case Opcode::kTableGet:
      if (!Pop(address)) return false;
      Push(element);
      return true;
    case Opcode::kTableSet:
      return PopAll({address, element});
    case Opcode::kTableSize:
      Push(address);
      return true;
    case Opcode::kTableGrow:
      if (!PopAll({element, address})) return false;
      Push(address);
      return true;
    case Opcode::kTableFill:
      return PopAll({address, element, address});
    default:
      return Fail(StrCat("no validation rule for ", mnemonic()));
  }
}

bool FunctionValidator::CheckTableInit() {
  const Table* table = nullptr;
  const ElementSegment* segment = nullptr;
  if (!FindTable(in_.index2, &table) || !FindElements(in_.index, &segment)) {
    return false;
  }
  if (!Matches(segment->type, table->type.element)) {
    return Fail(StrCat("type mismatch: segment of ", ToString(segment->type),
                       ", table of ", ToString(table->type.element)));
  }
  return PopAll({ToValueType(table->type.address), kI32Type, kI32Type});
}

bool FunctionValidator::CheckTableCopy() {
  const Table* to = nullptr;
  const Table* from = nullptr;
  if (!FindTable(in_.index, &to) || !FindTable(in_.index2, &from)) return false;
  if (!Matches(from->type.element, to->type.element)) {
    return Fail(StrCat("type mismatch: copy from a table of ",
                       ToString(from->type.element), " to one of ",
                       ToString(to->type.element)));
  }
  const ValueType to_address = ToValueType(to->type.address);
  const ValueType from_address = ToValueType(from->type.address);
  return PopAll({to_address, from_address, Smaller(to_address, from_address)});
}

bool FunctionValidator::CheckGlobal() {
  const size_t count = is_constant_ ? visible_globals_ : module_.globals.size();
  if (in_.index >= count) return Fail(StrCat("unknown global ", in_.index));
  const GlobalType& type = module_.globals[in_.index].type;
  if (in_.opcode == Opcode::kGlobalSet) {
    if (!type.is_mutable) return Fail(StrCat("immutable global ", in_.index));
    return Pop(type.value);
  }
  if (is_constant_) {
    // Before garbage collection came, only imported globals were constant.
    const bool is_constant =
        !type.is_mutable && (in_.index < module_.imported_globals ||
                             context_.features.Has(Feature::kGc));
    if (!is_constant) {
      return Fail(StrCat("constant expression required: global ", in_.index,
                         " may change"));
    }
  }
  Push(type.value);
  return true;
}

}  // namespace wasmd

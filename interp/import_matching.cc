#include "interp/import_matching.h"

#include <optional>
#include <string>

#include "base/check.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

// What is wrong with an import; empty when nothing is.
using Mismatch = std::string;

std::string_view ToText(AddressType type) {
  return type == AddressType::kI64 ? "i64" : "i32";
}

// `size` is the current one: it counts as the minimum of what is provided.
Mismatch MatchLimits(uint64_t size, std::optional<uint64_t> max,
                     AddressType address, const Limits& required,
                     AddressType required_address) {
  if (address != required_address) {
    return StrCat("has address type ", ToText(address), ", not ",
                  ToText(required_address));
  }
  if (size < required.min) {
    return StrCat("has size ", size, ", less than the required ", required.min);
  }
  if (required.max.has_value() && !max.has_value()) {
    return StrCat("has no maximum, but at most ", *required.max,
                  " is required");
  }
  if (required.max.has_value() && *max > *required.max) {
    return StrCat("has maximum ", *max, ", more than the required ",
                  *required.max);
  }
  return {};
}

Mismatch MatchFunction(const Store& store, FuncAddr address, TypeId required) {
  const TypeId type = store.function(address).type;
  if (store.types().IsSubtype(type, required)) return {};
  const FunctionType& has = store.types().Get(type).function;
  const FunctionType& needs = store.types().Get(required).function;
  if (has == needs) return "has a different declared type of the same form";
  return StrCat("has type ", ToString(has), ", not ", ToString(needs));
}

Mismatch MatchTable(const Store& store, TableAddr address,
                    const TableType& required, ValueType required_element) {
  const TableInstance& table = store.table(address);
  if (table.type.element != required_element) {
    return StrCat("has elements of type ", ToString(table.type.element),
                  ", not ", ToString(required_element));
  }
  return MatchLimits(table.elements.size(), table.type.limits.max,
                     table.type.address, required.limits, required.address);
}

Mismatch MatchMemory(const Store& store, MemAddr address,
                     const MemoryType& required) {
  const MemoryInstance& memory = store.memory(address);
  const MemoryType& type = memory.type();
  if (type.page_size_log2 != required.page_size_log2) {
    return StrCat("has pages of ", uint64_t{1} << type.page_size_log2,
                  " bytes, not ", uint64_t{1} << required.page_size_log2);
  }
  return MatchLimits(memory.size_pages(), type.limits.max, type.address,
                     required.limits, required.address);
}

Mismatch MatchGlobal(const Store& store, GlobalAddr address,
                     const GlobalType& required, ValueType required_value) {
  const GlobalType& type = store.global(address).type;
  if (type.is_mutable != required.is_mutable) {
    return type.is_mutable ? "is mutable, but must not be"
                           : "is immutable, but must be mutable";
  }
  const bool matches =
      type.is_mutable ? type.value == required_value
                      : store.types().IsSubtype(type.value, required_value);
  if (matches) return {};
  return StrCat("has type ", ToString(type.value), ", not ",
                ToString(required_value));
}

Mismatch MatchTag(const Store& store, TagAddr address, TypeId required) {
  if (store.tag(address).type == required) return {};
  return "has a different type";
}

Mismatch Match(const Store& store, const Module& module,
               const std::vector<TypeId>& types, const Import& import,
               const ExternValue& value) {
  if (value.kind != import.kind) {
    return StrCat("is a ", ToString(value.kind), ", not a ",
                  ToString(import.kind));
  }
  if (value.address >= CountOf(store, value.kind)) {
    return StrCat("has address ", value.address, ", which the store has not");
  }
  const uint32_t index = import.index;
  switch (import.kind) {
    case ExternKind::kFunction:
      return MatchFunction(store, value.address,
                           types[module.functions[index].type_index]);
    case ExternKind::kTable: {
      const TableType& type = module.tables[index].type;
      return MatchTable(store, value.address, type,
                        Substitute(type.element, types));
    }
    case ExternKind::kMemory:
      return MatchMemory(store, value.address, module.memories[index].type);
    case ExternKind::kGlobal: {
      const GlobalType& type = module.globals[index].type;
      return MatchGlobal(store, value.address, type,
                         Substitute(type.value, types));
    }
    case ExternKind::kTag:
      return MatchTag(store, value.address,
                      types[module.tags[index].type.type_index]);
  }
  return "is of no known kind";
}

}  // namespace

uint32_t CountOf(const Store& store, ExternKind kind) {
  switch (kind) {
    case ExternKind::kFunction:
      return store.function_count();
    case ExternKind::kTable:
      return store.table_count();
    case ExternKind::kMemory:
      return store.memory_count();
    case ExternKind::kGlobal:
      return store.global_count();
    case ExternKind::kTag:
      return store.tag_count();
  }
  return 0;
}

absl::Status MatchImport(const Store& store, const Module& module,
                         const std::vector<TypeId>& types, const Import& import,
                         const ExternValue& value) {
  const Mismatch mismatch = Match(store, module, types, import, value);
  if (mismatch.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(StrCat("incompatible import type for ",
                                              import.module, ".", import.name,
                                              ": it ", mismatch));
}

}  // namespace wasmd

// Invariants that make captures of equal states equal bytes:
//  1. Everything is written in order of address or of first use, never in an
//     order that depends on pointers or on how the Store came about.
//  2. TypeIds are not written: types are numbered in order of first use, and
//     one that a module defines is named by the first instance that has it.
//  3. No protobuf maps.

#include "snapshot/capture_store.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "snapshot/capture_limits.h"
#include "snapshot/value_codec.h"

namespace wasmd {
namespace {

std::string ToText(const Sha256Digest& digest) {
  return std::string(reinterpret_cast<const char*>(digest.data()),
                     digest.size());
}

bool IsConcrete(ValueType type) {
  return type.is_ref() && type.heap_type().is_concrete();
}

// True if the parameters and results say all there is to say of the type.
bool IsPlainSignature(const SubType& type) {
  return type.kind == CompositeKind::kFunction && type.is_final &&
         !type.supertype.has_value() && type.group_count == 1 &&
         std::none_of(type.function.params.begin(), type.function.params.end(),
                      IsConcrete) &&
         std::none_of(type.function.results.begin(),
                      type.function.results.end(), IsConcrete);
}

void WriteSignature(const FunctionType& type, snapshot::Signature* out) {
  out->set_params(EncodeValueTypes(type.params));
  out->set_results(EncodeValueTypes(type.results));
}

// Numbers the modules and types of a Store in order of first use.
class Numbering {
 public:
  Numbering(const Store& store, snapshot::State* state)
      : store_(store), state_(*state) {}

  uint32_t ModuleNumber(const Module& module) {
    const auto [at, added] = modules_.emplace(
        module.hash, static_cast<uint32_t>(state_.modules_size()));
    if (added) state_.add_modules(ToText(module.hash));
    return at->second;
  }

  // With a concrete TypeId replaced by its number.
  ValueType Numbered(ValueType type) {
    if (!IsConcrete(type)) return type;
    const uint32_t number = TypeNumber(type.heap_type().type_index());
    return ValueType::Ref(HeapType::Concrete(number), type.is_nullable());
  }

  uint32_t TypeNumber(TypeId id) {
    const auto [at, added] =
        types_.emplace(id, static_cast<uint32_t>(state_.types_size()));
    if (!added) return at->second;
    snapshot::DefinedType* type = state_.add_types();
    const SubType& definition = store_.types().Get(id);
    if (IsPlainSignature(definition)) {
      WriteSignature(definition.function, type->mutable_signature());
    } else {
      *type->mutable_module() = FindInModules(id);
    }
    return at->second;
  }

 private:
  // Types reach a Store only with a module, or plain with a host function.
  snapshot::ModuleType FindInModules(TypeId id) {
    if (module_types_.empty()) IndexModuleTypes();
    const auto found = module_types_.find(id);
    CHECK(found != module_types_.end());
    snapshot::ModuleType type;
    type.set_module(found->second.first);
    type.set_index(found->second.second);
    return type;
  }

  void IndexModuleTypes() {
    for (InstanceAddr a = 0; a < store_.instance_count(); ++a) {
      const ModuleInstance& instance = store_.instance(a);
      const uint32_t module = ModuleNumber(*instance.module);
      for (uint32_t i = 0; i < instance.types.size(); ++i) {
        module_types_.emplace(instance.types[i], std::pair(module, i));
      }
    }
  }

  const Store& store_;
  snapshot::State& state_;
  std::map<Sha256Digest, uint32_t> modules_;
  std::map<TypeId, uint32_t> types_;
  std::map<TypeId, std::pair<uint32_t, uint32_t>> module_types_;
};

// Addresses that a module's own definitions take.
struct AddressRange {
  uint32_t first = 0;
  uint32_t count = 0;
};

// Writes the imports of one index space; the rest are the module's own, which
// have consecutive addresses from the one that is returned on.
template <typename Out>
AddressRange WriteAddresses(const std::vector<uint32_t>& addresses,
                            uint32_t imported, Out* out) {
  for (uint32_t i = 0; i < imported; ++i) out->Add(addresses[i]);
  if (addresses.size() == imported) return {};
  const auto count = static_cast<uint32_t>(addresses.size() - imported);
  CHECK(addresses.back() == addresses[imported] + (count - 1));
  return {addresses[imported], count};
}

class StateWriter {
 public:
  StateWriter(const Store& store, snapshot::State* state)
      : store_(store), state_(*state), numbering_(store, state) {}

  // FailedPrecondition if a value that its type needs is missing.
  absl::Status Write();

 private:
  absl::Status WriteInstance(const ModuleInstance& instance);
  void WriteDataSegments(const ModuleInstance& instance,
                         snapshot::Instance* out);
  absl::Status WriteElementSegments(const ModuleInstance& instance,
                                    snapshot::Instance* out);
  void WriteHostFunctions();
  void WriteHostFunction(FuncAddr address);
  absl::Status WriteTable(const TableInstance& table);
  void WriteMemory(const MemoryInstance& memory);
  absl::Status WriteGlobal(const GlobalInstance& global);
  void WriteHeap();
  void WriteLimits();

  const Store& store_;
  snapshot::State& state_;
  Numbering numbering_;
  std::vector<AddressRange> instance_functions_;
};

// An instantiation that traps in an initialiser leaves what it had not come to
// as null. Nothing can reach it then, but restoring would have to take null
// where it cannot be.
absl::Status CheckIsComplete(ValueType type, std::span<const Slot> values) {
  if (!type.is_ref() || type.is_nullable() ||
      std::find(values.begin(), values.end(), kNullReference) == values.end()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "cannot capture a store in which the initialisation of an instance "
      "was cut short by a trap");
}

absl::Status StateWriter::Write() {
  for (InstanceAddr a = 0; a < store_.instance_count(); ++a) {
    RETURN_IF_ERROR(WriteInstance(store_.instance(a)));
  }
  WriteHostFunctions();
  for (TableAddr a = 0; a < store_.table_count(); ++a) {
    RETURN_IF_ERROR(WriteTable(store_.table(a)));
  }
  for (MemAddr a = 0; a < store_.memory_count(); ++a) {
    WriteMemory(store_.memory(a));
  }
  for (GlobalAddr a = 0; a < store_.global_count(); ++a) {
    RETURN_IF_ERROR(WriteGlobal(store_.global(a)));
  }
  for (TagAddr a = 0; a < store_.tag_count(); ++a) {
    state_.add_tags(numbering_.TypeNumber(store_.tag(a).type));
  }
  WriteHeap();
  WriteLimits();
  return absl::OkStatus();
}

absl::Status StateWriter::WriteInstance(const ModuleInstance& instance) {
  const Module& module = *instance.module;
  snapshot::Instance* out = state_.add_instances();
  out->set_module(numbering_.ModuleNumber(module));
  const AddressRange functions =
      WriteAddresses(instance.functions, module.imported_functions,
                     out->mutable_imported_functions());
  if (functions.count > 0) instance_functions_.push_back(functions);
  out->set_first_function(functions.first);
  out->set_first_table(WriteAddresses(instance.table_addresses,
                                      module.imported_tables,
                                      out->mutable_imported_tables())
                           .first);
  out->set_first_memory(WriteAddresses(instance.memory_addresses,
                                       module.imported_memories,
                                       out->mutable_imported_memories())
                            .first);
  out->set_first_global(WriteAddresses(instance.global_addresses,
                                       module.imported_globals,
                                       out->mutable_imported_globals())
                            .first);
  out->set_first_tag(WriteAddresses(instance.tags, module.imported_tags,
                                    out->mutable_imported_tags())
                         .first);
  WriteDataSegments(instance, out);
  return WriteElementSegments(instance, out);
}

void StateWriter::WriteDataSegments(const ModuleInstance& instance,
                                    snapshot::Instance* out) {
  const std::vector<bool>& dropped = instance.data_dropped;
  for (uint32_t i = 0; i < dropped.size(); ++i) {
    if (!dropped[i]) continue;
    const uint32_t first = i;
    while (i < dropped.size() && dropped[i]) ++i;
    out->add_dropped_data(first);
    out->add_dropped_data(i - first);
  }
}

absl::Status StateWriter::WriteElementSegments(const ModuleInstance& instance,
                                               snapshot::Instance* out) {
  for (uint32_t i = 0; i < instance.elements.size(); ++i) {
    const std::vector<Slot>& references = instance.elements[i];
    if (references.empty()) continue;
    const ElementSegment& segment = instance.module->elements[i];
    RETURN_IF_ERROR(CheckIsComplete(segment.type, references));
    snapshot::ElementSegment* out_segment = out->add_elements();
    out_segment->set_index(i);
    if (segment.has_expressions) {
      out_segment->set_references(EncodeReferences(references));
    }
  }
  return absl::OkStatus();
}

void StateWriter::WriteHostFunctions() {
  std::sort(instance_functions_.begin(), instance_functions_.end(),
            [](const AddressRange& a, const AddressRange& b) {
              return a.first < b.first;
            });
  FuncAddr next = 0;
  for (const AddressRange& range : instance_functions_) {
    while (next < range.first) WriteHostFunction(next++);
    next = range.first + range.count;
  }
  while (next < store_.function_count()) WriteHostFunction(next++);
}

void StateWriter::WriteHostFunction(FuncAddr address) {
  const HostFunctionInfo& info = store_.host_info(address);
  const SubType& type = store_.types().Get(store_.function(address).type);
  CHECK(IsPlainSignature(type));
  snapshot::HostFunction* out = state_.add_host_functions();
  out->set_address(address);
  out->set_module(info.module);
  out->set_name(info.name);
  WriteSignature(type.function, out->mutable_type());
}

absl::Status StateWriter::WriteTable(const TableInstance& table) {
  RETURN_IF_ERROR(CheckIsComplete(table.type.element, table.elements));
  snapshot::Table* out = state_.add_tables();
  AppendValueType(numbering_.Numbered(table.type.element),
                  out->mutable_element());
  out->set_min(table.type.limits.min);
  if (table.type.limits.max) out->set_max(*table.type.limits.max);
  out->set_address64(table.type.address == AddressType::kI64);
  out->set_size(table.elements.size());
  out->set_elements(EncodeReferences(table.elements));
  return absl::OkStatus();
}

void StateWriter::WriteMemory(const MemoryInstance& memory) {
  snapshot::Memory* out = state_.add_memories();
  const MemoryType& type = memory.type();
  out->set_min(type.limits.min);
  if (type.limits.max) out->set_max(*type.limits.max);
  out->set_address64(type.address == AddressType::kI64);
  out->set_page_size_log2(type.page_size_log2);
  out->set_size_pages(memory.size_pages());
  out->set_has_image(memory.has_initial_image());
  for (const uint32_t instance : memory.image_instances()) {
    out->add_image_instances(instance);
  }
}

absl::Status StateWriter::WriteGlobal(const GlobalInstance& global) {
  const ValueType type = global.type.value;
  RETURN_IF_ERROR(CheckIsComplete(type, std::span(global.value, 1)));
  std::string* out = state_.mutable_globals();
  AppendValueType(numbering_.Numbered(type), out);
  out->push_back(global.type.is_mutable ? 1 : 0);
  AppendBits(type, global.value[0], global.value[1], out);
  return absl::OkStatus();
}

snapshot::ObjectType::Kind ToSaved(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kStruct:
      return snapshot::ObjectType::STRUCT;
    case ObjectKind::kArray:
      return snapshot::ObjectType::ARRAY;
    case ObjectKind::kException:
      break;
  }
  return snapshot::ObjectType::EXCEPTION;
}

void StateWriter::WriteHeap() {
  const HeapState heap = store_.heap().state();
  if (heap.used_bytes == 0 && heap.types.empty()) return;
  snapshot::Heap* out = state_.mutable_heap();
  out->set_used_bytes(heap.used_bytes);
  out->set_threshold_bytes(heap.threshold_bytes);
  for (const ObjectTypeName& type : heap.types) {
    snapshot::ObjectType* out_type = out->add_types();
    out_type->set_kind(ToSaved(type.kind));
    out_type->set_instance(type.instance);
    out_type->set_type_index(type.type_index);
    out_type->set_tag(type.tag);
  }
}

void StateWriter::WriteLimits() {
  const StoreLimits& limits = store_.limits();
  snapshot::Limits* out = state_.mutable_limits();
  out->set_max_memory_bytes(limits.max_memory_bytes);
  out->set_max_table_elements(limits.max_table_elements);
  out->set_max_all_table_elements(limits.max_all_table_elements);
  out->set_max_heap_bytes(limits.max_heap_bytes);
  out->set_max_all_memory_bytes(limits.max_all_memory_bytes);
}

uint64_t Cells(const Store& store) {
  uint64_t cells = 0;
  for (InstanceAddr a = 0; a < store.instance_count(); ++a) {
    cells += InstanceCells(*store.instance(a).module);
  }
  return cells;
}

}  // namespace

absl::Status CaptureStore(const Store& store, snapshot::State* state) {
  if (Cells(store) > kMaxSnapshotCells) {
    return absl::ResourceExhaustedError(
        StrCat("module instances have more than the ", kMaxSnapshotCells,
               " entries that a snapshot can have"));
  }
  return StateWriter(store, state).Write();
}

}  // namespace wasmd

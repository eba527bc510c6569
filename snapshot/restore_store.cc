// Order of work: what a later step looks at, an earlier one has checked.
//  1. modules, instances with their types, types by number;
//  2. functions, tables, memories without contents, globals, tags: each by
//     address, with valid types and sizes, references not yet looked at;
//  3. index spaces of instances: kinds, types and owners match the modules, so
//     from here on every pointer and type that code will use is right;
//  4. contents of memories and heap: initial images, then pages;
//  5. references, now that all they can name is there: globals, tables, element
//     segments.

#include "snapshot/restore_store.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/heap_restore.h"
#include "interp/store_restorer.h"
#include "interp/translated_module.h"
#include "snapshot/capture_limits.h"
#include "snapshot/restore_errors.h"
#include "snapshot/restore_instances.h"
#include "snapshot/restore_memory.h"
#include "snapshot/value_codec.h"
#include "wasm/limits.h"

namespace wasmd {
namespace {

class StoreReader {
 public:
  StoreReader(const snapshot::State& state, const RestoreContext& context)
      : state_(state),
        context_(context),
        store_(std::make_unique<Store>(context.store_limits)),
        restorer_(*store_) {}

  absl::StatusOr<std::unique_ptr<Store>> Read(const PageSource& pages);

 private:
  absl::Status FindModules();
  absl::Status AddInstances();
  absl::Status ReadTypes();
  absl::StatusOr<TypeId> ReadType(const snapshot::DefinedType& type);

  absl::Status AddFunctions();
  absl::Status AddHostFunction(const snapshot::HostFunction& function);
  absl::Status AddTables();
  absl::Status AddTable(const snapshot::Table& table);
  absl::Status AddMemories();
  absl::Status AddGlobals();
  absl::Status AddTags();

  absl::Status CheckGlobals();
  absl::Status CheckTables();
  absl::Status ReadSegments();
  absl::Status ReadDataSegments(ModuleInstance& instance,
                                const snapshot::Instance& saved);
  absl::Status ReadElementSegments(ModuleInstance& instance,
                                   const snapshot::Instance& saved);
  absl::Status ReadElementSegment(ModuleInstance& instance,
                                  const snapshot::ElementSegment& saved);

  absl::Status FindInitialImages();
  absl::Status AddHeap();

  absl::Status TakeCells(uint64_t cells);
  absl::StatusOr<FunctionType> ReadSignature(
      const snapshot::Signature& signature);
  // `type` with a concrete number replaced by its TypeId; numbers are in range.
  ValueType WithTypeIds(ValueType type) const {
    return Substitute(type, types_);
  }

  const snapshot::State& state_;
  const RestoreContext& context_;
  std::unique_ptr<Store> store_;
  StoreRestorer restorer_;
  std::vector<std::shared_ptr<TranslatedModule>> modules_;
  std::vector<TypeId> types_;  // by number
  Definers definers_;
  uint64_t cells_left_ = kMaxSnapshotCells;
};

absl::StatusOr<std::unique_ptr<Store>> StoreReader::Read(
    const PageSource& pages) {
  RETURN_IF_ERROR(FindModules());
  RETURN_IF_ERROR(AddInstances());
  RETURN_IF_ERROR(ReadTypes());
  RETURN_IF_ERROR(AddFunctions());
  RETURN_IF_ERROR(AddTables());
  RETURN_IF_ERROR(AddMemories());
  RETURN_IF_ERROR(AddGlobals());
  RETURN_IF_ERROR(AddTags());
  RETURN_IF_ERROR(BindInstances(state_, *store_, &definers_));
  RETURN_IF_ERROR(FindInitialImages());
  RETURN_IF_ERROR(AddHeap());
  RETURN_IF_ERROR(context_.stored_pages == nullptr
                      ? FillMemories(pages, *store_)
                      : FillMemories(context_, *store_));
  RETURN_IF_ERROR(VerifyHeap(*store_));
  RETURN_IF_ERROR(CheckGlobals());
  RETURN_IF_ERROR(CheckTables());
  RETURN_IF_ERROR(ReadSegments());
  return std::move(store_);
}

absl::Status StoreReader::TakeCells(uint64_t cells) {
  if (cells > cells_left_) {
    return Damage("its instances have more entries than a snapshot can");
  }
  cells_left_ -= cells;
  return absl::OkStatus();
}

// 1. Modules, instances, types.

absl::Status StoreReader::FindModules() {
  std::set<Sha256Digest> seen;
  for (const std::string& bytes : state_.modules()) {
    Sha256Digest hash;
    if (bytes.size() != hash.size())
      return Damage("a module hash is malformed");
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    if (!seen.insert(hash).second) {
      return Damage(StrCat("module ", ToHex(hash), " is listed twice"));
    }
    auto module = context_.find_module(hash);
    if (!module.ok()) {
      return MissingPart(StrCat("module ", ToHex(hash)), module.status());
    }
    if ((*module)->module().hash != hash) {
      return Damage(StrCat("module ", ToHex((*module)->module().hash),
                           " was given for ", ToHex(hash)));
    }
    modules_.push_back(*std::move(module));
  }
  return absl::OkStatus();
}

absl::Status StoreReader::AddInstances() {
  std::set<uint32_t> used;
  for (const snapshot::Instance& saved : state_.instances()) {
    if (saved.module() >= modules_.size()) {
      return Damage("an instance has a module that is not listed");
    }
    used.insert(saved.module());
    const auto& module = modules_[saved.module()];
    RETURN_IF_ERROR(TakeCells(InstanceCells(module->module())));
    const auto instance = restorer_.AddInstance(module);
    if (!instance.ok()) return OverLimit("the types", instance.status());
  }
  if (used.size() != modules_.size()) {
    return Damage("a module is listed that no instance has");
  }
  return absl::OkStatus();
}

absl::StatusOr<FunctionType> StoreReader::ReadSignature(
    const snapshot::Signature& signature) {
  FunctionType type;
  RETURN_IF_ERROR(DecodeValueTypes(signature.params(), 0, &type.params));
  RETURN_IF_ERROR(DecodeValueTypes(signature.results(), 0, &type.results));
  if (type.params.size() > kMaxParams || type.results.size() > kMaxResults) {
    return Damage("a function type has too many parameters or results");
  }
  if (store_->types().size() >= HeapType::kMaxTypeIndex) {
    return Damage("there are too many function types");
  }
  return type;
}

absl::Status StoreReader::ReadTypes() {
  for (const snapshot::DefinedType& saved : state_.types()) {
    ASSIGN_OR_RETURN(const TypeId id, ReadType(saved));
    types_.push_back(id);
  }
  return absl::OkStatus();
}

absl::StatusOr<TypeId> StoreReader::ReadType(
    const snapshot::DefinedType& type) {
  if (type.has_signature() == type.has_module()) {
    return Damage("a type has not exactly one form");
  }
  Store& store = *store_;
  if (type.has_signature()) {
    ASSIGN_OR_RETURN(const FunctionType signature,
                     ReadSignature(type.signature()));
    return store.types().Intern(signature);
  }
  for (InstanceAddr a = 0; a < store.instance_count(); ++a) {
    if (state_.instances(static_cast<int>(a)).module() !=
        type.module().module()) {
      continue;
    }
    const std::vector<TypeId>& types = store.instance(a).types;
    if (type.module().index() >= types.size()) break;
    return types[type.module().index()];
  }
  return Damage("a type is not one of its module's");
}

// 2. Everything by address.

absl::Status StoreReader::AddFunctions() {
  struct Definitions {
    uint32_t first;
    ModuleInstance* instance;
  };
  Store& store = *store_;
  std::vector<Definitions> definitions;
  for (InstanceAddr a = 0; a < store.instance_count(); ++a) {
    ModuleInstance& instance = store.instance(a);
    const uint32_t first =
        state_.instances(static_cast<int>(a)).first_function();
    if (instance.module->functions.size() >
        instance.module->imported_functions) {
      definitions.push_back({first, &instance});
    }
  }
  std::sort(definitions.begin(), definitions.end(),
            [](const Definitions& a, const Definitions& b) {
              return a.first < b.first;
            });
  auto next_definitions = definitions.begin();
  auto next_host = state_.host_functions().begin();
  while (true) {
    const FuncAddr address = store.function_count();
    if (next_definitions != definitions.end() &&
        next_definitions->first == address) {
      restorer_.AddFunctions(*next_definitions++->instance);
    } else if (next_host != state_.host_functions().end() &&
               next_host->address() == address) {
      RETURN_IF_ERROR(Annotate(StrCat("function ", address),
                               AddHostFunction(*next_host++)));
    } else {
      break;
    }
  }
  if (next_definitions != definitions.end() ||
      next_host != state_.host_functions().end()) {
    return Damage("function addresses overlap or have a gap");
  }
  return absl::OkStatus();
}

absl::Status StoreReader::AddHostFunction(
    const snapshot::HostFunction& function) {
  ASSIGN_OR_RETURN(const FunctionType type, ReadSignature(function.type()));
  HostFunctionInfo info{function.module(), function.name()};
  auto host = context_.bind_host(info, type);
  if (!host.ok()) {
    return MissingPart(StrCat("host function ", info.module, ".", info.name),
                       host.status());
  }
  store_->AddHostFunction(type, *std::move(host), std::move(info));
  return absl::OkStatus();
}

absl::Status StoreReader::AddTables() {
  for (const snapshot::Table& table : state_.tables()) {
    RETURN_IF_ERROR(
        Annotate(StrCat("table ", store_->table_count()), AddTable(table)));
  }
  return absl::OkStatus();
}

absl::Status StoreReader::AddTable(const snapshot::Table& saved) {
  ValueReader reader(saved.element(), static_cast<uint32_t>(types_.size()));
  TableType type;
  type.element = WithTypeIds(reader.ReadValueType());
  if (!reader.ok() || !reader.AtEnd() || !type.element.is_ref()) {
    return Damage("the element type is malformed");
  }
  type.limits.min = saved.min();
  if (saved.has_max()) type.limits.max = saved.max();
  type.address = saved.address64() ? AddressType::kI64 : AddressType::kI32;
  if (saved.size() < saved.min() ||
      (saved.has_max() && saved.size() > saved.max())) {
    return Damage("the size is not one its type allows");
  }
  // Filled below; null may not even be of the type.
  const auto address = store_->AddTable(type, kNullReference);
  if (!address.ok()) return OverLimit("its minimum", address.status());
  TableInstance& table = store_->table(*address);
  if (store_->GrowTable(table, saved.size() - saved.min(), kNullReference) <
      0) {
    return OverLimit(StrCat("its ", saved.size(), " elements"),
                     absl::ResourceExhaustedError("over the limit of tables"));
  }
  return DecodeReferences(saved.elements(), saved.size(), &table.elements);
}

absl::Status StoreReader::AddMemories() {
  for (const snapshot::Memory& saved : state_.memories()) {
    RETURN_IF_ERROR(Annotate(StrCat("memory ", store_->memory_count()),
                             AddMemory(saved, *store_)));
  }
  return absl::OkStatus();
}

absl::Status StoreReader::AddGlobals() {
  ValueReader reader(state_.globals(), static_cast<uint32_t>(types_.size()));
  while (!reader.AtEnd()) {
    Value value{.type = reader.ReadValueType()};
    const uint8_t is_mutable = reader.ReadByte();
    reader.ReadBits(&value);
    if (!reader.ok() || is_mutable > 1) return Damage("malformed globals");
    value.type = WithTypeIds(value.type);
    store_->AddGlobal({value.type, is_mutable == 1}, value);
  }
  return absl::OkStatus();
}

absl::Status StoreReader::AddTags() {
  for (const uint32_t number : state_.tags()) {
    if (number >= types_.size()) return Damage("a tag has no such type");
    const SubType& type = store_->types().Get(types_[number]);
    if (type.kind != CompositeKind::kFunction ||
        !type.function.results.empty()) {
      return Damage("a tag's type is not one for tags");
    }
    store_->AddTag(types_[number]);
  }
  return absl::OkStatus();
}

// 4. Contents of memories and heap.

absl::Status StoreReader::FindInitialImages() {
  Store& store = *store_;
  for (MemAddr a = 0; a < store.memory_count(); ++a) {
    const auto owner = definers_.find({ExternKind::kMemory, a});
    RETURN_IF_ERROR(Annotate(
        StrCat("memory ", a),
        FindInitialImage(state_.memories(static_cast<int>(a)), store,
                         owner == definers_.end() ? nullptr : owner->second,
                         store.memory(a))));
  }
  return absl::OkStatus();
}

absl::Status StoreReader::AddHeap() {
  HeapState heap;
  heap.used_bytes = state_.heap().used_bytes();
  heap.threshold_bytes = state_.heap().threshold_bytes();
  for (const snapshot::ObjectType& saved : state_.heap().types()) {
    ObjectTypeName& type = heap.types.emplace_back();
    switch (saved.kind()) {
      case snapshot::ObjectType::STRUCT:
        type.kind = ObjectKind::kStruct;
        break;
      case snapshot::ObjectType::ARRAY:
        type.kind = ObjectKind::kArray;
        break;
      case snapshot::ObjectType::EXCEPTION:
        type.kind = ObjectKind::kException;
        break;
      default:
        return Damage("the heap has objects of no known kind");
    }
    type.instance = saved.instance();
    type.type_index = saved.type_index();
    type.tag = saved.tag();
  }
  const absl::Status status = RestoreHeap(*store_, heap);
  return status.ok() ? status : OverLimit("the heap", status);
}

// 5. References.

absl::Status StoreReader::CheckGlobals() {
  const Store& store = *store_;
  for (GlobalAddr a = 0; a < store.global_count(); ++a) {
    const GlobalInstance& global = store.global(a);
    if (global.type.value.is_ref() &&
        !store.IsValueOf(global.value[0], global.type.value)) {
      return Damage(
          StrCat("global ", a, " has a reference that is not ", "of its type"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckReferences(const Store& store,
                             const std::vector<Slot>& references,
                             ValueType type) {
  for (size_t i = 0; i < references.size(); ++i) {
    // Runs of one reference are common: look at it once.
    if (i > 0 && references[i] == references[i - 1]) continue;
    if (!store.IsValueOf(references[i], type)) {
      return Damage(StrCat("element ", i, " is not of the element type"));
    }
  }
  return absl::OkStatus();
}

absl::Status StoreReader::CheckTables() {
  const Store& store = *store_;
  for (TableAddr a = 0; a < store.table_count(); ++a) {
    const TableInstance& table = store.table(a);
    RETURN_IF_ERROR(
        Annotate(StrCat("table ", a),
                 CheckReferences(store, table.elements, table.type.element)));
  }
  return absl::OkStatus();
}

absl::Status StoreReader::ReadSegments() {
  for (InstanceAddr a = 0; a < store_->instance_count(); ++a) {
    const snapshot::Instance& saved = state_.instances(static_cast<int>(a));
    ModuleInstance& instance = store_->instance(a);
    absl::Status status = ReadDataSegments(instance, saved);
    if (status.ok()) status = ReadElementSegments(instance, saved);
    RETURN_IF_ERROR(Annotate(StrCat("instance ", a), status));
  }
  return absl::OkStatus();
}

absl::Status StoreReader::ReadDataSegments(ModuleInstance& instance,
                                           const snapshot::Instance& saved) {
  const auto& dropped = saved.dropped_data();
  uint64_t next = 0;  // the lowest index that the next run may have
  for (int i = 0; i < dropped.size(); i += 2) {
    const uint64_t first = dropped[i];
    const uint64_t count = i + 1 < dropped.size() ? dropped[i + 1] : 0;
    if (count == 0 || first < next ||
        first + count > instance.data_dropped.size()) {
      return Damage("its dropped data segments are malformed");
    }
    for (uint64_t at = first; at < first + count; ++at) {
      instance.data_dropped[at] = true;
    }
    next = first + count + 1;  // or the two would be one run
  }
  return absl::OkStatus();
}

absl::Status StoreReader::ReadElementSegments(ModuleInstance& instance,
                                              const snapshot::Instance& saved) {
  std::optional<uint32_t> last;
  for (const snapshot::ElementSegment& segment : saved.elements()) {
    if (segment.index() >= instance.elements.size() ||
        (last && segment.index() <= *last)) {
      return Damage("its element segments are malformed");
    }
    last = segment.index();
    RETURN_IF_ERROR(Annotate(StrCat("element segment ", segment.index()),
                             ReadElementSegment(instance, segment)));
  }
  return absl::OkStatus();
}

absl::Status StoreReader::ReadElementSegment(
    ModuleInstance& instance, const snapshot::ElementSegment& saved) {
  const ElementSegment& segment = instance.module->elements[saved.index()];
  std::vector<Slot>& elements = instance.elements[saved.index()];
  if (segment.size() == 0 ||
      segment.has_expressions != saved.has_references()) {
    return Damage("it does not have the form that its module gives it");
  }
  if (!segment.has_expressions) {
    for (const uint32_t function : segment.functions) {
      elements.push_back(FunctionReference(instance.functions[function]));
    }
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(
      DecodeReferences(saved.references(), segment.size(), &elements));
  return CheckReferences(*store_, elements,
                         Substitute(segment.type, instance.types));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> RestoreStore(
    const snapshot::State& state, const PageSource& pages,
    const RestoreContext& context) {
  return StoreReader(state, context).Read(pages);
}

}  // namespace wasmd

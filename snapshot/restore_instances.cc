#include "snapshot/restore_instances.h"

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/import_matching.h"
#include "interp/store_restorer.h"
#include "snapshot/restore_errors.h"

namespace wasmd {
namespace {

using Addresses = google::protobuf::RepeatedField<uint32_t>;

// One kind's index space of a saved instance.
struct SavedIndexSpace {
  const Addresses& imported;
  uint32_t first;
};

SavedIndexSpace IndexSpaceOf(const snapshot::Instance& saved, ExternKind kind) {
  switch (kind) {
    case ExternKind::kTable:
      return {saved.imported_tables(), saved.first_table()};
    case ExternKind::kMemory:
      return {saved.imported_memories(), saved.first_memory()};
    case ExternKind::kGlobal:
      return {saved.imported_globals(), saved.first_global()};
    case ExternKind::kTag:
      return {saved.imported_tags(), saved.first_tag()};
    case ExternKind::kFunction:
      break;
  }
  return {saved.imported_functions(), saved.first_function()};
}

// How many imports and definitions a module has of one kind.
struct IndexSpaceSize {
  uint32_t imported;
  uint32_t defined;
};

IndexSpaceSize SizeOf(const Module& module, ExternKind kind) {
  const auto size = [](uint32_t imported, size_t count) {
    return IndexSpaceSize{imported, static_cast<uint32_t>(count - imported)};
  };
  switch (kind) {
    case ExternKind::kTable:
      return size(module.imported_tables, module.tables.size());
    case ExternKind::kMemory:
      return size(module.imported_memories, module.memories.size());
    case ExternKind::kGlobal:
      return size(module.imported_globals, module.globals.size());
    case ExternKind::kTag:
      return size(module.imported_tags, module.tags.size());
    case ExternKind::kFunction:
      break;
  }
  return size(module.imported_functions, module.functions.size());
}

// True if what `value` names has exactly the type that the instance's module
// gives to its own definition `index`; for functions, if it is that function.
bool IsDefinition(const Store& store, const ModuleInstance& instance,
                  ExternValue value, uint32_t index) {
  const Module& module = *instance.module;
  switch (value.kind) {
    case ExternKind::kTable: {
      TableType type = module.tables[index].type;
      type.element = Substitute(type.element, instance.types);
      return store.table(value.address).type == type;
    }
    case ExternKind::kMemory:
      return store.memory(value.address).type() == module.memories[index].type;
    case ExternKind::kGlobal: {
      GlobalType type = module.globals[index].type;
      type.value = Substitute(type.value, instance.types);
      return store.global(value.address).type == type;
    }
    case ExternKind::kTag:
      return store.tag(value.address).type ==
             instance.types[module.tags[index].type.type_index];
    case ExternKind::kFunction:
      break;
  }
  const FunctionInstance& function = store.function(value.address);
  return function.instance == &instance && function.function_index == index;
}

class InstanceBinder {
 public:
  InstanceBinder(const snapshot::Instance& saved, ModuleInstance& instance,
                 Store& store, Definers& definers)
      : saved_(saved),
        instance_(instance),
        module_(*instance.module),
        store_(store),
        definers_(definers) {}

  absl::Status Bind() {
    RETURN_IF_ERROR(BindImports());
    for (const ExternKind kind :
         {ExternKind::kFunction, ExternKind::kTable, ExternKind::kMemory,
          ExternKind::kGlobal, ExternKind::kTag}) {
      RETURN_IF_ERROR(BindDefinitions(kind));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status BindImports() {
    for (const ExternKind kind :
         {ExternKind::kFunction, ExternKind::kTable, ExternKind::kMemory,
          ExternKind::kGlobal, ExternKind::kTag}) {
      const auto saved =
          static_cast<uint32_t>(IndexSpaceOf(saved_, kind).imported.size());
      if (saved != SizeOf(module_, kind).imported) {
        return Damage(StrCat("it has ", saved, " imports of kind ",
                             ToString(kind), ", its module has ",
                             SizeOf(module_, kind).imported));
      }
    }
    // In order, so that imports of each kind are bound by ascending index.
    for (const Import& import : module_.imports) {
      const Addresses& addresses = IndexSpaceOf(saved_, import.kind).imported;
      const ExternValue value = {import.kind,
                                 addresses[static_cast<int>(import.index)]};
      const absl::Status matches =
          MatchImport(store_, module_, instance_.types, import, value);
      if (!matches.ok()) return Damage(ToStd(matches.message()));
      StoreRestorer(store_).Bind(instance_, value);
    }
    return absl::OkStatus();
  }

  absl::Status BindDefinitions(ExternKind kind) {
    const IndexSpaceSize size = SizeOf(module_, kind);
    const uint32_t first = IndexSpaceOf(saved_, kind).first;
    const uint32_t count = CountOf(store_, kind);
    if (size.defined == 0 ? first != 0
                          : first > count || size.defined > count - first) {
      return Damage(StrCat("its definitions of kind ", ToString(kind),
                           " are out of range"));
    }
    for (uint32_t i = 0; i < size.defined; ++i) {
      RETURN_IF_ERROR(BindDefinition({kind, first + i}, size.imported + i));
    }
    return absl::OkStatus();
  }

  absl::Status BindDefinition(ExternValue value, uint32_t index) {
    const bool is_free =
        value.kind == ExternKind::kFunction ||  // knows its instance itself
        definers_.try_emplace({value.kind, value.address}, &instance_).second;
    if (!is_free || !IsDefinition(store_, instance_, value, index)) {
      return Damage(StrCat(ToString(value.kind), " ", index,
                           " is not the one that its module defines"));
    }
    StoreRestorer(store_).Bind(instance_, value);
    return absl::OkStatus();
  }

  const snapshot::Instance& saved_;
  ModuleInstance& instance_;
  const Module& module_;
  Store& store_;
  Definers& definers_;
};

}  // namespace

absl::Status BindInstances(const snapshot::State& state, Store& store,
                           Definers* definers) {
  for (InstanceAddr a = 0; a < store.instance_count(); ++a) {
    InstanceBinder binder(state.instances(static_cast<int>(a)),
                          store.instance(a), store, *definers);
    RETURN_IF_ERROR(Annotate(StrCat("instance ", a), binder.Bind()));
  }
  return absl::OkStatus();
}

}  // namespace wasmd

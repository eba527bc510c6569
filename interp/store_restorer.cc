#include "interp/store_restorer.h"

#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "interp/translated_module.h"

namespace wasmd {

absl::StatusOr<ModuleInstance*> StoreRestorer::AddInstance(
    std::shared_ptr<TranslatedModule> code) {
  auto instance = std::make_unique<ModuleInstance>();
  instance->address = store_.instance_count();
  instance->module = &code->module();
  instance->code = std::move(code);
  const Module& module = *instance->module;
  ASSIGN_OR_RETURN(instance->types, store_.types_.Intern(module));
  instance->elements.resize(module.elements.size());
  instance->data_dropped.resize(module.data.size());
  store_.instances_.push_back(std::move(instance));
  return store_.instances_.back().get();
}

void StoreRestorer::AddFunctions(ModuleInstance& instance) {
  const Module& module = *instance.module;
  for (uint32_t i = module.imported_functions; i < module.functions.size();
       ++i) {
    FunctionInstance function;
    function.type = instance.types[module.functions[i].type_index];
    function.function_index = i;
    function.instance = &instance;
    function.code = instance.code->function(i);
    store_.functions_.push_back(function);
  }
}

void StoreRestorer::Bind(ModuleInstance& instance, ExternValue value) {
  switch (value.kind) {
    case ExternKind::kFunction:
      CHECK(value.address < store_.function_count());
      instance.functions.push_back(value.address);
      return;
    case ExternKind::kTable:
      CHECK(value.address < store_.table_count());
      instance.tables.push_back(&store_.table(value.address));
      instance.table_addresses.push_back(value.address);
      return;
    case ExternKind::kMemory:
      CHECK(value.address < store_.memory_count());
      instance.memories.push_back(&store_.memory(value.address));
      instance.memory_addresses.push_back(value.address);
      return;
    case ExternKind::kGlobal:
      CHECK(value.address < store_.global_count());
      instance.globals.push_back(&store_.global(value.address));
      instance.global_addresses.push_back(value.address);
      return;
    case ExternKind::kTag:
      CHECK(value.address < store_.tag_count());
      instance.tags.push_back(value.address);
      return;
  }
}

}  // namespace wasmd

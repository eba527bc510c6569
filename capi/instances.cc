// Instances of wasm.h, and what wasmd.h adds.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/str_cat.h"
#include "capi/call.h"
#include "capi/include/wasmd.h"
#include "capi/object.h"
#include "capi/store_state.h"
#include "capi/traps.h"
#include "capi/vectors.h"
#include "interp/instantiate.h"
#include "interp/module_instance.h"

namespace wasmd::capi {
namespace {

// What an object is as an import; its store must be that of the instance.
ExternValue ValueOf(const wasm_extern_t& object) {
  switch (object.kind) {
    case ObjectKind::kGlobal:
      return {ExternKind::kGlobal, object.address};
    case ObjectKind::kTable:
      return {ExternKind::kTable, object.address};
    case ObjectKind::kMemory:
      return {ExternKind::kMemory, object.address};
    case ObjectKind::kTag:
      return {ExternKind::kTag, object.address};
    default:
      return {ExternKind::kFunction, object.address};
  }
}

// Externs as values; an error in `error`.
std::vector<ExternValue> ToValues(const wasm_store_t& store,
                                  const wasm_extern_vec_t* imports,
                                  std::string* error) {
  std::vector<ExternValue> values;
  if (imports == nullptr || imports->data == nullptr) return values;
  for (size_t i = 0; i < imports->size; ++i) {
    const wasm_extern_t* import = imports->data[i];
    if (import == nullptr || import->store != &store) {
      *error = StrCat("import ", i,
                      import == nullptr ? " is null" : " is of another store");
      return {};
    }
    values.push_back(ValueOf(*import));
  }
  return values;
}

// Functions of the program that have no name are called as they are imported.
void NameImports(Store& store, const Module& module,
                 const std::vector<ExternValue>& imports) {
  for (size_t i = 0; i < imports.size(); ++i) {
    if (imports[i].kind != ExternKind::kFunction) continue;
    const FuncAddr function = imports[i].address;
    if (store.function(function).host == nullptr) continue;
    const HostFunctionInfo& info = store.host_info(function);
    if (!info.module.empty() || !info.name.empty()) continue;
    store.SetHostInfo(function,
                      {module.imports[i].module, module.imports[i].name});
  }
}

// A new instance that has run its start function, or a trap.
absl::StatusOr<wasm_instance_t*> NewInstance(wasm_store_t& store,
                                             const wasm_module_t& module,
                                             const wasm_extern_vec_t* imports,
                                             wasm_trap_t** trap) {
  std::string error;
  const std::vector<ExternValue> values = ToValues(store, imports, &error);
  if (!error.empty()) return absl::InvalidArgumentError(error);
  absl::StatusOr<InstantiateOutcome> outcome =
      Instantiate(store.store(), module.code, values);
  if (!outcome.ok()) return outcome.status();
  NameImports(store.store(), module.code->module(), values);
  if (outcome->trap.has_value()) {
    *trap = NewTrap(&store, *outcome->trap);
  } else if (outcome->start.has_value()) {
    *trap = CallToEnd(store, *outcome->start, {}, {});
  }
  return *trap == nullptr ? Retained(store.Instance(outcome->instance->address))
                          : nullptr;
}

const ModuleInstance* InstanceOf(const wasm_instance_t* instance) {
  if (instance == nullptr || instance->store == nullptr) return nullptr;
  return &instance->store->store().instance(instance->address);
}

}  // namespace
}  // namespace wasmd::capi

using namespace wasmd::capi;  // NOLINT: the functions below are the API

extern "C" {

wasm_instance_t* wasm_instance_new(wasm_store_t* store,
                                   const wasm_module_t* module,
                                   const wasm_extern_vec_t* imports,
                                   wasm_trap_t** trap) {
  if (trap != nullptr) *trap = nullptr;
  if (store == nullptr || module == nullptr) {
    if (trap != nullptr) *trap = NewTrap(store, "no store or no module");
    return nullptr;
  }
  wasm_trap_t* reason = nullptr;
  absl::StatusOr<wasm_instance_t*> instance =
      NewInstance(*store, *module, imports, &reason);
  if (instance.ok() && *instance != nullptr) return *instance;
  if (reason == nullptr) {
    reason =
        NewTrap(store, std::string(wasmd::ToStd(instance.status().message())));
  }
  store->set_error(reason->message);
  if (trap != nullptr) {
    *trap = reason;
  } else {
    reason->Release();
  }
  return nullptr;
}

void wasm_instance_exports(const wasm_instance_t* instance,
                           wasm_extern_vec_t* out) {
  if (out == nullptr) return;
  std::vector<wasm_extern_t*> exports;
  if (const wasmd::ModuleInstance* definition = InstanceOf(instance);
      definition != nullptr) {
    for (const wasmd::Export& entry : definition->module->exports) {
      exports.push_back(Retained(
          instance->store->Extern(*definition->FindExport(entry.name))));
    }
  }
  MakeVector(out, exports);
}

wasm_extern_t* wasmd_instance_export(const wasm_instance_t* instance,
                                     const char* name) {
  const wasmd::ModuleInstance* definition = InstanceOf(instance);
  if (definition == nullptr || name == nullptr) return nullptr;
  const auto value = definition->FindExport(name);
  return value.has_value() ? instance->store->Extern(*value) : nullptr;
}

size_t wasmd_store_instance_count(const wasm_store_t* store) {
  return store == nullptr ? 0 : store->store().instance_count();
}

wasm_instance_t* wasmd_store_instance(wasm_store_t* store, size_t index) {
  if (store == nullptr || index >= store->store().instance_count()) {
    return nullptr;
  }
  return store->Instance(static_cast<uint32_t>(index));
}

const char* wasmd_store_last_error(const wasm_store_t* store) {
  return store == nullptr ? "" : store->error().c_str();
}

}  // extern "C"

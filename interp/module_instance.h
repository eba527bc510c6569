// ModuleInstance: a module with its imports bound and its own definitions
// allocated (core specification, syntax-moduleinst). Owned by a Store, never
// moved, and lives as long as it: functions in tables may outlive a failed
// instantiation.

#ifndef WASMD_INTERP_MODULE_INSTANCE_H_
#define WASMD_INTERP_MODULE_INSTANCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "interp/instances.h"
#include "interp/memory_instance.h"
#include "wasm/module.h"

namespace wasmd {

class TranslatedModule;

// spec: externval
struct ExternValue {
  ExternKind kind = ExternKind::kFunction;
  uint32_t address = 0;  // in the Store, of this kind
};

struct ModuleInstance {
  InstanceAddr address = 0;
  std::shared_ptr<TranslatedModule> code;
  const Module* module = nullptr;  // code->module()

  // By module index. Pointers are to the Store's instances and stay valid.
  std::vector<TypeId> types;
  std::vector<FuncAddr> functions;
  std::vector<TableInstance*> tables;
  std::vector<MemoryInstance*> memories;
  std::vector<GlobalInstance*> globals;
  std::vector<TagAddr> tags;
  // The store addresses of the same, for snapshots.
  std::vector<TableAddr> table_addresses;
  std::vector<MemAddr> memory_addresses;
  std::vector<GlobalAddr> global_addresses;

  // The references of each element segment, evaluated at instantiation; empty
  // once dropped.
  std::vector<std::vector<Slot>> elements;
  // Whether each data segment was dropped (its length is then 0).
  std::vector<bool> data_dropped;

  std::optional<ExternValue> FindExport(std::string_view name) const;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_MODULE_INSTANCE_H_

// The small instances of a Store: functions, tables, globals, tags (core
// specification, exec/runtime). Plain records, owned by the Store.

#ifndef WASMD_INTERP_INSTANCES_H_
#define WASMD_INTERP_INSTANCES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "interp/reference.h"
#include "interp/slot.h"
#include "interp/type_store.h"
#include "wasm/types.h"

namespace wasmd {

class FunctionCode;
class HostFunction;
struct ModuleInstance;

// A Wasm function (instance and code set) or a host function (host set).
struct FunctionInstance {
  TypeId type = 0;
  uint32_t function_index = 0;         // in `instance`
  ModuleInstance* instance = nullptr;  // owned by the Store
  FunctionCode* code = nullptr;        // owned by the TranslatedModule
  HostFunction* host = nullptr;        // owned by the Store
};

struct TableInstance {
  TableType type;              // concrete types are TypeIds
  uint64_t max_elements = 0;   // by type and configured limit
  std::vector<Slot> elements;  // references
};

struct GlobalInstance {
  GlobalType type;  // concrete types are TypeIds
  Slot value[2] = {0, 0};
};

struct TagInstance {
  TypeId type = 0;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_INSTANCES_H_

#include "interp/exec/context.h"

#include "interp/module_instance.h"

namespace wasmd {

void EnterInstance(Context& context, ModuleInstance* instance) {
  context.instance = instance;
  if (instance == nullptr) {
    context.memory0 = nullptr;
    return;
  }
  context.globals = instance->globals.data();
  context.tables = instance->tables.data();
  context.types = instance->types.data();
  context.memory0 =
      instance->memories.empty() ? nullptr : instance->memories[0];
}

}  // namespace wasmd

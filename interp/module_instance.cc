#include "interp/module_instance.h"

#include "base/check.h"

namespace wasmd {

std::optional<ExternValue> ModuleInstance::FindExport(
    std::string_view name) const {
  const Export* found = module->FindExport(name);
  if (found == nullptr) return std::nullopt;
  switch (found->kind) {
    case ExternKind::kFunction:
      return ExternValue{found->kind, functions[found->index]};
    case ExternKind::kTable:
      return ExternValue{found->kind, table_addresses[found->index]};
    case ExternKind::kMemory:
      return ExternValue{found->kind, memory_addresses[found->index]};
    case ExternKind::kGlobal:
      return ExternValue{found->kind, global_addresses[found->index]};
    case ExternKind::kTag:
      return ExternValue{found->kind, tags[found->index]};
  }
  CHECK(false);
  return std::nullopt;
}

}  // namespace wasmd

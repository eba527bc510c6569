// Instantiation (core specification, exec/modules): binds imports, allocates,
// evaluates initialisers, copies active segments. The start function is left to
// the caller, who runs it on a Thread like any call, so that it too can be
// suspended.

#ifndef WASMD_INTERP_INSTANTIATE_H_
#define WASMD_INTERP_INSTANTIATE_H_

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "interp/store.h"

namespace wasmd {

struct InstantiateOutcome {
  // Set also when `trap` is: writes made before the trap stay visible, and
  // functions of the instance may already be in tables.
  ModuleInstance* instance = nullptr;
  std::optional<Trap> trap;  // of an active segment or initialiser
  // The start function, to be called next; none if the module has none.
  std::optional<FuncAddr> start;
};

// `imports` are in the order of the module's imports. Errors:
// FailedPrecondition, naming the import, when one is missing or its type does
// not match ("incompatible import type for env.f: ..."); ResourceExhausted when
// a memory or table cannot be allocated. The Store is then as before except
// for interned types.
absl::StatusOr<InstantiateOutcome> Instantiate(
    Store& store, std::shared_ptr<TranslatedModule> module,
    const std::vector<ExternValue>& imports);

// Finds the extern for an import, or nothing.
using ImportResolver =
    std::function<std::optional<ExternValue>(const Import& import)>;

// The same, asking `resolve` for each import: FailedPrecondition
// ("unknown import env.f") where it has none.
absl::StatusOr<InstantiateOutcome> Instantiate(
    Store& store, std::shared_ptr<TranslatedModule> module,
    const ImportResolver& resolve);

}  // namespace wasmd

#endif  // WASMD_INTERP_INSTANTIATE_H_

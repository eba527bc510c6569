// Linking: the module instances of a process, in the order of their addresses:
// the linked modules, each of which may import what those before it export,
// and the main module last.

#ifndef WASMD_RUNTIME_LINKING_H_
#define WASMD_RUNTIME_LINKING_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "interp/translated_module.h"
#include "interp/trap.h"
#include "runtime/wasi_host.h"

namespace wasmd {

struct LinkedModule {
  std::string name;  // under which others import what it exports
  std::shared_ptr<TranslatedModule> module;
};

// Instantiates all of them in `store`, which is empty; runs nothing. An import
// is looked for among the linked modules of its name, then in WASI. The result
// is the first trap of an active segment or initialiser, if there was one.
// FailedPrecondition if an import is not there, naming the module and it.
absl::StatusOr<std::optional<Trap>> InstantiateLinked(
    Store& store, WasiHost& host, std::span<const LinkedModule> links,
    std::shared_ptr<TranslatedModule> main);

// The instance of the main module.
const ModuleInstance& MainInstance(const Store& store);

// The functions to call before the one that is asked for, in order: of each
// instance its start function and, of linked modules, `_initialize`, by which
// libraries for WASI start.
std::vector<FuncAddr> InitialFunctions(const Store& store);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_LINKING_H_

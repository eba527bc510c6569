#include "runtime/linking.h"

#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/instantiate.h"
#include "wasi/wasi.h"

namespace wasmd {
namespace {

constexpr std::string_view kInitialize = "_initialize";

std::optional<FuncAddr> InitializeOf(const Store& store,
                                     const ModuleInstance& instance) {
  const std::optional<ExternValue> found = instance.FindExport(kInitialize);
  if (!found.has_value() || found->kind != ExternKind::kFunction) {
    return std::nullopt;
  }
  const FunctionType& type =
      store.types().Get(store.function(found->address).type).function;
  if (!type.params.empty() || !type.results.empty()) return std::nullopt;
  return found->address;
}

class Linker {
 public:
  Linker(Store& store, WasiHost& host, std::span<const LinkedModule> links)
      : store_(store), host_(host), links_(links) {}

  absl::StatusOr<InstantiateOutcome> Add(
      std::shared_ptr<TranslatedModule> module) {
    auto outcome =
        Instantiate(store_, std::move(module),
                    [this](const Import& import) { return Resolve(import); });
    ++made_;
    return outcome;
  }

 private:
  std::optional<ExternValue> Resolve(const Import& import) {
    for (InstanceAddr i = 0; i < made_; ++i) {
      if (links_[i].name != import.module) continue;
      const auto found = store_.instance(i).FindExport(import.name);
      if (found.has_value()) return found;
    }
    return ResolveWasi(import);
  }

  std::optional<ExternValue> ResolveWasi(const Import& import) {
    if (import.module != wasi::kModuleName ||
        import.kind != ExternKind::kFunction) {
      return std::nullopt;
    }
    const auto function = wasi::Context::FindFunction(import.name);
    if (!function.has_value()) return std::nullopt;
    auto bound = host_.Bind(import.name);
    CHECK(bound.ok());
    const FuncAddr address =
        store_.AddHostFunction(wasi::Context::TypeOf(*function),
                               *std::move(bound), {import.module, import.name});
    return ExternValue{ExternKind::kFunction, address};
  }

  Store& store_;
  WasiHost& host_;
  const std::span<const LinkedModule> links_;
  InstanceAddr made_ = 0;
};

}  // namespace

absl::StatusOr<std::optional<Trap>> InstantiateLinked(
    Store& store, WasiHost& host, std::span<const LinkedModule> links,
    std::shared_ptr<TranslatedModule> main) {
  Linker linker(store, host, links);
  std::optional<Trap> trap;
  for (const LinkedModule& link : links) {
    absl::StatusOr<InstantiateOutcome> outcome = linker.Add(link.module);
    if (!outcome.ok()) {
      return absl::Status(outcome.status().code(),
                          StrCat("linked module ", link.name, ": ",
                                 ToStd(outcome.status().message())));
    }
    if (!trap.has_value()) trap = std::move(outcome->trap);
  }
  // After a trap too: what else is wrong with the request is to be found.
  ASSIGN_OR_RETURN(InstantiateOutcome outcome, linker.Add(std::move(main)));
  if (!trap.has_value()) trap = std::move(outcome.trap);
  return trap;
}

const ModuleInstance& MainInstance(const Store& store) {
  return store.instance(store.instance_count() - 1);
}

std::vector<FuncAddr> InitialFunctions(const Store& store) {
  std::vector<FuncAddr> functions;
  for (InstanceAddr i = 0; i < store.instance_count(); ++i) {
    const ModuleInstance& instance = store.instance(i);
    if (instance.module->start.has_value()) {
      functions.push_back(instance.functions[*instance.module->start]);
    }
    if (&instance == &MainInstance(store)) break;
    const auto initialize = InitializeOf(store, instance);
    if (initialize.has_value()) functions.push_back(*initialize);
  }
  return functions;
}

}  // namespace wasmd

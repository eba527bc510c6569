#include "snapshot/testing/test_process.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "interp/translated_module.h"
#include "wasm/decoder.h"
#include "wasm/text/wat_parser.h"
#include "wasm/validator.h"

namespace wasmd::testing {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

}  // namespace

std::shared_ptr<TranslatedModule> ModuleOf(std::string_view wat) {
  auto module = OrDie(Decode(OrDie(ParseWat(wat))));
  const absl::Status valid = Validate(*module);
  if (!valid.ok()) std::fprintf(stderr, "%s\n", valid.ToString().c_str());
  CHECK(valid.ok());
  return TranslatedModule::Create(std::move(module));
}

TestProcess::TestProcess(const StoreLimits& limits) : limits_(limits) {
  process_.store = std::make_unique<Store>(limits);
}

FuncAddr TestProcess::AddHost(std::string_view name, const FunctionType& type) {
  const FuncAddr address = store().AddHostFunction(
      type, std::make_unique<PendingFunction>(), {"host", std::string(name)});
  hosts_.emplace(name, address);
  return address;
}

InstantiateOutcome TestProcess::Add(std::string_view name,
                                    std::string_view wat) {
  auto module = ModuleOf(wat);
  modules_.emplace(module->module().hash, module);
  const auto resolve =
      [this](const Import& import) -> std::optional<ExternValue> {
    if (import.module == "host") {
      return ExternValue{ExternKind::kFunction, hosts_.at(import.name)};
    }
    return Instance(import.module).FindExport(import.name);
  };
  const InstantiateOutcome outcome =
      OrDie(Instantiate(store(), std::move(module), resolve));
  instances_.emplace(name, outcome.instance->address);
  return outcome;
}

ModuleInstance& TestProcess::Instance(std::string_view name) {
  const auto found = instances_.find(name);
  CHECK(found != instances_.end());
  return store().instance(found->second);
}

uint32_t TestProcess::Export(std::string_view instance, std::string_view name) {
  const auto value = Instance(instance).FindExport(name);
  CHECK(value.has_value());
  return value->address;
}

RestoreContext TestProcess::Context() const {
  RestoreContext context;
  context.find_module = [this](const Sha256Digest& hash)
      -> absl::StatusOr<std::shared_ptr<TranslatedModule>> {
    const auto found = modules_.find(hash);
    if (found == modules_.end()) return absl::NotFoundError("no such module");
    return found->second;
  };
  context.bind_host = [this](const HostFunctionInfo& info, const FunctionType&)
      -> absl::StatusOr<std::unique_ptr<HostFunction>> {
    if (info.module != "host" || !hosts_.contains(info.name)) {
      return absl::NotFoundError("no such function");
    }
    return std::make_unique<PendingFunction>();
  };
  context.store_limits = limits_;
  return context;
}

}  // namespace wasmd::testing

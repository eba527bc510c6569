#include "bench/sequences/guest.h"

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/host_function.h"
#include "interp/instantiate.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/trap.h"
#include "wasi/host_environment.h"
#include "wasm/decoder.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

class QuietEnvironment : public wasi::HostEnvironment {
 public:
  QuietEnvironment() : HostEnvironment(-1) {}
  void Write(uint32_t stream, ByteSpan bytes) override {}
  bool IsTerminal(uint32_t stream) override { return false; }
};

// What all functions of one guest share.
struct World {
  std::unique_ptr<wasi::Context> context;
  MemoryInstance* memory = nullptr;
  bool exited = false;
};

class WasiFunction : public HostFunction {
 public:
  WasiFunction(World& world, uint32_t number)
      : world_(world), number_(number) {}

  HostResult Call(HostCall& call) override {
    wasi::Outcome outcome;
    do {  // a wait is only for a clock
      outcome = world_.context->Call(number_, call.arguments, *world_.memory,
                                     /*in_doubt=*/false);
    } while (outcome.kind == wasi::Outcome::Kind::kWait);
    if (outcome.kind == wasi::Outcome::Kind::kReturn) {
      call.results[0] = outcome.errno_value;
      return HostResult::kReturn;
    }
    world_.exited = outcome.kind == wasi::Outcome::Kind::kExit;
    return HostResult::kSuspend;  // for ever
  }

 private:
  World& world_;
  const uint32_t number_;
};

}  // namespace

absl::Status RunGuest(Guest guest) {
  QuietEnvironment environment;
  World world;
  ASSIGN_OR_RETURN(world.context,
                   wasi::Context::Create(guest.options, &environment));
  ASSIGN_OR_RETURN(std::shared_ptr<const Module> module,
                   Decode(std::move(guest.binary)));
  RETURN_IF_ERROR(Validate(*module));
  const std::shared_ptr<TranslatedModule> translated =
      TranslatedModule::Create(std::move(module), guest.backend);
  guest.before_start(translated);

  Store store;
  const ImportResolver resolve =
      [&](const Import& import) -> std::optional<ExternValue> {
    const auto function = wasi::Context::FindFunction(import.name);
    if (import.module != wasi::kModuleName || !function.has_value()) {
      return std::nullopt;
    }
    const FuncAddr address =
        store.AddHostFunction(wasi::Context::TypeOf(*function),
                              std::make_unique<WasiFunction>(world, *function),
                              {import.module, import.name});
    return ExternValue{ExternKind::kFunction, address};
  };
  ASSIGN_OR_RETURN(const InstantiateOutcome outcome,
                   Instantiate(store, translated, resolve));
  const auto memory = outcome.instance->FindExport("memory");
  const auto start = outcome.instance->FindExport("_start");
  if (!memory.has_value() || !start.has_value()) {
    return absl::InvalidArgumentError("not a WASI command");
  }
  world.memory = &store.memory(memory->address);
  Thread thread(store);
  RETURN_IF_ERROR(thread.Start(start->address, {}));
  const RunResult result = thread.Run();
  if (result == RunResult::kTrapped) {
    return absl::InternalError(StrCat("trap: ", ToString(thread.trap())));
  }
  if (result != RunResult::kReturned && !world.exited) {
    return absl::InternalError("the program did not come to its end");
  }
  return absl::OkStatus();
}

}  // namespace wasmd

#include "runtime/wasi_host.h"

#include <optional>
#include <utility>

#include "base/check.h"
#include "base/str_cat.h"
#include "interp/module_instance.h"

namespace wasmd {

class WasiFunction : public HostFunction {
 public:
  WasiFunction(WasiHost& host, uint32_t function)
      : host_(host), function_(function) {}

  HostResult Call(HostCall& call) override {
    wasi::Context& context = host_.context();
    const wasi::Durability durability =
        context.DurabilityOf(function_, call.arguments);
    if (durability == wasi::Durability::kBlocking ||
        (durability == wasi::Durability::kEffect &&
         host_.suspends_for_effects_)) {
      return HostResult::kSuspend;
    }
    const wasi::Outcome outcome =
        context.Call(function_, call.arguments, *host_.MemoryOf(call.caller),
                     /*in_doubt=*/false);
    switch (outcome.kind) {
      case wasi::Outcome::Kind::kReturn:
        if (!call.results.empty()) {
          call.results[0] = ToSlot(uint32_t{outcome.errno_value});
        }
        return HostResult::kReturn;
      case wasi::Outcome::Kind::kTrap:
        call.trap = {TrapKind::kHost, outcome.message};
        return HostResult::kTrap;
      // Whoever runs the thread asks again: these two change nothing.
      case wasi::Outcome::Kind::kWait:
      case wasi::Outcome::Kind::kExit:
        return HostResult::kSuspend;
    }
    CHECK(false);
  }

 private:
  WasiHost& host_;
  const uint32_t function_;
};

absl::StatusOr<std::unique_ptr<HostFunction>> WasiHost::Bind(
    std::string_view name) {
  const std::optional<uint32_t> function = wasi::Context::FindFunction(name);
  if (!function.has_value()) {
    return absl::NotFoundError(StrCat("WASI preview 1 has no function ", name));
  }
  return std::make_unique<WasiFunction>(*this, *function);
}

WasiHost::Call WasiHost::PendingCallOf(const Thread& thread) {
  Store& store = thread.store();
  const PendingCall pending = thread.pending_call();
  Call call;
  const std::optional<uint32_t> function =
      wasi::Context::FindFunction(store.host_info(pending.function).name);
  CHECK(function.has_value());
  call.function = *function;
  call.arguments.reserve(pending.arguments.size());
  for (const Value& argument : pending.arguments) {
    call.arguments.push_back(argument.low);
  }
  call.memory = MemoryOf(
      pending.caller.has_value() ? &store.instance(*pending.caller) : nullptr);
  call.durability = context_->DurabilityOf(call.function, call.arguments);
  return call;
}

MemoryInstance* WasiHost::MemoryOf(const ModuleInstance* caller) {
  if (caller != nullptr && caller == known_caller_) return known_memory_;
  MemoryInstance* memory = nullptr;
  if (caller != nullptr) {
    const std::optional<ExternValue> found = caller->FindExport("memory");
    if (found.has_value() && found->kind == ExternKind::kMemory) {
      for (size_t i = 0; i < caller->memories.size(); ++i) {
        if (caller->memory_addresses[i] == found->address) {
          memory = caller->memories[i];
        }
      }
    }
  }
  if (memory == nullptr) {
    if (empty_memory_ == nullptr) {
      auto empty = MemoryInstance::Create(MemoryType{}, /*max_bytes=*/0);
      CHECK(empty.ok());
      empty_memory_ = *std::move(empty);
    }
    memory = empty_memory_.get();
  }
  known_caller_ = caller;
  known_memory_ = memory;
  return memory;
}

}  // namespace wasmd

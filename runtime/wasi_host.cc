#include "runtime/wasi_host.h"

#include <optional>
#include <utility>

#include "base/check.h"
#include "base/str_cat.h"
#include "interp/module_instance.h"
#include "runtime/journal_event.h"

namespace wasmd {
namespace {

const uint32_t kClockTimeGet =
    wasi::Context::FindFunction("clock_time_get").value();
const uint32_t kRandomGet = wasi::Context::FindFunction("random_get").value();

}  // namespace

class WasiFunction : public HostFunction {
 public:
  WasiFunction(WasiHost& host, uint32_t function)
      : host_(host), function_(function) {}

  HostResult Call(HostCall& call) override {
    MemoryInstance& memory = *host_.MemoryOf(call.caller);
    if (host_.replay_ != nullptr) {
      return host_.replay_->AnswerInRun(function_, call.arguments, memory,
                                        call.results)
                 ? HostResult::kReturn
                 : HostResult::kSuspend;
    }
    const wasi::Durability durability =
        host_.context().DurabilityOf(function_, call.arguments);
    if (durability == wasi::Durability::kBlocking ||
        (durability == wasi::Durability::kEffect &&
         host_.suspends_for_effects_ &&
         !host_.MayStart(function_, call.arguments))) {
      return HostResult::kSuspend;
    }
    const wasi::Outcome outcome =
        host_.Perform(function_, call.arguments, memory, durability,
                      /*in_doubt=*/false, /*since_ns=*/std::nullopt);
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
  if (replay_ == nullptr) {
    call.durability = context_->DurabilityOf(call.function, call.arguments);
  }
  return call;
}

wasi::Outcome WasiHost::Perform(uint32_t function,
                                std::span<const Slot> arguments,
                                MemoryInstance& memory,
                                wasi::Durability durability, bool in_doubt,
                                std::optional<int64_t> since_ns) {
  if (journal_ == nullptr) {
    return context_->Call(function, arguments, memory, in_doubt);
  }
  // Looking at the clock takes longer than what does not leave this program.
  const bool is_timed = durability == wasi::Durability::kEffect ||
                        durability == wasi::Durability::kBlocking ||
                        (durability == wasi::Durability::kInput &&
                         function != kClockTimeGet && function != kRandomGet);
  if (is_timed) journal_->NoteTime(clock_->RealtimeNow());
  const int64_t begin_ns = since_ns.value_or(journal_->time_ns());
  record_.Clear();
  wasi::Outcome outcome =
      context_->Call(function, arguments, memory, in_doubt, &record_);
  if (outcome.kind != wasi::Outcome::Kind::kReturn) return outcome;
  JournalBlock::Head head = {.durability = static_cast<uint8_t>(durability),
                             .function = function,
                             .arguments = arguments,
                             .time_ns = journal_->time_ns(),
                             .result = outcome.errno_value};
  if (is_timed) {
    journal_->NoteTime(clock_->RealtimeNow());
    head.time_ns = begin_ns;
    head.duration_ns = journal_->time_ns() - begin_ns;
  }
  journal_->AddAnswer(head, record_, memory);
  return outcome;
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

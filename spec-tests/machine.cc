#include "spec-tests/machine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/translated_module.h"
#include "snapshot/owned_snapshot.h"

namespace wasmd::spec {
namespace {

// Of the later calls of a script, one in so many is suspended.
constexpr uint64_t kInterval = 20;

}  // namespace

Machine::Machine(const MachineOptions& options) : options_(options) {
  // A script that exhausts the stack is to do so with few frames when they are
  // saved over and over.
  if (options.suspend_every.has_value()) {
    context_.thread_limits.stack_bytes = 256 << 10;
  }
  context_.find_module = [this](const Sha256Digest& hash)
      -> absl::StatusOr<std::shared_ptr<TranslatedModule>> {
    const auto found = modules_.find(hash);
    if (found != modules_.end()) return found->second;
    return absl::NotFoundError("a module that was never instantiated");
  };
  context_.bind_host =
      [](const HostFunctionInfo& info,
         const FunctionType&) -> absl::StatusOr<std::unique_ptr<HostFunction>> {
    if (info.module == "spectest") return MakePrintFunction();
    return absl::NotFoundError(
        StrCat("unknown host function ", info.module, ".", info.name));
  };
}

absl::StatusOr<std::unique_ptr<Machine>> Machine::Create(
    const MachineOptions& options) {
  std::unique_ptr<Machine> machine(new Machine(options));
  RestoredProcess& process = machine->process_;
  process.store = std::make_unique<Store>(machine->context_.store_limits);
  ASSIGN_OR_RETURN(machine->spectest_, AddSpectestModule(*process.store));
  process.thread =
      std::make_unique<Thread>(*process.store, machine->context_.thread_limits);
  return machine;
}

absl::Status Machine::CheckNotLost() const {
  if (process_.store != nullptr) return absl::OkStatus();
  return absl::InternalError("the machine was lost by an earlier suspension");
}

std::optional<ExternValue> Machine::Resolve(const Import& import) {
  if (const auto found = registered_.find(import.module);
      found != registered_.end()) {
    return process_.store->instance(found->second).FindExport(import.name);
  }
  if (import.module != "spectest") return std::nullopt;
  const auto found = spectest_.find(import.name);
  if (found == spectest_.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<InstanceOutcome> Machine::Instantiate(
    std::shared_ptr<TranslatedModule> module) {
  RETURN_IF_ERROR(CheckNotLost());
  modules_[module->module().hash] = module;
  ASSIGN_OR_RETURN(
      const InstantiateOutcome instantiated,
      wasmd::Instantiate(*process_.store, std::move(module),
                         [this](const Import& i) { return Resolve(i); }));
  InstanceOutcome outcome;
  outcome.instance = instantiated.instance->address;
  RETURN_IF_ERROR(SuspendAtRest());
  if (instantiated.trap.has_value()) {
    outcome.failure = CallOutcome{RunResult::kTrapped, {}, *instantiated.trap};
  } else if (instantiated.start.has_value()) {
    ASSIGN_OR_RETURN(CallOutcome started, Call(*instantiated.start, {}));
    if (started.result != RunResult::kReturned) {
      outcome.failure = std::move(started);
    }
  }
  return outcome;
}

absl::StatusOr<ExternValue> Machine::FindExport(InstanceAddr instance,
                                                const std::string& name,
                                                ExternKind kind) {
  RETURN_IF_ERROR(CheckNotLost());
  const std::optional<ExternValue> found =
      process_.store->instance(instance).FindExport(name);
  if (!found.has_value() || found->kind != kind) {
    return absl::NotFoundError(
        StrCat("no exported ", ToString(kind), " called ", name));
  }
  return *found;
}

absl::StatusOr<CallOutcome> Machine::Call(FuncAddr function,
                                          std::span<const Value> arguments) {
  ASSIGN_OR_RETURN(const RunResult result, Run(function, arguments));
  CallOutcome outcome{result, {}, {}};
  switch (result) {
    case RunResult::kReturned: {
      outcome.results = process_.thread->results();
      const TypeId type = process_.store->function(function).type;
      const FunctionType& signature =
          process_.store->types().Get(type).function;
      CHECK(outcome.results.size() == signature.results.size());
      for (size_t i = 0; i < outcome.results.size(); ++i) {
        outcome.results[i].type = signature.results[i];
      }
      return outcome;
    }
    case RunResult::kTrapped:
      outcome.trap = process_.thread->trap();
      return outcome;
    case RunResult::kThrew:
      return outcome;
    default:
      return absl::InternalError("the thread stopped without being asked");
  }
}

Value Machine::GlobalValue(GlobalAddr address) {
  const GlobalInstance& global = process_.store->global(address);
  return {global.type.value, global.value[0], global.value[1]};
}

absl::StatusOr<RunResult> Machine::Run(FuncAddr function,
                                       std::span<const Value> arguments) {
  // What a suspension costs grows with the number of frames, so the interval
  // does too, and faster: what it costs to recurse to a depth stays linear.
  constexpr uint64_t kCheapFrames = 100;
  constexpr uint64_t kFrequentSuspensions = 500;
  RETURN_IF_ERROR(CheckNotLost());
  RETURN_IF_ERROR(process_.thread->Start(function, arguments));
  ++calls_;
  RETURN_IF_ERROR(SuspendAtBothEnds());
  // The safepoint that finds no fuel is the one that stops.
  RunOptions run;
  bool is_sampled = IsSpared();
  if (options_.suspend_every.has_value() && !is_sampled) {
    run.fuel = *options_.suspend_every - 1;
  }
  uint64_t suspensions = 0;
  RunResult result = process_.thread->Run(run);
  while (result == RunResult::kFuelExhausted) {
    ASSIGN_OR_RETURN(const size_t frames, Suspend());
    ++suspensions;
    const uint64_t doublings =
        std::min<uint64_t>(suspensions / kFrequentSuspensions, 32);
    const uint64_t depth = frames / kCheapFrames;
    const uint64_t factor = (1 + depth * depth) << doublings;
    run.fuel = *options_.suspend_every * factor - 1;
    is_sampled |= factor > 1;
    result = process_.thread->Run(run);
  }
  if (is_sampled) ++suspensions_.sampled_calls;
  RETURN_IF_ERROR(SuspendAtBothEnds());
  return result;
}

bool Machine::IsSpared() const {
  // A few scripts have thousands of calls, all much the same, and a hundred
  // memories to save each time.
  constexpr uint64_t kManySuspensions = 3000;
  return suspensions_.all > kManySuspensions && calls_ % kInterval != 0;
}

absl::Status Machine::SuspendAtBothEnds() {
  constexpr uint64_t kManyCalls = 200;
  if (!options_.suspend_every.has_value()) return absl::OkStatus();
  if (calls_ > kManyCalls && calls_ % kInterval != 0) return absl::OkStatus();
  return Replace();
}

absl::Status Machine::SuspendAtRest() {
  if (!options_.suspend_every.has_value()) return absl::OkStatus();
  process_.thread = nullptr;
  RETURN_IF_ERROR(Replace());
  process_.thread =
      std::make_unique<Thread>(*process_.store, context_.thread_limits);
  return absl::OkStatus();
}

absl::StatusOr<size_t> Machine::Suspend() {
  if (process_.thread->state() != ThreadState::kRunnable) {
    return absl::InternalError("out of fuel, but not runnable");
  }
  const size_t frames = process_.thread->CaptureFrames().size();
  // Without frames after a host function that a tail call called.
  if (frames == 0 && !process_.thread->frameless_state().has_value()) {
    return absl::InternalError("out of fuel, but without frames");
  }
  RETURN_IF_ERROR(Replace());
  return frames;
}

absl::Status Machine::Replace() {
  ASSIGN_OR_RETURN(process_, RoundTrip(std::move(process_), context_));
  ++suspensions_.all;
  return absl::OkStatus();
}

}  // namespace wasmd::spec

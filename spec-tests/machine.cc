#include "spec-tests/machine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd::spec {

absl::StatusOr<std::unique_ptr<Machine>> Machine::Create(
    const MachineOptions& options) {
  std::unique_ptr<Machine> machine(new Machine(options));
  machine->store_ = std::make_unique<Store>();
  ASSIGN_OR_RETURN(machine->spectest_, AddSpectestModule(*machine->store_));
  ThreadLimits limits;
  // A script that exhausts the stack is to do so with few frames when they are
  // looked at over and over.
  if (options.suspend_every.has_value()) limits.stack_bytes = 256 << 10;
  machine->thread_ = std::make_unique<Thread>(*machine->store_, limits);
  return machine;
}

std::optional<ExternValue> Machine::Resolve(const Import& import) {
  if (const auto found = registered_.find(import.module);
      found != registered_.end()) {
    return store_->instance(found->second).FindExport(import.name);
  }
  if (import.module != "spectest") return std::nullopt;
  const auto found = spectest_.find(import.name);
  if (found == spectest_.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<InstanceOutcome> Machine::Instantiate(
    std::shared_ptr<TranslatedModule> module) {
  ASSIGN_OR_RETURN(
      const InstantiateOutcome instantiated,
      wasmd::Instantiate(*store_, std::move(module),
                         [this](const Import& i) { return Resolve(i); }));
  InstanceOutcome outcome;
  outcome.instance = instantiated.instance->address;
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
  const std::optional<ExternValue> found =
      store_->instance(instance).FindExport(name);
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
      outcome.results = thread_->results();
      const TypeId type = store_->function(function).type;
      const FunctionType& signature = store_->types().Get(type).function;
      CHECK(outcome.results.size() == signature.results.size());
      for (size_t i = 0; i < outcome.results.size(); ++i) {
        outcome.results[i].type = signature.results[i];
      }
      return outcome;
    }
    case RunResult::kTrapped:
      outcome.trap = thread_->trap();
      return outcome;
    case RunResult::kThrew:
      return outcome;
    default:
      return absl::InternalError("the thread stopped without being asked");
  }
}

Value Machine::GlobalValue(GlobalAddr address) {
  const GlobalInstance& global = store_->global(address);
  return {global.type.value, global.value[0], global.value[1]};
}

absl::StatusOr<RunResult> Machine::Run(FuncAddr function,
                                       std::span<const Value> arguments) {
  // What a suspension costs grows with the number of frames, so the interval
  // does too, and faster: what it costs to recurse to a depth stays linear.
  constexpr uint64_t kCheapFrames = 16;
  constexpr uint64_t kFrequentSuspensions = 64;
  RETURN_IF_ERROR(thread_->Start(function, arguments));
  RunOptions run;
  run.fuel = options_.suspend_every;
  uint64_t suspensions = 0;
  RunResult result = thread_->Run(run);
  while (result == RunResult::kFuelExhausted) {
    ASSIGN_OR_RETURN(const size_t frames, Suspend());
    ++suspensions;
    const uint64_t doublings =
        std::min<uint64_t>(suspensions / kFrequentSuspensions, 32);
    const uint64_t depth = frames / kCheapFrames;
    run.fuel = *options_.suspend_every * (1 + depth * depth) << doublings;
    result = thread_->Run(run);
  }
  return result;
}

absl::StatusOr<size_t> Machine::Suspend() {
  if (thread_->state() != ThreadState::kRunnable) {
    return absl::InternalError("out of fuel, but not runnable");
  }
  const size_t frames = thread_->CaptureFrames().size();
  // Without frames after a host function that a tail call called.
  if (frames == 0 && !thread_->frameless_state().has_value()) {
    return absl::InternalError("out of fuel, but without frames");
  }
  return frames;
}

}  // namespace wasmd::spec

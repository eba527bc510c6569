#include "spec-tests/differential.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/exec/backend.h"
#include "interp/host_function.h"
#include "interp/instantiate.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/translated_module.h"
#include "interp/trap.h"
#include "interp/value.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/snapshot.h"
#include "wasm/decoder.h"
#include "wasm/validator.h"

namespace wasmd::spec {
namespace {

constexpr int kCalls = 2;

// Small enough that collections happen and growing fails.
constexpr StoreLimits kStoreLimits = {
    .max_memory_bytes = uint64_t{2} << 16,
    .max_table_elements = 100,
    .max_all_table_elements = 1000,
    .max_heap_bytes = uint64_t{1} << 18,
};
constexpr ThreadLimits kThreadLimits = {.stack_bytes = 1 << 18};

// "host" "mix".
class Mix : public HostFunction {
 public:
  HostResult Call(HostCall& call) override {
    const uint64_t x = call.arguments[0] * 0x9E3779B97F4A7C15;
    call.results[0] = (x ^ call.arguments[1]) * 31;
    return HostResult::kReturn;
  }
};

struct Way {
  std::string_view name;
  const Backend* backend;
  // After each suspension.
  const Backend* next_backend;
  std::optional<uint64_t> suspend_every;
  bool is_restored = false;
};

struct Ending {
  std::string log;
  OwnedSnapshot state;
};

class Run {
 public:
  Run(const std::shared_ptr<const Module>& module, const Way& way)
      : way_(way),
        code_(TranslatedModule::Create(module, way.backend)),
        next_code_(way.next_backend == way.backend
                       ? code_
                       : TranslatedModule::Create(module, way.next_backend)) {}

  absl::StatusOr<Ending> ToEnd() {
    RETURN_IF_ERROR(Prepare());
    if (way_.is_restored) RETURN_IF_ERROR(Suspend());
    Ending ending;
    for (int i = 0; i < kCalls; ++i) {
      process_.thread =
          std::make_unique<Thread>(*process_.store, kThreadLimits);
      RETURN_IF_ERROR(process_.thread->Start(run_, {}));
      ASSIGN_OR_RETURN(const RunResult result, Call());
      StrAppend(&ending.log, Describe(result), "\n");
    }
    ASSIGN_OR_RETURN(ending.state, CaptureAll(process_));
    return ending;
  }

 private:
  absl::Status Prepare() {
    process_.store = std::make_unique<Store>(kStoreLimits);
    const FuncAddr mix = process_.store->AddHostFunction(
        {{kI32Type, kI64Type}, {kI64Type}}, std::make_unique<Mix>(),
        {"host", "mix"});
    ASSIGN_OR_RETURN(const InstantiateOutcome outcome,
                     Instantiate(*process_.store, code_, [mix](const Import&) {
                       return ExternValue{ExternKind::kFunction, mix};
                     }));
    if (outcome.trap.has_value()) {
      return absl::InvalidArgumentError("instantiation trapped");
    }
    const auto run = outcome.instance->FindExport("run");
    if (!run.has_value()) return absl::InvalidArgumentError("no export run");
    run_ = run->address;
    return absl::OkStatus();
  }

  absl::Status Suspend() {
    std::swap(code_, next_code_);
    RestoreContext context;
    context.find_module = [this](const Sha256Digest&) { return code_; };
    context.bind_host = [](const HostFunctionInfo&, const FunctionType&) {
      return std::make_unique<Mix>();
    };
    context.store_limits = kStoreLimits;
    context.thread_limits = kThreadLimits;
    ASSIGN_OR_RETURN(process_, RoundTrip(std::move(process_), context));
    return absl::OkStatus();
  }

  // What is done again and again is stopped less and less often.
  absl::StatusOr<RunResult> Call() {
    constexpr uint64_t kFrequentSuspensions = 60;
    RunOptions options;
    if (way_.suspend_every.has_value()) options.fuel = *way_.suspend_every - 1;
    uint64_t suspensions = 0;
    RunResult result = process_.thread->Run(options);
    while (result == RunResult::kFuelExhausted) {
      RETURN_IF_ERROR(Suspend());
      const uint64_t doublings =
          std::min<uint64_t>(++suspensions / kFrequentSuspensions, 32);
      options.fuel = (*way_.suspend_every << doublings) - 1;
      result = process_.thread->Run(options);
    }
    return result;
  }

  std::string Describe(RunResult result) const {
    const Thread& thread = *process_.thread;
    std::string out = StrCat("fuel ", thread.fuel_used());
    switch (result) {
      case RunResult::kReturned:
        for (const Value& value : thread.results()) {
          StrAppend(&out, " ", ToString(value));
        }
        return out;
      case RunResult::kTrapped:
        return StrCat(out, " trap: ", ToString(thread.trap()));
      case RunResult::kThrew:
        return StrCat(out, " exception ", thread.exception());
      default:
        return StrCat(out, " stopped unasked");
    }
  }

  const Way way_;
  std::shared_ptr<TranslatedModule> code_;
  std::shared_ptr<TranslatedModule> next_code_;
  RestoredProcess process_;
  FuncAddr run_ = 0;
};

}  // namespace

absl::StatusOr<std::string> CompareRuns(std::vector<uint8_t> binary) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Module> module,
                   Decode(std::move(binary)));
  RETURN_IF_ERROR(Validate(*module));
  const Backend* const first = &DefaultBackend();
  const Backend* const second = &PlainLoopBackend();
  const Way ways[] = {
      {"straight", first, first, std::nullopt},
      {"plain loop", second, second, std::nullopt},
      {"restored", first, first, std::nullopt, true},
      {"suspended", first, first, 1},
      {"plain loop, suspended", second, second, 3},
      {"with both back ends in turn", first, second, 2},
  };
  std::optional<Ending> expected;
  for (const Way& way : ways) {
    absl::StatusOr<Ending> ending = Run(module, way).ToEnd();
    if (!ending.ok()) {
      return absl::Status(
          ending.status().code(),
          StrCat(way.name, ": ", ToStd(ending.status().message())));
    }
    if (!expected.has_value()) {
      expected = *std::move(ending);
    } else if (ending->log != expected->log) {
      return absl::InternalError(
          StrCat(way.name, ": ", ending->log, "instead of: ", expected->log));
    } else if (!(ending->state == expected->state)) {
      return absl::InternalError(
          StrCat(way.name, ": another state at the end, after ", ending->log));
    }
  }
  return expected->log;
}

}  // namespace wasmd::spec

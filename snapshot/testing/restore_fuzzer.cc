#include "snapshot/testing/restore_fuzzer.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "interp/module_instance.h"
#include "interp/thread.h"
#include "interp/translated_module.h"
#include "snapshot/state_record.h"

namespace wasmd::testing {
namespace {

constexpr StoreLimits kStoreLimits = {
    .max_memory_bytes = 1 << 20,
    .max_table_elements = 10'000,
    .max_all_table_elements = 20'000,
    .max_heap_bytes = 1 << 18,
};
constexpr ThreadLimits kThreadLimits = {.stack_bytes = 1 << 16};

// Host calls are answered with zeros.
void RunALittle(Thread& thread) {
  for (int i = 0; i < 10; ++i) {
    if (thread.state() == ThreadState::kRunnable) {
      thread.Run({.fuel = 100});
    } else if (thread.state() == ThreadState::kHostCall) {
      const Store& store = thread.store();
      const FunctionInstance& function =
          store.function(thread.pending_call().function);
      std::vector<Value> results;
      for (const ValueType type :
           store.types().Get(function.type).function.results) {
        results.push_back({type, 0, 0});
      }
      if (!thread.CompleteHostCall(results).ok()) {
        thread.FailHostCall({TrapKind::kHost, "no answer"});
      }
    }
  }
}

}  // namespace

RestoreFuzzer::RestoreFuzzer() {
  for (const Program& program : AllPrograms()) AddSeeds(program);
}

void RestoreFuzzer::AddSeeds(const Program& program) {
  TestProcess process(kStoreLimits);
  Start(program, kThreadLimits, process);
  const auto take = [&] {
    auto snapshot = CaptureAll(process.process());
    CHECK(snapshot.ok());
    seeds_.push_back(*std::move(snapshot));
  };
  take();
  for (int i = 0; i < 40; ++i) {
    if (process.thread().state() == ThreadState::kFinished) break;
    Step(process.process(), 5);
    // Few of each program, where it has gone some way.
    if (i == 3 || i == 11 || i == 12) take();
  }
  take();
  const Store& store = process.store();
  for (InstanceAddr a = 0; a < store.instance_count(); ++a) {
    modules_.emplace(store.instance(a).module->hash, store.instance(a).code);
  }
}

bool RestoreFuzzer::Try(OwnedSnapshot snapshot) const {
  RestoreContext context;
  context.store_limits = kStoreLimits;
  context.thread_limits = kThreadLimits;
  context.find_module = [this](const Sha256Digest& hash)
      -> absl::StatusOr<std::shared_ptr<TranslatedModule>> {
    const auto found = modules_.find(hash);
    if (found == modules_.end()) return absl::NotFoundError("no module");
    return found->second;
  };
  context.bind_host =
      [](const HostFunctionInfo&,
         const FunctionType&) -> absl::StatusOr<std::unique_ptr<HostFunction>> {
    return std::make_unique<PendingFunction>();
  };
  SealStateRecord(&snapshot.state);
  auto restored =
      RestoreSnapshot(AsBytes(snapshot.state), PagesOf(snapshot), context);
  if (!restored.ok()) {
    const absl::StatusCode code = restored.status().code();
    CHECK(code == absl::StatusCode::kDataLoss ||
          code == absl::StatusCode::kFailedPrecondition ||
          code == absl::StatusCode::kUnimplemented);
    CHECK(restored.status().message().find('\n') == std::string::npos);
    return false;
  }
  auto process = RoundTrip(*std::move(restored), context);
  if (!process.ok()) std::puts(process.status().ToString().c_str());
  CHECK(process.ok());
  if (process->thread != nullptr) RunALittle(*process->thread);
  CHECK(CaptureAll(*process).ok());
  return true;
}

}  // namespace wasmd::testing

#include "runtime/process_view.h"

#include <memory>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/back_trace.h"
#include "runtime/module_loader.h"
#include "runtime/record.h"
#include "runtime/wasi_host.h"
#include "snapshot/snapshot.h"
#include "wasi/wasi.h"

namespace wasmd {
namespace {

// The machine as it was saved, not to be run. `host` outlives it.
absl::StatusOr<RestoredProcess> RestoreToLook(ModuleLoader& modules,
                                              WasiHost& host, ByteSpan state,
                                              const PageSource& pages) {
  RestoreContext context;
  context.find_module = [&](const Sha256Digest& hash) {
    return modules.Find(hash);
  };
  context.bind_host = [&](const HostFunctionInfo& info, const FunctionType&) {
    return host.Bind(info.name);
  };
  ASSIGN_OR_RETURN(const SnapshotSummary summary, SummarizeSnapshot(state));
  context.store_limits = summary.store_limits;
  context.thread_limits = summary.thread_limits;
  return RestoreSnapshot(state, pages, context);
}

absl::Status ViewState(ProcessDb& db, ByteSpan state, ProcessView* view) {
  ModuleLoader modules(&db);
  WasiHost host(/*suspends_for_effects=*/true);
  // A back trace does not need the pages.
  ASSIGN_OR_RETURN(const RestoredProcess restored,
                   RestoreToLook(modules, host, state, [](const PageSink&) {
                     return absl::OkStatus();
                   }));
  if (restored.thread == nullptr) return absl::OkStatus();
  const Thread& thread = *restored.thread;
  view->fuel_used = thread.fuel_used();
  if (thread.state() == ThreadState::kFinished) return absl::OkStatus();
  view->back_trace = BackTrace(thread);
  if (thread.state() == ThreadState::kHostCall) {
    const HostFunctionInfo& info =
        restored.store->host_info(thread.pending_call().function);
    view->pending_import = StrCat(info.module, ".", info.name);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ProcessView> ViewProcess(ProcessDb& db, ProcessNumber number) {
  ProcessView view;
  ASSIGN_OR_RETURN(view.record, db.GetRecord(number));
  RETURN_IF_ERROR(
      db.ForEachPage(number, [&](uint32_t, uint64_t, ByteSpan bytes) {
        ++view.stored_pages;
        view.stored_bytes += bytes.size();
        return absl::OkStatus();
      }));
  const absl::StatusOr<std::string> state = db.GetState(number);
  if (absl::IsNotFound(state.status())) return view;
  if (!state.ok()) return state.status();
  view.has_state = true;
  view.state_bytes = state->size();
  RETURN_IF_ERROR(ViewState(db, AsBytes(*state), &view));
  return view;
}

absl::Status CheckRestorable(ProcessDb& db, ModuleLoader& modules,
                             ProcessNumber number) {
  ASSIGN_OR_RETURN(const ProcessRecord record, db.GetRecord(number));
  const absl::StatusOr<std::string> state = db.GetState(number);
  if (absl::IsNotFound(state.status())) {
    ASSIGN_OR_RETURN(const Sha256Digest main, ModuleHashOf(record));
    RETURN_IF_ERROR(modules.Find(main).status());
    for (const std::string& bytes : record.other_module_hashes()) {
      ASSIGN_OR_RETURN(const Sha256Digest hash, ToModuleHash(record, bytes));
      RETURN_IF_ERROR(modules.Find(hash).status());
    }
    return absl::OkStatus();
  }
  if (!state.ok()) return state.status();
  WasiHost host(/*suspends_for_effects=*/true);
  ASSIGN_OR_RETURN(
      const RestoredProcess restored,
      RestoreToLook(modules, host, AsBytes(*state), [&](const PageSink& sink) {
        return db.ForEachPage(number, sink);
      }));
  if (restored.thread != nullptr &&
      restored.host_state.contains(std::string(wasi::kModuleName))) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      StrCat("the state of process ", number, " is incomplete"));
}

}  // namespace wasmd

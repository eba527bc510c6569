#include "runtime/process_view.h"

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/back_trace.h"
#include "runtime/journal_event.h"
#include "runtime/moment.h"
#include "runtime/outside.h"
#include "runtime/process.h"
#include "runtime/record.h"

namespace wasmd {
namespace {

// Where the last commit left it; if the journal cannot be run again, `view`
// says why, and it is the last state.
absl::StatusOr<std::unique_ptr<Process>> LookAtLast(Engine& engine,
                                                    ProcessNumber number,
                                                    ProcessView* view) {
  ASSIGN_OR_RETURN(Moment moment, LastMoment(*engine.db, number));
  absl::StatusOr<std::unique_ptr<Process>> process =
      Process::LookAt(engine, number, moment, /*is_whole=*/false);
  view->event = moment.options.end_event();
  if (process.ok() || moment.options.state_event() == view->event) {
    return process;
  }
  view->journal_error = ToStd(process.status().message());
  view->event = moment.options.state_event();
  moment.options.set_end_event(view->event);
  moment.is_last_commit = false;
  return Process::LookAt(engine, number, moment, /*is_whole=*/false);
}

void ViewThread(const Thread& thread, ProcessView* view) {
  view->fuel_used = thread.fuel_used();
  if (thread.state() == ThreadState::kFinished) return;
  view->back_trace = BackTrace(thread);
  if (thread.state() != ThreadState::kHostCall) return;
  const HostFunctionInfo& info =
      thread.store().host_info(thread.pending_call().function);
  view->pending_import = StrCat(info.module, ".", info.name);
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
  ASSIGN_OR_RETURN(const std::vector<KeptPoint> points, db.ListPoints(number));
  for (const KeptPoint& point : points) {
    ProcessOptions options;
    if (options.ParseFromString(point.record.runtime_state())) {
      view.kept_states.push_back(options.state_event());
    }
  }
  const absl::StatusOr<std::string> state = db.GetState(number);
  if (absl::IsNotFound(state.status())) return view;
  if (!state.ok()) return state.status();
  view.has_state = true;
  view.state_bytes = state->size();
  const std::unique_ptr<Outside> outside = SystemOutside(/*with_input=*/false);
  Engine engine(&db, *outside, EngineOptions());
  const absl::StatusOr<std::unique_ptr<Process>> process =
      LookAtLast(engine, number, &view);
  if (absl::IsFailedPrecondition(process.status())) return view;
  if (!process.ok()) return process.status();
  ViewThread((*process)->thread(), &view);
  return view;
}

absl::Status CheckRestorable(Engine& engine, ProcessNumber number) {
  ProcessDb& db = *engine.db;
  ASSIGN_OR_RETURN(const ProcessRecord record, db.GetRecord(number));
  const absl::StatusOr<std::string> state = db.GetState(number);
  if (absl::IsNotFound(state.status())) {
    ASSIGN_OR_RETURN(const Sha256Digest main, ModuleHashOf(record));
    RETURN_IF_ERROR(engine.modules.Find(main).status());
    for (const std::string& bytes : record.other_module_hashes()) {
      ASSIGN_OR_RETURN(const Sha256Digest hash, ToModuleHash(record, bytes));
      RETURN_IF_ERROR(engine.modules.Find(hash).status());
    }
    return absl::OkStatus();
  }
  if (!state.ok()) return state.status();
  const absl::StatusOr<Moment> last = LastMoment(db, number);
  // It is just being imported.
  if (absl::IsFailedPrecondition(last.status())) return absl::OkStatus();
  if (!last.ok()) return last.status();
  return Process::LookAt(engine, number, *last, /*is_whole=*/true).status();
}

absl::Status CheckHistory(Engine& engine, ProcessNumber number) {
  ProcessDb& db = *engine.db;
  RETURN_IF_ERROR(db.ForEachJournalBlock(
      number, 0, [](uint64_t first_event, ByteSpan bytes) {
        return ReadJournalBlock(first_event, bytes, [](const JournalEvent&) {
          return absl::OkStatus();
        });
      }));
  ASSIGN_OR_RETURN(const std::vector<KeptPoint> points, db.ListPoints(number));
  for (const KeptPoint& point : points) {
    ASSIGN_OR_RETURN(const Moment moment,
                     MomentOfPoint(db, number, point.sequence));
    const absl::Status status =
        Process::LookAt(engine, number, moment, /*is_whole=*/true).status();
    if (status.ok()) continue;
    return absl::Status(status.code(), StrCat("the state after event ",
                                              moment.options.state_event(),
                                              ": ", ToStd(status.message())));
  }
  return absl::OkStatus();
}

}  // namespace wasmd

#include "runtime/redaction.h"

#include <string>
#include <vector>

#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/process_view.h"
#include "runtime/record.h"

namespace wasmd {
namespace {

constexpr char kRedacted[] = "[redacted]";

// A process that failed where this one stands.
void EndThere(const ProcessView& view, ProcessRecord* record) {
  record->set_failure(StrCat(
      "a redacted copy of a process that was ",
      ProcessStatus_Name(record->status()),
      view.pending_import.empty() ? "" : StrCat(" in ", view.pending_import),
      "; it cannot go on"));
  record->clear_failure_stack();
  for (const std::string& line : view.back_trace) {
    record->add_failure_stack(line);
  }
  record->set_status(FAILED);
  record->set_exit_code(1);
}

}  // namespace

void Redact(ProcessRecord* record) {
  for (std::string& argument : *record->mutable_arguments()) {
    argument = kRedacted;
  }
  if (!record->failure().empty()) record->set_failure(kRedacted);
  // Environment, folders, listeners.
  record->clear_runtime_state();
}

absl::Status ExportRedacted(ProcessDb& db, ProcessNumber number,
                            const ByteSink& sink) {
  ASSIGN_OR_RETURN(const ProcessView view, ViewProcess(db, number));
  ProcessRecord record = view.record;
  Redact(&record);
  if (!HasFinished(record.status())) EndThere(view, &record);
  ProcessFileContents contents;
  contents.process_record = record.SerializeAsString();
  ASSIGN_OR_RETURN(const Sha256Digest main, ModuleHashOf(record));
  std::vector<Sha256Digest> hashes = {main};
  for (const std::string& other : record.other_module_hashes()) {
    ASSIGN_OR_RETURN(hashes.emplace_back(), ToModuleHash(record, other));
  }
  for (const Sha256Digest& hash : hashes) {
    ASSIGN_OR_RETURN(contents.modules[hash], db.GetModule(hash));
  }
  const PageSource none = [](const PageSink&) { return absl::OkStatus(); };
  return WriteProcessFile(contents, none, sink);
}

}  // namespace wasmd

#include <cstdio>

#include "absl/status/status.h"
#include "base/str_cat.h"
#include "runtime/process_view.h"
#include "runtime/redaction.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/flags.h"
#include "tools/commands/json.h"
#include "tools/commands/one_process.h"
#include "tools/commands/record_text.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

void PrintJson(ProcessNumber number, const ProcessView& view) {
  JsonWriter json;
  json.BeginObject();
  WriteRecord(number, view.record, &json);
  json.Field("state_bytes", view.state_bytes);
  json.Field("stored_pages", view.stored_pages);
  json.Field("stored_page_bytes", view.stored_bytes);
  json.Field("fuel_used", view.fuel_used);
  json.Field("event", view.event);
  json.Field("journal_error", view.journal_error);
  json.Key("kept_states");
  json.BeginArray();
  for (const uint64_t event : view.kept_states) json.Value(event);
  json.EndArray();
  json.Field("pending_import", view.pending_import);
  json.Key("back_trace");
  json.BeginArray();
  for (const std::string& line : view.back_trace) json.Value(line);
  json.EndArray();
  json.EndObject();
  std::puts(json.text().c_str());
}

void PrintLine(std::string_view label, const std::string& value) {
  if (value.empty()) return;
  std::string line(label);
  line.resize(16, ' ');
  std::puts((line + value).c_str());
}

std::string CommandLine(const ProcessRecord& record) {
  std::string text;
  for (const std::string& argument : record.arguments()) {
    StrAppend(&text, text.empty() ? "" : " ", ShellWord(argument));
  }
  return text;
}

void PrintText(ProcessNumber number, const ProcessView& view) {
  const ProcessRecord& record = view.record;
  PrintLine("name", StrCat(record.name(), " (number ", number, ")"));
  PrintLine("status", ProcessStatus_Name(record.status()));
  PrintLine("module", record.module_path());
  PrintLine("function", record.invoke());
  PrintLine("arguments", CommandLine(record));
  PrintLine("created", TimeText(record.created_ns()));
  PrintLine("updated", TimeText(record.updated_ns()));
  PrintLine("wakes", TimeText(record.wake_time_ns()));
  PrintLine("commits", StrCat(record.sequence()));
  PrintLine("memory",
            StrCat(record.memory_bytes(), " bytes, ", view.stored_pages,
                   " pages of 4 KiB stored (", view.stored_bytes, " bytes)"));
  PrintLine("state", StrCat(view.state_bytes, " bytes"));
  if (view.has_state) PrintLine("last event", StrCat(view.event));
  if (!view.kept_states.empty()) {
    const size_t count = view.kept_states.size();
    PrintLine("kept states",
              count == 1
                  ? StrCat("after event ", view.kept_states.front())
                  : StrCat(count, ", after events ", view.kept_states.front(),
                           " to ", view.kept_states.back()));
  }
  PrintLine("damage", view.journal_error);
  PrintLine("output", StrCat(record.log_bytes_stdout(), " bytes, errors ",
                             record.log_bytes_stderr(), " bytes"));
  if (record.status() == COMPLETED || record.status() == FAILED) {
    PrintLine("exit code", StrCat(record.exit_code()));
    PrintLine("failure", record.failure());
    for (const std::string& line : record.failure_stack()) {
      PrintLine("", line);
    }
    return;
  }
  PrintLine("pending call", view.pending_import);
  if (!view.back_trace.empty()) std::puts("back trace");
  for (const std::string& line : view.back_trace) {
    std::puts(StrCat("    ", line).c_str());
  }
}

int Inspect(std::span<const std::string> arguments) {
  bool json_wanted = false;
  bool is_redacted = false;
  Flags flags;
  flags.Add("--json", &json_wanted);
  flags.Add("--redact", &is_redacted);
  OneProcess one;
  if (const int code = OpenOneProcess(kInspectCommand, arguments, &flags, &one);
      code != kExitOk) {
    return code;
  }
  absl::StatusOr<ProcessView> view = ViewProcess(*one.db, one.number);
  if (!view.ok()) return Fail(view.status());
  if (is_redacted) Redact(&view->record);
  if (json_wanted) {
    PrintJson(one.number, *view);
  } else {
    PrintText(one.number, *view);
  }
  return kExitOk;
}

}  // namespace

const Command kInspectCommand = {
    .name = "inspect",
    .synopsis = "[--store DIR] [--json] [--redact] ID",
    .summary = "show one process: status, pending call, back trace, sizes",
    .details =
        R"(What is shown is where its last commit left the process, at the
latest when it began to wait: the last state that was saved, run again from
there with the answers of the journal. A process that runs is ahead of it.
Works while another wasmd runs processes of the same store.

With --redact, to show it to others: arguments and the message of a failure are
left out, for they can have what is secret. Names, paths, functions, times and
sizes are there.
)",
    .run = Inspect,
};

}  // namespace wasmd

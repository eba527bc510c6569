#include "runtime/process_clone.h"

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/process_options.pb.h"
#include "runtime/record.h"

namespace wasmd {
namespace {

// Can another process go on from where this one is?
absl::StatusOr<ProcessOptions> CheckParked(const ProcessRecord& record) {
  ProcessOptions options;
  const bool has_options = options.ParseFromString(record.runtime_state());
  if (HasFinished(record.status())) {
    return absl::FailedPreconditionError(
        StrCat("process ", record.name(),
               " has finished: ", ProcessStatus_Name(record.status())));
  }
  if (!has_options || options.importing()) {
    return absl::DataLossError(
        StrCat("process ", record.name(), " is damaged"));
  }
  // What a journal adds to the state is its own.
  const bool is_whole = options.end_event() == options.state_event();
  if ((record.status() != PAUSED && record.status() != WAITING) || !is_whole) {
    return absl::FailedPreconditionError(
        StrCat("process ", record.name(), " is not parked but ",
               ProcessStatus_Name(record.status()),
               ": resume it, and stop it with Ctrl-C"));
  }
  return options;
}

// "python" for "python-3".
std::string_view StemOf(std::string_view name) {
  const size_t digits = name.find_last_not_of("0123456789") + 1;
  if (digits == name.size() || digits < 2 || name[digits - 1] != '-') {
    return name;
  }
  return name.substr(0, digits - 1);
}

}  // namespace

absl::StatusOr<ProcessNumber> CloneProcess(ProcessDb& db, ProcessNumber parent,
                                           const std::string& name,
                                           int64_t now_ns) {
  ForkRequest request;
  request.parent = parent;
  ASSIGN_OR_RETURN(request.record, db.GetRecord(parent));
  ASSIGN_OR_RETURN(const ProcessOptions options, CheckParked(request.record));
  request.input_from = options.state_input();
  return ForkAs(db, std::move(request), name, now_ns);
}

absl::StatusOr<ProcessNumber> ForkAs(ProcessDb& db, ForkRequest request,
                                     const std::string& name, int64_t now_ns) {
  ProcessRecord& record = request.record;
  const std::string stem(StemOf(record.name()));
  record.set_name(name);
  record.set_status(PAUSED);
  record.set_sequence(0);
  record.set_created_ns(now_ns);
  record.set_updated_ns(now_ns);
  record.set_wake_time_ns(0);
  record.set_log_bytes_stdout(0);
  record.set_log_bytes_stderr(0);
  record.set_exit_code(0);
  record.clear_failure();
  record.clear_failure_stack();
  if (!name.empty()) return db.Fork(request);
  for (int i = 1;; ++i) {
    record.set_name(StrCat(stem, "-", i));
    if (db.FindProcess(record.name()).ok()) continue;
    absl::StatusOr<ProcessNumber> number = db.Fork(request);
    if (number.ok() || !absl::IsAlreadyExists(number.status())) return number;
  }
}

}  // namespace wasmd

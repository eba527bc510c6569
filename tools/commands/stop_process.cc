#include "tools/commands/stop_process.h"

#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/status_change.h"
#include "tools/commands/flags.h"
#include "tools/commands/json.h"
#include "tools/commands/record_text.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

// A process that runs stops within some milliseconds, but one whose output
// nobody takes, or whose disk is slow.
constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kLook = absl::Milliseconds(2);
constexpr absl::Duration kAskAgain = absl::Milliseconds(200);

// Waits until nobody runs the process, asking whoever does to stop it; it is
// claimed then.
absl::Status ClaimStopped(SharedStore& store, ProcessNumber process,
                          const std::string& id, StopKind kind) {
  const absl::Time deadline = absl::Now() + kPatience;
  absl::Time next_question = absl::InfinitePast();
  for (;;) {
    const absl::Status claimed = store.Claim(process);
    if (!absl::IsFailedPrecondition(claimed)) return claimed;
    const absl::Time now = absl::Now();
    if (now >= deadline) {
      return absl::DeadlineExceededError(
          StrCat(id, " did not stop within ", absl::ToInt64Seconds(kPatience),
                 " s; it will when it can: see `wasmd ps`"));
    }
    if (now >= next_question) {
      RETURN_IF_ERROR(store.AskToStop(process, kind));
      next_question = now + kAskAgain;
    }
    absl::SleepFor(kLook);
  }
}

absl::StatusOr<ProcessRecord> StopOne(SharedStore& store,
                                      const std::string& directory,
                                      ProcessNumber process,
                                      const std::string& id, StopKind kind) {
  RETURN_IF_ERROR(ClaimStopped(store, process, id, kind));
  const bool is_cancel = kind == StopKind::kCancel;
  // No-op when whoever ran it did that.
  absl::StatusOr<ProcessRecord> record =
      ChangeStatus(store, process, is_cancel ? CANCELLED : PAUSED,
                   absl::GetCurrentTimeNanos());
  if (record.ok() && is_cancel) {
    // Nobody will see what was not shown yet; it is in the log.
    RemoveBesideStore(directory, process);
  }
  store.Release(process);
  return record;
}

}  // namespace

int StopProcesses(const Command& command, StopKind kind,
                  std::span<const std::string> arguments) {
  std::string store_flag;
  KeyFlags key;
  bool json_wanted = false;
  Flags flags;
  flags.Add("--store", &store_flag);
  key.AddTo(&flags);
  flags.Add("--json", &json_wanted);
  flags.AllowAfterOperands();
  std::vector<std::string> ids;
  if (absl::Status parsed = flags.Parse(arguments, &ids); !parsed.ok()) {
    return UsageError(command, ToStd(parsed.message()));
  }
  if (ids.empty()) return UsageError(command, "give a process");
  const absl::StatusOr<std::string> directory = StoreDirectory(store_flag);
  if (!directory.ok()) return Fail(directory.status());
  const auto store = OpenToWrite(*directory, key);
  if (!store.ok()) return Fail(store.status());
  int code = kExitOk;
  JsonWriter json;
  json.BeginArray();
  for (const std::string& id : ids) {
    const absl::StatusOr<ProcessNumber> process = FindProcess(**store, id);
    const absl::StatusOr<ProcessRecord> record =
        process.ok() ? StopOne(**store, *directory, *process, id, kind)
                     : process.status();
    if (!record.ok()) {
      code = Fail(record.status());
      continue;
    }
    json.BeginObject();
    WriteRecord(*process, *record, &json);
    json.EndObject();
  }
  json.EndArray();
  if (json_wanted) std::puts(json.text().c_str());
  return code;
}

}  // namespace wasmd

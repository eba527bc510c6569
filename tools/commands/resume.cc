#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/engine.h"
#include "runtime/outside.h"
#include "runtime/record.h"
#include "store/sharing/shared_store.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/flags.h"
#include "tools/commands/session.h"
#include "tools/commands/signal_watcher.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

struct Stored {
  ProcessNumber number = 0;
  ProcessRecord record;
};

// Those that have not finished, or of whose output the end was not shown (the
// file that counts it is removed when all was), and that no other wasmd runs.
// All of them are claimed.
absl::StatusOr<std::vector<Stored>> ClaimUnfinished(
    SharedStore& store, const std::string& directory) {
  const auto is_unfinished = [&](ProcessNumber number,
                                 const ProcessRecord& record) {
    std::error_code ignored;
    return !HasFinished(record.status()) ||
           std::filesystem::exists(
               StrCat(ShownDirectory(directory), "/", number), ignored);
  };
  std::vector<ProcessNumber> numbers;
  RETURN_IF_ERROR(store.ForEachProcess(
      [&](ProcessNumber number, const ProcessRecord& record) {
        if (is_unfinished(number, record)) numbers.push_back(number);
        return absl::OkStatus();
      }));
  std::vector<Stored> found;
  for (const ProcessNumber number : numbers) {
    const absl::Status claimed = store.Claim(number);
    if (absl::IsFailedPrecondition(claimed)) continue;
    RETURN_IF_ERROR(claimed);
    // It may have ended, or be gone, since it was listed.
    absl::StatusOr<ProcessRecord> record = store.GetRecord(number);
    if (record.ok() && is_unfinished(number, *record)) {
      found.push_back({number, *std::move(record)});
    } else {
      store.Release(number);
      if (!absl::IsNotFound(record.status())) RETURN_IF_ERROR(record.status());
    }
  }
  return found;
}

// The process that `ids` names, or, without one, the only one there is to go on
// with; claimed.
absl::StatusOr<ProcessNumber> Choose(SharedStore& store,
                                     const std::string& directory,
                                     const std::vector<std::string>& ids) {
  if (!ids.empty()) return ClaimProcess(store, ids[0]);
  ASSIGN_OR_RETURN(const std::vector<Stored> found,
                   ClaimUnfinished(store, directory));
  if (found.size() == 1) return found[0].number;
  if (found.empty()) {
    return absl::FailedPreconditionError("there is no process to resume");
  }
  std::string names;
  for (const Stored& process : found) {
    StrAppend(&names, " ", process.record.name());
  }
  return absl::FailedPreconditionError(
      StrCat("choose one of", names, ", or --all"));
}

int Resume(std::span<const std::string> arguments) {
  SignalWatcher signals;
  SessionFlags session_flags;
  bool all = false;
  Flags flags;
  session_flags.AddTo(&flags);
  flags.Add("--all", &all);
  flags.AllowAfterOperands();
  std::vector<std::string> ids;
  if (absl::Status parsed = flags.Parse(arguments, &ids); !parsed.ok()) {
    return UsageError(kResumeCommand, ToStd(parsed.message()));
  }
  if (ids.size() > 1 || (all && !ids.empty())) {
    return UsageError(kResumeCommand, "give one process, or --all");
  }
  absl::StatusOr<EngineOptions> options = MakeEngineOptions(session_flags);
  if (!options.ok()) {
    return UsageError(kResumeCommand, ToStd(options.status().message()));
  }
  const absl::StatusOr<std::string> directory =
      StoreDirectory(session_flags.store);
  if (!directory.ok()) return Fail(directory.status());
  const auto db = OpenToWrite(*directory, session_flags.key);
  if (!db.ok()) return Fail(db.status());
  UseDirectory(*directory, &*options);

  // Input goes to one process only.
  const std::unique_ptr<Outside> outside = SystemOutside(/*with_input=*/!all);
  Engine engine(db->get(), *outside, *options);
  Session session(engine, db->get(), signals, session_flags.store,
                  session_flags.key);
  if (all) {
    const auto found = ClaimUnfinished(**db, *directory);
    if (!found.ok()) return Fail(found.status());
    for (const Stored& process : *found) {
      session.scheduler().Add(process.number, process.record);
    }
    return session.Run();
  }
  const absl::StatusOr<ProcessNumber> chosen = Choose(**db, *directory, ids);
  if (!chosen.ok()) return Fail(chosen.status());
  auto process = Process::Resume(engine, *chosen);
  if (!process.ok()) return Fail(process.status());
  session.scheduler().Add(*std::move(process));
  return session.Run();
}

}  // namespace

const Command kResumeCommand = {
    .name = "resume",
    .synopsis = "[OPTIONS] [ID | --all]",
    .summary = "go on with a process that was parked or killed",
    .details =
        R"(Without ID, the only unfinished process. --all goes on with all of
them at once; standard input then goes to none, and processes that wait for it
stay parked, but for those with --stdin queue, which wait for `wasmd input`.
--sync and --stdin are for as long as this runs. `wasmd help run` explains the
options --store, --key-file, --key-command, --sync, --stdin, --trace and
--trace-file.
)",
    .run = Resume,
};

}  // namespace wasmd

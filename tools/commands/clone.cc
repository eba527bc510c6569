#include "tools/commands/clone.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/engine.h"
#include "runtime/outside.h"
#include "runtime/process.h"
#include "runtime/process_clone.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/flags.h"
#include "tools/commands/one_process.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

// The clone is claimed. Its parent is only for as long as this takes, so that
// others can clone it meanwhile.
absl::StatusOr<ProcessNumber> Clone(SharedStore& store,
                                    const std::string& parent,
                                    const std::string& name, Outside& outside) {
  ASSIGN_OR_RETURN(const ProcessNumber number, ClaimProcess(store, parent));
  const absl::StatusOr<ProcessNumber> clone =
      CloneProcess(store, number, name, outside.RealtimeNow());
  store.Release(number);
  return clone;
}

int CloneOnly(std::span<const std::string> arguments) {
  OneProcessFlags one;
  std::string name;
  Flags flags;
  flags.Add("--name", &name);
  const int parsed = ParseOneProcess(kCloneCommand, arguments, &flags, &one);
  if (parsed != kExitOk) return parsed;
  const absl::StatusOr<std::string> directory = StoreDirectory(one.store);
  if (!directory.ok()) return Fail(directory.status());
  const auto db = OpenToWrite(*directory, one.key);
  if (!db.ok()) return Fail(db.status());
  const std::unique_ptr<Outside> outside = SystemOutside(/*with_input=*/false);
  const absl::StatusOr<ProcessNumber> number =
      Clone(**db, one.id, name, *outside);
  if (!number.ok()) return Fail(number.status());
  const absl::StatusOr<ProcessRecord> record = (*db)->GetRecord(*number);
  if (!record.ok()) return Fail(record.status());
  std::puts(record->name().c_str());
  return kExitOk;
}

}  // namespace

int RunClone(const SessionFlags& flags, const std::string& parent,
             const std::string& name, const EngineOptions& options,
             SignalWatcher& signals) {
  const absl::StatusOr<std::string> directory = StoreDirectory(flags.store);
  if (!directory.ok()) return Fail(directory.status());
  const auto db = OpenToWrite(*directory, flags.key);
  if (!db.ok()) return Fail(db.status());
  const std::unique_ptr<Outside> outside = SystemOutside(/*with_input=*/true);
  Engine engine(db->get(), *outside, options);
  UseDirectory(*directory, &engine.options);
  const absl::StatusOr<ProcessNumber> number =
      Clone(**db, parent, name, *outside);
  if (!number.ok()) return Fail(number.status());
  Session session(engine, db->get(), signals, flags.store, flags.key);
  auto process = Process::Resume(engine, *number);
  if (!process.ok()) return Fail(process.status());
  session.scheduler().Add(*std::move(process));
  return session.Run();
}

const Command kCloneCommand = {
    .name = "clone",
    .synopsis = "[--store DIR] [--name NAME] ID",
    .summary = "make a new process that goes on from where ID is parked",
    .details =
        R"(Prints the name of the new process, which waits for `wasmd resume`.
ID stays as it is and can be cloned any number of times: a program that was
started and parked once is there at once, again and again. `wasmd run --from ID`
clones and resumes in one.

The clone has the memory, call stack, arguments and open files of ID. Clocks,
random numbers and input that it asks for from then on are its own; what ID
made of earlier ones (the seed of a generator) it shares. A process cannot be
removed before its clones.
)",
    .run = CloneOnly,
};

}  // namespace wasmd

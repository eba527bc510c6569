#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/engine.h"
#include "runtime/outside.h"
#include "runtime/time_travel.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/event_number.h"
#include "tools/commands/flags.h"
#include "tools/commands/one_process.h"
#include "tools/commands/session.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

// The parent is only claimed for as long as this takes, if nobody runs it.
absl::StatusOr<std::string> ForkOne(SharedStore& store, Engine& engine,
                                    const std::string& parent,
                                    std::optional<uint64_t> event,
                                    const std::string& name) {
  ASSIGN_OR_RETURN(const ProcessNumber number, FindProcess(store, parent));
  const absl::Status claimed = store.Claim(number);
  if (!claimed.ok() && !absl::IsFailedPrecondition(claimed)) return claimed;
  const absl::StatusOr<ProcessNumber> child = ForkProcess(
      engine, {.parent = number, .is_claimed = claimed.ok(), .event = event},
      name);
  if (claimed.ok()) store.Release(number);
  RETURN_IF_ERROR(child.status());
  ASSIGN_OR_RETURN(const ProcessRecord record, store.GetRecord(*child));
  return record.name();
}

int Fork(std::span<const std::string> arguments) {
  OneProcessFlags one;
  std::string at;
  std::string name;
  Flags flags;
  flags.Add("--at", &at);
  flags.Add("--name", &name);
  const int parsed = ParseOneProcess(kForkCommand, arguments, &flags, &one);
  if (parsed != kExitOk) return parsed;
  std::optional<uint64_t> event;
  if (!at.empty()) {
    const absl::StatusOr<uint64_t> number = ParseEventNumber("--at", at);
    if (!number.ok()) {
      return UsageError(kForkCommand, ToStd(number.status().message()));
    }
    event = *number;
  }
  const absl::StatusOr<EngineOptions> options =
      MakeEngineOptions(SessionFlags());
  if (!options.ok()) {
    return UsageError(kForkCommand, ToStd(options.status().message()));
  }
  const absl::StatusOr<std::string> directory = StoreDirectory(one.store);
  if (!directory.ok()) return Fail(directory.status());
  const auto db = OpenToWrite(*directory, one.key);
  if (!db.ok()) return Fail(db.status());
  const std::unique_ptr<Outside> outside = SystemOutside(/*with_input=*/false);
  Engine engine(db->get(), *outside, *options);
  const absl::StatusOr<std::string> child =
      ForkOne(**db, engine, one.id, event, name);
  if (!child.ok()) return Fail(child.status());
  std::puts(child->c_str());
  return kExitOk;
}

}  // namespace

const Command kForkCommand = {
    .name = "fork",
    .synopsis = "[--store DIR] [--name NAME] [--at EVENT] ID",
    .summary = "make a new process from where ID is, or was after an event",
    .details =
        R"(Prints the name of the new process, which waits for `wasmd resume`.
EVENT is a number that `wasmd history ID` shows; 0 is the beginning. ID stays
as it is. It may have been killed or, with --at, have ended or trapped, or run
at this moment, if a state that `wasmd run --history` keeps is at or before
EVENT.

The fork has the memory, call stack, arguments and open files that ID had; the
memory is shared until one of the two changes it. Its log is empty and its
history begins there. Clocks, random numbers and input that it asks for from
then on are its own; what ID made of earlier ones (the seed of a generator) it
shares. What ID did to files since EVENT stays done, and the fork works on the
same files. A process cannot be removed before its forks.
)",
    .run = Fork,
};

}  // namespace wasmd

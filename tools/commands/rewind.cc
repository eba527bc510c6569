#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
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

int Rewind(std::span<const std::string> arguments) {
  OneProcessFlags one;
  std::string to;
  Flags flags;
  flags.Add("--to", &to);
  const int parsed = ParseOneProcess(kRewindCommand, arguments, &flags, &one);
  if (parsed != kExitOk) return parsed;
  const absl::StatusOr<uint64_t> event = ParseEventNumber("--to", to);
  if (!event.ok()) {
    return UsageError(kRewindCommand, ToStd(event.status().message()));
  }
  const absl::StatusOr<EngineOptions> options =
      MakeEngineOptions(SessionFlags());
  if (!options.ok()) {
    return UsageError(kRewindCommand, ToStd(options.status().message()));
  }
  const absl::StatusOr<std::string> directory = StoreDirectory(one.store);
  if (!directory.ok()) return Fail(directory.status());
  const auto db = OpenToWrite(*directory, one.key);
  if (!db.ok()) return Fail(db.status());
  const absl::StatusOr<ProcessNumber> number = ClaimProcess(**db, one.id);
  if (!number.ok()) return Fail(number.status());
  const std::unique_ptr<Outside> outside = SystemOutside(/*with_input=*/false);
  Engine engine(db->get(), *outside, *options);
  const absl::Status rewound = RewindProcess(engine, *number, *event);
  return rewound.ok() ? kExitOk : Fail(rewound);
}

}  // namespace

const Command kRewindCommand = {
    .name = "rewind",
    .synopsis = "[--store DIR] --to EVENT ID",
    .summary = "take a process back to right after an event of its history",
    .details =
        R"(EVENT is a number that `wasmd history ID` shows; 0 is the beginning.
The process gets back its memory, call stack, open files and log as they were
right after that call, and waits for `wasmd resume`, whatever came of it: it
may have trapped or ended. What came after is gone from its history and its
log: `wasmd fork ID` before keeps it.

What it did outside stays done: files are not changed back, and what was sent
was sent. Clocks, random numbers and input that it asks for from then on are
new ones.

States to go back to are kept by `wasmd run --history`; from the one before
EVENT on, the process is run again with the answers of the journal. Nothing is
changed if that cannot be done. A process that runs must be paused first.
)",
    .run = Rewind,
};

}  // namespace wasmd

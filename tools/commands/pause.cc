#include "tools/commands/all_commands.h"
#include "tools/commands/stop_process.h"

namespace wasmd {
namespace {

int Run(std::span<const std::string> arguments) {
  return StopProcesses(kPauseCommand, StopKind::kPause, arguments);
}

}  // namespace

const Command kPauseCommand = {
    .name = "pause",
    .synopsis = "[--store DIR] [--json] ID...",
    .summary = "park processes that run, as Ctrl-C does",
    .details =
        R"(The `wasmd run` or `wasmd resume` that runs a process ends, with exit
code 130 if it runs no other; `wasmd resume` goes on. A process that waits or
was left by a crash is only marked as PAUSED. --json prints the records of the
processes as they are then.
)",
    .run = Run,
};

}  // namespace wasmd

#include "tools/commands/all_commands.h"
#include "tools/commands/stop_process.h"

namespace wasmd {
namespace {

int Run(std::span<const std::string> arguments) {
  return StopProcesses(kCancelCommand, StopKind::kCancel, arguments);
}

}  // namespace

const Command kCancelCommand = {
    .name = "cancel",
    .synopsis = "[--store DIR] [--json] ID...",
    .summary = "end processes for good; their last state and log are kept",
    .details =
        R"(A process that runs stops where it is; the `wasmd run` or `wasmd
resume` that runs it ends, with exit code 143 if it runs no other. What is kept
of it can be looked at (inspect, logs) until `wasmd rm`. --json prints the
records of the processes as they are then.
)",
    .run = Run,
};

}  // namespace wasmd

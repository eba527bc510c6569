// What `pause` and `cancel` have in common.

#ifndef WASMD_TOOLS_COMMANDS_STOP_PROCESS_H_
#define WASMD_TOOLS_COMMANDS_STOP_PROCESS_H_

#include <span>
#include <string>

#include "store/sharing/shared_store.h"
#include "tools/commands/command.h"

namespace wasmd {

// Parses [--store DIR] [--json] ID... and stops these processes, wherever they
// run. The exit code; errors were printed.
int StopProcesses(const Command& command, StopKind kind,
                  std::span<const std::string> arguments);

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_STOP_PROCESS_H_

// What `wasmd clone` and `wasmd run --from` share.

#ifndef WASMD_TOOLS_COMMANDS_CLONE_H_
#define WASMD_TOOLS_COMMANDS_CLONE_H_

#include <string>

#include "tools/commands/session.h"
#include "tools/commands/signal_watcher.h"

namespace wasmd {

// Clones the process `parent` as `name`, empty for a name made from the
// parent's, and runs the clone. Returns the exit code.
int RunClone(const SessionFlags& flags, const std::string& parent,
             const std::string& name, const EngineOptions& options,
             SignalWatcher& signals);

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_CLONE_H_

// What the subcommands that look at the whole store have in common.

#ifndef WASMD_TOOLS_COMMANDS_WHOLE_STORE_H_
#define WASMD_TOOLS_COMMANDS_WHOLE_STORE_H_

#include <span>
#include <string>

#include "tools/commands/command.h"
#include "tools/commands/store_access.h"

namespace wasmd {

struct WholeStore {
  std::string directory;
  KeyFlags key;
  bool json_wanted = false;
};

// Parses --store, the flags of the key, --json and no operands; opens nothing.
// kExitOk, or the exit code after the error was printed.
int ParseWholeStore(const Command& command,
                    std::span<const std::string> arguments, WholeStore* whole);

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_WHOLE_STORE_H_

// The subcommands, each in a file of its name.

#ifndef WASMD_TOOLS_COMMANDS_ALL_COMMANDS_H_
#define WASMD_TOOLS_COMMANDS_ALL_COMMANDS_H_

#include "tools/commands/command.h"

namespace wasmd {

extern const Command kHelpCommand;
extern const Command kVersionCommand;

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_ALL_COMMANDS_H_

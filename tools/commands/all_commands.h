// The subcommands, each in a file of its name, and the list of them.

#ifndef WASMD_TOOLS_COMMANDS_ALL_COMMANDS_H_
#define WASMD_TOOLS_COMMANDS_ALL_COMMANDS_H_

#include <span>
#include <string_view>

#include "tools/commands/command.h"

namespace wasmd {

extern const Command kCancelCommand;
extern const Command kCloneCommand;
extern const Command kDiffCommand;
extern const Command kDuCommand;
extern const Command kExportCommand;
extern const Command kForkCommand;
extern const Command kFsckCommand;
extern const Command kHelpCommand;
extern const Command kImportCommand;
extern const Command kInspectCommand;
extern const Command kHistoryCommand;
extern const Command kInputCommand;
extern const Command kLogsCommand;
extern const Command kObjdumpCommand;
extern const Command kPauseCommand;
extern const Command kPsCommand;
extern const Command kResumeCommand;
extern const Command kRewindCommand;
extern const Command kRmCommand;
extern const Command kRunCommand;
extern const Command kValidateCommand;
extern const Command kVersionCommand;

// All of them, in the order in which help lists them.
std::span<const Command* const> Commands();
// Null if there is none of this name.
const Command* FindCommand(std::string_view name);

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_ALL_COMMANDS_H_

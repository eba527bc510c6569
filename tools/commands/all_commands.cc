#include "tools/commands/all_commands.h"

#include <array>

namespace wasmd {
namespace {

constexpr std::array kCommands = {
    &kRunCommand,     &kResumeCommand, &kPauseCommand,    &kCancelCommand,
    &kInputCommand,   &kPsCommand,     &kInspectCommand,  &kLogsCommand,
    &kHistoryCommand, &kRewindCommand, &kForkCommand,     &kDiffCommand,
    &kCloneCommand,   &kRmCommand,     &kExportCommand,   &kImportCommand,
    &kDuCommand,      &kFsckCommand,   &kValidateCommand, &kObjdumpCommand,
    &kVersionCommand, &kHelpCommand,
};

}  // namespace

std::span<const Command* const> Commands() { return kCommands; }

const Command* FindCommand(std::string_view name) {
  for (const Command* command : kCommands) {
    if (command->name == name) return command;
  }
  return nullptr;
}

}  // namespace wasmd

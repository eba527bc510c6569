#include "tools/commands/command.h"

#include <array>
#include <cstdio>

#include "base/str_cat.h"
#include "tools/commands/all_commands.h"

namespace wasmd {
namespace {

constexpr std::array kCommands = {
    &kHelpCommand,
    &kVersionCommand,
};

}  // namespace

std::span<const Command* const> Commands() { return kCommands; }

const Command* FindCommand(std::string_view name) {
  for (const Command* command : kCommands) {
    if (command->name == name) return command;
  }
  return nullptr;
}

int Fail(int exit_code, std::string_view message) {
  const std::string line = StrCat("wasmd: ", message, "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
  return exit_code;
}

int UsageError(const Command& command, std::string_view message) {
  const std::string line = StrCat("wasmd ", command.name, ": ", message,
                                  "; see `wasmd help ", command.name, "`\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
  return kExitUsage;
}

}  // namespace wasmd

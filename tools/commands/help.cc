#include <cstdio>

#include "base/str_cat.h"
#include "tools/commands/all_commands.h"

namespace wasmd {
namespace {

constexpr std::string_view kOverview =
    R"(wasmd runs WebAssembly programs as durable processes: stopped in any way,
they go on from where they were.

usage: wasmd COMMAND [ARGUMENTS]

)";

constexpr std::string_view kExitCodes = R"(
exit codes
    0      done; for `run` and `resume`: the program ended with code 0
    1      the command could not do its work; a line on stderr says why
    2      wrong usage of the command line
    65     the module is malformed, invalid or asks for imports there are not
    74     damage, a full disk or another fault of the store
    130    parked by Ctrl-C or `wasmd pause`; the line on stderr says how to
           go on
    134    the program trapped; message and back trace are on stderr
    143    ended by `wasmd cancel`
    other  the program's own exit code (`run`, `resume`)

`wasmd help COMMAND` says more about one command.
)";

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string Padded(std::string_view text, size_t width) {
  std::string padded(text);
  if (padded.size() < width) padded.resize(width, ' ');
  return padded;
}

int Help(std::span<const std::string> arguments) {
  if (arguments.size() > 1) {
    return UsageError(kHelpCommand, "takes at most one command");
  }
  if (arguments.empty()) {
    Print(kOverview);
    for (const Command* command : Commands()) {
      Print(StrCat("    ", Padded(command->name, 10), command->summary, "\n"));
    }
    Print(kExitCodes);
    return kExitOk;
  }
  const Command* command = FindCommand(arguments[0]);
  if (command == nullptr) {
    return UsageError(kHelpCommand,
                      StrCat("there is no command '", arguments[0], "'"));
  }
  Print(StrCat("usage: wasmd ", command->name,
               command->synopsis.empty() ? "" : " ", command->synopsis, "\n\n",
               command->summary, "\n"));
  if (!command->details.empty()) Print(StrCat("\n", command->details));
  return kExitOk;
}

}  // namespace

const Command kHelpCommand = {
    .name = "help",
    .synopsis = "[COMMAND]",
    .summary = "list the commands, or explain one",
    .details = "",
    .run = Help,
};

}  // namespace wasmd

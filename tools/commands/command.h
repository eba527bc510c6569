// Command: one word of the wasmd command line ("run", "ps") and what it does.

#ifndef WASMD_TOOLS_COMMANDS_COMMAND_H_
#define WASMD_TOOLS_COMMANDS_COMMAND_H_

#include <span>
#include <string>
#include <string_view>

namespace wasmd {

struct Command {
  std::string_view name;
  std::string_view synopsis;  // what follows the name: "[OPTIONS] MODULE"
  std::string_view summary;   // one line
  std::string_view details;   // options and more, for `wasmd help NAME`
  // `arguments` are those after the name. Returns the exit code.
  int (*run)(std::span<const std::string> arguments);
};

// Exit codes that are wasmd's own (tools/README.md has the whole table). A
// program that ends by itself gives its own code instead.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  // a subcommand could not do its work
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInvalidModule = 65;  // malformed, invalid, unlinkable
inline constexpr int kExitDamaged = 74;        // store or I/O trouble
inline constexpr int kExitParked = 130;        // by Ctrl-C; resume goes on
inline constexpr int kExitTrap = 134;          // the guest trapped
inline constexpr int kExitCancelled = 143;     // by `wasmd cancel`

// Prints "wasmd: MESSAGE" to stderr and returns `exit_code`.
int Fail(int exit_code, std::string_view message);
// Prints "wasmd COMMAND: MESSAGE; see `wasmd help COMMAND`", returns
// kExitUsage.
int UsageError(const Command& command, std::string_view message);

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_COMMAND_H_

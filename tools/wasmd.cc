// wasmd: the command line. Finds the subcommand and runs it.

#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/str_cat.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/command.h"
#include "tools/commands/leave.h"

namespace {

int Main(std::vector<std::string> arguments) {
  if (arguments.empty()) {
    wasmd::FindCommand("help")->run({});
    return wasmd::kExitUsage;
  }
  std::string name = arguments[0];
  arguments.erase(arguments.begin());
  if (name == "--help" || name == "-h") name = "help";
  if (name == "--version" || name == "-V") name = "version";
  const wasmd::Command* command = wasmd::FindCommand(name);
  if (command == nullptr) {
    return wasmd::Fail(
        wasmd::kExitUsage,
        wasmd::StrCat("there is no command '", name, "'; see `wasmd help`"));
  }
  if (!arguments.empty() &&
      (arguments[0] == "--help" || arguments[0] == "-h")) {
    const std::string topic[] = {name};
    return wasmd::FindCommand("help")->run({topic, 1});
  }
  return command->run(arguments);
}

}  // namespace

int main(int argc, char** argv) {
#ifdef NDEBUG
  // Debian's Abseil looks for deadlocks at each lock of a mutex. What debug
  // builds look for need not cost every start and every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  wasmd::Leave(Main(std::vector<std::string>(argv + 1, argv + argc)));
}

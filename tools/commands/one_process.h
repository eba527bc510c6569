// What the subcommands for one process have in common.

#ifndef WASMD_TOOLS_COMMANDS_ONE_PROCESS_H_
#define WASMD_TOOLS_COMMANDS_ONE_PROCESS_H_

#include <memory>
#include <span>
#include <string>

#include "store/process_db.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"
#include "tools/commands/store_access.h"

namespace wasmd {

// Which process of which store.
struct OneProcessFlags {
  std::string store;
  KeyFlags key;
  std::string id;
};

// Parses the options in `flags`, to which it adds --store and those of the key,
// and one ID. kExitOk, or the exit code after the error was printed.
int ParseOneProcess(const Command& command,
                    std::span<const std::string> arguments, Flags* flags,
                    OneProcessFlags* one);

struct OneProcess {
  std::unique_ptr<ProcessDb> db;  // to read
  ProcessNumber number = 0;
};

// Parses the same, opens the store and finds the process. kExitOk, or the exit
// code after the error was printed.
int OpenOneProcess(const Command& command,
                   std::span<const std::string> arguments, Flags* flags,
                   OneProcess* one);

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_ONE_PROCESS_H_

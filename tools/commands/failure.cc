#include <cstdio>

#include "base/str_cat.h"
#include "tools/commands/command.h"

namespace wasmd {

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

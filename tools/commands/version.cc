#include <cstdio>

#include "tools/commands/all_commands.h"

namespace wasmd {
namespace {

constexpr char kVersion[] = "0.1.0";

int Version(std::span<const std::string> arguments) {
  if (!arguments.empty()) {
    return UsageError(kVersionCommand, "takes no arguments");
  }
  std::printf("wasmd %s (WebAssembly 3.0, WASI preview 1)\n", kVersion);
  return kExitOk;
}

}  // namespace

const Command kVersionCommand = {
    .name = "version",
    .synopsis = "",
    .summary = "print the version",
    .details = "",
    .run = Version,
};

}  // namespace wasmd

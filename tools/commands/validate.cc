#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/str_cat.h"
#include "runtime/module_loader.h"
#include "tools/commands/all_commands.h"

namespace wasmd {
namespace {

int ValidateOne(const std::string& path) {
  absl::StatusOr<std::vector<uint8_t>> file = ReadFile(path);
  if (!file.ok()) return Fail(kExitFailure, ToStd(file.status().message()));
  absl::StatusOr<std::vector<uint8_t>> binary = ToBinary(*std::move(file));
  absl::Status status = binary.status();
  if (binary.ok()) {
    status = ModuleLoader(nullptr).Load(*std::move(binary)).status();
  }
  if (status.ok()) return kExitOk;
  return Fail(kExitInvalidModule, StrCat(path, ": ", ToStd(status.message())));
}

int Validate(std::span<const std::string> arguments) {
  if (arguments.empty()) {
    return UsageError(kValidateCommand, "name a module");
  }
  if (arguments[0].starts_with("-")) {
    return UsageError(kValidateCommand,
                      StrCat("unknown option ", arguments[0]));
  }
  int code = kExitOk;
  for (const std::string& path : arguments) {
    const int one = ValidateOne(path);
    if (code == kExitOk) code = one;
  }
  return code;
}

}  // namespace

const Command kValidateCommand = {
    .name = "validate",
    .synopsis = "FILE...",
    .summary = "check modules (.wasm or .wat); silent about valid ones",
    .details = "",
    .run = Validate,
};

}  // namespace wasmd

#include <iostream>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/str_cat.h"
#include "runtime/module_loader.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/flags.h"
#include "wasm/decoder.h"
#include "wasm/disassembler.h"

namespace wasmd {
namespace {

int Objdump(std::span<const std::string> arguments) {
  bool headers_only = false;
  Flags flags;
  flags.Add("--headers", &headers_only);
  flags.AllowAfterOperands();
  std::vector<std::string> files;
  if (absl::Status parsed = flags.Parse(arguments, &files); !parsed.ok()) {
    return UsageError(kObjdumpCommand, ToStd(parsed.message()));
  }
  if (files.size() != 1) return UsageError(kObjdumpCommand, "name one module");
  absl::StatusOr<std::vector<uint8_t>> file = ReadFile(files[0]);
  if (!file.ok()) return Fail(kExitFailure, ToStd(file.status().message()));
  absl::StatusOr<std::vector<uint8_t>> binary = ToBinary(*std::move(file));
  absl::Status status = binary.status();
  if (binary.ok()) {
    auto module = Decode(*std::move(binary));
    status = module.status();
    if (module.ok()) {
      DisassembleOptions options;
      options.code = !headers_only;
      status = Disassemble(**module, options, std::cout);
      std::cout.flush();
    }
  }
  if (!status.ok()) {
    return Fail(kExitInvalidModule,
                StrCat(files[0], ": ", ToStd(status.message())));
  }
  return std::cout.good() ? kExitOk : kExitFailure;
}

}  // namespace

const Command kObjdumpCommand = {
    .name = "objdump",
    .synopsis = "[--headers] FILE",
    .summary = "list a module: sections and, without --headers, instructions",
    .details = "",
    .run = Objdump,
};

}  // namespace wasmd

#include <cstdio>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "runtime/outside.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/flags.h"
#include "tools/commands/one_process.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

int Logs(std::span<const std::string> arguments) {
  bool stderr_wanted = false;
  Flags flags;
  flags.Add("--stderr", &stderr_wanted);
  OneProcess one;
  if (const int code = OpenOneProcess(kLogsCommand, arguments, &flags, &one);
      code != kExitOk) {
    return code;
  }
  const absl::Status read = one.db->ForEachLog(
      one.number, stderr_wanted ? kStderr : kStdout, 0, [](ByteSpan bytes) {
        if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) !=
            bytes.size()) {
          return absl::CancelledError("stdout cannot be written");
        }
        return absl::OkStatus();
      });
  if (!read.ok()) return Fail(read);
  return std::fflush(stdout) == 0 ? kExitOk : kExitFailure;
}

}  // namespace

const Command kLogsCommand = {
    .name = "logs",
    .synopsis = "[--store DIR] [--stderr] ID",
    .summary = "print what a process has written to stdout, or to stderr",
    .details =
        R"(Every byte that the program wrote and that was committed, exactly
once, however often it was killed. Works while another wasmd runs processes of
the same store.
)",
    .run = Logs,
};

}  // namespace wasmd

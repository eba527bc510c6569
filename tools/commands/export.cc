#include <errno.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/process_transfer.h"
#include "runtime/redaction.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/flags.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

absl::Status IoError(const std::string& path) {
  return absl::UnavailableError(StrCat(path, ": ", std::strerror(errno)));
}

// The whole file or none: written beside its place, synced, then renamed.
absl::Status ExportTo(ProcessDb& db, ProcessNumber number,
                      const std::string& path, bool is_redacted) {
  const std::string part = StrCat(path, ".part");
  FILE* file = std::fopen(part.c_str(), "wbe");
  if (file == nullptr) return IoError(part);
  const ByteSink sink = [&](ByteSpan bytes) -> absl::Status {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) {
      return IoError(part);
    }
    return absl::OkStatus();
  };
  absl::Status written = is_redacted ? ExportRedacted(db, number, sink)
                                     : ExportProcess(db, number, sink);
  if (written.ok() && (std::fflush(file) != 0 || fsync(fileno(file)) != 0)) {
    written = IoError(part);
  }
  if (std::fclose(file) != 0 && written.ok()) written = IoError(part);
  if (written.ok() && std::rename(part.c_str(), path.c_str()) != 0) {
    written = IoError(path);
  }
  if (!written.ok()) std::remove(part.c_str());
  return written;
}

int RunExport(std::span<const std::string> arguments) {
  std::string store;
  KeyFlags key;
  bool is_redacted = false;
  Flags flags;
  flags.Add("--redact", &is_redacted);
  flags.Add("--store", &store);
  key.AddTo(&flags);
  flags.AllowAfterOperands();
  std::vector<std::string> operands;
  if (absl::Status parsed = flags.Parse(arguments, &operands); !parsed.ok()) {
    return UsageError(kExportCommand, ToStd(parsed.message()));
  }
  if (operands.size() != 2) {
    return UsageError(kExportCommand, "give a process and a file");
  }
  const absl::StatusOr<std::string> directory = StoreDirectory(store);
  if (!directory.ok()) return Fail(directory.status());
  // Owning the store: nobody goes on with the process while it is copied.
  const auto db = OpenToWrite(*directory, key);
  if (!db.ok()) return Fail(db.status());
  const absl::StatusOr<ProcessNumber> number = FindProcess(**db, operands[0]);
  if (!number.ok()) return Fail(number.status());
  const absl::Status done = ExportTo(**db, *number, operands[1], is_redacted);
  return done.ok() ? kExitOk : Fail(done);
}

}  // namespace

const Command kExportCommand = {
    .name = "export",
    .synopsis = "[--store DIR] [--redact] ID FILE",
    .summary = "write a process to a file, for `wasmd import` elsewhere",
    .details =
        R"(The file has all the process is: code, state, memory and log. The
process stays in this store too; remove it before its copy goes on, or both
will.

With --redact, to show it to others: code, status, back trace, names, paths,
times and sizes, but neither memory nor log, arguments, environment or the
message of a failure. What `wasmd import` makes of it is a process that failed
where this one stands; it cannot go on.
)",
    .run = RunExport,
};

}  // namespace wasmd

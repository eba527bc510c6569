#include <cstdio>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/str_cat.h"
#include "runtime/module_loader.h"
#include "runtime/process_transfer.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/flags.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

// Of a process: the largest memory there can be, and something for the rest.
constexpr uint64_t kMaxFileBytes = uint64_t{80} << 30;

int RunImport(std::span<const std::string> arguments) {
  std::string store;
  KeyFlags key;
  std::string id;
  Flags flags;
  flags.Add("--store", &store);
  key.AddTo(&flags);
  flags.Add("--id", &id);
  flags.AllowAfterOperands();
  std::vector<std::string> files;
  if (absl::Status parsed = flags.Parse(arguments, &files); !parsed.ok()) {
    return UsageError(kImportCommand, ToStd(parsed.message()));
  }
  if (files.size() != 1) return UsageError(kImportCommand, "give one file");
  const absl::StatusOr<std::string> directory = StoreDirectory(store);
  if (!directory.ok()) return Fail(directory.status());
  const absl::StatusOr<std::vector<uint8_t>> file =
      ReadFile(files[0], kMaxFileBytes);
  if (!file.ok()) return Fail(kExitFailure, ToStd(file.status().message()));
  const auto db = OpenToWrite(*directory, key);
  if (!db.ok()) return Fail(db.status());
  const absl::StatusOr<ProcessNumber> number = ImportProcess(**db, *file, id);
  if (!number.ok()) {
    return Fail(ExitCodeOf(number.status()),
                StrCat(files[0], ": ", ToStd(number.status().message())));
  }
  const absl::StatusOr<ProcessRecord> record = (*db)->GetRecord(*number);
  if (!record.ok()) return Fail(record.status());
  std::puts(record->name().c_str());
  return kExitOk;
}

}  // namespace

const Command kImportCommand = {
    .name = "import",
    .synopsis = "[--store DIR] [--id NAME] FILE",
    .summary = "take up a process that `wasmd export` wrote; prints its name",
    .details = "",
    .run = RunImport,
};

}  // namespace wasmd

#include <vector>

#include "absl/status/status.h"
#include "base/str_cat.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/flags.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

int Rm(std::span<const std::string> arguments) {
  std::string store;
  KeyFlags key;
  Flags flags;
  flags.Add("--store", &store);
  key.AddTo(&flags);
  flags.AllowAfterOperands();
  std::vector<std::string> ids;
  if (absl::Status parsed = flags.Parse(arguments, &ids); !parsed.ok()) {
    return UsageError(kRmCommand, ToStd(parsed.message()));
  }
  if (ids.empty()) return UsageError(kRmCommand, "give a process");
  const absl::StatusOr<std::string> directory = StoreDirectory(store);
  if (!directory.ok()) return Fail(directory.status());
  const auto db = OpenToWrite(*directory, key);
  if (!db.ok()) return Fail(db.status());
  int code = kExitOk;
  for (const std::string& id : ids) {
    const absl::StatusOr<ProcessNumber> number = ClaimProcess(**db, id);
    absl::Status removed = number.status();
    if (number.ok()) {
      removed = (*db)->RemoveProcess(*number);
      RemoveBesideStore(*directory, *number);
      (*db)->Release(*number);
    }
    if (!removed.ok()) code = Fail(removed);
  }
  return code;
}

}  // namespace

const Command kRmCommand = {
    .name = "rm",
    .synopsis = "[--store DIR] ID...",
    .summary = "remove processes, finished or not, with all that is kept",
    .details = "One that is running must be paused or cancelled first.\n",
    .run = Rm,
};

}  // namespace wasmd

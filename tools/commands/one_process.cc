#include "tools/commands/one_process.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/str_cat.h"
#include "tools/commands/store_access.h"

namespace wasmd {

int OpenOneProcess(const Command& command,
                   std::span<const std::string> arguments, Flags* flags,
                   OneProcess* one) {
  std::string store;
  KeyFlags key;
  flags->Add("--store", &store);
  key.AddTo(flags);
  flags->AllowAfterOperands();
  std::vector<std::string> ids;
  if (absl::Status parsed = flags->Parse(arguments, &ids); !parsed.ok()) {
    return UsageError(command, ToStd(parsed.message()));
  }
  if (ids.size() != 1) return UsageError(command, "give one process");
  const absl::StatusOr<std::string> directory = StoreDirectory(store);
  if (!directory.ok()) return Fail(directory.status());
  auto db = OpenToRead(*directory, key);
  if (!db.ok()) return Fail(db.status());
  if (*db == nullptr) {
    return Fail(
        absl::NotFoundError(StrCat("there is no process '", ids[0],
                                   "': ", *directory, " is no store yet")));
  }
  one->db = *std::move(db);
  const absl::StatusOr<ProcessNumber> number = FindProcess(*one->db, ids[0]);
  if (!number.ok()) return Fail(number.status());
  one->number = *number;
  return kExitOk;
}

}  // namespace wasmd

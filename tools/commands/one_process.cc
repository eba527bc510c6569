#include "tools/commands/one_process.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/str_cat.h"

namespace wasmd {

int ParseOneProcess(const Command& command,
                    std::span<const std::string> arguments, Flags* flags,
                    OneProcessFlags* one) {
  flags->Add("--store", &one->store);
  one->key.AddTo(flags);
  flags->AllowAfterOperands();
  std::vector<std::string> ids;
  if (absl::Status parsed = flags->Parse(arguments, &ids); !parsed.ok()) {
    return UsageError(command, ToStd(parsed.message()));
  }
  if (ids.size() != 1) return UsageError(command, "give one process");
  one->id = std::move(ids[0]);
  return kExitOk;
}

int OpenOneProcess(const Command& command,
                   std::span<const std::string> arguments, Flags* flags,
                   OneProcess* one) {
  OneProcessFlags which;
  const int parsed = ParseOneProcess(command, arguments, flags, &which);
  if (parsed != kExitOk) return parsed;
  const absl::StatusOr<std::string> directory = StoreDirectory(which.store);
  if (!directory.ok()) return Fail(directory.status());
  auto db = OpenToRead(*directory, which.key);
  if (!db.ok()) return Fail(db.status());
  if (*db == nullptr) {
    return Fail(
        absl::NotFoundError(StrCat("there is no process '", which.id,
                                   "': ", *directory, " is no store yet")));
  }
  one->db = *std::move(db);
  const absl::StatusOr<ProcessNumber> number = FindProcess(*one->db, which.id);
  if (!number.ok()) return Fail(number.status());
  one->number = *number;
  return kExitOk;
}

}  // namespace wasmd

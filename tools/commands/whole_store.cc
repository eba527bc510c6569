#include "tools/commands/whole_store.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/str_cat.h"
#include "tools/commands/flags.h"
#include "tools/commands/store_access.h"

namespace wasmd {

int ParseWholeStore(const Command& command,
                    std::span<const std::string> arguments, WholeStore* whole) {
  std::string store;
  Flags flags;
  flags.Add("--store", &store);
  whole->key.AddTo(&flags);
  flags.Add("--json", &whole->json_wanted);
  std::vector<std::string> operands;
  if (absl::Status parsed = flags.Parse(arguments, &operands); !parsed.ok()) {
    return UsageError(command, ToStd(parsed.message()));
  }
  if (!operands.empty()) return UsageError(command, "takes no arguments");
  absl::StatusOr<std::string> directory = StoreDirectory(store);
  if (!directory.ok()) return Fail(directory.status());
  whole->directory = *std::move(directory);
  return kExitOk;
}

}  // namespace wasmd

#include "tools/commands/event_number.h"

#include <optional>

#include "absl/status/status.h"
#include "base/str_cat.h"
#include "base/whole_number.h"

namespace wasmd {

absl::StatusOr<uint64_t> ParseEventNumber(std::string_view what,
                                          std::string_view text) {
  if (const std::optional<uint64_t> number = ParseWholeNumber(text)) {
    return *number;
  }
  return absl::InvalidArgumentError(StrCat(
      what, " is the number of an event of `wasmd history`, not '", text, "'"));
}

}  // namespace wasmd

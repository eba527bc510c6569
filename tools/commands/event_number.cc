#include "tools/commands/event_number.h"

#include <charconv>
#include <system_error>

#include "absl/status/status.h"
#include "base/str_cat.h"

namespace wasmd {

absl::StatusOr<uint64_t> ParseEventNumber(std::string_view what,
                                          std::string_view text) {
  uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && rest == end) return number;
  return absl::InvalidArgumentError(StrCat(
      what, " is the number of an event of `wasmd history`, not '", text, "'"));
}

}  // namespace wasmd

#include "runtime/kill_points.h"

#include <signal.h>
#include <unistd.h>

#include <charconv>

#include "absl/status/status.h"
#include "base/str_cat.h"

namespace wasmd {

absl::StatusOr<KillPoints> KillPoints::Parse(std::string_view text) {
  KillPoints points;
  if (text.empty()) return points;
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  std::string names;
  for (size_t i = 0; i < kKillPointNames.size(); ++i) {
    StrAppend(&names, names.empty() ? "" : ", ", kKillPointNames[i]);
    if (kKillPointNames[i] != name || colon == std::string_view::npos) continue;
    const char* end = text.data() + text.size();
    const auto [rest, error] =
        std::from_chars(text.data() + colon + 1, end, points.remaining_);
    if (error != std::errc() || rest != end || points.remaining_ == 0) break;
    points.point_ = static_cast<KillPoint>(i);
    return points;
  }
  return absl::InvalidArgumentError(
      StrCat("kill point '", text, "' is not NAME:N with N from 1 and one of ",
             names));
}

void KillPoints::Kill() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

}  // namespace wasmd

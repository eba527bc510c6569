#include "spec-tests/expectations.h"

#include <charconv>

#include "absl/status/status.h"
#include "base/str_cat.h"

namespace wasmd::spec {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// Adds what a line says; false if it says nothing that can be understood.
bool ParseLine(std::string_view line, Expectations* expectations) {
  const size_t hash = line.find('#');
  const std::string_view place = Trim(line.substr(0, hash));
  const std::string_view reason =
      hash == std::string_view::npos ? "" : Trim(line.substr(hash + 1));
  if (place.empty()) return true;
  const size_t colon = place.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || reason.empty()) {
    return false;
  }
  uint32_t number = kEveryLine;
  if (place.substr(colon + 1) != "*") {
    const char* end = place.data() + place.size();
    const auto result = std::from_chars(place.data() + colon + 1, end, number);
    if (result.ec != std::errc() || result.ptr != end) return false;
  }
  return expectations
      ->emplace(CommandPlace(place.substr(0, colon), number), reason)
      .second;
}

}  // namespace

absl::StatusOr<Expectations> ParseExpectations(std::string_view text) {
  Expectations expectations;
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t end = text.find('\n');
    if (!ParseLine(text.substr(0, end), &expectations)) {
      return absl::InvalidArgumentError(
          StrCat("line ", line,
                 ": want a new place and a reason: ", "\"FILE:LINE  # why\""));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return expectations;
}

}  // namespace wasmd::spec

#include "base/whole_number.h"

#include <charconv>
#include <cstddef>
#include <system_error>

namespace wasmd {

std::optional<uint64_t> TakeWholeNumber(std::string_view* text) {
  uint64_t number = 0;
  const auto [rest, error] =
      std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc()) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(rest - text->data()));
  return number;
}

std::optional<uint64_t> ParseWholeNumber(std::string_view text) {
  const std::optional<uint64_t> number = TakeWholeNumber(&text);
  return text.empty() ? number : std::nullopt;
}

}  // namespace wasmd

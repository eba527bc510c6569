#include "spec-tests/name_filter.h"

#include <array>

#include "absl/status/status.h"
#include "base/str_cat.h"

namespace wasmd::spec {

absl::StatusOr<NameFilter> NameFilter::Create(const std::string& expression) {
  auto regex = std::make_unique<regex_t>();
  const int error =
      regcomp(regex.get(), expression.c_str(), REG_EXTENDED | REG_NOSUB);
  if (error != 0) {
    std::array<char, 200> message{};
    regerror(error, regex.get(), message.data(), message.size());
    return absl::InvalidArgumentError(
        StrCat("regular expression ", expression, ": ", message.data()));
  }
  NameFilter filter;
  filter.regex_.reset(regex.release());
  return filter;
}

bool NameFilter::Matches(const std::string& name) const {
  return regexec(regex_.get(), name.c_str(), 0, nullptr, 0) == 0;
}

void NameFilter::Free::operator()(regex_t* regex) const {
  regfree(regex);
  delete regex;
}

}  // namespace wasmd::spec

#include "tools/commands/flags.h"

#include <optional>

#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd {

void Flags::Add(std::string_view name, bool* value) {
  targets_.emplace(name, value);
}
void Flags::Add(std::string_view name, std::string* value) {
  targets_.emplace(name, value);
}
void Flags::Add(std::string_view name, std::vector<std::string>* values) {
  targets_.emplace(name, values);
}

absl::Status Flags::ParseOption(std::span<const std::string> arguments,
                                size_t* at) {
  const std::string_view argument = arguments[*at];
  const size_t equals = argument.find('=');
  const std::string_view name = argument.substr(0, equals);
  const auto found = targets_.find(name);
  if (found == targets_.end()) {
    return absl::InvalidArgumentError(StrCat("unknown option ", name));
  }
  std::optional<std::string_view> value;
  if (equals != std::string_view::npos) value = argument.substr(equals + 1);
  if (bool* const* flag = std::get_if<bool*>(&found->second)) {
    if (value.has_value()) {
      return absl::InvalidArgumentError(
          StrCat("option ", name, " takes no value"));
    }
    **flag = true;
    return absl::OkStatus();
  }
  if (!value.has_value()) {
    if (*at + 1 >= arguments.size()) {
      return absl::InvalidArgumentError(
          StrCat("option ", name, " needs a value"));
    }
    value = arguments[++*at];
  }
  if (std::string* const* text = std::get_if<std::string*>(&found->second)) {
    **text = *value;
  } else {
    std::get<std::vector<std::string>*>(found->second)->emplace_back(*value);
  }
  return absl::OkStatus();
}

absl::Status Flags::Parse(std::span<const std::string> arguments,
                          std::vector<std::string>* operands) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const bool options_over = !after_operands_ && !operands->empty();
    if (argument == "--" && !options_over) {
      operands->insert(operands->end(), arguments.begin() + i + 1,
                       arguments.end());
      break;
    }
    if (options_over || argument.size() < 2 || argument[0] != '-') {
      operands->push_back(argument);
      continue;
    }
    RETURN_IF_ERROR(ParseOption(arguments, &i));
  }
  return absl::OkStatus();
}

}  // namespace wasmd

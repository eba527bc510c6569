// Flags: the options of one subcommand. Options come before the first operand
// (so that a guest's own arguments are never taken for ours), as "--name VALUE"
// or "--name=VALUE"; "--" ends them.
//
//   Flags flags;
//   flags.Add("--store", &store);
//   flags.Add("--json", &json);
//   RETURN_IF_ERROR(flags.Parse(arguments, &operands));

#ifndef WASMD_TOOLS_COMMANDS_FLAGS_H_
#define WASMD_TOOLS_COMMANDS_FLAGS_H_

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"

namespace wasmd {

class Flags {
 public:
  // Where values go; outlives Parse. A bool takes no value, a string keeps the
  // last one given, a vector all of them.
  void Add(std::string_view name, bool* value);
  void Add(std::string_view name, std::string* value);
  void Add(std::string_view name, std::vector<std::string>* values);

  // Also takes options after operands (for commands whose operands are ours).
  void AllowAfterOperands() { after_operands_ = true; }

  // InvalidArgument, one line, for an unknown option or a missing value.
  absl::Status Parse(std::span<const std::string> arguments,
                     std::vector<std::string>* operands);

 private:
  using Target = std::variant<bool*, std::string*, std::vector<std::string>*>;
  absl::Status ParseOption(std::span<const std::string> arguments, size_t* at);

  std::map<std::string, Target, std::less<>> targets_;
  bool after_operands_ = false;
};

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_FLAGS_H_

#include "spec-tests/static_runner.h"

#include <string>
#include <utility>

#include "base/str_cat.h"
#include "wasm/decoder.h"
#include "wasm/validator.h"

namespace wasmd::spec {
namespace {

using Kind = WastCommand::Kind;
using Stage = StaticVerdict::Stage;

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

CommandResult Fail(const WastCommand& command, std::string detail) {
  return {command.line, command.kind, Outcome::kFail, std::move(detail)};
}

CommandResult RunModule(const WastCommand& command) {
  CommandResult result{command.line, command.kind, Outcome::kPass, ""};
  const absl::StatusOr<StaticVerdict> verdict = Examine(*command.module);
  if (!verdict.ok()) return Fail(command, Text(verdict.status()));
  switch (verdict->stage) {
    case Stage::kValid:
      return result;
    case Stage::kMalformed:
      return Fail(command, StrCat("malformed: ", Text(verdict->error)));
    case Stage::kInvalid:
      return Fail(command, StrCat("invalid: ", Text(verdict->error)));
  }
}

}  // namespace

absl::StatusOr<StaticVerdict> Examine(const WastModule& module) {
  absl::StatusOr<std::vector<uint8_t>> binary = module.Binary();
  if (absl::IsInvalidArgument(binary.status())) {
    return StaticVerdict{Stage::kMalformed, binary.status(), nullptr};
  }
  if (!binary.ok()) return binary.status();
  absl::StatusOr<std::shared_ptr<const Module>> decoded =
      Decode(*std::move(binary));
  if (absl::IsInvalidArgument(decoded.status())) {
    return StaticVerdict{Stage::kMalformed, decoded.status(), nullptr};
  }
  if (!decoded.ok()) return decoded.status();
  const absl::Status valid = Validate(**decoded);
  if (absl::IsInvalidArgument(valid)) {
    const bool is_malformed = ToStd(valid.message()).starts_with("malformed: ");
    return StaticVerdict{is_malformed ? Stage::kMalformed : Stage::kInvalid,
                         valid, nullptr};
  }
  if (!valid.ok()) return valid;
  return StaticVerdict{Stage::kValid, absl::OkStatus(), *std::move(decoded)};
}

CommandResult RunStaticAssertion(const WastCommand& command) {
  CommandResult result{command.line, command.kind, Outcome::kPass, ""};
  Stage wanted = Stage::kMalformed;
  switch (command.kind) {
    case Kind::kAssertMalformed:
    case Kind::kAssertMalformedCustom:
      break;
    case Kind::kAssertInvalid:
    case Kind::kAssertInvalidCustom:
      wanted = Stage::kInvalid;
      break;
    default:
      result.outcome = Outcome::kSkip;
      return result;
  }
  const absl::StatusOr<StaticVerdict> verdict = Examine(*command.module);
  if (!verdict.ok()) return Fail(command, Text(verdict.status()));
  if (verdict->stage == wanted) return result;
  if (verdict->stage == Stage::kValid) {
    return Fail(command,
                StrCat("the module is valid; want: ", command.message));
  }
  return Fail(command,
              StrCat(wanted == Stage::kInvalid ? "malformed, not invalid: "
                                               : "invalid, not malformed: ",
                     Text(verdict->error), "; want: ", command.message));
}

std::vector<CommandResult> RunStatically(
    const std::vector<WastCommand>& commands) {
  std::vector<CommandResult> results;
  for (const WastCommand& command : commands) {
    const CommandResult result = RunStaticAssertion(command);
    const bool has_valid_module =
        result.outcome == Outcome::kSkip && command.module.has_value();
    results.push_back(has_valid_module ? RunModule(command) : result);
  }
  return results;
}

}  // namespace wasmd::spec

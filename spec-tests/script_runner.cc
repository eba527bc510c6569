#include "spec-tests/script_runner.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/translated_module.h"
#include "interp/trap.h"
#include "interp/value.h"
#include "spec-tests/static_runner.h"
#include "spec-tests/value_matcher.h"

namespace wasmd::spec {
namespace {

using Kind = WastCommand::Kind;

absl::Status Failure(const std::string& message) {
  return absl::FailedPreconditionError(message);
}

// Messages of assertions are the beginning of what an implementation says; some
// say more than ours ("uninitialized element 2").
bool IsMessageOf(std::string_view ours, std::string_view wanted) {
  return ours.starts_with(wanted) || wanted.starts_with(ours);
}

std::string Describe(const CallOutcome& outcome) {
  switch (outcome.result) {
    case RunResult::kTrapped:
      return StrCat("trap: ", ToString(outcome.trap));
    case RunResult::kThrew:
      return "an exception";
    default:
      break;
  }
  std::string out = "returned";
  for (const Value& value : outcome.results) {
    StrAppend(&out, " ", wasmd::ToString(value));
  }
  return out;
}

class ScriptRunner {
 public:
  explicit ScriptRunner(std::unique_ptr<Machine> machine)
      : machine_(std::move(machine)) {}

  const SuspensionCount& suspensions() const { return machine_->suspensions(); }

  // OK if the command did what it should.
  absl::Status Run(const WastCommand& command) {
    switch (command.kind) {
      case Kind::kModule:
        return RunModule(command);
      case Kind::kInstance:
        return RunInstance(command);
      case Kind::kRegister:
        return RunRegister(command);
      case Kind::kAction:
      case Kind::kAssertReturn:
      case Kind::kAssertException:
      case Kind::kAssertExhaustion:
        return RunAction(command);
      case Kind::kAssertTrap:
        return command.action.has_value() ? RunAction(command)
                                          : RunTrappingModule(command);
      case Kind::kAssertUnlinkable:
        return RunUnlinkable(command);
      default:
        return absl::InternalError("not a command to execute");
    }
  }

 private:
  static absl::StatusOr<std::shared_ptr<TranslatedModule>> Translate(
      const WastModule& module) {
    ASSIGN_OR_RETURN(const StaticVerdict verdict, Examine(module));
    if (verdict.stage != StaticVerdict::Stage::kValid) return verdict.error;
    return TranslatedModule::Create(verdict.module);
  }

  absl::Status RunModule(const WastCommand& command) {
    const WastModule& module = *command.module;
    ASSIGN_OR_RETURN(std::shared_ptr<TranslatedModule> code, Translate(module));
    latest_definition_ = code;
    if (module.id.has_value()) definitions_[*module.id] = code;
    if (module.is_definition) return absl::OkStatus();
    return Instantiate(std::move(code), module.id);
  }

  absl::Status RunInstance(const WastCommand& command) {
    std::shared_ptr<TranslatedModule> code = latest_definition_;
    if (command.definition_id.has_value()) {
      const auto found = definitions_.find(*command.definition_id);
      code = found == definitions_.end() ? nullptr : found->second;
    }
    if (code == nullptr) return Failure("no such definition");
    return Instantiate(std::move(code), command.instance_id);
  }

  // Only an instance that came up becomes the current one.
  absl::Status Instantiate(std::shared_ptr<TranslatedModule> code,
                           const std::optional<std::string>& id) {
    ASSIGN_OR_RETURN(const InstanceOutcome outcome,
                     machine_->Instantiate(std::move(code)));
    if (outcome.failure.has_value()) {
      return Failure(
          StrCat("instantiation failed: ", Describe(*outcome.failure)));
    }
    current_ = outcome.instance;
    if (id.has_value()) instances_[*id] = outcome.instance;
    return absl::OkStatus();
  }

  absl::StatusOr<InstanceAddr> FindInstance(
      const std::optional<std::string>& id) const {
    if (!id.has_value()) {
      if (!current_.has_value()) return Failure("no instance yet");
      return *current_;
    }
    const auto found = instances_.find(*id);
    if (found == instances_.end()) {
      return Failure(StrCat("no instance called $", *id));
    }
    return found->second;
  }

  absl::Status RunRegister(const WastCommand& command) {
    ASSIGN_OR_RETURN(const InstanceAddr instance,
                     FindInstance(command.instance_id));
    machine_->Register(command.name, instance);
    return absl::OkStatus();
  }

  absl::StatusOr<CallOutcome> Perform(const WastAction& action) {
    ASSIGN_OR_RETURN(const InstanceAddr instance,
                     FindInstance(action.instance_id));
    if (action.kind == WastAction::Kind::kGet) {
      ASSIGN_OR_RETURN(const ExternValue global,
                       machine_->FindExport(instance, action.export_name,
                                            ExternKind::kGlobal));
      return CallOutcome{
          RunResult::kReturned, {machine_->GlobalValue(global.address)}, {}};
    }
    ASSIGN_OR_RETURN(const ExternValue function,
                     machine_->FindExport(instance, action.export_name,
                                          ExternKind::kFunction));
    std::vector<Value> arguments;
    for (const WastValue& argument : action.arguments) {
      arguments.push_back(ToValue(argument));
    }
    return machine_->Call(function.address, arguments);
  }

  absl::Status RunAction(const WastCommand& command) {
    ASSIGN_OR_RETURN(const CallOutcome outcome, Perform(*command.action));
    switch (command.kind) {
      case Kind::kAssertReturn:
        return CheckResults(command.results, outcome);
      case Kind::kAssertTrap:
        return CheckTrap(outcome, command.message);
      case Kind::kAssertExhaustion:
        if (outcome.result == RunResult::kTrapped &&
            outcome.trap.kind == TrapKind::kCallStackExhausted) {
          return absl::OkStatus();
        }
        break;
      case Kind::kAssertException:
        if (outcome.result == RunResult::kThrew) return absl::OkStatus();
        break;
      default:
        if (outcome.result == RunResult::kReturned) return absl::OkStatus();
    }
    return Failure(Describe(outcome));
  }

  absl::Status CheckResults(const std::vector<WastPattern>& wanted,
                            const CallOutcome& outcome) {
    bool matches = outcome.result == RunResult::kReturned &&
                   outcome.results.size() == wanted.size();
    for (size_t i = 0; matches && i < wanted.size(); ++i) {
      matches = Matches(machine_->store(), wanted[i], outcome.results[i]);
    }
    if (matches) return absl::OkStatus();
    std::string message = StrCat(Describe(outcome), "; want");
    for (const WastPattern& pattern : wanted) {
      StrAppend(&message, " ", ToString(pattern));
    }
    return Failure(message);
  }

  static absl::Status CheckTrap(const CallOutcome& outcome,
                                std::string_view message) {
    // A stack overflow is no trap to the suite, but something of its own.
    if (outcome.result == RunResult::kTrapped &&
        outcome.trap.kind != TrapKind::kCallStackExhausted &&
        IsMessageOf(ToString(outcome.trap), message)) {
      return absl::OkStatus();
    }
    return Failure(StrCat(Describe(outcome), "; want trap: ", message));
  }

  absl::Status RunTrappingModule(const WastCommand& command) {
    ASSIGN_OR_RETURN(std::shared_ptr<TranslatedModule> code,
                     Translate(*command.module));
    ASSIGN_OR_RETURN(const InstanceOutcome outcome,
                     machine_->Instantiate(std::move(code)));
    if (!outcome.failure.has_value()) {
      return Failure(StrCat("instantiated; want trap: ", command.message));
    }
    // An exception that leaves the start function counts too.
    if (outcome.failure->result == RunResult::kThrew) return absl::OkStatus();
    return CheckTrap(*outcome.failure, command.message);
  }

  absl::Status RunUnlinkable(const WastCommand& command) {
    ASSIGN_OR_RETURN(std::shared_ptr<TranslatedModule> code,
                     Translate(*command.module));
    const absl::Status status = machine_->Instantiate(std::move(code)).status();
    if (absl::IsFailedPrecondition(status) &&
        IsMessageOf(ToStd(status.message()), command.message)) {
      return absl::OkStatus();
    }
    return Failure(
        StrCat(status.ok() ? "instantiated" : ToStd(status.message()),
               "; want: ", command.message));
  }

  std::unique_ptr<Machine> machine_;
  std::shared_ptr<TranslatedModule> latest_definition_;
  std::map<std::string, std::shared_ptr<TranslatedModule>> definitions_;
  std::map<std::string, InstanceAddr> instances_;
  std::optional<InstanceAddr> current_;
};

}  // namespace

FileResult RunScript(const std::string& name,
                     const std::vector<WastCommand>& commands,
                     const MachineOptions& options) {
  FileResult results{name, {}};
  absl::StatusOr<std::unique_ptr<Machine>> machine = Machine::Create(options);
  if (!machine.ok()) {
    results.commands.push_back({0, Kind::kModule, Outcome::kFail,
                                std::string(machine.status().message())});
    return results;
  }
  ScriptRunner runner(*std::move(machine));
  for (const WastCommand& command : commands) {
    CommandResult result = RunStaticAssertion(command);
    if (result.outcome == Outcome::kSkip) {
      const absl::Status status = runner.Run(command);
      result.outcome = status.ok() ? Outcome::kPass : Outcome::kFail;
      result.detail = std::string(status.message());
    }
    results.commands.push_back(std::move(result));
  }
  results.suspensions = runner.suspensions();
  return results;
}

}  // namespace wasmd::spec

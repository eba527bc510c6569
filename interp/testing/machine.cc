#include "interp/testing/machine.h"

#include <utility>

#include "base/check.h"
#include "base/str_cat.h"
#include "interp/instantiate.h"
#include "interp/module_instance.h"
#include "interp/translated_module.h"
#include "wasm/decoder.h"
#include "wasm/text/wat_parser.h"
#include "wasm/validator.h"

namespace wasmd::testing {
namespace {

template <typename T>
T Value(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
  }
  CHECK(value.ok());
  return *std::move(value);
}

}  // namespace

class Machine::LambdaHost : public HostFunction {
 public:
  explicit LambdaHost(Host host) : host_(std::move(host)) {}
  HostResult Call(HostCall& call) override { return host_(call); }

 private:
  Host host_;
};

Machine::Machine(const Backend& backend, const StoreLimits& store_limits,
                 const ThreadLimits& thread_limits)
    : backend_(backend),
      thread_limits_(thread_limits),
      store_(std::make_unique<Store>(store_limits)),
      thread_(std::make_unique<Thread>(*store_, thread_limits)) {}

void Machine::AddHost(std::string_view module, std::string_view name,
                      const FunctionType& type, Host host) {
  const FuncAddr address = store_->AddHostFunction(
      type, std::make_unique<LambdaHost>(std::move(host)),
      {std::string(module), std::string(name)});
  externs_[{std::string(module), std::string(name)}] = {ExternKind::kFunction,
                                                        address};
}

ModuleInstance& Machine::Add(std::string_view name, std::string_view text) {
  std::shared_ptr<const Module> module = Value(Decode(Value(ParseWat(text))));
  const absl::Status valid = Validate(*module);
  if (!valid.ok()) std::fprintf(stderr, "%s\n", valid.ToString().c_str());
  CHECK(valid.ok());
  const InstantiateOutcome outcome = Value(Instantiate(
      *store_, TranslatedModule::Create(std::move(module), &backend_),
      [this](const Import& import) -> std::optional<ExternValue> {
        const auto found = externs_.find({import.module, import.name});
        if (found == externs_.end()) return std::nullopt;
        return found->second;
      }));
  trap_ = outcome.trap.has_value() ? ToString(*outcome.trap) : "";
  for (const Export& entry : outcome.instance->module->exports) {
    externs_[{std::string(name), entry.name}] =
        *outcome.instance->FindExport(entry.name);
  }
  if (outcome.start.has_value() && trap_.empty()) {
    Thread thread(*store_, thread_limits_);
    CHECK(thread.Start(*outcome.start, {}).ok());
    if (thread.Run() == RunResult::kTrapped) trap_ = ToString(thread.trap());
  }
  return *outcome.instance;
}

FuncAddr Machine::Function(std::string_view module, std::string_view name) {
  const auto found = externs_.find({std::string(module), std::string(name)});
  CHECK(found != externs_.end());
  CHECK(found->second.kind == ExternKind::kFunction);
  return found->second.address;
}

std::string Machine::Call(std::string_view module, std::string_view name,
                          const std::vector<wasmd::Value>& arguments) {
  const uint64_t fuel_before = thread_->fuel_used();
  const absl::Status started =
      thread_->Start(Function(module, name), arguments);
  if (!started.ok()) return started.ToString();
  const RunResult result = thread_->Run();
  fuel_used_ = thread_->fuel_used() - fuel_before;
  std::string text = Describe(*thread_, result);
  if (thread_->state() != ThreadState::kFinished) {
    thread_ = std::make_unique<Thread>(*store_, thread_limits_);
  }
  return text;
}

std::string Machine::Describe(const Thread& thread, RunResult result) {
  switch (result) {
    case RunResult::kReturned: {
      std::string text;
      for (const wasmd::Value& value : thread.results()) {
        StrAppend(&text, text.empty() ? "" : " ", ToString(value));
      }
      return text;
    }
    case RunResult::kTrapped:
      return StrCat("trap: ", ToString(thread.trap()));
    case RunResult::kThrew:
      return "exception";
    case RunResult::kHostCall:
      return "host call";
    case RunResult::kInterrupted:
      return "interrupted";
    case RunResult::kFuelExhausted:
      return "out of fuel";
  }
  return "";
}

}  // namespace wasmd::testing

#include "wasi/testing/program.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/host_function.h"
#include "interp/instantiate.h"
#include "interp/translated_module.h"
#include "interp/trap.h"
#include "wasm/decoder.h"
#include "wasm/validator.h"

namespace wasmd::wasi {
namespace {

// Leaves every call to the loop around the thread, as a runtime does.
class SuspendingFunction : public HostFunction {
 public:
  HostResult Call(HostCall& call) override { return HostResult::kSuspend; }
};

}  // namespace

absl::StatusOr<Program::Result> Program::Run(std::vector<uint8_t> binary,
                                             const Options& options,
                                             PathResolver::Method method,
                                             Crashes crashes) {
  Program program(method, crashes);
  ASSIGN_OR_RETURN(
      program.context_,
      ContextImpl::CreateImpl(options, &program.environment_, method));
  RETURN_IF_ERROR(program.Instantiate(std::move(binary)));
  RETURN_IF_ERROR(program.RunToEnd());
  program.result_.output = program.environment_.output;
  return program.result_;
}

absl::Status Program::Instantiate(std::vector<uint8_t> binary) {
  ASSIGN_OR_RETURN(std::shared_ptr<const Module> module,
                   Decode(std::move(binary)));
  RETURN_IF_ERROR(Validate(*module));
  const ImportResolver resolve =
      [this](const Import& import) -> std::optional<ExternValue> {
    const std::optional<uint32_t> function = Context::FindFunction(import.name);
    if (import.module != kModuleName || !function.has_value()) {
      return std::nullopt;
    }
    const FuncAddr address = store_.AddHostFunction(
        Context::TypeOf(*function), std::make_unique<SuspendingFunction>(),
        {import.module, import.name});
    return ExternValue{ExternKind::kFunction, address};
  };
  ASSIGN_OR_RETURN(
      const InstantiateOutcome outcome,
      wasmd::Instantiate(store_, TranslatedModule::Create(std::move(module)),
                         resolve));
  instance_ = outcome.instance;
  const std::optional<ExternValue> memory = instance_->FindExport("memory");
  const std::optional<ExternValue> start = instance_->FindExport("_start");
  if (outcome.trap.has_value() || outcome.start.has_value() ||
      !memory.has_value() || !start.has_value()) {
    return absl::InvalidArgumentError("not a WASI command");
  }
  memory_ = &store_.memory(memory->address);
  thread_ = std::make_unique<Thread>(store_);
  return thread_->Start(start->address, {});
}

absl::Status Program::RunToEnd() {
  while (true) {
    switch (thread_->Run()) {
      case RunResult::kReturned:
        return absl::OkStatus();
      case RunResult::kTrapped:
        result_.trap = ToString(thread_->trap());
        return absl::OkStatus();
      case RunResult::kHostCall:
        break;
      default:
        return absl::InternalError("the program stopped without being asked");
    }
    const Outcome outcome = MakePendingCall();
    if (outcome.kind == Outcome::Kind::kExit) {
      result_.exit_code = outcome.exit_code;
      return absl::OkStatus();
    }
    CHECK(outcome.kind == Outcome::Kind::kReturn);
    const Slot slot = outcome.errno_value;
    thread_->CompleteHostCall(std::span<const Slot>(&slot, 1));
  }
}

Outcome Program::MakePendingCall() {
  ++result_.calls;
  const PendingCall call = thread_->pending_call();
  const uint32_t function =
      *Context::FindFunction(store_.host_info(call.function).name);
  std::vector<Slot> arguments;
  for (const Value& value : call.arguments) arguments.push_back(value.low);
  Outcome outcome = crashes_ == Crashes::kNever
                        ? context_->Call(function, arguments, *memory_, false)
                        : CallWithCrash(function, arguments);
  while (outcome.kind == Outcome::Kind::kWait) {
    // Standard input never has anything: a clock ends it.
    CHECK(outcome.wait.deadline_ns.has_value());
    const int64_t left_ns =
        *outcome.wait.deadline_ns - environment_.RealtimeNow();
    std::this_thread::sleep_for(
        std::chrono::nanoseconds(std::max<int64_t>(left_ns, 0)));
    if (crashes_ == Crashes::kAlways) Load(context_->Save());
    outcome = context_->Call(function, arguments, *memory_, false);
  }
  return outcome;
}

Outcome Program::CallWithCrash(uint32_t function,
                               const std::vector<Slot>& arguments) {
  if (context_->DurabilityOf(function, arguments) != Durability::kEffect) {
    Load(context_->Save());
    return context_->Call(function, arguments, *memory_, false);
  }
  context_->Prepare(function, arguments, *memory_);
  const std::string saved = context_->Save();
  const absl::StatusOr<MutableByteSpan> bytes =
      memory_->MutableBytes(0, memory_->size_bytes());
  CHECK(bytes.ok());
  const std::vector<uint8_t> before(bytes->begin(), bytes->end());
  const Outcome first = context_->Call(function, arguments, *memory_, false);
  const std::vector<uint8_t> after(bytes->begin(), bytes->end());
  std::copy(before.begin(), before.end(), bytes->begin());
  Load(saved);
  const Outcome second = context_->Call(function, arguments, *memory_, true);
  // The repeat answers what the first time answered.
  if (second.errno_value != first.errno_value ||
      !std::equal(after.begin(), after.end(), bytes->begin())) {
    result_.warnings.push_back(StrCat(Context::NameOf(function), " answered ",
                                      first.errno_value, " and in doubt ",
                                      second.errno_value));
  }
  return second;
}

void Program::Load(const std::string& saved) {
  auto context = ContextImpl::LoadImpl(AsBytes(saved), &environment_, method_,
                                       &result_.warnings);
  CHECK(context.ok());
  context_ = std::move(*context);
}

}  // namespace wasmd::wasi

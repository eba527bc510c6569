#include "interp/thread.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/str_cat.h"
#include "interp/code/frame_layout.h"
#include "interp/exec/backend.h"
#include "interp/exec/host_call.h"
#include "interp/thread_impl.h"

namespace wasmd {

Thread::Impl::Impl(Store& store_in, const ThreadLimits& limits_in,
                   Thread* thread)
    : store(store_in), limits(limits_in), stack(limits_in.stack_bytes) {
  context.store = &store;
  context.heap = &store.heap();
  context.thread = thread;
  context.stack_end = stack.slots_end();
  context.stack_limit = stack.slots_end() - kFrameRedZone;
  store.heap().AddRootSource(this);
}

Thread::Impl::~Impl() { store.heap().RemoveRootSource(this); }

bool Thread::Impl::AtExit() const {
  const bool is_in_code =
      context.pc != context.exit_code && context.pc != context.restore_code;
  return !is_in_code && !FrameWalker(context).Next();
}

void Thread::Impl::Reset(const FunctionInstance& function) {
  EnterInstance(context, function.instance);
  context.fp = stack.slots();
  context.csp = stack.records();
  context.pc = context.exit_code;
  context.pc_after_call = false;
  calls_host_entry = false;
  if (function.instance == nullptr) return;
  const HandlerSet& handlers = *function.instance->code->backend().handlers;
  const auto put = [](Handler handler, CodeUnit* code) {
    std::memcpy(code, &handler, sizeof(handler));
  };
  put(handlers.of(SimpleOp::kExit), context.exit_code);
  put(handlers.of(SimpleOp::kRestoreInstance), context.restore_code);
  PushRecord(context.exit_code, stack.slots());
}

const FunctionType& Thread::Impl::TypeOf(FuncAddr function) const {
  const FunctionInstance& record = store.function(function);
  if (record.instance == nullptr)
    return store.types().Get(record.type).function;
  return record.instance->module->TypeOfFunction(record.function_index);
}

bool Thread::Impl::Accepts(const ModuleInstance* instance, ValueType type,
                           const Value& value) const {
  if (!type.is_vector() && value.high != 0) return false;
  if (!type.is_ref()) {
    const bool narrow = type == kI32Type || type == kF32Type;
    return value.type == type && (!narrow || value.low >> 32 == 0);
  }
  if (!value.type.is_ref()) return false;
  if (instance != nullptr) type = Substitute(type, instance->types);
  return store.IsValueOf(value.low, type);
}

std::vector<Value> Thread::Impl::ReadValues(const std::vector<ValueType>& types,
                                            const Slot* from) const {
  std::vector<Value> values;
  values.reserve(types.size());
  for (const ValueType type : types) {
    values.push_back({type, from[0], type.is_vector() ? from[1] : 0});
    from += type.slot_count();
  }
  return values;
}

Slot* Thread::Impl::WriteValues(std::span<const Value> values, Slot* to) {
  for (const Value& value : values) {
    *to++ = value.low;
    if (value.type.is_vector()) *to++ = value.high;
  }
  return to;
}

RunResult Thread::Impl::Finish(RunResult result) {
  state = ThreadState::kFinished;
  outcome.results.clear();
  has_read_results = false;
  // With the results where they are.
  if (result == outcome.result && result == RunResult::kReturned) return result;
  return FinishOtherwise(result);
}

[[gnu::noinline]] RunResult Thread::Impl::FinishOtherwise(RunResult result) {
  outcome = ThreadOutcome();
  outcome.result = result;
  if (result == RunResult::kTrapped) {
    outcome.trap = std::exchange(context.trap, {});
  } else if (result == RunResult::kThrew) {
    outcome.exception = context.exception;
  }
  return result;
}

// A machine that stopped in a loop that holds locals in registers has them in
// their slots again, and stands where it does in code without registers.
void Thread::Impl::LeaveHeldLoop() {
  FunctionCode* code = context.instance->code->Find(context.pc);
  if (code == nullptr || !code->translated()) return;
  const Translation& translation = *code->translation;
  const auto position =
      static_cast<uint32_t>(context.pc - translation.code.get());
  const HeldLoop* loop = translation.HeldLoopAt(position);
  if (loop == nullptr) return;
  for (uint32_t i = 0; i < loop->written; ++i) {
    context.fp[loop->slots[i]] = context.held[i];
  }
  context.pc += static_cast<ptrdiff_t>(loop->origin) -
                static_cast<ptrdiff_t>(loop->begin);
}

void Thread::Impl::Translate() {
  FunctionCode& function = *FunctionCode::OfStub(context.pc);
  function.module->EnsureTranslated(function);
  context.pc = function.entry.load(std::memory_order_acquire);
}

RunResult Thread::Impl::RunHostEntry() {
  calls_host_entry = false;
  context.fuel = 0;
  context.slice = 0;
  switch (RunHostFunction(context, store.function(entry), stack.slots())) {
    case HostResult::kReturn:
      return Finish(RunResult::kReturned);
    case HostResult::kSuspend:
      state = ThreadState::kHostCall;
      return RunResult::kHostCall;
    case HostResult::kTrap:
      return Finish(RunResult::kTrapped);
    case HostResult::kThrow:
      return Finish(RunResult::kThrew);
  }
  CHECK(false);
}

void Thread::Impl::EnterRun() {
  context.functions = store.function_data();
  ++store.running_threads_;
  running = true;
}

void Thread::Impl::LeaveRun() {
  running = false;
  --store.running_threads_;
}

RunResult Thread::Impl::RunMachine(const RunOptions& options) {
  context.slice = std::min(options.fuel.value_or(kNoFuelLimit), kFuelSlice);
  context.budget =
      options.fuel.has_value() ? *options.fuel - context.slice : kNoFuelLimit;
  if (context.interrupt.load(std::memory_order_relaxed)) {
    // Not after a slice: at the first safepoint.
    context.budget += options.fuel.has_value() ? context.slice : 0;
    context.slice = 0;
  }
  context.fuel = context.slice;
  const Backend& backend = context.instance->code->backend();
  backend.run(context);
  for (;;) {
    if (context.exit == ExitReason::kTranslate) {
      Translate();
    } else if (context.exit != ExitReason::kThrew || !UnwindRunning()) {
      break;
    }
    backend.run(context);
  }
  // Modulo 2^64: a counter that ran out in a host call is at -1.
  context.fuel_used += context.slice - context.fuel;
  context.slice = 0;
  context.fuel = 0;
  switch (context.exit) {
    case ExitReason::kReturned:
      return Finish(RunResult::kReturned);
    case ExitReason::kTrapped:
      LeaveHeldLoop();
      return Finish(RunResult::kTrapped);
    case ExitReason::kThrew:
      return Finish(RunResult::kThrew);
    case ExitReason::kHostCall:
      state = ThreadState::kHostCall;
      return RunResult::kHostCall;
    case ExitReason::kInterrupted:
      LeaveHeldLoop();
      return RunResult::kInterrupted;
    case ExitReason::kFuelExhausted:
      LeaveHeldLoop();
      return RunResult::kFuelExhausted;
    case ExitReason::kTranslate:
      break;
  }
  CHECK(false);
}

// The answer of a host call is in its slots: as after any call, it is in the
// accumulators, too.
void Thread::Impl::CallCompleted() {
  context.r0 = context.pending_arguments[0];
  std::memcpy(&context.v0, context.pending_arguments, sizeof(context.v0));
  state = ThreadState::kRunnable;
}

Thread::Thread(Store& store, const ThreadLimits& limits)
    : impl_(std::make_unique<Impl>(store, limits, this)) {}

Thread::~Thread() = default;

ThreadState Thread::state() const { return impl_->state; }
Store& Thread::store() const { return impl_->store; }
const ThreadLimits& Thread::limits() const { return impl_->limits; }

absl::Status Thread::Start(FuncAddr function,
                           std::span<const Value> arguments) {
  CHECK(impl_->state == ThreadState::kIdle ||
        impl_->state == ThreadState::kFinished);
  if (function >= impl_->store.function_count()) {
    return absl::InvalidArgumentError(StrCat("no function ", function));
  }
  const FunctionInstance& record = impl_->store.function(function);
  const std::vector<ValueType>& params = impl_->TypeOf(function).params;
  if (arguments.size() != params.size()) {
    return absl::InvalidArgumentError(StrCat(
        "expected ", params.size(), " arguments, got ", arguments.size()));
  }
  for (size_t i = 0; i < params.size(); ++i) {
    if (!impl_->Accepts(record.instance, params[i], arguments[i])) {
      return absl::InvalidArgumentError(
          StrCat("argument ", i, " is not of type ", ToString(params[i])));
    }
  }
  impl_->Begin(function, record);
  Impl::WriteValues(arguments, impl_->stack.slots());
  return absl::OkStatus();
}

RunResult Thread::Call(FuncAddr function, std::span<const Slot> arguments) {
  Impl& impl = *impl_;
  CHECK(impl.state == ThreadState::kIdle ||
        impl.state == ThreadState::kFinished);
  impl.Begin(function, impl.store.function(function));
  Slot* to = impl.stack.slots();
  for (const Slot argument : arguments) *to++ = argument;
  impl.EnterRun();
  const RunResult result =
      impl.calls_host_entry ? impl.RunHostEntry() : impl.RunMachine({});
  impl.LeaveRun();
  return result;
}

void Thread::Impl::Begin(FuncAddr function, const FunctionInstance& record) {
  entry = function;
  Reset(record);
  if (record.host != nullptr) {
    calls_host_entry = true;
  } else {
    context.pc = record.code->entry.load(std::memory_order_acquire);
  }
  state = ThreadState::kRunnable;
}

RunResult Thread::Run(const RunOptions& options) {
  CHECK(impl_->state == ThreadState::kRunnable);
  impl_->EnterRun();
  const RunResult result = impl_->calls_host_entry ? impl_->RunHostEntry()
                           : impl_->AtExit()
                               ? impl_->Finish(RunResult::kReturned)
                               : impl_->RunMachine(options);
  impl_->LeaveRun();
  return result;
}

void Thread::RequestInterrupt() {
  impl_->context.interrupt.store(true, std::memory_order_relaxed);
}

const std::vector<Value>& Thread::results() const {
  CHECK(impl_->state == ThreadState::kFinished);
  ThreadOutcome& outcome = impl_->outcome;
  if (outcome.result == RunResult::kReturned && !impl_->has_read_results) {
    outcome.results =
        impl_->ReadValues(impl_->TypeOf(impl_->entry).results, result_slots());
    impl_->has_read_results = true;
  }
  return outcome.results;
}
const Slot* Thread::result_slots() const {
  CHECK(impl_->state == ThreadState::kFinished);
  return impl_->stack.slots();
}
const Trap& Thread::trap() const {
  CHECK(impl_->state == ThreadState::kFinished);
  return impl_->outcome.trap;
}
Slot Thread::exception() const {
  CHECK(impl_->state == ThreadState::kFinished);
  return impl_->outcome.exception;
}
RunResult Thread::outcome() const {
  CHECK(impl_->state == ThreadState::kFinished);
  return impl_->outcome.result;
}

PendingCall Thread::pending_call() const {
  CHECK(impl_->state == ThreadState::kHostCall);
  const Context& context = impl_->context;
  PendingCall call;
  call.function = context.pending_function;
  if (context.instance != nullptr) call.caller = context.instance->address;
  call.arguments = impl_->ReadValues(impl_->TypeOf(call.function).params,
                                     context.pending_arguments);
  return call;
}

void Thread::CompleteHostCall(std::span<const Slot> results) {
  CHECK(impl_->state == ThreadState::kHostCall);
  Context& context = impl_->context;
  CHECK(results.size() ==
        SlotCount(impl_->TypeOf(context.pending_function).results));
  std::copy(results.begin(), results.end(), context.pending_arguments);
  impl_->CallCompleted();
}

absl::Status Thread::CompleteHostCall(std::span<const Value> results) {
  CHECK(impl_->state == ThreadState::kHostCall);
  Context& context = impl_->context;
  const std::vector<ValueType>& types =
      impl_->TypeOf(context.pending_function).results;
  if (results.size() != types.size()) {
    return absl::InvalidArgumentError(
        StrCat("expected ", types.size(), " results, got ", results.size()));
  }
  for (size_t i = 0; i < types.size(); ++i) {
    if (!impl_->Accepts(nullptr, types[i], results[i])) {
      return absl::InvalidArgumentError(
          StrCat("result ", i, " is not of type ", ToString(types[i])));
    }
  }
  Impl::WriteValues(results, context.pending_arguments);
  impl_->CallCompleted();
  return absl::OkStatus();
}

void Thread::FailHostCall(Trap trap) {
  CHECK(impl_->state == ThreadState::kHostCall);
  impl_->context.trap = std::move(trap);
  impl_->context.pc_after_call = true;
  impl_->Finish(RunResult::kTrapped);
}

void Thread::ThrowFromHostCall(Slot exception) {
  CHECK(impl_->state == ThreadState::kHostCall);
  Context& context = impl_->context;
  context.exception = exception;
  context.pc_after_call = true;
  if (impl_->Unwind()) {
    // Passes the safepoint there, as it would have in Run.
    ++context.fuel_used;
    impl_->state = ThreadState::kRunnable;
  } else {
    impl_->Finish(RunResult::kThrew);
  }
}

FuncAddr Thread::entry_function() const { return impl_->entry; }

uint64_t Thread::fuel_used() const { return impl_->context.fuel_used; }
void Thread::set_fuel_used(uint64_t fuel) { impl_->context.fuel_used = fuel; }

}  // namespace wasmd

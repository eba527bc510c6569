#include "snapshot/thread_codec.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/frame.h"
#include "interp/trap.h"
#include "snapshot/restore_errors.h"
#include "snapshot/value_codec.h"

namespace wasmd {
namespace {

void WriteOutcome(const Thread& thread, snapshot::Outcome* out) {
  switch (thread.outcome()) {
    case RunResult::kReturned:
      out->set_results(EncodeValues(thread.results()));
      return;
    case RunResult::kTrapped: {
      const std::string_view name = Name(thread.trap().kind);
      out->mutable_trap()->set_name(name.data(), name.size());
      out->mutable_trap()->set_detail(thread.trap().detail);
      return;
    }
    case RunResult::kThrew:
      out->set_exception(thread.exception());
      return;
    case RunResult::kHostCall:
    case RunResult::kInterrupted:
    case RunResult::kFuelExhausted:
      CHECK(false);  // a finished thread has none of these
  }
}

// Types inside values of frames and calls are type indices of this instance's
// module.
uint32_t TypeCount(const ModuleInstance* instance) {
  return instance == nullptr
             ? 0
             : static_cast<uint32_t>(instance->module->types.size());
}

absl::StatusOr<Frame> ReadFrame(const snapshot::Frame& saved,
                                const Store& store) {
  if (saved.instance() >= store.instance_count()) {
    return Damage("there is no such instance");
  }
  const uint32_t type_count = TypeCount(&store.instance(saved.instance()));
  Frame frame;
  frame.instance = saved.instance();
  frame.function_index = saved.function_index();
  frame.code_offset = saved.code_offset();
  RETURN_IF_ERROR(DecodeValues(saved.locals(), type_count, &frame.locals));
  RETURN_IF_ERROR(DecodeValues(saved.operands(), type_count, &frame.operands));
  return frame;
}

absl::StatusOr<PendingCall> ReadPendingCall(const snapshot::PendingCall& saved,
                                            const Store& store) {
  PendingCall pending;
  pending.function = saved.function();
  const ModuleInstance* caller = nullptr;
  if (saved.has_caller()) {
    if (saved.caller() >= store.instance_count()) {
      return Damage("its caller does not exist");
    }
    pending.caller = saved.caller();
    caller = &store.instance(saved.caller());
  }
  RETURN_IF_ERROR(
      DecodeValues(saved.arguments(), TypeCount(caller), &pending.arguments));
  if (pending.function >= store.function_count()) {
    return Damage("there is no such function");
  }
  return pending;
}

absl::Status RestoreFrameless(const snapshot::Thread& saved, Thread& thread) {
  const snapshot::PendingCall& call = saved.pending_call();
  const bool is_answered = saved.has_outcome();
  if (saved.has_pending_call() == is_answered ||
      (is_answered
           ? !saved.outcome().has_results() || saved.outcome().has_trap() ||
                 saved.outcome().has_exception()
           : call.function() != saved.entry_function() || call.has_caller())) {
    return Damage("the thread's parts do not fit its status");
  }
  const FunctionInstance& entry =
      thread.store().function(saved.entry_function());
  FramelessState state;
  state.is_answered = is_answered;
  RETURN_IF_ERROR(
      DecodeValues(is_answered ? saved.outcome().results() : call.arguments(),
                   TypeCount(entry.instance), &state.values));
  return thread.RestoreFrameless(saved.entry_function(), state);
}

absl::Status RestoreWithFrames(const snapshot::Thread& saved, Thread& thread) {
  const Store& store = thread.store();
  std::vector<Frame> frames;
  for (const snapshot::Frame& saved_frame : saved.frames()) {
    auto frame = ReadFrame(saved_frame, store);
    RETURN_IF_ERROR(Annotate(StrCat("frame ", frames.size()), frame.status()));
    frames.push_back(*std::move(frame));
  }
  const bool in_host_call = saved.status() == snapshot::Thread::HOST_CALL;
  if (saved.has_pending_call() != in_host_call || saved.has_outcome()) {
    return Damage("the thread's parts do not fit its status");
  }
  std::optional<PendingCall> pending;
  if (in_host_call) {
    auto call = ReadPendingCall(saved.pending_call(), store);
    RETURN_IF_ERROR(Annotate("pending call", call.status()));
    pending = *std::move(call);
  }
  const absl::Status status =
      thread.RestoreFrames(saved.entry_function(), frames, pending);
  return status.ok() ? status : OverLimit("the thread", status);
}

std::optional<TrapKind> TrapNamed(std::string_view name) {
#define TRAP(trap, message) \
  if (name == #trap) return TrapKind::k##trap;
#include "interp/traps.def"
  return std::nullopt;
}

absl::Status RestoreFinished(const snapshot::Thread& saved, Thread& thread) {
  const snapshot::Outcome& outcome = saved.outcome();
  if (saved.frames_size() != 0 || saved.has_pending_call() ||
      outcome.has_results() + outcome.has_trap() + outcome.has_exception() !=
          1) {
    return Damage("the thread's parts do not fit its status");
  }
  ThreadOutcome restored;
  if (outcome.has_results()) {
    const FunctionInstance& entry =
        thread.store().function(saved.entry_function());
    RETURN_IF_ERROR(DecodeValues(outcome.results(), TypeCount(entry.instance),
                                 &restored.results));
  } else if (outcome.has_trap()) {
    const auto kind = TrapNamed(outcome.trap().name());
    if (!kind) return Damage("there is no such trap");
    restored.result = RunResult::kTrapped;
    restored.trap = {*kind, outcome.trap().detail()};
  } else {
    restored.result = RunResult::kThrew;
    restored.exception = outcome.exception();
  }
  return thread.RestoreFinished(saved.entry_function(), std::move(restored));
}

void WriteFrameless(const Thread& thread, const FramelessState& state,
                    snapshot::Thread* out) {
  if (state.is_answered) {
    out->mutable_outcome()->set_results(EncodeValues(state.values));
    return;
  }
  out->mutable_pending_call()->set_function(thread.entry_function());
  out->mutable_pending_call()->set_arguments(EncodeValues(state.values));
}

}  // namespace

void CaptureThread(const Thread& thread, snapshot::State* state) {
  state->mutable_limits()->set_stack_bytes(thread.limits().stack_bytes);
  snapshot::Thread* out = state->mutable_thread();
  out->set_entry_function(thread.entry_function());
  out->set_fuel_used(thread.fuel_used());
  if (thread.state() == ThreadState::kFinished) {
    out->set_status(snapshot::Thread::FINISHED);
    WriteOutcome(thread, out->mutable_outcome());
    return;
  }
  if (thread.state() == ThreadState::kRunnable) {
    if (const auto frameless = thread.frameless_state()) {
      return WriteFrameless(thread, *frameless, out);
    }
  }
  for (const Frame& frame : thread.CaptureFrames()) {
    snapshot::Frame* out_frame = out->add_frames();
    out_frame->set_instance(frame.instance);
    out_frame->set_function_index(frame.function_index);
    out_frame->set_code_offset(frame.code_offset);
    out_frame->set_locals(EncodeValues(frame.locals));
    out_frame->set_operands(EncodeValues(frame.operands));
  }
  if (thread.state() != ThreadState::kHostCall) return;
  out->set_status(snapshot::Thread::HOST_CALL);
  const PendingCall pending = thread.pending_call();
  out->mutable_pending_call()->set_function(pending.function);
  if (pending.caller) out->mutable_pending_call()->set_caller(*pending.caller);
  out->mutable_pending_call()->set_arguments(EncodeValues(pending.arguments));
}

absl::StatusOr<std::unique_ptr<Thread>> RestoreThread(
    const snapshot::Thread& saved, Store& store, const ThreadLimits& limits) {
  if (saved.entry_function() >= store.function_count()) {
    return Damage("the thread's function does not exist");
  }
  auto thread = std::make_unique<Thread>(store, limits);
  switch (saved.status()) {
    case snapshot::Thread::RUNNABLE:
      RETURN_IF_ERROR(saved.frames_size() == 0
                          ? RestoreFrameless(saved, *thread)
                          : RestoreWithFrames(saved, *thread));
      break;
    case snapshot::Thread::HOST_CALL:
      RETURN_IF_ERROR(RestoreWithFrames(saved, *thread));
      break;
    case snapshot::Thread::FINISHED:
      RETURN_IF_ERROR(RestoreFinished(saved, *thread));
      break;
    default:
      return Damage("the thread has no known status");
  }
  thread->set_fuel_used(saved.fuel_used());
  return thread;
}

}  // namespace wasmd

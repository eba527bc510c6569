// Thread::RestoreFrames and RestoreFinished: from canonical frames, which come
// from a file and are believed in nothing, to the machine's.

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/code/translator.h"
#include "interp/exec/host_call.h"
#include "interp/thread_impl.h"

namespace wasmd {

// Rebuilds the machine's frames from the outermost in.
class FrameRestorer {
 public:
  FrameRestorer(Thread::Impl& impl, FuncAddr entry)
      : impl_(impl), store_(impl.store), entry_(entry) {}

  absl::Status Restore(std::span<const Frame> frames,
                       const std::optional<PendingCall>& pending);

 private:
  // What a frame's call, or the embedder, expects above it.
  struct Expected {
    FuncAddr function = 0;  // when `is_function`
    bool is_function = false;
    TypeId type = 0;                           // otherwise
    const ModuleInstance* instance = nullptr;  // of the result types
    const std::vector<ValueType>* results = nullptr;
  };

  absl::Status Error(const std::string& why) const {
    return absl::DataLossError(StrCat("frame ", index_, ": ", why));
  }
  absl::Status RestoreFrame(const Frame& frame, bool is_top, bool is_pending);
  absl::Status CheckCallee(FuncAddr callee) const;
  bool MayTailCall(FuncAddr function) const;
  absl::Status RestoreLocals(const Frame& frame, bool at_entry, Slot* fp);
  absl::Status RestoreOperands(const Frame& frame, const Safepoint& safepoint,
                               bool with_results, Slot* fp);
  absl::Status RestorePending(const PendingCall& pending);
  absl::Status RestoreCaller(const PendingCall& pending);
  void Expect(ModuleInstance& instance, const Safepoint& safepoint);

  Thread::Impl& impl_;
  Store& store_;
  const FuncAddr entry_;
  size_t index_ = 0;
  ModuleInstance* instance_ = nullptr;  // of the frame before
  const CodeUnit* caller_pc_ = nullptr;
  Slot* caller_fp_ = nullptr;
  Slot* next_fp_ = nullptr;  // where the next frame starts
  Expected expected_;
};

// Functions with the same results may stand in for one another where a tail
// call can have put them.
bool FrameRestorer::MayTailCall(FuncAddr function) const {
  const FunctionInstance& record = store_.function(function);
  if (record.host != nullptr) return false;
  record.code->module->EnsureTranslated(*record.code);
  return record.code->translation->has_tail_calls;
}

absl::Status FrameRestorer::CheckCallee(FuncAddr callee) const {
  const FunctionInstance& record = store_.function(callee);
  if (expected_.is_function) {
    if (callee == expected_.function) return absl::OkStatus();
    if (!MayTailCall(expected_.function)) {
      return Error("is not a call of the function its caller calls");
    }
  } else if (store_.types().IsSubtype(record.type, expected_.type)) {
    return absl::OkStatus();
  }
  // Reached by a tail call: only the results are known.
  const FunctionType& type = impl_.TypeOf(callee);
  const auto substitute = [](const ModuleInstance* instance, ValueType t) {
    return instance == nullptr ? t : Substitute(t, instance->types);
  };
  bool same = type.results.size() == expected_.results->size();
  for (size_t i = 0; same && i < type.results.size(); ++i) {
    same = store_.types().IsSubtype(
        substitute(record.instance, type.results[i]),
        substitute(expected_.instance, (*expected_.results)[i]));
  }
  if (!same) return Error("has not the type that its caller calls");
  return absl::OkStatus();
}

absl::Status FrameRestorer::RestoreLocals(const Frame& frame, bool at_entry,
                                          Slot* fp) {
  const Module& module = *instance_->module;
  const std::vector<ValueType> types =
      ReadLocalTypes(module, frame.function_index);
  const size_t params =
      module.TypeOfFunction(frame.function_index).params.size();
  if (frame.locals.size() != types.size()) {
    return Error(
        StrCat("has ", frame.locals.size(), " locals, not ", types.size()));
  }
  for (size_t i = 0; i < types.size(); ++i) {
    const Value& value = frame.locals[i];
    ValueType type = types[i];
    // One that has not been set yet is null.
    if (type.is_ref() && i >= params) {
      type = ValueType::Ref(type.heap_type(), /*nullable=*/true);
    }
    if (value.type != types[i] || !impl_.Accepts(instance_, type, value)) {
      return Error(StrCat("local ", i, " is not of type ", ToString(types[i])));
    }
    if (!at_entry || i < params) {
      fp = Thread::Impl::WriteValues({&value, 1}, fp);
    } else if (value.low != 0 || value.high != 0) {
      return Error(StrCat("local ", i, " is set at the function's entry"));
    }
  }
  return absl::OkStatus();
}

absl::Status FrameRestorer::RestoreOperands(const Frame& frame,
                                            const Safepoint& safepoint,
                                            bool with_results, Slot* fp) {
  const FunctionCode& code = *instance_->code->function(frame.function_index);
  std::vector<OperandNode> nodes = code.translation->Operands(safepoint);
  uint32_t slot = code.translation->EndOfOperands(safepoint);
  next_fp_ = fp + slot;
  if (with_results) {
    for (const ValueType type : *expected_.results) {
      nodes.push_back({0, type, slot});
      slot += type.slot_count();
    }
  }
  if (frame.operands.size() != nodes.size()) {
    return Error(
        StrCat("has ", frame.operands.size(), " operands, not ", nodes.size()));
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Value& value = frame.operands[i];
    if (value.type != nodes[i].type ||
        !impl_.Accepts(instance_, nodes[i].type, value)) {
      return Error(
          StrCat("operand ", i, " is not of type ", ToString(nodes[i].type)));
    }
    Thread::Impl::WriteValues({&value, 1}, fp + nodes[i].slot);
  }
  return absl::OkStatus();
}

void FrameRestorer::Expect(ModuleInstance& instance,
                           const Safepoint& safepoint) {
  const Module& module = *instance.module;
  expected_.instance = &instance;
  expected_.is_function = safepoint.callee_kind == CalleeKind::kFunction;
  if (expected_.is_function) {
    expected_.function = instance.functions[safepoint.callee];
    expected_.results = &module.TypeOfFunction(safepoint.callee).results;
  } else {
    expected_.type = instance.types[safepoint.callee];
    expected_.results = &module.types[safepoint.callee].function.results;
  }
}

absl::Status FrameRestorer::RestoreFrame(const Frame& frame, bool is_top,
                                         bool is_pending) {
  if (frame.instance >= store_.instance_count()) {
    return Error(StrCat("there is no instance ", frame.instance));
  }
  ModuleInstance& instance = store_.instance(frame.instance);
  const Module& module = *instance.module;
  if (frame.function_index < module.imported_functions ||
      frame.function_index >= module.functions.size()) {
    return Error(StrCat("function ", frame.function_index, " has no code"));
  }
  RETURN_IF_ERROR(CheckCallee(instance.functions[frame.function_index]));
  FunctionCode& code = *instance.code->function(frame.function_index);
  instance.code->EnsureTranslated(code);
  const Translation& translation = *code.translation;
  const Safepoint* safepoint = translation.FindOffset(frame.code_offset);
  const bool must_be_call = !is_top || is_pending;
  if (safepoint == nullptr ||
      (must_be_call && safepoint->kind != SafepointKind::kAfterCall)) {
    return Error(StrCat("code offset ", frame.code_offset, " is not ",
                        must_be_call ? "after a call" : "a safepoint"));
  }
  Context& context = impl_.context;
  Slot* const fp = next_fp_;
  if (fp > context.stack_limit ||
      translation.frame_slots > static_cast<size_t>(context.stack_end - fp)) {
    return absl::ResourceExhaustedError(
        StrCat("frame ", index_, " is past the call stack's limit of ",
               impl_.limits.stack_bytes, " bytes"));
  }
  if (caller_pc_ != nullptr) impl_.PushRecord(caller_pc_, caller_fp_);
  if (instance_ != nullptr && instance_ != &instance) {
    impl_.PushRecord(context.restore_code, reinterpret_cast<Slot*>(instance_));
  }
  instance_ = &instance;
  caller_pc_ = translation.code.get() + safepoint->position;
  caller_fp_ = fp;
  RETURN_IF_ERROR(
      RestoreLocals(frame, safepoint->kind == SafepointKind::kEntry, fp));
  const bool after_call = safepoint->kind == SafepointKind::kAfterCall;
  if (after_call) Expect(instance, *safepoint);
  return RestoreOperands(frame, *safepoint, after_call && is_top && !is_pending,
                         fp);
}

// The instance that made the call: that of the top frame, or another one whose
// frame is gone by a tail call.
absl::Status FrameRestorer::RestoreCaller(const PendingCall& pending) {
  const std::optional<InstanceAddr> top =
      instance_ == nullptr ? std::nullopt
                           : std::optional<InstanceAddr>(instance_->address);
  // From outside only host functions are called like this.
  const bool from_outside = store_.function(entry_).host != nullptr;
  if (pending.caller == top && (top.has_value() || from_outside)) {
    return absl::OkStatus();
  }
  const bool may_differ =
      pending.caller.has_value() &&
      (!expected_.is_function || MayTailCall(expected_.function));
  if (!may_differ) {
    return absl::DataLossError("pending call: not of the top frame's instance");
  }
  if (*pending.caller >= store_.instance_count()) {
    return absl::DataLossError(
        StrCat("pending call: there is no instance ", *pending.caller));
  }
  Context& context = impl_.context;
  if (instance_ != nullptr) {
    // As TailCallHost leaves it (exec/calls.h).
    impl_.PushRecord(context.pc, context.fp);
    context.pc = context.restore_code;
    context.fp = reinterpret_cast<Slot*>(instance_);
  }
  EnterInstance(context, &store_.instance(*pending.caller));
  return absl::OkStatus();
}

absl::Status FrameRestorer::RestorePending(const PendingCall& pending) {
  if (pending.function >= store_.function_count() ||
      store_.function(pending.function).host == nullptr) {
    return absl::DataLossError(StrCat("pending call: function ",
                                      pending.function,
                                      " is not a host function"));
  }
  RETURN_IF_ERROR(RestoreCaller(pending));
  RETURN_IF_ERROR(CheckCallee(pending.function));
  const FunctionType& type = impl_.TypeOf(pending.function);
  const std::vector<ValueType>& params = type.params;
  // A frame has room for the calls in it, but not for any function that a tail
  // call could have put in the place of one.
  if (std::max(SlotCount(params), SlotCount(type.results)) >
      impl_.context.stack_end - next_fp_) {
    return absl::ResourceExhaustedError(
        StrCat("the pending call is past the call stack's limit of ",
               impl_.limits.stack_bytes, " bytes"));
  }
  if (pending.arguments.size() != params.size()) {
    return absl::DataLossError(
        StrCat("pending call: ", pending.arguments.size(), " arguments, not ",
               params.size()));
  }
  for (size_t i = 0; i < params.size(); ++i) {
    if (!impl_.Accepts(nullptr, params[i], pending.arguments[i])) {
      return absl::DataLossError(StrCat("pending call: argument ", i,
                                        " is not of type ",
                                        ToString(params[i])));
    }
  }
  Context& context = impl_.context;
  if (SlotCount(params) > static_cast<size_t>(context.stack_end - next_fp_)) {
    return absl::DataLossError(
        "pending call: the call stack is larger than the limit");
  }
  context.pending_function = pending.function;
  context.pending_arguments = next_fp_;
  Thread::Impl::WriteValues(pending.arguments, next_fp_);
  return absl::OkStatus();
}

absl::Status FrameRestorer::Restore(std::span<const Frame> frames,
                                    const std::optional<PendingCall>& pending) {
  if (entry_ >= store_.function_count()) {
    return absl::DataLossError(StrCat("there is no function ", entry_));
  }
  const FunctionInstance& record = store_.function(entry_);
  if (frames.empty() && !pending.has_value()) {
    return absl::DataLossError("no frames, and no pending call");
  }
  impl_.Reset(record);
  next_fp_ = impl_.stack.slots();
  expected_ = {.function = entry_,
               .is_function = true,
               .instance = record.instance,
               .results = &impl_.TypeOf(entry_).results};
  for (const Frame& frame : frames) {
    const bool is_top = index_ + 1 == frames.size();
    RETURN_IF_ERROR(RestoreFrame(frame, is_top, pending.has_value()));
    ++index_;
  }
  Context& context = impl_.context;
  if (!frames.empty()) {
    context.pc = caller_pc_;
    context.fp = caller_fp_;
    EnterInstance(context, instance_);
    // Where the top frame is after a call, its result.
    context.r0 = next_fp_[0];
    std::memcpy(&context.v0, next_fp_, sizeof(context.v0));
  }
  if (pending.has_value()) RETURN_IF_ERROR(RestorePending(*pending));
  return absl::OkStatus();
}

absl::Status Thread::RestoreFrames(FuncAddr function,
                                   std::span<const Frame> frames,
                                   const std::optional<PendingCall>& pending) {
  CHECK(impl_->state == ThreadState::kIdle);
  FrameRestorer restorer(*impl_, function);
  RETURN_IF_ERROR(restorer.Restore(frames, pending));
  impl_->entry = function;
  impl_->state =
      pending.has_value() ? ThreadState::kHostCall : ThreadState::kRunnable;
  return absl::OkStatus();
}

absl::Status Thread::RestoreFinished(FuncAddr function, ThreadOutcome outcome) {
  CHECK(impl_->state == ThreadState::kIdle);
  if (function >= impl_->store.function_count()) {
    return absl::DataLossError(StrCat("there is no function ", function));
  }
  const FunctionInstance& record = impl_->store.function(function);
  const std::vector<ValueType>& types = impl_->TypeOf(function).results;
  switch (outcome.result) {
    case RunResult::kReturned:
      if (outcome.results.size() != types.size()) {
        return absl::DataLossError(
            StrCat(outcome.results.size(), " results, not ", types.size()));
      }
      for (size_t i = 0; i < types.size(); ++i) {
        if (!impl_->Accepts(record.instance, types[i], outcome.results[i])) {
          return absl::DataLossError(
              StrCat("result ", i, " is not of type ", ToString(types[i])));
        }
      }
      break;
    case RunResult::kTrapped:
      break;
    case RunResult::kThrew:
      if (outcome.exception == kNullReference ||
          !impl_->store.IsValueOf(outcome.exception, kExnRefType)) {
        return absl::DataLossError("the exception is not an exception");
      }
      break;
    default:
      return absl::DataLossError("the computation has not ended");
  }
  impl_->Reset(record);
  impl_->entry = function;
  if (outcome.result == RunResult::kReturned) {
    Impl::WriteValues(outcome.results, impl_->stack.slots());
  } else {
    outcome.results.clear();
  }
  impl_->outcome = std::move(outcome);
  impl_->has_read_results = true;
  impl_->state = ThreadState::kFinished;
  return absl::OkStatus();
}

}  // namespace wasmd

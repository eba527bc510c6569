#include "runtime/process.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/back_trace.h"
#include "runtime/process_parts.h"
#include "runtime/record.h"
#include "runtime/value_text.h"

namespace wasmd {
namespace {

constexpr int32_t kTrapExitCode = 134;
// Waits up to this are not worth a commit of their own.
constexpr int64_t kShortWaitNs = 2'000'000;
// Waits from this on are saved as a state: whoever looks at it, clones or
// resumes it then needs no journal.
constexpr int64_t kStateWaitNs = 50'000'000;
// Waits from this on are synced: somebody may turn the machine off meanwhile.
constexpr int64_t kLongWaitNs = 1'000'000'000;

}  // namespace

absl::Status Process::StartNext() {
  const bool is_first = options_.phase() == ProcessOptions::NOT_STARTED;
  const uint32_t next = is_first ? 0 : options_.initial_function() + 1;
  const std::vector<FuncAddr> initial = InitialFunctions(*store_);
  if (next < initial.size()) {
    options_.set_phase(ProcessOptions::START_FUNCTION);
    options_.set_initial_function(next);
    return thread_->Start(initial[next], {});
  }
  options_.set_phase(ProcessOptions::MAIN);
  return StartMain();
}

absl::Status Process::StartMain() {
  ASSIGN_OR_RETURN(const FuncAddr main, MainFunction());
  ASSIGN_OR_RETURN(const std::vector<Value> arguments, MainArguments(main));
  return thread_->Start(main, arguments);
}

absl::StatusOr<Process::Progress> Process::Step(int64_t quantum_ns) {
  ASSIGN_OR_RETURN(const Progress progress, StepToCommit(quantum_ns));
  return progress == Progress::kCommitting ? WriteStaged() : progress;
}

absl::StatusOr<Process::Progress> Process::StepToCommit(int64_t quantum_ns) {
  CHECK(staged_ == nullptr);
  if (HasFinished(record_.status())) return Progress::kFinished;
  const int64_t end_ns = engine_.outside.MonotonicNow() + quantum_ns;
  wait_.reset();
  options_.set_waits_for_input(false);
  if (instantiation_trap_.has_value()) {
    return Finish({.status = FAILED,
                   .exit_code = kTrapExitCode,
                   .failure = StrCat("trap while instantiating: ",
                                     ToString(*instantiation_trap_))});
  }
  do {
    // A pending call comes first: an effect must be prepared before any commit.
    Progress progress = Progress::kRunnable;
    switch (thread_->state()) {
      case ThreadState::kIdle:
        RETURN_IF_ERROR(StartNext());
        if (kept_states_ != nullptr && kept_states_->is_empty()) {
          // The beginning, to go back to.
          return StageState(RUNNING, 0, SyncMode::kNoSync, Progress::kRunnable);
        }
        break;
      case ThreadState::kHostCall: {
        ASSIGN_OR_RETURN(progress, AnswerHostCall());
        break;
      }
      case ThreadState::kRunnable: {
        ASSIGN_OR_RETURN(progress, RunSlice(end_ns));
        break;
      }
      case ThreadState::kFinished: {
        ASSIGN_OR_RETURN(progress, AfterRun(thread_->outcome()));
        break;
      }
    }
    // After it ran, so that every step gets somewhere.
    if (progress == Progress::kRunnable &&
        thread_->state() == ThreadState::kRunnable) {
      ASSIGN_OR_RETURN(progress, CommitIfDue());
    }
    if (progress != Progress::kRunnable) return progress;
  } while (thread_->state() == ThreadState::kHostCall ||
           engine_.outside.MonotonicNow() < end_ns);
  return Progress::kRunnable;
}

absl::StatusOr<Process::Progress> Process::RunSlice(int64_t end_ns) {
  int64_t deadline_ns = end_ns;
  if (!outbox_.empty()) deadline_ns = std::min(deadline_ns, output_due_ns_);
  if (engine_.db != nullptr) {
    deadline_ns = std::min(deadline_ns, checkpoint_due_ns_);
  }
  if (journal_ != nullptr) journal_->NoteTime(engine_.outside.RealtimeNow());
  engine_.timer.Arm(thread_.get(),
                    deadline_ns - engine_.outside.MonotonicNow());
  const RunResult result = thread_->Run();
  engine_.timer.Disarm();
  RETURN_IF_ERROR(store_->status());
  return AfterRun(result);
}

absl::StatusOr<Process::Progress> Process::AfterRun(RunResult result) {
  switch (result) {
    case RunResult::kReturned:
      return AfterReturn();
    case RunResult::kTrapped:
    case RunResult::kThrew:
      return AfterAbort(result);
    case RunResult::kHostCall:
    case RunResult::kInterrupted:
    case RunResult::kFuelExhausted:
      return Progress::kRunnable;
  }
  CHECK(false);
}

absl::StatusOr<Process::Progress> Process::AnswerHostCall() {
  const WasiHost::Call call = host_.PendingCallOf(*thread_);
  const bool is_effect = call.durability == wasi::Durability::kEffect;
  if (!pending_since_ns_.has_value()) {
    pending_since_ns_ = engine_.outside.RealtimeNow();
  }
  if (is_effect && saves_before_effects() && !in_doubt_) {
    if (!is_saved_for_effect_) {
      host_.context().Prepare(call.function, call.arguments, *call.memory);
      is_saved_for_effect_ = true;  // once it is written; else nothing is run
      const JournalCall intent = {.function = call.function,
                                  .arguments = call.arguments,
                                  .durability = call.durability,
                                  .time_ns = *pending_since_ns_};
      return StageProgress(RUNNING, 0, sync_mode(), Progress::kRunnable,
                           &intent);
    }
    engine_.options.kill_points.Pass(KillPoint::kBeforeEffect);
  }
  is_saved_for_effect_ = false;
  const wasi::Outcome outcome = host_.Perform(
      call.function, call.arguments, *call.memory, call.durability,
      std::exchange(in_doubt_, false), pending_since_ns_);
  RETURN_IF_ERROR(input_.status());
  RETURN_IF_ERROR(store_->status());
  if (is_effect) engine_.options.kill_points.Pass(KillPoint::kAfterEffect);
  switch (outcome.kind) {
    case wasi::Outcome::Kind::kReturn: {
      pending_since_ns_.reset();
      const Slot result = ToSlot(uint32_t{outcome.errno_value});
      const bool has_result =
          !wasi::Context::TypeOf(call.function).results.empty();
      thread_->CompleteHostCall(has_result ? std::span(&result, 1)
                                           : std::span<const Slot>());
      return Progress::kRunnable;
    }
    case wasi::Outcome::Kind::kWait:
      return BeginWait(outcome.wait);
    case wasi::Outcome::Kind::kExit: {
      if (journal_ != nullptr) {
        journal_->AddExit({.function = call.function,
                           .arguments = call.arguments,
                           .durability = call.durability,
                           .time_ns = *pending_since_ns_},
                          outcome.exit_code);
      }
      const int32_t code = static_cast<int32_t>(outcome.exit_code);
      if (code == 0) return Finish({});
      return Finish({.status = FAILED,
                     .exit_code = code,
                     .failure = StrCat("exit code ", outcome.exit_code)});
    }
    case wasi::Outcome::Kind::kTrap:
      thread_->FailHostCall({TrapKind::kHost, outcome.message});
      return Progress::kRunnable;
  }
  CHECK(false);
}

absl::StatusOr<Process::Progress> Process::BeginWait(const wasi::Wait& wait) {
  int64_t left_ns = kLongWaitNs;
  if (wait.deadline_ns.has_value()) {
    left_ns = *wait.deadline_ns - engine_.outside.RealtimeNow();
  }
  engine_.options.kill_points.Pass(KillPoint::kBeforePark);
  wait_ = wait;
  options_.set_waits_for_input(wait.input);
  if (left_ns <= kShortWaitNs && outbox_.empty()) return Progress::kWaiting;
  const bool promises = !outbox_.empty() || left_ns >= kLongWaitNs;
  const SyncMode sync = promises ? sync_mode() : SyncMode::kNoSync;
  const int64_t wake_time_ns = wait.deadline_ns.value_or(0);
  if (left_ns >= kStateWaitNs) {
    return StageState(WAITING, wake_time_ns, sync, Progress::kWaiting);
  }
  return StageProgress(WAITING, wake_time_ns, sync, Progress::kWaiting,
                       /*intent=*/nullptr);
}

absl::StatusOr<Process::Progress> Process::AfterReturn() {
  if (options_.phase() == ProcessOptions::START_FUNCTION) {
    RETURN_IF_ERROR(StartNext());
    return Progress::kRunnable;
  }
  if (!record_.invoke().empty()) {
    for (const Value& result : thread_->results()) {
      WriteOutput(kStdout, AsBytes(FormatValue(result) + "\n"));
    }
  }
  return Finish({});
}

absl::StatusOr<Process::Progress> Process::AfterAbort(RunResult result) {
  Ending ending = {.status = FAILED, .exit_code = kTrapExitCode};
  if (result == RunResult::kTrapped) {
    ending.failure = StrCat("trap: ", ToString(thread_->trap()));
  } else {
    ending.failure = "uncaught exception";
  }
  ending.stack = BackTrace(*thread_);
  return Finish(std::move(ending));
}

absl::StatusOr<Process::Progress> Process::Finish(Ending ending) {
  engine_.options.kill_points.Pass(KillPoint::kBeforeFinish);
  // Without a state: the last one is kept, as the last good one.
  auto staged = std::make_unique<Staged>();
  staged->record = record_;
  staged->record.set_status(ending.status);
  staged->record.set_exit_code(ending.exit_code);
  staged->record.set_failure(ending.failure);
  staged->record.mutable_failure_stack()->Assign(ending.stack.begin(),
                                                 ending.stack.end());
  staged->record.set_wake_time_ns(0);
  if (journal_ != nullptr) {
    journal_->FillLastCommit(&staged->commit);
    staged->record.set_runtime_state(OptionsToKeep());
  }
  staged->sync = sync_mode();
  staged->after = KillPoint::kAfterFinish;
  staged->next = Progress::kFinished;
  return Stage(std::move(staged));
}

absl::Status Process::Park(ProcessStatus status) {
  CHECK(staged_ == nullptr);
  if (thread_->state() == ThreadState::kIdle) RETURN_IF_ERROR(StartNext());
  ASSIGN_OR_RETURN(const Progress progress,
                   StageState(status, 0, SyncMode::kSync,
                              HasFinished(status) ? Progress::kFinished
                                                  : Progress::kRunnable));
  if (progress != Progress::kCommitting) return absl::OkStatus();
  return WriteStaged().status();
}

}  // namespace wasmd

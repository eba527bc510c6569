// Going on from a saved state: what came after it is run again with the answers
// of the journal.

#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/process.h"
#include "runtime/process_parts.h"
#include "runtime/replay.h"
#include "wasi/replayed_state.h"

namespace wasmd {

absl::Status Process::GoOnFrom(std::string_view wasi_state) {
  state_phase_ = options_.phase();
  state_initial_function_ = options_.initial_function();
  state_fuel_ = thread_->fuel_used();
  in_doubt_ = thread_->state() == ThreadState::kHostCall;
  const bool goes_on = options_.journal_goes_on();
  RETURN_IF_ERROR(journal_->Load(*engine_.db, number_, options_.state_event(),
                                 options_.end_event(), goes_on));
  if (kept_states_ != nullptr) {
    RETURN_IF_ERROR(kept_states_->Load(*engine_.db, number_, state_fuel_,
                                       options_.written_page_bytes()));
  }
  ASSIGN_OR_RETURN(wasi::ReplayedState state,
                   wasi::ReplayedState::Create(AsBytes(wasi_state)));
  ASSIGN_OR_RETURN(Replay replay,
                   Replay::Create(*engine_.db, number_, options_.state_event(),
                                  options_.end_event(), /*with_end=*/!goes_on,
                                  std::move(state)));
  if (options_.log_lacks_tail()) {
    replay.set_on_output([this](uint32_t stream, std::string bytes) {
      outbox_bytes_ += bytes.size();
      outbox_.push_back({stream, std::move(bytes), /*was_shown=*/true});
    });
  }
  RETURN_IF_ERROR(RunAllAgain(replay));
  // The next commit has it all.
  options_.set_journal_goes_on(false);
  options_.set_log_lacks_tail(false);
  if (record_.status() == RUNNING || goes_on) replay.ExpectWrites();
  ASSIGN_OR_RETURN(std::unique_ptr<wasi::Context> context,
                   wasi::Context::Load(AsBytes(replay.WasiState()),
                                       environment_.get(), &warnings_));
  SetContext(std::move(context));
  const std::string warning = input_.Warning();
  if (!warning.empty()) warnings_.push_back(warning);
  return absl::OkStatus();
}

absl::Status Process::RunAllAgain(Replay& replay) {
  if (replay.is_done()) return absl::OkStatus();
  in_doubt_ = false;
  ran_again_ = true;
  host_.set_replay(&replay);
  const absl::Status status = RunAgain(replay);
  host_.set_replay(nullptr);
  if (status.ok()) return absl::OkStatus();
  return absl::Status(status.code(), StrCat("process ", record_.name(), ": ",
                                            ToStd(status.message())));
}

absl::StatusOr<std::unique_ptr<Process>> Process::LookAt(Engine& engine,
                                                         ProcessNumber number,
                                                         const Moment& moment,
                                                         bool is_whole) {
  std::unique_ptr<Process> process(
      new Process(engine, moment.record, moment.options));
  process->number_ = number;
  process->is_only_looked_at_ = true;
  ASSIGN_OR_RETURN(const std::string wasi_state,
                   process->Restore(moment.point, is_whole));
  ASSIGN_OR_RETURN(wasi::ReplayedState state,
                   wasi::ReplayedState::Create(AsBytes(wasi_state)));
  ASSIGN_OR_RETURN(
      Replay replay,
      Replay::Create(*engine.db, number, moment.options.state_event(),
                     moment.options.end_event(), moment.is_last_commit,
                     std::move(state)));
  RETURN_IF_ERROR(process->RunAllAgain(replay));
  return process;
}

absl::StatusOr<Capture> Process::CaptureWhole() const {
  const HostState host_state = {
      {std::string(wasi::kModuleName), host_.context().Save()}};
  return CaptureSnapshot(*store_, thread_.get(), host_state,
                         PageSelection::kChanged);
}

ProcessRecord Process::RecordWithoutJournal() const {
  ProcessRecord record = record_;
  ProcessOptions options = options_;
  options.set_state_event(journal_->event_count());
  options.set_end_event(journal_->event_count());
  options.set_state_input(input_.queue_offset());
  record.set_runtime_state(options.SerializeAsString());
  return record;
}

absl::Status Process::RunAgain(Replay& replay) {
  while (!replay.is_done()) {
    RETURN_IF_ERROR(RunOneAgain(replay));
    RETURN_IF_ERROR(store_->status());
  }
  return absl::OkStatus();
}

absl::Status Process::RunOneAgain(Replay& replay) {
  switch (thread_->state()) {
    case ThreadState::kIdle:
      return StartNext();
    case ThreadState::kRunnable:
      thread_->Run();
      return absl::OkStatus();
    case ThreadState::kHostCall: {
      const WasiHost::Call call = host_.PendingCallOf(*thread_);
      ASSIGN_OR_RETURN(
          const std::optional<uint32_t> answer,
          replay.AnswerPending(call.function, call.arguments, *call.memory));
      if (!answer.has_value()) {
        in_doubt_ = true;
        return absl::OkStatus();
      }
      const Slot result = ToSlot(*answer);
      thread_->CompleteHostCall(std::span(&result, 1));
      return absl::OkStatus();
    }
    case ThreadState::kFinished:
      if (thread_->outcome() == RunResult::kReturned &&
          options_.phase() == ProcessOptions::START_FUNCTION) {
        return StartNext();
      }
      return replay.Diverged("ends");
  }
  CHECK(false);
}

}  // namespace wasmd

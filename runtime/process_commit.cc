#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "runtime/process.h"
#include "runtime/process_parts.h"
#include "runtime/record.h"
#include "snapshot/snapshot.h"

namespace wasmd {
namespace {

// Output beyond this is committed without waiting for more.
constexpr size_t kMaxOutboxBytes = size_t{512} << 10;
// A commit does without the state as long as running again what came after the
// last one takes less fuel than this: some tens of milliseconds.
constexpr uint64_t kDefaultCheckpointFuel = 20'000'000;
// So much of the journal is always less work than a state.
constexpr uint64_t kSmallJournalBytes = uint64_t{8} << 10;
// A checkpoint that nobody waits for may take this part of the time.
constexpr int64_t kCheckpointTimePart = 50;

}  // namespace

bool Process::saves_before_effects() const {
  return engine_.db != nullptr && sync_level_ != SyncLevel::kNone;
}

SyncMode Process::sync_mode() const {
  const bool is_synced =
      sync_level_ == SyncLevel::kStrict || sync_level_ == SyncLevel::kGroup;
  return is_synced ? SyncMode::kSync : SyncMode::kNoSync;
}

void Process::WriteOutput(uint32_t stream, ByteSpan bytes) {
  if (bytes.empty()) return;
  if (outbox_.empty()) {
    // Where saving is slow, it is not to take more than half of the time.
    const int64_t delay_ns =
        std::max(engine_.options.output_delay_ns, last_commit_took_ns_);
    output_due_ns_ = engine_.outside.MonotonicNow() + delay_ns;
    engine_.timer.Advance(delay_ns);
  }
  if (outbox_.empty() || outbox_.back().stream != stream ||
      outbox_.back().was_shown) {
    outbox_.push_back({stream, std::exchange(spare_output_, {})});
  }
  outbox_.back().bytes.append(AsText(bytes));
  outbox_bytes_ += bytes.size();
  if (outbox_bytes_ > kMaxOutboxBytes) {
    output_due_ns_ = 0;
    engine_.timer.Advance(0);
  }
}

absl::StatusOr<Process::Progress> Process::CommitIfDue() {
  const int64_t now_ns = engine_.outside.MonotonicNow();
  const bool has_output = !outbox_.empty();
  const bool is_output_due = has_output && now_ns >= output_due_ns_;
  const bool is_checkpoint_due =
      engine_.db != nullptr && now_ns >= checkpoint_due_ns_;
  if (!is_output_due && !is_checkpoint_due) return Progress::kRunnable;
  const SyncMode sync = has_output ? sync_mode() : SyncMode::kNoSync;
  if (is_checkpoint_due && !options_.has_checkpoint_fuel()) {
    return StageState(RUNNING, 0, sync, Progress::kRunnable);
  }
  if (is_checkpoint_due) {
    checkpoint_due_ns_ = now_ns + engine_.options.checkpoint_interval_ns;
    if (!has_output && !journal_->has_unwritten() && can_do_without_state()) {
      return Progress::kRunnable;
    }
  }
  return StageProgress(RUNNING, 0, sync, Progress::kRunnable,
                       /*intent=*/nullptr);
}

uint64_t Process::fuel_since_state() const {
  return thread_->fuel_used() - state_fuel_;
}

bool Process::can_do_without_state() const {
  const uint64_t most_fuel = options_.has_checkpoint_fuel()
                                 ? options_.checkpoint_fuel()
                                 : kDefaultCheckpointFuel;
  if (!journal_->can_recover() || fuel_since_state() >= most_fuel) return false;
  if (options_.has_checkpoint_fuel() ||
      journal_->unwritten_bytes() <= kSmallJournalBytes) {
    return true;
  }
  // What was read is in memory too, unless it was overwritten by what was read
  // after it.
  uint64_t dirty_bytes = 0;
  for (MemAddr i = 0; i < store_->memory_count(); ++i) {
    dirty_bytes += store_->memory(i).DirtyPages().size() * kCardPageBytes;
  }
  return journal_->unwritten_bytes() <= dirty_bytes;
}

bool Process::keeps_state() const {
  // A state that an effect waits for is none to go back to: the effect would be
  // taken for one that may have happened.
  return kept_states_ != nullptr && !is_saved_for_effect_ && !in_doubt_ &&
         kept_states_->Wants(thread_->fuel_used());
}

std::string Process::OptionsToKeep() const {
  ProcessOptions options = options_;
  options.set_phase(state_phase_);
  options.set_initial_function(state_initial_function_);
  options.set_end_event(journal_->event_count());
  options.set_input_read(input_.queue_offset());
  return options.SerializeAsString();
}

absl::StatusOr<Process::Progress> Process::StageProgress(
    ProcessStatus status, int64_t wake_time_ns, SyncMode sync, Progress next,
    const JournalCall* intent) {
  if (engine_.db == nullptr || !can_do_without_state()) {
    return StageState(status, wake_time_ns, sync, next);
  }
  auto staged = std::make_unique<Staged>();
  staged->begin_ns = engine_.outside.MonotonicNow();
  staged->wasi_state = host_.context().SaveForReplay();
  if (kept_states_ != nullptr) {
    kept_states_->AddJournal(journal_->unwritten_bytes());
  }
  journal_->FillCommit(/*is_checkpoint=*/false, intent, staged->wasi_state,
                       &staged->commit);
  staged->record = record_;
  staged->record.set_status(status);
  staged->record.set_wake_time_ns(wake_time_ns);
  staged->record.set_runtime_state(OptionsToKeep());
  staged->sync = sync;
  staged->next = next;
  return Stage(std::move(staged));
}

absl::StatusOr<Process::Progress> Process::StageState(ProcessStatus status,
                                                      int64_t wake_time_ns,
                                                      SyncMode sync,
                                                      Progress next) {
  if (engine_.db == nullptr) {
    ReleaseOutput();
    return next;
  }
  auto staged = std::make_unique<Staged>();
  staged->begin_ns = engine_.outside.MonotonicNow();
  const HostState host_state = {
      {std::string(wasi::kModuleName), host_.context().Save()}};
  ASSIGN_OR_RETURN(staged->capture,
                   CaptureSnapshot(*store_, thread_.get(), host_state,
                                   PageSelection::kDirty));
  staged->record = record_;
  staged->record.set_status(status);
  staged->record.set_wake_time_ns(wake_time_ns);
  if (kept_states_ != nullptr) {
    kept_states_->AddJournal(journal_->unwritten_bytes());
    options_.set_written_page_bytes(
        kept_states_->AddPages(staged->capture.pages));
  }
  staged->keeps_state = keeps_state();
  staged->commit.keep_point = staged->keeps_state;
  journal_->FillCommit(/*is_checkpoint=*/true, /*intent=*/nullptr,
                       /*wasi_state=*/{}, &staged->commit);
  options_.set_state_event(journal_->event_count());
  options_.set_state_input(input_.queue_offset());
  staged->input_needed = NeededInput();
  if (staged->input_needed > trimmed_input_) {
    staged->commit.input_read = staged->input_needed;
  }
  state_phase_ = options_.phase();
  state_initial_function_ = options_.initial_function();
  state_fuel_ = thread_->fuel_used();
  staged->record.set_runtime_state(OptionsToKeep());
  uint64_t memory_bytes = 0;
  for (MemAddr i = 0; i < store_->memory_count(); ++i) {
    memory_bytes += store_->memory(i).size_bytes();
  }
  staged->record.set_memory_bytes(memory_bytes);
  staged->has_state = true;
  staged->commit.state = AsBytes(staged->capture.state);
  staged->commit.pages.reserve(staged->capture.pages.size());
  for (const PageContent& page : staged->capture.pages) {
    staged->commit.pages.push_back({page.memory, page.page, page.bytes});
  }
  staged->sync = sync;
  staged->next = next;
  return Stage(std::move(staged));
}

absl::StatusOr<Process::Progress> Process::Stage(
    std::unique_ptr<Staged> staged) {
  ProcessRecord& record = staged->record;
  record.set_updated_ns(engine_.outside.RealtimeNow());
  for (const Output& output : outbox_) {
    staged->commit.log.push_back({output.stream, output.bytes});
    if (output.stream == kStderr) {
      record.set_log_bytes_stderr(record.log_bytes_stderr() +
                                  output.bytes.size());
    } else {
      record.set_log_bytes_stdout(record.log_bytes_stdout() +
                                  output.bytes.size());
    }
  }
  if (engine_.db == nullptr) {
    record_ = std::move(record);
    ReleaseOutput();
    return staged->next;
  }
  record.set_sequence(record.sequence() + 1);
  staged->taken_offset = input_.taken_offset();
  staged->commit.process = number_;
  staged->commit.record = record;
  staged_ = std::move(staged);
  engine_.options.kill_points.Pass(KillPoint::kBeforeCommit);
  return Progress::kCommitting;
}

Process::StagedCommit Process::TakeStaged() {
  return {.commit = std::move(staged_->commit), .sync = staged_->sync};
}

absl::StatusOr<Process::Progress> Process::Committed(
    const absl::Status& written) {
  const std::unique_ptr<Staged> staged = std::move(staged_);
  RETURN_IF_ERROR(written);
  engine_.options.kill_points.Pass(staged->after);
  record_ = std::move(staged->record);
  ReleaseOutput();
  if (journal_ != nullptr) journal_->DropWritten();
  if (journal_ != nullptr &&
      (staged->sync == SyncMode::kSync || sync_mode() == SyncMode::kNoSync)) {
    journal_->NoteSaved();
    host_.context().NoteSaved();
  }
  input_.NoteCommitted(staged->taken_offset);
  if (HasFinished(record_.status())) input_.Remove();
  if (staged->next == Progress::kFinished && shown_ != nullptr &&
      output_status_.ok()) {
    shown_->Remove();
  }
  if (staged->next == Progress::kFinished) return staged->next;
  const int64_t now_ns = engine_.outside.MonotonicNow();
  last_commit_took_ns_ = now_ns - staged->begin_ns;
  if (staged->has_state) {
    trimmed_input_ = std::max(trimmed_input_, staged->input_needed);
    ClearDirtyPages(*store_);
    if (kept_states_ != nullptr) NoteState(*staged);
  }
  DropOldStates();
  if (!staged->has_state) return staged->next;
  checkpoint_due_ns_ =
      now_ns + std::max(engine_.options.checkpoint_interval_ns,
                        kCheckpointTimePart * last_commit_took_ns_);
  return staged->next;
}

uint64_t Process::NeededInput() const {
  // What a kept state had not read is read again from there.
  const uint64_t kept = kept_states_ == nullptr ? KeptStates::kNoInput
                                                : kept_states_->oldest_input();
  return std::min(kept, input_.queue_offset());
}

void Process::NoteState(const Staged& staged) {
  const int64_t now_ns = record_.updated_ns();
  if (staged.keeps_state) {
    kept_states_->NoteKept(record_.sequence(), staged.capture.state.size(),
                           now_ns, thread_->fuel_used(),
                           options_.state_input());
  }
  const auto retention = kept_states_->TakeRetention(now_ns);
  if (retention.has_value()) to_drop_ = retention;
}

// What stays for want of disk is dropped after the next commit; a store that
// has other troubles says so then.
void Process::DropOldStates() {
  if (to_drop_.has_value() && engine_.db->DropPoints(number_, *to_drop_).ok()) {
    to_drop_.reset();
  }
}

absl::StatusOr<Process::Progress> Process::WriteStaged() {
  return Committed(engine_.db->ApplyCommit(staged_->commit, staged_->sync));
}

void Process::Show(uint32_t stream, ByteSpan bytes) {
  if (!output_status_.ok()) return;  // a resume will show it
  output_status_ = engine_.outside.Release(stream, bytes);
  if (output_status_.ok() && shown_ != nullptr) {
    shown_->Add(stream, bytes.size());
  }
}

void Process::ReleaseOutput() {
  for (const Output& output : outbox_) {
    if (!output.was_shown) {
      Show(output.stream, AsBytes(output.bytes));
    } else if (shown_ != nullptr) {
      shown_->Add(output.stream, output.bytes.size());
    }
  }
  if (!outbox_.empty()) {
    engine_.options.kill_points.Pass(KillPoint::kAfterRelease);
  }
  if (!outbox_.empty() &&
      outbox_.back().bytes.capacity() <= 2 * kMaxOutboxBytes) {
    spare_output_ = std::move(outbox_.back().bytes);
    spare_output_.clear();
  }
  outbox_.clear();
  outbox_bytes_ = 0;
}

}  // namespace wasmd

#include "runtime/scheduler.h"

#include <algorithm>
#include <utility>

#include "runtime/record.h"
#include "runtime/status_change.h"

namespace wasmd {
namespace {

// A group is written when it has so much.
constexpr size_t kMaxGroup = 256;
constexpr uint64_t kMaxGroupBytes = uint64_t{8} << 20;
// Who appends input says so; that may get lost with the owner of the store.
constexpr int64_t kLookForInputNs = 1'000'000'000;

uint64_t SizeOf(const Commit& commit) {
  uint64_t bytes = commit.pages.size() * kPageBytes;
  if (commit.state.has_value()) bytes += commit.state->size();
  for (const LogWrite& write : commit.log) bytes += write.bytes.size();
  for (const JournalWrite& write : commit.journal) bytes += write.bytes.size();
  return bytes;
}

// Such a process is to be there before its time comes, for those who connect.
bool ListensOnSockets(const ProcessRecord& record) {
  ProcessOptions options;
  return options.ParseFromString(record.runtime_state()) &&
         options.listeners_size() > 0;
}

}  // namespace

Scheduler::Scheduler(Engine& engine, const SchedulerOptions& options,
                     OnEnd on_end, OnWarning on_warning)
    : engine_(engine),
      options_(options),
      on_end_(std::move(on_end)),
      on_warning_(std::move(on_warning)) {}

void Scheduler::Add(std::unique_ptr<Process> process) {
  Entry entry;
  entry.number = process->number();
  entry.record = process->record();
  for (const std::string& warning : process->warnings()) {
    on_warning_(entry.record, warning);
  }
  entry.process = std::move(process);
  runnable_.push_back(std::move(entry));
}

void Scheduler::Add(ProcessNumber number, const ProcessRecord& record) {
  Entry entry;
  entry.number = number;
  entry.record = record;
  if (record.status() == WAITING && record.wake_time_ns() != 0 &&
      !ListensOnSockets(record)) {
    entry.deadline_ns = record.wake_time_ns();
    waiting_.push_back(std::move(entry));
  } else {
    runnable_.push_back(std::move(entry));
  }
}

void Scheduler::RequestStop() {
  stop_ = true;
  engine_.timer.Interrupt();
  engine_.outside.Wake();
}

void Scheduler::RequestPause(ProcessNumber process) {
  RequestStatus(process, PAUSED);
}

void Scheduler::RequestCancel(ProcessNumber process) {
  RequestStatus(process, CANCELLED);
}

void Scheduler::RequestStatus(ProcessNumber process, ProcessStatus status) {
  {
    absl::MutexLock lock(&mutex_);
    requests_.push_back({process, status});
    has_requests_ = true;
  }
  engine_.timer.Interrupt();
  engine_.outside.Wake();
}

void Scheduler::TellOfInput(ProcessNumber process) {
  {
    absl::MutexLock lock(&mutex_);
    inputs_.push_back(process);
    has_requests_ = true;
  }
  engine_.outside.Wake();
}

void Scheduler::AnswerRequests() {
  std::vector<Request> requests;
  std::vector<ProcessNumber> inputs;
  {
    absl::MutexLock lock(&mutex_);
    requests.swap(requests_);
    inputs.swap(inputs_);
    has_requests_ = false;
  }
  for (const ProcessNumber process : inputs) GiveInput(process);
  // One whose commit is being put together comes to rest with it.
  if (!requests.empty() && !committing_.empty()) WriteGroup();
  for (const Request& request : requests) {
    std::optional<Entry> entry = Take(request.process);
    if (entry.has_value()) StopOne(*std::move(entry), request.status);
  }
}

void Scheduler::GiveInput(ProcessNumber process) {
  const auto note = [process](Entry& entry) {
    if (entry.number == process) entry.input_came = true;
  };
  for (Entry& entry : runnable_) note(entry);
  for (Committing& one : committing_) note(one.entry);
  for (size_t i = 0; i < waiting_.size(); ++i) {
    if (waiting_[i].number != process || !waiting_[i].input) continue;
    Entry entry = std::move(waiting_[i]);
    waiting_.erase(waiting_.begin() + static_cast<ptrdiff_t>(i));
    entry.input_came = true;
    return Wake(std::move(entry));
  }
}

void Scheduler::Wake(Entry entry) {
  entry.deadline_ns.reset();
  entry.input = false;
  entry.sockets.clear();
  runnable_.push_back(std::move(entry));
}

// Those that wait for input: that it has come, and, if it does not for long,
// that they need no memory.
void Scheduler::LookForInput() {
  const int64_t now_ns = engine_.outside.MonotonicNow();
  if (engine_.db == nullptr ||
      now_ns - looked_for_input_ns_ < kLookForInputNs) {
    return;
  }
  looked_for_input_ns_ = now_ns;
  std::vector<ProcessNumber> came;
  for (Entry& entry : waiting_) {
    if (!entry.input) continue;
    const absl::StatusOr<InputEnd> end = engine_.db->GetInputEnd(entry.number);
    // An error is its own, when it looks itself.
    if (!end.ok() || end->is_closed || end->offset > entry.queue_offset) {
      came.push_back(entry.number);
    } else if (entry.process != nullptr && !entry.outside_input &&
               entry.record.status() == WAITING &&
               !entry.process->has_sockets() &&
               now_ns - entry.waits_since_ns >= options_.unload_after_ns) {
      entry.process = nullptr;
    }
  }
  for (const ProcessNumber process : came) GiveInput(process);
}

std::optional<Scheduler::Entry> Scheduler::Take(ProcessNumber process) {
  const auto is_it = [process](const Entry& entry) {
    return entry.number == process;
  };
  std::optional<Entry> taken;
  const auto take_from = [&](auto& entries) {
    const auto at = std::find_if(entries.begin(), entries.end(), is_it);
    if (at == entries.end()) return;
    taken = std::move(*at);
    entries.erase(at);
  };
  take_from(runnable_);
  if (!taken.has_value()) take_from(waiting_);
  return taken;
}

void Scheduler::Run() {
  while (!runnable_.empty() || !waiting_.empty() || !committing_.empty()) {
    if (stop_) return StopAll();
    if (has_requests_) {
      AnswerRequests();
      continue;
    }
    WakeDue(/*input_ready=*/false);
    if (IsGroupDue()) {
      WriteGroup();
      continue;
    }
    if (runnable_.empty()) {
      WaitForSomething();
      continue;
    }
    Entry entry = std::move(runnable_.front());
    runnable_.pop_front();
    RunOne(std::move(entry));
  }
}

void Scheduler::RunOne(Entry entry) {
  if (entry.process == nullptr) {
    auto process = Process::Resume(engine_, entry.number);
    if (!process.ok()) {
      return ReportEnd(std::move(entry), End::kError, process.status());
    }
    entry.process = *std::move(process);
    for (const std::string& warning : entry.process->warnings()) {
      on_warning_(entry.record, warning);
    }
  }
  if (std::exchange(entry.input_came, false)) {
    entry.process->NoteQueuedInput();
  }
  int64_t quantum_ns = options_.quantum_ns;
  if (!committing_.empty()) {
    const int64_t left_ns = group_due_ns_ - engine_.outside.MonotonicNow();
    quantum_ns = std::clamp<int64_t>(left_ns, 1, quantum_ns);
  }
  absl::StatusOr<Process::Progress> progress =
      entry.process->StepToCommit(quantum_ns);
  AfterStep(std::move(entry), std::move(progress));
}

void Scheduler::AfterStep(Entry entry,
                          absl::StatusOr<Process::Progress> progress) {
  Process& process = *entry.process;
  entry.record = process.record();
  if (!progress.ok()) {
    return ReportEnd(std::move(entry), End::kError, progress.status());
  }
  if (*progress == Process::Progress::kFinished) {
    return ReportEnd(std::move(entry), End::kFinished, absl::OkStatus());
  }
  if (*progress == Process::Progress::kCommitting) {
    return SetAside(std::move(entry));
  }
  if (!process.output_status().ok()) {
    // Nobody is there to see it go on.
    return ParkOne(std::move(entry));
  }
  if (*progress == Process::Progress::kWaiting) {
    return StartWaiting(std::move(entry));
  }
  runnable_.push_back(std::move(entry));
}

void Scheduler::SetAside(Entry entry) {
  Process::StagedCommit staged = entry.process->TakeStaged();
  if (entry.process->sync_level() == SyncLevel::kStrict) {
    absl::StatusOr<Process::Progress> progress = entry.process->Committed(
        engine_.db->ApplyCommit(staged.commit, staged.sync));
    return AfterStep(std::move(entry), std::move(progress));
  }
  if (committing_.empty()) {
    group_due_ns_ = engine_.outside.MonotonicNow() +
                    std::min(options_.max_group_wait_ns, last_group_took_ns_);
    committing_bytes_ = 0;
  }
  committing_bytes_ += SizeOf(staged.commit);
  committing_.push_back({std::move(entry), std::move(staged)});
}

bool Scheduler::IsGroupDue() {
  if (committing_.empty()) return false;
  return runnable_.empty() || committing_.size() >= kMaxGroup ||
         committing_bytes_ >= kMaxGroupBytes ||
         engine_.outside.MonotonicNow() >= group_due_ns_;
}

void Scheduler::WriteGroup() {
  std::vector<Committing> group = std::exchange(committing_, {});
  const int64_t begin_ns = engine_.outside.MonotonicNow();
  SyncMode sync = SyncMode::kNoSync;
  std::vector<Commit> commits;
  commits.reserve(group.size());
  for (Committing& one : group) {
    if (one.staged.sync == SyncMode::kSync) sync = SyncMode::kSync;
    commits.push_back(std::move(one.staged.commit));
  }
  const absl::Status all = engine_.db->ApplyCommits(commits, sync);
  last_group_took_ns_ = engine_.outside.MonotonicNow() - begin_ns;
  for (size_t i = 0; i < group.size(); ++i) {
    // What is wrong with one is not to end the others.
    const absl::Status status =
        all.ok() || group.size() == 1
            ? all
            : engine_.db->ApplyCommit(commits[i], group[i].staged.sync);
    absl::StatusOr<Process::Progress> progress =
        group[i].entry.process->Committed(status);
    AfterStep(std::move(group[i].entry), std::move(progress));
  }
}

bool Scheduler::CanWake(const Entry& entry) const {
  return entry.deadline_ns.has_value() || !entry.sockets.empty() ||
         (entry.outside_input && engine_.outside.has_input()) ||
         (entry.input && !entry.outside_input && engine_.db != nullptr);
}

void Scheduler::StartWaiting(Entry entry) {
  const wasi::Wait& wait = entry.process->wait();
  entry.deadline_ns = wait.deadline_ns;
  entry.input = wait.input;
  entry.outside_input = wait.input && entry.process->reads_outside();
  entry.queue_offset = entry.process->queue_offset();
  entry.waits_since_ns = engine_.outside.MonotonicNow();
  entry.sockets = wait.sockets;
  if (entry.input && entry.input_came) return Wake(std::move(entry));
  // Waiting for what cannot come here (input, of several processes resumed
  // together): it stays parked, as the store has it.
  if (!CanWake(entry) && entry.input) {
    return ReportEnd(std::move(entry), End::kParked, absl::OkStatus());
  }
  const bool is_saved =
      engine_.db != nullptr && entry.record.status() == WAITING;
  if (is_saved && !entry.input && !entry.process->has_sockets() &&
      entry.deadline_ns.has_value() &&
      *entry.deadline_ns - engine_.outside.RealtimeNow() >=
          options_.unload_after_ns) {
    entry.process = nullptr;
  }
  waiting_.push_back(std::move(entry));
}

void Scheduler::WakeDue(bool input_ready) {
  const int64_t now_ns = engine_.outside.RealtimeNow();
  for (size_t i = 0; i < waiting_.size();) {
    Entry& entry = waiting_[i];
    const bool due =
        (entry.deadline_ns.has_value() && *entry.deadline_ns <= now_ns) ||
        (entry.outside_input && input_ready) ||
        (!entry.sockets.empty() &&
         engine_.outside.HasReadySocket(entry.sockets));
    if (!due) {
      ++i;
      continue;
    }
    Wake(std::move(entry));
    if (&entry != &waiting_.back()) entry = std::move(waiting_.back());
    waiting_.pop_back();
  }
}

void Scheduler::WaitForSomething() {
  std::optional<int64_t> deadline_ns;
  bool input = false;
  std::vector<wasi::Wait::Socket> sockets;
  for (const Entry& entry : waiting_) {
    input = input || entry.outside_input;
    sockets.insert(sockets.end(), entry.sockets.begin(), entry.sockets.end());
    if (entry.deadline_ns.has_value() &&
        (!deadline_ns.has_value() || *entry.deadline_ns < *deadline_ns)) {
      deadline_ns = entry.deadline_ns;
    }
  }
  const bool input_ready =
      engine_.outside.WaitWithSockets(deadline_ns, input, sockets);
  if (stop_) return;
  WakeDue(input_ready);
  LookForInput();
}

void Scheduler::StopAll() {
  if (!committing_.empty()) WriteGroup();
  for (Entry& entry : std::exchange(waiting_, {})) ParkOne(std::move(entry));
  for (Entry& entry : std::exchange(runnable_, {})) ParkOne(std::move(entry));
}

void Scheduler::ParkOne(Entry entry) {
  // One that is not loaded is parked already.
  if (entry.process == nullptr) {
    return ReportEnd(std::move(entry), End::kParked, absl::OkStatus());
  }
  StopOne(std::move(entry), PAUSED);
}

void Scheduler::StopOne(Entry entry, ProcessStatus status) {
  if (HasFinished(entry.record.status())) {  // is here to show its output
    return ReportEnd(std::move(entry), End::kFinished, absl::OkStatus());
  }
  absl::Status stopped;
  if (entry.process != nullptr) {
    stopped = entry.process->Park(status);
    entry.record = entry.process->record();
  } else if (engine_.db != nullptr && entry.record.status() != status) {
    absl::StatusOr<ProcessRecord> changed = ChangeStatus(
        *engine_.db, entry.number, status, engine_.outside.RealtimeNow());
    stopped = changed.status();
    if (changed.ok()) entry.record = *std::move(changed);
  }
  const End end = !stopped.ok()         ? End::kError
                  : status == CANCELLED ? End::kFinished
                                        : End::kParked;
  ReportEnd(std::move(entry), end, std::move(stopped));
}

void Scheduler::ReportEnd(Entry entry, End end, absl::Status status) {
  Report report;
  report.end = end;
  report.number = entry.number;
  report.record = std::move(entry.record);
  report.status = std::move(status);
  if (entry.process != nullptr) {
    report.output_status = entry.process->output_status();
  }
  on_end_(report);
}

}  // namespace wasmd

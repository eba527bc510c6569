#include "runtime/scheduler.h"

#include <algorithm>
#include <utility>

namespace wasmd {

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
  if (record.status() == WAITING && record.wake_time_ns() != 0) {
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

void Scheduler::Run() {
  while (!runnable_.empty() || !waiting_.empty()) {
    if (stop_) return StopAll();
    WakeDue(/*input_ready=*/false);
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
  Process& process = *entry.process;
  const absl::StatusOr<Process::Progress> progress =
      process.Step(options_.quantum_ns);
  entry.record = process.record();
  if (!progress.ok()) {
    return ReportEnd(std::move(entry), End::kError, progress.status());
  }
  if (*progress == Process::Progress::kFinished) {
    return ReportEnd(std::move(entry), End::kFinished, absl::OkStatus());
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

bool Scheduler::CanWake(const Entry& entry) const {
  return entry.deadline_ns.has_value() ||
         (entry.input && engine_.outside.has_input());
}

void Scheduler::StartWaiting(Entry entry) {
  const wasi::Wait& wait = entry.process->wait();
  entry.deadline_ns = wait.deadline_ns;
  entry.input = wait.input;
  // Waiting for what cannot come here (input, of several processes resumed
  // together): it stays parked, as the store has it.
  if (!CanWake(entry) && entry.input) {
    return ReportEnd(std::move(entry), End::kParked, absl::OkStatus());
  }
  const bool is_saved =
      engine_.db != nullptr && entry.record.status() == WAITING;
  if (is_saved && !entry.input && entry.deadline_ns.has_value() &&
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
        (entry.input && input_ready);
    if (!due) {
      ++i;
      continue;
    }
    entry.deadline_ns.reset();
    entry.input = false;
    runnable_.push_back(std::move(entry));
    if (&entry != &waiting_.back()) entry = std::move(waiting_.back());
    waiting_.pop_back();
  }
}

void Scheduler::WaitForSomething() {
  std::optional<int64_t> deadline_ns;
  bool input = false;
  for (const Entry& entry : waiting_) {
    input = input || entry.input;
    if (entry.deadline_ns.has_value() &&
        (!deadline_ns.has_value() || *entry.deadline_ns < *deadline_ns)) {
      deadline_ns = entry.deadline_ns;
    }
  }
  const bool input_ready = engine_.outside.Wait(deadline_ns, input);
  if (!stop_) WakeDue(input_ready);
}

void Scheduler::StopAll() {
  for (Entry& entry : std::exchange(waiting_, {})) ParkOne(std::move(entry));
  for (Entry& entry : std::exchange(runnable_, {})) ParkOne(std::move(entry));
}

void Scheduler::ParkOne(Entry entry) {
  // One that is not loaded is parked already.
  absl::Status status;
  if (entry.process != nullptr) {
    status = entry.process->Park(PAUSED);
    entry.record = entry.process->record();
  }
  const End end = status.ok() ? End::kParked : End::kError;
  ReportEnd(std::move(entry), end, std::move(status));
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

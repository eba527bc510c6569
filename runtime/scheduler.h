// Scheduler: runs many processes on one thread, a slice at a time in turn,
// until all have ended or it is told to stop. Processes that wait for long are
// let go of and come back from the store when their time has come.
//
// Group commit: a process that must be committed is set aside while others run,
// and what has come together is written and synced at once: when nobody else
// can run, when the first has waited as long as the last such write took
// (waiting then costs at most as much as it saves), or when it is much. One
// that is set aside is never overtaken by its own next step, and all of a group
// go on in turn, so none starves.

#ifndef WASMD_RUNTIME_SCHEDULER_H_
#define WASMD_RUNTIME_SCHEDULER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "runtime/engine.h"
#include "runtime/process.h"
#include "wasi/wasi.h"

namespace wasmd {

struct SchedulerOptions {
  int64_t quantum_ns = 10'000'000;
  // A process that waits at least this long leaves memory.
  int64_t unload_after_ns = 5'000'000'000;
  // The longest that a commit waits for others.
  int64_t max_group_wait_ns = 2'000'000;
};

// Confined to one thread, except the Request methods.
class Scheduler {
 public:
  enum class End : uint8_t {
    kFinished,  // `record` says how
    kParked,    // saved; goes on with `wasmd resume`
    kError,     // `status`; the store has its last state
  };
  struct Report {
    End end = End::kFinished;
    ProcessNumber number = 0;
    ProcessRecord record;
    absl::Status status;
    // Output could not be shown (a closed pipe); it is in the log.
    absl::Status output_status;
  };
  // Called once for each process, when it is over.
  using OnEnd = std::function<void(const Report&)>;
  using OnWarning =
      std::function<void(const ProcessRecord&, const std::string& warning)>;

  // `engine` outlives this.
  Scheduler(Engine& engine, const SchedulerOptions& options, OnEnd on_end,
            OnWarning on_warning);

  void Add(std::unique_ptr<Process> process);
  // A process of the store, loaded when its turn comes.
  void Add(ProcessNumber number, const ProcessRecord& record);

  // Until every process is over. After RequestStop they are all parked first,
  // as PAUSED, or as they are if they wait.
  void Run();

  // Any thread.
  void RequestStop();

  // Any thread. The process is parked as PAUSED, or ended as CANCELLED, at its
  // next safepoint; what is reported is kParked, or kFinished. Nothing happens
  // if it is not here, or ends first.
  void RequestPause(ProcessNumber process) ABSL_LOCKS_EXCLUDED(mutex_);
  void RequestCancel(ProcessNumber process) ABSL_LOCKS_EXCLUDED(mutex_);

  // Any thread. Something was appended to the input of the process, which
  // wakes it if it waits for that.
  void TellOfInput(ProcessNumber process) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    std::unique_ptr<Process> process;  // null: in the store only
    ProcessNumber number = 0;
    ProcessRecord record;
    std::optional<int64_t> deadline_ns;  // realtime, while waiting
    bool input = false;
    // That of this program counts, too.
    bool outside_input = false;
    uint64_t queue_offset = 0;  // how far it read what was appended
    bool input_came = false;    // since its last step
    int64_t waits_since_ns = 0;
    // Of the process's context; while waiting.
    std::vector<wasi::Wait::Socket> sockets;
  };

  void RunOne(Entry entry);
  // What becomes of a process whose step ended so.
  void AfterStep(Entry entry, absl::StatusOr<Process::Progress> progress);
  void SetAside(Entry entry);
  bool IsGroupDue();
  void WriteGroup();
  void StartWaiting(Entry entry);
  void WakeDue(bool input_ready);
  void WaitForSomething();
  void StopAll();
  void RequestStatus(ProcessNumber process, ProcessStatus status)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void AnswerRequests() ABSL_LOCKS_EXCLUDED(mutex_);
  void GiveInput(ProcessNumber process);
  void LookForInput();
  void Wake(Entry entry);
  // Takes it out of what runs or waits; nullopt if it is not there.
  std::optional<Entry> Take(ProcessNumber process);
  void ParkOne(Entry entry);
  // PAUSED or CANCELLED.
  void StopOne(Entry entry, ProcessStatus status);
  void ReportEnd(Entry entry, End end, absl::Status status);
  bool CanWake(const Entry& entry) const;

  Engine& engine_;
  const SchedulerOptions options_;
  const OnEnd on_end_;
  const OnWarning on_warning_;
  std::deque<Entry> runnable_;
  std::vector<Entry> waiting_;
  struct Committing {
    Entry entry;
    Process::StagedCommit staged;
  };
  std::vector<Committing> committing_;
  uint64_t committing_bytes_ = 0;
  int64_t group_due_ns_ = 0;  // monotonic; when committing_ is not empty
  int64_t last_group_took_ns_ = 0;
  int64_t looked_for_input_ns_ = 0;  // monotonic
  std::atomic<bool> stop_ = false;

  struct Request {
    ProcessNumber process = 0;
    ProcessStatus status = PAUSED;
  };
  absl::Mutex mutex_;
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);
  std::vector<ProcessNumber> inputs_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> has_requests_ = false;
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_SCHEDULER_H_

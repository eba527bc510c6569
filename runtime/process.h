// Process: the durable unit that users see: a module instance with its thread,
// its WASI side and its record in the store.
//
// Invariants:
// 1. The outside sees nothing of a process that the store does not have: output
//    is released, and an effect is started, only after the commit that holds
//    it (SyncLevel says what "holds" means).
// 2. Every commit is one ApplyCommit of record, log and either state and pages,
//    taken with the thread at a safepoint, or the journal since the commit
//    before. Dirty marks are cleared only after a commit of the former kind.
// 3. A committed state with an effect pending, or a journal that ends with one,
//    was prepared for it (wasi::Context::Prepare), and the effect may have
//    happened. An effect that is not committed as pending is one that may be
//    done again (wasi::Context::MayRepeat), and all that led to it is
//    committed.
// 4. After an error of the store nothing more is run or released; what the
//    store has is the process.
//
// Confined to one thread at a time.

#ifndef WASMD_RUNTIME_PROCESS_H_
#define WASMD_RUNTIME_PROCESS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/translated_module.h"
#include "runtime/engine.h"
#include "runtime/journal.h"
#include "runtime/kept_states.h"
#include "runtime/linking.h"
#include "runtime/moment.h"
#include "runtime/passing_reader.h"
#include "runtime/process_input.h"
#include "runtime/process_options.pb.h"
#include "runtime/replay.h"
#include "runtime/shown_output.h"
#include "runtime/wasi_host.h"
#include "snapshot/snapshot.h"
#include "store/process_db.h"
#include "wasi/wasi.h"

namespace wasmd {

// What to run, and how; kept with the process.
struct LaunchRequest {
  std::string name;         // empty: made from module_path
  std::string module_path;  // for people
  std::string invoke;       // exported function; empty: _start
  // The guest's argv, program name first; with `invoke`, the function's
  // arguments.
  std::vector<std::string> arguments;
  ProcessOptions options;
  std::vector<LinkedModule> links;  // in this order; from engine.modules
};

class Process {
 public:
  enum class Progress : uint8_t {
    kRunnable,    // the quantum is over
    kWaiting,     // call Step again when wait() is over
    kFinished,    // record() says how
    kCommitting,  // StepToCommit only: see there
  };

  // Instantiates and registers a process; runs nothing. `module` came from
  // engine.modules. Nothing is registered on an error: FailedPrecondition if
  // an import or the function to call is not there, InvalidArgument for wrong
  // arguments, NotFound for a directory that is not there, AlreadyExists if
  // the name is taken.
  static absl::StatusOr<std::unique_ptr<Process>> Launch(
      Engine& engine, const LaunchRequest& request,
      std::shared_ptr<TranslatedModule> module);

  // From the store, where its last commit left it. What was committed and not
  // shown is shown first; a process that has finished is only resumed for that,
  // and FailedPrecondition otherwise. Errors as RestoreSnapshot has them.
  static absl::StatusOr<std::unique_ptr<Process>> Resume(Engine& engine,
                                                         ProcessNumber number);

  // The machine at a moment of the process's past, with nothing around it: only
  // to be looked at. Changes nothing, here and in the store. DataLoss if the
  // guest, run again, does not do what the journal says; errors as
  // RestoreSnapshot has them. With `is_whole`, memory is read now, so that
  // damage in it is found.
  static absl::StatusOr<std::unique_ptr<Process>> LookAt(Engine& engine,
                                                         ProcessNumber number,
                                                         const Moment& moment,
                                                         bool is_whole);

  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Runs for about `quantum_ns`, or until it waits or ends. An error is the
  // store's, or the process cannot be captured: see invariant 4.
  absl::StatusOr<Progress> Step(int64_t quantum_ns);

  // The same, but what must be committed is left to the caller, who can write
  // the commits of many processes at once. After kCommitting: write what
  // TakeStaged gives, which borrows from this, and tell Committed how that
  // went; its answer is the progress, never kCommitting. Nothing else may be
  // called in between.
  absl::StatusOr<Progress> StepToCommit(int64_t quantum_ns);
  struct StagedCommit {
    Commit commit;
    SyncMode sync = SyncMode::kSync;
  };
  StagedCommit TakeStaged();
  absl::StatusOr<Progress> Committed(const absl::Status& written);

  // After kWaiting.
  const wasi::Wait& wait() const { return *wait_; }

  // Commits where it is, durably whatever the SyncLevel, with this status:
  // PAUSED, or CANCELLED, which ends it.
  absl::Status Park(ProcessStatus status);

  ProcessNumber number() const { return number_; }
  const Store& store() const { return *store_; }
  const Thread& thread() const { return *thread_; }
  // After LookAt.
  const PassingReader& memory_reader() const { return *memory_reader_; }
  SyncLevel sync_level() const { return sync_level_; }
  // Does it read what this program has as standard input? Else input comes from
  // the queue alone, of which this much is read.
  bool reads_outside() const { return input_.reads_outside(); }
  uint64_t queue_offset() const { return input_.queue_offset(); }
  // Something was appended to its input.
  void NoteQueuedInput() { input_.NoteQueue(); }
  // Has it sockets, which end when it leaves memory?
  bool has_sockets() const { return options_.listeners_size() > 0; }
  const ProcessRecord& record() const { return record_; }
  // After Resume: part of the journal was run again, so that the stored state
  // is not all there is.
  bool ran_again() const { return ran_again_; }
  // Everything of it, as a state that needs no journal, and the record for
  // that. Changes nothing.
  absl::StatusOr<Capture> CaptureWhole() const;
  ProcessRecord RecordWithoutJournal() const;
  // What could not be restored as it was (a file that vanished), for people.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // Why output cannot be shown any more; it is still kept in the log.
  const absl::Status& output_status() const { return output_status_; }

 private:
  class WasiEnvironment;
  struct Ending;
  struct Staged;
  struct Output {
    uint32_t stream = 0;
    std::string bytes;
    bool was_shown = false;  // before the process was rewound
  };

  Process(Engine& engine, ProcessRecord record, ProcessOptions options);

  bool saves_before_effects() const;
  absl::Status Register(const std::string& wanted_name);
  std::string ShownOutputPath() const;
  absl::Status ShowRest();
  absl::Status CountAsShown();
  absl::Status Instantiate(std::span<const LinkedModule> links,
                           std::shared_ptr<TranslatedModule> module);
  absl::Status InstantiateAnew();
  // The machine as a state has it, of a kept point or the last one. Gives what
  // the WASI side was then.
  absl::StatusOr<std::string> Restore(std::optional<uint64_t> point,
                                      bool is_whole);
  // Brings what was restored to where the last commit left the process, and the
  // WASI side, which was `wasi_state` then, too (process_replay.cc).
  absl::Status GoOnFrom(std::string_view wasi_state);
  // Gives the guest the answers it had after the state was saved.
  absl::Status RunAgain(Replay& replay);
  absl::Status RunAllAgain(Replay& replay);
  absl::Status RunOneAgain(Replay& replay);
  wasi::Options WasiOptions() const;
  void SetContext(std::unique_ptr<wasi::Context> context);

  // Sets the thread up for what follows `options_.phase`: the next of the
  // initial functions, then the main one.
  absl::Status StartNext();
  absl::StatusOr<FuncAddr> MainFunction() const;
  // What `main` is called with.
  absl::StatusOr<std::vector<Value>> MainArguments(FuncAddr main) const;
  absl::Status StartMain();

  absl::StatusOr<Progress> RunSlice(int64_t end_ns);
  absl::StatusOr<Progress> AfterRun(RunResult result);
  absl::StatusOr<Progress> AnswerHostCall();
  absl::StatusOr<Progress> BeginWait(const wasi::Wait& wait);
  absl::StatusOr<Progress> AfterReturn();
  absl::StatusOr<Progress> AfterAbort(RunResult result);
  absl::StatusOr<Progress> Finish(Ending ending);

  void WriteOutput(uint32_t stream, ByteSpan bytes);
  SyncMode sync_mode() const;
  absl::StatusOr<Progress> CommitIfDue();
  // Stages what costs least: the state, or the journal alone. `intent`, if not
  // null, is the effect that is to start after it.
  absl::StatusOr<Progress> StageProgress(ProcessStatus status,
                                         int64_t wake_time_ns, SyncMode sync,
                                         Progress next,
                                         const JournalCall* intent);
  // Input before this offset is for no state that is kept.
  uint64_t NeededInput() const;
  bool can_do_without_state() const;
  uint64_t fuel_since_state() const;
  // Is the state that is about to be saved one to be kept?
  bool keeps_state() const;
  std::string OptionsToKeep() const;
  // Captures everything that changed, with this status, for a commit after
  // which `next` is the progress. Without a store it is that at once.
  absl::StatusOr<Progress> StageState(ProcessStatus status,
                                      int64_t wake_time_ns, SyncMode sync,
                                      Progress next);
  // Adds the outbox to the commit, and what all commits have.
  absl::StatusOr<Progress> Stage(std::unique_ptr<Staged> staged);
  absl::StatusOr<Progress> WriteStaged();
  // After a commit with a state.
  void NoteState(const Staged& staged);
  void DropOldStates();
  void ReleaseOutput();
  void Show(uint32_t stream, ByteSpan bytes);

  Engine& engine_;
  ProcessNumber number_ = 0;
  ProcessRecord record_;  // as committed last
  ProcessOptions options_;
  const SyncLevel sync_level_;
  std::vector<std::string> warnings_;

  ProcessInput input_;
  // In order of construction: each uses what is above it.
  std::unique_ptr<WasiEnvironment> environment_;
  WasiHost host_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Thread> thread_;
  std::unique_ptr<PassingReader> memory_reader_;  // null but after LookAt

  std::optional<Trap> instantiation_trap_;
  std::optional<wasi::Wait> wait_;
  // When the pending call was made; realtime.
  std::optional<int64_t> pending_since_ns_;
  // The state was restored with a call pending that may have happened.
  bool in_doubt_ = false;
  // The pending effect was prepared for and is saved as pending.
  bool is_saved_for_effect_ = false;
  std::unique_ptr<Staged> staged_;  // null unless kCommitting

  std::unique_ptr<Journal> journal_;         // null without a store
  std::unique_ptr<KeptStates> kept_states_;  // null if none are
  std::optional<PointRetention> to_drop_;    // of them, after a commit
  bool is_only_looked_at_ = false;
  bool ran_again_ = false;
  // Of the last state that was saved.
  uint64_t state_fuel_ = 0;
  ProcessOptions::Phase state_phase_ = ProcessOptions::NOT_STARTED;
  uint32_t state_initial_function_ = 0;
  uint64_t trimmed_input_ = 0;  // the store has none before it

  std::vector<Output> outbox_;  // written by the guest, not committed
  size_t outbox_bytes_ = 0;
  std::string spare_output_;   // empty; its memory is for the next output
  int64_t output_due_ns_ = 0;  // monotonic; when outbox_ is not empty
  int64_t checkpoint_due_ns_ = 0;
  int64_t last_commit_took_ns_ = 0;
  absl::Status output_status_;
  std::unique_ptr<ShownOutput> shown_;  // null: not counted
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_PROCESS_H_

// Session: running processes for `run` and `resume`: signals, messages for the
// person at the terminal, exit code.

#ifndef WASMD_TOOLS_COMMANDS_SESSION_H_
#define WASMD_TOOLS_COMMANDS_SESSION_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/engine.h"
#include "runtime/process_options.pb.h"
#include "runtime/scheduler.h"
#include "store/sharing/shared_store.h"
#include "tools/commands/flags.h"
#include "tools/commands/signal_watcher.h"
#include "tools/commands/store_access.h"

namespace wasmd {

// Options that `run` and `resume` share.
struct SessionFlags {
  std::string store;
  KeyFlags key;
  std::string sync;   // empty: what each process was started with
  std::string input;  // the same
  std::string trace;
  std::string trace_file;  // empty: stderr

  void AddTo(Flags* flags);
};

// What --sync says, for a process to keep. InvalidArgument if it is unknown.
absl::StatusOr<ProcessOptions::Sync> SyncToKeep(const SessionFlags& flags);

// What --stdin says, the same way.
absl::StatusOr<ProcessOptions::StandardInput> InputToKeep(
    const SessionFlags& flags);

// For processes of the store in this directory.
void UseDirectory(const std::string& directory, EngineOptions* options);

// InvalidArgument for an unknown --sync, --stdin or --trace, a file of
// --trace-file that cannot be written, or a WASMD_KILL_POINT (a hook for tests,
// see runtime/kill_points.h) that is not one.
absl::StatusOr<EngineOptions> MakeEngineOptions(const SessionFlags& flags);

class Session {
 public:
  // `store_flag` is what the person gave as --store, `key` what they said of
  // its key, for the command that resumes. `store` is that of `engine`, null if
  // it has none; the claim of a process is released when it is over. All
  // references outlive this.
  Session(Engine& engine, SharedStore* store, SignalWatcher& signals,
          std::string store_flag, KeyFlags key);
  ~Session();

  Scheduler& scheduler() { return scheduler_; }

  // Runs what was added until it is over. The exit code: of the one process, or
  // of the first of several that was not 0.
  int Run();

 private:
  void OnEnd(const Scheduler::Report& report);
  int Describe(const Scheduler::Report& report) const;
  std::string ResumeCommand(const std::string& name) const;

  Engine& engine_;
  SharedStore* const store_;
  SignalWatcher& signals_;
  const std::string store_flag_;
  const KeyFlags key_;
  Scheduler scheduler_;
  int exit_code_ = 0;
};

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_SESSION_H_

// Engine: what all processes of one wasmd share.

#ifndef WASMD_RUNTIME_ENGINE_H_
#define WASMD_RUNTIME_ENGINE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "runtime/kill_points.h"
#include "runtime/module_loader.h"
#include "runtime/outside.h"
#include "runtime/process_options.pb.h"
#include "runtime/slice_timer.h"
#include "store/process_db.h"

namespace wasmd {

// What is on disk before the outside sees anything of it (design section 4).
enum class SyncLevel : uint8_t {
  kStrict,   // everything, each process by its own write and sync
  kGroup,    // everything; processes share writes and syncs, and wait for them
             // a few ms at most
  kProcess,  // written, not synced: survives the end of wasmd
  kNone,     // nothing: saved now and then; effects do not wait
};

// kGroup for DEFAULT and for what only a newer wasmd knows.
inline SyncLevel SyncLevelOf(ProcessOptions::Sync sync) {
  switch (sync) {
    case ProcessOptions::STRICT:
      return SyncLevel::kStrict;
    case ProcessOptions::PROCESS:
      return SyncLevel::kProcess;
    case ProcessOptions::NONE:
      return SyncLevel::kNone;
    default:
      return SyncLevel::kGroup;
  }
}

struct EngineOptions {
  // For all processes; nullopt: for each what its ProcessOptions say, and
  // kGroup where they say nothing.
  std::optional<SyncLevel> sync;
  // Output is committed, and so seen, at most this long after it was written.
  int64_t output_delay_ns = 5'000'000;
  // A process that only computes is saved this often, or less often where
  // saving takes more than a fiftieth of the time.
  int64_t checkpoint_interval_ns = 100'000'000;
  // Where files of ShownOutput are kept, which lets a resume show what was
  // committed but not shown; empty: nowhere, and such output is in the log
  // only.
  std::string shown_directory;
  // Where files of TakenInput are kept; empty: nowhere, and what is taken from
  // a pipe or terminal goes through the queue of its process.
  std::string taken_directory;
  // For all processes; nullopt: for each what its ProcessOptions say.
  std::optional<ProcessOptions::StandardInput> standard_input;
  // Told of every call of a host function, in the words of wasi/call_trace.h;
  // null: nobody is.
  std::function<void(const ProcessRecord& process, const std::string& call)>
      on_host_call;
  KillPoints kill_points;
};

// Confined to one thread, as its processes are, except `timer`.
struct Engine {
  // `process_db`, null for processes that are not kept, and `world` outlive
  // this.
  Engine(ProcessDb* process_db, Outside& world, const EngineOptions& settings)
      : db(process_db), outside(world), options(settings), modules(db) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  ProcessDb* const db;
  Outside& outside;
  EngineOptions options;
  ModuleLoader modules;
  SliceTimer timer;
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_ENGINE_H_

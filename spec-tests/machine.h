// Machine: the Store and the Thread that a script runs on. Everything in it is
// named by address, never by pointer, so that the whole state can be replaced
// by a restored copy in the middle of a call.

#ifndef WASMD_SPEC_TESTS_MACHINE_H_
#define WASMD_SPEC_TESTS_MACHINE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "interp/instantiate.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/trap.h"
#include "interp/value.h"
#include "snapshot/snapshot.h"
#include "spec-tests/spectest_module.h"
#include "spec-tests/suspension_count.h"

namespace wasmd::spec {

// How a call ended.
struct CallOutcome {
  RunResult result = RunResult::kReturned;  // kReturned, kTrapped or kThrew
  std::vector<Value> results;  // kReturned; concrete types are TypeIds
  Trap trap;                   // kTrapped
};

// How an instantiation with its start function ended.
struct InstanceOutcome {
  InstanceAddr instance = 0;
  // A trap of a segment, or whatever the start function did; none if it all
  // went well.
  std::optional<CallOutcome> failure;
};

struct MachineOptions {
  // Suspend at every Nth safepoint of a call, at its beginning and end, and
  // between calls: take a snapshot, destroy the Store, restore it from
  // bytes, take the snapshot again, which has to be identical, and go on. Less
  // and less often in calls that run for long or recurse deeply, which repeat
  // themselves. Not 0.
  std::optional<uint64_t> suspend_every;
};

// Confined to one thread at a time.
class Machine {
 public:
  static absl::StatusOr<std::unique_ptr<Machine>> Create(
      const MachineOptions& options);

  // May be another one after every Instantiate and Call.
  Store& store() { return *process_.store; }

  const SuspensionCount& suspensions() const { return suspensions_; }

  // Makes the exports of an instance importable under a module name.
  void Register(const std::string& name, InstanceAddr instance) {
    registered_[name] = instance;
  }

  // FailedPrecondition if an import is missing or does not match.
  absl::StatusOr<InstanceOutcome> Instantiate(
      std::shared_ptr<TranslatedModule> module);

  // NotFound if there is no such export of this kind.
  absl::StatusOr<ExternValue> FindExport(InstanceAddr instance,
                                         const std::string& name,
                                         ExternKind kind);

  // InvalidArgument if the arguments do not fit. Internal and DataLoss mean
  // that the machine could not be suspended and taken up again; it is lost
  // then, and whatever is done with it fails.
  absl::StatusOr<CallOutcome> Call(FuncAddr function,
                                   std::span<const Value> arguments);

  Value GlobalValue(GlobalAddr address);

 private:
  explicit Machine(const MachineOptions& options);

  std::optional<ExternValue> Resolve(const Import& import);
  absl::Status CheckNotLost() const;
  // Whether the call is one of too many to be suspended.
  bool IsSpared() const;
  // Starts and runs to the end, with every suspension in between.
  absl::StatusOr<RunResult> Run(FuncAddr function,
                                std::span<const Value> arguments);
  // The number of frames that the thread had.
  absl::StatusOr<size_t> Suspend();
  // Between calls, and before the first instruction and behind the last one of
  // a call; these two do nothing if no suspensions are wanted.
  absl::Status SuspendAtRest();
  absl::Status SuspendAtBothEnds();
  // By what is restored from a snapshot of it; lost if that fails.
  absl::Status Replace();

  const MachineOptions options_;
  RestoreContext context_;
  RestoredProcess process_;  // its store is null if the machine is lost
  Externs spectest_;
  std::map<std::string, InstanceAddr> registered_;
  std::map<Sha256Digest, std::shared_ptr<TranslatedModule>> modules_;
  uint64_t calls_ = 0;
  SuspensionCount suspensions_;
};

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_MACHINE_H_

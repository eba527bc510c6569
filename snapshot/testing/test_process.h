// Processes for tests of snapshots: modules written in the text format, host
// functions that leave their calls pending, and what restoring needs of both.

#ifndef WASMD_SNAPSHOT_TESTING_TEST_PROCESS_H_
#define WASMD_SNAPSHOT_TESTING_TEST_PROCESS_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "interp/instantiate.h"
#include "interp/store.h"
#include "snapshot/snapshot.h"

namespace wasmd::testing {

// Leaves every call pending.
class PendingFunction : public HostFunction {
 public:
  HostResult Call(HostCall&) override { return HostResult::kSuspend; }
};

// A store that instances are added to one after another. Where something
// cannot be had the program ends: the test is wrong.
class TestProcess {
 public:
  explicit TestProcess(const StoreLimits& limits = {});

  Store& store() { return *process_.store; }
  Thread& thread() { return *process_.thread; }

  // A function for imports "host" "NAME"; its calls stay pending.
  FuncAddr AddHost(std::string_view name, const FunctionType& type);

  // Instantiates. Imports from "host" are functions of AddHost, others exports
  // of the instances of these names. The start function is not run. A trap is
  // the test's to expect.
  InstantiateOutcome Add(std::string_view name, std::string_view wat);
  ModuleInstance& Instance(std::string_view name);
  uint32_t Export(std::string_view instance, std::string_view name);

  // Modules are kept; every host function is bound anew as PendingFunction.
  RestoreContext Context() const;

  RestoredProcess& process() { return process_; }

 private:
  StoreLimits limits_;
  RestoredProcess process_;
  std::map<std::string, InstanceAddr, std::less<>> instances_;
  std::map<std::string, FuncAddr, std::less<>> hosts_;
  std::map<Sha256Digest, std::shared_ptr<TranslatedModule>> modules_;
};

std::shared_ptr<TranslatedModule> ModuleOf(std::string_view wat);

}  // namespace wasmd::testing

#endif  // WASMD_SNAPSHOT_TESTING_TEST_PROCESS_H_

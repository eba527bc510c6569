// Machine: a Store with modules in the text format and host functions given as
// lambdas, for tests that run code.
//
//   Machine machine(backend);
//   machine.AddHost("env", "f", {{kI32Type}, {}}, [](HostCall& call) {...});
//   machine.Add("m", "(module ...)");
//   EXPECT_EQ(machine.Call("m", "run", {I32Value(1)}), "i32:42");

#ifndef WASMD_INTERP_TESTING_MACHINE_H_
#define WASMD_INTERP_TESTING_MACHINE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interp/exec/backend.h"
#include "interp/host_function.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/value.h"

namespace wasmd::testing {

class Machine {
 public:
  using Host = std::function<HostResult(HostCall&)>;

  explicit Machine(const Backend& backend = DefaultBackend(),
                   const StoreLimits& store_limits = {},
                   const ThreadLimits& thread_limits = {});

  // Adds a host function that modules added later can import.
  void AddHost(std::string_view module, std::string_view name,
               const FunctionType& type, Host host);
  // Instantiates a module, whose imports are host functions and exports of
  // earlier modules, and runs its start function. CHECKs that it is valid; a
  // trap goes to trap().
  ModuleInstance& Add(std::string_view name, std::string_view text);

  // Calls an export. The results, separated by spaces, or "trap: MESSAGE".
  std::string Call(std::string_view module, std::string_view name,
                   const std::vector<Value>& arguments = {});
  FuncAddr Function(std::string_view module, std::string_view name);

  Store& store() { return *store_; }
  std::string_view trap() const { return trap_; }
  uint64_t fuel_used() const { return fuel_used_; }
  const ThreadLimits& thread_limits() const { return thread_limits_; }

  // "i32:1 i64:2", "trap: unreachable", "exception", or what it stopped for.
  static std::string Describe(const Thread& thread, RunResult result);

 private:
  class LambdaHost;

  const Backend& backend_;
  const ThreadLimits thread_limits_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Thread> thread_;  // used for one call after the other
  std::map<std::pair<std::string, std::string>, ExternValue, std::less<>>
      externs_;
  std::string trap_;
  uint64_t fuel_used_ = 0;
};

}  // namespace wasmd::testing

#endif  // WASMD_INTERP_TESTING_MACHINE_H_

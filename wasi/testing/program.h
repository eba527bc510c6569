// Program: a module that is run on the interpreter with WASI and nothing else,
// without a runtime: for tests of whole programs.

#ifndef WASMD_WASI_TESTING_PROGRAM_H_
#define WASMD_WASI_TESTING_PROGRAM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "wasi/context_impl.h"
#include "wasi/host_environment.h"
#include "wasi/path_resolver.h"
#include "wasi/wasi.h"

namespace wasmd::wasi {

class Program {
 public:
  enum class Crashes : uint8_t {
    kNever,
    // In each call: the state is saved and loaded in front of it, and an effect
    // is made, forgotten and repeated in doubt.
    kAlways,
  };
  struct Result {
    uint32_t exit_code = 0;
    std::string trap;  // empty if there was none
    std::map<uint32_t, std::string> output;
    std::vector<std::string> warnings;  // of loads
    uint32_t calls = 0;
  };

  // Runs `_start` to its end. An error says that the module is not fit to run.
  static absl::StatusOr<Result> Run(std::vector<uint8_t> binary,
                                    const Options& options,
                                    PathResolver::Method method,
                                    Crashes crashes);

 private:
  class CapturingEnvironment : public HostEnvironment {
   public:
    CapturingEnvironment() : HostEnvironment(-1) {}
    void Write(uint32_t stream, ByteSpan bytes) override {
      output[stream].append(AsText(bytes));
    }
    bool IsTerminal(uint32_t stream) override { return false; }
    std::map<uint32_t, std::string> output;
  };

  Program(PathResolver::Method method, Crashes crashes)
      : method_(method), crashes_(crashes) {}

  absl::Status Instantiate(std::vector<uint8_t> binary);
  absl::Status RunToEnd();
  Outcome MakePendingCall();
  Outcome CallWithCrash(uint32_t function, const std::vector<Slot>& arguments);
  void Load(const std::string& saved);

  const PathResolver::Method method_;
  const Crashes crashes_;
  CapturingEnvironment environment_;
  std::unique_ptr<ContextImpl> context_;
  Store store_;
  ModuleInstance* instance_ = nullptr;
  std::unique_ptr<Thread> thread_;
  MemoryInstance* memory_ = nullptr;
  Result result_;
};

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_TESTING_PROGRAM_H_

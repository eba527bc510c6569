// The classes inside Process, for the files that implement it: process.cc
// (running), process_launch.cc (from a request or the store to something that
// can run) and process_commit.cc (output and commits).

#ifndef WASMD_RUNTIME_PROCESS_PARTS_H_
#define WASMD_RUNTIME_PROCESS_PARTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "runtime/process.h"
#include "snapshot/snapshot.h"
#include "wasi/wasi.h"

namespace wasmd {

// The world as WASI sees it: output goes to the outbox, the rest to Outside.
class Process::WasiEnvironment : public wasi::Environment {
 public:
  WasiEnvironment(Process& process, Outside& outside)
      : process_(process), outside_(outside) {}

  int64_t RealtimeNow() override {
    const int64_t now_ns = outside_.RealtimeNow();
    if (process_.journal_ != nullptr) process_.journal_->NoteTime(now_ns);
    return now_ns;
  }
  int64_t MonotonicNow() override { return outside_.MonotonicNow(); }
  std::optional<int64_t> CpuNow() override { return outside_.CpuNow(); }
  void Random(MutableByteSpan out) override { outside_.Random(out); }
  void Write(uint32_t stream, ByteSpan bytes) override {
    process_.WriteOutput(stream, bytes);
  }
  std::optional<std::string> ReadInput(size_t max_bytes) override {
    std::optional<std::string> bytes = process_.input_.Read(max_bytes);
    if (bytes.has_value()) {
      process_.engine_.options.kill_points.Pass(KillPoint::kAfterInput);
    }
    return bytes;
  }
  std::string InputPosition() override {
    // What is not kept has no place to go back to.
    return process_.engine_.db == nullptr ? std::string()
                                          : process_.input_.Position();
  }
  void SetInputPosition(std::string_view position) override {
    process_.input_.SetPosition(position);
  }
  bool IsTerminal(uint32_t stream) override {
    return outside_.IsTerminal(stream);
  }

 private:
  Process& process_;
  Outside& outside_;
};

// A commit that was captured and not yet written.
struct Process::Staged {
  Capture capture;  // what `commit` borrows from
  std::string wasi_state;
  Commit commit;
  ProcessRecord record;  // as `commit` has it
  SyncMode sync = SyncMode::kSync;
  bool has_state = false;
  bool keeps_state = false;  // as a point to go back to
  int64_t begin_ns = 0;
  uint64_t input_needed = 0;  // with a state: what is before it is dropped
  uint64_t taken_offset = 0;  // of the input, as the commit has it
  KillPoint after = KillPoint::kAfterCommit;
  Progress next = Progress::kRunnable;
};

struct Process::Ending {
  ProcessStatus status = COMPLETED;
  int32_t exit_code = 0;
  std::string failure = {};
  std::vector<std::string> stack = {};
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_PROCESS_PARTS_H_

// OpRuns: counts which ops follow each other. A run is a number of ops of which
// each is the only one that can follow the one before it, so that where it
// begins and how long it is say which ops they are. What makes it end is
// control: a branch that is taken, a call, a return. Confined to one thread.

#ifndef WASMD_BENCH_SEQUENCES_OP_RUNS_H_
#define WASMD_BENCH_SEQUENCES_OP_RUNS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "bench/sequences/op_map.h"
#include "interp/exec/observed_loop.h"

namespace wasmd {

class OpRuns : public OpObserver {
 public:
  // Of every `period` stretches of ops, counts one.
  explicit OpRuns(uint64_t period) : period_(period) {}

  // Whose code will run; before any does. Outlives this.
  void SetOps(OpMap* ops) { ops_ = ops; }

  void Before(const CodeUnit* position) override {
    if (--left_ == 0) NextStretch();
    if (counts_) Count(position);
  }

  // Appends a line for each run, in the order of places:
  //   run FUNCTION POSITION OPS COUNT NEXT_FUNCTION NEXT_POSITION
  // The last two say where control went: "- -" for out of the module's code.
  void AppendText(std::string* text) const;

 private:
  struct Run {
    const OpMap::Op* first = nullptr;
    uint32_t ops = 0;
    const OpMap::Op* next = nullptr;
    bool operator==(const Run&) const = default;
  };
  struct RunHash {
    size_t operator()(const Run& run) const {
      return (reinterpret_cast<uintptr_t>(run.first) * 31 + run.ops) * 31 +
             reinterpret_cast<uintptr_t>(run.next);
    }
  };

  // A run is no longer than this: a loop may go on and on.
  static constexpr uint32_t kLongestRun = 64;
  // Ops that are all counted, or all not.
  static constexpr uint64_t kStretch = 1 << 16;

  void Count(const CodeUnit* position);
  void NextStretch();

  const uint64_t period_;
  OpMap* ops_ = nullptr;
  std::unordered_map<Run, uint64_t, RunHash> counts_of_;

  bool counts_ = true;
  uint64_t left_ = kStretch;
  uint64_t stretch_ = 0;
  Run run_;
  const OpMap::Op* last_ = nullptr;
};

}  // namespace wasmd

#endif  // WASMD_BENCH_SEQUENCES_OP_RUNS_H_

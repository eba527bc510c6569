// StateDiff: what is different between two machines, for people: two moments of
// a process, or two processes.

#ifndef WASMD_RUNTIME_STATE_DIFF_H_
#define WASMD_RUNTIME_STATE_DIFF_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "runtime/passing_reader.h"

namespace wasmd {

// Bytes of a memory that are not the same, with up to a few between them that
// are.
struct MemoryRangeDifference {
  uint32_t memory = 0;
  uint64_t address = 0;
  uint64_t size_bytes = 0;
  // The first bytes of it, at most kShownBytes.
  std::vector<uint8_t> before = {};
  std::vector<uint8_t> after = {};
};

struct MemoryDifference {
  uint32_t memory = 0;
  uint64_t bytes_before = 0;  // its size; 0: there is none
  uint64_t bytes_after = 0;
  // Of the part that both have.
  uint64_t differing_bytes = 0;
  uint64_t range_count = 0;
  std::vector<MemoryRangeDifference> ranges = {};  // the first of them
};

// Something with a name and a value: "global 0 (__stack_pointer)", "main $n",
// "table 0 [3]".
struct ValueDifference {
  std::string name;
  std::string before;  // empty: there was none
  std::string after;
};

struct StateDiff {
  static constexpr size_t kShownBytes = 16;
  static constexpr size_t kMaxRanges = 40;   // of each memory
  static constexpr size_t kMaxValues = 200;  // of each of the lists below

  // Only what is different is here.
  std::vector<MemoryDifference> memories = {};
  std::vector<ValueDifference> globals = {};
  std::vector<ValueDifference> tables = {};
  // Of the functions that are called in both, from the outermost on.
  std::vector<ValueDifference> locals = {};
  // Back traces, innermost first, without what is the same at their outer ends,
  // with "in MODULE.NAME" for a call that has no answer yet; both empty: they
  // are the same.
  std::vector<std::string> stack_before = {};
  std::vector<std::string> stack_after = {};
  // Of the heap of objects.
  uint64_t heap_bytes_before = 0;
  uint64_t heap_bytes_after = 0;
  bool heap_differs = false;
  // How many of these lists are longer than they show.
  size_t cut_lists = 0;

  bool is_empty() const {
    return memories.empty() && globals.empty() && tables.empty() &&
           locals.empty() && stack_before.empty() && stack_after.empty() &&
           !heap_differs;
  }
};

// One of the machines.
struct DiffSide {
  const Thread& thread;         // at rest
  const PassingReader& memory;  // of its store
};

// Reads both memories in pieces of a MiB, and leaves what is not loaded as it
// is, but for a chunk of each range that it shows. Errors as Store::status has
// them, of memory that cannot be loaded.
absl::StatusOr<StateDiff> DiffStates(const DiffSide& before,
                                     const DiffSide& after);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_STATE_DIFF_H_

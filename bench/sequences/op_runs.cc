#include "bench/sequences/op_runs.h"

#include <map>
#include <tuple>

#include "base/str_cat.h"

namespace wasmd {

void OpRuns::Count(const CodeUnit* position) {
  const OpMap::Op* const after =
      last_ == nullptr ? nullptr : ops_->After(*last_);
  const bool goes_on = after != nullptr && after->at == position;
  const OpMap::Op* const op = goes_on ? after : ops_->Find(position);
  if (goes_on && run_.ops < kLongestRun) {
    ++run_.ops;
  } else {
    if (run_.first != nullptr) {
      run_.next = op;
      ++counts_of_[run_];
    }
    run_ = {op, 1, nullptr};
  }
  last_ = op;
}

void OpRuns::NextStretch() {
  left_ = kStretch;
  counts_ = ++stretch_ % period_ == 0;
  // What is not counted comes between.
  run_ = {};
  last_ = nullptr;
}

void OpRuns::AppendText(std::string* text) const {
  // function, position, ops, function and position of the next: -1 for none.
  using Key = std::tuple<int64_t, int64_t, uint32_t, int64_t, int64_t>;
  std::map<Key, uint64_t> sorted;
  for (const auto& [run, count] : counts_of_) {
    const int64_t function =
        run.next == nullptr ? -1 : int64_t{run.next->function};
    const int64_t position =
        run.next == nullptr ? -1 : int64_t{run.next->position};
    sorted[{run.first->function, run.first->position, run.ops, function,
            position}] = count;
  }
  for (const auto& [key, count] : sorted) {
    const auto& [function, position, ops, next_function, next_position] = key;
    StrAppend(text, "run ", function, " ", position, " ", ops, " ", count);
    if (next_function < 0) {
      StrAppend(text, " - -\n");
    } else {
      StrAppend(text, " ", next_function, " ", next_position, "\n");
    }
  }
}

}  // namespace wasmd

// SequenceFuser: where ops that follow each other have a handler that does them
// all, gives it to the first of them. The ops after it stay as they are, with
// their own handlers: positions do not change, and control may come to any of
// them from elsewhere.

#ifndef WASMD_INTERP_CODE_SEQUENCE_FUSER_H_
#define WASMD_INTERP_CODE_SEQUENCE_FUSER_H_

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "interp/code/handler_set.h"
#include "interp/code/sequence_index.h"

namespace wasmd {

class SequenceFuser {
 public:
  // `ops`: the position of every op of `code`, ascending, with what belongs to
  // it. From the one with the index `first_held` on they are in loops that hold
  // locals (held_loops.h), whose registers handlers with a pattern use.
  SequenceFuser(const HandlerSet& handlers, std::span<CodeUnit> code,
                std::span<const std::pair<uint32_t, uint32_t>> ops,
                uint32_t first_held);

  void Run();

  // The best handler for what begins with an op.
  struct Found {
    Handler handler = 0;  // 0 if there is none but its own
    uint32_t ops = 1;     // that it does
    bool loop = false;    // they are a whole loop
  };
  Found Find(uint32_t first);

 private:
  // The op that is always the next after this one; kNone if there is none.
  uint32_t After(uint32_t op) const;

  // Whether the slots that the ops of path_ name are as `whole` needs them.
  bool Fits(const SequenceIndex::Whole& whole) const;
  // Whether the ops of path_ follow each other and the last branches back to
  // the first.
  bool IsLoop() const;
  // Position of the op that is next in code.
  uint32_t EndOf(uint32_t op) const;

  static constexpr uint32_t kNone = ~uint32_t{0};

  const HandlerSet& handlers_;
  const std::span<CodeUnit> code_;
  const std::span<const std::pair<uint32_t, uint32_t>> ops_;
  const uint32_t first_held_;
  std::vector<Handler> original_;  // by op
  std::vector<uint32_t> op_at_;    // by position
  std::vector<uint32_t> path_;     // the ops read by Find
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_SEQUENCE_FUSER_H_

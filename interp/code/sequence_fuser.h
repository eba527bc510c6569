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
  // it.
  SequenceFuser(const HandlerSet& handlers, std::span<CodeUnit> code,
                std::span<const std::pair<uint32_t, uint32_t>> ops);

  void Run();

 private:
  // The op that is always the next after this one; kNone if there is none.
  uint32_t After(uint32_t op) const;

  // The best handler for a sequence that begins with `first`; 0 if none does.
  Handler FindWhole(uint32_t first);
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
  std::vector<Handler> original_;  // by op
  std::vector<uint32_t> op_at_;    // by position
  std::vector<uint32_t> path_;     // the ops read for FindWhole
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_SEQUENCE_FUSER_H_

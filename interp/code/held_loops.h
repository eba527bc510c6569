// HeldLoops: gives innermost loops a second body that holds some of their
// locals in registers. Between its header and its exits their slots are out of
// date; whoever stops a machine there writes them back (HeldLoop).
//
// The second body is a copy at the end of the code, with other handlers and the
// same fields, so that an op of it is as far from its beginning as the one it
// was made from is from the loop's header. The header's op becomes one that
// loads the registers and goes to the copy; exits of the copy store what was
// written. Nothing else knows of it: safepoints, trap offsets and whatever is
// saved name positions in the first body.

#ifndef WASMD_INTERP_CODE_HELD_LOOPS_H_
#define WASMD_INTERP_CODE_HELD_LOOPS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "interp/code/code_buffer.h"
#include "interp/code/function_code.h"
#include "interp/code/handler_set.h"
#include "interp/code/held_ops.h"
#include "interp/code/sequence_fuser.h"

namespace wasmd {

class HeldLoops {
 public:
  // The position of an op, and what belongs to it.
  using OpAt = std::pair<uint32_t, uint32_t>;

  // `ops`: all of `code`, ascending. They outlive it.
  HeldLoops(const HandlerSet& handlers, CodeBuffer& code,
            const std::vector<OpAt>& ops);

  // A loop without another one in it: positions of its header and of the end of
  // what may be in it. It can be entered at its header only.
  void Add(uint32_t begin, uint32_t end);

  // All ops, those of the copies after the others.
  std::span<const OpAt> ops() const { return all_.empty() ? ops_ : all_; }
  // The index of the first op of a copy, or of one more than all ops.
  uint32_t first_copied() const { return static_cast<uint32_t>(ops_.size()); }
  std::vector<HeldLoop> Take() { return std::move(loops_); }

 private:
  // A slot that the ops of a loop name.
  struct Use {
    uint32_t slot = 0;
    uint32_t count = 0;  // an update is two
    bool written = false;
    bool held = true;  // it can be
  };
  // The loop that is looked at.
  struct Body {
    uint32_t first = 0;  // op
    uint32_t begin = 0;  // position
    uint32_t end = 0;    // position after its last back-edge
    std::vector<const HeldOp*> ops;

    uint32_t end_op() const {
      return first + static_cast<uint32_t>(ops.size());
    }
    const HeldOp& at(uint32_t op) const { return *ops[op - first]; }
  };

  uint32_t EndOf(uint32_t op) const;
  // Target of a branch whose offset is the last unit of this op.
  uint32_t TargetOf(uint32_t op) const;
  bool FindBody(uint32_t begin, uint32_t end);
  bool ChooseSlots();
  // Calls visit(letter, slot, its place in a key) for the slots of an op.
  template <typename Visit>
  void ForEachSlot(uint32_t op, Visit visit) const;
  void CountUses();
  Use& UseOf(uint32_t slot);
  void HoldUses();
  // Whether every op has a handler for the slots in `held_`.
  bool HasHandlers() const;
  uint32_t KeyOf(uint32_t op) const;
  bool PaysOff();
  void Copy();
  void CopyOp(uint32_t op, uint32_t to);
  // An op that stores what is held and branches to `target`.
  uint32_t PutExit(uint32_t target);
  void PutOp(Handler handler, uint32_t code_offset);

  const HandlerSet& handlers_;
  CodeBuffer& code_;
  const std::vector<OpAt>& ops_;
  std::vector<OpAt> all_;  // empty while nothing is copied
  std::vector<HeldLoop> loops_;

  // Of the code as it was before the first copy, for PaysOff.
  std::unique_ptr<CodeUnit[]> first_code_;
  std::optional<SequenceFuser> sequences_;

  Body body_;
  std::vector<Use> uses_;
  HeldLoop held_;
  uint32_t held_count_ = 0;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_HELD_LOOPS_H_

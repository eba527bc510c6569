// Handlers that do several ops one after the other, without a dispatch between
// them. The code stays that of single ops: a sequence begins at the first one's
// position, and every body finds r.pc at its own op, as it does alone. So
// traps, safepoints and branches into the middle need nothing special.

#ifndef WASMD_INTERP_EXEC_SEQUENCE_H_
#define WASMD_INTERP_EXEC_SEQUENCE_H_

#include <array>
#include <span>

#include "interp/exec/dispatch.h"

namespace wasmd::WASMD_BACKEND {

// A body that does not go on to the op that follows (it trapped, branched or
// stopped) ends the sequence.
template <Op (*kFirst)(Registers&), Op (*... kMore)(Registers&)>
WASMD_INLINE Op SequenceBody(Registers& r) {
  const Op op = kFirst(r);
  if constexpr (sizeof...(kMore) == 0) {
    return op;
  } else {
    if (!op.goes_on) return op;
    return SequenceBody<kMore...>(r);
  }
}

struct SequenceRow {
  std::span<const Function> ops;
  Function whole;
};

template <Op (*... kBodies)(Registers&)>
inline constexpr std::array<Function, sizeof...(kBodies)> kSequenceOps = {
    &Entry<kBodies>...};

template <Op (*... kBodies)(Registers&)>
constexpr SequenceRow MakeSequence() {
  return {kSequenceOps<kBodies...>, &Entry<SequenceBody<kBodies...>>};
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_SEQUENCE_H_

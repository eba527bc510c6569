// How handlers return from a function.

#ifndef WASMD_INTERP_EXEC_RETURN_H_
#define WASMD_INTERP_EXEC_RETURN_H_

#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

// The results are in their slots, from the frame's first on.
WASMD_INLINE Op PopRecord(Registers& r) {
  --r.csp;
  r.pc = r.csp->pc;
  r.fp = r.csp->fp;
  return Dispatch(r);
}

// A single result goes to its slot and stays in the accumulator, too.
template <typename T>
WASMD_INLINE Op ReturnWith(Registers& r, T result) {
  SetAccumulator(r, result);
  r.fp[0] = ToSlot(result);
  return PopRecord(r);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_RETURN_H_

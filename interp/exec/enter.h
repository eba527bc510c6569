// Function entry: the locals that are not parameters.

#ifndef WASMD_INTERP_EXEC_ENTER_H_
#define WASMD_INTERP_EXEC_ENTER_H_

#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

template <uint32_t count>
WASMD_INLINE Op EnterFew(Registers& r) {
  Slot* first = &SlotAt(r, kF);
  for (uint32_t i = 0; i < count; ++i) first[i] = 0;
  return Next(r, kF + 1);
}

WASMD_INLINE Op EnterMany(Registers& r) {
  Slot* at = &SlotAt(r, kF);
  Slot* const end = at + r.pc[kF + 1];
  // Four at a time: what is above the locals is the operand stack, still empty.
  do {
    at[0] = 0;
    at[1] = 0;
    at[2] = 0;
    at[3] = 0;
    at += 4;
    Pin(at);  // not a call of memset
  } while (at < end);
  return Next(r, kF + 2);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_ENTER_H_

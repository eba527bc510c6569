// Back traces: the frames of a thread, for people.

#ifndef WASMD_RUNTIME_BACK_TRACE_H_
#define WASMD_RUNTIME_BACK_TRACE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "interp/thread.h"

namespace wasmd {

// One line a frame, innermost first: "#0 divide at 0x1a3, crash.c:12". The
// offset is in the module's binary, as `wasmd objdump` shows it; the line of
// the source is there if the module has DWARF and this machine libdwarf. A
// function that was inlined has a line of its own with the number of the frame
// that it is in: "#0 half (inlined) at 0x1a3, crash.c:7". Of a
// deep stack only both ends are given, and a line that says how many are
// between. `thread` is in kRunnable, kHostCall or, after a trap, kFinished.
std::vector<std::string> BackTrace(const Thread& thread,
                                   size_t max_frames = 40);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_BACK_TRACE_H_

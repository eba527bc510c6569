// PieceRunner: runs a call in pieces, each on a thread of its own that was
// restored from the frames of the one before. For tests: what a call computes
// must not depend on where it was interrupted.

#ifndef WASMD_INTERP_TESTING_PIECES_H_
#define WASMD_INTERP_TESTING_PIECES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "interp/frame.h"
#include "interp/testing/machine.h"
#include "interp/thread.h"
#include "interp/value.h"

namespace wasmd::testing {

bool SameFrames(const std::vector<Frame>& a, const std::vector<Frame>& b);

class PieceRunner {
 protected:
  // Runs a call with a stop after every `fuel` safepoints; at each stop the
  // thread is given up for a new one restored from its frames. Host calls that
  // are left pending are answered by `answer`, on the new thread. What
  // Machine::Describe says of the end.
  std::string RunInPieces(
      Machine& machine, FuncAddr function, const std::vector<Value>& arguments,
      uint64_t fuel,
      const std::function<void(Thread&)>& answer = [](Thread&) {});

  // Captures twice, restores into a new thread, captures there.
  std::unique_ptr<Thread> Move(Machine& machine, FuncAddr function,
                               std::unique_ptr<Thread> from);

  int stops_ = 0;           // of the last run
  uint64_t fuel_used_ = 0;  // by it
};

}  // namespace wasmd::testing

#endif  // WASMD_INTERP_TESTING_PIECES_H_

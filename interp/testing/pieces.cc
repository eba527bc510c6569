#include "interp/testing/pieces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/testing/status_matchers.h"

namespace wasmd::testing {
namespace {

// CapturePositions says the same of `frames` and can be stopped early.
void ExpectPositions(const Thread& thread, const std::vector<Frame>& frames) {
  for (const size_t limit : {frames.size() + 1, (frames.size() + 1) / 2}) {
    const std::vector<FramePosition> positions = thread.CapturePositions(limit);
    ASSERT_EQ(positions.size(), std::min(limit, frames.size()));
    for (size_t i = 0; i < positions.size(); ++i) {
      const Frame& frame = frames[frames.size() - 1 - i];
      EXPECT_EQ(positions[i].instance, frame.instance);
      EXPECT_EQ(positions[i].function_index, frame.function_index);
      EXPECT_EQ(positions[i].code_offset, frame.code_offset);
    }
  }
}

}  // namespace

bool SameFrames(const std::vector<Frame>& a, const std::vector<Frame>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].instance != b[i].instance ||
        a[i].function_index != b[i].function_index ||
        a[i].code_offset != b[i].code_offset || a[i].locals != b[i].locals ||
        a[i].operands != b[i].operands) {
      return false;
    }
  }
  return true;
}

std::string PieceRunner::RunInPieces(
    Machine& machine, FuncAddr function, const std::vector<Value>& arguments,
    uint64_t fuel, const std::function<void(Thread&)>& answer) {
  stops_ = 0;
  auto thread =
      std::make_unique<Thread>(machine.store(), machine.thread_limits());
  EXPECT_OK(thread->Start(function, arguments));
  for (;;) {
    thread = Move(machine, function, std::move(thread));
    if (thread->state() == ThreadState::kHostCall) answer(*thread);
    if (thread->state() == ThreadState::kFinished) {
      return Machine::Describe(*thread, thread->outcome());
    }
    if (thread->state() == ThreadState::kRunnable) {
      const RunResult result = thread->Run({.fuel = fuel});
      if (result != RunResult::kFuelExhausted &&
          result != RunResult::kHostCall) {
        fuel_used_ = thread->fuel_used();
        return Machine::Describe(*thread, result);
      }
    }
    ++stops_;
  }
}

std::unique_ptr<Thread> PieceRunner::Move(Machine& machine, FuncAddr function,
                                          std::unique_ptr<Thread> from) {
  auto to = std::make_unique<Thread>(machine.store(), machine.thread_limits());
  if (from->state() == ThreadState::kRunnable) {
    if (const auto frameless = from->frameless_state()) {
      EXPECT_OK(to->RestoreFrameless(function, *frameless));
      to->set_fuel_used(from->fuel_used());
      return to;
    }
  }
  const std::vector<Frame> frames = from->CaptureFrames();
  EXPECT_TRUE(SameFrames(frames, from->CaptureFrames()));
  ExpectPositions(*from, frames);
  std::optional<PendingCall> pending;
  if (from->state() == ThreadState::kHostCall) pending = from->pending_call();
  EXPECT_OK(to->RestoreFrames(function, frames, pending));
  EXPECT_EQ(to->state(), from->state());
  EXPECT_TRUE(SameFrames(frames, to->CaptureFrames()));
  to->set_fuel_used(from->fuel_used());
  return to;
}

}  // namespace wasmd::testing

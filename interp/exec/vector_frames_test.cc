// v128 in canonical frames: captured where a thread stops, restored elsewhere.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "interp/frame.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"
#include "interp/thread.h"

namespace wasmd::testing {
namespace {

const Value kA = V128Value(0x0123456789ABCDEF, 0xFEDCBA9876543210);
const Value kB = V128Value(3, 4);
const Value kAnswer = V128Value(0x1000, 0x2000);

Value Not(const Value& value) { return V128Value(~value.low, ~value.high); }

constexpr const char* kModule = R"((module
  (import "env" "ask" (func $ask (param i32 v128) (result v128)))
  (func $inner (param v128) (result v128) (local i64 v128)
    (local.set 2 (v128.not (local.get 0)))
    (local.get 2)
    (i32.const 11)
    (v128.xor (local.get 0) (call $ask (i32.const 5) (local.get 2)))
    (local.set 0)
    (drop)
    (i64x2.add (local.get 0)))
  (func (export "run") (param v128 v128) (result v128 v128) (local v128)
    (local.get 1)
    (v128.not (local.get 1))
    (call $inner (local.get 0))
    (local.set 2)
    (drop)
    (local.get 2))
  (func (export "loop") (param v128 i32) (result v128)
    (v128.not (local.get 0))
    (loop (param v128) (result v128)
      (i64x2.add (local.get 0))
      (local.set 1 (i32.sub (local.get 1) (i32.const 1)))
      (br_if 0 (local.get 1))))))";

// ~a + (a ^ answer), lane by lane.
Value InnerResult() {
  return V128Value((kA.low ^ kAnswer.low) + ~kA.low,
                   (kA.high ^ kAnswer.high) + ~kA.high);
}

class VectorFramesTest : public BackendTest {
 protected:
  VectorFramesTest() { Fill(machine_); }

  static void Fill(Machine& machine) {
    machine.AddHost("env", "ask", {{kI32Type, kV128Type}, {kV128Type}},
                    [](HostCall&) { return HostResult::kSuspend; });
    machine.Add("m", kModule);
  }

  // A thread stopped in the call of "ask".
  void RunToHostCall(Thread& thread) {
    ASSERT_OK(thread.Start(machine_.Function("m", "run"),
                           std::vector<Value>{kA, kB}));
    ASSERT_EQ(thread.Run(), RunResult::kHostCall);
  }

  Machine machine_{backend()};
};
WASMD_FOR_EACH_BACKEND(VectorFramesTest);

TEST_P(VectorFramesTest, CapturesLocalsOperandsAndArguments) {
  Thread thread(machine_.store());
  RunToHostCall(thread);
  const std::vector<Frame> frames = thread.CaptureFrames();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].locals, (std::vector<Value>{kA, kB, V128Value(0, 0)}));
  EXPECT_EQ(frames[0].operands, (std::vector<Value>{kB, Not(kB)}));
  EXPECT_EQ(frames[1].locals, (std::vector<Value>{kA, I64Value(0), Not(kA)}));
  EXPECT_EQ(frames[1].operands,
            (std::vector<Value>{Not(kA), I32Value(11), kA}));
  EXPECT_EQ(thread.pending_call().arguments,
            (std::vector<Value>{I32Value(5), Not(kA)}));
}

TEST_P(VectorFramesTest, GoesOnAfterRestoring) {
  Thread thread(machine_.store());
  RunToHostCall(thread);
  const std::vector<Frame> frames = thread.CaptureFrames();

  Machine other(backend());
  Fill(other);
  Thread restored(other.store());
  ASSERT_OK(restored.RestoreFrames(other.Function("m", "run"), frames,
                                   thread.pending_call()));
  const std::vector<Frame> again = restored.CaptureFrames();
  ASSERT_EQ(again.size(), frames.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(again[i].locals, frames[i].locals);
    EXPECT_EQ(again[i].operands, frames[i].operands);
  }
  ASSERT_OK(restored.CompleteHostCall(std::vector<Value>{kAnswer}));
  ASSERT_EQ(restored.Run(), RunResult::kReturned);
  EXPECT_EQ(restored.results(), (std::vector<Value>{kB, InnerResult()}));

  // As without the detour.
  ASSERT_OK(thread.CompleteHostCall(std::vector<Value>{kAnswer}));
  ASSERT_EQ(thread.Run(), RunResult::kReturned);
  EXPECT_EQ(thread.results(), (std::vector<Value>{kB, InnerResult()}));
}

// The answer is in its slots and in the accumulator, whether it came before
// the frames were saved or after.
TEST_P(VectorFramesTest, RestoresAnAnsweredCall) {
  Thread thread(machine_.store());
  RunToHostCall(thread);
  ASSERT_OK(thread.CompleteHostCall(std::vector<Value>{kAnswer}));
  const std::vector<Frame> frames = thread.CaptureFrames();
  ASSERT_EQ(frames.size(), 2u);
  ASSERT_EQ(frames[1].operands.size(), 4u);
  EXPECT_EQ(frames[1].operands[3], kAnswer);

  Machine other(backend());
  Fill(other);
  Thread restored(other.store());
  ASSERT_OK(
      restored.RestoreFrames(other.Function("m", "run"), frames, std::nullopt));
  ASSERT_EQ(restored.Run(), RunResult::kReturned);
  EXPECT_EQ(restored.results(), (std::vector<Value>{kB, InnerResult()}));
}

// Stopped and restored at every safepoint.
TEST_P(VectorFramesTest, LoopsAcrossStops) {
  const FuncAddr function = machine_.Function("m", "loop");
  auto thread = std::make_unique<Thread>(machine_.store());
  ASSERT_OK(thread->Start(function, std::vector<Value>{kB, I32Value(10)}));
  int stops = 0;
  while (thread->Run({.fuel = 0}) == RunResult::kFuelExhausted) {
    ++stops;
    const std::vector<Frame> frames = thread->CaptureFrames();
    thread = std::make_unique<Thread>(machine_.store());
    ASSERT_OK(thread->RestoreFrames(function, frames, std::nullopt));
  }
  EXPECT_EQ(stops, 9);  // one for each taken back-edge
  EXPECT_EQ(thread->results(),
            (std::vector<Value>{
                V128Value(~uint64_t{3} + 10 * 3, ~uint64_t{4} + 10 * 4)}));
}

TEST_P(VectorFramesTest, RefusesAnotherTypeInPlaceOfAVector) {
  Thread thread(machine_.store());
  RunToHostCall(thread);
  std::vector<Frame> frames = thread.CaptureFrames();
  const PendingCall pending = thread.pending_call();
  frames[1].locals[2] = I64Value(1);
  Thread restored(machine_.store());
  EXPECT_THAT(
      restored.RestoreFrames(machine_.Function("m", "run"), frames, pending),
      StatusIs(absl::StatusCode::kDataLoss));
  // A scalar has no upper half.
  frames = thread.CaptureFrames();
  frames[1].locals[1].high = 1;
  EXPECT_THAT(
      restored.RestoreFrames(machine_.Function("m", "run"), frames, pending),
      StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace wasmd::testing

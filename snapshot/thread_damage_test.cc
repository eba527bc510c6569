// Restore trusts nothing: threads that are not what the modules allow.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "interp/thread.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/snapshot.pb.h"
#include "snapshot/state_record.h"
#include "snapshot/testing/test_process.h"
#include "snapshot/value_codec.h"

namespace wasmd {
namespace {

using snapshot::State;
using ::testing::HasSubstr;
using testing::StatusIs;
using testing::TestProcess;

// In instance 1: run (function 3) calls middle (2) calls a host function or
// loops, then calls itself.
constexpr std::string_view kProgram = R"((module
  (import "host" "h" (func $h (param i32 i64) (result f32)))
  (type $t (struct))
  (memory 1)
  (func $other (param i32))
  (func $middle (param i32) (result f32) (local f64)
    (i64.const 9)
    (block $out
      (loop $l
        (br_if $out (i32.eqz (local.get 0)))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br $l)))
    (drop)
    (call $h (i32.const 5) (i64.const 6)))
  (func (export "run") (param i32) (result f32)
    (i32.const 77)
    (call $middle (local.get 0))
    (drop)
    (drop)
    (f32.const 1))
  (func (export "results") (param i32) (result i32 i64)
    (if (local.get 0) (then (unreachable)))
    (i32.const 1) (i64.const 2))))";

class ThreadDamageTest : public ::testing::Test {
 protected:
  ThreadDamageTest() {
    host_ = process_.AddHost("h", {{kI32Type, kI64Type}, {kF32Type}});
    process_.Add("first", "(module (func) (func (param i32)))");
    process_.Add("m", kProgram);
  }

  void Start(FuncAddr function, const std::vector<Value>& arguments) {
    process_.process().thread = std::make_unique<Thread>(process_.store());
    ASSERT_OK(process_.thread().Start(function, arguments));
  }

  // Takes the process as it is now for the good state.
  void Capture() {
    ASSERT_OK_AND_ASSIGN(good_, CaptureAll(process_.process()));
    ASSERT_TRUE(
        state_.ParseFromString(good_.state.substr(kStateRecordHeaderBytes)));
    ASSERT_OK(Restore(state_, {}));
  }

  absl::Status Restore(const State& state, const ThreadLimits& limits) {
    OwnedSnapshot snapshot = good_;
    snapshot.state.resize(kStateRecordHeaderBytes);
    EXPECT_TRUE(state.AppendToString(&snapshot.state));
    SealStateRecord(&snapshot.state);
    RestoreContext context = process_.Context();
    context.thread_limits = limits;
    return RestoreSnapshot(AsBytes(snapshot.state), PagesOf(snapshot), context)
        .status();
  }

  // Restoring the state with this change is DataLoss with this in its message.
  void ExpectDamage(std::string_view message,
                    const std::function<void(snapshot::Thread&)>& change) {
    State state = state_;
    change(*state.mutable_thread());
    EXPECT_THAT(Restore(state, {}), StatusIs(absl::StatusCode::kDataLoss,
                                             HasSubstr(std::string(message))));
  }

  FuncAddr host_ = 0;
  TestProcess process_;
  OwnedSnapshot good_;
  State state_;
};

class StoppedInAHostCall : public ThreadDamageTest {
 protected:
  StoppedInAHostCall() {
    Start(process_.Export("m", "run"), {I32Value(3)});
    EXPECT_EQ(process_.thread().Run(), RunResult::kHostCall);
    Capture();
  }
};

TEST_F(StoppedInAHostCall, PartsAndStatus) {
  ExpectDamage("no known status", [](auto& t) {
    t.set_status(static_cast<snapshot::Thread::Status>(7));
  });
  ExpectDamage("do not fit its status",
               [](auto& t) { t.set_status(snapshot::Thread::RUNNABLE); });
  ExpectDamage("do not fit its status",
               [](auto& t) { t.set_status(snapshot::Thread::FINISHED); });
  ExpectDamage("do not fit its status",
               [](auto& t) { t.clear_pending_call(); });
  ExpectDamage("do not fit its status",
               [](auto& t) { t.mutable_outcome()->set_results(""); });
  ExpectDamage("function does not exist",
               [](auto& t) { t.set_entry_function(1000); });
  ExpectDamage("frame 0", [](auto& t) { t.set_entry_function(1); });
  ExpectDamage("", [](auto& t) { t.clear_frames(); });
}

TEST_F(StoppedInAHostCall, Positions) {
  ExpectDamage("frame 0: there is no such instance",
               [](auto& t) { t.mutable_frames(0)->set_instance(2); });
  ExpectDamage("frame 1",
               [](auto& t) { t.mutable_frames(1)->set_instance(0); });
  ExpectDamage("frame 0",
               [](auto& t) { t.mutable_frames(0)->set_function_index(0); });
  ExpectDamage("frame 0",
               [](auto& t) { t.mutable_frames(0)->set_function_index(99); });
  ExpectDamage("frame 1",
               [](auto& t) { t.mutable_frames(1)->set_function_index(1); });
  for (const int frame : {0, 1}) {
    const std::string name = StrCat("frame ", frame);
    const uint32_t offset = state_.thread().frames(frame).code_offset();
    for (const uint32_t wrong :
         {0u, offset - 1, offset + 1, offset + 1000, 0xFFFFFFFF}) {
      ExpectDamage(name, [&](auto& t) {
        t.mutable_frames(frame)->set_code_offset(wrong);
      });
    }
  }
  ExpectDamage("frame 0",
               [](auto& t) { t.mutable_frames()->SwapElements(0, 1); });
  ExpectDamage("frame 2", [](auto& t) { *t.add_frames() = t.frames(0); });
  ExpectDamage("", [](auto& t) { t.mutable_frames()->RemoveLast(); });
}

TEST_F(StoppedInAHostCall, Values) {
  // Locals of frame 1: i32, f64. Operands of frame 0: i32.
  ExpectDamage("frame 1: malformed values",
               [](auto& t) { t.mutable_frames(1)->set_locals("\x7F"); });
  ExpectDamage("frame 1: malformed values", [](auto& t) {
    t.mutable_frames(1)->set_locals(std::string("\x63\x07\x00", 3));
  });
  ExpectDamage("frame 1: has 1 locals, not 2", [](auto& t) {
    t.mutable_frames(1)->set_locals(EncodeValues(std::vector{I32Value(1)}));
  });
  ExpectDamage("frame 1: local 1", [](auto& t) {
    t.mutable_frames(1)->set_locals(
        EncodeValues(std::vector{I32Value(1), I64Value(1)}));
  });
  ExpectDamage("frame 1: local 1", [](auto& t) {
    t.mutable_frames(1)->set_locals(EncodeValues(
        std::vector{I32Value(1), Value{kFuncRefType, kNullReference}}));
  });
  ExpectDamage("frame 0",
               [](auto& t) { t.mutable_frames(0)->clear_operands(); });
  ExpectDamage("frame 0: operand 0", [](auto& t) {
    t.mutable_frames(0)->set_operands(EncodeValues(std::vector{F32Value(1)}));
  });
  ExpectDamage("frame 0", [](auto& t) {
    t.mutable_frames(0)->set_operands(
        EncodeValues(std::vector{I32Value(1), I32Value(1)}));
  });
}

TEST_F(StoppedInAHostCall, ThePendingCall) {
  ExpectDamage("pending call: there is no such function",
               [](auto& t) { t.mutable_pending_call()->set_function(1000); });
  ExpectDamage("pending call",
               [](auto& t) { t.mutable_pending_call()->set_function(1); });
  ExpectDamage("pending call",
               [](auto& t) { t.mutable_pending_call()->set_caller(0); });
  ExpectDamage("pending call: its caller",
               [](auto& t) { t.mutable_pending_call()->set_caller(2); });
  ExpectDamage("pending call",
               [](auto& t) { t.mutable_pending_call()->clear_caller(); });
  ExpectDamage("pending call",
               [](auto& t) { t.mutable_pending_call()->clear_arguments(); });
  ExpectDamage("pending call: argument 1", [](auto& t) {
    t.mutable_pending_call()->set_arguments(
        EncodeValues(std::vector{I32Value(1), I32Value(1)}));
  });
  ExpectDamage("pending call: malformed values", [](auto& t) {
    t.mutable_pending_call()->set_arguments("\x01");
  });
}

TEST_F(ThreadDamageTest, AtALoop) {
  Start(process_.Export("m", "run"), {I32Value(3)});
  ASSERT_EQ(process_.thread().Run({.fuel = 3}), RunResult::kFuelExhausted);
  Capture();
  ASSERT_EQ(state_.thread().frames_size(), 2);
  // The operand below the loop.
  ExpectDamage("frame 1",
               [](auto& t) { t.mutable_frames(1)->clear_operands(); });
  ExpectDamage("frame 1: operand 0", [](auto& t) {
    t.mutable_frames(1)->set_operands(EncodeValues(std::vector{F64Value(1)}));
  });
  // Below the top only calls go on.
  ExpectDamage("frame 1", [](auto& t) { *t.add_frames() = t.frames(0); });
}

TEST_F(ThreadDamageTest, Finished) {
  Start(process_.Export("m", "results"), {I32Value(0)});
  ASSERT_EQ(process_.thread().Run(), RunResult::kReturned);
  Capture();
  ExpectDamage("1 results, not 2", [](auto& t) {
    t.mutable_outcome()->set_results(EncodeValues(std::vector{I32Value(1)}));
  });
  ExpectDamage("result 0", [](auto& t) {
    t.mutable_outcome()->set_results(
        EncodeValues(std::vector{I64Value(1), I64Value(1)}));
  });
  ExpectDamage("do not fit its status", [](auto& t) { t.clear_outcome(); });
  ExpectDamage("do not fit its status",
               [](auto& t) { t.mutable_outcome()->set_exception(8); });
  ExpectDamage("do not fit its status", [](auto& t) { t.add_frames(); });
  ExpectDamage("not an exception", [](auto& t) {
    t.mutable_outcome()->clear_results();
    t.mutable_outcome()->set_exception(8);
  });
  ExpectDamage("no such trap", [](auto& t) {
    t.mutable_outcome()->clear_results();
    t.mutable_outcome()->mutable_trap()->set_name("Boredom");
  });
}

TEST_F(ThreadDamageTest, WithoutFrames) {
  Start(host_, {I32Value(1), I64Value(2)});
  Capture();
  const auto answered = [](snapshot::Thread& t) {
    t.clear_pending_call();
    t.mutable_outcome()->set_results(EncodeValues(std::vector{F32Value(1)}));
  };
  State state = state_;
  answered(*state.mutable_thread());
  EXPECT_OK(Restore(state, {}));
  ExpectDamage("do not fit its status",
               [](auto& t) { t.clear_pending_call(); });
  ExpectDamage("do not fit its status",
               [](auto& t) { t.mutable_outcome()->set_results(""); });
  ExpectDamage("do not fit its status",
               [](auto& t) { t.mutable_pending_call()->set_function(1); });
  ExpectDamage("do not fit its status",
               [](auto& t) { t.mutable_pending_call()->set_caller(0); });
  ExpectDamage("no call of a host function", [](auto& t) {
    t.set_entry_function(1);
    t.mutable_pending_call()->set_function(1);
  });
  ExpectDamage("value 0 is not of type", [](auto& t) {
    t.mutable_pending_call()->set_arguments(
        EncodeValues(std::vector{I64Value(1), I64Value(2)}));
  });
  ExpectDamage("1 values, not 2", [](auto& t) {
    t.mutable_pending_call()->set_arguments(
        EncodeValues(std::vector{I32Value(1)}));
  });
  ExpectDamage("value 0 is not of type", [&answered](auto& t) {
    answered(t);
    t.mutable_outcome()->set_results(EncodeValues(std::vector{F64Value(1)}));
  });
}

TEST_F(ThreadDamageTest, AStackOverTheLimitIsNoDamage) {
  process_.Add("deep", R"((module
    (func $deep (export "run") (param i64)
      (call $deep (i64.add (local.get 0) (i64.const 1))))))");
  Start(process_.Export("deep", "run"), {I64Value(0)});
  ASSERT_EQ(process_.thread().Run({.fuel = 100'000}),
            RunResult::kFuelExhausted);
  Capture();
  EXPECT_THAT(Restore(state_, {.stack_bytes = 100'000}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("raise the limit")));
}

}  // namespace
}  // namespace wasmd

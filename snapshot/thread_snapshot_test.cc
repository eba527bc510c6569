// Threads stopped wherever they can be: torn down to bytes and put together
// again at each stop, they end as they do when nothing stops them.

#include <cstdio>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/testing/test_process.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;
using testing::TestProcess;

// A program: instance "m" has an export "run".
struct Program {
  std::string_view name;
  std::string_view wat;
  std::vector<Value> arguments;
  std::string_view outcome;  // after the fuel
  // Another instance, made first; may be imported from as "lib".
  std::string_view lib = "";
};

void PrintTo(const Program& program, std::ostream* out) {
  *out << program.name;
}

void AddHosts(TestProcess& process) {
  process.AddHost("add", {{kI32Type, kI32Type}, {kI32Type}});
  process.AddHost("log", {{kI64Type}, {}});
  process.AddHost("split", {{kF64Type}, {kI32Type, kF64Type}});
}

// What the host answers: depends on nothing but the call.
std::vector<Value> AnswerOf(const Store& store, const PendingCall& call) {
  const std::string& name = store.host_info(call.function).name;
  const std::vector<Value>& arguments = call.arguments;
  if (name == "add") {
    return {
        I32Value(arguments[0].As<uint32_t>() + arguments[1].As<uint32_t>())};
  }
  if (name == "split") {
    return {I32Value(7), F64Value(arguments[0].As<double>() / 2)};
  }
  return {};
}

// How a run ended, as text; what it asked of the host comes first.
class Runner {
 public:
  explicit Runner(TestProcess& process) : process_(process) {}

  // Runs to the end; stops after every `fuel` units where it is given. What is
  // in `stop` happens there and at host calls, before and after the answer.
  template <typename Stop>
  std::string ToEnd(std::optional<uint64_t> fuel, Stop stop) {
    std::string log;
    while (process_.thread().state() != ThreadState::kFinished) {
      if (process_.thread().state() == ThreadState::kHostCall) {
        const PendingCall call = process_.thread().pending_call();
        StrAppend(&log, process_.store().host_info(call.function).name, "(");
        for (const Value& value : call.arguments) {
          StrAppend(&log, ToString(value), " ");
        }
        StrAppend(&log, ") ");
        CHECK(process_.thread()
                  .CompleteHostCall(AnswerOf(process_.store(), call))
                  .ok());
      } else {
        process_.thread().Run({.fuel = fuel});
      }
      stop();
      ++stops_;
    }
    return log + Outcome();
  }

  int stops() const { return stops_; }

 private:
  std::string Outcome() const {
    const Thread& thread = process_.thread();
    std::string outcome = StrCat("fuel ", thread.fuel_used(), ": ");
    switch (thread.outcome()) {
      case RunResult::kReturned:
        for (const Value& value : thread.results()) {
          StrAppend(&outcome, ToString(value), " ");
        }
        return outcome;
      case RunResult::kTrapped:
        return StrCat(outcome, "trap ", ToString(thread.trap()));
      default:
        return StrCat(outcome, "exception ", thread.exception());
    }
  }

  TestProcess& process_;
  int stops_ = 0;
};

void Start(TestProcess& process, const Program& program) {
  AddHosts(process);
  if (!program.lib.empty()) process.Add("lib", program.lib);
  process.Add("m", program.wat);
  process.process().thread = std::make_unique<Thread>(process.store());
  ASSERT_OK(
      process.thread().Start(process.Export("m", "run"), program.arguments));
}

void TearApart(TestProcess& process) {
  auto restored = RoundTrip(std::move(process.process()), process.Context());
  if (!restored.ok()) {
    std::fprintf(stderr, "%s\n", restored.status().ToString().c_str());
  }
  CHECK(restored.ok());
  process.process() = *std::move(restored);
}

class ThreadSnapshotTest : public ::testing::TestWithParam<Program> {};

TEST_P(ThreadSnapshotTest, EndsTheSameHoweverOftenItIsTorn) {
  TestProcess straight;
  ASSERT_NO_FATAL_FAILURE(Start(straight, GetParam()));
  const std::string expected = Runner(straight).ToEnd(std::nullopt, [] {});
  EXPECT_THAT(expected, ::testing::EndsWith(StrCat(": ", GetParam().outcome)));
  for (const uint64_t fuel : {1, 2, 7}) {
    TestProcess torn;
    ASSERT_NO_FATAL_FAILURE(Start(torn, GetParam()));
    TearApart(torn);  // at the first function's entry
    Runner run(torn);
    EXPECT_EQ(run.ToEnd(fuel, [&torn] { TearApart(torn); }), expected)
        << "stopped every " << fuel;
    EXPECT_GT(run.stops(), 0);
  }
}

const Program kPrograms[] = {
    {"recursion",
     R"((module
      (func $fib (export "run") (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
          (then (local.get 0))
          (else (i32.add
            (call $fib (i32.sub (local.get 0) (i32.const 1)))
            (call $fib (i32.sub (local.get 0) (i32.const 2)))))))))",
     {I32Value(7)},
     "i32:13 "},
    {"loop",
     R"((module
      (memory 1)
      (func (export "run") (param $n i32) (result i64)
        (local $sum i64) (local $unused f32) (local $x f64)
        (local.set $x (f64.const 1.5))
        (loop $again
          (i64.store (i32.shl (local.get $n) (i32.const 3))
                     (local.get $sum))
          (local.set $sum (i64.add (local.get $sum)
                                   (i64.extend_i32_u (local.get $n))))
          (local.set $x (f64.mul (local.get $x) (f64.const -2)))
          (br_if $again
            (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i64.add (local.get $sum) (i64.reinterpret_f64 (local.get $x))))))",
     {I32Value(30)},
     "i64:4744542207434818001 "},
    {"operands_below_a_loop",
     R"((module
      (func (export "run") (param i32) (result i32 i64)
        (i32.const 11)
        (i64.const 22)
        (loop $l (param i64) (result i64)
          (i64.const 3) (i64.mul)
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))))",
     {I32Value(5)},
     "i32:11 i64:5346 "},
    {"multi_value",
     R"((module
      (func $swap (param i32 f64 i64) (result i64 f64 i32)
        (local.get 2) (local.get 1) (local.get 0))
      (func (export "run") (param i32) (result i64 f64 i32)
        (i64.const 100)
        (call $swap (local.get 0) (f64.const 2.5) (i64.const 9))
        (call $swap (i32.const 1) (f64.const 0.5) (i64.const 8))
        (drop) (drop) (drop) (drop) (drop)
        (f64.convert_i64_s) (local.get 0))))",
     {I32Value(4)},
     "i64:100 f64:9 i32:4 "},
    {"host_calls",
     R"((module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (import "host" "log" (func $log (param i64)))
      (import "host" "split" (func $split (param f64) (result i32 f64)))
      (func $inner (param i32) (result i32)
        (call $log (i64.extend_i32_u (local.get 0)))
        (call $add (local.get 0) (i32.const 1)))
      (func (export "run") (param i32) (result i32 f64)
        (i32.add (call $inner (local.get 0)) (call $inner (i32.const 40)))
        (call $split (f64.const 9))
        (f64.add (f64.const 1))
        (call $log (i64.const -1))
        (local.set 0 (i32.const 3))
        (f64.neg) (drop) (i32.mul)
        (f64.const 3))))",
     {I32Value(1)},
     "i32:301 f64:3 "},
    {"host_function_from_outside",
     R"((module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (export "run" (func $add))))",
     {I32Value(1), I32Value(2)},
     "i32:3 "},
    {"other_instances",
     R"((module
      (import "lib" "twice" (func $twice (param funcref i32) (result i32)))
      (import "lib" "table" (table 4 funcref))
      (type $f (func (param i32) (result i32)))
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (func $increment (type $f) (call $add (local.get 0) (i32.const 1)))
      (elem declare func $increment)
      (func (export "run") (param i32) (result i32)
        (call $twice (ref.func $increment) (local.get 0)))))",
     {I32Value(5)},
     "i32:7 ",
     R"((module
      (type $f (func (param i32) (result i32)))
      (table (export "table") 4 funcref)
      (func (export "twice") (param funcref i32) (result i32)
        (table.set (i32.const 2) (local.get 0))
        (call_indirect (type $f)
          (call_indirect (type $f) (local.get 1) (i32.const 2))
          (i32.const 2)))))"},
    {"trap",
     R"((module
      (func $deep (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (unreachable)))
        (call $deep (i32.sub (local.get 0) (i32.const 1))))
      (export "run" (func $deep))))",
     {I32Value(9)},
     "trap unreachable"},
    {"grow",
     R"((module
      (memory 1 10) (table 1 20 funcref)
      (func (export "run") (param i32) (result i32)
        (loop $l
          (drop (memory.grow (i32.const 1)))
          (drop (table.grow (ref.null func) (i32.const 3)))
          (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536))
                               (i32.const 1))
                      (local.get 0))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.add (i32.mul (memory.size) (i32.const 100)) (table.size)))))",
     {I32Value(12)},
     "i32:1019 "},
    {"segments",
     R"((module
      (memory 1) (table 4 funcref)
      (data $d "abcd") (elem $e func $f $f)
      (func $f)
      (func $step (param i32)
        (memory.init $d (local.get 0) (i32.const 0) (i32.const 4))
        (table.init $e (i32.const 1) (i32.const 0) (i32.const 2)))
      (func (export "run") (result i32)
        (call $step (i32.const 8))
        (data.drop $d)
        (elem.drop $e)
        (call $f)
        (call $step (i32.const 4))
        (i32.load (i32.const 8)))))",
     {},
     "trap out of bounds memory access"},
};

std::string NameOf(const ::testing::TestParamInfo<Program>& info) {
  return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(Core, ThreadSnapshotTest,
                         ::testing::ValuesIn(kPrograms), NameOf);

}  // namespace
}  // namespace wasmd

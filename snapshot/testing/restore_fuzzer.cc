#include "snapshot/testing/restore_fuzzer.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "interp/translated_module.h"
#include "snapshot/state_record.h"

namespace wasmd::testing {
namespace {

constexpr StoreLimits kStoreLimits = {
    .max_memory_bytes = 1 << 20,
    .max_table_elements = 10'000,
    .max_all_table_elements = 20'000,
    .max_heap_bytes = 1 << 18,
};
constexpr ThreadLimits kThreadLimits = {.stack_bytes = 1 << 16};

// Everything that a store can hold.
constexpr std::string_view kStore = R"((module
  (rec (type $s (struct (field i32) (field (mut (ref null $s))))))
  (type $f (func (param i32) (result i32)))
  (type $a (array (mut i16)))
  (import "host" "h" (func $h (param i32) (result i32)))
  (memory (export "memory") 1 4)
  (table (export "table") 4 20 funcref)
  (table 2 (ref null $f))
  (table 1 anyref)
  (global $at i32 (i32.const 16))
  (global (ref $s) (struct.new $s (i32.const 1) (ref.null $s)))
  (global (mut anyref) (array.new $a (i32.const 1) (i32.const 9)))
  (global (mut v128) (v128.const i64x2 1 2))
  (global (mut externref) (ref.null extern))
  (tag $e (param i64))
  (func $own (type $f) (i32.add (local.get 0) (i32.const 1)))
  (elem (i32.const 0) func $h $own)
  (elem (ref null $f) (ref.func $own))
  (elem func $own $own)
  (data (global.get $at) "image")
  (data "passive")
  (func (export "run") (param i32) (result i32)
    (local $f (ref null $f)) (local $x f64) (local $v v128)
    (local $s (ref null $s))
    (local.set $f (ref.func $own))
    (local.set $s (struct.new $s (i32.const 5) (global.get 1)))
    (i64.const 1) (f32.const 2)
    (loop $l
      (struct.set $s 1 (local.get $s)
        (struct.new $s (i32.const 6) (local.get $s)))
      (br_if $l
        (local.tee 0 (i32.sub (local.get 0)
                              (call_ref $f (i32.const 0)
                                           (local.get $f))))))
    (drop) (drop)
    (return_call $own (local.get 0)))))";

// Loops over memory and tables.
constexpr std::string_view kLoop = R"((module
  (type $f (func (param i32) (result i32)))
  (import "host" "h" (func $h (param i32) (result i32)))
  (memory 1 4) (data (i32.const 0) "image")
  (table 4 20 funcref) (elem (i32.const 0) func $own $own $h)
  (global $g (mut i64) (i64.const 5))
  (func $own (type $f) (i32.add (local.get 0) (i32.const 1)))
  (func (export "run") (param i32) (result i32) (local f64 externref)
    (i64.const 1) (f32.const 2)
    (loop $l
      (i32.store offset=4000 (local.get 0)
        (call_indirect (type $f) (local.get 0)
                       (i32.and (local.get 0) (i32.const 1))))
      (table.set (i32.const 3) (table.get (i32.const 2)))
      (drop (table.grow (ref.null func) (i32.const 1)))
      (global.set $g (i64.extend_i32_s (memory.grow (i32.const 1))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (drop) (drop)
    (call_indirect (type $f) (i32.const 3) (i32.const 3)))))";

// Deep recursion, calls of host functions, tail calls.
constexpr std::string_view kCalls = R"((module
  (import "host" "h" (func $h (param i32) (result i32)))
  (func $deep (param i32) (result i32 i64)
    (if (i32.eqz (local.get 0))
      (then (return (call $h (local.get 0)) (i64.const 1))))
    (call $deep (i32.sub (local.get 0) (i32.const 1)))
    (i64.add (i64.const 1)))
  (func (export "run") (param i32) (result i32)
    (call $deep (local.get 0))
    (drop)
    (return_call $h))))";

// Host calls are answered with zeros.
void RunALittle(Thread& thread) {
  for (int i = 0; i < 10; ++i) {
    if (thread.state() == ThreadState::kRunnable) {
      thread.Run({.fuel = 100});
    } else if (thread.state() == ThreadState::kHostCall) {
      const Store& store = thread.store();
      const FunctionInstance& function =
          store.function(thread.pending_call().function);
      std::vector<Value> results;
      for (const ValueType type :
           store.types().Get(function.type).function.results) {
        results.push_back({type, 0, 0});
      }
      if (!thread.CompleteHostCall(results).ok()) {
        thread.FailHostCall({TrapKind::kHost, "no answer"});
      }
    }
  }
}

}  // namespace

RestoreFuzzer::RestoreFuzzer() {
  AddSeeds(kStore, {I32Value(9)}, 30);
  AddSeeds(kLoop, {I32Value(9)}, 30);
  AddSeeds(kCalls, {I32Value(4)}, 30);
}

void RestoreFuzzer::AddSeeds(std::string_view wat,
                             const std::vector<Value>& arguments, int stops) {
  TestProcess process(kStoreLimits);
  process.AddHost("h", {{kI32Type}, {kI32Type}});
  process.Add("m", wat);
  const auto take = [&] {
    auto snapshot = CaptureAll(process.process());
    CHECK(snapshot.ok());
    seeds_.push_back(*std::move(snapshot));
  };
  take();
  process.process().thread =
      std::make_unique<Thread>(process.store(), kThreadLimits);
  Thread& thread = process.thread();
  CHECK(thread.Start(process.Export("m", "run"), arguments).ok());
  for (int i = 0; i < stops; ++i) {
    take();
    if (thread.state() == ThreadState::kFinished) break;
    if (thread.state() == ThreadState::kHostCall) {
      CHECK(thread.CompleteHostCall(std::vector{I32Value(0)}).ok());
    } else {
      thread.Run({.fuel = 2});
    }
  }
  const auto& module = process.Instance("m").code;
  modules_.emplace(module->module().hash, module);
}

bool RestoreFuzzer::Try(OwnedSnapshot snapshot) const {
  RestoreContext context;
  context.store_limits = kStoreLimits;
  context.thread_limits = kThreadLimits;
  context.find_module = [this](const Sha256Digest& hash)
      -> absl::StatusOr<std::shared_ptr<TranslatedModule>> {
    const auto found = modules_.find(hash);
    if (found == modules_.end()) return absl::NotFoundError("no module");
    return found->second;
  };
  context.bind_host =
      [](const HostFunctionInfo&,
         const FunctionType&) -> absl::StatusOr<std::unique_ptr<HostFunction>> {
    return std::make_unique<PendingFunction>();
  };
  SealStateRecord(&snapshot.state);
  auto restored =
      RestoreSnapshot(AsBytes(snapshot.state), PagesOf(snapshot), context);
  if (!restored.ok()) {
    const absl::StatusCode code = restored.status().code();
    CHECK(code == absl::StatusCode::kDataLoss ||
          code == absl::StatusCode::kFailedPrecondition ||
          code == absl::StatusCode::kUnimplemented);
    CHECK(restored.status().message().find('\n') == std::string::npos);
    return false;
  }
  auto process = RoundTrip(*std::move(restored), context);
  if (!process.ok()) std::puts(process.status().ToString().c_str());
  CHECK(process.ok());
  if (process->thread != nullptr) RunALittle(*process->thread);
  CHECK(CaptureAll(*process).ok());
  return true;
}

}  // namespace wasmd::testing

// Stores on threads of their own with modules in common: for
// --config=tsan, too.

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "capi/testing/guest.h"

namespace wasmd::capi::testing {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 20;

constexpr std::string_view kFibonacci = R"((module
  (import "env" "seen" (func $seen (param i32) (result i32)))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (call $seen (local.get 0)))
      (else (i32.add
        (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2)))))))))";

wasm_trap_t* Seen(void* env, const wasm_val_vec_t* args,
                  wasm_val_vec_t* results) {
  ++*static_cast<int*>(env);
  results->data[0] = args->data[0];
  return nullptr;
}

void RunStore(wasm_engine_t* engine, const wasm_shared_module_t* shared) {
  wasm_store_t* store = wasm_store_new(engine);
  wasm_module_t* module = wasm_module_obtain(store, shared);
  int seen = 0;
  wasm_functype_t* type =
      wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t* function =
      wasm_func_new_with_env(store, type, Seen, &seen, nullptr);
  wasm_functype_delete(type);
  wasm_extern_t* externs[] = {wasm_func_as_extern(function)};
  const wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  for (int round = 0; round < kRounds; ++round) {
    wasm_instance_t* instance =
        wasm_instance_new(store, module, &imports, nullptr);
    EXPECT_EQ(Call(instance, "fib", {I32(10)}), "55");
    wasm_instance_delete(instance);
  }
  EXPECT_EQ(seen, 89 * kRounds);
  wasm_func_delete(function);
  wasm_module_delete(module);
  wasm_store_delete(store);
}

TEST(ParallelTest, StoresShareAModule) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  wasm_module_t* module = ModuleOf(store, kFibonacci);
  wasm_shared_module_t* shared = wasm_module_share(module);
  wasm_module_delete(module);
  wasm_store_delete(store);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back(RunStore, engine, shared);
  }
  for (std::thread& thread : threads) thread.join();
  wasm_shared_module_delete(shared);
  wasm_engine_delete(engine);
}

// A store that moves from thread to thread, one at a time, and is interrupted
// from elsewhere.
TEST(ParallelTest, StoresMoveBetweenThreads) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  wasm_instance_t* instance = Instantiate(
      store, R"((module (func (export "spin") (loop $l (br $l)))))");
  wasmd_thread_t* guest = wasmd_thread_new(store);
  EXPECT_EQ(TakeText(wasmd_thread_start(
                guest, ExportedFunction(instance, "spin"), nullptr)),
            "");
  for (int i = 0; i < kThreads; ++i) {
    std::thread runner([guest] {
      EXPECT_EQ(wasmd_thread_run(guest, nullptr), WASMD_THREAD_RUNNABLE);
    });
    wasmd_thread_interrupt(guest);
    runner.join();
  }
  wasmd_thread_delete(guest);
  wasm_instance_delete(instance);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

}  // namespace
}  // namespace wasmd::capi::testing

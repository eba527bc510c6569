// A guest in slices of fuel, moved to a new store after each: with wasmd.hpp.

#include <cstdio>

#include "wasmd.hpp"

namespace {

using namespace wasmd_api;  // NOLINT: an example

constexpr char kGuest[] = R"((module
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add
        (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2)))))))))";

int Fail(const Error& error) {
  std::fprintf(stderr, "raii: %s\n", wasmd_error_message(error.get()));
  return 1;
}

}  // namespace

int main() {
  const Engine engine(wasm_engine_new());
  Store store(wasm_store_new(engine.get()));
  Bytes text(kGuest);
  wasm_module_t* made = nullptr;
  if (Error error(wasmd_module_new(store.get(), text.get(), &made)); error) {
    return Fail(error);
  }
  const Module module(made);
  const wasm_extern_vec_t none = WASM_EMPTY_VEC;
  Instance instance(
      wasm_instance_new(store.get(), module.get(), &none, nullptr));
  Thread thread(wasmd_thread_new(store.get()));
  wasm_val_t n;
  n.kind = WASM_I32;
  n.of.i32 = 20;
  const wasm_val_vec_t args = {1, &n};
  if (Error error(wasmd_thread_start(
          thread.get(),
          wasm_extern_as_func(wasmd_instance_export(instance.get(), "fib")),
          &args));
      error) {
    return Fail(error);
  }

  const wasmd_run_options_t slice = {5000, 0};
  int moves = 0;
  while (wasmd_thread_run(thread.get(), &slice) == WASMD_THREAD_RUNNABLE) {
    Bytes snapshot;
    if (Error error(wasmd_snapshot(store.get(), thread.get(),
                                   WASMD_SNAPSHOT_WITH_MODULES,
                                   snapshot.get()));
        error) {
      return Fail(error);
    }
    wasm_store_t* new_store = nullptr;
    wasmd_thread_t* new_thread = nullptr;
    if (Error error(wasmd_restore(engine.get(), snapshot.get(), nullptr,
                                  &new_store, &new_thread));
        error) {
      return Fail(error);
    }
    instance.reset();
    thread.reset(new_thread);
    store.reset(new_store);
    ++moves;
  }
  wasm_val_vec_t results;
  wasmd_thread_results(thread.get(), &results);
  std::printf("fib(20) is %d after %d moves\n", results.data[0].of.i32, moves);
  wasm_val_vec_delete(&results);
  return 0;
}

// What calls through the C API cost: host to guest, guest to host, both with
// references, a call inside a callback, and stopping at an import.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "capi/include/wasm.h"
#include "capi/include/wasmd.h"

namespace {

constexpr std::string_view kGuest = R"((module
  (import "env" "f" (func $f (param i32) (result i32)))
  (import "env" "wait" (func $wait (result i32)))
  (func (export "nothing"))
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "pass") (param externref) (result externref) (local.get 0))
  (func (export "many") (param i32) (result i32)
    (loop $l
      (local.set 0 (call $f (local.get 0)))
      (br_if $l (local.get 0)))
    (local.get 0))
  (func (export "waits") (loop $l (br_if $l (call $wait))))))";

constexpr int kCallsOfMany = 1000;

wasm_trap_t* CountDown(void*, const wasm_val_vec_t* args,
                       wasm_val_vec_t* results) {
  results->data[0].kind = WASM_I32;
  results->data[0].of.i32 = args->data[0].of.i32 - 1;
  return nullptr;
}

wasm_val_t I32(int32_t value) {
  wasm_val_t result;
  result.kind = WASM_I32;
  result.of.i32 = value;
  return result;
}

class Guest {
 public:
  Guest() : engine_(wasm_engine_new()), store_(wasm_store_new(engine_)) {
    wasm_functype_t* unary =
        wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_functype_t* none = wasm_functype_new_0_1(wasm_valtype_new_i32());
    wasm_extern_t* externs[] = {
        wasm_func_as_extern(
            wasm_func_new_with_env(store_, unary, CountDown, nullptr, nullptr)),
        wasm_func_as_extern(wasmd_func_new(store_, none, "env", "wait", nullptr,
                                           nullptr, nullptr))};
    wasm_functype_delete(unary);
    wasm_functype_delete(none);
    wasm_byte_vec_t text = {kGuest.size(), const_cast<char*>(kGuest.data())};
    wasm_module_t* module = nullptr;
    if (wasmd_module_new(store_, &text, &module) != nullptr) std::abort();
    const wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
    instance_ = wasm_instance_new(store_, module, &imports, nullptr);
    wasm_module_delete(module);
  }
  ~Guest() {
    wasm_instance_delete(instance_);
    wasm_store_delete(store_);
    wasm_engine_delete(engine_);
  }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  wasm_store_t* store() { return store_; }
  const wasm_func_t* Function(const char* name) {
    return wasm_extern_as_func(wasmd_instance_export(instance_, name));
  }

 private:
  wasm_engine_t* engine_;
  wasm_store_t* store_;
  wasm_instance_t* instance_;
};

void BM_HostToGuest(benchmark::State& state) {
  Guest guest;
  const wasm_func_t* function = guest.Function("nothing");
  const wasm_val_vec_t args = WASM_EMPTY_VEC;
  wasm_val_vec_t results = WASM_EMPTY_VEC;
  for (auto _ : state) {
    benchmark::DoNotOptimize(wasm_func_call(function, &args, &results));
  }
}
BENCHMARK(BM_HostToGuest);

void BM_HostToGuestTwoArguments(benchmark::State& state) {
  Guest guest;
  const wasm_func_t* function = guest.Function("add");
  wasm_val_t values[] = {I32(1), I32(2)};
  wasm_val_t result;
  const wasm_val_vec_t args = WASM_ARRAY_VEC(values);
  wasm_val_vec_t results = {1, &result};
  for (auto _ : state) {
    benchmark::DoNotOptimize(wasm_func_call(function, &args, &results));
  }
}
BENCHMARK(BM_HostToGuestTwoArguments);

void BM_HostToGuestReference(benchmark::State& state) {
  Guest guest;
  const wasm_func_t* function = guest.Function("pass");
  wasm_val_t value;
  value.kind = WASM_EXTERNREF;
  value.of.ref = wasm_foreign_as_ref(wasm_foreign_new(guest.store()));
  wasm_val_t result;
  const wasm_val_vec_t args = {1, &value};
  wasm_val_vec_t results = {1, &result};
  for (auto _ : state) {
    benchmark::DoNotOptimize(wasm_func_call(function, &args, &results));
    wasm_val_delete(&result);
  }
  wasm_val_delete(&value);
}
BENCHMARK(BM_HostToGuestReference);

// Per call of the callback.
void BM_GuestToHost(benchmark::State& state) {
  Guest guest;
  const wasm_func_t* function = guest.Function("many");
  wasm_val_t value = I32(kCallsOfMany);
  wasm_val_t result;
  const wasm_val_vec_t args = {1, &value};
  wasm_val_vec_t results = {1, &result};
  for (auto _ : state) {
    benchmark::DoNotOptimize(wasm_func_call(function, &args, &results));
  }
  state.SetItemsProcessed(state.iterations() * kCallsOfMany);
}
BENCHMARK(BM_GuestToHost);

// A stop at an import and the way back in.
void BM_StopAndAnswer(benchmark::State& state) {
  Guest guest;
  wasmd_thread_t* thread = wasmd_thread_new(guest.store());
  if (wasmd_thread_start(thread, guest.Function("waits"), nullptr) != nullptr) {
    std::abort();
  }
  wasm_val_t value = I32(1);
  const wasm_val_vec_t answers = {1, &value};
  for (auto _ : state) {
    if (wasmd_thread_run(thread, nullptr) != WASMD_THREAD_PENDING) std::abort();
    benchmark::DoNotOptimize(wasmd_thread_answer(thread, &answers));
  }
  wasmd_thread_delete(thread);
}
BENCHMARK(BM_StopAndAnswer);

void BM_EngineAndStore(benchmark::State& state) {
  for (auto _ : state) {
    wasm_engine_t* engine = wasm_engine_new();
    wasm_store_t* store = wasm_store_new(engine);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
  }
}
BENCHMARK(BM_EngineAndStore);

}  // namespace

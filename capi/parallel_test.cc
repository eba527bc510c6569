// Stores on threads of their own with modules in common: for
// --config=tsan, too.

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "capi/include/wasmd_process.h"
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

// A database of the program's, which threads may use at the same time.
struct Database {
  std::mutex mutex;
  std::map<std::string, std::string> entries;
};

wasmd_error_t* Write(void* env, const wasmd_change_t* changes, size_t count,
                     bool) {
  auto* database = static_cast<Database*>(env);
  const std::lock_guard<std::mutex> lock(database->mutex);
  for (size_t i = 0; i < count; ++i) {
    const std::string key(static_cast<const char*>(changes[i].key),
                          changes[i].key_size);
    if (changes[i].value == nullptr) {
      database->entries.erase(key);
    } else {
      database->entries[key].assign(static_cast<const char*>(changes[i].value),
                                    changes[i].value_size);
    }
  }
  return nullptr;
}

wasmd_error_t* Scan(void* env, const void* prefix, size_t size,
                    wasmd_give_entry_t give, void* context) {
  auto* database = static_cast<Database*>(env);
  std::map<std::string, std::string> copy;
  {
    const std::lock_guard<std::mutex> lock(database->mutex);
    copy = database->entries;
  }
  const std::string start(static_cast<const char*>(prefix), size);
  for (const auto& [key, value] : copy) {
    if (key.compare(0, size, start) != 0) continue;
    wasmd_error_t* error =
        give(context, key.data(), key.size(), value.data(), value.size());
    if (error != nullptr) return error;
  }
  return nullptr;
}

// Counts in memory, committed round by round, and begun again in between.
void RunProcess(wasm_engine_t* engine, wasmd_db_t* db, int number) {
  const std::string name = std::to_string(number);
  wasm_store_t* store = wasm_store_new(engine);
  wasmd_thread_t* thread = wasmd_thread_new(store);
  wasm_instance_delete(Instantiate(store, R"((module (memory 1)
    (func (export "step") (result i32)
      (i32.store (i32.const 8)
        (i32.add (i32.load (i32.const 8)) (i32.const 1)))
      (i32.load (i32.const 8)))))"));
  wasmd_process_t* process = nullptr;
  EXPECT_EQ(
      TakeText(wasmd_process_create(db, name.c_str(), store, thread, &process)),
      "");
  for (int round = 1; round <= kRounds; ++round) {
    EXPECT_EQ(Call(wasmd_store_instance(store, 0), "step"),
              std::to_string(round));
    EXPECT_EQ(TakeText(wasmd_process_commit(process, round % 2 == 0)), "");
    EXPECT_EQ(TakeText(wasmd_db_sync(db)), "");
    wasmd_process_delete(process);
    wasmd_thread_delete(thread);
    wasm_store_delete(store);
    ASSERT_EQ(TakeText(wasmd_process_resume(db, name.c_str(), engine, nullptr,
                                            &store, &thread, &process)),
              "");
  }
  wasmd_process_delete(process);
  wasmd_thread_delete(thread);
  wasm_store_delete(store);
  EXPECT_EQ(TakeText(wasmd_db_remove(db, name.c_str())), "");
}

TEST(ParallelTest, ProcessesShareADatabase) {
  wasm_engine_t* engine = wasm_engine_new();
  Database database;
  const wasmd_db_functions_t functions = {&database, Write, Scan, nullptr};
  wasmd_db_t* db = nullptr;
  ASSERT_EQ(TakeText(wasmd_db_new(&functions, &db)), "");
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back(RunProcess, engine, db, i);
  }
  for (std::thread& thread : threads) thread.join();
  wasmd_db_delete(db);
  wasm_engine_delete(engine);
  EXPECT_TRUE(database.entries.empty());
}

}  // namespace
}  // namespace wasmd::capi::testing

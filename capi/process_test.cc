#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "capi/include/wasmd_process.h"
#include "capi/testing/guest.h"

namespace wasmd::capi::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Adds up the answers in memory until one is 0.
constexpr std::string_view kGuest = R"((module
  (import "env" "next" (func $next (result i32)))
  (memory (export "memory") 2)
  (func (export "run") (result i32) (local $got i32)
    (loop $more
      (local.set $got (call $next))
      (i32.store (i32.const 70000)
        (i32.add (i32.load (i32.const 70000)) (local.get $got)))
      (br_if $more (local.get $got)))
    (i32.load (i32.const 70000)))))";

using Entries = std::map<std::string, std::string, std::less<>>;

// A database of the program: a map, and a disk that can fail.
struct Database {
  std::mutex mutex;
  Entries entries;
  bool fails = false;
  bool closed = false;
  int syncs = 0;
};

wasmd_error_t* Write(void* env, const wasmd_change_t* changes, size_t count,
                     bool sync) {
  auto* database = static_cast<Database*>(env);
  const std::lock_guard<std::mutex> lock(database->mutex);
  if (database->fails) return wasmd_error_new(WASMD_ERROR_IO, "disk on fire");
  if (sync) ++database->syncs;
  for (size_t i = 0; i < count; ++i) {
    const wasmd_change_t& change = changes[i];
    const std::string key(static_cast<const char*>(change.key),
                          change.key_size);
    if (change.value == nullptr) {
      database->entries.erase(key);
    } else {
      database->entries[key].assign(static_cast<const char*>(change.value),
                                    change.value_size);
    }
  }
  return nullptr;
}

wasmd_error_t* Scan(void* env, const void* prefix, size_t size,
                    wasmd_give_entry_t give, void* context) {
  auto* database = static_cast<Database*>(env);
  Entries copy;
  {
    const std::lock_guard<std::mutex> lock(database->mutex);
    copy = database->entries;
  }
  const std::string_view start(static_cast<const char*>(prefix), size);
  for (const auto& [key, value] : copy) {
    if (std::string_view(key).substr(0, size) != start) continue;
    wasmd_error_t* error =
        give(context, key.data(), key.size(), value.data(), value.size());
    if (error != nullptr) return error;
  }
  return nullptr;
}

void Close(void* env) { static_cast<Database*>(env)->closed = true; }

wasmd_error_t* AddName(void* env, const char* name) {
  static_cast<std::vector<std::string>*>(env)->push_back(name);
  return nullptr;
}

class ProcessTest : public ApiTest, public ::testing::WithParamInterface<bool> {
 protected:
  ProcessTest() : directory_(::testing::TempDir() + "/capi_process_test") {
    Open();
  }
  ~ProcessTest() override {
    wasmd_db_delete(db_);
    std::filesystem::remove_all(directory_);
  }

  bool is_directory() const { return GetParam(); }

  void Open() {
    if (is_directory()) {
      ASSERT_EQ(TakeText(wasmd_db_open(directory_.c_str(), &db_)), "");
    } else {
      const wasmd_db_functions_t functions = {&database_, Write, Scan, Close};
      ASSERT_EQ(TakeText(wasmd_db_new(&functions, &db_)), "");
    }
  }

  // A started guest.
  wasmd_thread_t* NewGuest(wasm_store_t* store) {
    wasm_functype_t* type = wasm_functype_new_0_1(wasm_valtype_new_i32());
    wasm_func_t* next =
        wasmd_func_new(store, type, "env", "next", nullptr, nullptr, nullptr);
    wasm_functype_delete(type);
    wasm_instance_t* instance =
        Instantiate(store, kGuest, {wasm_func_as_extern(next)});
    wasmd_thread_t* thread = wasmd_thread_new(store);
    EXPECT_EQ(TakeText(wasmd_thread_start(
                  thread, ExportedFunction(instance, "run"), nullptr)),
              "");
    wasm_instance_delete(instance);
    wasm_func_delete(next);
    return thread;
  }

  void Create(const char* name) {
    wasm_store_t* store = wasm_store_new(engine_);
    wasmd_thread_t* thread = NewGuest(store);
    wasmd_process_t* process = nullptr;
    ASSERT_EQ(
        TakeText(wasmd_process_create(db_, name, store, thread, &process)), "");
    wasmd_process_delete(process);
    wasmd_thread_delete(thread);
    wasm_store_delete(store);
  }

  // Resumes, answers if asked, runs, commits, lets go. What it returned, or
  // "asks".
  std::string Step(const char* name, int32_t value) {
    wasm_store_t* store = nullptr;
    wasmd_thread_t* thread = nullptr;
    wasmd_process_t* process = nullptr;
    const std::string error = TakeText(wasmd_process_resume(
        db_, name, engine_, nullptr, &store, &thread, &process));
    if (!error.empty()) return error;
    if (wasmd_thread_state(thread) == WASMD_THREAD_PENDING) {
      wasm_val_t answer = I32(value);
      const wasm_val_vec_t answers = {1, &answer};
      EXPECT_EQ(TakeText(wasmd_thread_answer(thread, &answers)), "");
    }
    std::string result = "asks";
    if (wasmd_thread_run(thread, nullptr) == WASMD_THREAD_RETURNED) {
      wasm_val_vec_t results;
      wasmd_thread_results(thread, &results);
      result = std::to_string(results.data[0].of.i32);
      wasm_val_vec_delete(&results);
    }
    EXPECT_EQ(TakeText(wasmd_process_commit(process, true)), "");
    wasmd_process_delete(process);
    wasmd_thread_delete(thread);
    wasm_store_delete(store);
    return result;
  }

  std::vector<std::string> Names() {
    std::vector<std::string> names;
    EXPECT_EQ(TakeText(wasmd_db_list(db_, AddName, &names)), "");
    return names;
  }

  const std::string directory_;
  Database database_;
  wasmd_db_t* db_ = nullptr;
};

TEST_P(ProcessTest, GoesOnFromTheLastCommit) {
  Create("one");
  EXPECT_EQ(Step("one", 0), "asks");
  EXPECT_EQ(Step("one", 30), "asks");
  wasmd_db_delete(db_);
  EXPECT_EQ(database_.closed, !is_directory());
  Open();
  EXPECT_EQ(Step("one", 4), "asks");
  EXPECT_EQ(Step("one", 0), "34");
  EXPECT_EQ(Step("one", 0), "34");
  EXPECT_THAT(Names(), ElementsAre("one"));
}

// A process for each thread, and one that all want.
TEST_P(ProcessTest, ThreadsShareADatabase) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 5;
  Create("common");
  std::vector<std::thread> threads;
  for (int number = 1; number <= kThreads; ++number) {
    threads.emplace_back([this, number] {
      const std::string name = "process" + std::to_string(number);
      Create(name.c_str());
      EXPECT_EQ(Step(name.c_str(), 0), "asks");
      for (int round = 0; round < kRounds; ++round) {
        EXPECT_EQ(Step(name.c_str(), number), "asks");
        EXPECT_THAT(Names(), ::testing::IsSupersetOf({"common", name.c_str()}));
        EXPECT_THAT(Step("common", 1),
                    ::testing::AnyOf("asks", HasSubstr("common is in use")));
      }
      EXPECT_EQ(Step(name.c_str(), 0), std::to_string(kRounds * number));
      EXPECT_EQ(TakeText(wasmd_db_remove(db_, name.c_str())), "");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(Names(), ElementsAre("common"));
}

TEST_P(ProcessTest, NamesAreUniqueAndRemovedWithAllTheyHave) {
  Create("one");
  Create("on");
  wasm_store_t* store = wasm_store_new(engine_);
  wasmd_thread_t* thread = NewGuest(store);
  wasmd_process_t* process = nullptr;
  wasmd_error_t* error =
      wasmd_process_create(db_, "one", store, thread, &process);
  EXPECT_EQ(wasmd_error_code(error), WASMD_ERROR_EXISTS);
  wasmd_error_delete(error);
  EXPECT_EQ(process, nullptr);
  EXPECT_NE(TakeText(wasmd_process_create(db_, "", store, thread, &process)),
            "");
  const std::string name(256, 'x');
  EXPECT_NE(TakeText(wasmd_process_create(db_, name.c_str(), store, thread,
                                          &process)),
            "");
  wasmd_thread_delete(thread);
  wasm_store_delete(store);

  EXPECT_EQ(TakeText(wasmd_db_remove(db_, "one")), "");
  error = wasmd_db_remove(db_, "one");
  EXPECT_EQ(wasmd_error_code(error), WASMD_ERROR_NOT_FOUND);
  wasmd_error_delete(error);
  EXPECT_THAT(Step("one", 0), HasSubstr("one"));
  EXPECT_EQ(Step("on", 0), "asks");  // the module is still there
  EXPECT_EQ(TakeText(wasmd_db_remove(db_, "on")), "");
  EXPECT_TRUE(Names().empty());
  EXPECT_TRUE(database_.entries.empty());
}

// A process with its store and thread.
struct Opened {
  wasm_store_t* store = nullptr;
  wasmd_thread_t* thread = nullptr;
  wasmd_process_t* process = nullptr;
};

TEST_P(ProcessTest, AProcessIsUsedOnceAtATime) {
  Create("one");
  Opened first, second;
  ASSERT_EQ(
      TakeText(wasmd_process_resume(db_, "one", engine_, nullptr, &first.store,
                                    &first.thread, &first.process)),
      "");
  wasmd_error_t* error =
      wasmd_process_resume(db_, "one", engine_, nullptr, &second.store,
                           &second.thread, &second.process);
  EXPECT_EQ(wasmd_error_code(error), WASMD_ERROR_STATE);
  EXPECT_EQ(TakeText(error), "the process one is in use by this program");
  EXPECT_EQ(second.store, nullptr);
  EXPECT_THAT(TakeText(wasmd_db_remove(db_, "one")), HasSubstr("in use"));
  wasmd_process_delete(first.process);
  wasmd_thread_delete(first.thread);
  wasm_store_delete(first.store);
  EXPECT_EQ(Step("one", 0), "asks");
}

TEST_P(ProcessTest, AStoreHasOneProcess) {
  wasm_store_t* store = wasm_store_new(engine_);
  wasmd_thread_t* thread = NewGuest(store);
  wasmd_process_t *one = nullptr, *two = nullptr;
  ASSERT_EQ(TakeText(wasmd_process_create(db_, "one", store, thread, &one)),
            "");
  EXPECT_EQ(TakeText(wasmd_process_create(db_, "two", store, thread, &two)),
            "the store has a process already");
  // What was written since must get to the process.
  wasm_memory_t* memory = wasm_extern_as_memory(
      wasmd_instance_export(wasmd_store_instance(store, 0), "memory"));
  const int32_t value = 5;
  EXPECT_TRUE(wasmd_memory_write(memory, 70000, &value, sizeof(value)));
  wasmd_store_clear_dirty(store);
  EXPECT_STRNE(wasmd_store_last_error(store), "");
  EXPECT_EQ(TakeText(wasmd_process_commit(one, false)), "");
  wasmd_process_delete(one);
  // Nor is it forgotten by the next.
  ASSERT_EQ(TakeText(wasmd_process_create(db_, "two", store, thread, &two)),
            "");
  wasmd_process_delete(two);
  wasmd_thread_delete(thread);
  wasm_store_delete(store);
  for (const char* name : {"one", "two"}) {
    EXPECT_EQ(Step(name, 0), "asks");
    EXPECT_EQ(Step(name, 0), "5");
  }
}

TEST_P(ProcessTest, AnyOrderOfDeletion) {
  Opened all;
  all.store = wasm_store_new(engine_);
  all.thread = NewGuest(all.store);
  ASSERT_EQ(TakeText(wasmd_process_create(db_, "one", all.store, all.thread,
                                          &all.process)),
            "");
  wasmd_db_delete(db_);
  EXPECT_FALSE(database_.closed);
  EXPECT_EQ(wasmd_thread_run(all.thread, nullptr), WASMD_THREAD_PENDING);
  EXPECT_EQ(TakeText(wasmd_process_commit(all.process, false)), "");
  wasmd_thread_delete(all.thread);
  EXPECT_EQ(TakeText(wasmd_process_commit(all.process, true)),
            "the thread of the process was deleted");
  wasm_store_delete(all.store);
  EXPECT_EQ(TakeText(wasmd_process_commit(all.process, true)),
            "the store of the process was deleted");
  wasmd_process_delete(all.process);
  EXPECT_EQ(database_.closed, !is_directory());
  Open();
  EXPECT_EQ(Step("one", 3), "asks");
  EXPECT_EQ(Step("one", 0), "3");
}

TEST_P(ProcessTest, ManyCommitsAreSafeAfterOneSync) {
  std::vector<Opened> all(3);
  for (size_t i = 0; i < all.size(); ++i) {
    all[i].store = wasm_store_new(engine_);
    all[i].thread = NewGuest(all[i].store);
    ASSERT_EQ(TakeText(wasmd_process_create(db_, std::to_string(i).c_str(),
                                            all[i].store, all[i].thread,
                                            &all[i].process)),
              "");
  }
  const int before = database_.syncs;
  for (Opened& one : all) {
    EXPECT_EQ(wasmd_thread_run(one.thread, nullptr), WASMD_THREAD_PENDING);
    EXPECT_EQ(TakeText(wasmd_process_commit(one.process, false)), "");
  }
  EXPECT_EQ(TakeText(wasmd_db_sync(db_)), "");
  EXPECT_EQ(database_.syncs - before, is_directory() ? 0 : 1);
  for (Opened& one : all) {
    wasmd_process_delete(one.process);
    wasmd_thread_delete(one.thread);
    wasm_store_delete(one.store);
  }
  EXPECT_THAT(Names(), ElementsAre("0", "1", "2"));
  database_.fails = true;
  EXPECT_EQ(TakeText(wasmd_db_sync(db_)), is_directory() ? "" : "disk on fire");
  database_.fails = false;
}

TEST_P(ProcessTest, FailedCommitsCanBeTriedAgain) {
  if (is_directory()) GTEST_SKIP() << "the program's disk fails";
  Create("one");
  EXPECT_EQ(Step("one", 0), "asks");
  wasm_store_t* store = nullptr;
  wasmd_thread_t* thread = nullptr;
  wasmd_process_t* process = nullptr;
  ASSERT_EQ(TakeText(wasmd_process_resume(db_, "one", engine_, nullptr, &store,
                                          &thread, &process)),
            "");
  wasm_val_t answer = I32(7);
  const wasm_val_vec_t answers = {1, &answer};
  EXPECT_EQ(TakeText(wasmd_thread_answer(thread, &answers)), "");
  EXPECT_EQ(wasmd_thread_run(thread, nullptr), WASMD_THREAD_PENDING);
  database_.fails = true;
  EXPECT_EQ(TakeText(wasmd_process_commit(process, true)), "disk on fire");
  database_.fails = false;
  EXPECT_EQ(TakeText(wasmd_process_commit(process, true)), "");
  wasmd_process_delete(process);
  wasmd_thread_delete(thread);
  wasm_store_delete(store);
  EXPECT_EQ(Step("one", 0), "7");
}

TEST_P(ProcessTest, DamageIsFound) {
  if (is_directory()) GTEST_SKIP() << "the store checks its own";
  Create("one");
  EXPECT_EQ(Step("one", 0), "asks");
  const Entries whole = database_.entries;
  for (const auto& [key, value] : whole) {
    // Pages have no checksum here: what is kept is the program's.
    if (key[0] == 'd' || value.empty()) continue;
    database_.entries = whole;
    database_.entries[key][value.size() / 2] ^= 1;
    EXPECT_NE(Step("one", 0), "asks") << key;
    database_.entries = whole;
    database_.entries[key].pop_back();
    EXPECT_NE(Step("one", 0), "asks") << key;
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, ProcessTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Directory" : "Own";
                         });

}  // namespace
}  // namespace wasmd::capi::testing

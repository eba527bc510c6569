#include "capi/include/wasmd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "capi/testing/guest.h"

namespace wasmd::capi::testing {
namespace {

using ::testing::HasSubstr;

wasm_val_vec_t VectorOf(std::vector<wasm_val_t>& values) {
  return {values.size(), values.data()};
}

std::string ResultOf(const wasmd_thread_t* thread) {
  wasm_val_vec_t results;
  wasmd_thread_results(thread, &results);
  std::string text;
  for (size_t i = 0; i < results.size; ++i) {
    text += std::to_string(results.data[i].of.i32);
  }
  wasm_val_vec_delete(&results);
  return text;
}

std::string PendingName(const wasmd_thread_t* thread) {
  wasm_name_t module, name;
  wasmd_thread_pending_name(thread, &module, &name);
  return TakeText(&module) + "." + TakeText(&name);
}

// Sums what `env.next` answers until it answers 0; what it got so far is an
// argument, and also in memory.
constexpr std::string_view kSum = R"((module
  (import "env" "next" (func $next (param i32) (result i32)))
  (memory (export "memory") 4)
  (func (export "run") (result i32) (local $sum i32) (local $got i32)
    (loop $more
      (local.set $got (call $next (local.get $sum)))
      (local.set $sum (i32.add (local.get $sum) (local.get $got)))
      (i32.store (i32.const 70000) (local.get $sum))
      (br_if $more (local.get $got)))
    (local.get $sum))
  (func (export "spin") (loop $l (br $l)))
  (func (export "count") (param i32) (result i32)
    (loop $l
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 0))))";

class WasmdTest : public ApiTest {
 protected:
  WasmdTest() {
    wasm_functype_t* type =
        wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    next_ =
        wasmd_func_new(store_, type, "env", "next", nullptr, nullptr, nullptr);
    wasm_functype_delete(type);
    instance_ = Instantiate(store_, kSum, {wasm_func_as_extern(next_)});
    thread_ = wasmd_thread_new(store_);
  }
  ~WasmdTest() override {
    wasmd_thread_delete(thread_);
    wasm_instance_delete(instance_);
    wasm_func_delete(next_);
  }

  void Start(const char* name, std::vector<wasm_val_t> arguments = {}) {
    const wasm_val_vec_t args = VectorOf(arguments);
    ASSERT_EQ(TakeText(wasmd_thread_start(
                  thread_, ExportedFunction(instance_, name), &args)),
              "");
  }

  static std::string Answer(wasmd_thread_t* thread, int32_t value) {
    std::vector<wasm_val_t> values = {I32(value)};
    const wasm_val_vec_t results = VectorOf(values);
    return TakeText(wasmd_thread_answer(thread, &results));
  }

  static int32_t PendingArgument(const wasmd_thread_t* thread) {
    wasm_val_vec_t args;
    wasmd_thread_pending_args(thread, &args);
    EXPECT_EQ(args.size, 1u);
    const int32_t value = args.data[0].of.i32;
    wasm_val_vec_delete(&args);
    return value;
  }

  wasm_func_t* next_;
  wasm_instance_t* instance_;
  wasmd_thread_t* thread_;
};

TEST_F(WasmdTest, StopsAtAnImportAndGoesOnWithTheAnswer) {
  EXPECT_EQ(wasmd_thread_state(thread_), WASMD_THREAD_IDLE);
  Start("run");
  EXPECT_EQ(wasmd_thread_state(thread_), WASMD_THREAD_RUNNABLE);
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_PENDING);
  EXPECT_EQ(PendingName(thread_), "env.next");
  EXPECT_EQ(wasmd_thread_pending_func(thread_), next_);
  EXPECT_EQ(wasmd_thread_pending_caller(thread_), instance_);
  EXPECT_EQ(PendingArgument(thread_), 0);
  EXPECT_EQ(Answer(thread_, 5), "");
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_PENDING);
  EXPECT_EQ(PendingArgument(thread_), 5);
  EXPECT_EQ(Answer(thread_, 0), "");
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_RETURNED);
  EXPECT_EQ(ResultOf(thread_), "5");
  EXPECT_EQ(Answer(thread_, 1), "no call is pending");
  Start("count", {I32(3)});  // again
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_RETURNED);
  EXPECT_EQ(ResultOf(thread_), "0");
}

TEST_F(WasmdTest, WrongAnswersChangeNothing) {
  Start("run");
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_PENDING);
  EXPECT_EQ(TakeText(wasmd_thread_answer(thread_, nullptr)),
            "expected 1 values, got 0");
  std::vector<wasm_val_t> wrong = {Ref(nullptr)};
  const wasm_val_vec_t results = VectorOf(wrong);
  EXPECT_EQ(TakeText(wasmd_thread_answer(thread_, &results)),
            "value 0 is not of type i32");
  EXPECT_EQ(wasmd_thread_state(thread_), WASMD_THREAD_PENDING);
  EXPECT_EQ(TakeText(wasmd_thread_start(
                thread_, ExportedFunction(instance_, "spin"), nullptr)),
            "the thread has not ended");
  EXPECT_EQ(TakeText(wasmd_thread_fail(thread_, nullptr)), "no trap");
  wasm_message_t message;
  wasm_name_new_from_string(&message, "refused");
  wasm_trap_t* trap = wasm_trap_new(store_, &message);
  wasm_name_delete(&message);
  EXPECT_EQ(TakeText(wasmd_thread_fail(thread_, trap)), "");
  wasm_trap_delete(trap);
  EXPECT_EQ(wasmd_thread_state(thread_), WASMD_THREAD_TRAPPED);
  EXPECT_EQ(TakeText(wasmd_thread_trap(thread_)), "refused");
}

TEST_F(WasmdTest, OrdinaryCallsCannotWait) {
  EXPECT_EQ(Call(instance_, "run"),
            "trap: import env.next left its call pending, which takes a "
            "wasmd_thread_t");
}

TEST_F(WasmdTest, FuelIsExact) {
  for (const uint64_t slice : {1u, 7u, 1000u}) {
    const uint64_t before = wasmd_thread_fuel_used(thread_);
    Start("count", {I32(1000)});
    wasmd_run_options_t options = {};
    options.fuel = slice;
    int slices = 1;
    while (wasmd_thread_run(thread_, &options) == WASMD_THREAD_RUNNABLE) {
      ++slices;
    }
    EXPECT_EQ(wasmd_thread_state(thread_), WASMD_THREAD_RETURNED);
    EXPECT_EQ(wasmd_thread_fuel_used(thread_) - before, 999u);
    EXPECT_EQ(slices, 999 / static_cast<int>(slice) + 1);
  }
}

TEST_F(WasmdTest, TimeAndInterruptsStopAnything) {
  Start("spin");
  wasmd_run_options_t options = {};
  options.time_ns = 2'000'000;
  EXPECT_EQ(wasmd_thread_run(thread_, &options), WASMD_THREAD_RUNNABLE);
  wasmd_thread_interrupt(thread_);
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_RUNNABLE);
  std::thread other([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    wasmd_thread_interrupt(thread_);
  });
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_RUNNABLE);
  other.join();
  wasm_frame_vec_t stack;
  wasmd_thread_stack(thread_, 10, &stack);
  ASSERT_EQ(stack.size, 1u);
  wasm_name_t name;
  wasmd_frame_name(stack.data[0], &name);
  EXPECT_EQ(TakeText(&name), "spin");
  wasm_frame_vec_delete(&stack);
}

TEST_F(WasmdTest, SnapshotsGoOnElsewhere) {
  Start("run");
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_PENDING);
  EXPECT_EQ(Answer(thread_, 30), "");
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_PENDING);
  wasm_byte_vec_t data = {5, const_cast<char*>("hello")};
  EXPECT_EQ(TakeText(wasmd_store_set_data(store_, "mine", &data)), "");
  EXPECT_NE(TakeText(wasmd_store_set_data(store_, "wasi.x", &data)), "");
  wasm_byte_vec_t bytes;
  ASSERT_EQ(TakeText(wasmd_snapshot(store_, thread_,
                                    WASMD_SNAPSHOT_WITH_MODULES, &bytes)),
            "");
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = nullptr;
  wasmd_thread_t* thread = nullptr;
  ASSERT_EQ(TakeText(wasmd_restore(engine, &bytes, nullptr, &store, &thread)),
            "");
  ASSERT_NE(thread, nullptr);
  EXPECT_EQ(wasmd_thread_state(thread), WASMD_THREAD_PENDING);
  EXPECT_EQ(PendingName(thread), "env.next");
  EXPECT_EQ(PendingArgument(thread), 30);
  EXPECT_EQ(Answer(thread, 4), "");
  EXPECT_EQ(wasmd_thread_run(thread, nullptr), WASMD_THREAD_PENDING);
  EXPECT_EQ(Answer(thread, 0), "");
  EXPECT_EQ(wasmd_thread_run(thread, nullptr), WASMD_THREAD_RETURNED);
  EXPECT_EQ(ResultOf(thread), "34");
  ASSERT_EQ(wasmd_store_instance_count(store), 1u);
  wasm_memory_t* memory = wasm_extern_as_memory(
      wasmd_instance_export(wasmd_store_instance(store, 0), "memory"));
  int32_t sum = 0;
  EXPECT_TRUE(wasmd_memory_read(memory, 70000, &sum, sizeof(sum)));
  EXPECT_EQ(sum, 34);
  EXPECT_FALSE(wasmd_memory_read(memory, 4 * 65536 - 3, &sum, sizeof(sum)));
  wasmd_store_get_data(store, "mine", &data);
  EXPECT_EQ(TakeText(&data), "hello");
  wasmd_thread_delete(thread);
  wasm_store_delete(store);

  // Bytes are not believed.
  for (size_t i = 0; i < bytes.size; i += 1 + i / 40) {
    bytes.data[i] ^= 0x10;
    wasmd_error_t* error =
        wasmd_restore(engine, &bytes, nullptr, &store, &thread);
    EXPECT_NE(error, nullptr) << i;
    wasmd_error_delete(error);
    EXPECT_EQ(store, nullptr);
    bytes.data[i] ^= 0x10;
  }
  wasm_byte_vec_delete(&bytes);
  // The original is as it was.
  EXPECT_EQ(Answer(thread_, 0), "");
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_RETURNED);
  EXPECT_EQ(ResultOf(thread_), "30");
  wasm_engine_delete(engine);
}

// What a restore binds.
struct Program {
  wasm_module_t* module = nullptr;
  int next = 0;
  int finalized = 0;
  std::string asked;
};

wasmd_callback_result_t GiveNext(void* env, wasm_instance_t* caller,
                                 const wasm_val_vec_t*, wasm_val_vec_t* results,
                                 wasm_trap_t**) {
  EXPECT_NE(caller, nullptr);
  results->data[0] = I32(static_cast<Program*>(env)->next--);
  return WASMD_CALLBACK_RETURN;
}

wasm_module_t* FindModule(void* env, const uint8_t[32]) {
  return wasm_module_copy(static_cast<Program*>(env)->module);
}

bool BindImport(void* env, const char* module, const char* name,
                const wasm_functype_t* type, wasmd_callback_t* callback,
                void** callback_env, void (**finalizer)(void*)) {
  auto* program = static_cast<Program*>(env);
  program->asked += std::string(module) + "." + name;
  EXPECT_EQ(wasm_functype_params(type)->size, 1u);
  if (program->next == 0) return false;
  *callback = GiveNext;
  *callback_env = env;
  *finalizer = [](void* at) { ++static_cast<Program*>(at)->finalized; };
  return true;
}

TEST_F(WasmdTest, RestoreBindsModulesAndImports) {
  Start("run");
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_PENDING);
  wasm_byte_vec_t bytes;
  ASSERT_EQ(TakeText(wasmd_snapshot(store_, thread_, 0, &bytes)), "");
  wasm_store_t* store = nullptr;
  wasmd_thread_t* thread = nullptr;
  EXPECT_THAT(
      TakeText(wasmd_restore(engine_, &bytes, nullptr, &store, &thread)),
      HasSubstr("is needed"));
  Program program;
  wasmd_restore_t restore = {};
  restore.env = &program;
  restore.find_module = FindModule;
  restore.bind_import = BindImport;
  program.module = ModuleOf(store_, "(module)");
  EXPECT_THAT(
      TakeText(wasmd_restore(engine_, &bytes, &restore, &store, &thread)),
      HasSubstr("another module"));
  wasm_module_delete(program.module);
  program.module = ModuleOf(store_, kSum);
  EXPECT_THAT(
      TakeText(wasmd_restore(engine_, &bytes, &restore, &store, &thread)),
      HasSubstr("env.next: unknown import"));
  program.next = 3;
  program.asked.clear();
  ASSERT_EQ(TakeText(wasmd_restore(engine_, &bytes, &restore, &store, &thread)),
            "");
  EXPECT_EQ(program.asked, "env.next");
  EXPECT_EQ(Answer(thread, 10), "");
  EXPECT_EQ(wasmd_thread_run(thread, nullptr), WASMD_THREAD_RETURNED);
  EXPECT_EQ(ResultOf(thread), "16");
  wasmd_thread_delete(thread);
  wasm_store_delete(store);
  EXPECT_EQ(program.finalized, 1);
  wasm_module_delete(program.module);
  wasm_byte_vec_delete(&bytes);
}

// A store of the program: the newest state, and the newest bytes of each page.
struct PageStore {
  std::string state;
  std::map<std::pair<uint32_t, uint64_t>, std::string> pages;
  size_t written = 0;
  bool fails = false;
};

wasmd_error_t* WriteState(void* env, const void* bytes, size_t size) {
  static_cast<PageStore*>(env)->state.assign(static_cast<const char*>(bytes),
                                             size);
  return nullptr;
}
wasmd_error_t* WritePage(void* env, const wasmd_page_t* page) {
  auto* pages = static_cast<PageStore*>(env);
  if (pages->fails) return wasmd_error_new(WASMD_ERROR_IO, "disk on fire");
  ++pages->written;
  pages->pages[{page->memory, page->page}].assign(
      static_cast<const char*>(page->bytes), page->size);
  return nullptr;
}
wasmd_error_t* ReadPages(void* env, wasmd_give_page_t give, void* context) {
  for (const auto& [key, bytes] : static_cast<PageStore*>(env)->pages) {
    const wasmd_page_t page = {key.first, key.second,
                               bytes.empty() ? nullptr : bytes.data(),
                               bytes.size()};
    wasmd_error_t* error = give(context, &page);
    if (error != nullptr) return error;
  }
  return nullptr;
}

TEST_F(WasmdTest, IncrementalSnapshotsHaveTheWrittenPages) {
  PageStore pages;
  const wasmd_capture_sink_t sink = {&pages, WriteState, WritePage};
  Start("run");
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_PENDING);
  ASSERT_EQ(TakeText(wasmd_capture(store_, thread_, true, &sink)), "");
  EXPECT_EQ(pages.written, 0u);
  wasmd_store_clear_dirty(store_);
  EXPECT_EQ(Answer(thread_, 9), "");
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_PENDING);
  wasm_memory_t* memory =
      wasm_extern_as_memory(wasmd_instance_export(instance_, "memory"));
  EXPECT_TRUE(wasmd_memory_write(memory, 4094, "abcd", 4));
  pages.fails = true;
  EXPECT_EQ(TakeText(wasmd_capture(store_, thread_, false, &sink)),
            "disk on fire");
  pages.fails = false;
  ASSERT_EQ(TakeText(wasmd_capture(store_, thread_, false, &sink)), "");
  EXPECT_EQ(pages.written, 3u);
  wasmd_store_clear_dirty(store_);
  ASSERT_EQ(TakeText(wasmd_capture(store_, thread_, false, &sink)), "");
  EXPECT_EQ(pages.written, 3u);

  Program program;
  program.module = ModuleOf(store_, kSum);
  wasmd_restore_t restore = {};
  restore.env = &program;
  restore.find_module = FindModule;
  wasm_store_t* store = nullptr;
  wasmd_thread_t* thread = nullptr;
  ASSERT_EQ(TakeText(wasmd_restore_pages(engine_, pages.state.data(),
                                         pages.state.size(), ReadPages, &pages,
                                         &restore, &store, &thread)),
            "");
  EXPECT_EQ(Answer(thread, 0), "");
  EXPECT_EQ(wasmd_thread_run(thread, nullptr), WASMD_THREAD_RETURNED);
  EXPECT_EQ(ResultOf(thread), "9");
  char text[5] = {};
  EXPECT_TRUE(wasmd_memory_read(wasm_extern_as_memory(wasmd_instance_export(
                                    wasmd_store_instance(store, 0), "memory")),
                                4094, text, 4));
  EXPECT_STREQ(text, "abcd");
  wasmd_thread_delete(thread);
  wasm_store_delete(store);
  wasm_module_delete(program.module);
}

TEST_F(WasmdTest, BarePointersMakeAllPagesDirtyUntilTracked) {
  PageStore pages;
  const wasmd_capture_sink_t sink = {&pages, WriteState, WritePage};
  wasm_memory_t* memory =
      wasm_extern_as_memory(wasmd_instance_export(instance_, "memory"));
  wasm_memory_data(memory)[5] = 'x';
  ASSERT_EQ(TakeText(wasmd_capture(store_, nullptr, false, &sink)), "");
  EXPECT_EQ(pages.written, 1u);  // the others are as the module has them
  const std::string& first = pages.pages[{0, 0}];
  ASSERT_EQ(first.size(), 4096u);
  EXPECT_EQ(first[5], 'x');
  wasmd_store_clear_dirty(store_);
  pages.written = 0;
  wasm_memory_data(memory)[4096] = 'y';
  ASSERT_EQ(TakeText(wasmd_capture(store_, nullptr, false, &sink)), "");
  EXPECT_EQ(pages.written, 2u);
  EXPECT_EQ((pages.pages[{0, 1}].substr(0, 1)), "y");
  wasmd_store_clear_dirty(store_);
  // What was saved once is saved again when it is as the module has it.
  wasm_memory_data(memory)[4096] = 0;
  ASSERT_EQ(TakeText(wasmd_capture(store_, nullptr, false, &sink)), "");
  EXPECT_EQ((pages.pages[{0, 1}]), "");  // zeros
  wasmd_memory_set_tracked(memory);
  wasmd_store_clear_dirty(store_);
  pages.written = 0;
  wasm_memory_data(memory)[4096] = 'y';
  EXPECT_TRUE(wasmd_memory_mark_dirty(memory, 4096, 1));
  EXPECT_FALSE(wasmd_memory_mark_dirty(memory, 4 * 65536, 1));
  ASSERT_EQ(TakeText(wasmd_capture(store_, nullptr, false, &sink)), "");
  EXPECT_EQ(pages.written, 1u);
}

struct SnapshotEnv {
  wasm_store_t* store;
  wasmd_thread_t* thread;
  std::string error;
};

wasmd_callback_result_t TakeSnapshot(void* env, wasm_instance_t*,
                                     const wasm_val_vec_t*,
                                     wasm_val_vec_t* results, wasm_trap_t**) {
  auto* at = static_cast<SnapshotEnv*>(env);
  wasm_byte_vec_t bytes;
  at->error = TakeText(wasmd_snapshot(at->store, at->thread, 0, &bytes));
  wasm_frame_vec_t stack;
  wasmd_thread_stack(at->thread, 10, &stack);
  EXPECT_EQ(stack.size, 1u);
  wasm_frame_vec_delete(&stack);
  EXPECT_EQ(wasmd_thread_run(at->thread, nullptr), WASMD_THREAD_RUNNABLE);
  results->data[0] = I32(0);
  return WASMD_CALLBACK_RETURN;
}

TEST_F(WasmdTest, RunningThreadsCannotBeSaved) {
  SnapshotEnv env = {store_, thread_, ""};
  wasm_functype_t* type =
      wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t* function =
      wasmd_func_new(store_, type, "env", "next", TakeSnapshot, &env, nullptr);
  wasm_functype_delete(type);
  wasm_instance_t* instance =
      Instantiate(store_, kSum, {wasm_func_as_extern(function)});
  EXPECT_EQ(TakeText(wasmd_thread_start(
                thread_, ExportedFunction(instance, "run"), nullptr)),
            "");
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_RETURNED);
  EXPECT_THAT(env.error, HasSubstr("a callback of the store is running"));
  wasm_instance_delete(instance);
  wasm_func_delete(function);
}

struct Objects {
  wasm_ref_t* object = nullptr;
  std::vector<uint64_t> asked;
};

wasm_ref_t* Resolve(void* env, wasm_store_t* store, uint64_t id) {
  auto* objects = static_cast<Objects*>(env);
  objects->asked.push_back(id);
  if (id != 77) return nullptr;
  objects->object = wasm_foreign_as_ref(wasm_foreign_new(store));
  wasm_ref_set_host_info(objects->object, objects);
  return objects->object;
}

TEST_F(WasmdTest, HostReferencesAreMappedBack) {
  wasm_instance_t* instance = Instantiate(store_, R"((module
    (table (export "t") 3 externref)))");
  wasm_table_t* table =
      wasm_extern_as_table(wasmd_instance_export(instance, "t"));
  wasm_ref_t* named = wasm_foreign_as_ref(wasm_foreign_new(store_));
  wasm_ref_t* other = wasm_foreign_as_ref(wasm_foreign_new(store_));
  EXPECT_FALSE(wasmd_ref_set_id(named, 0));
  EXPECT_FALSE(wasmd_ref_set_id(named, uint64_t{1} << 60));
  EXPECT_TRUE(wasmd_ref_set_id(named, 77));
  EXPECT_FALSE(wasmd_ref_set_id(other, 77));
  EXPECT_TRUE(wasm_table_set(table, 0, named));
  EXPECT_TRUE(wasm_table_set(table, 1, other));
  const uint64_t other_id = wasmd_ref_id(other);
  wasm_ref_delete(named);
  wasm_ref_delete(other);
  wasm_instance_delete(instance);

  wasm_byte_vec_t bytes;
  ASSERT_EQ(TakeText(wasmd_snapshot(store_, nullptr,
                                    WASMD_SNAPSHOT_WITH_MODULES, &bytes)),
            "");
  Objects objects;
  wasmd_restore_t restore = {};
  restore.env = &objects;
  restore.resolve_ref = Resolve;
  wasm_store_t* store = nullptr;
  ASSERT_EQ(TakeText(wasmd_restore(engine_, &bytes, &restore, &store, nullptr)),
            "");
  wasm_byte_vec_delete(&bytes);
  table = wasm_extern_as_table(
      wasmd_instance_export(wasmd_store_instance(store, 1), "t"));
  wasm_ref_t* back = wasm_table_get(table, 0);
  EXPECT_EQ(wasm_ref_get_host_info(back), &objects);
  wasm_ref_delete(back);
  back = wasm_table_get(table, 0);  // not asked again
  EXPECT_EQ(back, objects.object);
  wasm_ref_delete(back);
  back = wasm_table_get(table, 1);
  EXPECT_NE(wasm_ref_as_foreign(back), nullptr);
  EXPECT_EQ(wasmd_ref_id(back), other_id);
  wasm_ref_delete(back);
  EXPECT_EQ(objects.asked, (std::vector<uint64_t>{77, other_id}));
  // Numbers that were given are not given again.
  wasm_ref_t* fresh = wasm_foreign_as_ref(wasm_foreign_new(store));
  EXPECT_GT(wasmd_ref_id(fresh), other_id);
  wasm_ref_delete(fresh);
  wasm_store_delete(store);
}

TEST_F(WasmdTest, ThreadsOutliveTheirStoreHarmlessly) {
  Start("run");
  wasm_store_delete(store_);
  store_ = nullptr;
  EXPECT_EQ(wasmd_thread_state(thread_), WASMD_THREAD_IDLE);
  EXPECT_EQ(wasmd_thread_run(thread_, nullptr), WASMD_THREAD_IDLE);
  wasmd_thread_interrupt(thread_);
  EXPECT_NE(TakeText(wasmd_thread_start(thread_, next_, nullptr)), "");
}

TEST(ConfigTest, LimitsAndFeaturesAreThoseOfTheEngine) {
  wasm_config_t* config = wasm_config_new();
  wasmd_limits_t limits;
  wasmd_config_get_limits(config, &limits);
  EXPECT_EQ(limits.nested_calls, 100u);
  limits.memory_bytes = 2 * 65536;
  limits.stack_bytes = 65536;
  wasmd_config_set_limits(config, &limits);
  EXPECT_TRUE(wasmd_config_set_feature(config, WASMD_FEATURE_SIMD, false));
  EXPECT_FALSE(wasmd_config_set_feature(config, 200, false));
  wasm_engine_t* engine = wasm_engine_new_with_config(config);
  wasm_store_t* store = wasm_store_new(engine);
  wasm_instance_t* instance = Instantiate(store, R"((module (memory 1)
    (func (export "grow") (result i32) (memory.grow (i32.const 1)))))");
  EXPECT_EQ(Call(instance, "grow"), "1");
  EXPECT_EQ(Call(instance, "grow"), "-1");
  wasm_byte_vec_t binary;
  EXPECT_EQ(TakeText(wasmd_wat2wasm("(module (func (param v128)))", &binary)),
            "");
  EXPECT_FALSE(wasm_module_validate(store, &binary));
  wasm_byte_vec_delete(&binary);
  EXPECT_THAT(TakeText(wasmd_wat2wasm("(module (func (nonsense)))", &binary)),
              HasSubstr("1:16"));
  wasm_instance_delete(instance);
  wasm_engine_delete(engine);  // before its store
  wasm_store_delete(store);
}

}  // namespace
}  // namespace wasmd::capi::testing

#include "capi/include/wasm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "capi/include/wasmd.h"
#include "capi/testing/guest.h"

namespace wasmd::capi::testing {
namespace {

using ::testing::HasSubstr;

// A callback's environment that counts.
struct Counter {
  int calls = 0;
  int finalized = 0;
  wasm_store_t* store = nullptr;
  wasm_func_t* callee = nullptr;
};

void Finalize(void* env) { ++static_cast<Counter*>(env)->finalized; }

wasm_trap_t* AddOne(void* env, const wasm_val_vec_t* args,
                    wasm_val_vec_t* results) {
  ++static_cast<Counter*>(env)->calls;
  results->data[0] = I32(args->data[0].of.i32 + 1);
  return nullptr;
}

wasm_trap_t* Fail(void* env, const wasm_val_vec_t*, wasm_val_vec_t*) {
  wasm_name_t message;
  wasm_name_new_from_string_nt(&message, "no luck");
  wasm_trap_t* trap =
      wasm_trap_new(static_cast<Counter*>(env)->store, &message);
  wasm_name_delete(&message);
  return trap;
}

wasm_trap_t* CallBack(void* env, const wasm_val_vec_t* args,
                      wasm_val_vec_t* results) {
  return wasm_func_call(static_cast<Counter*>(env)->callee, args, results);
}

wasm_trap_t* AnswerWrongly(void*, const wasm_val_vec_t*,
                           wasm_val_vec_t* results) {
  results->data[0].kind = WASM_F64;
  results->data[0].of.f64 = 1;
  return nullptr;
}

wasm_functype_t* UnaryType() {
  return wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
}

class WasmTest : public ApiTest {
 protected:
  // Before what its finalizers count in.
  ~WasmTest() override {
    wasm_store_delete(store_);
    store_ = nullptr;
  }

  Counter& NewCounter() { return counters_.emplace_back(); }

  wasm_func_t* NewFunction(wasm_func_callback_with_env_t callback,
                           Counter* counter) {
    counter->store = store_;
    wasm_functype_t* type = UnaryType();
    wasm_func_t* function =
        wasm_func_new_with_env(store_, type, callback, counter, Finalize);
    wasm_functype_delete(type);
    return function;
  }

 private:
  std::deque<Counter> counters_;
};

constexpr std::string_view kCallsImport = R"((module
  (import "env" "f" (func $f (param i32) (result i32)))
  (func (export "run") (param i32) (result i32)
    (call $f (local.get 0)))))";

TEST_F(WasmTest, CallsInBothDirections) {
  Counter& counter = NewCounter();
  wasm_func_t* function = NewFunction(AddOne, &counter);
  wasm_instance_t* instance =
      Instantiate(store_, kCallsImport, {wasm_func_as_extern(function)});
  EXPECT_EQ(Call(instance, "run", {I32(41)}), "42");
  EXPECT_EQ(Call(function, {I32(1)}), "2");  // without a guest
  EXPECT_EQ(counter.calls, 2);
  wasm_func_delete(function);
  EXPECT_EQ(Call(instance, "run", {I32(-1)}), "0");  // the instance has it
  wasm_instance_delete(instance);
  EXPECT_EQ(counter.finalized, 0);
  wasm_store_delete(store_);
  store_ = nullptr;
  EXPECT_EQ(counter.finalized, 1);
}

TEST_F(WasmTest, ArgumentsOfTheWrongTypeAreTraps) {
  Counter& counter = NewCounter();
  wasm_func_t* function = NewFunction(AddOne, &counter);
  EXPECT_EQ(Call(function), "trap: expected 1 arguments, got 0");
  EXPECT_EQ(Call(function, {Ref(nullptr)}),
            "trap: argument 0 is not of type i32");
  EXPECT_EQ(Call(function, {I32(1), I32(2)}),
            "trap: expected 1 arguments, got 2");
  EXPECT_EQ(TakeText(wasm_func_call(nullptr, nullptr, nullptr)),
            "no function to call");
  EXPECT_EQ(counter.calls, 0);
  wasm_func_delete(function);
}

TEST_F(WasmTest, ResultsAreFilledAsFarAsTheyReach) {
  wasm_instance_t* instance = Instantiate(store_, R"((module
    (func (export "two") (result i32 i32) (i32.const 1) (i32.const 2))))");
  wasm_val_t values[3] = {I32(-1), I32(-1), I32(-1)};
  const wasm_val_vec_t args = WASM_EMPTY_VEC;
  const wasm_func_t* two = ExportedFunction(instance, "two");
  wasm_val_vec_t one = {1, values};
  EXPECT_EQ(wasm_func_call(two, &args, &one), nullptr);
  EXPECT_EQ(values[0].of.i32, 1);
  EXPECT_EQ(values[1].of.i32, -1);
  wasm_val_vec_t three = {3, values};
  EXPECT_EQ(wasm_func_call(two, &args, &three), nullptr);
  EXPECT_EQ(values[1].of.i32, 2);
  EXPECT_EQ(values[2].of.i32, -1);
  EXPECT_EQ(wasm_func_call(two, nullptr, nullptr), nullptr);
  wasm_instance_delete(instance);
}

TEST_F(WasmTest, CallbacksThatAnswerWronglyAreTraps) {
  Counter& counter = NewCounter();
  wasm_func_t* function = NewFunction(AnswerWrongly, &counter);
  EXPECT_EQ(Call(function, {I32(1)}),
            "trap: result 0 of a host function is not of type i32");
  wasm_func_delete(function);
}

TEST_F(WasmTest, TrapsPassThroughTheGuestWithTheirFrames) {
  Counter& counter = NewCounter();
  wasm_func_t* function = NewFunction(Fail, &counter);
  wasm_instance_t* instance =
      Instantiate(store_, kCallsImport, {wasm_func_as_extern(function)});
  wasm_val_t argument = I32(1);
  const wasm_val_vec_t args = {1, &argument};
  wasm_trap_t* trap =
      wasm_func_call(ExportedFunction(instance, "run"), &args, nullptr);
  ASSERT_NE(trap, nullptr);
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  ASSERT_EQ(trace.size, 1u);
  EXPECT_EQ(wasm_frame_instance(trace.data[0]), instance);
  EXPECT_EQ(wasm_frame_func_index(trace.data[0]), 1u);
  EXPECT_GT(wasm_frame_module_offset(trace.data[0]),
            wasm_frame_func_offset(trace.data[0]));
  wasm_name_t name;
  wasmd_frame_name(trace.data[0], &name);
  EXPECT_EQ(TakeText(&name), "run");
  wasm_frame_vec_delete(&trace);
  wasm_frame_t* origin = wasm_trap_origin(trap);
  EXPECT_EQ(wasm_frame_func_index(origin), 1u);
  wasm_frame_delete(origin);
  EXPECT_EQ(TakeText(trap), "no luck");
  wasm_instance_delete(instance);
  wasm_func_delete(function);
}

TEST_F(WasmTest, DeepStacksGiveShortTraces) {
  wasm_instance_t* instance = Instantiate(
      store_, R"((module (func $f (export "f") (call $f) (call $f))))");
  wasm_trap_t* trap =
      wasm_func_call(ExportedFunction(instance, "f"), nullptr, nullptr);
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  EXPECT_EQ(trace.size, 256u);
  wasm_frame_vec_delete(&trace);
  EXPECT_EQ(TakeText(trap), "call stack exhausted");
  wasm_instance_delete(instance);
}

// Each level is a guest function, the callback and the next call.
TEST_F(WasmTest, NestingOfCallbacksIsBounded) {
  Counter& counter = NewCounter();
  wasm_func_t* function = NewFunction(CallBack, &counter);
  wasm_instance_t* instance =
      Instantiate(store_, kCallsImport, {wasm_func_as_extern(function)});
  counter.callee = ExportedFunction(instance, "run");
  EXPECT_EQ(Call(instance, "run", {I32(1)}),
            "trap: calls inside callbacks are nested too deeply");
  // And it is over after that.
  Counter& once = NewCounter();
  counter.callee = NewFunction(AddOne, &once);
  EXPECT_EQ(Call(instance, "run", {I32(1)}), "2");
  wasm_func_delete(counter.callee);
  wasm_func_delete(function);
  wasm_instance_delete(instance);
}

TEST_F(WasmTest, StoresDoNotMix) {
  wasm_store_t* other = wasm_store_new(engine_);
  Counter& counter = NewCounter();
  wasm_func_t* function = NewFunction(AddOne, &counter);
  std::string trap;
  EXPECT_EQ(
      Instantiate(other, kCallsImport, {wasm_func_as_extern(function)}, &trap),
      nullptr);
  EXPECT_EQ(trap, "import 0 is of another store");
  wasm_instance_t* instance = Instantiate(other, R"((module
    (table (export "t") 1 funcref)
    (func (export "f") (param externref))))");
  wasm_table_t* table = wasm_table_copy(
      wasm_extern_as_table(wasmd_instance_export(instance, "t")));
  EXPECT_FALSE(wasm_table_set(table, 0, wasm_func_as_ref(function)));
  EXPECT_STREQ(wasmd_store_last_error(other),
               "the element is of another store");
  EXPECT_EQ(Call(instance, "f", {Ref(wasm_func_as_ref(function))}),
            "trap: argument 0 is of another store");
  // What is left of a store that is gone can be deleted, and no more.
  wasm_store_delete(other);
  EXPECT_EQ(wasm_table_size(table), 0u);
  EXPECT_EQ(wasm_table_get(table, 0), nullptr);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  EXPECT_EQ(exports.size, 0u);
  wasm_table_delete(table);
  wasm_instance_delete(instance);
  wasm_func_delete(function);
}

TEST_F(WasmTest, ImportsMustBeThereAndMatch) {
  std::string trap;
  EXPECT_EQ(Instantiate(store_, kCallsImport, {}, &trap), nullptr);
  EXPECT_EQ(trap, "unknown import env.f");
  EXPECT_EQ(Instantiate(store_, kCallsImport, {nullptr}, &trap), nullptr);
  EXPECT_EQ(trap, "import 0 is null");
  const wasm_limits_t limits = {1, 2};
  wasm_memorytype_t* type = wasm_memorytype_new(&limits);
  wasm_memory_t* memory = wasm_memory_new(store_, type);
  EXPECT_EQ(
      Instantiate(store_, kCallsImport, {wasm_memory_as_extern(memory)}, &trap),
      nullptr);
  EXPECT_THAT(trap, HasSubstr("incompatible import type for env.f"));
  wasm_memory_delete(memory);
  wasm_memorytype_delete(type);
}

TEST_F(WasmTest, StartFunctionsAndSegmentsTrap) {
  std::string trap;
  EXPECT_EQ(Instantiate(store_, "(module (func $s unreachable) (start $s))", {},
                        &trap),
            nullptr);
  EXPECT_EQ(trap, "unreachable");
  EXPECT_EQ(
      Instantiate(store_, R"((module (memory 1) (data (i32.const 65536) "x")))",
                  {}, &trap),
      nullptr);
  EXPECT_EQ(trap, "out of bounds memory access");
}

TEST_F(WasmTest, ModulesComeFromValidBinariesOnly) {
  wasm_byte_vec_t bytes;
  wasm_byte_vec_new(&bytes, 4, "asm?");
  EXPECT_EQ(wasm_module_new(store_, &bytes), nullptr);
  EXPECT_FALSE(wasm_module_validate(store_, &bytes));
  EXPECT_STRNE(wasmd_store_last_error(store_), "");
  EXPECT_EQ(wasm_module_deserialize(store_, &bytes), nullptr);
  wasm_byte_vec_delete(&bytes);
  EXPECT_EQ(wasm_module_new(store_, nullptr), nullptr);
  EXPECT_EQ(TakeText(wasmd_wat2wasm("(module (func i32.add))", &bytes)), "");
  EXPECT_FALSE(wasm_module_validate(store_, &bytes));
  wasm_byte_vec_delete(&bytes);
}

TEST_F(WasmTest, SerialisedModulesAreChecked) {
  wasm_module_t* module = ModuleOf(store_, kCallsImport);
  wasm_byte_vec_t bytes;
  wasm_module_serialize(module, &bytes);
  wasm_module_t* copy = wasm_module_deserialize(store_, &bytes);
  ASSERT_NE(copy, nullptr);
  uint8_t hashes[2][32];
  wasmd_module_hash(module, hashes[0]);
  wasmd_module_hash(copy, hashes[1]);
  EXPECT_EQ(std::memcmp(hashes[0], hashes[1], 32), 0);
  wasm_module_delete(copy);
  for (size_t i = 0; i < bytes.size; ++i) {
    bytes.data[i] ^= 4;
    EXPECT_EQ(wasm_module_deserialize(store_, &bytes), nullptr) << i;
    bytes.data[i] ^= 4;
  }
  wasm_byte_vec_delete(&bytes);
  wasm_module_delete(module);
}

TEST_F(WasmTest, ModulesDescribeThemselves) {
  wasm_module_t* module = ModuleOf(store_, R"((module
    (type $s (struct))
    (import "a" "b" (global (mut (ref null $s))))
    (memory (export "m") i64 1 5000000000)
    (table (export "t") 3 9 funcref)
    (tag (export "e") (param v128))))");
  wasm_importtype_vec_t imports;
  wasm_module_imports(module, &imports);
  ASSERT_EQ(imports.size, 1u);
  const wasm_globaltype_t* global = wasm_externtype_as_globaltype_const(
      wasm_importtype_type(imports.data[0]));
  EXPECT_EQ(wasm_globaltype_mutability(global), WASM_VAR);
  EXPECT_EQ(wasm_valtype_kind(wasm_globaltype_content(global)), WASMD_ANYREF);
  wasm_name_t name;
  wasmd_valtype_name(wasm_globaltype_content(global), &name);
  EXPECT_EQ(TakeText(&name), "structref");
  wasm_importtype_vec_delete(&imports);

  wasm_exporttype_vec_t exports, copy;
  wasm_module_exports(module, &exports);
  wasm_exporttype_vec_copy(&copy, &exports);
  wasm_exporttype_vec_delete(&exports);
  ASSERT_EQ(copy.size, 3u);
  const wasm_memorytype_t* memory =
      wasm_externtype_as_memorytype_const(wasm_exporttype_type(copy.data[0]));
  EXPECT_TRUE(wasmd_memorytype_is_64(memory));
  EXPECT_EQ(wasmd_memorytype_max(memory), 5'000'000'000u);
  EXPECT_EQ(wasm_memorytype_limits(memory)->max, 0xFFFFFFFFu);
  EXPECT_EQ(wasm_memorytype_limits(memory)->min, 1u);
  const wasm_externtype_t* tag = wasm_exporttype_type(copy.data[2]);
  EXPECT_EQ(wasm_externtype_kind(tag), WASMD_EXTERN_TAG);
  EXPECT_EQ(wasm_externtype_as_functype_const(tag), nullptr);
  EXPECT_EQ(wasmd_externtype_tag_params(tag)->size, 1u);
  wasm_exporttype_vec_delete(&copy);
  wasm_module_delete(module);
}

TEST_F(WasmTest, ReferencesKeepTheirIdentity) {
  wasm_instance_t* instance = Instantiate(store_, R"((module
    (func (export "id") (param externref) (result externref) (local.get 0))
    (func (export "i31") (param i32) (result anyref)
      (ref.i31 (local.get 0)))
    (func (export "wrap") (param externref) (result anyref)
      (any.convert_extern (local.get 0)))
    (func (export "array") (result externref)
      (extern.convert_any
        (array.new_default $a (i32.const 100))))
    (func (export "length") (param externref) (result i32)
      (array.len (ref.cast (ref $a)
        (any.convert_extern (local.get 0)))))
    (func (export "fill") (local $i i32)
      (loop
        (drop (array.new_default $a (i32.const 10000)))
        (br_if 0 (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.const 2000)))))
    (type $a (array (mut i64)))))");
  const auto call = [&](const char* name, wasm_val_t argument) {
    wasm_val_t result = Ref(nullptr);
    const wasm_func_t* function = ExportedFunction(instance, name);
    const wasm_val_vec_t args = {wasm_func_param_arity(function), &argument};
    wasm_val_vec_t results = {1, &result};
    EXPECT_EQ(TakeText(wasm_func_call(function, &args, &results)), "");
    return result;
  };
  // Things of the program.
  wasm_ref_t* foreign = wasm_foreign_as_ref(wasm_foreign_new(store_));
  wasm_val_t same = call("id", Ref(foreign));
  EXPECT_TRUE(wasm_ref_same(same.of.ref, foreign));
  wasm_val_delete(&same);
  same = call("wrap", Ref(foreign));
  EXPECT_EQ(same.kind, WASMD_ANYREF);
  EXPECT_TRUE(wasm_ref_same(same.of.ref, foreign));
  EXPECT_NE(wasm_ref_as_foreign(same.of.ref), nullptr);
  wasm_val_delete(&same);
  wasm_ref_delete(foreign);
  // Things of the guest, which move when the heap is collected.
  wasm_val_t array = call("array", I32(0));
  wasm_val_t copy = call("id", array);
  EXPECT_EQ(Call(instance, "fill"), "");
  EXPECT_TRUE(wasm_ref_same(array.of.ref, copy.of.ref));
  EXPECT_EQ(Call(instance, "length", {array}), "100");
  EXPECT_EQ(Call(instance, "length", {copy}), "100");
  EXPECT_EQ(Call(instance, "length", {Ref(nullptr)}), "trap: cast failure");
  wasm_val_t i31 = call("i31", I32(-5));
  int32_t number = 0;
  EXPECT_TRUE(wasmd_i31_get(i31.of.ref, &number));
  EXPECT_EQ(number, -5);
  EXPECT_FALSE(wasmd_i31_get(array.of.ref, &number));
  EXPECT_FALSE(wasm_ref_same(i31.of.ref, array.of.ref));
  for (wasm_val_t* value : {&array, &copy, &i31}) wasm_val_delete(value);
  wasm_instance_delete(instance);
}

TEST_F(WasmTest, VectorsAreBoxed) {
  wasm_instance_t* instance = Instantiate(store_, R"((module
    (func (export "add") (param v128) (result v128)
      (i8x16.add (local.get 0) (local.get 0)))))");
  uint8_t bytes[16];
  for (uint8_t i = 0; i < 16; ++i) bytes[i] = i;
  wasm_val_t argument = Ref(wasmd_v128_new(bytes));
  argument.kind = WASMD_V128;
  wasm_val_t result;
  const wasm_val_vec_t args = {1, &argument};
  wasm_val_vec_t results = {1, &result};
  EXPECT_EQ(TakeText(wasm_func_call(ExportedFunction(instance, "add"), &args,
                                    &results)),
            "");
  ASSERT_TRUE(wasmd_v128_get(result.of.ref, bytes));
  for (uint8_t i = 0; i < 16; ++i) EXPECT_EQ(bytes[i], 2 * i);
  wasm_val_delete(&argument);
  wasm_val_delete(&result);
  EXPECT_EQ(Call(instance, "add", {Ref(nullptr)}),
            "trap: argument 0 is not of type v128");
  wasm_instance_delete(instance);
}

wasm_trap_t* CallAndRethrow(void* env, const wasm_val_vec_t*,
                            wasm_val_vec_t* results) {
  return wasm_func_call(static_cast<Counter*>(env)->callee, nullptr, results);
}

TEST_F(WasmTest, ExceptionsCrossCallbacks) {
  Counter& counter = NewCounter();
  wasm_func_t* function = NewFunction(CallAndRethrow, &counter);
  wasm_instance_t* instance = Instantiate(store_, R"((module
    (import "env" "f" (func $f (param i32) (result i32)))
    (tag $e (param i32))
    (func (export "throw") (result i32) (throw $e (i32.const 7)))
    (func (export "catch") (result i32)
      (block $caught (result i32)
        (try_table (result i32) (catch $e $caught)
          (call $f (i32.const 1)))))))",
                                          {wasm_func_as_extern(function)});
  counter.callee = ExportedFunction(instance, "throw");
  EXPECT_EQ(Call(instance, "catch"), "7");
  wasm_trap_t* trap = wasm_func_call(counter.callee, nullptr, nullptr);
  EXPECT_NE(wasmd_trap_exception(trap), nullptr);
  EXPECT_EQ(TakeText(trap), "uncaught exception");
  wasm_func_delete(function);
  wasm_instance_delete(instance);
}

TEST_F(WasmTest, GlobalsTakeOnlyTheirType) {
  wasm_globaltype_t* type =
      wasm_globaltype_new(wasm_valtype_new_i32(), WASM_VAR);
  wasm_val_t value = I32(5);
  wasm_global_t* global = wasm_global_new(store_, type, &value);
  wasm_val_t wrong = Ref(nullptr);
  EXPECT_EQ(wasm_global_new(store_, type, &wrong), nullptr);
  wasm_global_set(global, &wrong);
  EXPECT_STREQ(wasmd_store_last_error(store_), "the value is not of type i32");
  wasm_val_t now;
  wasm_global_get(global, &now);
  EXPECT_EQ(now.of.i32, 5);
  wasm_globaltype_delete(type);
  wasm_global_delete(global);
}

TEST_F(WasmTest, LimitsAreChecked) {
  const wasm_limits_t reversed = {2, 1};
  const wasm_limits_t huge = {65537, wasm_limits_max_default};
  for (const wasm_limits_t& limits : {reversed, huge}) {
    wasm_memorytype_t* type = wasm_memorytype_new(&limits);
    EXPECT_EQ(wasm_memory_new(store_, type), nullptr);
    wasm_memorytype_delete(type);
  }
  wasm_tabletype_t* type =
      wasm_tabletype_new(wasm_valtype_new_funcref(), &reversed);
  EXPECT_EQ(wasm_table_new(store_, type, nullptr), nullptr);
  wasm_tabletype_delete(type);
  EXPECT_EQ(wasm_tabletype_new(wasm_valtype_new_i32(), &reversed), nullptr);
  EXPECT_EQ(wasm_valtype_new(77), nullptr);
}

void Increment(void* counter) { ++*static_cast<int*>(counter); }

TEST_F(WasmTest, HostInfoIsFinalizedOnce) {
  int foreigns = 0, instances = 0;
  wasm_foreign_t* foreign = wasm_foreign_new(store_);
  wasm_foreign_set_host_info_with_finalizer(foreign, &foreigns, Increment);
  wasm_foreign_t* copy = wasm_foreign_copy(foreign);
  EXPECT_EQ(wasm_foreign_get_host_info(copy), &foreigns);
  wasm_foreign_delete(foreign);
  EXPECT_EQ(foreigns, 0);
  wasm_foreign_delete(copy);
  EXPECT_EQ(foreigns, 1);

  wasm_instance_t* instance = Instantiate(store_, "(module)");
  wasm_instance_set_host_info_with_finalizer(instance, &instances, Increment);
  wasm_instance_set_host_info_with_finalizer(instance, &instances, Increment);
  EXPECT_EQ(instances, 0);
  wasm_instance_set_host_info(instance, nullptr);
  EXPECT_EQ(instances, 1);
  wasm_instance_set_host_info_with_finalizer(instance, &instances, Increment);
  wasm_instance_delete(instance);
  EXPECT_EQ(instances, 1);
  wasm_store_delete(store_);
  store_ = nullptr;
  EXPECT_EQ(instances, 2);
}

TEST_F(WasmTest, WhatTheGuestHasOutlivesItsOwner) {
  wasm_instance_t* instance = Instantiate(store_, R"((module
    (global (export "g") (mut externref) (ref.null extern))))");
  wasm_global_t* global =
      wasm_extern_as_global(wasmd_instance_export(instance, "g"));
  int finalized = 0;
  wasm_foreign_t* foreign = wasm_foreign_new(store_);
  wasm_foreign_set_host_info_with_finalizer(foreign, &finalized, Increment);
  wasm_val_t value = Ref(wasm_foreign_as_ref(foreign));
  wasm_global_set(global, &value);
  wasm_foreign_delete(foreign);
  EXPECT_EQ(finalized, 0);
  wasm_global_get(global, &value);
  EXPECT_EQ(wasm_ref_get_host_info(value.of.ref), &finalized);
  wasm_val_delete(&value);
  wasm_instance_delete(instance);
  wasm_store_delete(store_);
  store_ = nullptr;
  EXPECT_EQ(finalized, 1);
}

wasm_trap_t* DeleteStore(void* env, const wasm_val_vec_t*, wasm_val_vec_t*) {
  wasm_store_delete(static_cast<Counter*>(env)->store);
  return nullptr;
}

TEST_F(WasmTest, ModulesAreReferencesInEveryStore) {
  constexpr std::string_view kKeeps = R"((module
    (global $g (mut externref) (ref.null extern))
    (func (export "put") (param externref)
      (global.set $g (local.get 0)))
    (func (export "get") (result externref) (global.get $g))))";
  wasm_store_t* stores[] = {store_, wasm_store_new(engine_)};
  wasm_module_t* module = ModuleOf(store_, "(module)");
  wasm_foreign_t* foreign = wasm_foreign_new(stores[1]);
  // So that numbers would collide if stores shared them.
  wasmd_ref_id(wasm_foreign_as_ref(foreign));
  for (wasm_store_t* store : stores) {
    wasm_instance_t* instance = Instantiate(store, kKeeps);
    EXPECT_EQ(Call(instance, "put", {Ref(wasm_module_as_ref(module))}), "");
    wasm_val_t result = Ref(nullptr);
    wasm_val_vec_t results = {1, &result};
    EXPECT_EQ(TakeText(wasm_func_call(ExportedFunction(instance, "get"),
                                      nullptr, &results)),
              "");
    EXPECT_TRUE(wasm_ref_same(result.of.ref, wasm_module_as_ref(module)));
    wasm_val_delete(&result);
    // A v128 in its box is no reference.
    const uint8_t bytes[16] = {};
    wasm_ref_t* vector = wasmd_v128_new(bytes);
    EXPECT_EQ(Call(instance, "put", {Ref(vector)}),
              "trap: argument 0 is not of type externref");
    wasm_ref_delete(vector);
    wasm_instance_delete(instance);
  }
  wasm_foreign_delete(foreign);
  wasm_module_delete(module);
  wasm_store_delete(stores[1]);
}

wasm_trap_t* FailElsewhere(void* env, const wasm_val_vec_t*, wasm_val_vec_t*) {
  wasm_message_t message;
  wasm_name_new_from_string(&message, "from elsewhere");
  wasm_trap_t* trap =
      wasm_trap_new(static_cast<Counter*>(env)->store, &message);
  wasm_name_delete(&message);
  return trap;
}

TEST_F(WasmTest, TrapsOfOtherStoresBringTheirMessageOnly) {
  wasm_store_t* other = wasm_store_new(engine_);
  Counter& counter = NewCounter();
  wasm_func_t* function = NewFunction(FailElsewhere, &counter);
  counter.store = other;
  EXPECT_EQ(Call(function, {I32(1)}), "trap: from elsewhere");
  wasm_store_delete(other);
  counter.store = nullptr;
  EXPECT_EQ(Call(function, {I32(1)}), "trap: from elsewhere");
  wasm_func_delete(function);
}

using WasmDeathTest = WasmTest;

TEST_F(WasmDeathTest, DeletingWhatIsBorrowedEndsTheProgram) {
  wasm_instance_t* instance =
      Instantiate(store_, R"((module (func (export "f"))))");
  EXPECT_DEATH(wasm_func_delete(ExportedFunction(instance, "f")),
               "does not own");
  EXPECT_DEATH(
      {
        wasm_instance_delete(instance);
        wasm_instance_delete(instance);
      },
      "does not own");
  wasm_instance_delete(instance);
}

TEST_F(WasmDeathTest, DeletingARunningStoreEndsTheProgram) {
  Counter& counter = NewCounter();
  wasm_func_t* function = NewFunction(DeleteStore, &counter);
  EXPECT_DEATH(Call(function, {I32(1)}), "the store is running");
  wasm_func_delete(function);
}

}  // namespace
}  // namespace wasmd::capi::testing

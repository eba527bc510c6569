// Every function of the API with NULL, and vectors that say they have elements
// but have none: nothing happens, and the answer is nothing.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

#include "capi/include/wasi.h"
#include "capi/include/wasm.h"
#include "capi/include/wasmd.h"
#include "capi/include/wasmd_process.h"
#include "capi/testing/guest.h"

namespace wasmd::capi::testing {
namespace {

#define TRY_COPY(name)           \
  wasm_##name##_delete(nullptr); \
  EXPECT_EQ(wasm_##name##_copy(nullptr), nullptr);

#define TRY_BASE_REFERENCE(name)                            \
  TRY_COPY(name)                                            \
  EXPECT_TRUE(wasm_##name##_same(nullptr, nullptr));        \
  EXPECT_EQ(wasm_##name##_get_host_info(nullptr), nullptr); \
  wasm_##name##_set_host_info(nullptr, nullptr);            \
  wasm_##name##_set_host_info_with_finalizer(nullptr, nullptr, nullptr);

#define TRY_CONVERSION(base, name)                              \
  EXPECT_EQ(wasm_##name##_as_##base(nullptr), nullptr);         \
  EXPECT_EQ(wasm_##base##_as_##name(nullptr), nullptr);         \
  EXPECT_EQ(wasm_##name##_as_##base##_const(nullptr), nullptr); \
  EXPECT_EQ(wasm_##base##_as_##name##_const(nullptr), nullptr);

#define TRY_REFERENCE(name) \
  TRY_BASE_REFERENCE(name)  \
  TRY_CONVERSION(ref, name)

// `vector` is left empty.
#define TRY_VECTOR(name)                                          \
  {                                                               \
    wasm_##name##_vec_new_empty(nullptr);                         \
    wasm_##name##_vec_new_uninitialized(nullptr, 3);              \
    wasm_##name##_vec_new(nullptr, 3, nullptr);                   \
    wasm_##name##_vec_copy(nullptr, nullptr);                     \
    wasm_##name##_vec_delete(nullptr);                            \
    wasm_##name##_vec_t vector = {7, nullptr};                    \
    const wasm_##name##_vec_t hollow = {7, nullptr};              \
    wasm_##name##_vec_copy(&vector, &hollow);                     \
    EXPECT_EQ(vector.size, 0u);                                   \
    wasm_##name##_vec_new(&vector, 3, nullptr);                   \
    EXPECT_EQ(vector.size, 0u);                                   \
    wasm_##name##_vec_copy(&vector, nullptr);                     \
    EXPECT_EQ(vector.size, 0u);                                   \
    vector.size = 7;                                              \
    wasm_##name##_vec_delete(&vector);                            \
    EXPECT_EQ(vector.size, 0u);                                   \
    wasm_##name##_vec_delete(&vector); /* empty: again is fine */ \
    EXPECT_EQ(vector.data, nullptr);                              \
  }

#define TRY_TYPE(name) \
  TRY_COPY(name)       \
  TRY_VECTOR(name)

TEST(NullTest, Vectors) {
  TRY_VECTOR(byte);
  TRY_VECTOR(val);
  TRY_VECTOR(frame);
  TRY_VECTOR(extern);
}

// Of pointers that are NULL.
TEST(NullTest, ElementsOfVectors) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new_uninitialized(&params, 3);
  wasm_valtype_vec_copy(&results, &params);
  EXPECT_EQ(results.size, 3u);
  EXPECT_EQ(results.data[2], nullptr);
  EXPECT_EQ(wasm_functype_new(&params, &results), nullptr);
  EXPECT_EQ(params.size, 0u);
  EXPECT_EQ(results.size, 0u);
  wasm_extern_vec_t externs;
  wasm_extern_vec_new_uninitialized(&externs, 2);
  wasm_extern_vec_delete(&externs);
}

TEST(NullTest, Types) {
  TRY_TYPE(valtype);
  TRY_TYPE(functype);
  TRY_TYPE(globaltype);
  TRY_TYPE(tabletype);
  TRY_TYPE(memorytype);
  TRY_TYPE(externtype);
  TRY_TYPE(importtype);
  TRY_TYPE(exporttype);
  TRY_CONVERSION(externtype, functype);
  TRY_CONVERSION(externtype, globaltype);
  TRY_CONVERSION(externtype, tabletype);
  TRY_CONVERSION(externtype, memorytype);
  EXPECT_EQ(wasm_valtype_kind(nullptr), WASM_I32);
  wasm_functype_t* functype = wasm_functype_new(nullptr, nullptr);
  EXPECT_NE(functype, nullptr);
  wasm_functype_delete(functype);
  wasm_valtype_vec_t hollow = {2, nullptr};
  EXPECT_EQ(wasm_functype_new(&hollow, nullptr), nullptr);
  EXPECT_EQ(wasm_functype_new(nullptr, &hollow), nullptr);
  EXPECT_EQ(wasm_functype_params(nullptr), nullptr);
  EXPECT_EQ(wasm_functype_results(nullptr), nullptr);
  EXPECT_EQ(wasm_globaltype_new(nullptr, WASM_VAR), nullptr);
  EXPECT_EQ(wasm_globaltype_new(wasm_valtype_new_i32(), 2), nullptr);
  EXPECT_EQ(wasm_globaltype_content(nullptr), nullptr);
  EXPECT_EQ(wasm_globaltype_mutability(nullptr), WASM_CONST);
  const wasm_limits_t limits = {0, 1};
  EXPECT_EQ(wasm_tabletype_new(nullptr, &limits), nullptr);
  EXPECT_EQ(wasm_tabletype_new(wasm_valtype_new_funcref(), nullptr), nullptr);
  EXPECT_EQ(wasm_tabletype_element(nullptr), nullptr);
  EXPECT_EQ(wasm_tabletype_limits(nullptr), nullptr);
  EXPECT_EQ(wasm_memorytype_new(nullptr), nullptr);
  EXPECT_EQ(wasm_memorytype_limits(nullptr), nullptr);
  EXPECT_EQ(wasm_externtype_kind(nullptr), WASM_EXTERN_FUNC);
  wasm_name_t module, name;
  wasm_name_new_from_string(&module, "m");
  wasm_name_new_from_string(&name, "n");
  EXPECT_EQ(wasm_importtype_new(&module, &name, nullptr), nullptr);
  wasm_name_new_from_string(&name, "n");
  EXPECT_EQ(wasm_exporttype_new(&name, nullptr), nullptr);
  EXPECT_EQ(wasm_importtype_new(nullptr, nullptr, nullptr), nullptr);
  EXPECT_EQ(wasm_exporttype_new(nullptr, nullptr), nullptr);
  EXPECT_EQ(wasm_importtype_module(nullptr), nullptr);
  EXPECT_EQ(wasm_importtype_name(nullptr), nullptr);
  EXPECT_EQ(wasm_importtype_type(nullptr), nullptr);
  EXPECT_EQ(wasm_exporttype_name(nullptr), nullptr);
  EXPECT_EQ(wasm_exporttype_type(nullptr), nullptr);
}

TEST(NullTest, References) {
  TRY_BASE_REFERENCE(ref);
  TRY_REFERENCE(trap);
  TRY_REFERENCE(foreign);
  TRY_REFERENCE(module);
  TRY_REFERENCE(func);
  TRY_REFERENCE(global);
  TRY_REFERENCE(table);
  TRY_REFERENCE(memory);
  TRY_REFERENCE(extern);
  TRY_REFERENCE(instance);
  TRY_CONVERSION(extern, func);
  TRY_CONVERSION(extern, global);
  TRY_CONVERSION(extern, table);
  TRY_CONVERSION(extern, memory);
  TRY_COPY(frame);
}

TEST(NullTest, EnginesStoresModules) {
  wasm_config_delete(nullptr);
  wasm_engine_delete(nullptr);
  wasm_store_delete(nullptr);
  wasm_shared_module_delete(nullptr);
  EXPECT_EQ(wasm_engine_new_with_config(nullptr), nullptr);
  EXPECT_EQ(wasm_store_new(nullptr), nullptr);
  EXPECT_EQ(wasm_foreign_new(nullptr), nullptr);
  EXPECT_EQ(wasm_module_new(nullptr, nullptr), nullptr);
  EXPECT_FALSE(wasm_module_validate(nullptr, nullptr));
  EXPECT_EQ(wasm_module_deserialize(nullptr, nullptr), nullptr);
  EXPECT_EQ(wasm_module_share(nullptr), nullptr);
  EXPECT_EQ(wasm_module_obtain(nullptr, nullptr), nullptr);
  wasm_module_imports(nullptr, nullptr);
  wasm_module_exports(nullptr, nullptr);
  wasm_module_serialize(nullptr, nullptr);
  wasm_importtype_vec_t imports;
  wasm_module_imports(nullptr, &imports);
  EXPECT_EQ(imports.size, 0u);
  wasm_exporttype_vec_t exports;
  wasm_module_exports(nullptr, &exports);
  EXPECT_EQ(exports.size, 0u);
  wasm_byte_vec_t bytes;
  wasm_module_serialize(nullptr, &bytes);
  EXPECT_EQ(bytes.size, 0u);

  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  const wasm_byte_vec_t hollow = {8, nullptr};
  EXPECT_EQ(wasm_module_new(store, nullptr), nullptr);
  EXPECT_EQ(wasm_module_new(store, &hollow), nullptr);
  EXPECT_FALSE(wasm_module_validate(store, &hollow));
  EXPECT_EQ(wasm_module_deserialize(store, &hollow), nullptr);
  EXPECT_EQ(wasm_module_obtain(store, nullptr), nullptr);
  wasm_trap_t* trap = nullptr;
  EXPECT_EQ(wasm_instance_new(store, nullptr, nullptr, &trap), nullptr);
  EXPECT_NE(TakeText(trap), "");
  EXPECT_EQ(wasm_instance_new(nullptr, nullptr, nullptr, nullptr), nullptr);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

TEST(NullTest, Traps) {
  wasm_trap_t* trap = wasm_trap_new(nullptr, nullptr);
  EXPECT_EQ(TakeText(trap), "");
  wasm_message_t message;
  wasm_trap_message(nullptr, &message);
  EXPECT_EQ(message.size, 1u);  // the terminator
  wasm_name_delete(&message);
  wasm_trap_message(nullptr, nullptr);
  EXPECT_EQ(wasm_trap_origin(nullptr), nullptr);
  wasm_frame_vec_t frames;
  wasm_trap_trace(nullptr, &frames);
  EXPECT_EQ(frames.size, 0u);
  wasm_trap_trace(nullptr, nullptr);
  EXPECT_EQ(wasm_frame_instance(nullptr), nullptr);
  EXPECT_EQ(wasm_frame_func_index(nullptr), 0u);
  EXPECT_EQ(wasm_frame_func_offset(nullptr), 0u);
  EXPECT_EQ(wasm_frame_module_offset(nullptr), 0u);
}

TEST(NullTest, FunctionsAndValues) {
  EXPECT_EQ(wasm_func_new(nullptr, nullptr, nullptr), nullptr);
  EXPECT_EQ(wasm_func_type(nullptr), nullptr);
  EXPECT_EQ(wasm_func_param_arity(nullptr), 0u);
  EXPECT_EQ(wasm_func_result_arity(nullptr), 0u);
  EXPECT_EQ(TakeText(wasm_func_call(nullptr, nullptr, nullptr)),
            "no function to call");
  int finalized = 0;
  const auto finalize = [](void* env) { ++*static_cast<int*>(env); };
  EXPECT_EQ(
      wasm_func_new_with_env(nullptr, nullptr, nullptr, &finalized, finalize),
      nullptr);
  EXPECT_EQ(finalized, 1);
  wasm_val_delete(nullptr);
  wasm_val_copy(nullptr, nullptr);
  wasm_val_t value;
  wasm_val_copy(&value, nullptr);
  EXPECT_EQ(value.of.ref, nullptr);
}

TEST(NullTest, GlobalsTablesMemoriesInstances) {
  EXPECT_EQ(wasm_global_new(nullptr, nullptr, nullptr), nullptr);
  EXPECT_EQ(wasm_global_type(nullptr), nullptr);
  wasm_val_t value;
  wasm_global_get(nullptr, &value);
  EXPECT_EQ(value.of.ref, nullptr);
  wasm_global_get(nullptr, nullptr);
  wasm_global_set(nullptr, nullptr);
  EXPECT_EQ(wasm_table_new(nullptr, nullptr, nullptr), nullptr);
  EXPECT_EQ(wasm_table_type(nullptr), nullptr);
  EXPECT_EQ(wasm_table_get(nullptr, 0), nullptr);
  EXPECT_FALSE(wasm_table_set(nullptr, 0, nullptr));
  EXPECT_EQ(wasm_table_size(nullptr), 0u);
  EXPECT_FALSE(wasm_table_grow(nullptr, 0, nullptr));
  EXPECT_EQ(wasm_memory_new(nullptr, nullptr), nullptr);
  EXPECT_EQ(wasm_memory_type(nullptr), nullptr);
  EXPECT_EQ(wasm_memory_data(nullptr), nullptr);
  EXPECT_EQ(wasm_memory_data_size(nullptr), 0u);
  EXPECT_EQ(wasm_memory_size(nullptr), 0u);
  EXPECT_FALSE(wasm_memory_grow(nullptr, 1));
  EXPECT_EQ(wasm_extern_kind(nullptr), WASM_EXTERN_FUNC);
  EXPECT_EQ(wasm_extern_type(nullptr), nullptr);
  wasm_extern_vec_t exports;
  wasm_instance_exports(nullptr, &exports);
  EXPECT_EQ(exports.size, 0u);
  wasm_instance_exports(nullptr, nullptr);
}

TEST(NullTest, Wasmd) {
  wasmd_error_delete(nullptr);
  EXPECT_EQ(wasmd_error_code(nullptr), 0);
  EXPECT_STREQ(wasmd_error_message(nullptr), "");
  EXPECT_EQ(TakeText(wasmd_error_new(WASMD_ERROR_IO, nullptr)), "");
  EXPECT_STREQ(wasmd_store_last_error(nullptr), "");
  EXPECT_FALSE(wasmd_config_set_feature(nullptr, WASMD_FEATURE_GC, true));
  wasmd_config_get_limits(nullptr, nullptr);
  wasmd_config_set_limits(nullptr, nullptr);
  wasm_name_t name;
  wasmd_valtype_name(nullptr, &name);
  EXPECT_EQ(TakeText(&name), "");
  wasmd_valtype_name(nullptr, nullptr);
  EXPECT_EQ(wasmd_v128_new(nullptr), nullptr);
  EXPECT_FALSE(wasmd_v128_get(nullptr, nullptr));
  EXPECT_EQ(wasmd_i31_new(nullptr, 1), nullptr);
  EXPECT_FALSE(wasmd_i31_get(nullptr, nullptr));
  EXPECT_EQ(wasmd_externtype_tag_params(nullptr), nullptr);
  EXPECT_FALSE(wasmd_memorytype_is_64(nullptr));
  EXPECT_EQ(wasmd_memorytype_min(nullptr), 0u);
  EXPECT_EQ(wasmd_memorytype_max(nullptr), WASMD_NO_LIMIT);
  EXPECT_FALSE(wasmd_memory_read(nullptr, 0, nullptr, 0));
  EXPECT_FALSE(wasmd_memory_write(nullptr, 0, nullptr, 0));
  wasmd_memory_set_tracked(nullptr);
  EXPECT_FALSE(wasmd_memory_mark_dirty(nullptr, 0, 0));
  EXPECT_NE(TakeText(wasmd_module_new(nullptr, nullptr, nullptr)), "");
  wasm_module_t* module = nullptr;
  EXPECT_NE(TakeText(wasmd_module_new(nullptr, nullptr, &module)), "");
  wasm_byte_vec_t bytes;
  EXPECT_NE(TakeText(wasmd_wat2wasm(nullptr, &bytes)), "");
  EXPECT_NE(TakeText(wasmd_wat2wasm("(module)", nullptr)), "");
  uint8_t hash[32] = {1};
  wasmd_module_hash(nullptr, hash);
  EXPECT_EQ(hash[0], 0);
  wasmd_module_hash(nullptr, nullptr);
  wasmd_module_binary(nullptr, &bytes);
  EXPECT_EQ(bytes.size, 0u);
  wasmd_module_binary(nullptr, nullptr);
  EXPECT_EQ(wasmd_instance_export(nullptr, nullptr), nullptr);
  EXPECT_EQ(wasmd_store_instance_count(nullptr), 0u);
  EXPECT_EQ(wasmd_store_instance(nullptr, 0), nullptr);
  EXPECT_EQ(wasmd_func_new(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                           nullptr),
            nullptr);
  wasmd_frame_name(nullptr, &name);
  EXPECT_EQ(TakeText(&name), "");
  wasmd_frame_name(nullptr, nullptr);
  EXPECT_FALSE(wasmd_trap_exit_code(nullptr, nullptr));
  EXPECT_EQ(wasmd_trap_exception(nullptr), nullptr);
  EXPECT_FALSE(wasmd_ref_set_id(nullptr, 1));
  EXPECT_EQ(wasmd_ref_id(nullptr), 0u);
}

TEST(NullTest, Threads) {
  wasmd_thread_delete(nullptr);
  EXPECT_EQ(wasmd_thread_new(nullptr), nullptr);
  EXPECT_EQ(wasmd_thread_state(nullptr), WASMD_THREAD_IDLE);
  EXPECT_NE(TakeText(wasmd_thread_start(nullptr, nullptr, nullptr)), "");
  EXPECT_EQ(wasmd_thread_run(nullptr, nullptr), WASMD_THREAD_IDLE);
  wasmd_thread_interrupt(nullptr);
  wasm_val_vec_t values;
  wasmd_thread_results(nullptr, &values);
  EXPECT_EQ(values.size, 0u);
  wasmd_thread_results(nullptr, nullptr);
  EXPECT_EQ(wasmd_thread_trap(nullptr), nullptr);
  EXPECT_EQ(wasmd_thread_pending_func(nullptr), nullptr);
  wasmd_thread_pending_name(nullptr, nullptr, nullptr);
  wasmd_thread_pending_args(nullptr, &values);
  EXPECT_EQ(values.size, 0u);
  wasmd_thread_pending_args(nullptr, nullptr);
  EXPECT_EQ(wasmd_thread_pending_caller(nullptr), nullptr);
  EXPECT_NE(TakeText(wasmd_thread_answer(nullptr, nullptr)), "");
  EXPECT_NE(TakeText(wasmd_thread_fail(nullptr, nullptr)), "");
  EXPECT_FALSE(wasmd_thread_wakes_at(nullptr, nullptr, nullptr));
  EXPECT_EQ(wasmd_thread_wait_fds(nullptr, nullptr, 4), 0u);
  wasmd_thread_wait(nullptr, UINT64_MAX);
  EXPECT_EQ(wasmd_thread_fuel_used(nullptr), 0u);
  wasm_frame_vec_t frames;
  wasmd_thread_stack(nullptr, 10, &frames);
  EXPECT_EQ(frames.size, 0u);
  wasmd_thread_stack(nullptr, 10, nullptr);
}

TEST(NullTest, Snapshots) {
  EXPECT_NE(TakeText(wasmd_store_set_data(nullptr, nullptr, nullptr)), "");
  wasm_byte_vec_t bytes;
  wasmd_store_get_data(nullptr, nullptr, &bytes);
  EXPECT_EQ(bytes.size, 0u);
  wasmd_store_get_data(nullptr, nullptr, nullptr);
  EXPECT_NE(TakeText(wasmd_snapshot(nullptr, nullptr, 0, &bytes)), "");
  EXPECT_EQ(bytes.size, 0u);
  EXPECT_NE(TakeText(wasmd_snapshot(nullptr, nullptr, 0, nullptr)), "");
  EXPECT_NE(
      TakeText(wasmd_restore(nullptr, nullptr, nullptr, nullptr, nullptr)), "");
  EXPECT_NE(TakeText(wasmd_capture(nullptr, nullptr, true, nullptr)), "");
  wasmd_store_clear_dirty(nullptr);
  EXPECT_NE(TakeText(wasmd_restore_pages(nullptr, nullptr, 9, nullptr, nullptr,
                                         nullptr, nullptr, nullptr)),
            "");
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = nullptr;
  const wasm_byte_vec_t hollow = {100, nullptr};
  EXPECT_NE(TakeText(wasmd_restore(engine, nullptr, nullptr, &store, nullptr)),
            "");
  EXPECT_NE(TakeText(wasmd_restore(engine, &hollow, nullptr, &store, nullptr)),
            "");
  EXPECT_NE(TakeText(wasmd_restore_pages(engine, nullptr, 100, nullptr, nullptr,
                                         nullptr, &store, nullptr)),
            "");
  EXPECT_EQ(store, nullptr);
  wasm_engine_delete(engine);
}

TEST(NullTest, Wasi) {
  wasi_config_delete(nullptr);
  EXPECT_FALSE(wasi_config_set_argv(nullptr, 0, nullptr));
  EXPECT_FALSE(wasi_config_set_env(nullptr, 0, nullptr, nullptr));
  wasi_config_inherit_env(nullptr);
  wasi_config_inherit_stdin(nullptr);
  wasi_config_inherit_stdout(nullptr);
  wasi_config_inherit_stderr(nullptr);
  EXPECT_FALSE(wasi_config_set_stdin_file(nullptr, nullptr));
  EXPECT_FALSE(wasi_config_set_stdout_file(nullptr, nullptr));
  EXPECT_FALSE(wasi_config_set_stderr_file(nullptr, nullptr));
  wasi_config_set_output(nullptr, nullptr, nullptr);
  EXPECT_FALSE(wasi_config_preopen_dir(nullptr, nullptr, nullptr));
  EXPECT_FALSE(wasi_config_preopen_dir_read_only(nullptr, nullptr, nullptr));
  EXPECT_FALSE(wasi_config_listen_tcp(nullptr, nullptr));
  EXPECT_EQ(wasi_instance_new(nullptr, nullptr, nullptr, nullptr), nullptr);
  wasm_trap_t* trap = nullptr;
  EXPECT_EQ(wasi_instance_new(nullptr, nullptr, wasi_config_new(), &trap),
            nullptr);
  EXPECT_NE(TakeText(trap), "");
  wasi_instance_delete(nullptr);
  EXPECT_EQ(wasi_instance_bind_import(nullptr, nullptr), nullptr);
  wasi_config_t* config = wasi_config_new();
  EXPECT_FALSE(wasi_config_set_argv(config, 1, nullptr));
  EXPECT_FALSE(wasi_config_set_env(config, 1, nullptr, nullptr));
  EXPECT_FALSE(wasi_config_set_stdout_file(config, nullptr));
  EXPECT_FALSE(wasi_config_listen_tcp(config, nullptr));
  wasi_config_delete(config);
}

TEST(NullTest, Processes) {
  EXPECT_NE(TakeText(wasmd_db_new(nullptr, nullptr)), "");
  wasmd_db_t* db = nullptr;
  EXPECT_NE(TakeText(wasmd_db_new(nullptr, &db)), "");
  const wasmd_db_functions_t functions = {};
  EXPECT_NE(TakeText(wasmd_db_new(&functions, &db)), "");
  EXPECT_EQ(db, nullptr);
  wasmd_db_delete(nullptr);
  EXPECT_NE(TakeText(wasmd_db_sync(nullptr)), "");
  EXPECT_NE(TakeText(wasmd_db_list(nullptr, nullptr, nullptr)), "");
  EXPECT_NE(TakeText(wasmd_db_remove(nullptr, nullptr)), "");
  wasmd_process_delete(nullptr);
  wasmd_process_t* process = nullptr;
  EXPECT_NE(TakeText(wasmd_process_create(nullptr, nullptr, nullptr, nullptr,
                                          nullptr)),
            "");
  EXPECT_NE(
      TakeText(wasmd_process_create(nullptr, "x", nullptr, nullptr, &process)),
      "");
  EXPECT_NE(TakeText(wasmd_process_commit(nullptr, true)), "");
  EXPECT_NE(TakeText(wasmd_process_resume(nullptr, "x", nullptr, nullptr,
                                          nullptr, nullptr, &process)),
            "");
  EXPECT_EQ(process, nullptr);
}

}  // namespace
}  // namespace wasmd::capi::testing

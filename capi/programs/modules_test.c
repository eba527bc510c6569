// Modules and types: validation, serialisation, sharing between threads, and
// who owns what.

#include <pthread.h>

#include "program.h"

static const char kGuest[] =
    "(module"
    "  (func (export \"f\") (param i32 f64) (result i64)"
    "    (i64.add (i64.extend_i32_s (local.get 0))"
    "             (i64.trunc_f64_s (local.get 1))))"
    "  (memory (export \"m\") 1 2))";

enum { kThreads = 4, kRounds = 50 };

static wasm_engine_t* engine;
static wasm_shared_module_t* shared;

// The number of rounds that went wrong.
static void* RunStore(void* unused) {
  (void)unused;
  wasm_store_t* store = wasm_store_new(engine);
  wasm_module_t* module = wasm_module_obtain(store, shared);
  intptr_t wrong = 0;
  for (int round = 0; round < kRounds; ++round) {
    const wasm_extern_vec_t none = WASM_EMPTY_VEC;
    wasm_instance_t* instance = wasm_instance_new(store, module, &none, NULL);
    wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    wasm_val_t in[2] = {I32(round), F64(2.5)}, out = Null();
    if (CallExport(&exports, 0, 2, in, &out, 1) != NULL ||
        out.of.i64 != round + 2) {
      ++wrong;
    }
    wasm_extern_vec_delete(&exports);
    wasm_instance_delete(instance);
  }
  wasm_module_delete(module);
  wasm_store_delete(store);
  return (void*)wrong;
}

static void CheckThreads(const wasm_module_t* module) {
  shared = wasm_module_share(module);
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i) {
    CHECK(pthread_create(&threads[i], NULL, RunStore, NULL) == 0);
  }
  for (int i = 0; i < kThreads; ++i) {
    void* wrong = NULL;
    CHECK(pthread_join(threads[i], &wrong) == 0);
    CHECK(wrong == NULL);
  }
  wasm_shared_module_delete(shared);
}

static void CheckBinaries(wasm_store_t* store) {
  const wasm_byte_vec_t cut = {4, (char*)"\0asm"};
  CHECK(!wasm_module_validate(store, &cut));
  CHECK(wasm_module_new(store, &cut) == NULL);
  const wasm_byte_vec_t smallest = {8, (char*)"\0asm\1\0\0\0"};
  CHECK(wasm_module_validate(store, &smallest));
  const wasm_byte_vec_t empty = WASM_EMPTY_VEC;
  CHECK(!wasm_module_validate(store, &empty));
  const wasm_byte_vec_t text = {8, (char*)"(module)"};
  CHECK(!wasm_module_validate(store, &text));
  CHECK(wasm_module_new(store, &text) == NULL);
}

static void CheckSerialisation(wasm_store_t* store,
                               const wasm_module_t* module) {
  wasm_byte_vec_t bytes;
  wasm_module_serialize(module, &bytes);
  wasm_module_t* again = wasm_module_deserialize(store, &bytes);
  wasm_exporttype_vec_t exports;
  wasm_module_exports(again, &exports);
  CHECK(exports.size == 2);
  CHECK(memcmp(wasm_exporttype_name(exports.data[1])->data, "m", 1) == 0);
  wasm_exporttype_vec_delete(&exports);
  wasm_module_delete(again);
  for (size_t i = 0; i < bytes.size; ++i) {
    bytes.data[i] ^= 0x40;
    CHECK(wasm_module_deserialize(store, &bytes) == NULL);
    bytes.data[i] ^= 0x40;
    const wasm_byte_vec_t cut = {i, bytes.data};
    CHECK(wasm_module_deserialize(store, &cut) == NULL);
  }
  wasm_byte_vec_delete(&bytes);
}

static void CheckTypes(void) {
  wasm_valtype_t* kinds[] = {wasm_valtype_new_i32(), wasm_valtype_new_funcref(),
                             wasm_valtype_new_f32()};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 3, kinds);
  wasm_valtype_vec_new_empty(&results);
  wasm_functype_t* original = wasm_functype_new(&params, &results);
  wasm_functype_t* function = wasm_functype_copy(original);
  wasm_functype_delete(original);
  CHECK(wasm_functype_params(function)->size == 3);
  CHECK(wasm_valtype_kind(wasm_functype_params(function)->data[1]) ==
        WASM_FUNCREF);
  CHECK(wasm_functype_results(function)->size == 0);
  // The import type owns the function type from here on.
  wasm_name_t module_name, name;
  wasm_name_new_from_string(&module_name, "module");
  wasm_name_new_from_string(&name, "name");
  wasm_importtype_t* import = wasm_importtype_new(
      &module_name, &name, wasm_functype_as_externtype(function));
  wasm_importtype_t* copy = wasm_importtype_copy(import);
  wasm_importtype_delete(import);
  CHECK(wasm_importtype_module(copy)->size == 6);
  CHECK(wasm_externtype_as_functype_const(wasm_importtype_type(copy)) != NULL);
  wasm_importtype_delete(copy);
  const wasm_limits_t limits = {1, 2};
  wasm_name_new_from_string(&name, "memory");
  wasm_exporttype_t* export = wasm_exporttype_new(
      &name, wasm_memorytype_as_externtype(wasm_memorytype_new(&limits)));
  wasm_exporttype_vec_t exports, more;
  wasm_exporttype_vec_new(&exports, 1, &export);
  wasm_exporttype_vec_copy(&more, &exports);
  wasm_exporttype_vec_delete(&exports);
  const wasm_memorytype_t* memory =
      wasm_externtype_as_memorytype_const(wasm_exporttype_type(more.data[0]));
  CHECK(wasm_memorytype_limits(memory)->max == 2);
  wasm_exporttype_vec_delete(&more);
  CHECK(wasm_tabletype_new(wasm_valtype_new_i32(), &limits) == NULL);
  wasm_valtype_vec_t types;
  wasm_valtype_vec_new_uninitialized(&types, 2);
  types.data[0] = wasm_valtype_new_i64();
  types.data[1] = wasm_valtype_new_externref();
  CHECK(wasm_valtype_is_num(types.data[0]) &&
        wasm_valtype_is_ref(types.data[1]));
  wasm_valtype_vec_delete(&types);
  wasm_val_t value;
  wasm_val_init_ptr(&value, &types);
  CHECK(wasm_val_ptr(&value) == &types);
}

int main(void) {
  engine = wasm_engine_new();
  wasm_store_t* first = wasm_store_new(engine);
  wasm_store_t* second = wasm_store_new(engine);
  wasm_module_t* module = Load(first, kGuest);
  CheckBinaries(first);
  CheckSerialisation(first, module);
  CheckThreads(module);
  CheckTypes();
  wasm_module_t* copy = wasm_module_copy(module);
  CHECK(wasm_module_same(module, copy));
  wasm_module_delete(module);
  // Stores need their engine no more, and modules not the store that they were
  // made for.
  wasm_engine_delete(engine);
  wasm_store_delete(first);
  const wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t* instance = wasm_instance_new(second, copy, &none, NULL);
  CHECK(instance != NULL);
  wasm_instance_delete(instance);
  wasm_module_delete(copy);
  wasm_store_delete(second);
  return failures != 0;
}

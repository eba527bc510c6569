// What things say their type is, in all the forms that it can be converted,
// copied and put in vectors; and the same for references.

#include "program.h"

static const char kGuest[] =
    "(module"
    "  (func (export \"f\") (param i64) (result f32 externref)"
    "    (f32.const 1) (ref.null extern))"
    "  (global (export \"g\") (mut f64) (f64.const 2))"
    "  (table (export \"t\") 2 7 externref)"
    "  (memory (export \"m\") 1 5))";
enum { kFunction, kGlobal, kTable, kMemory, kExports };

// The type that an extern has, from itself and as an externtype, both ways
// back; then in vectors.
#define CHECK_TYPE(kind, externkind, external, check)                          \
  do {                                                                         \
    wasm_##kind##_t* thing = wasm_extern_as_##kind(external);                  \
    const wasm_extern_t* constant = external;                                  \
    CHECK(wasm_extern_as_##kind##_const(constant) == thing);                   \
    CHECK(wasm_##kind##_as_extern_const(thing) == constant);                   \
    wasm_##kind##type_t* own = wasm_##kind##_type(thing);                      \
    check(own);                                                                \
    wasm_externtype_t* type = wasm_extern_type(external);                      \
    CHECK(wasm_externtype_kind(type) == externkind);                           \
    check(wasm_externtype_as_##kind##type(type));                              \
    check(wasm_externtype_as_##kind##type_const(type));                        \
    wasm_externtype_t* copy = wasm_externtype_copy(type);                      \
    wasm_externtype_delete(type);                                              \
    check(wasm_externtype_as_##kind##type(copy));                              \
    const wasm_##kind##type_t* same = own;                                     \
    CHECK(wasm_externtype_kind(wasm_##kind##type_as_externtype_const(same)) == \
          externkind);                                                         \
    CHECK(wasm_externtype_as_##kind##type(                                     \
              wasm_##kind##type_as_externtype(own)) == own);                   \
    wasm_##kind##type_t* pair[2] = {own, wasm_##kind##type_copy(own)};         \
    wasm_##kind##type_vec_t vector, more;                                      \
    wasm_##kind##type_vec_new(&vector, 2, pair);                               \
    wasm_##kind##type_vec_copy(&more, &vector);                                \
    wasm_##kind##type_vec_delete(&vector);                                     \
    CHECK(more.size == 2);                                                     \
    check(more.data[1]);                                                       \
    wasm_##kind##type_vec_delete(&more);                                       \
    wasm_##kind##type_vec_new_uninitialized(&more, 3);                         \
    CHECK(more.size == 3);                                                     \
    wasm_##kind##type_vec_delete(&more);                                       \
    wasm_##kind##type_vec_new_empty(&more);                                    \
    CHECK(more.size == 0);                                                     \
    wasm_##kind##type_vec_delete(&more);                                       \
    wasm_externtype_t* one[1] = {copy};                                        \
    wasm_externtype_vec_t externtypes, externtypes2;                           \
    wasm_externtype_vec_new(&externtypes, 1, one);                             \
    wasm_externtype_vec_copy(&externtypes2, &externtypes);                     \
    wasm_externtype_vec_delete(&externtypes);                                  \
    CHECK(wasm_externtype_kind(externtypes2.data[0]) == externkind);           \
    wasm_externtype_vec_delete(&externtypes2);                                 \
  } while (0)

static void IsFunction(const wasm_functype_t* type) {
  CHECK(wasm_functype_params(type)->size == 1);
  CHECK(wasm_valtype_kind(wasm_functype_params(type)->data[0]) == WASM_I64);
  CHECK(wasm_functype_results(type)->size == 2);
  CHECK(wasm_valtype_kind(wasm_functype_results(type)->data[0]) == WASM_F32);
  CHECK(wasm_valtype_kind(wasm_functype_results(type)->data[1]) ==
        WASM_EXTERNREF);
}
static void IsGlobal(const wasm_globaltype_t* type) {
  CHECK(wasm_valtype_kind(wasm_globaltype_content(type)) == WASM_F64);
  CHECK(wasm_globaltype_mutability(type) == WASM_VAR);
}
static void IsTable(const wasm_tabletype_t* type) {
  CHECK(wasm_valtype_kind(wasm_tabletype_element(type)) == WASM_EXTERNREF);
  CHECK(wasm_tabletype_limits(type)->min == 2);
  CHECK(wasm_tabletype_limits(type)->max == 7);
}
static void IsMemory(const wasm_memorytype_t* type) {
  CHECK(wasm_memorytype_limits(type)->min == 1);
  CHECK(wasm_memorytype_limits(type)->max == 5);
}

static int finalized;
static void Count(void* info) { ++*(int*)info; }

// Both ways between a thing and a reference to it, its copy, its host info.
// `other` is a reference to something of another kind.
#define CHECK_REFERENCE(kind, thing, other)                              \
  do {                                                                   \
    const wasm_##kind##_t* constant = thing;                             \
    wasm_ref_t* reference = wasm_##kind##_as_ref(thing);                 \
    CHECK(wasm_##kind##_as_ref_const(constant) == reference);            \
    CHECK(wasm_ref_as_##kind(reference) == thing);                       \
    CHECK(wasm_ref_as_##kind##_const(reference) == thing);               \
    CHECK(wasm_ref_as_##kind(other) == NULL);                            \
    wasm_##kind##_t* copy = wasm_##kind##_copy(thing);                   \
    CHECK(wasm_##kind##_same(copy, thing));                              \
    CHECK(!wasm_ref_same(reference, other));                             \
    int before = 0, by_reference = 0;                                    \
    wasm_##kind##_set_host_info_with_finalizer(copy, &before, Count);    \
    CHECK(wasm_##kind##_get_host_info(thing) == &before);                \
    wasm_##kind##_set_host_info(thing, &by_reference);                   \
    CHECK(before == 1);                                                  \
    CHECK(wasm_ref_get_host_info(reference) == &by_reference);           \
    wasm_ref_set_host_info_with_finalizer(reference, &finalized, Count); \
    CHECK(wasm_##kind##_get_host_info(copy) == &finalized);              \
    wasm_##kind##_delete(copy);                                          \
    CHECK(by_reference == 0);                                            \
  } while (0)

static void CheckReferences(wasm_store_t* store, wasm_module_t* module,
                            wasm_instance_t* instance,
                            wasm_extern_vec_t* exports) {
  wasm_func_t* function = wasm_extern_as_func(exports->data[kFunction]);
  wasm_global_t* global = wasm_extern_as_global(exports->data[kGlobal]);
  wasm_table_t* table = wasm_extern_as_table(exports->data[kTable]);
  wasm_memory_t* memory = wasm_extern_as_memory(exports->data[kMemory]);
  wasm_foreign_t* foreign = wasm_foreign_new(store);
  const wasm_message_t empty = WASM_EMPTY_VEC;
  wasm_trap_t* trap = wasm_trap_new(store, &empty);
  CHECK_REFERENCE(func, function, wasm_global_as_ref(global));
  CHECK_REFERENCE(global, global, wasm_table_as_ref(table));
  CHECK_REFERENCE(table, table, wasm_memory_as_ref(memory));
  CHECK_REFERENCE(memory, memory, wasm_instance_as_ref(instance));
  CHECK_REFERENCE(instance, instance, wasm_module_as_ref(module));
  CHECK_REFERENCE(module, module, wasm_foreign_as_ref(foreign));
  CHECK_REFERENCE(foreign, foreign, wasm_trap_as_ref(trap));
  CHECK_REFERENCE(trap, trap, wasm_func_as_ref(function));
  // The one that the extern is has host info already.
  CHECK(wasm_extern_get_host_info(exports->data[kTable]) == &finalized);
  wasm_extern_t* copy = wasm_extern_copy(exports->data[kTable]);
  CHECK(wasm_extern_same(copy, exports->data[kTable]));
  CHECK(wasm_ref_as_extern(wasm_table_as_ref(table)) == copy);
  CHECK(wasm_ref_as_extern_const(wasm_extern_as_ref_const(copy)) == copy);
  CHECK(wasm_ref_as_extern(wasm_foreign_as_ref(foreign)) == NULL);
  wasm_extern_delete(copy);
  CHECK(finalized == 0);
  wasm_foreign_delete(foreign);
  wasm_trap_delete(trap);
  CHECK(finalized == 2);
}

static void CheckVectors(const wasm_extern_vec_t* exports) {
  wasm_extern_vec_t copy;
  wasm_extern_vec_copy(&copy, exports);
  CHECK(copy.size == kExports);
  CHECK(wasm_extern_same(copy.data[kMemory], exports->data[kMemory]));
  wasm_extern_vec_delete(&copy);
  wasm_extern_t* one[1] = {wasm_extern_copy(exports->data[kGlobal])};
  wasm_extern_vec_new(&copy, 1, one);
  CHECK(wasm_extern_same(copy.data[0], exports->data[kGlobal]));
  wasm_extern_vec_delete(&copy);
  wasm_extern_vec_new_uninitialized(&copy, 2);
  CHECK(copy.size == 2 && copy.data[0] == NULL && copy.data[1] == NULL);
  wasm_extern_vec_delete(&copy);
  wasm_val_t given[2] = {I32(4), F64(0.5)};
  wasm_val_vec_t values;
  wasm_val_vec_new(&values, 2, given);
  CHECK(values.data[0].of.i32 == 4 && values.data[1].of.f64 == 0.5);
  wasm_val_vec_delete(&values);
  wasm_val_vec_new_uninitialized(&values, 2);
  for (size_t i = 0; i < values.size; ++i) values.data[i] = Null();
  wasm_val_vec_delete(&values);
  wasm_byte_vec_t bytes, more;
  wasm_byte_vec_new(&bytes, 3, "abc");
  wasm_byte_vec_copy(&more, &bytes);
  wasm_byte_vec_delete(&bytes);
  CHECK(more.size == 3 && memcmp(more.data, "abc", 3) == 0);
  wasm_byte_vec_delete(&more);
  wasm_valtype_t* type = wasm_valtype_new(WASM_F32);
  wasm_valtype_t* same = wasm_valtype_copy(type);
  wasm_valtype_delete(type);
  CHECK(wasm_valtype_kind(same) == WASM_F32);
  wasm_valtype_delete(same);
  CHECK(wasm_valtype_new(77) == NULL);
}

int main(void) {
  wasm_config_delete(wasm_config_new());
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  wasm_module_t* module = Load(store, kGuest);
  const wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t* instance = wasm_instance_new(store, module, &none, NULL);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  CHECK(exports.size == kExports);
  CHECK_TYPE(func, WASM_EXTERN_FUNC, exports.data[kFunction], IsFunction);
  CHECK_TYPE(global, WASM_EXTERN_GLOBAL, exports.data[kGlobal], IsGlobal);
  CHECK_TYPE(table, WASM_EXTERN_TABLE, exports.data[kTable], IsTable);
  CHECK_TYPE(memory, WASM_EXTERN_MEMORY, exports.data[kMemory], IsMemory);
  wasm_memory_t* memory = wasm_extern_as_memory(exports.data[kMemory]);
  CHECK(wasm_memory_grow(memory, 2));
  wasm_memorytype_t* grown = wasm_memory_type(memory);
  CHECK(wasm_memorytype_limits(grown)->min == 3);
  wasm_memorytype_delete(grown);
  CheckVectors(&exports);
  CheckReferences(store, module, instance, &exports);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  CHECK(finalized == 3);
  wasm_store_delete(store);
  CHECK(finalized == 8);
  wasm_engine_delete(engine);
  return failures != 0;
}

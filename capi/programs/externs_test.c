// Externs of every kind, imported and exported: that they fit or do not, and
// that both sides see the same thing.

#include "program.h"

static const char kExporter[] =
    "(module"
    "  (func (export \"f\") (param i32 f64) (result i64)"
    "    (i64.add (i64.extend_i32_s (local.get 0))"
    "             (i64.trunc_f64_s (local.get 1))))"
    "  (global (export \"gm\") (mut i64) (i64.const 7))"
    "  (global (export \"gc\") f32 (f32.const 1.5))"
    "  (table (export \"t\") 1 3 funcref)"
    "  (memory (export \"m\") 1 2))";

static const char kImporter[] =
    "(module"
    "  (import \"a\" \"f\" (func $f (param i32 f64) (result i64)))"
    "  (import \"a\" \"gm\" (global $gm (mut i64)))"
    "  (import \"a\" \"gc\" (global $gc f32))"
    "  (import \"a\" \"t\" (table $t 1 3 funcref))"
    "  (import \"\" \"m\" (memory 1 2))"
    "  (func $call (export \"call\") (param i32) (result i64)"
    "    (call $f (local.get 0) (f64.promote_f32 (global.get $gc))))"
    "  (func (export \"bump\")"
    "    (global.set $gm (i64.add (global.get $gm) (i64.const 1))))"
    "  (func (export \"put\") (table.set $t (i32.const 0) (ref.func $call)))"
    "  (func (export \"poke\") (param i32 i32)"
    "    (i32.store8 (local.get 0) (local.get 1)))"
    "  (export \"f2\" (func $f)) (export \"gm2\" (global $gm))"
    "  (export \"t2\" (table $t)) (export \"m2\" (memory 0)))";

enum { kCall, kBump, kPut, kPoke, kF2, kGm2, kT2, kM2, kExportCount };
enum { kF, kGm, kGc, kT, kM, kImportCount };

static wasm_store_t* store;
static wasm_module_t* importer;

static wasm_trap_t* Hundred(const wasm_val_vec_t* args,
                            wasm_val_vec_t* results) {
  (void)args;
  results->data[0] = I64(100);
  return NULL;
}

static void CheckTypes(void) {
  wasm_importtype_vec_t imports;
  wasm_module_imports(importer, &imports);
  CHECK(imports.size == kImportCount);
  CHECK(wasm_importtype_module(imports.data[kM])->size == 0);
  CHECK(wasm_importtype_name(imports.data[kGm])->size == 2);
  const wasm_externtype_t* type = wasm_importtype_type(imports.data[kF]);
  const wasm_functype_t* function = wasm_externtype_as_functype_const(type);
  CHECK(wasm_functype_params(function)->size == 2);
  CHECK(wasm_valtype_kind(wasm_functype_params(function)->data[1]) == WASM_F64);
  CHECK(wasm_valtype_kind(wasm_functype_results(function)->data[0]) ==
        WASM_I64);
  CHECK(wasm_externtype_as_globaltype_const(type) == NULL);
  const wasm_globaltype_t* global = wasm_externtype_as_globaltype_const(
      wasm_importtype_type(imports.data[kGm]));
  CHECK(wasm_globaltype_mutability(global) == WASM_VAR);
  CHECK(wasm_valtype_kind(wasm_globaltype_content(global)) == WASM_I64);
  const wasm_tabletype_t* table = wasm_externtype_as_tabletype_const(
      wasm_importtype_type(imports.data[kT]));
  CHECK(wasm_tabletype_limits(table)->min == 1);
  CHECK(wasm_tabletype_limits(table)->max == 3);
  const wasm_memorytype_t* memory = wasm_externtype_as_memorytype_const(
      wasm_importtype_type(imports.data[kM]));
  CHECK(wasm_memorytype_limits(memory)->max == 2);
  wasm_importtype_vec_t copy;
  wasm_importtype_vec_copy(&copy, &imports);
  wasm_importtype_vec_delete(&imports);
  CHECK(memcmp(wasm_importtype_name(copy.data[kF])->data, "f", 1) == 0);
  wasm_importtype_vec_delete(&copy);
}

// `imports` are refused, with a trap that has no frames and says this.
static void CheckRefused(const wasm_extern_vec_t* imports, const char* part) {
  wasm_trap_t* trap = NULL;
  CHECK(wasm_instance_new(store, importer, imports, &trap) == NULL);
  CHECK(wasm_trap_origin(trap) == NULL);
  wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 0);
  wasm_frame_vec_delete(&frames);
  CHECK(IsTrap(trap, part));
  CHECK(wasm_instance_new(store, importer, imports, NULL) == NULL);
}

static wasm_memory_t* NewMemory(uint32_t min, uint32_t max) {
  const wasm_limits_t limits = {min, max};
  wasm_memorytype_t* type = wasm_memorytype_new(&limits);
  wasm_memory_t* memory = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);
  return memory;
}

static wasm_table_t* NewTable(wasm_valtype_t* element) {
  const wasm_limits_t limits = {1, 3};
  wasm_tabletype_t* type = wasm_tabletype_new(element, &limits);
  wasm_table_t* table = wasm_table_new(store, type, NULL);
  wasm_tabletype_delete(type);
  return table;
}

static wasm_global_t* NewGlobal(wasm_mutability_t mutability,
                                wasm_val_t value) {
  wasm_globaltype_t* type =
      wasm_globaltype_new(wasm_valtype_new_i64(), mutability);
  wasm_global_t* global = wasm_global_new(store, type, &value);
  wasm_globaltype_delete(type);
  return global;
}

static wasm_func_t* NewFunction(wasm_valtype_t* result) {
  wasm_functype_t* type = wasm_functype_new_2_1(wasm_valtype_new_i32(),
                                                wasm_valtype_new_f64(), result);
  wasm_func_t* function = wasm_func_new(store, type, Hundred);
  wasm_functype_delete(type);
  return function;
}

static void CheckImportsThatDoNotFit(const wasm_extern_vec_t* exports) {
  wasm_extern_t* externs[kImportCount + 1];
  memcpy(externs, exports->data, kImportCount * sizeof(*externs));
  externs[kImportCount] = exports->data[0];
  wasm_extern_vec_t imports = {kImportCount, externs};
  static const char* const kNames[] = {"a.f", "a.gm", "a.gc", "a.t", ".m"};
  for (size_t i = 0; i < kImportCount; ++i) {
    externs[i] = exports->data[(i + 1) % kImportCount];
    CheckRefused(&imports, kNames[i]);
    externs[i] = NULL;
    CheckRefused(&imports, "is null");
    externs[i] = exports->data[i];
  }
  imports.size = kImportCount - 1;
  CheckRefused(&imports, "unknown import .m");
  imports.size = kImportCount + 1;
  CheckRefused(&imports, "6 imports given");
  CheckRefused(NULL, "unknown import a.f");
}

static void CheckExternsOfTheProgram(const wasm_extern_vec_t* exports) {
  wasm_extern_t* externs[kImportCount];
  memcpy(externs, exports->data, sizeof(externs));
  const wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_func_t* wrong = NewFunction(wasm_valtype_new_i32());
  externs[kF] = wasm_func_as_extern(wrong);
  CheckRefused(&imports, "not [i32 f64] -> [i64]");
  wasm_func_t* function = NewFunction(wasm_valtype_new_i64());
  externs[kF] = wasm_func_as_extern(function);
  wasm_global_t* constant = NewGlobal(WASM_CONST, I64(5));
  externs[kGm] = wasm_global_as_extern(constant);
  CheckRefused(&imports, "immutable");
  CHECK(NewGlobal(WASM_VAR, I32(5)) == NULL);
  const wasm_val_t seven = I64(7), half = F64(0.5);
  wasm_val_t value;
  wasm_global_set(constant, &seven);
  wasm_global_get(constant, &value);
  CHECK(value.of.i64 == 5);
  wasm_global_t* variable = NewGlobal(WASM_VAR, I64(5));
  wasm_global_set(variable, &half);
  wasm_global_get(variable, &value);
  CHECK(value.kind == WASM_I64 && value.of.i64 == 5);
  wasm_global_set(variable, &seven);
  externs[kGm] = wasm_global_as_extern(variable);
  wasm_memory_t* unlimited = NewMemory(1, wasm_limits_max_default);
  externs[kM] = wasm_memory_as_extern(unlimited);
  CheckRefused(&imports, "no maximum");
  wasm_memory_t* larger = NewMemory(1, 3);
  externs[kM] = wasm_memory_as_extern(larger);
  CheckRefused(&imports, "maximum 3");
  CHECK(NewMemory(3, 2) == NULL);
  wasm_memory_t* memory = NewMemory(0, 2);
  externs[kM] = wasm_memory_as_extern(memory);
  CheckRefused(&imports, "size 0");
  CHECK(wasm_memory_grow(memory, 1));  // which makes it large enough
  wasm_table_t* others = NewTable(wasm_valtype_new_externref());
  externs[kT] = wasm_table_as_extern(others);
  CheckRefused(&imports, "externref");
  wasm_table_t* table = NewTable(wasm_valtype_new_funcref());
  externs[kT] = wasm_table_as_extern(table);
  wasm_instance_t* instance =
      wasm_instance_new(store, importer, &imports, NULL);
  wasm_extern_vec_t own;
  wasm_instance_exports(instance, &own);
  wasm_val_t argument = I32(0), result;
  CHECK(CallExport(&own, kCall, 1, &argument, &result, 1) == NULL);
  CHECK(result.of.i64 == 100);
  wasm_extern_vec_delete(&own);
  wasm_instance_delete(instance);
  wasm_func_delete(wrong);
  wasm_func_delete(function);
  wasm_global_delete(constant);
  wasm_global_delete(variable);
  wasm_memory_delete(unlimited);
  wasm_memory_delete(larger);
  wasm_memory_delete(memory);
  wasm_table_delete(others);
  wasm_table_delete(table);
}

static void CheckTables(const wasm_extern_vec_t* exports,
                        const wasm_extern_vec_t* users) {
  wasm_table_t* table = wasm_extern_as_table(exports->data[kT]);
  CHECK(wasm_table_get(table, 0) == NULL);
  CHECK(CallExport(users, kPut, 0, NULL, NULL, 0) == NULL);
  wasm_ref_t* reference = wasm_table_get(table, 0);
  CHECK(wasm_ref_same(reference, wasm_extern_as_ref(users->data[kCall])));
  wasm_val_t argument = I32(40), result = Null();
  const wasm_val_vec_t args = {1, &argument};
  wasm_val_vec_t results = {1, &result};
  CHECK(wasm_func_call(wasm_ref_as_func(reference), &args, &results) == NULL);
  CHECK(result.kind == WASM_I64 && result.of.i64 == 41);
  wasm_ref_delete(reference);
  wasm_ref_t* f = wasm_extern_as_ref(exports->data[kF]);
  CHECK(wasm_table_grow(table, 2, f));
  CHECK(wasm_table_size(table) == 3);
  CHECK(!wasm_table_grow(table, 1, NULL));
  CHECK(wasm_table_grow(table, 0, NULL));
  reference = wasm_table_get(table, 2);
  CHECK(wasm_ref_same(reference, f));
  wasm_ref_delete(reference);
  CHECK(!wasm_table_set(table, 3, NULL));
  CHECK(wasm_table_set(table, 2, NULL));
  CHECK(wasm_table_get(table, 2) == NULL);
  CHECK(wasm_table_get(table, 3) == NULL);
}

static void CheckMemories(const wasm_extern_vec_t* exports,
                          const wasm_extern_vec_t* users) {
  wasm_memory_t* memory = wasm_extern_as_memory(exports->data[kM]);
  CHECK(wasm_memory_size(memory) == 1);
  CHECK(wasm_memory_data_size(memory) == MEMORY_PAGE_SIZE);
  wasm_val_t arguments[2] = {I32(65535), I32(-56)};
  CHECK(CallExport(users, kPoke, 2, arguments, NULL, 0) == NULL);
  CHECK(wasm_memory_data(memory)[65535] == (byte_t)-56);
  arguments[0] = I32(65536);
  CHECK(IsTrap(CallExport(users, kPoke, 2, arguments, NULL, 0),
               "out of bounds memory access"));
  CHECK(wasm_memory_grow(memory, 1));
  CHECK(!wasm_memory_grow(memory, 1));
  CHECK(wasm_memory_grow(memory, 0));
  CHECK(CallExport(users, kPoke, 2, arguments, NULL, 0) == NULL);
  CHECK(wasm_memory_data(memory)[65536] == (byte_t)-56);
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  store = wasm_store_new(engine);
  wasm_module_t* exporter = Load(store, kExporter);
  importer = Load(store, kImporter);
  CheckTypes();
  const wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t* first = wasm_instance_new(store, exporter, &none, NULL);
  wasm_extern_vec_t exports, users;
  wasm_instance_exports(first, &exports);
  CHECK(exports.size == kImportCount);
  CHECK(wasm_extern_kind(exports.data[kGc]) == WASM_EXTERN_GLOBAL);
  CHECK(wasm_extern_as_func(exports.data[kGm]) == NULL);
  CHECK(wasm_extern_as_table(exports.data[kM]) == NULL);
  wasm_instance_t* second = wasm_instance_new(store, importer, &exports, NULL);
  wasm_instance_exports(second, &users);
  CHECK(users.size == kExportCount);
  CHECK(wasm_extern_same(exports.data[kF], users.data[kF2]));
  CHECK(wasm_extern_same(exports.data[kGm], users.data[kGm2]));
  CHECK(wasm_extern_same(exports.data[kT], users.data[kT2]));
  CHECK(wasm_extern_same(exports.data[kM], users.data[kM2]));
  CHECK(!wasm_extern_same(exports.data[kF], users.data[kCall]));
  CHECK(CallExport(&users, kBump, 0, NULL, NULL, 0) == NULL);
  wasm_val_t value;
  wasm_global_get(wasm_extern_as_global(exports.data[kGm]), &value);
  CHECK(value.of.i64 == 8);
  CheckTables(&exports, &users);
  CheckMemories(&exports, &users);
  CheckImportsThatDoNotFit(&exports);
  CheckExternsOfTheProgram(&exports);
  wasm_store_t* other = wasm_store_new(engine);
  wasm_trap_t* trap = NULL;
  CHECK(wasm_instance_new(other, importer, &exports, &trap) == NULL);
  CHECK(IsTrap(trap, "another store"));
  wasm_store_delete(other);
  // What is exported outlives what it came from.
  wasm_module_delete(exporter);
  wasm_module_delete(importer);
  wasm_instance_delete(first);
  wasm_instance_delete(second);
  CHECK(CallExport(&users, kBump, 0, NULL, NULL, 0) == NULL);
  wasm_extern_vec_delete(&exports);
  wasm_extern_vec_delete(&users);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return failures != 0;
}

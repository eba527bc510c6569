// References: objects of the program on their way through guest and callbacks,
// their identity, and their finalizers, each of which runs once.

#include "program.h"

static const char kGuest[] =
    "(module"
    "  (import \"h\" \"pass\" (func $pass (param externref) (result "
    "externref)))"
    "  (global (export \"global\") (mut externref) (ref.null extern))"
    "  (table (export \"table\") 4 10 externref)"
    "  (table (export \"functions\") 2 funcref)"
    "  (func (export \"pass\") (param externref) (result externref)"
    "    (call $pass (local.get 0)))"
    "  (func (export \"set\") (param externref) (global.set 0 (local.get 0)))"
    "  (func (export \"get\") (result externref) (global.get 0))"
    "  (func (export \"put\") (param i32 externref)"
    "    (table.set 0 (local.get 0) (local.get 1)))"
    "  (func (export \"take\") (param i32) (result externref)"
    "    (table.get 0 (local.get 0)))"
    "  (func (export \"is_null\") (param externref) (result i32)"
    "    (ref.is_null (local.get 0)))"
    "  (func (export \"turn\") (param funcref externref)"
    "    (result externref funcref) (local.get 1) (local.get 0)))";
enum { kGlobal, kTable, kFunctions, kPass, kSet, kGet, kPut, kTake, kIsNull };
enum { kTurn = kIsNull + 1 };

enum { kFirst = 1, kSecond, kReplaced, kReplacing, kInstance, kFunction };
enum { kModule = kFunction + 1, kKinds };
static int finalized[kKinds];
static void Count(void* info) { ++finalized[(intptr_t)info]; }
static void* Info(int number) { return (void*)(intptr_t)number; }

static wasm_extern_vec_t exports;
static wasm_ref_t* kept;  // by the next call of Pass, if it is not null

static wasm_trap_t* Pass(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  wasm_val_copy(&results->data[0], &args->data[0]);
  if (kept != NULL) kept = wasm_ref_copy(args->data[0].of.ref);
  return NULL;
}

static wasm_foreign_t* NewObject(wasm_store_t* store, int number) {
  wasm_foreign_t* object = wasm_foreign_new(store);
  wasm_foreign_set_host_info_with_finalizer(object, Info(number), Count);
  return object;
}

// Deletes `reference`.
static int TakeIs(wasm_ref_t* reference, const wasm_ref_t* expected) {
  const int is_it = wasm_ref_same(reference, expected);
  wasm_ref_delete(reference);
  return is_it;
}

// The only result of a call; 0: it trapped.
static int CallIs(size_t index, size_t count, wasm_val_t* arguments,
                  const wasm_ref_t* expected) {
  wasm_val_t result = Null();
  if (CallExport(&exports, index, count, arguments, &result, 1) != NULL) {
    return 0;
  }
  return TakeIs(result.of.ref, expected);
}

static void CheckIdentity(wasm_ref_t* object, wasm_ref_t* function,
                          wasm_ref_t* instance, wasm_ref_t* module) {
  wasm_ref_t* things[] = {object,
                          function,
                          instance,
                          module,
                          wasm_extern_as_ref(exports.data[kGlobal]),
                          wasm_extern_as_ref(exports.data[kTable])};
  for (size_t i = 0; i < sizeof(things) / sizeof(*things); ++i) {
    wasm_val_t value = Ref(things[i]);
    CHECK(CallIs(kPass, 1, &value, things[i]));
  }
  wasm_val_t null = Null(), result;
  CHECK(CallIs(kPass, 1, &null, NULL));
  CHECK(CallExport(&exports, kIsNull, 1, &null, &result, 1) == NULL);
  CHECK(result.of.i32 == 1);
  CHECK(wasm_foreign_get_host_info(wasm_ref_as_foreign(object)) ==
        Info(kFirst));
  CHECK(wasm_ref_as_func(object) == NULL);
  kept = object;
  wasm_val_t value = Ref(object);
  CHECK(CallIs(kPass, 1, &value, object));
  CHECK(TakeIs(kept, object));
  kept = NULL;
}

static void CheckGlobalAndTable(wasm_ref_t* first, wasm_ref_t* second) {
  wasm_global_t* global = wasm_extern_as_global(exports.data[kGlobal]);
  wasm_val_t value = Ref(first), got;
  wasm_global_set(global, &value);
  wasm_global_get(global, &got);
  CHECK(TakeIs(got.of.ref, first));
  CHECK(CallIs(kGet, 0, NULL, first));
  value = Ref(second);
  CHECK(CallExport(&exports, kSet, 1, &value, NULL, 0) == NULL);
  wasm_global_get(global, &got);
  CHECK(TakeIs(got.of.ref, second));
  wasm_table_t* table = wasm_extern_as_table(exports.data[kTable]);
  CHECK(wasm_table_set(table, 0, first));
  CHECK(TakeIs(wasm_table_get(table, 0), first));
  CHECK(wasm_table_get(table, 1) == NULL);
  wasm_val_t at_three[2] = {I32(3), Ref(second)};
  CHECK(CallExport(&exports, kPut, 2, at_three, NULL, 0) == NULL);
  CHECK(TakeIs(wasm_table_get(table, 3), second));
  CHECK(wasm_table_grow(table, 2, first));
  wasm_val_t five = I32(5);
  CHECK(CallIs(kTake, 1, &five, first));
  wasm_table_t* functions = wasm_extern_as_table(exports.data[kFunctions]);
  CHECK(!wasm_table_set(functions, 0, first));
  CHECK(!wasm_table_grow(functions, 1, first));
  CHECK(wasm_table_size(functions) == 2);
}

static void CheckTwo(wasm_ref_t* function, wasm_ref_t* object) {
  wasm_val_t in[2] = {Ref(function), Ref(object)}, out[2];
  in[0].kind = WASM_FUNCREF;
  CHECK(CallExport(&exports, kTurn, 2, in, out, 2) == NULL);
  CHECK(out[1].kind == WASM_FUNCREF);
  const wasm_val_vec_t values = WASM_ARRAY_VEC(out);
  wasm_val_vec_t copy;
  wasm_val_vec_copy(&copy, &values);
  CHECK(TakeIs(out[0].of.ref, object));
  CHECK(TakeIs(out[1].of.ref, function));
  CHECK(wasm_ref_same(copy.data[1].of.ref, function));
  wasm_val_vec_delete(&copy);
  in[0] = Ref(object);
  CHECK(IsTrap(CallExport(&exports, kTurn, 2, in, out, 2), "argument 0"));
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  wasm_module_t* module = Load(store, kGuest);
  wasm_functype_t* type = wasm_functype_new_1_1(wasm_valtype_new_anyref(),
                                                wasm_valtype_new_anyref());
  wasm_func_t* function = wasm_func_new(store, type, Pass);
  wasm_functype_delete(type);
  wasm_extern_t* externs[] = {wasm_func_as_extern(function)};
  const wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t* instance = wasm_instance_new(store, module, &imports, NULL);
  wasm_instance_exports(instance, &exports);
  wasm_foreign_t* first = NewObject(store, kFirst);
  wasm_foreign_t* second = NewObject(store, kSecond);
  CheckIdentity(wasm_foreign_as_ref(first), wasm_func_as_ref(function),
                wasm_instance_as_ref(instance), wasm_module_as_ref(module));
  CheckGlobalAndTable(wasm_foreign_as_ref(first), wasm_foreign_as_ref(second));
  CheckTwo(wasm_func_as_ref(function), wasm_foreign_as_ref(first));

  // One that the guest never had goes with its last owner.
  wasm_foreign_t* third = NewObject(store, kReplaced);
  wasm_foreign_set_host_info_with_finalizer(third, Info(kReplacing), Count);
  CHECK(finalized[kReplaced] == 1);
  wasm_foreign_t* copy = wasm_foreign_copy(third);
  wasm_foreign_delete(third);
  CHECK(finalized[kReplacing] == 0);
  CHECK(wasm_foreign_get_host_info(copy) == Info(kReplacing));
  wasm_foreign_delete(copy);
  CHECK(finalized[kReplacing] == 1);
  // The others with the store.
  wasm_instance_set_host_info_with_finalizer(instance, Info(kInstance), Count);
  wasm_func_set_host_info_with_finalizer(function, Info(kFunction), Count);
  wasm_module_set_host_info_with_finalizer(module, Info(kModule), Count);
  wasm_foreign_delete(first);
  wasm_foreign_delete(second);
  CHECK(finalized[kFirst] == 0 && finalized[kSecond] == 0);
  wasm_val_t got;
  CHECK(CallExport(&exports, kGet, 0, NULL, &got, 1) == NULL);
  CHECK(wasm_ref_get_host_info(got.of.ref) == Info(kSecond));
  wasm_val_delete(&got);
  wasm_module_delete(module);
  wasm_instance_delete(instance);
  wasm_func_delete(function);
  wasm_extern_vec_delete(&exports);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  for (int i = kFirst; i < kKinds; ++i) CHECK(finalized[i] == 1);
  return failures != 0;
}

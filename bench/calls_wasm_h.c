// Calls through the C API that engines share: for wasmd and any other that has
// it. CALLS_HEADER is its header.

#include CALLS_HEADER

#include "calls.h"

static wasm_trap_t* CountDown(const wasm_val_vec_t* args,
                              wasm_val_vec_t* results) {
  results->data[0].kind = WASM_I32;
  results->data[0].of.i32 = args->data[0].of.i32 - 1;
  return NULL;
}

static wasm_func_t* Export(const wasm_extern_vec_t* exports, size_t index) {
  Require(index < exports->size, "an export is missing");
  wasm_func_t* function = wasm_extern_as_func(exports->data[index]);
  Require(function != NULL, "an export is no function");
  return function;
}

static wasm_val_t Number(int32_t value) {
  wasm_val_t number;
  memset(&number, 0, sizeof(number));
  number.kind = WASM_I32;
  number.of.i32 = value;
  return number;
}

static void Run(const wasm_extern_vec_t* exports, struct Task* task) {
  wasm_val_t given[2] = {Number(1), Number(2)};
  wasm_val_t got[1] = {Number(-1)};
  wasm_val_vec_t two = WASM_ARRAY_VEC(given);
  wasm_val_vec_t results = WASM_ARRAY_VEC(got);
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_val_vec_t no_results = WASM_EMPTY_VEC;
  const wasm_func_t* nothing = Export(exports, 0);
  const wasm_func_t* add = Export(exports, 1);
  const wasm_func_t* many = Export(exports, 2);
  // Not measured: the first call of each, which may translate it.
  Require(wasm_func_call(nothing, &none, &no_results) == NULL, "trap");
  Require(wasm_func_call(add, &two, &results) == NULL, "trap");
  Require(got[0].of.i32 == 3, "a wrong sum");
  wasm_val_t start[1] = {Number(1)};
  wasm_val_vec_t one = WASM_ARRAY_VEC(start);
  Require(wasm_func_call(many, &one, &results) == NULL, "trap");

  task->begin = CpuNow();
  if (IsKind(task, "nothing")) {
    for (int32_t i = 0; i < task->count; ++i) {
      Require(wasm_func_call(nothing, &none, &no_results) == NULL, "trap");
    }
  } else if (IsKind(task, "add")) {
    for (int32_t i = 0; i < task->count; ++i) {
      Require(wasm_func_call(add, &two, &results) == NULL, "trap");
    }
  } else {
    start[0].of.i32 = task->count;
    Require(wasm_func_call(many, &one, &results) == NULL, "trap");
    Require(got[0].of.i32 == 0, "a wrong count");
  }
  Report(task);
}

int main(int argc, char** argv) {
  struct Task task = TaskOf(argc, argv);
  wasm_engine_t* engine = wasm_engine_new();
  Require(engine != NULL, "no engine");
  wasm_store_t* store = wasm_store_new(engine);
  wasm_byte_vec_t binary;
  wasm_byte_vec_new(&binary, sizeof(kGuest), (const wasm_byte_t*)kGuest);
  wasm_module_t* module = wasm_module_new(store, &binary);
  Require(module != NULL, "the module is not taken");
  wasm_functype_t* type =
      wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t* function = wasm_func_new(store, type, CountDown);
  wasm_functype_delete(type);
  wasm_extern_t* externs[] = {wasm_func_as_extern(function)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t* instance = wasm_instance_new(store, module, &imports, NULL);
  Require(instance != NULL, "no instance");
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  Run(&exports, &task);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_func_delete(function);
  wasm_module_delete(module);
  wasm_byte_vec_delete(&binary);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}

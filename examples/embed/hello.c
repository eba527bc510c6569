/* A guest that calls the program back. Only wasm.h: runs on every engine that
 * has it, but for the text format. */

#include <stdio.h>
#include <string.h>

#include "wasm.h"
#include "wasmd.h"

static const char kGuest[] =
    "(module"
    "  (import \"host\" \"print\" (func $print (param i32 i32)))"
    "  (memory (export \"memory\") 1)"
    "  (data (i32.const 16) \"hello from the guest\")"
    "  (func (export \"run\") (call $print (i32.const 16) (i32.const 20))))";

/* Prints bytes of the guest's memory, which is the environment. */
static wasm_trap_t* print(void* env, const wasm_val_vec_t* args,
                          wasm_val_vec_t* results) {
  wasm_memory_t** memory = env;
  char text[64];
  const uint32_t offset = (uint32_t)args->data[0].of.i32;
  const uint32_t size = (uint32_t)args->data[1].of.i32;
  (void)results;
  if (size <= sizeof(text) && wasmd_memory_read(*memory, offset, text, size)) {
    printf("%.*s\n", (int)size, text);
  }
  return NULL;
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);

  wasm_byte_vec_t binary;
  wasmd_error_t* error = wasmd_wat2wasm(kGuest, &binary);
  if (error != NULL) {
    fprintf(stderr, "hello: %s\n", wasmd_error_message(error));
    return 1;
  }
  wasm_module_t* module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);

  wasm_memory_t* memory = NULL;
  wasm_functype_t* type =
      wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t* function =
      wasm_func_new_with_env(store, type, print, &memory, NULL);
  wasm_functype_delete(type);

  wasm_extern_t* externs[] = {wasm_func_as_extern(function)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_trap_t* trap = NULL;
  wasm_instance_t* instance = wasm_instance_new(store, module, &imports, &trap);
  if (instance == NULL) {
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    fprintf(stderr, "hello: %s\n", message.data);
    return 1;
  }

  wasm_extern_vec_t exports; /* in the order of the module */
  wasm_instance_exports(instance, &exports);
  memory = wasm_extern_as_memory(exports.data[0]);
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  trap = wasm_func_call(wasm_extern_as_func(exports.data[1]), &none, &none);
  const int failed = trap != NULL;
  wasm_trap_delete(trap);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_func_delete(function);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return failed;
}

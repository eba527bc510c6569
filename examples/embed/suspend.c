/* A guest that asks a question in the middle of a loop. The program does not
 * answer: it saves the guest in a file and ends. Run again with an answer, it
 * takes the guest from the file and goes on inside the loop.
 *
 *   suspend FILE start        the guest asks; FILE is written
 *   suspend FILE ANSWER       goes on; 0 ends the loop and prints the sum
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasm.h"
#include "wasmd.h"

static const char kGuest[] =
    "(module"
    "  (import \"user\" \"ask\" (func $ask (param i32) (result i32)))"
    "  (func (export \"run\") (result i32) (local $sum i32) (local $n i32)"
    "    (loop $again"
    "      (local.set $n (call $ask (local.get $sum)))"
    "      (local.set $sum (i32.add (local.get $sum) (local.get $n)))"
    "      (br_if $again (local.get $n)))"
    "    (local.get $sum)))";

static void check(wasmd_error_t* error, const char* what) {
  if (error == NULL) return;
  fprintf(stderr, "suspend: %s: %s\n", what, wasmd_error_message(error));
  exit(1);
}

static void write_file(const char* path, const wasm_byte_vec_t* bytes) {
  FILE* file = fopen(path, "wb");
  if (file == NULL ||
      fwrite(bytes->data, 1, bytes->size, file) != bytes->size ||
      fclose(file) != 0) {
    perror(path);
    exit(1);
  }
}

static void read_file(const char* path, wasm_byte_vec_t* out) {
  FILE* file = fopen(path, "rb");
  long size = -1;
  if (file != NULL && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
  if (size < 0) {
    perror(path);
    exit(1);
  }
  rewind(file);
  wasm_byte_vec_new_uninitialized(out, (size_t)size);
  if (fread(out->data, 1, out->size, file) != out->size) {
    perror(path);
    exit(1);
  }
  fclose(file);
}

/* A new guest, about to run. */
static wasmd_thread_t* start(wasm_store_t* store) {
  wasm_byte_vec_t text = {sizeof(kGuest) - 1, (char*)kGuest};
  wasm_module_t* module;
  check(wasmd_module_new(store, &text, &module), "module");
  wasm_functype_t* type =
      wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  /* Without a callback: its calls are left pending. */
  wasm_func_t* ask =
      wasmd_func_new(store, type, "user", "ask", NULL, NULL, NULL);
  wasm_functype_delete(type);
  wasm_extern_t* externs[] = {wasm_func_as_extern(ask)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t* instance = wasm_instance_new(store, module, &imports, NULL);
  wasmd_thread_t* thread = wasmd_thread_new(store);
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  check(wasmd_thread_start(
            thread, wasm_extern_as_func(wasmd_instance_export(instance, "run")),
            &none),
        "start");
  wasm_instance_delete(instance);
  wasm_func_delete(ask);
  wasm_module_delete(module);
  return thread;
}

int main(int argc, char* argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: suspend FILE start|ANSWER\n");
    return 2;
  }
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = NULL;
  wasmd_thread_t* thread = NULL;
  wasm_byte_vec_t bytes;
  if (strcmp(argv[2], "start") == 0) {
    store = wasm_store_new(engine);
    thread = start(store);
  } else {
    read_file(argv[1], &bytes);
    check(wasmd_restore(engine, &bytes, NULL, &store, &thread), argv[1]);
    wasm_byte_vec_delete(&bytes);
    wasm_val_t answer = WASM_I32_VAL(atoi(argv[2]));
    wasm_val_vec_t answers = {1, &answer};
    check(wasmd_thread_answer(thread, &answers), "answer");
  }

  wasm_val_vec_t values;
  switch (wasmd_thread_run(thread, NULL)) {
    case WASMD_THREAD_PENDING:
      wasmd_thread_pending_args(thread, &values);
      printf("the guest has %d so far and asks for more\n",
             values.data[0].of.i32);
      wasm_val_vec_delete(&values);
      check(wasmd_snapshot(store, thread, WASMD_SNAPSHOT_WITH_MODULES, &bytes),
            "snapshot");
      write_file(argv[1], &bytes);
      wasm_byte_vec_delete(&bytes);
      break;
    case WASMD_THREAD_RETURNED:
      wasmd_thread_results(thread, &values);
      printf("the sum is %d\n", values.data[0].of.i32);
      wasm_val_vec_delete(&values);
      break;
    default:
      fprintf(stderr, "suspend: the guest failed\n");
      return 1;
  }
  wasmd_thread_delete(thread);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}

/* 10,000 guests on one thread of the program, each with a memory and a call
 * stack of its own, a time slice for each in turn. None of them knows. */

#include <stdio.h>
#include <stdlib.h>

#include "wasm.h"
#include "wasmd.h"

enum { kGuests = 10000, kSlice = 200 };

/* Counts in its memory up to its argument. */
static const char kGuest[] =
    "(module"
    "  (memory 1)"
    "  (func (export \"run\") (param i32) (result i32)"
    "    (loop $again"
    "      (i32.store (i32.const 0)"
    "        (i32.add (i32.load (i32.const 0)) (i32.const 1)))"
    "      (br_if $again"
    "        (i32.lt_u (i32.load (i32.const 0)) (local.get 0))))"
    "    (i32.load (i32.const 0))))";

int main(void) {
  /* Small limits: what is reserved for a guest is address space. */
  wasm_config_t* config = wasm_config_new();
  wasmd_limits_t limits;
  wasmd_config_get_limits(config, &limits);
  limits.memory_bytes = 1 << 20;
  limits.stack_bytes = 64 << 10;
  wasmd_config_set_limits(config, &limits);
  wasm_engine_t* engine = wasm_engine_new_with_config(config);
  wasm_store_t* store = wasm_store_new(engine);

  wasm_byte_vec_t text = {sizeof(kGuest) - 1, (char*)kGuest};
  wasm_module_t* module;
  wasmd_error_t* error = wasmd_module_new(store, &text, &module);
  if (error != NULL) {
    fprintf(stderr, "many: %s\n", wasmd_error_message(error));
    return 1;
  }
  wasmd_thread_t** threads = calloc(kGuests, sizeof(*threads));
  wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  for (int i = 0; i < kGuests; ++i) {
    wasm_instance_t* guest = wasm_instance_new(store, module, &imports, NULL);
    if (guest == NULL) {
      fprintf(stderr, "many: guest %d: %s\n", i, wasmd_store_last_error(store));
      return 1;
    }
    wasm_val_t argument = WASM_I32_VAL(i % 1000 + 1);
    wasm_val_vec_t args = {1, &argument};
    threads[i] = wasmd_thread_new(store);
    error = wasmd_thread_start(
        threads[i], wasm_extern_as_func(wasmd_instance_export(guest, "run")),
        &args);
    if (error != NULL) return 1;
    wasm_instance_delete(guest);
  }

  const wasmd_run_options_t slice = {kSlice, 0};
  int running = kGuests;
  int rounds = 0;
  long total = 0;
  for (; running > 0; ++rounds) {
    for (int i = 0; i < kGuests; ++i) {
      if (threads[i] == NULL) continue;
      const wasmd_thread_state_t state = wasmd_thread_run(threads[i], &slice);
      if (state == WASMD_THREAD_RUNNABLE) continue;
      if (state != WASMD_THREAD_RETURNED) return 1;
      wasm_val_vec_t results;
      wasmd_thread_results(threads[i], &results);
      total += results.data[0].of.i32;
      wasm_val_vec_delete(&results);
      wasmd_thread_delete(threads[i]);
      threads[i] = NULL;
      --running;
    }
  }
  printf("%d guests counted to %ld in %d rounds\n", kGuests, total, rounds);

  free(threads);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}

/* The headers are C, as every standard since C99 has it, and need nothing
 * else to be included. */

#include "wasi.h"
#include "wasm.h"
#include "wasmd.h"

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  wasm_byte_vec_t binary;
  wasm_val_t values[] = {WASM_I32_VAL(1), WASM_F64_VAL(2.5), WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values);
  wasm_val_vec_t copy;
  int failures = 0;
  wasm_val_vec_copy(&copy, &args);
  if (copy.size != 3 || copy.data[0].of.i32 != 1) ++failures;
  wasm_val_vec_delete(&copy);
  if (wasmd_wat2wasm("(module)", &binary) != NULL) ++failures;
  if (!wasm_module_validate(store, &binary)) ++failures;
  wasm_byte_vec_delete(&binary);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return failures;
}

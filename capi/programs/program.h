// What the programs of this folder share: checks that count, modules in the
// text format, values. The rest of each is written against wasm.h alone, as
// programs for other engines are.

#ifndef WASMD_CAPI_PROGRAMS_PROGRAM_H_
#define WASMD_CAPI_PROGRAMS_PROGRAM_H_

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasm.h>
#include <wasmd.h>

static int failures;

#define CHECK(condition)                                             \
  do {                                                               \
    if (!(condition)) {                                              \
      ++failures;                                                    \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
    }                                                                \
  } while (0)

static inline wasm_module_t* Load(wasm_store_t* store, const char* text) {
  const wasm_byte_vec_t bytes = {strlen(text), (char*)text};
  wasm_module_t* module = NULL;
  wasmd_error_t* error = wasmd_module_new(store, &bytes, &module);
  if (error != NULL) {
    printf("%s\n", wasmd_error_message(error));
    exit(1);
  }
  return module;
}

static inline wasm_val_t I32(int32_t value) {
  wasm_val_t result = WASM_I32_VAL(value);
  return result;
}
static inline wasm_val_t I64(int64_t value) {
  wasm_val_t result = WASM_I64_VAL(value);
  return result;
}
static inline wasm_val_t F64(double value) {
  wasm_val_t result = WASM_F64_VAL(value);
  return result;
}
static inline wasm_val_t Null(void) {
  wasm_val_t result = WASM_INIT_VAL;
  return result;
}
static inline wasm_val_t Ref(wasm_ref_t* reference) {
  wasm_val_t result = WASM_REF_VAL(reference);
  return result;
}

// Calls an export with values that stay the caller's.
static inline wasm_trap_t* CallExport(const wasm_extern_vec_t* exports,
                                      size_t index, size_t count,
                                      wasm_val_t* arguments, wasm_val_t* out,
                                      size_t result_count) {
  const wasm_val_vec_t args = {count, arguments};
  wasm_val_vec_t results = {result_count, out};
  return wasm_func_call(wasm_extern_as_func(exports->data[index]), &args,
                        &results);
}

// Deletes the trap; whether there was one that says this.
static inline int IsTrap(wasm_trap_t* trap, const char* part) {
  if (trap == NULL) return 0;
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  const int is_it = message.size == strlen(message.data) + 1 &&
                    strstr(message.data, part) != NULL;
  if (!is_it) printf("another trap: %s\n", message.data);
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
  return is_it;
}

#endif  // WASMD_CAPI_PROGRAMS_PROGRAM_H_

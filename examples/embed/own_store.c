/* A durable guest in a database of the program's own: here a list of entries in
 * memory, that could as well be SQLite or a service. The guest is committed at
 * each question, "killed" after each, and resumed from the database. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasm.h"
#include "wasmd.h"
#include "wasmd_process.h"

static const char kGuest[] =
    "(module"
    "  (import \"user\" \"ask\" (func $ask (result i32)))"
    "  (memory 1)"
    "  (func (export \"run\") (result i32) (local $n i32)"
    "    (loop $again"
    "      (local.set $n (call $ask))"
    "      (i32.store (i32.const 40000)"
    "        (i32.add (i32.load (i32.const 40000)) (local.get $n)))"
    "      (br_if $again (local.get $n)))"
    "    (i32.load (i32.const 40000))))";

/* The database: entries in a list. */
typedef struct entry_t {
  struct entry_t* next;
  size_t key_size, value_size;
  char* key;
  char* value;
} entry_t;
typedef struct database_t {
  entry_t* first;
  int writes;
} database_t;

static char* copy_of(const void* bytes, size_t size) {
  char* copy = malloc(size + 1);
  if (size != 0) memcpy(copy, bytes, size);
  return copy;
}

static void remove_entry(database_t* database, const void* key, size_t size) {
  for (entry_t** at = &database->first; *at != NULL; at = &(*at)->next) {
    entry_t* entry = *at;
    if (entry->key_size != size || memcmp(entry->key, key, size) != 0) continue;
    *at = entry->next;
    free(entry->key);
    free(entry->value);
    free(entry);
    return;
  }
}

static wasmd_error_t* write_all(void* env, const wasmd_change_t* changes,
                                size_t count, bool sync) {
  database_t* database = env;
  (void)sync; /* as safe as it can be */
  ++database->writes;
  for (size_t i = 0; i < count; ++i) {
    const wasmd_change_t* change = &changes[i];
    remove_entry(database, change->key, change->key_size);
    if (change->value == NULL) continue;
    entry_t* entry = malloc(sizeof(*entry));
    entry->key = copy_of(change->key, change->key_size);
    entry->key_size = change->key_size;
    entry->value = copy_of(change->value, change->value_size);
    entry->value_size = change->value_size;
    entry->next = database->first;
    database->first = entry;
  }
  return NULL;
}

static wasmd_error_t* scan(void* env, const void* prefix, size_t size,
                           wasmd_give_entry_t give, void* context) {
  const database_t* database = env;
  for (const entry_t* at = database->first; at != NULL; at = at->next) {
    if (at->key_size < size || memcmp(at->key, prefix, size) != 0) continue;
    wasmd_error_t* error =
        give(context, at->key, at->key_size, at->value, at->value_size);
    if (error != NULL) return error;
  }
  return NULL;
}

static void check(wasmd_error_t* error) {
  if (error == NULL) return;
  fprintf(stderr, "own_store: %s\n", wasmd_error_message(error));
  exit(1);
}

/* Starts the guest and keeps it as "counter". */
static void create(wasm_engine_t* engine, wasmd_db_t* db) {
  wasm_store_t* store = wasm_store_new(engine);
  wasm_byte_vec_t text = {sizeof(kGuest) - 1, (char*)kGuest};
  wasm_module_t* module;
  check(wasmd_module_new(store, &text, &module));
  wasm_functype_t* type = wasm_functype_new_0_1(wasm_valtype_new_i32());
  wasm_func_t* ask =
      wasmd_func_new(store, type, "user", "ask", NULL, NULL, NULL);
  wasm_functype_delete(type);
  wasm_extern_t* externs[] = {wasm_func_as_extern(ask)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t* instance = wasm_instance_new(store, module, &imports, NULL);
  wasmd_thread_t* thread = wasmd_thread_new(store);
  check(wasmd_thread_start(
      thread, wasm_extern_as_func(wasmd_instance_export(instance, "run")),
      NULL));
  wasmd_process_t* process;
  check(wasmd_process_create(db, "counter", store, thread, &process));
  wasmd_process_delete(process);
  wasm_instance_delete(instance);
  wasm_func_delete(ask);
  wasm_module_delete(module);
  wasmd_thread_delete(thread);
  wasm_store_delete(store);
}

int main(void) {
  database_t database = {NULL, 0};
  const wasmd_db_functions_t functions = {&database, write_all, scan, NULL};
  wasmd_db_t* db;
  check(wasmd_db_new(&functions, &db));
  wasm_engine_t* engine = wasm_engine_new();
  create(engine, db);

  for (int next = 3; next >= -1; --next) {
    /* Nothing is left of it but what is in the database. */
    wasm_store_t* store;
    wasmd_thread_t* thread;
    wasmd_process_t* process;
    check(wasmd_process_resume(db, "counter", engine, NULL, &store, &thread,
                               &process));
    if (wasmd_thread_state(thread) == WASMD_THREAD_PENDING) {
      wasm_val_t answer = WASM_I32_VAL(next);
      wasm_val_vec_t answers = {1, &answer};
      check(wasmd_thread_answer(thread, &answers));
    }
    if (wasmd_thread_run(thread, NULL) == WASMD_THREAD_RETURNED) {
      wasm_val_vec_t results;
      wasmd_thread_results(thread, &results);
      printf("the guest ended with %d\n", results.data[0].of.i32);
      wasm_val_vec_delete(&results);
      next = -1;
    } else {
      printf("the guest asks\n");
    }
    check(wasmd_process_commit(process, true));
    wasmd_process_delete(process);
    wasmd_thread_delete(thread);
    wasm_store_delete(store);
  }

  check(wasmd_db_remove(db, "counter"));
  printf("%d commits; %s\n", database.writes - 1,
         database.first == NULL ? "nothing is left" : "something is left");
  wasmd_db_delete(db);
  wasm_engine_delete(engine);
  return database.first != NULL;
}

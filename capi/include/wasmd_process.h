// wasmd_process.h: durable processes: stores and threads of wasmd.h that are
// kept by name in a database, commit by commit, and go on from the last one
// after the end of the program or the machine.
//
// A database is a directory (in libwasmd-durable, on RocksDB) or a store of the
// program's own behind three functions. The rules of wasm.h and wasmd.h hold. A
// database may be used by many threads, if the program's functions can be; a
// process is confined to the thread of its store.

#ifndef WASMD_CAPI_INCLUDE_WASMD_PROCESS_H_
#define WASMD_CAPI_INCLUDE_WASMD_PROCESS_H_

#include "wasmd.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasmd_db_t wasmd_db_t;

// A directory, made if it is not there. Programs may use the same one at the
// same time, through the first of them; a process is opened by one at a time:
// for the others that is WASMD_ERROR_STATE. Only in libwasmd-durable. A program
// that uses one ignores SIGXFSZ.
WASM_API_EXTERN wasmd_error_t* wasmd_db_open(const char* directory,
                                             wasmd_db_t** out);

// A store of the program's own: an ordered or unordered map from byte strings
// to byte strings. Keys are at most 320 bytes; values 4 KiB, but for those of
// states and modules.
typedef struct wasmd_change_t {
  const void* key;
  size_t key_size;
  const void* value;  // NULL: the key is removed, if it is there
  size_t value_size;  // may be 0 with a value that is not NULL
} wasmd_change_t;
typedef wasmd_error_t* (*wasmd_give_entry_t)(void* context, const void* key,
                                             size_t key_size, const void* value,
                                             size_t value_size);
typedef struct wasmd_db_functions_t {
  void* env;
  // Makes all changes or none. With `sync` they are safe when it returns.
  // Without, they may be lost with the machine, but only together with all that
  // came after them. `count` is 0 for wasmd_db_sync.
  wasmd_error_t* (*write)(void* env, const wasmd_change_t* changes,
                          size_t count, bool sync);
  // Calls `give` for every key that starts with `prefix`, in any order; returns
  // the first error that it returns. An exact key is its own prefix.
  wasmd_error_t* (*scan)(void* env, const void* prefix, size_t prefix_size,
                         wasmd_give_entry_t give, void* context);
  // May be NULL. Called when the database is deleted.
  void (*close)(void* env);
} wasmd_db_functions_t;
WASM_API_EXTERN wasmd_error_t* wasmd_db_new(const wasmd_db_functions_t*,
                                            wasmd_db_t** out);

// Processes that are still there keep it open until the last of them goes.
WASM_API_EXTERN void wasmd_db_delete(wasmd_db_t*);

// Makes safe what was committed without `sync`, of all processes, with one
// fsync: the way for one thread to commit many processes. (Threads that commit
// with `sync` at the same time share an fsync by themselves.) Calls the `write`
// of a program's own store with no changes.
WASM_API_EXTERN wasmd_error_t* wasmd_db_sync(wasmd_db_t*);

// Calls `give` with the name of each process; a result other than NULL ends it
// and is returned.
WASM_API_EXTERN wasmd_error_t* wasmd_db_list(
    wasmd_db_t*, wasmd_error_t* (*give)(void* env, const char* name),
    void* env);
// Removes a process and what it alone uses. WASMD_ERROR_NOT_FOUND;
// WASMD_ERROR_STATE while there is a wasmd_process_t for it.
WASM_API_EXTERN wasmd_error_t* wasmd_db_remove(wasmd_db_t*, const char* name);

// A store that is kept, with one of its threads. Deleting this deletes neither
// what is kept nor the store and thread, which are the program's: once one of
// them is deleted, commits are WASMD_ERROR_STATE.
typedef struct wasmd_process_t wasmd_process_t;
WASM_API_EXTERN void wasmd_process_delete(wasmd_process_t*);

// Keeps a store and a thread of it (NULL: none) under a name of 1 to 255 bytes
// and makes the first commit, synced. WASMD_ERROR_EXISTS if the name is taken;
// WASMD_ERROR_STATE if the store is kept already, or has no instance and the
// database is a directory. Modules are kept, too. As long as the process is
// there, only it clears the store's dirty pages: wasmd_store_clear_dirty does
// nothing.
WASM_API_EXTERN wasmd_error_t* wasmd_process_create(wasmd_db_t*,
                                                    const char* name,
                                                    wasm_store_t*,
                                                    wasmd_thread_t*,
                                                    wasmd_process_t** out);
// Commits what changed since the last commit, all or nothing. Costs what was
// written in between, not what there is. After an error the process is kept as
// it was, and committing may be tried again. Before an effect on the outside:
// `sync`.
WASM_API_EXTERN wasmd_error_t* wasmd_process_commit(wasmd_process_t*,
                                                    bool sync);

// A process as its last commit left it; find_module of `restore` is not asked.
// The store, the thread (NULL if it has none) and the process are the caller's.
// Errors as wasmd_restore; WASMD_ERROR_NOT_FOUND; WASMD_ERROR_STATE while there
// is a wasmd_process_t for it.
WASM_API_EXTERN wasmd_error_t* wasmd_process_resume(
    wasmd_db_t*, const char* name, wasm_engine_t*, const wasmd_restore_t*,
    wasm_store_t** store, wasmd_thread_t** thread, wasmd_process_t** out);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // WASMD_CAPI_INCLUDE_WASMD_PROCESS_H_

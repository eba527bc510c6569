// wasmd.h: what wasmd adds to the WebAssembly C API: guests that run for as
// long as they are given, stop at an import or anywhere else, are saved as
// bytes in the middle of their call stack, and go on in another program.
//
// The rules of wasm.h for ownership, NULL, errors and threads hold here, too.
// In addition: a function that returns wasmd_error_t* returns NULL when all
// went well, and otherwise an error that the caller owns, with nothing changed.
//
// wasmd is always deterministic: the same state and the same answers of
// imports give the same next state, bit by bit, on every machine. There is
// nothing to switch on. (NaNs are canonical, relaxed SIMD has one result,
// memories and tables grow within the configured limits and never fail for lack
// of memory, fuel counts the same everywhere.)

#ifndef WASMD_CAPI_INCLUDE_WASMD_H_
#define WASMD_CAPI_INCLUDE_WASMD_H_

#include "wasm.h"

#ifdef __cplusplus
extern "C" {
#endif

// "0.1.0".
WASM_API_EXTERN const char* wasmd_version(void);

// ---------------------------------------------------------------------------
// Errors

typedef struct wasmd_error_t wasmd_error_t;

typedef uint8_t wasmd_error_code_t;
enum wasmd_error_code_enum {
  WASMD_ERROR_INVALID = 1,  // an argument, a module or text
  WASMD_ERROR_STATE = 2,    // not possible now: missing, linked wrongly, busy
  WASMD_ERROR_LIMIT = 3,    // a configured limit, or a full disk
  WASMD_ERROR_DAMAGED = 4,  // a snapshot or store
  WASMD_ERROR_NEWER = 5,    // written by a newer wasmd
  WASMD_ERROR_NOT_FOUND = 6,
  WASMD_ERROR_EXISTS = 7,
  WASMD_ERROR_IO = 8,  // also what a callback of the program reports
  WASMD_ERROR_INTERNAL = 9
};

WASM_API_EXTERN void wasmd_error_delete(wasmd_error_t*);
WASM_API_EXTERN wasmd_error_code_t wasmd_error_code(const wasmd_error_t*);
// One line, terminated, borrowed from the error.
WASM_API_EXTERN const char* wasmd_error_message(const wasmd_error_t*);
// For callbacks that fail.
WASM_API_EXTERN wasmd_error_t* wasmd_error_new(wasmd_error_code_t,
                                               const char* message);

// Why the last function of wasm.h on this store returned NULL or false; one
// line, borrowed until the next call. Empty if none did.
WASM_API_EXTERN const char* wasmd_store_last_error(const wasm_store_t*);

// ---------------------------------------------------------------------------
// Settings

// A limit that is not there.
#define WASMD_NO_LIMIT UINT64_MAX

// Beyond WebAssembly 3.0, all of which is on.
typedef uint8_t wasmd_feature_t;
enum wasmd_feature_enum {
  WASMD_FEATURE_SIMD = 0,
  WASMD_FEATURE_TAIL_CALL = 1,
  WASMD_FEATURE_EXCEPTIONS = 2,
  WASMD_FEATURE_FUNCTION_REFERENCES = 3,
  WASMD_FEATURE_GC = 4,
  WASMD_FEATURE_RELAXED_SIMD = 5,
  WASMD_FEATURE_MEMORY64 = 6,
  WASMD_FEATURE_MULTI_MEMORY = 7,
  WASMD_FEATURE_EXTENDED_CONST = 8,
  WASMD_FEATURE_CUSTOM_PAGE_SIZES = 9  // off by default
};
// False if there is no such feature.
WASM_API_EXTERN bool wasmd_config_set_feature(wasm_config_t*, wasmd_feature_t,
                                              bool on);

// What a guest may use, for each store. memory.grow and table.grow give -1
// past them, other instructions trap; none of them depends on the machine.
typedef struct wasmd_limits_t {
  uint64_t memory_bytes;        // each memory; 4 GiB
  uint64_t all_memory_bytes;    // of all memories together; 16 GiB
  uint64_t table_elements;      // each table; 10 million
  uint64_t all_table_elements;  // of all tables together; 100 million
  uint64_t heap_bytes;          // structs and arrays; 1 GiB
  uint64_t stack_bytes;  // of each thread; 16 MiB. "call stack exhausted"
  // Calls inside callbacks inside calls. 100. Each takes native stack (of the
  // interpreter less than 4 KiB): more than the stack carries ends the program.
  uint32_t nested_calls;
} wasmd_limits_t;
// Those in force. What is more than there can be (64 GiB for a memory, the heap
// or a stack) counts as that.
WASM_API_EXTERN void wasmd_config_get_limits(const wasm_config_t*,
                                             wasmd_limits_t* out);
WASM_API_EXTERN void wasmd_config_set_limits(wasm_config_t*,
                                             const wasmd_limits_t*);

// ---------------------------------------------------------------------------
// More kinds of values and externs

enum wasmd_valkind_enum {
  WASMD_V128 = 130,    // `of.ref` is a wasmd_v128_new, never NULL
  WASMD_ANYREF = 131,  // any, eq, i31, struct, array
  WASMD_EXNREF = 132
};
// "i32", "(ref null struct)"; concrete types as the abstract ones above them.
WASM_API_EXTERN void wasmd_valtype_name(const wasm_valtype_t*,
                                        wasm_name_t* out);

// 16 bytes, lowest lane first.
WASM_API_EXTERN wasm_ref_t* wasmd_v128_new(const uint8_t bytes[16]);
// False if it is none.
WASM_API_EXTERN bool wasmd_v128_get(const wasm_ref_t*, uint8_t out[16]);
// An i31ref, and its value; false if it is none.
WASM_API_EXTERN wasm_ref_t* wasmd_i31_new(wasm_store_t*, int32_t value);
WASM_API_EXTERN bool wasmd_i31_get(const wasm_ref_t*, int32_t* out);

enum wasmd_externkind_enum { WASMD_EXTERN_TAG = 4 };
// The parameters of an exception tag, borrowed; NULL for other types.
WASM_API_EXTERN const wasm_valtype_vec_t* wasmd_externtype_tag_params(
    const wasm_externtype_t*);

// Memory types with 64-bit addresses. Limits in pages; no maximum:
// WASMD_NO_LIMIT.
WASM_API_EXTERN wasm_memorytype_t* wasmd_memorytype_new_64(uint64_t min,
                                                           uint64_t max);
WASM_API_EXTERN bool wasmd_memorytype_is_64(const wasm_memorytype_t*);
WASM_API_EXTERN uint64_t wasmd_memorytype_min(const wasm_memorytype_t*);
WASM_API_EXTERN uint64_t wasmd_memorytype_max(const wasm_memorytype_t*);

// Access to a memory that incremental snapshots see. False, with nothing done,
// if [offset, offset + size) is not inside.
WASM_API_EXTERN bool wasmd_memory_read(const wasm_memory_t*, uint64_t offset,
                                       void* out, size_t size);
WASM_API_EXTERN bool wasmd_memory_write(wasm_memory_t*, uint64_t offset,
                                        const void* bytes, size_t size);
// Promises that from now on, whatever is written through wasm_memory_data is
// marked with wasmd_memory_mark_dirty before the next snapshot.
WASM_API_EXTERN void wasmd_memory_set_tracked(wasm_memory_t*);
WASM_API_EXTERN bool wasmd_memory_mark_dirty(wasm_memory_t*, uint64_t offset,
                                             size_t size);

// ---------------------------------------------------------------------------
// Modules

// A module from the text format or the binary one; the error says where it is
// wrong. `*out` is NULL then.
WASM_API_EXTERN wasmd_error_t* wasmd_module_new(wasm_store_t*,
                                                const wasm_byte_vec_t*,
                                                wasm_module_t** out);
// The text format (terminated) as a binary.
WASM_API_EXTERN wasmd_error_t* wasmd_wat2wasm(const char* text,
                                              wasm_byte_vec_t* out);
// SHA-256 of the binary: what snapshots call the module.
WASM_API_EXTERN void wasmd_module_hash(const wasm_module_t*, uint8_t out[32]);
// The binary that it was made from.
WASM_API_EXTERN void wasmd_module_binary(const wasm_module_t*,
                                         wasm_byte_vec_t* out);

// An export by its name, borrowed from the store; NULL if there is none.
WASM_API_EXTERN wasm_extern_t* wasmd_instance_export(const wasm_instance_t*,
                                                     const char* name);
// All instances of the store, in the order they were made: the way to find
// them again after a restore. An instance of which a restored program knows
// that it was the first is the first here.
WASM_API_EXTERN size_t wasmd_store_instance_count(const wasm_store_t*);
WASM_API_EXTERN wasm_instance_t* wasmd_store_instance(wasm_store_t*,
                                                      size_t index);

// ---------------------------------------------------------------------------
// Host functions that may leave a call pending

typedef uint8_t wasmd_callback_result_t;
enum wasmd_callback_result_enum {
  WASMD_CALLBACK_RETURN = 0,   // `results` are filled
  WASMD_CALLBACK_TRAP = 1,     // *trap is set, and owned by the engine
  WASMD_CALLBACK_SUSPEND = 2,  // no answer yet: the thread stops here
};
// As wasm_func_callback_with_env_t. `caller` is the instance whose code made
// the call, borrowed; NULL if the program called the function itself.
typedef wasmd_callback_result_t (*wasmd_callback_t)(void* env,
                                                    wasm_instance_t* caller,
                                                    const wasm_val_vec_t* args,
                                                    wasm_val_vec_t* results,
                                                    wasm_trap_t** trap);

// A function called `module`.`name` in snapshots. Functions of wasm.h get the
// name that they are first imported by. NULL as callback: every call is left
// pending.
WASM_API_EXTERN wasm_func_t* wasmd_func_new(
    wasm_store_t*, const wasm_functype_t*, const char* module, const char* name,
    wasmd_callback_t, void* env, void (*finalizer)(void*));

// ---------------------------------------------------------------------------
// Threads: calls that can be stopped

// One guest thread of control. A store may have many; they run one at a time.
// Deleting its store takes a thread's guest away: it can only be deleted then.
// Confined to the thread of its store, except wasmd_thread_interrupt.
typedef struct wasmd_thread_t wasmd_thread_t;

WASM_API_EXTERN wasmd_thread_t* wasmd_thread_new(wasm_store_t*);
// A thread that is running (from a callback) must not be deleted: that ends the
// program.
WASM_API_EXTERN void wasmd_thread_delete(wasmd_thread_t*);

typedef uint8_t wasmd_thread_state_t;
enum wasmd_thread_state_enum {
  WASMD_THREAD_IDLE = 0,      // nothing to do: start it
  WASMD_THREAD_RUNNABLE = 1,  // run it
  WASMD_THREAD_PENDING = 2,   // a call of an import waits for an answer
  WASMD_THREAD_RETURNED = 3,  // see wasmd_thread_results; may be started again
  WASMD_THREAD_TRAPPED = 4,   // see wasmd_thread_trap; may be started again
  WASMD_THREAD_WAITING = 5    // in a WASI call that waits: run it again later
};
WASM_API_EXTERN wasmd_thread_state_t wasmd_thread_state(const wasmd_thread_t*);

// Sets up a call; nothing runs yet. IDLE, RETURNED or TRAPPED.
WASM_API_EXTERN wasmd_error_t* wasmd_thread_start(wasmd_thread_t*,
                                                  const wasm_func_t*,
                                                  const wasm_val_vec_t* args);

// How long to run. Zeroed: without limit. At least one safepoint is passed.
typedef struct wasmd_run_options_t {
  // Stop after this much work (a call or a taken back-edge counts 1, bulk
  // instructions 1 for 256 bytes). 0: no limit. Deterministic.
  uint64_t fuel;
  // Stop after this much time. 0: no limit. Looked at every few thousand calls
  // and back-edges.
  uint64_t time_ns;
} wasmd_run_options_t;

// Runs until the state is no longer RUNNABLE or the options say stop; gives the
// state. RUNNABLE then means that there is more to do: call again. In another
// state than RUNNABLE or WAITING it only gives the state. `options` may be
// NULL.
WASM_API_EXTERN wasmd_thread_state_t
wasmd_thread_run(wasmd_thread_t*, const wasmd_run_options_t* options);

// From any thread, at any time while the thread object exists: makes
// wasmd_thread_run stop at the next safepoint, or the next one to come if it is
// not running.
WASM_API_EXTERN void wasmd_thread_interrupt(wasmd_thread_t*);

// RETURNED. Values that the caller owns; may be asked again.
WASM_API_EXTERN void wasmd_thread_results(const wasmd_thread_t*,
                                          wasm_val_vec_t* out);
// TRAPPED.
WASM_API_EXTERN wasm_trap_t* wasmd_thread_trap(const wasmd_thread_t*);
// PENDING, WAITING. The import, borrowed; its names, which the caller owns; its
// arguments, which the caller owns.
WASM_API_EXTERN wasm_func_t* wasmd_thread_pending_func(const wasmd_thread_t*);
WASM_API_EXTERN void wasmd_thread_pending_name(const wasmd_thread_t*,
                                               wasm_name_t* module,
                                               wasm_name_t* name);
WASM_API_EXTERN void wasmd_thread_pending_args(const wasmd_thread_t*,
                                               wasm_val_vec_t* out);
// The instance that made the call, borrowed; NULL for the program itself.
WASM_API_EXTERN wasm_instance_t* wasmd_thread_pending_caller(
    const wasmd_thread_t*);
// PENDING. Answers the call: RUNNABLE. The values stay the caller's.
WASM_API_EXTERN wasmd_error_t* wasmd_thread_answer(
    wasmd_thread_t*, const wasm_val_vec_t* results);
// PENDING. Ends the guest with a trap, which stays the caller's.
WASM_API_EXTERN wasmd_error_t* wasmd_thread_fail(wasmd_thread_t*,
                                                 const wasm_trap_t*);
// WAITING. True if a clock ends it: *time_ns is then the realtime clock, in
// nanoseconds since 1970. *input: standard input ends it. A thread that was
// restored knows this, and what follows, once it was run.
WASM_API_EXTERN bool wasmd_thread_wakes_at(const wasmd_thread_t*,
                                           int64_t* time_ns, bool* input);
// WAITING. The sockets that end it, too: file descriptors of this program, to
// be polled (for writing, if `for_write` says so, or else for reading) and for
// nothing else, until the thread is run again. Writes at most `max` of them to
// `out` and returns how many there are.
typedef struct wasmd_wait_fd_t {
  int fd;
  bool for_write;
} wasmd_wait_fd_t;
WASM_API_EXTERN size_t wasmd_thread_wait_fds(const wasmd_thread_t*,
                                             wasmd_wait_fd_t* out, size_t max);
// WAITING. Blocks the program until what the thread waits for may be there, at
// most for `max_ns` (and at most a minute): run it then, whatever ended this.
// In another state it returns at once.
WASM_API_EXTERN void wasmd_thread_wait(wasmd_thread_t*, uint64_t max_ns);

// Fuel used since the thread was made; kept in snapshots.
WASM_API_EXTERN uint64_t wasmd_thread_fuel_used(const wasmd_thread_t*);

// The call stack, innermost first, at most `max` frames. Empty in IDLE and
// RETURNED.
WASM_API_EXTERN void wasmd_thread_stack(const wasmd_thread_t*, size_t max,
                                        wasm_frame_vec_t* out);
// The function's name: from the name section, or else its import or export, or
// else "func[N]".
WASM_API_EXTERN void wasmd_frame_name(const wasm_frame_t*, wasm_name_t* out);

// ---------------------------------------------------------------------------
// Traps

// The guest called proc_exit with this code.
WASM_API_EXTERN bool wasmd_trap_exit_code(const wasm_trap_t*, uint32_t* out);
// The exception that nobody caught, borrowed; NULL if it was something else. A
// callback that returns such a trap throws the exception on.
WASM_API_EXTERN wasm_ref_t* wasmd_trap_exception(const wasm_trap_t*);

// ---------------------------------------------------------------------------
// Host references over a snapshot

// What the guest has of an externref is a number; after a restore it asks the
// program what that number means (wasmd_restore_t::resolve_ref). Numbers
// come by themselves; a program that wants its own gives them, before the guest
// sees the object: 1 to 2^60 - 1, each for one object of the store. False if
// that cannot be.
WASM_API_EXTERN bool wasmd_ref_set_id(wasm_ref_t*, uint64_t id);
// The number; gives it one if it has none.
WASM_API_EXTERN uint64_t wasmd_ref_id(wasm_ref_t*);

// ---------------------------------------------------------------------------
// Snapshots

// Bytes that the program keeps with the store: they are in its snapshots, by a
// name of the program's choice. Size 0 removes them. Names that start with
// "wasi" or "wasmd" are taken: WASMD_ERROR_INVALID.
WASM_API_EXTERN wasmd_error_t* wasmd_store_set_data(wasm_store_t*,
                                                    const char* name,
                                                    const wasm_byte_vec_t*);
// Empty if there are none.
WASM_API_EXTERN void wasmd_store_get_data(const wasm_store_t*, const char* name,
                                          wasm_byte_vec_t* out);

enum wasmd_snapshot_flag_enum {
  WASMD_SNAPSHOT_WITH_MODULES = 1  // it needs nothing else to be restored
};

// The whole state of the store and, unless it is NULL, of one thread that is
// not IDLE, as bytes in one piece, compressed and checksummed. Changes nothing.
// WASMD_ERROR_STATE from inside a callback of the store.
WASM_API_EXTERN wasmd_error_t* wasmd_snapshot(wasm_store_t*,
                                              const wasmd_thread_t*,
                                              uint32_t flags,
                                              wasm_byte_vec_t* out);

// What a restore asks the program for. Each callback may be NULL if it is not
// needed; all run before the restore returns, except resolve_ref.
typedef struct wasmd_restore_t {
  void* env;  // given to the callbacks
  // The module with this hash, which the engine then owns; NULL: there is none.
  // Not asked for modules that are in the snapshot.
  wasm_module_t* (*find_module)(void* env, const uint8_t hash[32]);
  // What an import named so does from now on. True: *callback (NULL: leaves its
  // calls pending), *callback_env and *finalizer are set as for wasmd_func_new.
  // False: there is no such import, and the restore fails. If this is NULL, all
  // imports but WASI's leave their calls pending.
  bool (*bind_import)(void* env, const char* module, const char* name,
                      const wasm_functype_t*, wasmd_callback_t* callback,
                      void** callback_env, void (**finalizer)(void*));
  // Where the standard streams of a guest that uses WASI go: only that is taken
  // from it, its files are as they were. Stays the caller's, but cannot be used
  // again. NULL: the streams of this program.
  struct wasi_config_t* wasi;
  // The object for a number that the guest has, which the engine then owns; one
  // of `store` that has no number yet, or else it is as if this gave NULL.
  // NULL: a new foreign object. Called when the program first sees the
  // reference, as long as the store lives.
  wasm_ref_t* (*resolve_ref)(void* env, wasm_store_t*, uint64_t id);
} wasmd_restore_t;

// A store and its thread from the bytes of wasmd_snapshot, under the limits
// that were in force. The bytes are not trusted: what is damaged or does not
// fit the modules is WASMD_ERROR_DAMAGED. `restore` may be NULL. `thread`
// gets NULL if there was none in it, and may be NULL itself.
WASM_API_EXTERN wasmd_error_t* wasmd_restore(wasm_engine_t*,
                                             const wasm_byte_vec_t* snapshot,
                                             const wasmd_restore_t* restore,
                                             wasm_store_t** store,
                                             wasmd_thread_t** thread);

// Incremental snapshots: a state record, which is small, and the 4 KiB pages
// that changed. Keep the newest state and the newest bytes of each page.
typedef struct wasmd_page_t {
  uint32_t memory;    // which one; opaque
  uint64_t page;      // its number there
  const void* bytes;  // borrowed; NULL: a page of zeros
  size_t size;  // 4096, less in the last page of some memories, 0 for zeros
} wasmd_page_t;

// Calls `state` once and `page` for each page written since the last
// wasmd_store_clear_dirty, or with `all` for each that differs from what the
// modules start with. An error that a callback returns ends it and is returned.
// Nothing is marked as saved: call wasmd_store_clear_dirty once it is. The
// callbacks must not use the store.
typedef struct wasmd_capture_sink_t {
  void* env;
  wasmd_error_t* (*state)(void* env, const void* bytes, size_t size);
  wasmd_error_t* (*page)(void* env, const wasmd_page_t*);
} wasmd_capture_sink_t;
WASM_API_EXTERN wasmd_error_t* wasmd_capture(wasm_store_t*,
                                             const wasmd_thread_t*, bool all,
                                             const wasmd_capture_sink_t*);
// Does nothing to a store that a wasmd_process_t keeps.
WASM_API_EXTERN void wasmd_store_clear_dirty(wasm_store_t*);

// A store from a state record and its pages. `read_pages` calls `give` with
// `context` for every page that is kept, once each, in any order, and returns
// the first error.
typedef wasmd_error_t* (*wasmd_give_page_t)(void* context, const wasmd_page_t*);
typedef wasmd_error_t* (*wasmd_read_pages_t)(void* env, wasmd_give_page_t give,
                                             void* context);
WASM_API_EXTERN wasmd_error_t* wasmd_restore_pages(
    wasm_engine_t*, const void* state, size_t size, wasmd_read_pages_t,
    void* read_env, const wasmd_restore_t*, wasm_store_t** store,
    wasmd_thread_t** thread);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // WASMD_CAPI_INCLUDE_WASMD_H_

// wasi.h: WASI preview 1 for the stores of wasm.h, in the manner of other
// engines. The rules of wasm.h hold.
//
// A store has at most one WASI: arguments, environment, files and standard
// streams belong to it and are in its snapshots; streams are the program's.
// Calls that wait (poll_oneoff, sleeping) block wasm_func_call, and stop a
// wasmd_thread_t in the state WAITING.

#ifndef WASMD_CAPI_INCLUDE_WASI_H_
#define WASMD_CAPI_INCLUDE_WASI_H_
#define WASI_H

#include "wasm.h"

#ifdef __cplusplus
extern "C" {
#endif

// What the guest is given. Strings are terminated and copied. At first: no
// arguments, an empty environment, no directories, standard input at its end,
// output that goes nowhere.
typedef struct wasi_config_t wasi_config_t;
WASM_API_EXTERN wasi_config_t* wasi_config_new(void);
WASM_API_EXTERN void wasi_config_delete(wasi_config_t*);

// argv[0], the name of the program, first. False if one is NULL.
WASM_API_EXTERN bool wasi_config_set_argv(wasi_config_t*, size_t argc,
                                          const char* argv[]);
WASM_API_EXTERN bool wasi_config_set_env(wasi_config_t*, size_t count,
                                         const char* names[],
                                         const char* values[]);
// The environment of this program.
WASM_API_EXTERN void wasi_config_inherit_env(wasi_config_t*);

// The streams of this program.
WASM_API_EXTERN void wasi_config_inherit_stdin(wasi_config_t*);
WASM_API_EXTERN void wasi_config_inherit_stdout(wasi_config_t*);
WASM_API_EXTERN void wasi_config_inherit_stderr(wasi_config_t*);
// Files; opened at once, output anew. False if that fails.
WASM_API_EXTERN bool wasi_config_set_stdin_file(wasi_config_t*,
                                                const char* path);
WASM_API_EXTERN bool wasi_config_set_stdout_file(wasi_config_t*,
                                                 const char* path);
WASM_API_EXTERN bool wasi_config_set_stderr_file(wasi_config_t*,
                                                 const char* path);
// A function of the program that gets what is written to stream 1 (stdout) or 2
// (stderr). It must not use the store.
WASM_API_EXTERN void wasi_config_set_output(wasi_config_t*,
                                            void (*write)(void* env, int stream,
                                                          const void* bytes,
                                                          size_t size),
                                            void* env);

// A directory that the guest sees as `guest_path`. False if one is NULL; that
// the directory is there is looked at when the store gets its WASI.
WASM_API_EXTERN bool wasi_config_preopen_dir(wasi_config_t*,
                                             const char* host_path,
                                             const char* guest_path);
WASM_API_EXTERN bool wasi_config_preopen_dir_read_only(wasi_config_t*,
                                                       const char* host_path,
                                                       const char* guest_path);

// Where the guest's sockets listen: "127.0.0.1:8080", "[::1]:0". Their file
// descriptors follow those of the directories. False if NULL; that the address
// can be had is looked at when the store gets its WASI. After a restore they
// listen again; connections are gone (ECONNRESET).
WASM_API_EXTERN bool wasi_config_listen_tcp(wasi_config_t*,
                                            const char* address);

// The WASI of a store. Deleting this leaves the functions it gave usable: they
// belong to the store.
typedef struct wasi_instance_t wasi_instance_t;
// Takes the config, in every case. `name` is "wasi_snapshot_preview1". NULL,
// with *trap (unless it is NULL) saying why, for another name, for a directory
// that is not there or an address that is taken, and for a store that has a
// WASI.
WASM_API_EXTERN wasi_instance_t* wasi_instance_new(wasm_store_t*,
                                                   const char* name,
                                                   wasi_config_t*,
                                                   wasm_trap_t** trap);
WASM_API_EXTERN void wasi_instance_delete(wasi_instance_t*);
// The function that an import asks for, borrowed from the store; NULL if it is
// none of WASI's.
WASM_API_EXTERN const wasm_extern_t* wasi_instance_bind_import(
    const wasi_instance_t*, const wasm_importtype_t*);

// An exit of the guest (proc_exit) is a trap: wasmd_trap_exit_code in wasmd.h.

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // WASMD_CAPI_INCLUDE_WASI_H_

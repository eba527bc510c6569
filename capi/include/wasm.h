// wasm.h: the WebAssembly C API, the interface that engines share. Programs
// written against it need no change to run on wasmd.
//
// Objects. All types but vectors, values and limits are opaque and are used
// through pointers. A pointer that a function returns, or stores through a
// parameter named `out`, belongs to the caller unless the comment says
// "borrowed"; the owner gives it back with the matching _delete. A parameter
// marked TAKES passes ownership to the function, in every case, errors too. A
// parameter that is not marked stays the caller's. Deleting a function, global,
// table, memory or instance that is borrowed, or more often than it is owned,
// ends the program with a message; deleting other things twice is undefined.
//
// Errors. Where a function cannot do what it is asked, it returns NULL, false
// or 0 and changes nothing; wasmd_store_last_error (wasmd.h) says why. NULL is
// allowed for every pointer: deleting it does nothing, asking it for something
// gives NULL, 0 or an empty vector. Objects of two stores do not mix: that is
// an error of the kind just described. An object may outlive its store, but is
// then good for nothing except deletion. When memory runs out the program is
// ended.
//
// Threads. An engine, a config that has become one, types and a shared module
// may be used by many threads. A store and everything made from it is confined
// to one thread at a time; stores of one engine run in parallel.

#ifndef WASMD_CAPI_INCLUDE_WASM_H_
#define WASMD_CAPI_INCLUDE_WASM_H_
#define WASM_H

// Some programs count on these to come with this header.
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// What stands before every declaration; for compilers that want an attribute.
#ifndef WASM_API_EXTERN
#define WASM_API_EXTERN
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef char byte_t;
typedef float float32_t;
typedef double float64_t;

// Marks a parameter that takes ownership; for readers only.
#define TAKES

// ---------------------------------------------------------------------------
// Patterns that the declarations below repeat

// An opaque type with its destructor.
#define WASMD_OBJECT(name)                        \
  typedef struct wasm_##name##_t wasm_##name##_t; \
  WASM_API_EXTERN void wasm_##name##_delete(TAKES wasm_##name##_t*);

#define WASMD_COPY(name) \
  WASM_API_EXTERN wasm_##name##_t* wasm_##name##_copy(const wasm_##name##_t*);

// A vector owns its elements and the array they are in. An array that the
// program provides itself (WASM_ARRAY_VEC) must not be deleted as a vector.
//   _new_uninitialized: `size` elements; those that are pointers are NULL, the
//       others undefined.
//   _new: takes the elements, not the array.
//   _copy: copies each element as its own _copy does.
#define WASMD_VECTOR(name, element)                                           \
  typedef struct wasm_##name##_vec_t {                                        \
    size_t size;                                                              \
    element* data;                                                            \
  } wasm_##name##_vec_t;                                                      \
  WASM_API_EXTERN void wasm_##name##_vec_new_empty(wasm_##name##_vec_t* out); \
  WASM_API_EXTERN void wasm_##name##_vec_new_uninitialized(                   \
      wasm_##name##_vec_t* out, size_t size);                                 \
  WASM_API_EXTERN void wasm_##name##_vec_new(                                 \
      wasm_##name##_vec_t* out, size_t size, TAKES element const elements[]); \
  WASM_API_EXTERN void wasm_##name##_vec_copy(wasm_##name##_vec_t* out,       \
                                              const wasm_##name##_vec_t*);    \
  WASM_API_EXTERN void wasm_##name##_vec_delete(TAKES wasm_##name##_vec_t*);

// The description of a type: immutable, copied as a whole.
#define WASMD_TYPE(name)               \
  WASMD_OBJECT(name)                   \
  WASMD_VECTOR(name, wasm_##name##_t*) \
  WASMD_COPY(name)

// A reference to something that lives in a store, or to a module or trap.
//   _copy: one more owner of the same thing.
//   _same: whether two references are to the same thing.
//   host info: a pointer that the program hangs on the thing, the same for all
//       references to it. Its finalizer runs when the thing goes (functions,
//       globals, tables, memories and instances: with their store; others: with
//       their last owner) or when other host info takes its place, but not when
//       it is the same pointer and finalizer again. It must not use the store.
#define WASMD_BASE_REFERENCE(name)                                           \
  WASMD_OBJECT(name)                                                         \
  WASMD_COPY(name)                                                           \
  WASM_API_EXTERN bool wasm_##name##_same(const wasm_##name##_t*,            \
                                          const wasm_##name##_t*);           \
  WASM_API_EXTERN void* wasm_##name##_get_host_info(const wasm_##name##_t*); \
  WASM_API_EXTERN void wasm_##name##_set_host_info(wasm_##name##_t*, void*); \
  WASM_API_EXTERN void wasm_##name##_set_host_info_with_finalizer(           \
      wasm_##name##_t*, void*, void (*finalizer)(void*));

// Conversions are borrowed: they are views of their argument and live as long.
// From a base to what it is not: NULL.
#define WASMD_CONVERSION(base, name)                                          \
  WASM_API_EXTERN wasm_##base##_t* wasm_##name##_as_##base(wasm_##name##_t*); \
  WASM_API_EXTERN wasm_##name##_t* wasm_##base##_as_##name(wasm_##base##_t*); \
  WASM_API_EXTERN const wasm_##base##_t* wasm_##name##_as_##base##_const(     \
      const wasm_##name##_t*);                                                \
  WASM_API_EXTERN const wasm_##name##_t* wasm_##base##_as_##name##_const(     \
      const wasm_##base##_t*);

#define WASMD_REFERENCE(name) \
  WASMD_BASE_REFERENCE(name)  \
  WASMD_CONVERSION(ref, name)

// ---------------------------------------------------------------------------
// Bytes and names

typedef byte_t wasm_byte_t;
WASMD_VECTOR(byte, wasm_byte_t)

// A name is bytes, usually UTF-8, not terminated unless said otherwise.
typedef wasm_byte_vec_t wasm_name_t;
#define wasm_name wasm_byte_vec
#define wasm_name_new wasm_byte_vec_new
#define wasm_name_new_empty wasm_byte_vec_new_empty
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_copy wasm_byte_vec_copy
#define wasm_name_delete wasm_byte_vec_delete

static inline void wasm_name_new_from_string(wasm_name_t* out,
                                             const char* text) {
  wasm_name_new(out, strlen(text), text);
}
// With the terminating zero as its last byte.
static inline void wasm_name_new_from_string_nt(wasm_name_t* out,
                                                const char* text) {
  wasm_name_new(out, strlen(text) + 1, text);
}

// ---------------------------------------------------------------------------
// Config, engine, store

// Settings for an engine; wasmd.h has the functions that change them.
WASMD_OBJECT(config)
WASM_API_EXTERN wasm_config_t* wasm_config_new(void);

// What stores have in common. May be deleted before the stores made with it.
WASMD_OBJECT(engine)
WASM_API_EXTERN wasm_engine_t* wasm_engine_new(void);
WASM_API_EXTERN wasm_engine_t* wasm_engine_new_with_config(
    TAKES wasm_config_t*);

// All state of running programs. Functions, globals, tables, memories and
// instances live until their store is deleted, however many references there
// are. Deleting a store that is running (from a callback) ends the program.
WASMD_OBJECT(store)
WASM_API_EXTERN wasm_store_t* wasm_store_new(wasm_engine_t*);

// ---------------------------------------------------------------------------
// Types

typedef uint8_t wasm_mutability_t;
enum wasm_mutability_enum { WASM_CONST = 0, WASM_VAR = 1 };

// In pages of a memory or elements of a table. A limit that the type does not
// fit (64-bit memories) is given as 0xffffffff; wasmd.h has the whole number.
typedef struct wasm_limits_t {
  uint32_t min;
  uint32_t max;
} wasm_limits_t;
// As `max`: there is none.
static const uint32_t wasm_limits_max_default = 0xffffffff;

// Value types. Kinds that this header has no name for are in wasmd.h; all of
// them count as references here.
WASMD_TYPE(valtype)
typedef uint8_t wasm_valkind_t;
enum wasm_valkind_enum {
  WASM_I32 = 0,
  WASM_I64 = 1,
  WASM_F32 = 2,
  WASM_F64 = 3,
  WASM_EXTERNREF = 128,
  WASM_FUNCREF = 129,
  WASM_ANYREF = WASM_EXTERNREF  // the name that older programs use
};
// NULL if there is no such kind.
WASM_API_EXTERN wasm_valtype_t* wasm_valtype_new(wasm_valkind_t);
WASM_API_EXTERN wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t*);

static inline bool wasm_valkind_is_num(wasm_valkind_t kind) {
  return kind < WASM_EXTERNREF;
}
static inline bool wasm_valkind_is_ref(wasm_valkind_t kind) {
  return kind >= WASM_EXTERNREF;
}
static inline bool wasm_valtype_is_num(const wasm_valtype_t* type) {
  return wasm_valkind_is_num(wasm_valtype_kind(type));
}
static inline bool wasm_valtype_is_ref(const wasm_valtype_t* type) {
  return wasm_valkind_is_ref(wasm_valtype_kind(type));
}

// Function types. What _params and _results return is borrowed.
WASMD_TYPE(functype)
WASM_API_EXTERN wasm_functype_t* wasm_functype_new(
    TAKES wasm_valtype_vec_t* params, TAKES wasm_valtype_vec_t* results);
WASM_API_EXTERN const wasm_valtype_vec_t* wasm_functype_params(
    const wasm_functype_t*);
WASM_API_EXTERN const wasm_valtype_vec_t* wasm_functype_results(
    const wasm_functype_t*);

// Global types. The content is borrowed.
WASMD_TYPE(globaltype)
WASM_API_EXTERN wasm_globaltype_t* wasm_globaltype_new(TAKES wasm_valtype_t*,
                                                       wasm_mutability_t);
WASM_API_EXTERN const wasm_valtype_t* wasm_globaltype_content(
    const wasm_globaltype_t*);
WASM_API_EXTERN wasm_mutability_t
wasm_globaltype_mutability(const wasm_globaltype_t*);

// Table types. NULL from _new if the element is no reference. Element and
// limits are borrowed.
WASMD_TYPE(tabletype)
WASM_API_EXTERN wasm_tabletype_t* wasm_tabletype_new(TAKES wasm_valtype_t*,
                                                     const wasm_limits_t*);
WASM_API_EXTERN const wasm_valtype_t* wasm_tabletype_element(
    const wasm_tabletype_t*);
WASM_API_EXTERN const wasm_limits_t* wasm_tabletype_limits(
    const wasm_tabletype_t*);

// Memory types. The limits are borrowed.
WASMD_TYPE(memorytype)
WASM_API_EXTERN wasm_memorytype_t* wasm_memorytype_new(const wasm_limits_t*);
WASM_API_EXTERN const wasm_limits_t* wasm_memorytype_limits(
    const wasm_memorytype_t*);

// The type of something that can be imported or exported: one of those above,
// or of a kind in wasmd.h.
WASMD_TYPE(externtype)
typedef uint8_t wasm_externkind_t;
enum wasm_externkind_enum {
  WASM_EXTERN_FUNC = 0,
  WASM_EXTERN_GLOBAL = 1,
  WASM_EXTERN_TABLE = 2,
  WASM_EXTERN_MEMORY = 3
};
WASM_API_EXTERN wasm_externkind_t
wasm_externtype_kind(const wasm_externtype_t*);
WASMD_CONVERSION(externtype, functype)
WASMD_CONVERSION(externtype, globaltype)
WASMD_CONVERSION(externtype, tabletype)
WASMD_CONVERSION(externtype, memorytype)

// An import of a module; what the accessors return is borrowed.
WASMD_TYPE(importtype)
WASM_API_EXTERN wasm_importtype_t* wasm_importtype_new(
    TAKES wasm_name_t* module, TAKES wasm_name_t* name,
    TAKES wasm_externtype_t*);
WASM_API_EXTERN const wasm_name_t* wasm_importtype_module(
    const wasm_importtype_t*);
WASM_API_EXTERN const wasm_name_t* wasm_importtype_name(
    const wasm_importtype_t*);
WASM_API_EXTERN const wasm_externtype_t* wasm_importtype_type(
    const wasm_importtype_t*);

// An export of a module; what the accessors return is borrowed.
WASMD_TYPE(exporttype)
WASM_API_EXTERN wasm_exporttype_t* wasm_exporttype_new(
    TAKES wasm_name_t*, TAKES wasm_externtype_t*);
WASM_API_EXTERN const wasm_name_t* wasm_exporttype_name(
    const wasm_exporttype_t*);
WASM_API_EXTERN const wasm_externtype_t* wasm_exporttype_type(
    const wasm_exporttype_t*);

// ---------------------------------------------------------------------------
// Values and references

struct wasm_ref_t;

// A value that holds a reference (kind >= WASM_EXTERNREF) owns it.
typedef struct wasm_val_t {
  wasm_valkind_t kind;
  union {
    int32_t i32;
    int64_t i64;
    float32_t f32;
    float64_t f64;
    struct wasm_ref_t* ref;  // NULL: the null reference
  } of;
} wasm_val_t;

// Deletes what the value owns, not the memory that it is in.
WASM_API_EXTERN void wasm_val_delete(TAKES wasm_val_t*);
WASM_API_EXTERN void wasm_val_copy(wasm_val_t* out, const wasm_val_t*);
WASMD_VECTOR(val, wasm_val_t)

// Anything that a reference value can refer to. Two references to the same
// object of the garbage-collected heap are _same though they carry no common
// host info: theirs belongs to the reference.
WASMD_BASE_REFERENCE(ref)

// A function in the back trace of a trap. The instance is borrowed from the
// store. Offsets are in bytes: from the first byte of the function's body and
// of the module; they name the instruction that trapped or called.
WASMD_OBJECT(frame)
WASMD_VECTOR(frame, wasm_frame_t*)
WASMD_COPY(frame)
WASM_API_EXTERN struct wasm_instance_t* wasm_frame_instance(
    const wasm_frame_t*);
WASM_API_EXTERN uint32_t wasm_frame_func_index(const wasm_frame_t*);
WASM_API_EXTERN size_t wasm_frame_func_offset(const wasm_frame_t*);
WASM_API_EXTERN size_t wasm_frame_module_offset(const wasm_frame_t*);

// Why a call did not return. The message ends in a zero byte.
typedef wasm_name_t wasm_message_t;
WASMD_REFERENCE(trap)
// For callbacks that fail. The message needs no terminator.
WASM_API_EXTERN wasm_trap_t* wasm_trap_new(wasm_store_t*,
                                           const wasm_message_t*);
WASM_API_EXTERN void wasm_trap_message(const wasm_trap_t*, wasm_message_t* out);
// The innermost frame; NULL if no WebAssembly function was running.
WASM_API_EXTERN wasm_frame_t* wasm_trap_origin(const wasm_trap_t*);
// All frames, innermost first. Of a very deep stack only the ends are kept.
WASM_API_EXTERN void wasm_trap_trace(const wasm_trap_t*, wasm_frame_vec_t* out);

// An object of the program, as an externref; what it is, its host info says.
WASMD_REFERENCE(foreign)
WASM_API_EXTERN wasm_foreign_t* wasm_foreign_new(wasm_store_t*);

// ---------------------------------------------------------------------------
// Modules

// Immutable; made for a store, but any store may instantiate it.
WASMD_REFERENCE(module)
// A module in a form that threads can share.
WASMD_OBJECT(shared_module)
WASM_API_EXTERN wasm_shared_module_t* wasm_module_share(const wasm_module_t*);
WASM_API_EXTERN wasm_module_t* wasm_module_obtain(wasm_store_t*,
                                                  const wasm_shared_module_t*);

// NULL if the bytes are not a valid module in the binary format.
WASM_API_EXTERN wasm_module_t* wasm_module_new(wasm_store_t*,
                                               const wasm_byte_vec_t* binary);
WASM_API_EXTERN bool wasm_module_validate(wasm_store_t*,
                                          const wasm_byte_vec_t* binary);
// In the order of the module.
WASM_API_EXTERN void wasm_module_imports(const wasm_module_t*,
                                         wasm_importtype_vec_t* out);
WASM_API_EXTERN void wasm_module_exports(const wasm_module_t*,
                                         wasm_exporttype_vec_t* out);
// Bytes that every release of wasmd can read again. They need not be trusted:
// what was changed is found, and what does not validate is not loaded (NULL).
WASM_API_EXTERN void wasm_module_serialize(const wasm_module_t*,
                                           wasm_byte_vec_t* out);
WASM_API_EXTERN wasm_module_t* wasm_module_deserialize(wasm_store_t*,
                                                       const wasm_byte_vec_t*);

// ---------------------------------------------------------------------------
// Functions

WASMD_REFERENCE(func)

// A function of the program. `args` and what is in it are borrowed. `results`
// has as many elements as the type has results, all of them null references,
// to be overwritten with values that the engine then owns. The result is a trap
// to end the caller with, or NULL. A result of another type is a trap, too.
// A callback may call functions of its store, as deep as the config allows. As
// in modules, there are at most 1,000 parameters and 1,000 results.
typedef TAKES wasm_trap_t* (*wasm_func_callback_t)(const wasm_val_vec_t* args,
                                                   wasm_val_vec_t* results);
typedef TAKES wasm_trap_t* (*wasm_func_callback_with_env_t)(
    void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results);

WASM_API_EXTERN wasm_func_t* wasm_func_new(wasm_store_t*,
                                           const wasm_functype_t*,
                                           wasm_func_callback_t);
// `finalizer`, which may be NULL, gets `env` when the store goes, or at once if
// the function cannot be made.
WASM_API_EXTERN wasm_func_t* wasm_func_new_with_env(
    wasm_store_t*, const wasm_functype_t*, wasm_func_callback_with_env_t,
    void* env, void (*finalizer)(void*));

WASM_API_EXTERN wasm_functype_t* wasm_func_type(const wasm_func_t*);
WASM_API_EXTERN size_t wasm_func_param_arity(const wasm_func_t*);
WASM_API_EXTERN size_t wasm_func_result_arity(const wasm_func_t*);

// Calls a function and waits for its end. NULL if it returned: then `results`
// is filled, as far as it reaches, with values that the caller owns; what was
// there before is not deleted. Otherwise a trap, also for arguments that do not
// fit the type, and `results` is as it was.
WASM_API_EXTERN wasm_trap_t* wasm_func_call(const wasm_func_t*,
                                            const wasm_val_vec_t* args,
                                            wasm_val_vec_t* results);

// ---------------------------------------------------------------------------
// Globals, tables, memories

WASMD_REFERENCE(global)
WASM_API_EXTERN wasm_global_t* wasm_global_new(wasm_store_t*,
                                               const wasm_globaltype_t*,
                                               const wasm_val_t*);
WASM_API_EXTERN wasm_globaltype_t* wasm_global_type(const wasm_global_t*);
WASM_API_EXTERN void wasm_global_get(const wasm_global_t*, wasm_val_t* out);
// Does nothing to a global that is constant or of another type.
WASM_API_EXTERN void wasm_global_set(wasm_global_t*, const wasm_val_t*);

WASMD_REFERENCE(table)
typedef uint32_t wasm_table_size_t;
WASM_API_EXTERN wasm_table_t* wasm_table_new(wasm_store_t*,
                                             const wasm_tabletype_t*,
                                             wasm_ref_t* init);
// With the present size as the minimum.
WASM_API_EXTERN wasm_tabletype_t* wasm_table_type(const wasm_table_t*);
// NULL also if the index is past the end.
WASM_API_EXTERN wasm_ref_t* wasm_table_get(const wasm_table_t*,
                                           wasm_table_size_t index);
WASM_API_EXTERN bool wasm_table_set(wasm_table_t*, wasm_table_size_t index,
                                    wasm_ref_t*);
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const wasm_table_t*);
WASM_API_EXTERN bool wasm_table_grow(wasm_table_t*, wasm_table_size_t delta,
                                     wasm_ref_t* init);

WASMD_REFERENCE(memory)
typedef uint32_t wasm_memory_pages_t;
static const size_t MEMORY_PAGE_SIZE = 0x10000;
WASM_API_EXTERN wasm_memory_t* wasm_memory_new(wasm_store_t*,
                                               const wasm_memorytype_t*);
// With the present size as the minimum.
WASM_API_EXTERN wasm_memorytype_t* wasm_memory_type(const wasm_memory_t*);
// The bytes, borrowed from the store. They never move, but their number grows.
// As wasmd cannot see who writes there, snapshots then take the whole memory
// for changed; wasmd_memory_write and wasmd_memory_set_tracked avoid that.
WASM_API_EXTERN byte_t* wasm_memory_data(wasm_memory_t*);
WASM_API_EXTERN size_t wasm_memory_data_size(const wasm_memory_t*);
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const wasm_memory_t*);
WASM_API_EXTERN bool wasm_memory_grow(wasm_memory_t*,
                                      wasm_memory_pages_t delta);

// ---------------------------------------------------------------------------
// Externs and instances

// What can be imported and exported.
WASMD_REFERENCE(extern)
WASMD_VECTOR(extern, wasm_extern_t*)
WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const wasm_extern_t*);
WASM_API_EXTERN wasm_externtype_t* wasm_extern_type(const wasm_extern_t*);
WASMD_CONVERSION(extern, func)
WASMD_CONVERSION(extern, global)
WASMD_CONVERSION(extern, table)
WASMD_CONVERSION(extern, memory)

WASMD_REFERENCE(instance)
// Binds `imports`, which are in the order of the module, and runs the start
// function. NULL if that is not possible or traps; then *trap, unless it is
// NULL, is a trap that says why.
WASM_API_EXTERN wasm_instance_t* wasm_instance_new(
    wasm_store_t*, const wasm_module_t*, const wasm_extern_vec_t* imports,
    wasm_trap_t** trap);
// In the order of the module.
WASM_API_EXTERN void wasm_instance_exports(const wasm_instance_t*,
                                           wasm_extern_vec_t* out);

// ---------------------------------------------------------------------------
// Shorthands

#define WASM_EMPTY_VEC \
  { 0, NULL }
#define WASM_ARRAY_VEC(array) \
  { sizeof(array) / sizeof(*(array)), array }

// Initialisers of wasm_val_t.
#define WASM_I32_VAL(value)                 \
  {                                         \
    .kind = WASM_I32, .of = {.i32 = value } \
  }
#define WASM_I64_VAL(value)                 \
  {                                         \
    .kind = WASM_I64, .of = {.i64 = value } \
  }
#define WASM_F32_VAL(value)                 \
  {                                         \
    .kind = WASM_F32, .of = {.f32 = value } \
  }
#define WASM_F64_VAL(value)                 \
  {                                         \
    .kind = WASM_F64, .of = {.f64 = value } \
  }
#define WASM_REF_VAL(value)                       \
  {                                               \
    .kind = WASM_EXTERNREF, .of = {.ref = value } \
  }
#define WASM_INIT_VAL                            \
  {                                              \
    .kind = WASM_EXTERNREF, .of = {.ref = NULL } \
  }

static inline wasm_valtype_t* wasm_valtype_new_i32(void) {
  return wasm_valtype_new(WASM_I32);
}
static inline wasm_valtype_t* wasm_valtype_new_i64(void) {
  return wasm_valtype_new(WASM_I64);
}
static inline wasm_valtype_t* wasm_valtype_new_f32(void) {
  return wasm_valtype_new(WASM_F32);
}
static inline wasm_valtype_t* wasm_valtype_new_f64(void) {
  return wasm_valtype_new(WASM_F64);
}
static inline wasm_valtype_t* wasm_valtype_new_externref(void) {
  return wasm_valtype_new(WASM_EXTERNREF);
}
static inline wasm_valtype_t* wasm_valtype_new_anyref(void) {
  return wasm_valtype_new(WASM_EXTERNREF);
}
static inline wasm_valtype_t* wasm_valtype_new_funcref(void) {
  return wasm_valtype_new(WASM_FUNCREF);
}

// Not for programs: a function type from arrays, whose elements it takes.
static inline wasm_functype_t* wasmd_functype_from_arrays(
    size_t param_count, wasm_valtype_t* const params[], size_t result_count,
    wasm_valtype_t* const results[]) {
  wasm_valtype_vec_t param_vec, result_vec;
  wasm_valtype_vec_new(&param_vec, param_count, params);
  wasm_valtype_vec_new(&result_vec, result_count, results);
  return wasm_functype_new(&param_vec, &result_vec);
}

// wasm_functype_new_P_R takes P parameter types, then R result types.
#define WASMD_V wasm_valtype_t*
static inline wasm_functype_t* wasm_functype_new_0_0(void) {
  return wasmd_functype_from_arrays(0, NULL, 0, NULL);
}
static inline wasm_functype_t* wasm_functype_new_1_0(WASMD_V p) {
  WASMD_V ps[1] = {p};
  return wasmd_functype_from_arrays(1, ps, 0, NULL);
}
static inline wasm_functype_t* wasm_functype_new_2_0(WASMD_V p1, WASMD_V p2) {
  WASMD_V ps[2] = {p1, p2};
  return wasmd_functype_from_arrays(2, ps, 0, NULL);
}
static inline wasm_functype_t* wasm_functype_new_3_0(WASMD_V p1, WASMD_V p2,
                                                     WASMD_V p3) {
  WASMD_V ps[3] = {p1, p2, p3};
  return wasmd_functype_from_arrays(3, ps, 0, NULL);
}
static inline wasm_functype_t* wasm_functype_new_0_1(WASMD_V r) {
  WASMD_V rs[1] = {r};
  return wasmd_functype_from_arrays(0, NULL, 1, rs);
}
static inline wasm_functype_t* wasm_functype_new_1_1(WASMD_V p, WASMD_V r) {
  WASMD_V ps[1] = {p};
  WASMD_V rs[1] = {r};
  return wasmd_functype_from_arrays(1, ps, 1, rs);
}
static inline wasm_functype_t* wasm_functype_new_2_1(WASMD_V p1, WASMD_V p2,
                                                     WASMD_V r) {
  WASMD_V ps[2] = {p1, p2};
  WASMD_V rs[1] = {r};
  return wasmd_functype_from_arrays(2, ps, 1, rs);
}
static inline wasm_functype_t* wasm_functype_new_3_1(WASMD_V p1, WASMD_V p2,
                                                     WASMD_V p3, WASMD_V r) {
  WASMD_V ps[3] = {p1, p2, p3};
  WASMD_V rs[1] = {r};
  return wasmd_functype_from_arrays(3, ps, 1, rs);
}
static inline wasm_functype_t* wasm_functype_new_0_2(WASMD_V r1, WASMD_V r2) {
  WASMD_V rs[2] = {r1, r2};
  return wasmd_functype_from_arrays(0, NULL, 2, rs);
}
static inline wasm_functype_t* wasm_functype_new_1_2(WASMD_V p, WASMD_V r1,
                                                     WASMD_V r2) {
  WASMD_V ps[1] = {p};
  WASMD_V rs[2] = {r1, r2};
  return wasmd_functype_from_arrays(1, ps, 2, rs);
}
static inline wasm_functype_t* wasm_functype_new_2_2(WASMD_V p1, WASMD_V p2,
                                                     WASMD_V r1, WASMD_V r2) {
  WASMD_V ps[2] = {p1, p2};
  WASMD_V rs[2] = {r1, r2};
  return wasmd_functype_from_arrays(2, ps, 2, rs);
}
static inline wasm_functype_t* wasm_functype_new_3_2(WASMD_V p1, WASMD_V p2,
                                                     WASMD_V p3, WASMD_V r1,
                                                     WASMD_V r2) {
  WASMD_V ps[3] = {p1, p2, p3};
  WASMD_V rs[2] = {r1, r2};
  return wasmd_functype_from_arrays(3, ps, 2, rs);
}
#undef WASMD_V

// A host pointer carried in an integer value.
static inline void wasm_val_init_ptr(wasm_val_t* out, void* pointer) {
#if UINTPTR_MAX == UINT32_MAX
  out->kind = WASM_I32;
  out->of.i32 = (int32_t)(intptr_t)pointer;
#else
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)pointer;
#endif
}
static inline void* wasm_val_ptr(const wasm_val_t* value) {
#if UINTPTR_MAX == UINT32_MAX
  return (void*)(intptr_t)value->of.i32;
#else
  return (void*)(intptr_t)value->of.i64;
#endif
}

#undef TAKES

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // WASMD_CAPI_INCLUDE_WASM_H_

#include "capi/object.h"

#include <cstdio>
#include <cstdlib>

#include "capi/store_state.h"

using wasmd::capi::IsExtern;
using wasmd::capi::IsSame;
using wasmd::capi::ObjectKind;
using wasmd::capi::ReleaseByProgram;
using wasmd::capi::Retained;

wasm_ref_t::wasm_ref_t(ObjectKind kind_in, wasm_store_t* store_in,
                       uint32_t address_in)
    : kind(kind_in), store(store_in), address(address_in) {
  if (store != nullptr) store->Link(this);
}

wasm_ref_t::~wasm_ref_t() {
  if (store != nullptr) store->Unlink(this);
  if (finalizer != nullptr) finalizer(host_info);
}

void wasm_ref_t::SetHostInfo(void* info, void (*new_finalizer)(void*)) {
  void* const old_info = host_info;
  void (*const old_finalizer)(void*) = finalizer;
  host_info = info;
  finalizer = new_finalizer;
  const bool is_new = old_info != info || old_finalizer != new_finalizer;
  if (old_finalizer != nullptr && is_new) old_finalizer(old_info);
}

wasm_trap_t::~wasm_trap_t() {
  for (const wasm_frame_t& frame : frames) {
    wasmd::capi::Release(frame.instance);
  }
  wasmd::capi::Release(exception);
}

namespace wasmd::capi {

void ReleaseByProgram(const wasm_ref_t* object) {
  if (object == nullptr) return;
  const bool is_kept =
      object->store != nullptr &&
      (IsExtern(object->kind) || object->kind == ObjectKind::kInstance ||
       object->handle != 0);
  if (is_kept && object->owners.load(std::memory_order_relaxed) == 1) {
    std::fprintf(stderr,
                 "wasmd: a reference was deleted that the program does not "
                 "own: it was borrowed, or deleted before\n");
    std::abort();
  }
  object->Release();
}

bool IsExtern(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kFunction:
    case ObjectKind::kGlobal:
    case ObjectKind::kTable:
    case ObjectKind::kMemory:
    case ObjectKind::kTag:
      return true;
    default:
      return false;
  }
}

bool IsSame(const wasm_ref_t* a, const wasm_ref_t* b) {
  if (a == b) return true;
  if (a == nullptr || b == nullptr || a->kind != b->kind) return false;
  if (a->kind == ObjectKind::kHeapValue) {
    return a->store == b->store && a->store != nullptr &&
           static_cast<const wasmd_heap_value_t*>(a)->slot ==
               static_cast<const wasmd_heap_value_t*>(b)->slot;
  }
  if (a->kind == ObjectKind::kModule) {
    return static_cast<const wasm_module_t*>(a)->code ==
           static_cast<const wasm_module_t*>(b)->code;
  }
  if (a->kind == ObjectKind::kVector) {
    const auto& x = static_cast<const wasmd_vector_t&>(*a);
    const auto& y = static_cast<const wasmd_vector_t&>(*b);
    return x.low == y.low && x.high == y.high;
  }
  return false;
}

namespace {

// The object as a T, if it is of its kind.
template <typename T>
T* As(wasm_ref_t* object, ObjectKind kind) {
  return object != nullptr && object->kind == kind ? static_cast<T*>(object)
                                                   : nullptr;
}
template <typename T>
const T* As(const wasm_ref_t* object, ObjectKind kind) {
  return object != nullptr && object->kind == kind
             ? static_cast<const T*>(object)
             : nullptr;
}

}  // namespace
}  // namespace wasmd::capi

using wasmd::capi::As;

// The functions that WASMD_BASE_REFERENCE of wasm.h declares.
#define WASMD_DEFINE_BASE_REFERENCE(name)                                 \
  void wasm_##name##_delete(wasm_##name##_t* object) {                    \
    ReleaseByProgram(object);                                             \
  }                                                                       \
  wasm_##name##_t* wasm_##name##_copy(const wasm_##name##_t* object) {    \
    return Retained(const_cast<wasm_##name##_t*>(object));                \
  }                                                                       \
  bool wasm_##name##_same(const wasm_##name##_t* a,                       \
                          const wasm_##name##_t* b) {                     \
    return IsSame(a, b);                                                  \
  }                                                                       \
  void* wasm_##name##_get_host_info(const wasm_##name##_t* object) {      \
    return object == nullptr ? nullptr : object->host_info;               \
  }                                                                       \
  void wasm_##name##_set_host_info(wasm_##name##_t* object, void* info) { \
    wasm_##name##_set_host_info_with_finalizer(object, info, nullptr);    \
  }                                                                       \
  void wasm_##name##_set_host_info_with_finalizer(                        \
      wasm_##name##_t* object, void* info, void (*finalizer)(void*)) {    \
    if (object != nullptr) object->SetHostInfo(info, finalizer);          \
  }

// And WASMD_REFERENCE.
#define WASMD_DEFINE_REFERENCE(name, object_kind)                              \
  WASMD_DEFINE_BASE_REFERENCE(name)                                            \
  wasm_ref_t* wasm_##name##_as_ref(wasm_##name##_t* object) { return object; } \
  const wasm_ref_t* wasm_##name##_as_ref_const(                                \
      const wasm_##name##_t* object) {                                         \
    return object;                                                             \
  }                                                                            \
  wasm_##name##_t* wasm_ref_as_##name(wasm_ref_t* object) {                    \
    return As<wasm_##name##_t>(object, ObjectKind::object_kind);               \
  }                                                                            \
  const wasm_##name##_t* wasm_ref_as_##name##_const(                           \
      const wasm_ref_t* object) {                                              \
    return As<wasm_##name##_t>(object, ObjectKind::object_kind);               \
  }

// And WASMD_CONVERSION(extern, name).
#define WASMD_DEFINE_EXTERN(name, object_kind)                      \
  WASMD_DEFINE_REFERENCE(name, object_kind)                         \
  wasm_extern_t* wasm_##name##_as_extern(wasm_##name##_t* object) { \
    return object;                                                  \
  }                                                                 \
  const wasm_extern_t* wasm_##name##_as_extern_const(               \
      const wasm_##name##_t* object) {                              \
    return object;                                                  \
  }                                                                 \
  wasm_##name##_t* wasm_extern_as_##name(wasm_extern_t* object) {   \
    return As<wasm_##name##_t>(object, ObjectKind::object_kind);    \
  }                                                                 \
  const wasm_##name##_t* wasm_extern_as_##name##_const(             \
      const wasm_extern_t* object) {                                \
    return As<wasm_##name##_t>(object, ObjectKind::object_kind);    \
  }

extern "C" {

WASMD_DEFINE_BASE_REFERENCE(ref)
WASMD_DEFINE_REFERENCE(trap, kTrap)
WASMD_DEFINE_REFERENCE(foreign, kForeign)
WASMD_DEFINE_REFERENCE(module, kModule)
WASMD_DEFINE_REFERENCE(instance, kInstance)
WASMD_DEFINE_EXTERN(func, kFunction)
WASMD_DEFINE_EXTERN(global, kGlobal)
WASMD_DEFINE_EXTERN(table, kTable)
WASMD_DEFINE_EXTERN(memory, kMemory)
WASMD_DEFINE_BASE_REFERENCE(extern)

wasm_ref_t* wasm_extern_as_ref(wasm_extern_t* object) { return object; }
const wasm_ref_t* wasm_extern_as_ref_const(const wasm_extern_t* object) {
  return object;
}
wasm_extern_t* wasm_ref_as_extern(wasm_ref_t* object) {
  return object != nullptr && IsExtern(object->kind)
             ? static_cast<wasm_extern_t*>(object)
             : nullptr;
}
const wasm_extern_t* wasm_ref_as_extern_const(const wasm_ref_t* object) {
  return wasm_ref_as_extern(const_cast<wasm_ref_t*>(object));
}

}  // extern "C"

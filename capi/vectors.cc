#include "capi/vectors.h"

namespace {

using wasmd::capi::NewArray;

template <typename Vector>
void NewUninitialized(Vector* out, size_t size) {
  if (out == nullptr) return;
  out->size = size;
  out->data = NewArray<std::remove_pointer_t<decltype(out->data)>>(size);
}

template <typename Vector, typename T>
void New(Vector* out, size_t size, T const elements[]) {
  if (out == nullptr) return;
  NewUninitialized(out, elements == nullptr ? 0 : size);
  for (size_t i = 0; i < out->size; ++i) out->data[i] = elements[i];
}

// Elements are copied by `copy` into what is zero.
template <typename Vector, typename Copy>
void CopyVector(Vector* out, const Vector* from, Copy copy) {
  if (out == nullptr) return;
  NewUninitialized(out,
                   from == nullptr || from->data == nullptr ? 0 : from->size);
  for (size_t i = 0; i < out->size; ++i) copy(&out->data[i], &from->data[i]);
}

template <typename Vector, typename Delete>
void DeleteVector(Vector* vector, Delete delete_element) {
  if (vector == nullptr) return;
  if (vector->data != nullptr) {
    for (size_t i = 0; i < vector->size; ++i) delete_element(&vector->data[i]);
    std::free(vector->data);
  }
  vector->size = 0;
  vector->data = nullptr;
}

}  // namespace

#define WASMD_DEFINE_VECTOR(name, element, copy, remove)                     \
  void wasm_##name##_vec_new_empty(wasm_##name##_vec_t* out) {               \
    NewUninitialized(out, 0);                                                \
  }                                                                          \
  void wasm_##name##_vec_new_uninitialized(wasm_##name##_vec_t* out,         \
                                           size_t size) {                    \
    NewUninitialized(out, size);                                             \
  }                                                                          \
  void wasm_##name##_vec_new(wasm_##name##_vec_t* out, size_t size,          \
                             element const elements[]) {                     \
    New(out, size, elements);                                                \
  }                                                                          \
  void wasm_##name##_vec_copy(wasm_##name##_vec_t* out,                      \
                              const wasm_##name##_vec_t* from) {             \
    CopyVector(out, from, [](element* to, element const* source) { copy; }); \
  }                                                                          \
  void wasm_##name##_vec_delete(wasm_##name##_vec_t* vector) {               \
    DeleteVector(vector, [](element* at) { remove; });                       \
  }

#define WASMD_DEFINE_POINTER_VECTOR(name)                              \
  WASMD_DEFINE_VECTOR(name, wasm_##name##_t*,                          \
                      *to = *source ? wasm_##name##_copy(*source) : 0, \
                      wasm_##name##_delete(*at))

extern "C" {

WASMD_DEFINE_VECTOR(byte, wasm_byte_t, *to = *source, static_cast<void>(at))
WASMD_DEFINE_VECTOR(val, wasm_val_t, wasm_val_copy(to, source),
                    wasm_val_delete(at))
WASMD_DEFINE_POINTER_VECTOR(valtype)
WASMD_DEFINE_POINTER_VECTOR(functype)
WASMD_DEFINE_POINTER_VECTOR(globaltype)
WASMD_DEFINE_POINTER_VECTOR(tabletype)
WASMD_DEFINE_POINTER_VECTOR(memorytype)
WASMD_DEFINE_POINTER_VECTOR(externtype)
WASMD_DEFINE_POINTER_VECTOR(importtype)
WASMD_DEFINE_POINTER_VECTOR(exporttype)
WASMD_DEFINE_POINTER_VECTOR(frame)
WASMD_DEFINE_POINTER_VECTOR(extern)

}  // extern "C"

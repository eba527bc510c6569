// Vectors of wasm.h: a size and an array from malloc, so that a program may
// fill one in C and a vector can be moved by copying the struct.

#ifndef WASMD_CAPI_VECTORS_H_
#define WASMD_CAPI_VECTORS_H_

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "capi/include/wasm.h"

namespace wasmd::capi {

// Zeroed; null for 0. Ends the program when memory runs out.
template <typename T>
T* NewArray(size_t size) {
  if (size == 0) return nullptr;
  void* array = std::calloc(size, sizeof(T));
  if (array == nullptr) {
    std::fprintf(stderr, "wasmd: out of memory: %zu elements of %zu bytes\n",
                 size, sizeof(T));
    std::abort();
  }
  return static_cast<T*>(array);
}

// A vector from elements, which it takes.
template <typename Vector, typename T>
void MakeVector(Vector* out, const std::vector<T>& elements) {
  out->size = elements.size();
  out->data = NewArray<T>(elements.size());
  for (size_t i = 0; i < elements.size(); ++i) out->data[i] = elements[i];
}

inline std::string_view TextOf(const wasm_byte_vec_t& bytes) {
  return bytes.data == nullptr ? std::string_view()
                               : std::string_view(bytes.data, bytes.size);
}

inline void MakeBytes(wasm_byte_vec_t* out, std::string_view text) {
  out->size = text.size();
  out->data = NewArray<char>(text.size());
  if (!text.empty()) std::memcpy(out->data, text.data(), text.size());
}

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_VECTORS_H_

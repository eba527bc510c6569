// A small C++ face of wasm.h and wasmd.h: what owns is deleted by itself.
// Errors become std::nullopt or a text; nothing throws.

#ifndef WASMD_EXAMPLES_EMBED_WASMD_HPP_
#define WASMD_EXAMPLES_EMBED_WASMD_HPP_

#include <memory>
#include <string>
#include <utility>

#include "wasm.h"
#include "wasmd.h"

namespace wasmd_api {

template <auto Delete>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Delete(object);
  }
};
template <typename T, auto Delete>
using Owned = std::unique_ptr<T, Deleter<Delete>>;

using Engine = Owned<wasm_engine_t, wasm_engine_delete>;
using Store = Owned<wasm_store_t, wasm_store_delete>;
using Module = Owned<wasm_module_t, wasm_module_delete>;
using Instance = Owned<wasm_instance_t, wasm_instance_delete>;
using Function = Owned<wasm_func_t, wasm_func_delete>;
using FunctionType = Owned<wasm_functype_t, wasm_functype_delete>;
using Trap = Owned<wasm_trap_t, wasm_trap_delete>;
using Thread = Owned<wasmd_thread_t, wasmd_thread_delete>;
using Error = Owned<wasmd_error_t, wasmd_error_delete>;

// Bytes that are deleted by themselves.
class Bytes {
 public:
  Bytes() { wasm_byte_vec_new_empty(&bytes_); }
  explicit Bytes(const std::string& text) {
    wasm_byte_vec_new(&bytes_, text.size(), text.data());
  }
  Bytes(Bytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Bytes& operator=(Bytes&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Bytes() { wasm_byte_vec_delete(&bytes_); }
  wasm_byte_vec_t* get() { return &bytes_; }
  size_t size() const { return bytes_.size; }

 private:
  wasm_byte_vec_t bytes_;
};

inline std::string MessageOf(const Trap& trap) {
  wasm_message_t message;
  wasm_trap_message(trap.get(), &message);
  std::string text(message.data);
  wasm_name_delete(&message);
  return text;
}

}  // namespace wasmd_api

#endif  // WASMD_EXAMPLES_EMBED_WASMD_HPP_

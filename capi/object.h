// The objects behind the pointers of wasm.h that refer to something. One
// object stands for one thing: all pointers to it are the same, and `owners`
// counts those who must still delete theirs. A Store holds one owner of each
// extern and instance, and of whatever the guest may have as an externref.
//
// Confined to the thread of the store, except `owners`, and except modules,
// which are immutable but for their host info.

#ifndef WASMD_CAPI_OBJECT_H_
#define WASMD_CAPI_OBJECT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capi/include/wasm.h"
#include "interp/reference.h"
#include "interp/slot.h"
#include "interp/thread.h"
#include "interp/translated_module.h"

namespace wasmd::capi {

enum class ObjectKind : uint8_t {
  kFunction,
  kGlobal,
  kTable,
  kMemory,
  kTag,
  kInstance,
  kTrap,
  kForeign,
  kModule,
  kHeapValue,  // an i31 or an object of the heap, see wasmd_heap_value_t
  kVector,     // a v128
};

}  // namespace wasmd::capi

struct wasm_ref_t {
  wasm_ref_t(wasmd::capi::ObjectKind kind_in, wasm_store_t* store_in,
             uint32_t address_in = 0);
  wasm_ref_t(const wasm_ref_t&) = delete;
  wasm_ref_t& operator=(const wasm_ref_t&) = delete;

  void Retain() const { owners.fetch_add(1, std::memory_order_relaxed); }
  void Release() const {
    if (owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  void SetHostInfo(void* info, void (*new_finalizer)(void*));

  const wasmd::capi::ObjectKind kind;
  mutable std::atomic<uint32_t> owners{1};
  // Null: it needs none, or the store is gone.
  wasm_store_t* store = nullptr;
  const uint32_t address = 0;  // of an extern or instance
  // What the guest knows it by as an externref; 0: the guest never had it. Of
  // what belongs to no store, the stores keep that.
  uint64_t handle = 0;
  void* host_info = nullptr;
  void (*finalizer)(void*) = nullptr;
  // The other objects of the store.
  wasm_ref_t* previous = nullptr;
  wasm_ref_t* next = nullptr;

 protected:
  virtual ~wasm_ref_t();
};

struct wasm_extern_t : wasm_ref_t {
  using wasm_ref_t::wasm_ref_t;
};
struct wasm_func_t final : wasm_extern_t {
  using wasm_extern_t::wasm_extern_t;
};
struct wasm_global_t final : wasm_extern_t {
  using wasm_extern_t::wasm_extern_t;
};
struct wasm_table_t final : wasm_extern_t {
  using wasm_extern_t::wasm_extern_t;
};
struct wasm_memory_t final : wasm_extern_t {
  using wasm_extern_t::wasm_extern_t;
  // wasm_memory_data gave the program a way to write that nobody sees.
  bool has_untracked_writes = false;
  bool is_tracked = false;  // the program promised to mark what it writes
};
struct wasmd_tag_t final : wasm_extern_t {
  using wasm_extern_t::wasm_extern_t;
};
struct wasm_instance_t final : wasm_ref_t {
  using wasm_ref_t::wasm_ref_t;
};

struct wasm_foreign_t final : wasm_ref_t {
  explicit wasm_foreign_t(wasm_store_t* store_in)
      : wasm_ref_t(wasmd::capi::ObjectKind::kForeign, store_in) {}
};

struct wasm_module_t final : wasm_ref_t {
  explicit wasm_module_t(std::shared_ptr<wasmd::TranslatedModule> code_in)
      : wasm_ref_t(wasmd::capi::ObjectKind::kModule, nullptr),
        code(std::move(code_in)) {}
  const std::shared_ptr<wasmd::TranslatedModule> code;
};
struct wasm_shared_module_t {
  std::shared_ptr<wasmd::TranslatedModule> code;
};

struct wasm_frame_t {
  wasm_instance_t* instance = nullptr;  // an owner of it; may be null
  uint32_t function_index = 0;
  size_t function_offset = 0;
  size_t module_offset = 0;
};

struct wasm_trap_t final : wasm_ref_t {
  wasm_trap_t(wasm_store_t* store_in, std::string message_in)
      : wasm_ref_t(wasmd::capi::ObjectKind::kTrap, store_in),
        message(std::move(message_in)) {}
  ~wasm_trap_t() override;

  std::string message;
  bool has_frames = false;
  std::vector<wasm_frame_t> frames;   // innermost first
  std::optional<uint32_t> exit_code;  // the guest called proc_exit
  // The exception that was not caught; an owner of it.
  wasm_ref_t* exception = nullptr;
};

// A reference that is neither a function nor the program's: a root of the heap.
struct wasmd_heap_value_t final : wasm_ref_t {
  wasmd_heap_value_t(wasm_store_t* store_in, wasmd::Slot slot_in)
      : wasm_ref_t(wasmd::capi::ObjectKind::kHeapValue, store_in),
        slot(slot_in) {}
  wasmd::Slot slot;
};

struct wasmd_vector_t final : wasm_ref_t {
  wasmd_vector_t(wasmd::Slot low_in, wasmd::Slot high_in)
      : wasm_ref_t(wasmd::capi::ObjectKind::kVector, nullptr),
        low(low_in),
        high(high_in) {}
  const wasmd::Slot low;
  const wasmd::Slot high;
};

namespace wasmd::capi {

template <typename T>
T* Retained(T* object) {
  if (object != nullptr) object->Retain();
  return object;
}

inline void Release(const wasm_ref_t* object) {
  if (object != nullptr) object->Release();
}

// What the program's wasm_X_delete does. Ends the program if the only owner
// left is the store: then this pointer was not the program's to delete.
void ReleaseByProgram(const wasm_ref_t* object);

bool IsExtern(ObjectKind kind);

// Whether both are the same thing of the guest or the program.
bool IsSame(const wasm_ref_t* a, const wasm_ref_t* b);

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_OBJECT_H_

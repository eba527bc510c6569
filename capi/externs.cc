// Globals, tables, memories and externs of wasm.h, and what wasmd.h adds.

#include <cstring>
#include <limits>
#include <optional>

#include "absl/status/statusor.h"
#include "base/str_cat.h"
#include "capi/include/wasmd.h"
#include "capi/store_state.h"
#include "capi/type_objects.h"
#include "capi/values.h"
#include "interp/instances.h"
#include "interp/memory_instance.h"
#include "wasm/limits.h"

using wasmd::ExternKind;
using wasmd::capi::Clamped;
using wasmd::capi::ObjectKind;
using wasmd::capi::Retained;

namespace {

// Whether the object can be asked: it is there, and so is its store.
bool IsLive(const wasm_ref_t* object) {
  return object != nullptr && object->store != nullptr;
}

bool Fail(wasm_store_t* store, std::string reason) {
  store->set_error(std::move(reason));
  return false;
}

template <typename T>
T* AsType(std::unique_ptr<wasm_externtype_t> type) {
  return static_cast<T*>(type.release());
}

wasmd::GlobalInstance& InstanceOf(const wasm_global_t* global) {
  return global->store->store().global(global->address);
}
wasmd::TableInstance& InstanceOf(const wasm_table_t* table) {
  return table->store->store().table(table->address);
}
wasmd::MemoryInstance& InstanceOf(const wasm_memory_t* memory) {
  return memory->store->store().memory(memory->address);
}

ExternKind KindOfExtern(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kGlobal:
      return ExternKind::kGlobal;
    case ObjectKind::kTable:
      return ExternKind::kTable;
    case ObjectKind::kMemory:
      return ExternKind::kMemory;
    case ObjectKind::kTag:
      return ExternKind::kTag;
    default:
      return ExternKind::kFunction;
  }
}

// What the specification asks of limits (valid-limits), `bound` of both.
bool AreValid(const wasmd::Limits& limits, uint64_t bound) {
  return limits.min <= bound &&
         (!limits.max.has_value() ||
          (limits.min <= *limits.max && *limits.max <= bound));
}

}  // namespace

extern "C" {

wasm_global_t* wasm_global_new(wasm_store_t* store,
                               const wasm_globaltype_t* type,
                               const wasm_val_t* value) {
  if (store == nullptr || type == nullptr || value == nullptr) return nullptr;
  wasmd::Value initial;
  std::string error;
  if (!wasmd::capi::ToValue(*store, *value, type->type.value, &initial,
                            &error)) {
    store->set_error(wasmd::StrCat("the value ", error));
    return nullptr;
  }
  return Retained(store->Global(store->store().AddGlobal(type->type, initial)));
}

wasm_globaltype_t* wasm_global_type(const wasm_global_t* global) {
  if (!IsLive(global)) return nullptr;
  return AsType<wasm_globaltype_t>(wasmd::capi::TypeOfExtern(
      global->store->store(), {ExternKind::kGlobal, global->address}));
}

void wasm_global_get(const wasm_global_t* global, wasm_val_t* out) {
  if (out == nullptr) return;
  *out = wasmd::capi::NullValue();
  if (!IsLive(global)) return;
  const wasmd::GlobalInstance& instance = InstanceOf(global);
  *out = wasmd::capi::FromSlots(*global->store, instance.type.value,
                                instance.value);
}

void wasm_global_set(wasm_global_t* global, const wasm_val_t* value) {
  if (!IsLive(global) || value == nullptr) return;
  wasmd::GlobalInstance& instance = InstanceOf(global);
  if (!instance.type.is_mutable) {
    global->store->set_error("the global is constant");
    return;
  }
  wasmd::Value converted;
  std::string error;
  if (!wasmd::capi::ToValue(*global->store, *value, instance.type.value,
                            &converted, &error)) {
    global->store->set_error(wasmd::StrCat("the value ", error));
    return;
  }
  instance.value[0] = converted.low;
  instance.value[1] = converted.high;
}

wasm_table_t* wasm_table_new(wasm_store_t* store, const wasm_tabletype_t* type,
                             wasm_ref_t* init) {
  if (store == nullptr || type == nullptr) return nullptr;
  if (!AreValid(type->type.limits, std::numeric_limits<uint32_t>::max())) {
    store->set_error("the table's minimum is past its maximum");
    return nullptr;
  }
  wasmd::Slot initial = 0;
  std::string error;
  if (!wasmd::capi::ToReference(*store, init, type->type.element, &initial,
                                &error)) {
    store->set_error(wasmd::StrCat("the initial element ", error));
    return nullptr;
  }
  const absl::StatusOr<wasmd::TableAddr> address =
      store->store().AddTable(type->type, initial);
  if (address.ok()) return Retained(store->Table(*address));
  store->set_error(address.status());
  return nullptr;
}

wasm_tabletype_t* wasm_table_type(const wasm_table_t* table) {
  if (!IsLive(table)) return nullptr;
  return AsType<wasm_tabletype_t>(wasmd::capi::TypeOfExtern(
      table->store->store(), {ExternKind::kTable, table->address}));
}

wasm_ref_t* wasm_table_get(const wasm_table_t* table, wasm_table_size_t index) {
  if (!IsLive(table)) return nullptr;
  const wasmd::TableInstance& instance = InstanceOf(table);
  if (index >= instance.elements.size()) return nullptr;
  return wasmd::capi::FromReference(*table->store, instance.type.element,
                                    instance.elements[index]);
}

bool wasm_table_set(wasm_table_t* table, wasm_table_size_t index,
                    wasm_ref_t* element) {
  if (!IsLive(table)) return false;
  wasmd::TableInstance& instance = InstanceOf(table);
  if (index >= instance.elements.size()) {
    return Fail(table->store,
                wasmd::StrCat("the table has no element ", index));
  }
  wasmd::Slot slot = 0;
  std::string error;
  if (!wasmd::capi::ToReference(*table->store, element, instance.type.element,
                                &slot, &error)) {
    return Fail(table->store, wasmd::StrCat("the element ", error));
  }
  instance.elements[index] = slot;
  return true;
}

wasm_table_size_t wasm_table_size(const wasm_table_t* table) {
  return IsLive(table) ? Clamped(InstanceOf(table).elements.size()) : 0;
}

bool wasm_table_grow(wasm_table_t* table, wasm_table_size_t delta,
                     wasm_ref_t* init) {
  if (!IsLive(table)) return false;
  wasmd::TableInstance& instance = InstanceOf(table);
  wasmd::Slot slot = 0;
  std::string error;
  if (!wasmd::capi::ToReference(*table->store, init, instance.type.element,
                                &slot, &error)) {
    return Fail(table->store, wasmd::StrCat("the initial element ", error));
  }
  return table->store->store().GrowTable(instance, delta, slot) >= 0 ||
         Fail(table->store, "the table cannot have so many elements");
}

wasm_memory_t* wasm_memory_new(wasm_store_t* store,
                               const wasm_memorytype_t* type) {
  if (store == nullptr || type == nullptr) return nullptr;
  const bool is_64 = type->type.address == wasmd::AddressType::kI64;
  if (!AreValid(type->type.limits,
                is_64 ? wasmd::kMaxMemory64Pages : wasmd::kMaxMemory32Pages)) {
    store->set_error("the memory's limits are not valid");
    return nullptr;
  }
  const absl::StatusOr<wasmd::MemAddr> address =
      store->store().AddMemory(type->type);
  if (address.ok()) return Retained(store->Memory(*address));
  store->set_error(address.status());
  return nullptr;
}

wasm_memorytype_t* wasm_memory_type(const wasm_memory_t* memory) {
  if (!IsLive(memory)) return nullptr;
  return AsType<wasm_memorytype_t>(wasmd::capi::TypeOfExtern(
      memory->store->store(), {ExternKind::kMemory, memory->address}));
}

byte_t* wasm_memory_data(wasm_memory_t* memory) {
  if (!IsLive(memory)) return nullptr;
  memory->has_untracked_writes = !memory->is_tracked;
  return reinterpret_cast<byte_t*>(InstanceOf(memory).data());
}

size_t wasm_memory_data_size(const wasm_memory_t* memory) {
  return IsLive(memory) ? InstanceOf(memory).size_bytes() : 0;
}

wasm_memory_pages_t wasm_memory_size(const wasm_memory_t* memory) {
  return IsLive(memory) ? Clamped(InstanceOf(memory).size_pages()) : 0;
}

bool wasm_memory_grow(wasm_memory_t* memory, wasm_memory_pages_t delta) {
  if (!IsLive(memory)) return false;
  return memory->store->store().GrowMemory(InstanceOf(memory), delta) >= 0 ||
         Fail(memory->store, "the memory cannot have so many pages");
}

bool wasmd_memory_read(const wasm_memory_t* memory, uint64_t offset, void* out,
                       size_t size) {
  if (!IsLive(memory) || (out == nullptr && size != 0)) return false;
  const auto bytes = InstanceOf(memory).Bytes(offset, size);
  if (!bytes.ok()) return Fail(memory->store, "past the end of the memory");
  if (size != 0) std::memcpy(out, bytes->data(), size);
  return true;
}

bool wasmd_memory_write(wasm_memory_t* memory, uint64_t offset,
                        const void* bytes, size_t size) {
  if (!IsLive(memory) || (bytes == nullptr && size != 0)) return false;
  const auto to = InstanceOf(memory).MutableBytes(offset, size);
  if (!to.ok()) return Fail(memory->store, "past the end of the memory");
  if (size != 0) std::memcpy(to->data(), bytes, size);
  return true;
}

void wasmd_memory_set_tracked(wasm_memory_t* memory) {
  if (!IsLive(memory)) return;
  // What was written before the promise is nobody's to mark.
  if (memory->has_untracked_writes) {
    InstanceOf(memory).MarkDirty(0, InstanceOf(memory).size_bytes());
  }
  memory->has_untracked_writes = false;
  memory->is_tracked = true;
}

bool wasmd_memory_mark_dirty(wasm_memory_t* memory, uint64_t offset,
                             size_t size) {
  if (!IsLive(memory)) return false;
  wasmd::MemoryInstance& instance = InstanceOf(memory);
  if (!instance.InBounds(offset, size)) {
    return Fail(memory->store, "past the end of the memory");
  }
  instance.MarkDirty(offset, size);
  return true;
}

wasm_externkind_t wasm_extern_kind(const wasm_extern_t* object) {
  if (object == nullptr) return WASM_EXTERN_FUNC;
  switch (object->kind) {
    case ObjectKind::kGlobal:
      return WASM_EXTERN_GLOBAL;
    case ObjectKind::kTable:
      return WASM_EXTERN_TABLE;
    case ObjectKind::kMemory:
      return WASM_EXTERN_MEMORY;
    case ObjectKind::kTag:
      return WASMD_EXTERN_TAG;
    default:
      return WASM_EXTERN_FUNC;
  }
}

wasm_externtype_t* wasm_extern_type(const wasm_extern_t* object) {
  if (!IsLive(object)) return nullptr;
  return wasmd::capi::TypeOfExtern(
             object->store->store(),
             {KindOfExtern(object->kind), object->address})
      .release();
}

wasm_ref_t* wasmd_v128_new(const uint8_t bytes[16]) {
  if (bytes == nullptr) return nullptr;
  return new wasmd_vector_t(wasmd::LoadLittle<wasmd::Slot>(bytes),
                            wasmd::LoadLittle<wasmd::Slot>(bytes + 8));
}

bool wasmd_v128_get(const wasm_ref_t* reference, uint8_t out[16]) {
  if (reference == nullptr || out == nullptr ||
      reference->kind != ObjectKind::kVector) {
    return false;
  }
  const auto& vector = static_cast<const wasmd_vector_t&>(*reference);
  wasmd::StoreLittle(out, vector.low);
  wasmd::StoreLittle(out + 8, vector.high);
  return true;
}

wasm_ref_t* wasmd_i31_new(wasm_store_t* store, int32_t value) {
  if (store == nullptr) return nullptr;
  return new wasmd_heap_value_t(
      store, wasmd::I31Reference(static_cast<uint32_t>(value)));
}

bool wasmd_i31_get(const wasm_ref_t* reference, int32_t* out) {
  if (reference == nullptr || out == nullptr ||
      reference->kind != ObjectKind::kHeapValue) {
    return false;
  }
  const wasmd::Slot slot =
      static_cast<const wasmd_heap_value_t*>(reference)->slot;
  if (!wasmd::IsI31(slot)) return false;
  *out = wasmd::I31Signed(slot);
  return true;
}

bool wasmd_ref_set_id(wasm_ref_t* object, uint64_t id) {
  if (!IsLive(object) || object->kind == ObjectKind::kHeapValue) return false;
  return object->store->SetHandle(object, id) ||
         Fail(object->store, "the number is taken or not in range");
}

uint64_t wasmd_ref_id(wasm_ref_t* object) {
  if (!IsLive(object) || object->kind == ObjectKind::kHeapValue) return 0;
  return object->store->HandleOf(object);
}

}  // extern "C"

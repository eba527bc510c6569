#include "capi/values.h"

#include "base/check.h"
#include "base/str_cat.h"
#include "capi/include/wasmd.h"
#include "capi/type_objects.h"

namespace wasmd::capi {
namespace {

bool IsNotOfType(ValueType type, std::string* error) {
  *error = StrCat("is not of type ", ToString(type));
  return false;
}

wasm_valkind_t KindIn(const Store& store, ValueType type) {
  return KindOf(WithoutIndices(store.types(), type));
}

}  // namespace

bool ToReference(wasm_store_t& store, wasm_ref_t* reference, ValueType type,
                 Slot* out, std::string* error) {
  *out = kNullReference;
  if (reference == nullptr) {
    return type.is_nullable() || IsNotOfType(type, error);
  }
  // A v128 is a value in a box, not a thing to refer to.
  if (reference->kind == ObjectKind::kVector) return IsNotOfType(type, error);
  if (reference->kind != ObjectKind::kModule && reference->store != &store) {
    *error = reference->store == nullptr ? "is of a store that was deleted"
                                         : "is of another store";
    return false;
  }
  switch (store.store().types().TopOf(type.heap_type())) {
    case AbstractHeapType::kFunc:
      if (reference->kind != ObjectKind::kFunction) {
        return IsNotOfType(type, error);
      }
      *out = FunctionReference(reference->address);
      break;
    case AbstractHeapType::kExn:
      if (reference->kind != ObjectKind::kHeapValue) {
        return IsNotOfType(type, error);
      }
      [[fallthrough]];
    default:
      *out = reference->kind == ObjectKind::kHeapValue
                 ? static_cast<wasmd_heap_value_t*>(reference)->slot
                 : HostReference(store.HandleOf(reference));
      break;
  }
  return store.store().IsValueOf(*out, type) || IsNotOfType(type, error);
}

bool ToValue(wasm_store_t& store, const wasm_val_t& value, ValueType type,
             Value* out, std::string* error) {
  out->type = type;
  out->high = 0;
  switch (type.kind()) {
    case ValueKind::kI32:
      out->low = ToSlot(value.of.i32);
      return value.kind == WASM_I32 || IsNotOfType(type, error);
    case ValueKind::kI64:
      out->low = ToSlot(value.of.i64);
      return value.kind == WASM_I64 || IsNotOfType(type, error);
    case ValueKind::kF32:
      out->low = ToSlot(value.of.f32);
      return value.kind == WASM_F32 || IsNotOfType(type, error);
    case ValueKind::kF64:
      out->low = ToSlot(value.of.f64);
      return value.kind == WASM_F64 || IsNotOfType(type, error);
    case ValueKind::kV128: {
      if (value.kind != WASMD_V128 || value.of.ref == nullptr ||
          value.of.ref->kind != ObjectKind::kVector) {
        return IsNotOfType(type, error);
      }
      const auto& vector = static_cast<const wasmd_vector_t&>(*value.of.ref);
      out->low = vector.low;
      out->high = vector.high;
      return true;
    }
    case ValueKind::kRef:
      if (!wasm_valkind_is_ref(value.kind)) return IsNotOfType(type, error);
      return ToReference(store, value.of.ref, type, &out->low, error);
    case ValueKind::kBottom:
      break;
  }
  CHECK(false);
}

wasm_ref_t* FromReference(wasm_store_t& store, ValueType type, Slot reference) {
  if (reference == kNullReference) return nullptr;
  if (store.store().types().TopOf(type.heap_type()) ==
      AbstractHeapType::kFunc) {
    return Retained<wasm_ref_t>(store.Function(FunctionOf(reference)));
  }
  if (IsHostReference(reference)) {
    return Retained(store.ObjectOf(HostHandleOf(reference)));
  }
  return new wasmd_heap_value_t(&store, reference);
}

wasm_val_t FromSlots(wasm_store_t& store, ValueType type, const Slot* slots) {
  wasm_val_t value;
  switch (type.kind()) {
    case ValueKind::kI32:
      value.kind = WASM_I32;
      value.of.i32 = FromSlot<int32_t>(slots[0]);
      return value;
    case ValueKind::kI64:
      value.kind = WASM_I64;
      value.of.i64 = FromSlot<int64_t>(slots[0]);
      return value;
    case ValueKind::kF32:
      value.kind = WASM_F32;
      value.of.f32 = FromSlot<float>(slots[0]);
      return value;
    case ValueKind::kF64:
      value.kind = WASM_F64;
      value.of.f64 = FromSlot<double>(slots[0]);
      return value;
    case ValueKind::kV128:
      value.kind = WASMD_V128;
      value.of.ref = new wasmd_vector_t(slots[0], slots[1]);
      return value;
    case ValueKind::kRef:
      value.kind = KindIn(store.store(), type);
      value.of.ref = FromReference(store, type, slots[0]);
      return value;
    case ValueKind::kBottom:
      break;
  }
  CHECK(false);
}

}  // namespace wasmd::capi

using wasmd::capi::Retained;

extern "C" {

void wasm_val_delete(wasm_val_t* value) {
  if (value == nullptr || !wasm_valkind_is_ref(value->kind)) return;
  wasmd::capi::ReleaseByProgram(value->of.ref);
  value->of.ref = nullptr;
}

void wasm_val_copy(wasm_val_t* out, const wasm_val_t* value) {
  if (out == nullptr) return;
  *out = value == nullptr ? wasmd::capi::NullValue() : *value;
  if (wasm_valkind_is_ref(out->kind)) Retained(out->of.ref);
}

wasm_foreign_t* wasm_foreign_new(wasm_store_t* store) {
  return store == nullptr ? nullptr : new wasm_foreign_t(store);
}

}  // extern "C"

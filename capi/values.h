// wasm_val_t to and from the values of a store.

#ifndef WASMD_CAPI_VALUES_H_
#define WASMD_CAPI_VALUES_H_

#include <string>

#include "capi/include/wasm.h"
#include "capi/store_state.h"
#include "interp/slot.h"
#include "interp/value.h"
#include "wasm/types.h"

namespace wasmd::capi {

// Numbers have the same numbers in both worlds; their bits are those of the
// integer that is as wide.
constexpr wasm_valkind_t KindOfNumber(ValueType type) {
  return static_cast<wasm_valkind_t>(type.kind());
}
constexpr bool IsWide(ValueType type) {
  return type == kI64Type || type == kF64Type;
}
static_assert(KindOfNumber(kI32Type) == WASM_I32 &&
              KindOfNumber(kI64Type) == WASM_I64 &&
              KindOfNumber(kF32Type) == WASM_F32 &&
              KindOfNumber(kF64Type) == WASM_F64);

// `type` is of the store: concrete types in it are TypeIds. False, with the
// reason in `error`, if `value` is not of it: another kind, null where it must
// not be, of another store. What kind a reference says it is does not matter,
// since WASM_REF_VAL says externref of all.
bool ToValue(wasm_store_t& store, const wasm_val_t& value, ValueType type,
             Value* out, std::string* error);
// The same for a bare reference; null is the null reference.
bool ToReference(wasm_store_t& store, wasm_ref_t* reference, ValueType type,
                 Slot* out, std::string* error);

// The same for numbers only, which is all that most calls pass: false for what
// ToValue has to look at.
inline bool NumberToSlot(const wasm_val_t& value, ValueType type, Slot* out) {
  if (!type.is_number() || value.kind != KindOfNumber(type)) return false;
  *out = IsWide(type) ? ToSlot(value.of.i64) : ToSlot(value.of.i32);
  return true;
}
inline bool NumberFromSlot(ValueType type, Slot slot, wasm_val_t* out) {
  if (!type.is_number()) return false;
  out->kind = KindOfNumber(type);
  if (IsWide(type)) {
    out->of.i64 = FromSlot<int64_t>(slot);
  } else {
    out->of.i32 = FromSlot<int32_t>(slot);
  }
  return true;
}

// A value that the caller owns; `slots` are two for a v128.
wasm_val_t FromSlots(wasm_store_t& store, ValueType type, const Slot* slots);
// A reference that the caller owns; null for the null reference.
wasm_ref_t* FromReference(wasm_store_t& store, ValueType type, Slot reference);

// The null reference, as WASM_INIT_VAL.
inline wasm_val_t NullValue() {
  wasm_val_t value;
  value.kind = WASM_EXTERNREF;
  value.of.ref = nullptr;
  return value;
}

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_VALUES_H_

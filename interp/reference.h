// Reference: a reference value in one slot (core specification, syntax/ref).
// Never a host pointer: the bits mean the same in every run that restores the
// store, so they may be saved as they are.
//
//   0                     null, of every heap type
//   function              function address + 1
//   i31                   (31-bit value << 1) | 1
//   struct, array, exn    offset of the object in the Store's heap; a multiple
//                         of 8, never 0
//   host                  (handle << 3) | 2, of externref and, after
//                         any.convert_extern, of anyref
//
// Functions live in a hierarchy of their own, so their encoding needs no tag.
// extern.convert_any and any.convert_extern do not change the bits.

#ifndef WASMD_INTERP_REFERENCE_H_
#define WASMD_INTERP_REFERENCE_H_

#include <cstdint>

#include "interp/slot.h"

namespace wasmd {

// Index of a function in its Store (spec: funcaddr). Others likewise.
using FuncAddr = uint32_t;
using TableAddr = uint32_t;
using MemAddr = uint32_t;
using GlobalAddr = uint32_t;
using TagAddr = uint32_t;
using InstanceAddr = uint32_t;  // of a module instance

inline constexpr Slot kNullReference = 0;
inline constexpr uint64_t kMaxHostHandle = (uint64_t{1} << 61) - 1;

constexpr Slot FunctionReference(FuncAddr address) {
  return static_cast<Slot>(address) + 1;
}
constexpr FuncAddr FunctionOf(Slot reference) {  // not null
  return static_cast<FuncAddr>(reference - 1);
}

constexpr Slot HostReference(uint64_t handle) { return (handle << 3) | 2; }
constexpr bool IsHostReference(Slot reference) { return (reference & 7) == 2; }
constexpr uint64_t HostHandleOf(Slot reference) { return reference >> 3; }

constexpr Slot I31Reference(uint32_t value) {
  return (static_cast<Slot>(value & 0x7FFFFFFF) << 1) | 1;
}
constexpr bool IsI31(Slot reference) { return reference & 1; }
constexpr uint32_t I31Unsigned(Slot reference) {
  return static_cast<uint32_t>(reference >> 1);
}
constexpr int32_t I31Signed(Slot reference) {
  return static_cast<int32_t>(static_cast<uint32_t>(reference >> 1) << 1) >> 1;
}

// An object of the heap: struct, array or exception.
constexpr bool IsHeapReference(Slot reference) {
  return reference != 0 && (reference & 7) == 0;
}

}  // namespace wasmd

#endif  // WASMD_INTERP_REFERENCE_H_

// ObjectLayout: how a struct, array or exception lies in the heap. A function
// of its type alone, the same in every release that reads the same snapshots
// (docs/decisions/0003-gc-heap.md).
//
//   byte 0   u32 object type, u32 array length (0 when not an array)
//   byte 8   fields in order, or elements, or an exception's arguments
//
// Every field is aligned to its size (a v128 to 8) and takes that size: packed
// i8 and i16 take 1 and 2 bytes, i32 and f32 4, i64, f64 and references 8, v128
// 16. Nothing is reordered, so a subtype has its supertype's fields at the same
// offsets. Objects are multiples of 8 bytes; what is not a field is zero.

#ifndef WASMD_INTERP_OBJECT_LAYOUT_H_
#define WASMD_INTERP_OBJECT_LAYOUT_H_

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "interp/slot.h"
#include "wasm/types.h"

namespace wasmd {

inline constexpr uint32_t kObjectHeaderBytes = 8;
inline constexpr uint32_t kObjectAlignment = 8;

// How one field or element is kept.
enum class FieldStorage : uint8_t { k8, k16, k32, k64, k128 };

constexpr FieldStorage StorageOf(const FieldType& field) {
  switch (field.packed) {
    case PackedType::kI8:
      return FieldStorage::k8;
    case PackedType::kI16:
      return FieldStorage::k16;
    case PackedType::kNotPacked:
      break;
  }
  switch (field.value.kind()) {
    case ValueKind::kI32:
    case ValueKind::kF32:
      return FieldStorage::k32;
    case ValueKind::kV128:
      return FieldStorage::k128;
    default:
      return FieldStorage::k64;
  }
}

constexpr uint32_t SizeOf(FieldStorage storage) {
  return 1u << static_cast<unsigned>(storage);
}

// How a packed field unpacks; others are zero-extended like any slot.
enum class Extension : uint8_t { kUnsigned, kSigned };

// Reads the field at `at` into a slot, or two for a v128.
inline void LoadField(const uint8_t* at, FieldStorage storage,
                      Extension extension, Slot* out) {
  const bool is_signed = extension == Extension::kSigned;
  switch (storage) {
    case FieldStorage::k8:
      out[0] = is_signed ? ToSlot(int32_t{LoadLittle<int8_t>(at)}) : *at;
      break;
    case FieldStorage::k16:
      out[0] = is_signed ? ToSlot(int32_t{LoadLittle<int16_t>(at)})
                         : LoadLittle<uint16_t>(at);
      break;
    case FieldStorage::k32:
      out[0] = LoadLittle<uint32_t>(at);
      break;
    case FieldStorage::k64:
      out[0] = LoadLittle<uint64_t>(at);
      break;
    case FieldStorage::k128:
      out[0] = LoadLittle<uint64_t>(at);
      out[1] = LoadLittle<uint64_t>(at + 8);
      break;
  }
}

// Writes a slot, or two for a v128, into the field at `at`; packed fields keep
// the low bits. The caller marks the page dirty.
inline void StoreField(uint8_t* at, FieldStorage storage, const Slot* value) {
  switch (storage) {
    case FieldStorage::k8:
      *at = static_cast<uint8_t>(value[0]);
      break;
    case FieldStorage::k16:
      StoreLittle(at, static_cast<uint16_t>(value[0]));
      break;
    case FieldStorage::k32:
      StoreLittle(at, static_cast<uint32_t>(value[0]));
      break;
    case FieldStorage::k64:
      StoreLittle(at, value[0]);
      break;
    case FieldStorage::k128:
      StoreLittle(at, value[0]);
      StoreLittle(at + 8, value[1]);
      break;
  }
}

struct FieldLayout {
  uint32_t offset = 0;  // from the object's first byte
  FieldStorage storage = FieldStorage::k64;
  uint8_t slot_count = 1;
};

// Of a struct, or of an exception with its arguments as fields.
struct StructLayout {
  uint32_t size_bytes = kObjectHeaderBytes;
  std::vector<FieldLayout> fields;
};
StructLayout LayOutStruct(const std::vector<FieldType>& fields);

// The size of an array with `length` elements; never overflows.
constexpr uint64_t ArraySizeBytes(FieldStorage element, uint32_t length) {
  const uint64_t bytes =
      kObjectHeaderBytes + uint64_t{length} * SizeOf(element);
  return (bytes + kObjectAlignment - 1) & ~uint64_t{kObjectAlignment - 1};
}

}  // namespace wasmd

#endif  // WASMD_INTERP_OBJECT_LAYOUT_H_

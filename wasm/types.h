// Types of WebAssembly 3.0 (core specification, syntax/types): value,
// reference, heap, composite, recursive, table, memory, global and tag types.
// Plain values without any state of a running program; thread-compatible.
//
// A concrete heap type names a type by its index in the type index space of one
// Module. Two modules' indices mean nothing to each other: compare across
// modules through TypeStore (interp/type_store.h).

#ifndef WASMD_WASM_TYPES_H_
#define WASMD_WASM_TYPES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wasmd {

// Abstract heap types (syntax-heaptype); the order is not persisted.
enum class AbstractHeapType : uint8_t {
  kFunc,
  kNoFunc,
  kExtern,
  kNoExtern,
  kAny,
  kEq,
  kI31,
  kStruct,
  kArray,
  kNone,
  kExn,
  kNoExn,
};

// A heap type: abstract, or concrete with a type index below 2^22.
class HeapType {
 public:
  static constexpr uint32_t kMaxTypeIndex = (1u << 22) - 1;

  constexpr HeapType(AbstractHeapType abstract)  // NOLINT: a value of it
      : bits_(kAbstractBit | static_cast<uint32_t>(abstract)) {}
  static constexpr HeapType Concrete(uint32_t type_index) {
    return HeapType(type_index);
  }

  constexpr bool is_concrete() const { return !(bits_ & kAbstractBit); }
  constexpr uint32_t type_index() const { return bits_; }  // is_concrete()
  constexpr AbstractHeapType abstract() const {            // !is_concrete()
    return static_cast<AbstractHeapType>(bits_ & ~kAbstractBit);
  }
  constexpr uint32_t bits() const { return bits_; }
  static constexpr HeapType FromBits(uint32_t bits) { return HeapType(bits); }

  friend constexpr bool operator==(HeapType, HeapType) = default;

 private:
  static constexpr uint32_t kAbstractBit = 1u << 22;
  explicit constexpr HeapType(uint32_t bits) : bits_(bits) {}
  uint32_t bits_;  // 23 bits
};

enum class ValueKind : uint8_t {
  kI32,
  kI64,
  kF32,
  kF64,
  kV128,
  kRef,
  kBottom,  // the type of what an unreachable instruction leaves; never stored
};

// A value type in 32 bits. Equality is identity within one module; use
// Validator's or TypeStore's subtype check for matching.
class ValueType {
 public:
  constexpr ValueType() : ValueType(ValueKind::kBottom) {}
  constexpr ValueType(ValueKind kind)  // NOLINT: a number type is its kind
      : bits_(static_cast<uint32_t>(kind) << 24) {}

  static constexpr ValueType Ref(HeapType heap_type, bool nullable) {
    ValueType type(ValueKind::kRef);
    type.bits_ |= heap_type.bits() | (nullable ? kNullableBit : 0);
    return type;
  }

  constexpr ValueKind kind() const {
    return static_cast<ValueKind>(bits_ >> 24);
  }
  constexpr bool is_ref() const { return kind() == ValueKind::kRef; }
  constexpr bool is_number() const { return kind() < ValueKind::kV128; }
  constexpr bool is_vector() const { return kind() == ValueKind::kV128; }
  constexpr bool is_nullable() const { return bits_ & kNullableBit; }  // is_ref
  constexpr HeapType heap_type() const {                               // is_ref
    return HeapType::FromBits(bits_ & (kNullableBit - 1));
  }
  // Has a default value: a number, a vector or a nullable reference.
  constexpr bool is_defaultable() const { return !is_ref() || is_nullable(); }
  // 64-bit slots that a value takes in a frame: 2 for v128, else 1.
  constexpr uint32_t slot_count() const { return is_vector() ? 2 : 1; }

  friend constexpr bool operator==(ValueType, ValueType) = default;

 private:
  static constexpr uint32_t kNullableBit = 1u << 23;
  uint32_t bits_;
};

inline constexpr ValueType kI32Type{ValueKind::kI32};
inline constexpr ValueType kI64Type{ValueKind::kI64};
inline constexpr ValueType kF32Type{ValueKind::kF32};
inline constexpr ValueType kF64Type{ValueKind::kF64};
inline constexpr ValueType kV128Type{ValueKind::kV128};
inline constexpr ValueType kFuncRefType =
    ValueType::Ref(AbstractHeapType::kFunc, true);
inline constexpr ValueType kExternRefType =
    ValueType::Ref(AbstractHeapType::kExtern, true);
inline constexpr ValueType kExnRefType =
    ValueType::Ref(AbstractHeapType::kExn, true);

// As the text format writes it: "i32", "funcref", "(ref null 3)".
std::string ToString(ValueType type);
std::string ToString(HeapType type);

struct FunctionType {
  std::vector<ValueType> params;
  std::vector<ValueType> results;
  friend bool operator==(const FunctionType&, const FunctionType&) = default;
};
std::string ToString(const FunctionType& type);  // "[i32 i32] -> [i64]"

enum class PackedType : uint8_t { kNotPacked, kI8, kI16 };

// A field of a struct, or the element of an array (syntax-fieldtype).
struct FieldType {
  ValueType value;  // what it unpacks to: kI32Type when packed
  PackedType packed = PackedType::kNotPacked;
  bool is_mutable = false;
  friend bool operator==(const FieldType&, const FieldType&) = default;
};

enum class CompositeKind : uint8_t { kFunction, kStruct, kArray };

// One definition of the type section (syntax-subtype).
struct SubType {
  CompositeKind kind = CompositeKind::kFunction;
  FunctionType function;          // kFunction
  std::vector<FieldType> fields;  // kStruct; exactly one for kArray
  bool is_final = true;
  std::optional<uint32_t> supertype;  // type index, the first of them
  // The binary format allows any number; more than one is invalid.
  uint32_t supertype_count = 0;
  // The recursive group: types [group_begin, group_begin + group_count).
  uint32_t group_begin = 0;
  uint32_t group_count = 1;
  // The smallest type index whose definition is the same type (iso-recursive
  // equality of whole groups); set by the decoder once the section is read.
  uint32_t canonical_index = 0;
};

enum class AddressType : uint8_t { kI32, kI64 };

constexpr ValueType ToValueType(AddressType type) {
  return type == AddressType::kI64 ? kI64Type : kI32Type;
}

// Bounds in units of pages (memory) or elements (table).
struct Limits {
  uint64_t min = 0;
  std::optional<uint64_t> max;
  friend bool operator==(const Limits&, const Limits&) = default;
};

struct MemoryType {
  Limits limits;
  AddressType address = AddressType::kI32;
  uint32_t page_size_log2 = 16;  // other values: custom-page-sizes only
  friend bool operator==(const MemoryType&, const MemoryType&) = default;
};

struct TableType {
  ValueType element = kFuncRefType;
  Limits limits;
  AddressType address = AddressType::kI32;
  friend bool operator==(const TableType&, const TableType&) = default;
};

struct GlobalType {
  ValueType value;
  bool is_mutable = false;
  friend bool operator==(const GlobalType&, const GlobalType&) = default;
};

struct TagType {
  uint32_t type_index = 0;  // of a function type without results
};

}  // namespace wasmd

#endif  // WASMD_WASM_TYPES_H_

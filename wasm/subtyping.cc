#include "wasm/subtyping.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace wasmd {
namespace {

constexpr uint32_t Bit(AbstractHeapType type) {
  return 1u << static_cast<int>(type);
}

// The abstract heap types above an abstract one, with itself.
constexpr uint32_t Above(AbstractHeapType type) {
  using enum AbstractHeapType;
  switch (type) {
    case kFunc:
    case kExtern:
    case kExn:
    case kAny:
      return Bit(type);
    case kEq:
      return Bit(kEq) | Bit(kAny);
    case kI31:
    case kStruct:
    case kArray:
      return Bit(type) | Bit(kEq) | Bit(kAny);
    case kNone:
      return Bit(kNone) | Bit(kI31) | Bit(kStruct) | Bit(kArray) | Bit(kEq) |
             Bit(kAny);
    case kNoFunc:
      return Bit(kNoFunc) | Bit(kFunc);
    case kNoExtern:
      return Bit(kNoExtern) | Bit(kExtern);
    case kNoExn:
      return Bit(kNoExn) | Bit(kExn);
  }
  return ~0u;
}

constexpr AbstractHeapType KindOf(const SubType& type) {
  switch (type.kind) {
    case CompositeKind::kFunction:
      return AbstractHeapType::kFunc;
    case CompositeKind::kStruct:
      return AbstractHeapType::kStruct;
    case CompositeKind::kArray:
      break;
  }
  return AbstractHeapType::kArray;
}

bool IsConcreteSubtype(const std::vector<SubType>& types, uint32_t sub,
                       uint32_t super) {
  const uint32_t wanted = types[super].canonical_index;
  // Supertypes come first in the index space, so this ends.
  while (types[sub].canonical_index != wanted) {
    const std::optional<uint32_t> next = types[sub].supertype;
    if (!next || *next >= sub) return false;
    sub = *next;
  }
  return true;
}

bool IsFieldSubtype(const Module& module, const FieldType& sub,
                    const FieldType& super) {
  return sub.is_mutable == super.is_mutable &&
         IsStorageSubtype(module, sub, super) &&
         (!sub.is_mutable || IsStorageSubtype(module, super, sub));
}

}  // namespace

bool IsSubtype(const Module& module, HeapType sub, HeapType super) {
  if (sub == super || sub == kBottomHeapType) return true;
  if (super == kBottomHeapType) return false;
  const std::vector<SubType>& types = module.types;
  if (!super.is_concrete()) {
    const AbstractHeapType from =
        sub.is_concrete() ? KindOf(types[sub.type_index()]) : sub.abstract();
    return Above(from) & Bit(super.abstract());
  }
  if (sub.is_concrete()) {
    return IsConcreteSubtype(types, sub.type_index(), super.type_index());
  }
  const bool is_function =
      types[super.type_index()].kind == CompositeKind::kFunction;
  return sub.abstract() ==
         (is_function ? AbstractHeapType::kNoFunc : AbstractHeapType::kNone);
}

bool IsSubtype(const Module& module, ValueType sub, ValueType super) {
  if (sub == super || sub.kind() == ValueKind::kBottom) return true;
  if (!sub.is_ref() || !super.is_ref()) return false;
  if (sub.is_nullable() && !super.is_nullable()) return false;
  return IsSubtype(module, sub.heap_type(), super.heap_type());
}

bool IsStorageSubtype(const Module& module, const FieldType& sub,
                      const FieldType& super) {
  if (sub.packed != super.packed) return false;
  return sub.packed != PackedType::kNotPacked ||
         IsSubtype(module, sub.value, super.value);
}

bool IsResultSubtype(const Module& module, std::span<const ValueType> sub,
                     std::span<const ValueType> super) {
  if (sub.size() != super.size()) return false;
  for (size_t i = 0; i < sub.size(); ++i) {
    if (!IsSubtype(module, sub[i], super[i])) return false;
  }
  return true;
}

bool IsCompositeSubtype(const Module& module, const SubType& sub,
                        const SubType& super) {
  if (sub.kind != super.kind) return false;
  if (sub.kind == CompositeKind::kFunction) {
    return IsResultSubtype(module, super.function.params,
                           sub.function.params) &&
           IsResultSubtype(module, sub.function.results,
                           super.function.results);
  }
  // A struct may add fields at the end; an array has the one.
  if (sub.fields.size() < super.fields.size()) return false;
  for (size_t i = 0; i < super.fields.size(); ++i) {
    if (!IsFieldSubtype(module, sub.fields[i], super.fields[i])) return false;
  }
  return true;
}

HeapType TopType(const Module& module, HeapType type) {
  if (type.is_concrete()) {
    return KindOf(module.types[type.type_index()]) == AbstractHeapType::kFunc
               ? AbstractHeapType::kFunc
               : AbstractHeapType::kAny;
  }
  const uint32_t above = Above(type.abstract());
  for (const AbstractHeapType top :
       {AbstractHeapType::kFunc, AbstractHeapType::kExtern,
        AbstractHeapType::kExn}) {
    if (above & Bit(top)) return top;
  }
  return AbstractHeapType::kAny;
}

}  // namespace wasmd

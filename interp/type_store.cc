#include "interp/type_store.h"

#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/str_cat.h"
#include "wasm/limits.h"

namespace wasmd {
namespace {

// Ids kept back for the types of host functions, whose number no guest decides.
constexpr uint32_t kReservedIds = 1u << 20;

// Sets of abstract heap types, as bits.
constexpr uint16_t Bit(AbstractHeapType type) {
  return static_cast<uint16_t>(1u << static_cast<unsigned>(type));
}

// The abstract heap types above `type`, and itself.
constexpr uint16_t SupertypesOf(AbstractHeapType type) {
  using enum AbstractHeapType;
  constexpr uint16_t kBelowEq = Bit(kEq) | Bit(kAny);
  switch (type) {
    case kFunc:
      return Bit(kFunc);
    case kNoFunc:
      return Bit(kNoFunc) | Bit(kFunc);
    case kExtern:
      return Bit(kExtern);
    case kNoExtern:
      return Bit(kNoExtern) | Bit(kExtern);
    case kAny:
      return Bit(kAny);
    case kEq:
      return kBelowEq;
    case kI31:
      return Bit(kI31) | kBelowEq;
    case kStruct:
      return Bit(kStruct) | kBelowEq;
    case kArray:
      return Bit(kArray) | kBelowEq;
    case kNone:
      return Bit(kNone) | Bit(kI31) | Bit(kStruct) | Bit(kArray) | kBelowEq;
    case kExn:
      return Bit(kExn);
    case kNoExn:
      return Bit(kNoExn) | Bit(kExn);
  }
  return 0;
}

constexpr AbstractHeapType AbstractOf(CompositeKind kind) {
  switch (kind) {
    case CompositeKind::kFunction:
      return AbstractHeapType::kFunc;
    case CompositeKind::kStruct:
      return AbstractHeapType::kStruct;
    case CompositeKind::kArray:
      return AbstractHeapType::kArray;
  }
  return AbstractHeapType::kFunc;
}

// Writes the structure of a recursive group as bytes: equal if and only if the
// groups are the same types. References into the group are written relative to
// it (spec: rec.i), all others as TypeIds, which are canonical already.
class KeyWriter {
 public:
  // `ids` has the types before the group.
  KeyWriter(uint32_t group_begin, const std::vector<TypeId>& ids)
      : group_begin_(group_begin), ids_(ids) {}

  void Write(const SubType& type) {
    WriteWord(static_cast<uint32_t>(type.kind) | (type.is_final ? 8u : 0u));
    WriteWord(type.supertype.has_value() ? TypeReference(*type.supertype)
                                         : kNoType);
    switch (type.kind) {
      case CompositeKind::kFunction:
        WriteTypes(type.function.params);
        WriteTypes(type.function.results);
        break;
      case CompositeKind::kStruct:
      case CompositeKind::kArray:
        WriteWord(static_cast<uint32_t>(type.fields.size()));
        for (const FieldType& field : type.fields) {
          Write(field.value);
          WriteWord(static_cast<uint32_t>(field.packed) |
                    (field.is_mutable ? 8u : 0u));
        }
        break;
    }
  }

  std::string Take() { return std::move(key_); }

 private:
  static constexpr uint32_t kLocalBit = 1u << 31;
  static constexpr uint32_t kNoType = ~0u;

  uint32_t TypeReference(uint32_t index) const {
    return index >= group_begin_ ? (index - group_begin_) | kLocalBit
                                 : ids_[index];
  }

  void Write(ValueType type) {
    WriteWord(static_cast<uint32_t>(type.kind()) |
              (type.is_ref() && type.is_nullable() ? 8u : 0u));
    if (!type.is_ref()) return;
    const HeapType heap_type = type.heap_type();
    // The bits of an abstract type are above those of any TypeId.
    WriteWord(heap_type.is_concrete() ? TypeReference(heap_type.type_index())
                                      : heap_type.bits());
  }

  void WriteTypes(const std::vector<ValueType>& types) {
    WriteWord(static_cast<uint32_t>(types.size()));
    for (ValueType type : types) Write(type);
  }

  void WriteWord(uint32_t word) {
    char bytes[sizeof(word)];
    StoreLittle(bytes, word);
    key_.append(bytes, sizeof(bytes));
  }

  const uint32_t group_begin_;
  const std::vector<TypeId>& ids_;
  std::string key_;
};

SubType Substitute(SubType type, const std::vector<TypeId>& ids) {
  for (ValueType& t : type.function.params) t = wasmd::Substitute(t, ids);
  for (ValueType& t : type.function.results) t = wasmd::Substitute(t, ids);
  for (FieldType& field : type.fields) {
    field.value = wasmd::Substitute(field.value, ids);
  }
  if (type.supertype.has_value()) type.supertype = ids[*type.supertype];
  return type;
}

}  // namespace

void TypeStore::Add(SubType type) {
  auto entry = std::make_unique<Entry>();
  const TypeId id = size();
  if (type.supertype.has_value()) {
    entry->supertypes = types_[*type.supertype]->supertypes;
  }
  entry->supertypes.push_back(id);
  CHECK(entry->supertypes.size() <= kMaxSubtypingDepth + 1);
  type.canonical_index = id;
  entry->type = std::move(type);
  types_.push_back(std::move(entry));
}

absl::StatusOr<std::vector<TypeId>> TypeStore::Intern(const Module& module) {
  std::vector<TypeId> ids;
  ids.reserve(module.types.size());
  while (ids.size() < module.types.size()) {
    const uint32_t begin = static_cast<uint32_t>(ids.size());
    const uint32_t count = module.types[begin].group_count;
    CHECK(module.types[begin].group_begin == begin && count > 0 &&
          count <= module.types.size() - begin);
    if (size() + count > HeapType::kMaxTypeIndex - kReservedIds) {
      return absl::ResourceExhaustedError(
          StrCat("too many different types in one store: over ",
                 HeapType::kMaxTypeIndex - kReservedIds));
    }
    KeyWriter key(begin, ids);
    for (uint32_t i = 0; i < count; ++i) key.Write(module.types[begin + i]);
    const auto [group, is_new] = groups_.try_emplace(key.Take(), size());
    for (uint32_t i = 0; i < count; ++i) ids.push_back(group->second + i);
    if (!is_new) continue;
    for (uint32_t i = 0; i < count; ++i) {
      SubType type = Substitute(module.types[begin + i], ids);
      type.group_begin = group->second;
      Add(std::move(type));
    }
  }
  return ids;
}

TypeId TypeStore::Intern(const FunctionType& type) {
  SubType sub_type;
  sub_type.function = type;
  KeyWriter key(0, {});
  key.Write(sub_type);
  const auto [group, is_new] = groups_.try_emplace(key.Take(), size());
  if (!is_new) return group->second;
  CHECK(size() < HeapType::kMaxTypeIndex);
  sub_type.group_begin = size();
  Add(std::move(sub_type));
  return group->second;
}

bool TypeStore::IsSubtype(HeapType sub, HeapType super) const {
  if (sub == super) return true;
  if (sub.is_concrete()) {
    if (super.is_concrete()) {
      return IsSubtype(sub.type_index(), super.type_index());
    }
    return wasmd::IsSubtype(AbstractOf(Get(sub.type_index()).kind),
                            super.abstract());
  }
  if (super.is_concrete()) {
    // Only the bottom of its hierarchy is below a concrete type.
    const bool is_function =
        Get(super.type_index()).kind == CompositeKind::kFunction;
    return sub.abstract() ==
           (is_function ? AbstractHeapType::kNoFunc : AbstractHeapType::kNone);
  }
  return wasmd::IsSubtype(sub.abstract(), super.abstract());
}

bool TypeStore::IsSubtype(ValueType sub, ValueType super) const {
  if (sub == super || sub.kind() == ValueKind::kBottom) return true;
  if (!sub.is_ref() || !super.is_ref()) return false;
  if (sub.is_nullable() && !super.is_nullable()) return false;
  return IsSubtype(sub.heap_type(), super.heap_type());
}

AbstractHeapType TypeStore::TopOf(HeapType type) const {
  return wasmd::TopOf(type.is_concrete()
                          ? AbstractOf(Get(type.type_index()).kind)
                          : type.abstract());
}

HeapType Substitute(HeapType type, const std::vector<TypeId>& ids) {
  return type.is_concrete() ? HeapType::Concrete(ids[type.type_index()]) : type;
}

ValueType Substitute(ValueType type, const std::vector<TypeId>& ids) {
  if (!type.is_ref() || !type.heap_type().is_concrete()) return type;
  return ValueType::Ref(Substitute(type.heap_type(), ids), type.is_nullable());
}

AbstractHeapType TopOf(AbstractHeapType type) {
  using enum AbstractHeapType;
  for (AbstractHeapType top : {kFunc, kExtern, kExn}) {
    if (IsSubtype(type, top)) return top;
  }
  return kAny;
}

bool IsSubtype(AbstractHeapType sub, AbstractHeapType super) {
  return SupertypesOf(sub) & Bit(super);
}

}  // namespace wasmd

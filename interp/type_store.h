// TypeStore: the types of all modules of one Store, each once (core
// specification, valid/conventions "rolling and unrolling"): whole recursive
// groups are compared, so types of two modules are equal if and only if they
// have the same TypeId. Confined to one thread at a time, as its Store.

#ifndef WASMD_INTERP_TYPE_STORE_H_
#define WASMD_INTERP_TYPE_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "wasm/module.h"
#include "wasm/types.h"

namespace wasmd {

// Index into a TypeStore; below HeapType::kMaxTypeIndex, so that it can stand
// in a HeapType. Not persisted: a restored Store may number anew.
using TypeId = uint32_t;

class TypeStore {
 public:
  // The ids of the module's type index space, in order; adds what is new.
  // ResourceExhausted when the modules of the Store have some 3 million
  // different types; then some of the module's may have been added.
  absl::StatusOr<std::vector<TypeId>> Intern(const Module& module);
  // The id of a plain final function type whose types name no type index.
  TypeId Intern(const FunctionType& type);

  // The definition; concrete heap types inside, the supertype and the group are
  // TypeIds, not indices of any module. The reference is stable.
  const SubType& Get(TypeId id) const { return types_[id]->type; }

  // True if `sub` is `super` or declared below it. Constant time.
  bool IsSubtype(TypeId sub, TypeId super) const {
    if (sub == super) return true;
    const std::vector<TypeId>& chain = types_[sub]->supertypes;
    const size_t depth = types_[super]->supertypes.size() - 1;
    return depth < chain.size() && chain[depth] == super;
  }
  // Matching of reference and value types whose concrete types are TypeIds.
  bool IsSubtype(HeapType sub, HeapType super) const;
  bool IsSubtype(ValueType sub, ValueType super) const;

  // The top of the hierarchy that the heap type is in: func, extern, any, exn.
  AbstractHeapType TopOf(HeapType type) const;

  uint32_t size() const { return static_cast<uint32_t>(types_.size()); }

 private:
  struct Entry {
    SubType type;
    std::vector<TypeId> supertypes;  // from the root down to itself
  };

  void Add(SubType type);

  std::vector<std::unique_ptr<Entry>> types_;
  // Structural key -> first id of the group.
  absl::flat_hash_map<std::string, TypeId> groups_;
};

// `type` with every concrete heap type replaced by ids[its index].
ValueType Substitute(ValueType type, const std::vector<TypeId>& ids);
HeapType Substitute(HeapType type, const std::vector<TypeId>& ids);

// The top of the hierarchy of an abstract heap type.
AbstractHeapType TopOf(AbstractHeapType type);
// True if every value of `sub` is one of `super`.
bool IsSubtype(AbstractHeapType sub, AbstractHeapType super);

}  // namespace wasmd

#endif  // WASMD_INTERP_TYPE_STORE_H_

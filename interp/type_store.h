// TypeStore: the types of all modules of one Store, each once (core
// specification, valid/conventions "rolling and unrolling"): whole recursive
// groups are compared, so types of two modules are equal if and only if they
// have the same TypeId. Confined to one thread at a time, as its Store.

#ifndef WASMD_INTERP_TYPE_STORE_H_
#define WASMD_INTERP_TYPE_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "wasm/module.h"
#include "wasm/types.h"

namespace wasmd {

// Index into a TypeStore. Not persisted: a restored Store may number anew.
using TypeId = uint32_t;

class TypeStore {
 public:
  // The ids of the module's type index space, in order; adds what is new.
  std::vector<TypeId> Intern(const Module& module);
  // The id of a plain final function type whose types name no type index.
  TypeId Intern(const FunctionType& type);

  // The definition; concrete heap types inside are TypeIds, not indices of any
  // module. The reference is stable.
  const SubType& Get(TypeId id) const;

  // True if `sub` is `super` or declared below it. Constant time.
  bool IsSubtype(TypeId sub, TypeId super) const;
  // Matching of reference and value types whose concrete types are TypeIds.
  bool IsSubtype(HeapType sub, HeapType super) const;
  bool IsSubtype(ValueType sub, ValueType super) const;

  uint32_t size() const { return static_cast<uint32_t>(types_.size()); }

 private:
  struct Entry {
    SubType type;
    std::vector<TypeId> supertypes;  // from the root down to itself
  };
  std::vector<std::unique_ptr<Entry>> types_;
  std::map<std::string, TypeId> groups_;  // structural key -> first id of group
};

// `type` with every concrete heap type replaced by ids[its index].
ValueType Substitute(ValueType type, const std::vector<TypeId>& ids);

}  // namespace wasmd

#endif  // WASMD_INTERP_TYPE_STORE_H_

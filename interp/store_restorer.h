// StoreRestorer: adds module instances to a Store without instantiating them:
// nothing is bound or initialised but by who uses it. That one has checked what
// it hands over; here only CHECKs are made. Tables, memories, globals, tags and
// host functions are added to the Store itself.
//
// Confined to one thread at a time.

#ifndef WASMD_INTERP_STORE_RESTORER_H_
#define WASMD_INTERP_STORE_RESTORER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "interp/store.h"

namespace wasmd {

class StoreRestorer {
 public:
  // `store` outlives this.
  explicit StoreRestorer(Store& store) : store_(store) {}

  // An instance of `code` at the next address: its types are interned, its
  // index spaces empty, every data segment is there, every element segment is
  // empty. ResourceExhausted if its types are too many for one Store.
  absl::StatusOr<ModuleInstance*> AddInstance(
      std::shared_ptr<TranslatedModule> code);

  // All functions that the instance's module defines, at the next addresses.
  // Binds nothing.
  void AddFunctions(ModuleInstance& instance);

  // Makes `value` the next entry of the instance's index space of its kind.
  void Bind(ModuleInstance& instance, ExternValue value);

 private:
  Store& store_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_STORE_RESTORER_H_

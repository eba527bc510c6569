// The index spaces of restored module instances. Part of RestoreSnapshot.

#ifndef WASMD_SNAPSHOT_RESTORE_INSTANCES_H_
#define WASMD_SNAPSHOT_RESTORE_INSTANCES_H_

#include <cstdint>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "interp/store.h"
#include "snapshot/snapshot.pb.h"

namespace wasmd {

// Which instance defines a table, memory, global or tag, by kind and address.
using Definers = std::map<std::pair<ExternKind, uint32_t>, ModuleInstance*>;

// Binds everything that the saved instances name, each of which is in `store`
// with nothing bound and its functions added. DataLoss unless all imports are
// of the types that the modules ask for and all definitions are what they
// define, each by one instance.
absl::Status BindInstances(const snapshot::State& state, Store& store,
                           Definers* definers);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_RESTORE_INSTANCES_H_

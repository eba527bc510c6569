// The memories and the heap of a restored Store. Part of RestoreSnapshot.

#ifndef WASMD_SNAPSHOT_RESTORE_MEMORY_H_
#define WASMD_SNAPSHOT_RESTORE_MEMORY_H_

#include "absl/status/status.h"
#include "interp/store.h"
#include "snapshot/snapshot.h"
#include "snapshot/snapshot.pb.h"

namespace wasmd {

// Adds a memory of the saved type and size, all zero.
absl::Status AddMemory(const snapshot::Memory& saved, Store& store);

// Copies the active data segments of `definer`, which defines `memory` and
// whose globals are restored, as instantiation did.
absl::Status ReproduceInitialImage(Store& store, const ModuleInstance& definer,
                                   MemoryInstance& memory);

// Puts the stored pages over the initial images and into the heap, whose size
// is restored. They are dirty then.
absl::Status OverlayPages(const PageSource& pages, Store& store);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_RESTORE_MEMORY_H_

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

// Finds the initial image of `memory`, which `definer` defines (null: a host)
// and whose sizes and whose instances' globals are restored. Copies nothing.
absl::Status FindInitialImage(const snapshot::Memory& saved, Store& store,
                              const ModuleInstance* definer,
                              MemoryInstance& memory);

// Fills all memories with their images and the stored pages, and the heap,
// whose size is restored. Stored pages are changed then; those of the heap are
// dirty.
absl::Status FillMemories(const PageSource& pages, Store& store);
// The same from RestoreContext::stored_pages, where large memories are filled
// later, by faults.
absl::Status FillMemories(const RestoreContext& context, Store& store);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_RESTORE_MEMORY_H_

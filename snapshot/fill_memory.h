// Reads a memory of a restored Store at once. Part of RestoreSnapshot.

#ifndef WASMD_SNAPSHOT_FILL_MEMORY_H_
#define WASMD_SNAPSHOT_FILL_MEMORY_H_

#include "absl/status/status.h"
#include "interp/store.h"
#include "snapshot/page_source.h"

namespace wasmd {

// Writes all stored pages over what is in the memory and marks them changed; a
// large memory is read by several threads. The first error in order of pages.
absl::Status FillMemory(StoredPages& pages, MemAddr memory, Store& store);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_FILL_MEMORY_H_

// Loads the pages of a memory from where they are kept, over its initial image.

#ifndef WASMD_SNAPSHOT_STORED_PAGE_LOADER_H_
#define WASMD_SNAPSHOT_STORED_PAGE_LOADER_H_

#include <memory>

#include "interp/lazy_pages.h"
#include "interp/memory_instance.h"
#include "interp/store.h"
#include "snapshot/page_source.h"

namespace wasmd {

// For the memory at `address`, which owns the loader. Trusts nothing: DataLoss
// if the pages are not what was asked for.
std::unique_ptr<PageLoader> MakeStoredPageLoader(
    std::shared_ptr<StoredPages> pages, MemAddr address,
    const MemoryInstance& memory);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_STORED_PAGE_LOADER_H_

// Snapshots of a wasm_store_t, for those who keep them.

#ifndef WASMD_CAPI_SNAPSHOTS_H_
#define WASMD_CAPI_SNAPSHOTS_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "capi/include/wasmd.h"
#include "capi/store_state.h"
#include "interp/translated_module.h"
#include "snapshot/snapshot.h"

namespace wasmd::capi {

// Of a store and a thread of it that was started, or null. Marks what the
// program may have written unseen. Borrows from the store.
absl::StatusOr<Capture> CaptureState(wasm_store_t* store,
                                     const wasmd_thread_t* thread,
                                     PageSelection pages);

using ModuleFinder =
    std::function<absl::StatusOr<std::shared_ptr<TranslatedModule>>(
        const Sha256Digest& hash)>;

// The other way. `find_module` is asked instead of the program if it is set.
// `thread` may be null. Owners of both.
absl::Status RestoreState(const wasm_engine_t& engine, ByteSpan state,
                          const PageSource& pages,
                          const wasmd_restore_t& program,
                          ModuleFinder find_module, wasm_store_t** store,
                          wasmd_thread_t** thread);

// Clears the results; an error if there is no engine or no place for a store.
absl::Status CheckTargets(const wasm_engine_t* engine, wasm_store_t** store,
                          wasmd_thread_t** thread);

inline wasmd_restore_t OrDefault(const wasmd_restore_t* restore) {
  return restore == nullptr ? wasmd_restore_t{} : *restore;
}

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_SNAPSHOTS_H_

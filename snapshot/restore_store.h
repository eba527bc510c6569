// RestoreStore: a State message and its pages to a Store. Part of
// RestoreSnapshot.

#ifndef WASMD_SNAPSHOT_RESTORE_STORE_H_
#define WASMD_SNAPSHOT_RESTORE_STORE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "interp/store.h"
#include "snapshot/snapshot.h"
#include "snapshot/snapshot.pb.h"

namespace wasmd {

// Errors are those of RestoreSnapshot.
absl::StatusOr<std::unique_ptr<Store>> RestoreStore(
    const snapshot::State& state, const PageSource& pages,
    const RestoreContext& context);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_RESTORE_STORE_H_

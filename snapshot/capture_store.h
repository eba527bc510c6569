// CaptureStore: a Store to a State message. Part of CaptureSnapshot.

#ifndef WASMD_SNAPSHOT_CAPTURE_STORE_H_
#define WASMD_SNAPSHOT_CAPTURE_STORE_H_

#include "absl/status/status.h"
#include "interp/store.h"
#include "snapshot/snapshot.pb.h"

namespace wasmd {

// Fills all of `state` but thread and host state. Errors are those of
// CaptureSnapshot.
absl::Status CaptureStore(const Store& store, snapshot::State* state);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_CAPTURE_STORE_H_

// A Thread to a Thread message and back. Part of CaptureSnapshot and
// RestoreSnapshot.

#ifndef WASMD_SNAPSHOT_THREAD_CODEC_H_
#define WASMD_SNAPSHOT_THREAD_CODEC_H_

#include <memory>

#include "absl/status/statusor.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "snapshot/snapshot.pb.h"

namespace wasmd {

// Fills thread and stack limit of `state`. `thread` is not kIdle.
void CaptureThread(const Thread& thread, snapshot::State* state);

// The thread that `saved` was, on a Store whose references are all checked.
// Errors are those of RestoreSnapshot.
absl::StatusOr<std::unique_ptr<Thread>> RestoreThread(
    const snapshot::Thread& saved, Store& store, const ThreadLimits& limits);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_THREAD_CODEC_H_

// Appending to the input that processes read (store/input.h).

#ifndef WASMD_RUNTIME_APPEND_INPUT_H_
#define WASMD_RUNTIME_APPEND_INPUT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/input.h"
#include "store/process_db.h"

namespace wasmd {

// What a process may leave unread; more is refused.
inline constexpr uint64_t kMaxUnreadInputBytes = uint64_t{256} << 20;

// Appends at most kMaxInputWriteBytes to the input of a process, wherever it
// ends, exactly once, and closes it if `closes`. Where it ends then. Errors as
// ProcessDb::AppendInput has them.
absl::StatusOr<uint64_t> AppendToQueue(ProcessDb& db, ProcessNumber process,
                                       ByteSpan bytes, bool closes,
                                       SyncMode sync);

// The same for a person: on disk when it returns. FailedPrecondition also if
// the process has finished, or has too much that it has not read.
absl::StatusOr<uint64_t> AppendInput(ProcessDb& db, ProcessNumber process,
                                     ByteSpan bytes, bool closes);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_APPEND_INPUT_H_

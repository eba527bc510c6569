// Byte patches: how redo records say what changed in a page or a state
// (docs/store-format.md).
//
//   patch := run*
//   run   := gap (LEB128, bytes that stay) size (LEB128, 1 or more) bytes
//
// Physical: applying a patch again changes nothing.

#ifndef WASMD_STORE_BYTE_PATCH_H_
#define WASMD_STORE_BYTE_PATCH_H_

#include <cstddef>
#include <functional>
#include <string>

#include "base/bytes.h"

namespace wasmd {

// Makes `shadow` equal to `now`, which is as long, and appends to `out` what
// that took. False, with nothing appended, if that is more than `max_bytes`.
bool AppendPatch(ByteSpan now, MutableByteSpan shadow, size_t max_bytes,
                 std::string* out);

// Calls `run` for each run of a patch of `size` bytes, with where it begins and
// ends. False if it is malformed or does not fit, after the runs before that.
bool ForEachRun(ByteSpan patch, size_t size,
                const std::function<void(size_t begin, size_t end)>& run);

// False if it is malformed or does not fit; `bytes` may have changed then.
bool ApplyPatch(ByteSpan patch, MutableByteSpan bytes);

}  // namespace wasmd

#endif  // WASMD_STORE_BYTE_PATCH_H_

// Bytes between guest memory and host files.

#ifndef WASMD_WASI_TRANSFER_H_
#define WASMD_WASI_TRANSFER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "wasi/errno.h"
#include "wasi/guest_memory.h"

namespace wasmd::wasi {

// `ranges` are as GuestMemory::Vectors gives them. Each answers the number of
// bytes transferred, which is an error only if there were none.

// Without `offset`, from where the kernel is, and at most once.
ErrnoOr<uint64_t> ReadInto(GuestMemory& memory,
                           const std::vector<GuestRange>& ranges, int fd,
                           std::optional<uint64_t> offset);
ErrnoOr<uint64_t> WriteFrom(const GuestMemory& memory,
                            const std::vector<GuestRange>& ranges, int fd,
                            std::optional<uint64_t> offset);

// Writes at the end of the file, wherever that is by then; `end` is where the
// bytes end afterwards.
ErrnoOr<uint64_t> AppendFrom(const GuestMemory& memory,
                             const std::vector<GuestRange>& ranges, int fd,
                             uint64_t* end);

// Where AppendFrom wrote these bytes, if it did since the file ended at
// `end_offset`: there if the file goes on with them (or with the first of them,
// when the write was cut short), or later if others appended before. A file
// that cannot be read counts as written at `end_offset`.
ErrnoOr<std::optional<uint64_t>> FindWritten(
    const GuestMemory& memory, const std::vector<GuestRange>& ranges, int fd,
    uint64_t end_offset);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_TRANSFER_H_

// The times that fd_filestat_set_times and path_filestat_set_times set.

#ifndef WASMD_WASI_FILE_TIMES_H_
#define WASMD_WASI_FILE_TIMES_H_

#include <sys/stat.h>

#include <array>
#include <cstdint>

#include "wasi/errno.h"

namespace wasmd::wasi {

// As utimensat takes them: access, then modification. `flags` are fstflags;
// kInval if they contradict themselves.
ErrnoOr<std::array<timespec, 2>> ToFileTimes(uint64_t access_ns,
                                             uint64_t modify_ns,
                                             uint32_t flags);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_FILE_TIMES_H_

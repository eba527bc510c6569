// The walk: PathResolver's way without openat2, and the reference that openat2
// is tested against.

#ifndef WASMD_WASI_PATH_WALK_H_
#define WASMD_WASI_PATH_WALK_H_

#include <sys/types.h>

#include <string_view>

#include "base/owned_fd.h"
#include "wasi/errno.h"

namespace wasmd::wasi {

// As PathResolver::Open; `path` is not empty, relative, and has no NUL.
// kNameTooLong for more than 256 directories below one another.
ErrnoOr<OwnedFd> WalkAndOpen(int directory, std::string_view path, int flags,
                             mode_t mode, bool follow);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_PATH_WALK_H_

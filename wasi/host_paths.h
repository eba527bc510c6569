// Where host files are, as far as the system tells.

#ifndef WASMD_WASI_HOST_PATHS_H_
#define WASMD_WASI_HOST_PATHS_H_

#include <string>
#include <string_view>

#include "base/owned_fd.h"

namespace wasmd::wasi {

// Opens a directory for what WASI does with one. Links are followed: the path
// is the host's. Not open, with errno set, on failure.
OwnedFd OpenDirectory(const std::string& path);
// Opens the directory that `fd` is open on once more.
OwnedFd OpenAgain(int fd);

// The path of what `fd` is open on, absolute and without symbolic links; empty
// if the system does not tell or it has none (any more).
std::string RealPathOf(int fd);

// `path` relative to `directory` if it is that or below it: "." for itself;
// empty otherwise. Both are as RealPathOf gives them.
std::string RelativeTo(std::string_view directory, std::string_view path);

// Is `path` this or something below it, as text?
bool IsAtOrBelow(std::string_view path, std::string_view directory);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_HOST_PATHS_H_

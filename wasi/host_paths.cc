#include "wasi/host_paths.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <climits>

#include "base/str_cat.h"
#include "wasi/path_resolver.h"

namespace wasmd::wasi {

OwnedFd OpenDirectory(const std::string& path) {
  return OwnedFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

OwnedFd OpenAgain(int fd) {
  return OwnedFd(::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::string RealPathOf(int fd) {
  struct stat status;
  // Of a deleted file, /proc tells a path that is not one.
  if (::fstat(fd, &status) != 0 || status.st_nlink == 0) return "";
  const std::string link = StrCat("/proc/self/fd/", fd);
  ErrnoOr<std::string> path = ReadLink(AT_FDCWD, link.c_str());
  if (!path.ok() || path->empty() || path->front() != '/') return "";
  return *path;
}

bool IsAtOrBelow(std::string_view path, std::string_view directory) {
  return path == directory ||
         (path.size() > directory.size() && path.starts_with(directory) &&
          (directory.ends_with('/') || path[directory.size()] == '/'));
}

std::string RelativeTo(std::string_view directory, std::string_view path) {
  if (directory.empty() || !IsAtOrBelow(path, directory)) return "";
  if (path == directory) return ".";
  const size_t start = directory.size() + (directory.ends_with('/') ? 0 : 1);
  return std::string(path.substr(start));
}

}  // namespace wasmd::wasi

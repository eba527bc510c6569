#include "wasi/path_resolver.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "base/str_cat.h"
#include "wasi/path_walk.h"

namespace wasmd::wasi {
namespace {

// The kernel's limits, which the walk keeps too.
constexpr size_t kMaxPathBytes = PATH_MAX - 1;
constexpr int kMaxLinks = 40;
// openat2 answers EAGAIN when something was renamed while it looked at "..".
constexpr int kMaxAttempts = 64;

long OpenAt2(int directory, const char* path, const open_how& how) {
  return ::syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

bool KernelHasOpenAt2() {
  open_how how = {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // A sandbox around this program may answer EPERM instead of ENOSYS, so any
  // failure counts.
  const OwnedFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const OwnedFd fd(static_cast<int>(OpenAt2(root.get(), ".", how)));
  return fd.is_open();
}

Errno CheckPath(std::string_view path) {
  if (path.empty()) return Errno::kNoent;
  if (path.find('\0') != std::string_view::npos) return Errno::kInval;
  if (path.size() > kMaxPathBytes) return Errno::kNameTooLong;
  if (path.front() == '/') return Errno::kNotCapable;
  return Errno::kSuccess;
}

}  // namespace

PathResolver::PathResolver(Method method)
    : method_(method == Method::kKernel && KernelHasOpenAt2() ? Method::kKernel
                                                              : Method::kWalk) {
}

ErrnoOr<OwnedFd> PathResolver::OpenByKernel(int directory,
                                            const std::string& path, int flags,
                                            mode_t mode, bool follow) const {
  open_how how = {};
  how.flags = static_cast<uint64_t>(flags) | (follow ? 0 : O_NOFOLLOW);
  how.mode = flags & O_CREAT ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  int error = EAGAIN;
  for (int i = 0; i < kMaxAttempts && (error == EAGAIN || error == EINTR);
       ++i) {
    const long fd = OpenAt2(directory, path.c_str(), how);
    if (fd >= 0) return OwnedFd(static_cast<int>(fd));
    error = errno;
  }
  // The kernel's word for a path that leaves the directory.
  if (error == EXDEV) return Errno::kNotCapable;
  return FromHostErrno(error);
}

ErrnoOr<OwnedFd> PathResolver::Open(int directory, std::string_view path,
                                    int flags, mode_t mode, bool follow) const {
  RETURN_IF_ERRNO(CheckPath(path));
  flags |= O_CLOEXEC;
  // O_PATH takes no other flags.
  if (!(flags & O_PATH)) flags |= O_NOCTTY;
  if (method_ == Method::kWalk) {
    return WalkAndOpen(directory, path, flags, mode, follow);
  }
  return OpenByKernel(directory, std::string(path), flags, mode, follow);
}

ErrnoOr<PathResolver::Parent> PathResolver::OpenParent(int directory,
                                                       std::string_view path,
                                                       bool follow) const {
  RETURN_IF_ERRNO(CheckPath(path));
  std::string rest(path);
  for (int links = 0; links <= kMaxLinks; ++links) {
    Parent parent;
    while (rest.back() == '/') {  // relative, so it does not become empty
      rest.pop_back();
      parent.trailing_slash = true;
    }
    const size_t slash = rest.rfind('/');
    parent.path = slash == std::string::npos ? "." : rest.substr(0, slash);
    parent.name = slash == std::string::npos ? rest : rest.substr(slash + 1);
    parent.is_dot = parent.name == "." || parent.name == "..";
    if (parent.is_dot) parent.path = rest;
    ASSIGN_OR_RETURN_ERRNO(
        parent.directory,
        Open(directory, parent.path, O_PATH | O_DIRECTORY, 0, true));
    if (parent.is_dot || !follow) return parent;
    ErrnoOr<std::string> link =
        ReadLink(parent.directory.get(), parent.name.c_str());
    if (!link.ok()) {
      // Not a link, or nothing there: for the caller to find out.
      return parent;
    }
    RETURN_IF_ERRNO(CheckPath(*link));
    // Resolving the directory again gives the same one, and the link's text is
    // relative to that.
    const bool had_slash = parent.trailing_slash;
    rest = StrCat(parent.path, "/", *link, had_slash ? "/" : "");
    if (rest.size() > kMaxPathBytes) return Errno::kNameTooLong;
  }
  return Errno::kLoop;
}

ErrnoOr<std::string> ReadLink(int directory, const char* name) {
  char text[PATH_MAX];
  const ssize_t size = ::readlinkat(directory, name, text, sizeof(text));
  if (size < 0) return FromHostErrno(errno);
  if (static_cast<size_t>(size) == sizeof(text)) return Errno::kNameTooLong;
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace wasmd::wasi

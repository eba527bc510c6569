// Invariants:
// 1. Every system call names one component that is not "..", relative to a
//    directory that was reached from the root downwards, and does not follow a
//    link at it. So no change of the tree by others can lead out.
// 2. ".." goes back to a descriptor that is held, not to the directory's
//    parent, which may be another by then.

#include "wasi/path_walk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "wasi/path_resolver.h"

namespace wasmd::wasi {
namespace {

constexpr int kMaxLinks = 40;
constexpr size_t kMaxDepth = 256;
constexpr int kMaxAttempts = 64;

bool IsLink(int fd) {
  struct stat status;
  return ::fstat(fd, &status) == 0 && S_ISLNK(status.st_mode);
}

// Whether `name` is there and can neither be opened as a directory nor be
// expanded. What is not so is worth another try: others may have exchanged the
// one for the other since the last.
bool IsFileOfAnotherKind(int directory, const char* name) {
  struct stat status;
  return ::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         !S_ISDIR(status.st_mode) && !S_ISLNK(status.st_mode);
}

class Walk {
 public:
  Walk(int root, int flags, mode_t mode, bool follow)
      : root_(root),
        flags_(flags),
        mode_(flags & O_CREAT ? mode : 0),
        // Creating a new file means that not even a link is in its place.
        follow_(follow && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL)) {}

  ErrnoOr<OwnedFd> Run(std::string_view path) {
    Push(path);
    RETURN_IF_ERRNO(DescendToLast());
    return OpenLast();
  }

 private:
  int top() const { return stack_.empty() ? root_ : stack_.back().get(); }

  // Puts the components of `path` in front of what is left to do. A slash at
  // its end is a last component ".", which a directory only has.
  void Push(std::string_view path) {
    std::vector<std::string> components;
    size_t at = 0;
    while (at < path.size()) {
      const size_t slash = std::min(path.find('/', at), path.size());
      if (slash > at) components.emplace_back(path.substr(at, slash - at));
      at = slash + 1;
    }
    if (path.back() == '/') components.emplace_back(".");
    if (rest_.empty()) ends_in_slash_ = path.back() == '/';
    rest_.insert(rest_.end(), components.rbegin(), components.rend());
  }

  std::string TakeNext() {
    std::string name = std::move(rest_.back());
    rest_.pop_back();
    return name;
  }

  Errno Ascend() {
    if (stack_.empty()) return Errno::kNotCapable;
    stack_.pop_back();
    return Errno::kSuccess;
  }

  Errno Descend(const std::string& name) {
    OwnedFd fd(::openat(top(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.is_open()) return FromHostErrno(errno);
    struct stat status;
    if (::fstat(fd.get(), &status) != 0) return FromHostErrno(errno);
    if (S_ISLNK(status.st_mode)) return Expand(fd.get(), "");
    if (!S_ISDIR(status.st_mode)) return Errno::kNotdir;
    if (stack_.size() >= kMaxDepth) return Errno::kNameTooLong;
    stack_.push_back(std::move(fd));
    return Errno::kSuccess;
  }

  // Replaces a link by what it says.
  Errno Expand(int directory, const char* name) {
    if (++links_ > kMaxLinks) return Errno::kLoop;
    ASSIGN_OR_RETURN_ERRNO(const std::string text, ReadLink(directory, name));
    if (text.empty()) return Errno::kNoent;
    if (text.front() == '/') return Errno::kNotCapable;
    Push(text);
    return Errno::kSuccess;
  }

  // The last component, and what the links at it lead to.
  ErrnoOr<OwnedFd> OpenLast() {
    for (int i = 0; i < kMaxAttempts; ++i) {
      const std::string name = TakeNext();
      if (name == "..") RETURN_IF_ERRNO(Ascend());
      if (name == "." || name == "..") return OpenHere();
      OwnedFd fd(::openat(top(), name.c_str(), flags_ | O_NOFOLLOW, mode_));
      const int error = fd.is_open() ? 0 : errno;
      const bool is_link_itself =
          (flags_ & O_PATH) && fd.is_open() && IsLink(fd.get());
      if (fd.is_open() && !(is_link_itself && follow_)) return fd;
      if (!fd.is_open() && error == EINTR) {
        rest_.push_back(name);
        continue;
      }
      // O_NOFOLLOW at a link is ELOOP, or ENOTDIR with O_DIRECTORY.
      const bool may_be_link =
          is_link_itself || error == ELOOP || error == ENOTDIR;
      if (!follow_ || !may_be_link) return FromHostErrno(error);
      const Errno expanded = Expand(top(), name.c_str());
      if (expanded == Errno::kInval) {  // no link (any more)
        if (error == ENOTDIR && IsFileOfAnotherKind(top(), name.c_str())) {
          return Errno::kNotdir;
        }
        rest_.push_back(name);
        continue;
      }
      RETURN_IF_ERRNO(expanded);
      RETURN_IF_ERRNO(DescendToLast());
    }
    return Errno::kLoop;
  }

  Errno DescendToLast() {
    while (rest_.size() > 1) {
      // "name/" is not created, and not looked for.
      if (rest_.size() == 2 && ends_in_slash_ && (flags_ & O_CREAT)) {
        return Errno::kIsdir;
      }
      const std::string name = TakeNext();
      if (name == ".") continue;
      RETURN_IF_ERRNO(name == ".." ? Ascend() : Descend(name));
    }
    return Errno::kSuccess;
  }

  ErrnoOr<OwnedFd> OpenHere() {
    if (flags_ & O_CREAT) {
      return (flags_ & O_EXCL) ? Errno::kExist : Errno::kIsdir;
    }
    OwnedFd fd(::openat(top(), ".", flags_));
    if (!fd.is_open()) return FromHostErrno(errno);
    return fd;
  }

  const int root_;
  const int flags_;
  const mode_t mode_;
  const bool follow_;
  std::vector<OwnedFd> stack_;     // from below the root to where we are
  std::vector<std::string> rest_;  // components to come, the next one last
  bool ends_in_slash_ = false;
  int links_ = 0;
};

}  // namespace

ErrnoOr<OwnedFd> WalkAndOpen(int directory, std::string_view path, int flags,
                             mode_t mode, bool follow) {
  return Walk(directory, flags, mode, follow).Run(path);
}

}  // namespace wasmd::wasi

// PathResolver: opens paths that a guest names, below a directory and nowhere
// else. A path is relative to the directory; "..", symbolic links (also ones
// that appear while it looks) and the magic links of /proc cannot lead out of
// it. A path that would is kNotCapable; relative links that stay inside work.
//
// Where the kernel has openat2, it does the work (RESOLVE_BENEATH); otherwise
// a walk does, one component at a time, none of which the kernel follows.
//
// Thread-compatible.

#ifndef WASMD_WASI_PATH_RESOLVER_H_
#define WASMD_WASI_PATH_RESOLVER_H_

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/owned_fd.h"
#include "wasi/errno.h"

namespace wasmd::wasi {

class PathResolver {
 public:
  enum class Method : uint8_t {
    kKernel,  // openat2; the walk where that is not to be had
    kWalk,
  };
  explicit PathResolver(Method method = Method::kKernel);

  Method method() const { return method_; }

  // Opens `path`, which is relative to `directory`, with the `flags` of open(2)
  // (O_CLOEXEC and O_NOCTTY are added). `follow`: a symbolic link at the end is
  // followed; otherwise it is kLoop, or itself with O_PATH. Never blocks on a
  // FIFO if the flags have O_NONBLOCK.
  ErrnoOr<OwnedFd> Open(int directory, std::string_view path, int flags,
                        mode_t mode, bool follow) const;

  // A path as the directory that holds its last component and the name of that.
  struct Parent {
    OwnedFd directory;  // O_PATH
    std::string name;   // one component, never empty
    std::string path;   // of the directory, as the guest would name it
    bool trailing_slash = false;
    // The name is "." or "..": `directory` is then the directory it names, and
    // `name` is not to be used in a system call.
    bool is_dot = false;

    // The name with its slash, for calls that make something of it.
    std::string NameAsGiven() const {
      return trailing_slash ? name + "/" : name;
    }
  };
  // With `follow`, a symbolic link at the end is followed first, and so on,
  // until the last component is none (or is not there).
  ErrnoOr<Parent> OpenParent(int directory, std::string_view path,
                             bool follow) const;

 private:
  ErrnoOr<OwnedFd> OpenByKernel(int directory, const std::string& path,
                                int flags, mode_t mode, bool follow) const;
  Method method_;
};

// What a symbolic link says. kInval if `name` is none. `name` may be empty, and
// `directory` then is an O_PATH descriptor of the link itself.
ErrnoOr<std::string> ReadLink(int directory, const char* name);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_PATH_RESOLVER_H_

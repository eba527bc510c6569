// path_filestat_*, path_readlink.

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "wasi/context_impl.h"
#include "wasi/file_times.h"

namespace wasmd::wasi {

Errno ContextImpl::PathFilestatGet(Caller& caller, uint32_t fd, uint32_t lookup,
                                   uint32_t path_at, uint32_t path_size,
                                   uint32_t filestat_at) {
  ASSIGN_OR_RETURN_ERRNO(const Descriptor* directory,
                         FindDirectory(fd, rights::kPathFilestatGet));
  ASSIGN_OR_RETURN_ERRNO(const std::string path,
                         caller.memory.Text(path_at, path_size));
  if (lookup & ~lookupflags::kSymlinkFollow) return Errno::kInval;
  ASSIGN_OR_RETURN_ERRNO(const OwnedFd file,
                         resolver_.Open(directory->fd.get(), path, O_PATH, 0,
                                        lookup & lookupflags::kSymlinkFollow));
  ASSIGN_OR_RETURN_ERRNO(const struct stat status, StatusOf(file.get()));
  return StoreFilestat(caller.memory, filestat_at, status);
}

Errno ContextImpl::PathFilestatSetTimes(Caller& caller, uint32_t fd,
                                        uint32_t lookup, uint32_t path_at,
                                        uint32_t path_size, uint64_t access_ns,
                                        uint64_t modify_ns, uint32_t flags) {
  if (lookup & ~lookupflags::kSymlinkFollow) return Errno::kInval;
  ASSIGN_OR_RETURN_ERRNO(const auto times,
                         ToFileTimes(access_ns, modify_ns, flags));
  const bool follow = lookup & lookupflags::kSymlinkFollow;
  ASSIGN_OR_RETURN_ERRNO(const Descriptor* directory,
                         FindDirectory(fd, rights::kPathFilestatSetTimes));
  ASSIGN_OR_RETURN_ERRNO(const std::string path,
                         caller.memory.Text(path_at, path_size));
  ASSIGN_OR_RETURN_ERRNO(
      const PathResolver::Parent place,
      resolver_.OpenParent(directory->fd.get(), path, follow));
  if (place.is_dot || place.trailing_slash) {
    // A directory by its path. It is opened, since utimensat takes an O_PATH
    // descriptor of it only from Linux 5.8 on.
    ASSIGN_OR_RETURN_ERRNO(const OwnedFd file,
                           resolver_.Open(directory->fd.get(), path,
                                          O_RDONLY | O_DIRECTORY, 0, follow));
    return ::futimens(file.get(), times.data()) == 0 ? Errno::kSuccess
                                                     : FromHostErrno(errno);
  }
  return ::utimensat(place.directory.get(), place.name.c_str(), times.data(),
                     AT_SYMLINK_NOFOLLOW) == 0
             ? Errno::kSuccess
             : FromHostErrno(errno);
}

Errno ContextImpl::PathReadlink(Caller& caller, uint32_t fd, uint32_t path_at,
                                uint32_t path_size, uint32_t buffer_at,
                                uint32_t buffer_size, uint32_t used_at) {
  ASSIGN_OR_RETURN_ERRNO(const Descriptor* directory,
                         FindDirectory(fd, rights::kPathReadlink));
  RETURN_IF_ERRNO(caller.memory.Check(buffer_at, buffer_size));
  RETURN_IF_ERRNO(caller.memory.Check(used_at, sizeof(uint32_t)));
  ASSIGN_OR_RETURN_ERRNO(const std::string path,
                         caller.memory.Text(path_at, path_size));
  ASSIGN_OR_RETURN_ERRNO(
      const OwnedFd link,
      resolver_.Open(directory->fd.get(), path, O_PATH, 0, false));
  ASSIGN_OR_RETURN_ERRNO(const struct stat status, StatusOf(link.get()));
  if (!S_ISLNK(status.st_mode)) return Errno::kInval;
  ASSIGN_OR_RETURN_ERRNO(const std::string text, ReadLink(link.get(), ""));
  const size_t used = std::min<size_t>(text.size(), buffer_size);
  RETURN_IF_ERRNO(caller.memory.Write(
      buffer_at, AsBytes(std::string_view(text).substr(0, used))));
  return caller.memory.Store<uint32_t>(used_at, static_cast<uint32_t>(used));
}

}  // namespace wasmd::wasi

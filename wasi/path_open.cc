// path_open.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/str_cat.h"
#include "wasi/context_impl.h"
#include "wasi/host_paths.h"

namespace wasmd::wasi {
namespace {

constexpr mode_t kFileMode = 0666;  // less what umask takes

struct HostAccess {
  bool reads = false;
  bool writes = false;

  int flags() const { return writes ? (reads ? O_RDWR : O_WRONLY) : O_RDONLY; }
};

HostAccess AccessFor(Rights base, uint32_t open_flags) {
  return {.reads = (base & (rights::kFdRead | rights::kFdReaddir)) != 0,
          .writes = (open_flags & oflags::kTrunc) ||
                    (base & (rights::kFdWrite | rights::kFdAllocate |
                             rights::kFdFilestatSetSize)) != 0};
}

// Of the directory, for what the call asks of it.
Rights RightsNeeded(uint32_t open_flags) {
  Rights needed = rights::kPathOpen;
  if (open_flags & oflags::kCreat) needed |= rights::kPathCreateFile;
  if (open_flags & oflags::kTrunc) needed |= rights::kPathFilestatSetSize;
  return needed;
}

// To be inherited, for flags that make writes wait for the disk.
bool MayUseFlags(Rights inheriting, uint32_t flags) {
  if ((flags & (fdflags::kSync | fdflags::kRsync)) &&
      !(inheriting & rights::kFdSync)) {
    return false;
  }
  return !(flags & fdflags::kDsync) ||
         (inheriting & (rights::kFdSync | rights::kFdDatasync));
}

int HostFlags(const HostAccess& access, uint32_t open_flags) {
  // Never waits for the other end of a FIFO.
  int flags = access.flags() | O_NONBLOCK;
  if (open_flags & oflags::kCreat) flags |= O_CREAT;
  if (open_flags & oflags::kDirectory) flags |= O_DIRECTORY;
  if (open_flags & oflags::kExcl) flags |= O_EXCL;
  if (open_flags & oflags::kTrunc) flags |= O_TRUNC;
  return flags;
}

// What kind of descriptor it makes, and the rights that fit it; kNotsup for
// what a resumed process could not open again as it was.
Errno SetKind(Descriptor& descriptor, mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      descriptor.kind = Descriptor::Kind::kFile;
      descriptor.base &= rights::kFile;
      descriptor.inheriting = 0;
      return Errno::kSuccess;
    case S_IFDIR:
      descriptor.kind = Descriptor::Kind::kDirectory;
      descriptor.base &= rights::kDirectory;
      descriptor.inheriting &= rights::kInheriting;
      descriptor.flags = 0;
      return Errno::kSuccess;
    case S_IFCHR:
      descriptor.kind = Descriptor::Kind::kDevice;
      descriptor.base &= rights::kDevice;
      descriptor.inheriting = 0;
      return Errno::kSuccess;
    default:
      return Errno::kNotsup;
  }
}

}  // namespace

Errno ContextImpl::PathOpen(Caller& caller, uint32_t fd, uint32_t lookup,
                            uint32_t path_at, uint32_t path_size,
                            uint32_t open_flags, uint64_t base,
                            uint64_t inheriting, uint32_t flags,
                            uint32_t opened_at) {
  ASSIGN_OR_RETURN_ERRNO(const Descriptor* directory,
                         FindDirectory(fd, RightsNeeded(open_flags)));
  RETURN_IF_ERRNO(caller.memory.Check(opened_at, sizeof(uint32_t)));
  ASSIGN_OR_RETURN_ERRNO(const std::string path,
                         caller.memory.Text(path_at, path_size));
  if ((open_flags & ~oflags::kAll) || (flags & ~fdflags::kAll) ||
      (lookup & ~lookupflags::kSymlinkFollow)) {
    return Errno::kInval;
  }
  // Linux has answered this in several ways.
  if ((open_flags & oflags::kCreat) && (open_flags & oflags::kDirectory)) {
    return Errno::kInval;
  }
  if (((base | inheriting) & ~directory->inheriting) ||
      !MayUseFlags(directory->inheriting, flags)) {
    return Errno::kNotCapable;
  }
  if (descriptors_.is_full()) return Errno::kMfile;
  bool follow = lookup & lookupflags::kSymlinkFollow;
  // A repeat finds the file that the first time created.
  if ((open_flags & oflags::kExcl) &&
      DoubtOf(caller, FunctionId::path_open).place_was_free()) {
    open_flags &= ~oflags::kExcl;
    follow = false;
  }

  const HostAccess access = AccessFor(base, open_flags);
  Descriptor opened;
  ASSIGN_OR_RETURN_ERRNO(
      opened.fd,
      resolver_.Open(directory->fd.get(), path, HostFlags(access, open_flags),
                     kFileMode, follow));
  ASSIGN_OR_RETURN_ERRNO(const struct stat status, StatusOf(opened.fd.get()));
  opened.base = base;
  opened.inheriting = inheriting;
  opened.flags = flags;
  opened.host_reads = access.reads;
  opened.host_writes = access.writes;
  opened.root = directory->root;
  opened.path = PathBelow(directory->root, opened.fd.get(),
                          StrCat(directory->path, "/", path));
  RETURN_IF_ERRNO(SetKind(opened, status.st_mode));
  ASSIGN_OR_RETURN_ERRNO(const uint32_t number,
                         descriptors_.Add(std::move(opened)));
  return caller.memory.Store<uint32_t>(opened_at, number);
}

std::string ContextImpl::PathBelow(uint32_t root, int fd,
                                   std::string otherwise) const {
  const std::string path = RelativeTo(roots_[root].real_path, RealPathOf(fd));
  return path.empty() ? otherwise : path;
}

}  // namespace wasmd::wasi

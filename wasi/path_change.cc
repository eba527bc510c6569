// Functions that change what a directory holds. Each works on a directory that
// was resolved below the guest's own and a single name in it, which the kernel
// does not follow.
//
// A repeat in doubt tells by what Prepare noted whether the change was made.

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/str_cat.h"
#include "wasi/context_impl.h"
#include "wasi/host_paths.h"

namespace wasmd::wasi {
namespace {

constexpr mode_t kDirectoryMode = 0777;  // less what umask takes

// Of what is at the place itself, not what it links to.
std::optional<struct stat> StatusAt(const PathResolver::Parent& place) {
  struct stat status;
  if (::fstatat(place.directory.get(), place.name.c_str(), &status,
                AT_SYMLINK_NOFOLLOW) != 0) {
    return std::nullopt;
  }
  return status;
}

bool IsStillThere(const PathResolver::Parent& place,
                  const FileIdentity& identity) {
  const std::optional<struct stat> status = StatusAt(place);
  return status.has_value() && IdentityOf(*status).IsSameFile(identity);
}

// The source of a link with a slash at its end, which only a directory can
// have, and those cannot be linked.
Errno LinkErrorOfDirectory(const PathResolver::Parent& place) {
  if (place.is_dot) return Errno::kPerm;
  const std::optional<struct stat> status = StatusAt(place);
  if (!status.has_value()) return Errno::kNoent;
  return S_ISDIR(status->st_mode) ? Errno::kPerm : Errno::kNotdir;
}

}  // namespace

ErrnoOr<PathResolver::Parent> ContextImpl::Place(const GuestMemory& memory,
                                                 uint32_t fd, Rights rights,
                                                 uint32_t path_at,
                                                 uint32_t path_size,
                                                 bool follow) {
  ASSIGN_OR_RETURN_ERRNO(const Descriptor* directory,
                         FindDirectory(fd, rights));
  ASSIGN_OR_RETURN_ERRNO(const std::string path,
                         memory.Text(path_at, path_size));
  return resolver_.OpenParent(directory->fd.get(), path, follow);
}

Errno ContextImpl::PathCreateDirectory(Caller& caller, uint32_t fd,
                                       uint32_t path_at, uint32_t path_size) {
  ASSIGN_OR_RETURN_ERRNO(const PathResolver::Parent place,
                         Place(caller.memory, fd, rights::kPathCreateDirectory,
                               path_at, path_size, false));
  if (place.is_dot) return Errno::kExist;
  if (::mkdirat(place.directory.get(), place.name.c_str(), kDirectoryMode) ==
      0) {
    return Errno::kSuccess;
  }
  const int error = errno;
  if (error == EEXIST &&
      DoubtOf(caller, FunctionId::path_create_directory).place_was_free()) {
    const std::optional<struct stat> status = StatusAt(place);
    if (status.has_value() && S_ISDIR(status->st_mode)) return Errno::kSuccess;
  }
  return FromHostErrno(error);
}

Errno ContextImpl::PathSymlink(Caller& caller, uint32_t text_at,
                               uint32_t text_size, uint32_t fd,
                               uint32_t path_at, uint32_t path_size) {
  ASSIGN_OR_RETURN_ERRNO(const std::string text,
                         caller.memory.Text(text_at, text_size));
  ASSIGN_OR_RETURN_ERRNO(const PathResolver::Parent place,
                         Place(caller.memory, fd, rights::kPathSymlink, path_at,
                               path_size, false));
  if (text.find('\0') != std::string::npos) return Errno::kInval;
  // It would mean another file to the guest than to programs of the host.
  if (text.starts_with('/')) return Errno::kNotCapable;
  if (place.is_dot) return Errno::kExist;
  if (::symlinkat(text.c_str(), place.directory.get(),
                  place.NameAsGiven().c_str()) == 0) {
    return Errno::kSuccess;
  }
  const int error = errno;
  if (error == EEXIST &&
      DoubtOf(caller, FunctionId::path_symlink).place_was_free()) {
    const ErrnoOr<std::string> there =
        ReadLink(place.directory.get(), place.name.c_str());
    if (there.ok() && *there == text) return Errno::kSuccess;
  }
  return FromHostErrno(error);
}

Errno ContextImpl::PathLink(Caller& caller, uint32_t old_fd, uint32_t lookup,
                            uint32_t old_path_at, uint32_t old_path_size,
                            uint32_t new_fd, uint32_t new_path_at,
                            uint32_t new_path_size) {
  if (lookup & ~lookupflags::kSymlinkFollow) return Errno::kInval;
  ASSIGN_OR_RETURN_ERRNO(
      const PathResolver::Parent from,
      Place(caller.memory, old_fd, rights::kPathLinkSource, old_path_at,
            old_path_size, lookup & lookupflags::kSymlinkFollow));
  ASSIGN_OR_RETURN_ERRNO(const PathResolver::Parent to,
                         Place(caller.memory, new_fd, rights::kPathLinkTarget,
                               new_path_at, new_path_size, false));
  if (from.is_dot || from.trailing_slash) return LinkErrorOfDirectory(from);
  if (to.is_dot) return Errno::kExist;
  if (::linkat(from.directory.get(), from.name.c_str(), to.directory.get(),
               to.NameAsGiven().c_str(), 0) == 0) {
    return Errno::kSuccess;
  }
  const int error = errno;
  if (error == EEXIST &&
      DoubtOf(caller, FunctionId::path_link).place_was_free()) {
    const std::optional<struct stat> source = StatusAt(from);
    const std::optional<struct stat> target = StatusAt(to);
    if (source.has_value() && target.has_value() &&
        IdentityOf(*source).HasSameInode(IdentityOf(*target))) {
      return Errno::kSuccess;
    }
  }
  return FromHostErrno(error);
}

Errno ContextImpl::PathRename(Caller& caller, uint32_t old_fd,
                              uint32_t old_path_at, uint32_t old_path_size,
                              uint32_t new_fd, uint32_t new_path_at,
                              uint32_t new_path_size) {
  ASSIGN_OR_RETURN_ERRNO(const PathResolver::Parent from,
                         Place(caller.memory, old_fd, rights::kPathRenameSource,
                               old_path_at, old_path_size, false));
  ASSIGN_OR_RETURN_ERRNO(const PathResolver::Parent to,
                         Place(caller.memory, new_fd, rights::kPathRenameTarget,
                               new_path_at, new_path_size, false));
  if (from.is_dot || to.is_dot) return Errno::kBusy;
  const Descriptor& old_directory = *descriptors_.Find(old_fd);
  const Descriptor& new_directory = *descriptors_.Find(new_fd);
  const std::string old_path = PathBelow(old_directory, from);
  const std::string new_path = PathBelow(new_directory, to);

  const Doubt doubt = DoubtOf(caller, FunctionId::path_rename);
  bool is_done = doubt.noted != nullptr && doubt.source_was_there() &&
                 IsStillThere(to, *doubt.noted->source) &&
                 !IsStillThere(from, *doubt.noted->source);
  if (!is_done &&
      ::renameat(from.directory.get(), from.NameAsGiven().c_str(),
                 to.directory.get(), to.NameAsGiven().c_str()) != 0) {
    const int error = errno;
    is_done = doubt.is_repeat && doubt.noted == nullptr && error == ENOENT &&
              !StatusAt(from).has_value() && StatusAt(to).has_value();
    if (!is_done) return FromHostErrno(error);
  }
  NoteRename(old_directory.root, old_path, new_directory.root, new_path);
  return Errno::kSuccess;
}

Errno ContextImpl::Remove(Caller& caller, FunctionId function, Rights right,
                          uint32_t fd, uint32_t path_at, uint32_t path_size) {
  const bool is_directory = function == FunctionId::path_remove_directory;
  ASSIGN_OR_RETURN_ERRNO(
      const PathResolver::Parent place,
      Place(caller.memory, fd, right, path_at, path_size, false));
  if (place.is_dot) {
    if (!is_directory) return Errno::kIsdir;
    return place.name == "." ? Errno::kInval : Errno::kNotEmpty;
  }
  const Doubt doubt = DoubtOf(caller, function);
  // What is there now, if anything, is of others and came later.
  if (doubt.noted != nullptr && doubt.source_was_there() &&
      !IsStillThere(place, *doubt.noted->source)) {
    return Errno::kSuccess;
  }
  if (::unlinkat(place.directory.get(), place.NameAsGiven().c_str(),
                 is_directory ? AT_REMOVEDIR : 0) == 0) {
    return Errno::kSuccess;
  }
  const int error = errno;
  if (error == ENOENT && doubt.source_was_there()) return Errno::kSuccess;
  return FromHostErrno(error);
}

Errno ContextImpl::PathRemoveDirectory(Caller& caller, uint32_t fd,
                                       uint32_t path_at, uint32_t path_size) {
  return Remove(caller, FunctionId::path_remove_directory,
                rights::kPathRemoveDirectory, fd, path_at, path_size);
}

Errno ContextImpl::PathUnlinkFile(Caller& caller, uint32_t fd, uint32_t path_at,
                                  uint32_t path_size) {
  return Remove(caller, FunctionId::path_unlink_file, rights::kPathUnlinkFile,
                fd, path_at, path_size);
}

std::string ContextImpl::PathBelow(const Descriptor& from,
                                   const PathResolver::Parent& place) const {
  return StrCat(PathBelow(from.root, place.directory.get(),
                          StrCat(from.path, "/", place.path)),
                "/", place.name);
}

}  // namespace wasmd::wasi

// Functions of an open file: its size, times, place on the disk.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <limits>

#include "wasi/context_impl.h"
#include "wasi/file_times.h"

namespace wasmd::wasi {
namespace {

constexpr uint64_t kMaxOffset =
    static_cast<uint64_t>(std::numeric_limits<int64_t>::max());

// In the order of typenames.witx, "advice".
constexpr int kHostAdvice[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL,
                               POSIX_FADV_RANDOM,   POSIX_FADV_WILLNEED,
                               POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE};

Errno ToErrno(int result) {
  return result == 0 ? Errno::kSuccess : FromHostErrno(errno);
}

}  // namespace

Errno ContextImpl::FdAdvise(Caller& caller, uint32_t fd, uint64_t offset,
                            uint64_t length, uint32_t advice) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * file,
                         FindFile(fd, rights::kFdAdvise, Errno::kSpipe));
  if (advice >= std::size(kHostAdvice) || offset > kMaxOffset ||
      length > kMaxOffset) {
    return Errno::kInval;
  }
  // What is behind the greatest offset needs no advice.
  length = std::min(length, kMaxOffset - offset);
  const int error =
      ::posix_fadvise(file->fd.get(), static_cast<off_t>(offset),
                      static_cast<off_t>(length), kHostAdvice[advice]);
  return error == 0 ? Errno::kSuccess : FromHostErrno(error);
}

Errno ContextImpl::FdAllocate(Caller& caller, uint32_t fd, uint64_t offset,
                              uint64_t length) {
  ASSIGN_OR_RETURN_ERRNO(const Descriptor* descriptor, Find(fd));
  ASSIGN_OR_RETURN_ERRNO(
      Descriptor * file,
      FindFile(
          fd, rights::kFdAllocate,
          descriptor->is_standard_stream() ? Errno::kSpipe : Errno::kNodev));
  if (length == 0) return Errno::kInval;
  if (offset > kMaxOffset || length > kMaxOffset - offset) return Errno::kFbig;
  int result = 0;
  do {
    result = ::fallocate(file->fd.get(), 0, static_cast<off_t>(offset),
                         static_cast<off_t>(length));
  } while (result != 0 && errno == EINTR);
  return ToErrno(result);
}

Errno ContextImpl::FdDatasync(Caller& caller, uint32_t fd) {
  ASSIGN_OR_RETURN_ERRNO(
      Descriptor * descriptor,
      FindFileOrDirectory(fd, rights::kFdDatasync, Errno::kInval));
  return ToErrno(::fdatasync(descriptor->fd.get()));
}

Errno ContextImpl::FdSync(Caller& caller, uint32_t fd) {
  ASSIGN_OR_RETURN_ERRNO(
      Descriptor * descriptor,
      FindFileOrDirectory(fd, rights::kFdSync, Errno::kInval));
  return ToErrno(::fsync(descriptor->fd.get()));
}

Errno ContextImpl::FdFilestatGet(Caller& caller, uint32_t fd,
                                 uint32_t filestat_at) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * descriptor, Find(fd));
  if (!descriptor->has(rights::kFdFilestatGet)) return Errno::kNotCapable;
  struct stat status = {};
  if (descriptor->is_standard_stream()) {
    const auto stream = static_cast<uint32_t>(descriptor->kind);
    status.st_mode = terminals_ & (1u << stream) ? S_IFCHR : 0;
    status.st_ino = stream;
    status.st_nlink = 1;
  } else if (descriptor->is_socket()) {
    // What the host says of it would not last.
    status.st_mode = S_IFSOCK;
    status.st_ino = fd;
    status.st_nlink = 1;
  } else {
    ASSIGN_OR_RETURN_ERRNO(status, StatusOf(descriptor->fd.get()));
  }
  return StoreFilestat(caller.memory, filestat_at, status);
}

Errno ContextImpl::FdFilestatSetSize(Caller& caller, uint32_t fd,
                                     uint64_t size) {
  ASSIGN_OR_RETURN_ERRNO(
      Descriptor * file,
      FindFile(fd, rights::kFdFilestatSetSize, Errno::kInval));
  if (size > kMaxOffset) return Errno::kFbig;
  int result = 0;
  do {
    result = ::ftruncate(file->fd.get(), static_cast<off_t>(size));
  } while (result != 0 && errno == EINTR);
  return ToErrno(result);
}

Errno ContextImpl::FdFilestatSetTimes(Caller& caller, uint32_t fd,
                                      uint64_t access_ns, uint64_t modify_ns,
                                      uint32_t flags) {
  ASSIGN_OR_RETURN_ERRNO(
      Descriptor * descriptor,
      FindFileOrDirectory(fd, rights::kFdFilestatSetTimes, Errno::kInval));
  ASSIGN_OR_RETURN_ERRNO(const auto times,
                         ToFileTimes(access_ns, modify_ns, flags));
  return ToErrno(::futimens(descriptor->fd.get(), times.data()));
}

}  // namespace wasmd::wasi

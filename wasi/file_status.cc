#include "wasi/file_status.h"

#include <algorithm>
#include <cerrno>

namespace wasmd::wasi {

FileType TypeOfMode(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return FileType::kRegularFile;
    case S_IFDIR:
      return FileType::kDirectory;
    case S_IFLNK:
      return FileType::kSymbolicLink;
    case S_IFCHR:
      return FileType::kCharacterDevice;
    case S_IFBLK:
      return FileType::kBlockDevice;
    case S_IFSOCK:
      return FileType::kSocketStream;
    default:
      return FileType::kUnknown;
  }
}

uint64_t ToGuestTime(const timespec& time) {
  if (time.tv_sec < 0) return 0;
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(time.tv_nsec);
}

ErrnoOr<struct stat> StatusOf(int fd) {
  struct stat status;
  if (::fstat(fd, &status) != 0) return FromHostErrno(errno);
  return status;
}

Errno StoreFilestat(GuestMemory& memory, uint32_t address,
                    const struct stat& status) {
  ASSIGN_OR_RETURN_ERRNO(const MutableByteSpan bytes,
                         memory.MutableBytes(address, filestat::kSizeBytes));
  std::fill(bytes.begin(), bytes.end(), uint8_t{0});
  uint8_t* at = bytes.data();
  StoreLittle<uint64_t>(at + filestat::kDevice, status.st_dev);
  StoreLittle<uint64_t>(at + filestat::kInode, status.st_ino);
  at[filestat::kFileType] = static_cast<uint8_t>(TypeOfMode(status.st_mode));
  StoreLittle<uint64_t>(at + filestat::kLinks, status.st_nlink);
  StoreLittle<uint64_t>(at + filestat::kFileSize,
                        static_cast<uint64_t>(status.st_size));
  StoreLittle<uint64_t>(at + filestat::kAccessTime,
                        ToGuestTime(status.st_atim));
  StoreLittle<uint64_t>(at + filestat::kModifyTime,
                        ToGuestTime(status.st_mtim));
  StoreLittle<uint64_t>(at + filestat::kChangeTime,
                        ToGuestTime(status.st_ctim));
  return Errno::kSuccess;
}

FileIdentity IdentityOf(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size_bytes = static_cast<uint64_t>(status.st_size),
          .modified_ns = static_cast<int64_t>(ToGuestTime(status.st_mtim))};
}

}  // namespace wasmd::wasi

// What stat(2) says of a file, as WASI puts it.

#ifndef WASMD_WASI_FILE_STATUS_H_
#define WASMD_WASI_FILE_STATUS_H_

#include <sys/stat.h>

#include <cstdint>

#include "wasi/abi.h"
#include "wasi/errno.h"
#include "wasi/guest_memory.h"

namespace wasmd::wasi {

FileType TypeOfMode(mode_t mode);

// Nanoseconds since the epoch; times before it are 0.
uint64_t ToGuestTime(const timespec& time);

ErrnoOr<struct stat> StatusOf(int fd);

// Writes a filestat record.
Errno StoreFilestat(GuestMemory& memory, uint32_t address,
                    const struct stat& status);

// Which file it was, to notice when it is another or has changed.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size_bytes = 0;
  int64_t modified_ns = 0;

  bool HasSameInode(const FileIdentity& other) const {
    return device == other.device && inode == other.inode;
  }
  // Inodes and device numbers change when files move to another disk or
  // machine; a copy that keeps its time is taken for the same file.
  bool IsSameFile(const FileIdentity& other) const {
    return HasSameInode(other) || HasSameContents(other);
  }
  bool HasSameContents(const FileIdentity& other) const {
    return size_bytes == other.size_bytes && modified_ns == other.modified_ns;
  }
};
FileIdentity IdentityOf(const struct stat& status);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_FILE_STATUS_H_

#include "store/lock_owner.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstdio>
#include <fstream>

namespace wasmd {

std::optional<int> FindLockOwner(const std::string& path) {
  struct stat file;
  if (stat(path.c_str(), &file) != 0) return std::nullopt;
  // Lines as "2: POSIX  ADVISORY  WRITE 1234 fe:01:5678 0 EOF".
  std::ifstream locks("/proc/locks");
  std::string line;
  while (std::getline(locks, line)) {
    int pid = 0;
    unsigned device_major = 0;
    unsigned device_minor = 0;
    unsigned long long inode = 0;
    if (std::sscanf(line.c_str(), "%*d: POSIX %*s %*s %d %x:%x:%llu", &pid,
                    &device_major, &device_minor, &inode) != 4) {
      continue;
    }
    if (inode == file.st_ino && device_major == major(file.st_dev) &&
        device_minor == minor(file.st_dev) && pid > 0) {
      return pid;
    }
  }
  return std::nullopt;
}

}  // namespace wasmd

#include "wasi/directory_listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/owned_fd.h"
#include "wasi/file_status.h"

namespace wasmd::wasi {
namespace {

constexpr uint64_t kFirstPosition = 2;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

FileType TypeOfEntry(const struct dirent& entry, int directory) {
  switch (entry.d_type) {
    case DT_REG:
      return FileType::kRegularFile;
    case DT_DIR:
      return FileType::kDirectory;
    case DT_LNK:
      return FileType::kSymbolicLink;
    case DT_CHR:
      return FileType::kCharacterDevice;
    case DT_BLK:
      return FileType::kBlockDevice;
    case DT_UNKNOWN:
    case DT_SOCK:
      break;  // file systems that do not say; and which kind of socket
    default:
      return FileType::kUnknown;
  }
  struct stat status;
  if (::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return FileType::kUnknown;
  }
  return TypeOfMode(status.st_mode);
}

}  // namespace

uint64_t DirectoryPosition(std::string_view name) {
  return std::max<uint64_t>(XXH3_64bits(name.data(), name.size()) >> 1,
                            kFirstPosition);
}

ErrnoOr<DirectoryListing> DirectoryListing::Read(int directory) {
  struct stat status;
  if (::fstat(directory, &status) != 0) return FromHostErrno(errno);
  // ".." is told as the directory itself: what is above is none of the guest's
  // business.
  std::vector<Entry> entries = {
      {".", status.st_ino, FileType::kDirectory, 0},
      {"..", status.st_ino, FileType::kDirectory, 1},
  };
  OwnedFd fd(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) {
    // A directory that was removed while open is empty.
    if (errno == ENOENT) return DirectoryListing(std::move(entries));
    return FromHostErrno(errno);
  }
  const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(fd.get()));
  if (stream == nullptr) return FromHostErrno(errno);
  fd.Release();  // the stream's now
  errno = 0;
  while (const struct dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (entries.size() >= kMaxEntries) return Errno::kNomem;
    entries.push_back({std::string(name), entry->d_ino,
                       TypeOfEntry(*entry, directory),
                       DirectoryPosition(name)});
    errno = 0;
  }
  if (errno != 0) return FromHostErrno(errno);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.position != b.position ? a.position < b.position : a.name < b.name;
  });
  // Names of the same position get those that follow.
  for (size_t i = 1; i < entries.size(); ++i) {
    entries[i].position =
        std::max(entries[i].position, entries[i - 1].position + 1);
  }
  return DirectoryListing(std::move(entries));
}

std::span<const DirectoryListing::Entry> DirectoryListing::From(
    uint64_t cookie) const {
  const auto first = std::lower_bound(
      entries_.begin(), entries_.end(), cookie,
      [](const Entry& entry, uint64_t at) { return entry.position < at; });
  return std::span<const Entry>(first, entries_.end());
}

}  // namespace wasmd::wasi

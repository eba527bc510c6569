#include "runtime/shown_output.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/str_cat.h"

namespace wasmd {

// The whole file, in the machine's byte order: it never leaves the machine.
struct ShownOutput::Counts {
  uint64_t bytes[2];
};

absl::StatusOr<std::unique_ptr<ShownOutput>> ShownOutput::OpenFile(
    std::string path, int flags) {
  const auto error = [&path] {
    return absl::UnavailableError(StrCat(path, ": ", std::strerror(errno)));
  };
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0600);
  if (fd < 0) {
    if (errno == ENOENT && (flags & O_CREAT) == 0) return nullptr;
    return error();
  }
  // A file that is too short reads as zeros at its end.
  void* mapping = MAP_FAILED;
  if (ftruncate(fd, sizeof(Counts)) == 0) {
    mapping = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED,
                   fd, 0);
  }
  const absl::Status status =
      mapping == MAP_FAILED ? error() : absl::OkStatus();
  close(fd);
  if (!status.ok()) return status;
  return std::unique_ptr<ShownOutput>(
      new ShownOutput(std::move(path), static_cast<Counts*>(mapping)));
}

absl::StatusOr<std::unique_ptr<ShownOutput>> ShownOutput::Create(
    std::string path) {
  return OpenFile(std::move(path), O_CREAT);
}

absl::StatusOr<std::unique_ptr<ShownOutput>> ShownOutput::Open(
    std::string path) {
  return OpenFile(std::move(path), 0);
}

ShownOutput::~ShownOutput() { munmap(counts_, sizeof(Counts)); }

uint64_t ShownOutput::bytes(uint32_t stream) const {
  CHECK(stream == 1 || stream == 2);
  return counts_->bytes[stream - 1];
}

void ShownOutput::Add(uint32_t stream, uint64_t bytes) {
  CHECK(stream == 1 || stream == 2);
  counts_->bytes[stream - 1] += bytes;
}

void ShownOutput::Remove() { unlink(path_.c_str()); }

}  // namespace wasmd

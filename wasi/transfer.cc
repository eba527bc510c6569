#include "wasi/transfer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/owned_fd.h"
#include "base/str_cat.h"

namespace wasmd::wasi {
namespace {

constexpr size_t kChunkBytes = size_t{256} << 10;
// How far behind `end_offset` what we wrote is looked for, and how long it may
// be for that.
constexpr size_t kMaxSearchBytes = size_t{16} << 20;

ssize_t ReadOnce(int fd, uint8_t* to, size_t size,
                 std::optional<uint64_t> offset) {
  ssize_t read = 0;
  do {
    read = offset.has_value()
               ? ::pread(fd, to, size, static_cast<off_t>(*offset))
               : ::read(fd, to, size);
  } while (read < 0 && errno == EINTR);
  return read;
}

ErrnoOr<std::vector<iovec>> ToVectors(const GuestMemory& memory,
                                      const std::vector<GuestRange>& ranges) {
  std::vector<iovec> vectors;
  vectors.reserve(ranges.size());
  for (const GuestRange& range : ranges) {
    ASSIGN_OR_RETURN_ERRNO(const ByteSpan bytes,
                           memory.Bytes(range.address, range.size_bytes));
    vectors.push_back({.iov_base = const_cast<uint8_t*>(bytes.data()),
                       .iov_len = bytes.size()});
  }
  return vectors;
}

// Calls `write(vectors, count, written)` until all is written.
template <typename WriteOnce>
ErrnoOr<uint64_t> WriteAll(std::vector<iovec> vectors, WriteOnce write_once) {
  uint64_t written = 0;
  size_t first = 0;
  while (first < vectors.size()) {
    const ssize_t size = write_once(
        &vectors[first], static_cast<int>(vectors.size() - first), written);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && written == 0) return FromHostErrno(errno);
    if (size <= 0) break;
    written += static_cast<uint64_t>(size);
    size_t rest = static_cast<size_t>(size);
    while (first < vectors.size() && rest >= vectors[first].iov_len) {
      rest -= vectors[first++].iov_len;
    }
    if (rest > 0) {
      vectors[first].iov_base =
          static_cast<uint8_t*>(vectors[first].iov_base) + rest;
      vectors[first].iov_len -= rest;
    }
  }
  return written;
}

std::string Concatenate(const GuestMemory& memory,
                        const std::vector<GuestRange>& ranges) {
  std::string text;
  for (const GuestRange& range : ranges) {
    const ErrnoOr<ByteSpan> bytes =
        memory.Bytes(range.address, range.size_bytes);
    if (bytes.ok()) text.append(AsText(*bytes));
  }
  return text;
}

// Up to `size` bytes of the file from `offset`; shorter at its end.
ErrnoOr<std::string> ReadPart(int fd, uint64_t offset, size_t size) {
  std::string part(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t read =
        ReadOnce(fd, reinterpret_cast<uint8_t*>(part.data()) + done,
                 size - done, offset + done);
    if (read < 0) return FromHostErrno(errno);
    if (read == 0) break;
    done += static_cast<size_t>(read);
  }
  part.resize(done);
  return part;
}

// Does the file go on at `offset` with the ranges, as far as it goes?
ErrnoOr<bool> GoesOnWith(const GuestMemory& memory,
                         const std::vector<GuestRange>& ranges, int fd,
                         uint64_t offset) {
  for (const GuestRange& range : ranges) {
    for (uint32_t done = 0; done < range.size_bytes;) {
      const uint32_t size =
          std::min<uint32_t>(range.size_bytes - done, uint32_t{kChunkBytes});
      ASSIGN_OR_RETURN_ERRNO(const ByteSpan ours,
                             memory.Bytes(range.address + done, size));
      ASSIGN_OR_RETURN_ERRNO(const std::string theirs,
                             ReadPart(fd, offset, size));
      if (AsText(ours).substr(0, theirs.size()) != theirs) return false;
      if (theirs.size() < size) return true;
      offset += size;
      done += size;
    }
  }
  return true;
}

}  // namespace

ErrnoOr<uint64_t> ReadInto(GuestMemory& memory,
                           const std::vector<GuestRange>& ranges, int fd,
                           std::optional<uint64_t> offset) {
  // By way of a buffer, so that only pages that get bytes become dirty.
  std::vector<uint8_t> buffer(
      static_cast<size_t>(std::min<uint64_t>(TotalBytes(ranges), kChunkBytes)));
  uint64_t total = 0;
  for (const GuestRange& range : ranges) {
    for (uint32_t done = 0; done < range.size_bytes;) {
      const size_t wanted =
          std::min<size_t>(range.size_bytes - done, buffer.size());
      std::optional<uint64_t> at = offset;
      if (at.has_value()) *at += total;
      const ssize_t size = ReadOnce(fd, buffer.data(), wanted, at);
      if (size < 0 && total == 0) return FromHostErrno(errno);
      if (size <= 0) return total;
      const ByteSpan bytes(buffer.data(), static_cast<size_t>(size));
      RETURN_IF_ERRNO(memory.Write(range.address + done, bytes));
      done += static_cast<uint32_t>(size);
      total += static_cast<uint64_t>(size);
      if (static_cast<size_t>(size) < wanted) return total;
    }
  }
  return total;
}

ErrnoOr<uint64_t> WriteFrom(const GuestMemory& memory,
                            const std::vector<GuestRange>& ranges, int fd,
                            std::optional<uint64_t> offset) {
  ASSIGN_OR_RETURN_ERRNO(std::vector<iovec> vectors, ToVectors(memory, ranges));
  return WriteAll(std::move(vectors), [fd, offset](const iovec* at, int count,
                                                   uint64_t written) {
    return offset.has_value()
               ? ::pwritev(fd, at, count, static_cast<off_t>(*offset + written))
               : ::writev(fd, at, count);
  });
}

ErrnoOr<uint64_t> AppendFrom(const GuestMemory& memory,
                             const std::vector<GuestRange>& ranges, int fd,
                             uint64_t* end) {
  ASSIGN_OR_RETURN_ERRNO(std::vector<iovec> vectors, ToVectors(memory, ranges));
  // Seeks and appends in one step, so that others who append are not written
  // over, and leaves the kernel's offset behind what it wrote.
  ErrnoOr<uint64_t> size = WriteAll(
      std::move(vectors), [fd](const iovec* at, int count, uint64_t written) {
        return ::pwritev2(fd, at, count, -1, RWF_APPEND);
      });
  if (!size.ok()) return size.error();
  const off_t at = ::lseek(fd, 0, SEEK_CUR);
  if (at < 0) return FromHostErrno(errno);
  *end = static_cast<uint64_t>(at);
  return size;
}

ErrnoOr<std::optional<uint64_t>> FindWritten(
    const GuestMemory& memory, const std::vector<GuestRange>& ranges, int fd,
    uint64_t end_offset) {
  // The file may be open for writing only.
  const OwnedFd readable(
      ::open(StrCat("/proc/self/fd/", fd).c_str(), O_RDONLY | O_CLOEXEC));
  if (!readable.is_open()) return std::optional<uint64_t>(end_offset);
  ASSIGN_OR_RETURN_ERRNO(
      const bool is_there,
      GoesOnWith(memory, ranges, readable.get(), end_offset));
  if (is_there) return std::optional<uint64_t>(end_offset);
  if (TotalBytes(ranges) > kMaxSearchBytes) return std::optional<uint64_t>();
  ASSIGN_OR_RETURN_ERRNO(const std::string part,
                         ReadPart(readable.get(), end_offset, kMaxSearchBytes));
  const size_t at = part.find(Concatenate(memory, ranges));
  if (at == std::string::npos) return std::optional<uint64_t>();
  return std::optional<uint64_t>(end_offset + at);
}

}  // namespace wasmd::wasi

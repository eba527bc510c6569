// fd_read, fd_write and their kin, fd_seek, fd_tell.

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "wasi/context_impl.h"
#include "wasi/transfer.h"

namespace wasmd::wasi {
namespace {

// Bounds of one transfer; more is a short one. What goes to the standard
// streams is kept in memory until the process commits.
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;
constexpr uint64_t kMaxOutputBytes = uint64_t{16} << 20;
constexpr size_t kMaxInputBytes = size_t{64} << 10;

constexpr uint64_t kMaxOffset =
    static_cast<uint64_t>(std::numeric_limits<int64_t>::max());

// No file goes on behind the greatest offset: what is asked for ends there.
uint64_t MaxBytesAt(uint64_t offset) {
  return std::min(kMaxFileBytes, kMaxOffset - std::min(kMaxOffset, offset));
}

// kFbig if there is no room for a single byte.
Errno CheckRoomAt(uint64_t offset, const std::vector<GuestRange>& ranges) {
  return offset >= kMaxOffset && !ranges.empty() ? Errno::kFbig
                                                 : Errno::kSuccess;
}

Errno SyncAsFlagged(const Descriptor& file) {
  int result = 0;
  if (file.flags & (fdflags::kSync | fdflags::kRsync)) {
    result = ::fsync(file.fd.get());
  } else if (file.flags & fdflags::kDsync) {
    result = ::fdatasync(file.fd.get());
  }
  return result == 0 ? Errno::kSuccess : FromHostErrno(errno);
}

}  // namespace

// --- Reading.

std::optional<size_t> ContextImpl::FillInput(size_t wanted) {
  if (!input_.empty()) return input_.size();
  if (input_ended_) return 0;
  std::optional<std::string> more =
      environment_->ReadInput(std::clamp<size_t>(wanted, 1, kMaxInputBytes));
  if (!more.has_value()) return std::nullopt;
  input_ = *std::move(more);
  input_ended_ = input_.empty();
  return input_.size();
}

ErrnoOr<std::optional<uint32_t>> ContextImpl::ReadStandardInput(
    Caller& caller, Descriptor& input, uint32_t vectors_at, uint32_t count,
    uint32_t size_at) {
  if (!input.has(rights::kFdRead)) return Errno::kNotCapable;
  RETURN_IF_ERRNO(caller.memory.Check(size_at, sizeof(uint32_t)));
  ASSIGN_OR_RETURN_ERRNO(
      const std::vector<GuestRange> ranges,
      caller.memory.Vectors(vectors_at, count, kMaxInputBytes));
  size_t taken = 0;
  if (!ranges.empty()) {
    const std::optional<size_t> there = FillInput(TotalBytes(ranges));
    if (!there.has_value()) {
      if (input.flags & fdflags::kNonblock) return Errno::kAgain;
      return std::optional<uint32_t>();
    }
    // The end is told once; a terminal may go on after it.
    input_ended_ = false;
    for (const GuestRange& range : ranges) {
      const size_t size =
          std::min<size_t>(range.size_bytes, input_.size() - taken);
      RETURN_IF_ERRNO(caller.memory.Write(
          range.address,
          AsBytes(std::string_view(input_).substr(taken, size))));
      taken += size;
    }
    input_.erase(0, taken);
  }
  RETURN_IF_ERRNO(
      caller.memory.Store<uint32_t>(size_at, static_cast<uint32_t>(taken)));
  return std::optional<uint32_t>(static_cast<uint32_t>(taken));
}

Outcome ContextImpl::FdRead(Caller& caller, uint32_t fd, uint32_t vectors_at,
                            uint32_t count, uint32_t size_at) {
  Outcome outcome;
  Descriptor* descriptor = descriptors_.Find(fd);
  if (descriptor != nullptr && descriptor->kind == Descriptor::Kind::kStdin) {
    const ErrnoOr<std::optional<uint32_t>> read =
        ReadStandardInput(caller, *descriptor, vectors_at, count, size_at);
    outcome.errno_value = static_cast<uint16_t>(read.error());
    if (read.ok() && !read->has_value()) {
      outcome.kind = Outcome::Kind::kWait;
      outcome.wait.input = true;
    }
    return outcome;
  }
  if (IsConnection(fd)) {
    return ToOutcome(
        Receive(caller, fd, vectors_at, count, 0, size_at, std::nullopt));
  }
  outcome.errno_value = static_cast<uint16_t>(
      ReadFile(caller, fd, vectors_at, count, std::nullopt, size_at));
  return outcome;
}

Errno ContextImpl::FdPread(Caller& caller, uint32_t fd, uint32_t vectors_at,
                           uint32_t count, uint64_t offset, uint32_t size_at) {
  return ReadFile(caller, fd, vectors_at, count, offset, size_at);
}

Errno ContextImpl::ReadFile(Caller& caller, uint32_t fd, uint32_t vectors_at,
                            uint32_t count, std::optional<uint64_t> at,
                            uint32_t size_at) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * descriptor, Find(fd));
  if (descriptor->kind == Descriptor::Kind::kDirectory) return Errno::kIsdir;
  const bool is_file = descriptor->kind == Descriptor::Kind::kFile;
  if (at.has_value() && !is_file) return Errno::kSpipe;
  // Reading at an offset is seeking too.
  const Rights needed =
      at.has_value() ? rights::kFdRead | rights::kFdSeek : rights::kFdRead;
  if (!descriptor->has(needed)) return Errno::kNotCapable;
  RETURN_IF_ERRNO(caller.memory.Check(size_at, sizeof(uint32_t)));
  std::optional<uint64_t> offset;
  if (is_file) offset = at.value_or(descriptor->offset);
  ASSIGN_OR_RETURN_ERRNO(
      const std::vector<GuestRange> ranges,
      caller.memory.Vectors(vectors_at, count, MaxBytesAt(offset.value_or(0))));
  if (offset.value_or(0) > kMaxOffset) return Errno::kInval;
  ASSIGN_OR_RETURN_ERRNO(
      const uint64_t size,
      ReadInto(caller.memory, ranges, descriptor->fd.get(), offset));
  if (is_file && !at.has_value()) descriptor->offset += size;
  return caller.memory.Store<uint32_t>(size_at, static_cast<uint32_t>(size));
}

// --- Writing.

ErrnoOr<uint64_t> ContextImpl::WriteStandardOutput(
    Caller& caller, const Descriptor& output,
    const std::vector<GuestRange>& ranges) {
  const uint32_t stream = output.kind == Descriptor::Kind::kStdout ? 1 : 2;
  for (const GuestRange& range : ranges) {
    ASSIGN_OR_RETURN_ERRNO(
        const ByteSpan bytes,
        caller.memory.Bytes(range.address, range.size_bytes));
    environment_->Write(stream, bytes);
  }
  return TotalBytes(ranges);
}

ErrnoOr<uint64_t> ContextImpl::Append(Caller& caller, Descriptor& file,
                                      const std::vector<GuestRange>& ranges) {
  uint64_t end = 0;
  ASSIGN_OR_RETURN_ERRNO(const uint64_t size, AppendFrom(caller.memory, ranges,
                                                         file.fd.get(), &end));
  file.offset = end;
  NoteWritten(file, end, /*is_complete=*/false);
  return size;
}

// The first time may have happened, wholly or in part, and others may have
// appended since. What is there of our bytes is written again where it is.
ErrnoOr<uint64_t> ContextImpl::AppendAgain(
    Caller& caller, Descriptor& file, const std::vector<GuestRange>& ranges,
    uint64_t end_offset) {
  ASSIGN_OR_RETURN_ERRNO(const struct stat status, StatusOf(file.fd.get()));
  // Nothing was appended (or the file was cut meanwhile).
  if (static_cast<uint64_t>(status.st_size) <= end_offset) {
    return Append(caller, file, ranges);
  }
  ASSIGN_OR_RETURN_ERRNO(
      const std::optional<uint64_t> found,
      FindWritten(caller.memory, ranges, file.fd.get(), end_offset));
  if (!found.has_value()) return Append(caller, file, ranges);
  ASSIGN_OR_RETURN_ERRNO(const uint64_t size, WriteFrom(caller.memory, ranges,
                                                        file.fd.get(), *found));
  file.offset = *found + size;
  NoteWritten(file, file.offset, size == TotalBytes(ranges));
  return size;
}

ErrnoOr<uint64_t> ContextImpl::Write(Caller& caller, Descriptor& file,
                                     std::vector<GuestRange> ranges) {
  if (ranges.empty()) return uint64_t{0};
  if (file.kind == Descriptor::Kind::kDevice) {
    return WriteFrom(caller.memory, ranges, file.fd.get(), std::nullopt);
  }
  if (file.flags & fdflags::kAppend) {
    const Doubt doubt = DoubtOf(caller, FunctionId::fd_write);
    return doubt.noted != nullptr
               ? AppendAgain(caller, file, ranges, doubt.noted->end_offset)
               : Append(caller, file, ranges);
  }
  RETURN_IF_ERRNO(CheckRoomAt(file.offset, ranges));
  LimitBytes(MaxBytesAt(file.offset), &ranges);
  ASSIGN_OR_RETURN_ERRNO(
      const uint64_t size,
      WriteFrom(caller.memory, ranges, file.fd.get(), file.offset));
  file.offset += size;
  NoteWritten(file, file.offset, size == TotalBytes(ranges));
  return size;
}

Outcome ContextImpl::FdWrite(Caller& caller, uint32_t fd, uint32_t vectors_at,
                             uint32_t count, uint32_t size_at) {
  if (IsConnection(fd)) {
    return ToOutcome(Send(caller, fd, vectors_at, count, 0, size_at));
  }
  Outcome outcome;
  outcome.errno_value = static_cast<uint16_t>(
      WriteVectors(caller, fd, vectors_at, count, size_at));
  return outcome;
}

Errno ContextImpl::WriteVectors(Caller& caller, uint32_t fd,
                                uint32_t vectors_at, uint32_t count,
                                uint32_t size_at) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * descriptor, Find(fd));
  if (descriptor->kind == Descriptor::Kind::kDirectory) return Errno::kIsdir;
  if (!descriptor->has(rights::kFdWrite)) return Errno::kNotCapable;
  RETURN_IF_ERRNO(caller.memory.Check(size_at, sizeof(uint32_t)));
  const bool is_stream = descriptor->is_standard_stream();
  ASSIGN_OR_RETURN_ERRNO(
      std::vector<GuestRange> ranges,
      caller.memory.Vectors(vectors_at, count,
                            is_stream ? kMaxOutputBytes : kMaxFileBytes));
  ErrnoOr<uint64_t> size =
      is_stream ? WriteStandardOutput(caller, *descriptor, ranges)
                : Write(caller, *descriptor, std::move(ranges));
  if (!size.ok()) return size.error();
  if (!is_stream) RETURN_IF_ERRNO(SyncAsFlagged(*descriptor));
  return caller.memory.Store<uint32_t>(size_at, static_cast<uint32_t>(*size));
}

// As POSIX has it: at the offset also if the file is open for appending. (Linux
// would append, and a repeat would append again.)
Errno ContextImpl::FdPwrite(Caller& caller, uint32_t fd, uint32_t vectors_at,
                            uint32_t count, uint64_t offset, uint32_t size_at) {
  ASSIGN_OR_RETURN_ERRNO(
      Descriptor * file,
      FindFile(fd, rights::kFdWrite | rights::kFdSeek, Errno::kSpipe));
  RETURN_IF_ERRNO(caller.memory.Check(size_at, sizeof(uint32_t)));
  ASSIGN_OR_RETURN_ERRNO(
      std::vector<GuestRange> ranges,
      caller.memory.Vectors(vectors_at, count, kMaxFileBytes));
  if (offset > kMaxOffset) return Errno::kInval;
  RETURN_IF_ERRNO(CheckRoomAt(offset, ranges));
  LimitBytes(MaxBytesAt(offset), &ranges);
  ASSIGN_OR_RETURN_ERRNO(
      const uint64_t size,
      WriteFrom(caller.memory, ranges, file->fd.get(), offset));
  NoteWritten(*file, offset + size, size == TotalBytes(ranges));
  RETURN_IF_ERRNO(SyncAsFlagged(*file));
  return caller.memory.Store<uint32_t>(size_at, static_cast<uint32_t>(size));
}

// --- Offsets.

Errno ContextImpl::FdSeek(Caller& caller, uint32_t fd, int64_t delta,
                          uint32_t whence, uint32_t offset_at) {
  // Asking where one is takes less than going elsewhere.
  const bool only_tells = delta == 0 && whence == whence::kCurrent;
  ASSIGN_OR_RETURN_ERRNO(Descriptor * file, FindFile(fd, 0, Errno::kSpipe));
  if (!file->has(rights::kFdSeek) &&
      !(only_tells && file->has(rights::kFdTell))) {
    return Errno::kNotCapable;
  }
  RETURN_IF_ERRNO(caller.memory.Check(offset_at, sizeof(uint64_t)));
  int64_t from = 0;
  switch (whence) {
    case whence::kSet:
      break;
    case whence::kCurrent:
      from = static_cast<int64_t>(file->offset);
      break;
    case whence::kEnd: {
      ASSIGN_OR_RETURN_ERRNO(const struct stat status,
                             StatusOf(file->fd.get()));
      from = status.st_size;
      break;
    }
    default:
      return Errno::kInval;
  }
  int64_t to = 0;
  if (__builtin_add_overflow(from, delta, &to)) return Errno::kOverflow;
  if (to < 0) return Errno::kInval;
  file->offset = static_cast<uint64_t>(to);
  return caller.memory.Store<uint64_t>(offset_at, file->offset);
}

Errno ContextImpl::FdTell(Caller& caller, uint32_t fd, uint32_t offset_at) {
  return FdSeek(caller, fd, 0, whence::kCurrent, offset_at);
}

}  // namespace wasmd::wasi

#include "runtime/taken_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "base/whole_number.h"

namespace wasmd {
namespace {

absl::Status IoError(const std::string& path, int error) {
  const std::string message = StrCat(path, ": ", std::strerror(error));
  return error == ENOSPC || error == EDQUOT
             ? absl::ResourceExhaustedError(message)
             : absl::UnavailableError(message);
}

}  // namespace

std::string TakenInput::PathOf(const Segment& segment) const {
  return StrCat(folder_, "/", segment.begin);
}

absl::Status TakenInput::Load() {
  if (std::exchange(is_loaded_, true)) return absl::OkStatus();
  std::error_code error;
  std::filesystem::directory_iterator files(folder_, error);
  if (error == std::errc::no_such_file_or_directory) return absl::OkStatus();
  for (; !error && files != std::filesystem::directory_iterator();
       files.increment(error)) {
    const std::optional<uint64_t> begin =
        ParseWholeNumber(files->path().filename().string());
    if (!begin.has_value()) continue;
    Segment segment{.begin = *begin, .end = *begin, .file = OwnedFd()};
    const std::string path = PathOf(segment);
    segment.file = OwnedFd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    struct stat status = {};
    if (!segment.file.is_open() || ::fstat(segment.file.get(), &status) != 0) {
      return IoError(path, errno);
    }
    segment.end += static_cast<uint64_t>(status.st_size);
    segments_.push_back(std::move(segment));
  }
  if (error) return IoError(folder_, error.value());
  std::sort(
      segments_.begin(), segments_.end(),
      [](const Segment& a, const Segment& b) { return a.begin < b.begin; });
  return absl::OkStatus();
}

absl::Status TakenInput::Begin(uint64_t offset) {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
    return IoError(folder_, errno);
  }
  Segment segment{.begin = offset, .end = offset, .file = OwnedFd()};
  const std::string path = PathOf(segment);
  // Nobody else is to read what is typed in.
  segment.file = OwnedFd(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!segment.file.is_open()) return IoError(path, errno);
  segments_.push_back(std::move(segment));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<size_t>> TakenInput::Take(Outside& outside,
                                                       uint64_t offset,
                                                       size_t max_bytes) {
  RETURN_IF_ERROR(Load());
  // After the end of the machine the files may be older than the process.
  const bool has_end = !segments_.empty() && segments_.back().end >= offset;
  if (!has_end) {
    DropBefore(offset);
    RETURN_IF_ERROR(Begin(offset));
  } else if (segments_.back().end - segments_.back().begin >= kSegmentBytes) {
    RETURN_IF_ERROR(Begin(segments_.back().end));
  }
  Segment& last = segments_.back();
  const absl::StatusOr<std::optional<size_t>> taken =
      outside.TakeInput(max_bytes, last.file.get(), last.end - last.begin);
  if (!taken.ok()) {
    return absl::Status(
        taken.status().code(),
        StrCat(PathOf(last), ": ", ToStd(taken.status().message())));
  }
  last.end += taken->value_or(0);
  return taken;
}

absl::StatusOr<std::string> TakenInput::Read(uint64_t* offset,
                                             size_t max_bytes) {
  RETURN_IF_ERROR(Load());
  for (const Segment& segment : segments_) {
    if (segment.end <= *offset || segment.end == segment.begin) continue;
    *offset = std::max(*offset, segment.begin);
    std::string bytes(static_cast<size_t>(
                          std::min<uint64_t>(max_bytes, segment.end - *offset)),
                      '\0');
    size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t size =
          ::pread(segment.file.get(), bytes.data() + done, bytes.size() - done,
                  static_cast<off_t>(*offset - segment.begin + done));
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return IoError(PathOf(segment), size < 0 ? errno : EIO);
      done += static_cast<size_t>(size);
    }
    return bytes;
  }
  return "";
}

void TakenInput::DropBefore(uint64_t offset) {
  while (!segments_.empty()) {
    const Segment& first = segments_.front();
    if (first.end > offset) return;
    // A small last one may as well be gone on with.
    if (segments_.size() == 1 && first.end == offset &&
        first.end - first.begin < kSegmentBytes) {
      return;
    }
    ::unlink(PathOf(first).c_str());
    segments_.pop_front();
  }
}

void TakenInput::Remove() {
  segments_.clear();
  is_loaded_ = true;
  std::error_code ignored;  // most have none
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace wasmd

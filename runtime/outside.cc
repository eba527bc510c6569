#include "runtime/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "base/str_cat.h"
#include "wasi/host_environment.h"

namespace wasmd {
namespace {

// The longest wait without a look at the clock, which may be set meanwhile.
constexpr int64_t kMaxWaitNs = 10'000'000'000;

std::vector<pollfd> PollOf(std::span<const wasi::Wait::Socket> sockets) {
  std::vector<pollfd> wanted;
  for (const wasi::Wait::Socket& socket : sockets) {
    const int events = socket.for_write ? POLLOUT : POLLIN | POLLRDHUP;
    wanted.push_back({socket.fd, static_cast<int16_t>(events), 0});
  }
  return wanted;
}

absl::Status FileError(int error) {
  return error == ENOSPC || error == EDQUOT
             ? absl::ResourceExhaustedError(std::strerror(error))
             : absl::UnavailableError(std::strerror(error));
}

// Output goes by Release.
class HostEnvironment : public wasi::HostEnvironment {
 public:
  void Write(uint32_t, ByteSpan) override { CHECK(false); }
};

class SystemOutsideImpl : public Outside {
 public:
  explicit SystemOutsideImpl(bool with_input)
      : with_input_(with_input), wake_fd_(eventfd(0, EFD_CLOEXEC)) {
    CHECK(wake_fd_ >= 0);
  }
  ~SystemOutsideImpl() override { close(wake_fd_); }

  int64_t RealtimeNow() override { return host_.RealtimeNow(); }
  int64_t MonotonicNow() override { return host_.MonotonicNow(); }
  std::optional<int64_t> CpuNow() override { return host_.CpuNow(); }
  void Random(MutableByteSpan out) override { host_.Random(out); }
  bool IsTerminal(uint32_t stream) override { return host_.IsTerminal(stream); }
  std::optional<std::string> ReadInput(size_t max_bytes) override {
    if (!with_input_) return std::nullopt;
    return host_.ReadInput(max_bytes);
  }
  bool has_input() const override { return with_input_; }

  absl::StatusOr<std::optional<size_t>> TakeInput(size_t max_bytes, int file,
                                                  uint64_t offset) override {
    if (!with_input_) return std::nullopt;
    pollfd ready = {STDIN_FILENO, POLLIN, 0};
    if (poll(&ready, 1, 0) == 0) return std::nullopt;
    // In one step: the pages of a pipe go to the file before they leave it.
    auto to = static_cast<off64_t>(offset);
    const ssize_t size = splice(STDIN_FILENO, nullptr, file, &to, max_bytes,
                                SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    if (size >= 0) return static_cast<size_t>(size);
    if (errno == EAGAIN || errno == EINTR) return std::nullopt;
    if (errno != EINVAL) return FileError(errno);
    return Outside::TakeInput(max_bytes, file, offset);  // it is no pipe
  }

  std::optional<InputFile> FindInputFile() override {
    struct stat status = {};
    if (!with_input_ || fstat(STDIN_FILENO, &status) != 0 ||
        !S_ISREG(status.st_mode)) {
      return std::nullopt;
    }
    const off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
    return InputFile{.device = status.st_dev,
                     .inode = status.st_ino,
                     .offset = static_cast<uint64_t>(std::max<off_t>(at, 0))};
  }

  std::string ReadInputFile(uint64_t offset, size_t max_bytes) override {
    // Others who have the file with this program find it where it was read to.
    if (lseek(STDIN_FILENO, static_cast<off_t>(offset), SEEK_SET) < 0) {
      return {};
    }
    return host_.ReadInput(max_bytes).value_or("");
  }

  absl::Status Release(uint32_t stream, ByteSpan bytes) override {
    const int fd = stream == kStderr ? STDERR_FILENO : STDOUT_FILENO;
    while (!bytes.empty()) {
      const ssize_t written = write(fd, bytes.data(), bytes.size());
      if (written >= 0) {
        bytes = bytes.subspan(static_cast<size_t>(written));
      } else if (errno == EAGAIN) {
        pollfd ready = {fd, POLLOUT, 0};
        poll(&ready, 1, -1);
      } else if (errno != EINTR) {
        return absl::UnavailableError(
            StrCat(stream == kStderr ? "stderr" : "stdout",
                   " cannot be written: ", std::strerror(errno)));
      }
    }
    return absl::OkStatus();
  }

  bool Wait(std::optional<int64_t> deadline_ns, bool input) override {
    return WaitWithSockets(deadline_ns, input, {});
  }

  bool WaitWithSockets(std::optional<int64_t> deadline_ns, bool input,
                       std::span<const wasi::Wait::Socket> sockets) override {
    int64_t left_ns = kMaxWaitNs;
    if (deadline_ns.has_value()) {
      left_ns =
          std::clamp(*deadline_ns - RealtimeNow(), int64_t{0}, kMaxWaitNs);
    }
    const timespec timeout = {left_ns / 1'000'000'000, left_ns % 1'000'000'000};
    std::vector<pollfd> ready = PollOf(sockets);
    ready.insert(ready.begin(),
                 {{wake_fd_, POLLIN, 0},
                  // A negative descriptor is passed over.
                  {input && with_input_ ? STDIN_FILENO : -1, POLLIN, 0}});
    ppoll(ready.data(), ready.size(), &timeout, nullptr);
    uint64_t count = 0;
    if (ready[0].revents & POLLIN) {
      CHECK(read(wake_fd_, &count, sizeof count) == sizeof count);
    }
    return ready[1].revents != 0;
  }

  bool HasReadySocket(std::span<const wasi::Wait::Socket> sockets) override {
    std::vector<pollfd> ready = PollOf(sockets);
    return poll(ready.data(), ready.size(), 0) > 0;
  }

  void Wake() override {
    const uint64_t one = 1;
    CHECK(write(wake_fd_, &one, sizeof one) == sizeof one);
  }

 private:
  HostEnvironment host_;
  const bool with_input_;
  const int wake_fd_;
};

}  // namespace

absl::StatusOr<std::optional<size_t>> Outside::TakeInput(size_t max_bytes,
                                                         int file,
                                                         uint64_t offset) {
  const std::optional<std::string> bytes = ReadInput(max_bytes);
  if (!bytes.has_value()) return std::nullopt;
  for (size_t done = 0; done < bytes->size();) {
    const ssize_t size =
        pwrite(file, bytes->data() + done, bytes->size() - done,
               static_cast<off_t>(offset + done));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return FileError(errno);
    done += static_cast<size_t>(size);
  }
  return bytes->size();
}

std::unique_ptr<Outside> SystemOutside(bool with_input) {
  return std::make_unique<SystemOutsideImpl>(with_input);
}

}  // namespace wasmd

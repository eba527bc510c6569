#include "wasi/host_environment.h"

#include <poll.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace wasmd::wasi {
namespace {

constexpr size_t kMaxInputBytes = size_t{1} << 20;

int64_t Now(clockid_t clock) {
  timespec time = {};
  CHECK(::clock_gettime(clock, &time) == 0);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

int64_t HostEnvironment::RealtimeNow() { return Now(CLOCK_REALTIME); }

// Counts the time that the machine sleeps, as deadlines do.
int64_t HostEnvironment::MonotonicNow() { return Now(CLOCK_BOOTTIME); }

std::optional<int64_t> HostEnvironment::CpuNow() {
  return Now(CLOCK_PROCESS_CPUTIME_ID);
}

void HostEnvironment::Random(MutableByteSpan out) {
  while (!out.empty()) {
    const ssize_t size = ::getrandom(out.data(), out.size(), 0);
    // A machine without random numbers must not run programs that ask for them.
    CHECK(size > 0 || errno == EINTR);
    if (size > 0) out = out.subspan(static_cast<size_t>(size));
  }
}

std::optional<std::string> HostEnvironment::ReadInput(size_t max_bytes) {
  if (input_fd_ < 0) return std::string();
  pollfd wait = {.fd = input_fd_, .events = POLLIN, .revents = 0};
  if (::poll(&wait, 1, 0) == 0) return std::nullopt;
  std::string bytes(std::min(max_bytes, kMaxInputBytes), '\0');
  const ssize_t size = ::read(input_fd_, bytes.data(), bytes.size());
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return std::nullopt;
  bytes.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  return bytes;
}

bool HostEnvironment::IsTerminal(uint32_t stream) {
  return ::isatty(static_cast<int>(stream)) == 1;
}

}  // namespace wasmd::wasi

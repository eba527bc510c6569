#include "wasi/file_times.h"

#include "wasi/abi.h"

namespace wasmd::wasi {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

timespec ToTime(uint64_t time_ns, bool is_given, bool is_now) {
  timespec time = {};
  if (is_given) {
    time.tv_sec = static_cast<time_t>(time_ns / kSecond);
    time.tv_nsec = static_cast<long>(time_ns % kSecond);
  } else {
    time.tv_nsec = is_now ? UTIME_NOW : UTIME_OMIT;
  }
  return time;
}

}  // namespace

ErrnoOr<std::array<timespec, 2>> ToFileTimes(uint64_t access_ns,
                                             uint64_t modify_ns,
                                             uint32_t flags) {
  const bool access = flags & fstflags::kAtim;
  const bool access_now = flags & fstflags::kAtimNow;
  const bool modify = flags & fstflags::kMtim;
  const bool modify_now = flags & fstflags::kMtimNow;
  if ((flags & ~fstflags::kAll) || (access && access_now) ||
      (modify && modify_now)) {
    return Errno::kInval;
  }
  return std::array<timespec, 2>{ToTime(access_ns, access, access_now),
                                 ToTime(modify_ns, modify, modify_now)};
}

}  // namespace wasmd::wasi

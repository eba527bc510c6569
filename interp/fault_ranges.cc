#include "interp/fault_ranges.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "base/check.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WASMD_NO_FAULT_HANDLER
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define WASMD_NO_FAULT_HANDLER
#endif

namespace wasmd {
namespace {

// Each range splits a mapping of the kernel in three, of which a program may
// have about 65,000.
constexpr size_t kMaxRanges = 10'000;

// A descriptor for faults of user mode that raise SIGBUS; -1 if there is none.
int OpenUserfault() {
#if defined(WASMD_NO_FAULT_HANDLER) || !defined(UFFD_USER_MODE_ONLY)
  return -1;
#else
  const int descriptor = static_cast<int>(
      syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY));
  if (descriptor < 0) return -1;
  uffdio_api api = {};
  api.api = UFFD_API;
  api.features = UFFD_FEATURE_SIGBUS;
  if (ioctl(descriptor, UFFDIO_API, &api) == 0) return descriptor;
  close(descriptor);
  return -1;
#endif
}

uffdio_range RangeOf(uint8_t* begin, uint64_t size) {
  uffdio_range range = {};
  range.start = reinterpret_cast<uintptr_t>(begin);
  range.len = size;
  return range;
}

}  // namespace

FaultRanges* FaultRanges::Get() {
  static FaultRanges* const ranges = Make();
  return ranges;
}

FaultRanges* FaultRanges::Make() {
  const int userfault = OpenUserfault();
  if (userfault < 0) return nullptr;
  FaultRanges* ranges = new FaultRanges(userfault);
  struct sigaction action = {};
  action.sa_sigaction = &FaultRanges::OnSignal;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  CHECK(sigaction(SIGBUS, nullptr, &ranges->previous_) == 0);
  CHECK(sigaction(SIGBUS, &action, nullptr) == 0);
  return ranges;
}

bool FaultRanges::Add(uint8_t* begin, uint64_t size, LazyPages* pages) {
  {
    std::lock_guard lock(mutex_);
    if (ranges_.size() >= kMaxRanges) return false;
    ranges_[reinterpret_cast<uintptr_t>(begin)] = {size, pages};
  }
  uffdio_register request = {};
  request.range = RangeOf(begin, size);
  request.mode = UFFDIO_REGISTER_MODE_MISSING;
  if (ioctl(userfault_, UFFDIO_REGISTER, &request) == 0) return true;
  Forget(begin);
  return false;
}

void FaultRanges::Remove(uint8_t* begin, uint64_t size) {
  uffdio_range range = RangeOf(begin, size);
  CHECK(ioctl(userfault_, UFFDIO_UNREGISTER, &range) == 0);
  Forget(begin);
}

void FaultRanges::Forget(uint8_t* begin) {
  std::lock_guard lock(mutex_);
  ranges_.erase(reinterpret_cast<uintptr_t>(begin));
}

bool FaultRanges::Handle(const void* address) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(address);
  uint64_t offset = 0;
  LazyPages* pages = nullptr;
  {
    std::lock_guard lock(mutex_);
    auto after = ranges_.upper_bound(at);
    if (after == ranges_.begin()) return false;
    const auto& [begin, range] = *std::prev(after);
    offset = at - begin;
    if (offset >= range.size) return false;
    pages = range.pages;
  }
  // Its thread is this one, so that it stays.
  return pages->OnFault(offset);
}

void FaultRanges::OnSignal(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  FaultRanges* ranges = Get();  // made: it installed this
  const bool is_ours =
      info->si_code == BUS_ADRERR && ranges->Handle(info->si_addr);
  if (!is_ours) ranges->PassOn(signal, info, context);
  errno = saved_errno;
}

void FaultRanges::PassOn(int signal, siginfo_t* info, void* context) {
  if ((previous_.sa_flags & SA_SIGINFO) != 0) {
    previous_.sa_sigaction(signal, info, context);
  } else if (previous_.sa_handler == SIG_DFL ||
             previous_.sa_handler == SIG_IGN) {
    // The fault happens again on return, and ends the program as it would have.
    sigaction(signal, &previous_, nullptr);
    if (info->si_code <= 0) raise(signal);  // somebody sent it: no fault
  } else {
    previous_.sa_handler(signal);
  }
}

}  // namespace wasmd

// FaultRanges: which LazyPages an address belongs to, for the handler of
// SIGBUS, and the userfaultfd they all share. One in a program, since signal
// handlers are; made at the first use and never destroyed.
//
// Thread-safe.

#ifndef WASMD_INTERP_FAULT_RANGES_H_
#define WASMD_INTERP_FAULT_RANGES_H_

#include <signal.h>

#include <cstdint>
#include <map>
#include <mutex>

#include "interp/lazy_pages.h"

namespace wasmd {

class FaultRanges {
 public:
  // Null where the system has no userfaultfd for user mode or refuses it, and
  // under ThreadSanitizer, which takes no handler that does real work.
  static FaultRanges* Get();

  // From here on a touch of what is missing in [begin, begin + size) goes to
  // `pages`. False if that cannot be had.
  bool Add(uint8_t* begin, uint64_t size, LazyPages* pages);
  // Missing pages are zeros from here on.
  void Remove(uint8_t* begin, uint64_t size);
  // Only forgets: the memory is unmapped next.
  void Forget(uint8_t* begin);

  int userfault() const { return userfault_; }

 private:
  struct Range {
    uint64_t size;
    LazyPages* pages;
  };

  explicit FaultRanges(int userfault) : userfault_(userfault) {}
  static FaultRanges* Make();
  static void OnSignal(int signal, siginfo_t* info, void* context);
  bool Handle(const void* address);
  void PassOn(int signal, siginfo_t* info, void* context);

  const int userfault_;
  struct sigaction previous_ = {};
  // Held while nothing touches guest memory, so that the handler can take it.
  std::mutex mutex_;
  std::map<uintptr_t, Range> ranges_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_FAULT_RANGES_H_

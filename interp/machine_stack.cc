#include "interp/machine_stack.h"

#include <sys/mman.h>

#include <algorithm>

#include "base/check.h"

namespace wasmd {

MachineStack::MachineStack(uint64_t slot_bytes) {
  constexpr uint64_t kPage = 4096;
  const uint64_t bytes =
      (std::clamp(slot_bytes, kMinBytes, kMaxBytes) + kPage - 1) & ~(kPage - 1);
  slot_count_ = bytes / sizeof(Slot);
  // The outermost frame has a record, too.
  const uint64_t record_bytes =
      (slot_count_ * 2 * sizeof(CallRecord) + kPage - 1) & ~(kPage - 1);
  size_bytes_ = bytes + record_bytes + kPage;
  base_ = mmap(nullptr, size_bytes_, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  // Address space only; without it the process cannot go on.
  CHECK(base_ != MAP_FAILED);
}

MachineStack::~MachineStack() { munmap(base_, size_bytes_); }

}  // namespace wasmd

// GuestMemory: how WASI functions read and write the caller's memory. Addresses
// are the guest's 32-bit pointers; what does not lie in the memory is kFault.
// Pointers need no alignment.
//
// A view for the time of one call: spans are valid until the call returns.

#ifndef WASMD_WASI_GUEST_MEMORY_H_
#define WASMD_WASI_GUEST_MEMORY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "interp/memory_instance.h"
#include "wasi/errno.h"

namespace wasmd::wasi {

// A part of guest memory.
struct GuestRange {
  uint32_t address = 0;
  uint32_t size_bytes = 0;
};

class GuestMemory {
 public:
  // `memory` outlives this, and so does `written`, which may be null: every
  // range that is written is added to it, in order.
  explicit GuestMemory(MemoryInstance& memory,
                       std::vector<GuestRange>* written = nullptr)
      : memory_(memory), written_(written) {}

  // Is there this much at this address? Asked of every result pointer before an
  // effect, so that a call that cannot answer does nothing.
  Errno Check(uint32_t address, uint64_t size_bytes) const {
    return memory_.InBounds(address, size_bytes) ? Errno::kSuccess
                                                 : Errno::kFault;
  }

  ErrnoOr<ByteSpan> Bytes(uint32_t address, uint64_t size_bytes) const;
  ErrnoOr<MutableByteSpan> MutableBytes(uint32_t address, uint64_t size_bytes);

  // Copies; marks only what is written.
  Errno Write(uint32_t address, ByteSpan bytes);

  template <typename T>
  ErrnoOr<T> Load(uint32_t address) const {
    ASSIGN_OR_RETURN_ERRNO(const ByteSpan bytes, Bytes(address, sizeof(T)));
    return LoadLittle<T>(bytes.data());
  }
  template <typename T>
  Errno Store(uint32_t address, T value) {
    ASSIGN_OR_RETURN_ERRNO(const MutableByteSpan bytes,
                           MutableBytes(address, sizeof(T)));
    StoreLittle<T>(bytes.data(), value);
    return Errno::kSuccess;
  }

  // The text of a path or a link.
  ErrnoOr<std::string> Text(uint32_t address, uint32_t size_bytes) const;

  // An array of iovec or ciovec: the ranges that are not empty, each in bounds.
  // At most kMaxVectors of them and `max_bytes` in all: what is past that is
  // left out, which makes the transfer a short one.
  static constexpr size_t kMaxVectors = 1024;
  ErrnoOr<std::vector<GuestRange>> Vectors(uint32_t address, uint32_t count,
                                           uint64_t max_bytes) const;

 private:
  MemoryInstance& memory_;
  std::vector<GuestRange>* written_;
};

// The sum of the sizes.
uint64_t TotalBytes(const std::vector<GuestRange>& ranges);
// Leaves no more than the first `max_bytes`.
void LimitBytes(uint64_t max_bytes, std::vector<GuestRange>* ranges);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_GUEST_MEMORY_H_

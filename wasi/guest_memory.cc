#include "wasi/guest_memory.h"

#include <algorithm>

namespace wasmd::wasi {
namespace {

constexpr uint32_t kVectorBytes = 8;  // pointer, length
// More than any path or link the host takes; those answer ENAMETOOLONG.
constexpr uint32_t kMaxTextBytes = 1 << 16;

}  // namespace

ErrnoOr<ByteSpan> GuestMemory::Bytes(uint32_t address,
                                     uint64_t size_bytes) const {
  absl::StatusOr<ByteSpan> bytes = memory_.Bytes(address, size_bytes);
  if (!bytes.ok()) return Errno::kFault;
  return *bytes;
}

ErrnoOr<MutableByteSpan> GuestMemory::MutableBytes(uint32_t address,
                                                   uint64_t size_bytes) {
  absl::StatusOr<MutableByteSpan> bytes =
      memory_.MutableBytes(address, size_bytes);
  if (!bytes.ok()) return Errno::kFault;
  if (written_ != nullptr && size_bytes != 0) {
    written_->push_back({address, static_cast<uint32_t>(size_bytes)});
  }
  return *bytes;
}

Errno GuestMemory::Write(uint32_t address, ByteSpan bytes) {
  ASSIGN_OR_RETURN_ERRNO(const MutableByteSpan to,
                         MutableBytes(address, bytes.size()));
  std::copy(bytes.begin(), bytes.end(), to.begin());
  return Errno::kSuccess;
}

ErrnoOr<std::string> GuestMemory::Text(uint32_t address,
                                       uint32_t size_bytes) const {
  ASSIGN_OR_RETURN_ERRNO(const ByteSpan bytes, Bytes(address, size_bytes));
  if (size_bytes > kMaxTextBytes) return Errno::kNameTooLong;
  return std::string(AsText(bytes));
}

ErrnoOr<std::vector<GuestRange>> GuestMemory::Vectors(
    uint32_t address, uint32_t count, uint64_t max_bytes) const {
  ASSIGN_OR_RETURN_ERRNO(const ByteSpan array,
                         Bytes(address, uint64_t{count} * kVectorBytes));
  std::vector<GuestRange> ranges;
  uint64_t left = max_bytes;
  for (uint32_t i = 0; i < count; ++i) {
    const uint8_t* at = array.data() + uint64_t{i} * kVectorBytes;
    GuestRange range{LoadLittle<uint32_t>(at), LoadLittle<uint32_t>(at + 4)};
    RETURN_IF_ERRNO(Check(range.address, range.size_bytes));
    range.size_bytes =
        static_cast<uint32_t>(std::min<uint64_t>(range.size_bytes, left));
    left -= range.size_bytes;
    if (range.size_bytes == 0) continue;
    if (ranges.size() == kMaxVectors) break;
    ranges.push_back(range);
  }
  return ranges;
}

void LimitBytes(uint64_t max_bytes, std::vector<GuestRange>* ranges) {
  uint64_t left = max_bytes;
  for (size_t i = 0; i < ranges->size(); ++i) {
    GuestRange& range = (*ranges)[i];
    if (range.size_bytes >= left) {
      range.size_bytes = static_cast<uint32_t>(left);
      ranges->resize(left > 0 ? i + 1 : i);
      return;
    }
    left -= range.size_bytes;
  }
}

uint64_t TotalBytes(const std::vector<GuestRange>& ranges) {
  uint64_t total = 0;
  for (const GuestRange& range : ranges) total += range.size_bytes;
  return total;
}

}  // namespace wasmd::wasi

#include "store/byte_patch.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/leb128.h"

namespace wasmd {
namespace {

constexpr size_t kWordBytes = 8;
constexpr size_t kBlockBytes = 64;
// A run costs two bytes at least, so to write this many that did not change is
// no dearer than to begin another.
constexpr size_t kMaxGapInRun = 3;

// Collects runs and writes each once it is over.
class PatchWriter {
 public:
  PatchWriter(ByteSpan now, MutableByteSpan shadow, size_t max_bytes,
              std::string* out)
      : now_(now),
        shadow_(shadow),
        begin_size_(out->size()),
        max_bytes_(max_bytes),
        out_(out) {}

  // Bytes that differ. False when it became too much.
  bool Changed(size_t begin, size_t end) {
    if (end_ > begin_ && begin - end_ <= kMaxGapInRun) {
      end_ = end;
      return true;
    }
    const bool fits = Flush();
    begin_ = begin;
    end_ = end;
    return fits;
  }

  bool Flush() {
    if (end_ == begin_) return true;
    AppendUnsignedLeb128(out_, begin_ - written_);
    AppendUnsignedLeb128(out_, end_ - begin_);
    out_->append(AsText(now_.subspan(begin_, end_ - begin_)));
    std::memcpy(shadow_.data() + begin_, now_.data() + begin_, end_ - begin_);
    written_ = end_;
    return out_->size() - begin_size_ <= max_bytes_;
  }

 private:
  const ByteSpan now_;
  const MutableByteSpan shadow_;
  const size_t begin_size_;
  const size_t max_bytes_;
  std::string* const out_;
  size_t written_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

// Bits of `a` and `b` that differ; `size` bytes of both are there.
uint64_t WordDifference(const uint8_t* a, const uint8_t* b, size_t size) {
  uint64_t x = 0;
  uint64_t y = 0;
  std::memcpy(&x, a, size);
  std::memcpy(&y, b, size);
  return x ^ y;
}

bool BlockIsEqual(const uint8_t* a, const uint8_t* b) {
  uint64_t difference = 0;
  for (size_t i = 0; i < kBlockBytes; i += kWordBytes) {
    difference |= LoadLittle<uint64_t>(a + i) ^ LoadLittle<uint64_t>(b + i);
  }
  return difference == 0;
}

template <typename OnRun>
bool WalkRuns(ByteSpan patch, size_t size_bytes, const OnRun& on_run) {
  size_t at = 0;
  while (!patch.empty()) {
    const auto gap = ReadUnsignedLeb128<uint64_t>(patch);
    if (gap.error != Leb128Error::kNone) return false;
    patch = patch.subspan(gap.size_bytes);
    const auto size = ReadUnsignedLeb128<uint64_t>(patch);
    if (size.error != Leb128Error::kNone) return false;
    patch = patch.subspan(size.size_bytes);
    if (gap.value > size_bytes - at) return false;
    at += gap.value;
    if (size.value == 0 || size.value > size_bytes - at ||
        size.value > patch.size()) {
      return false;
    }
    on_run(at, patch.first(size.value));
    at += size.value;
    patch = patch.subspan(size.value);
  }
  return true;
}

}  // namespace

bool AppendPatch(ByteSpan now, MutableByteSpan shadow, size_t max_bytes,
                 std::string* out) {
  const size_t begin_size = out->size();
  PatchWriter writer(now, shadow, max_bytes, out);
  bool fits = true;
  for (size_t block = 0; fits && block < now.size(); block += kBlockBytes) {
    const size_t block_end = std::min(block + kBlockBytes, now.size());
    if (block_end - block == kBlockBytes &&
        BlockIsEqual(now.data() + block, shadow.data() + block)) {
      continue;
    }
    for (size_t at = block; fits && at < block_end; at += kWordBytes) {
      const uint64_t difference =
          WordDifference(now.data() + at, shadow.data() + at,
                         std::min(kWordBytes, block_end - at));
      if (difference == 0) continue;
      fits = writer.Changed(
          at + static_cast<size_t>(std::countr_zero(difference)) / 8,
          at + kWordBytes -
              static_cast<size_t>(std::countl_zero(difference)) / 8);
    }
  }
  if (fits && writer.Flush()) return true;
  out->resize(begin_size);
  std::memcpy(shadow.data(), now.data(), now.size());
  return false;
}

bool ApplyPatch(ByteSpan patch, MutableByteSpan bytes) {
  return WalkRuns(patch, bytes.size(), [&bytes](size_t begin, ByteSpan run) {
    std::memcpy(bytes.data() + begin, run.data(), run.size());
  });
}

bool ForEachRun(ByteSpan patch, size_t size,
                const std::function<void(size_t begin, size_t end)>& run) {
  return WalkRuns(patch, size, [&run](size_t begin, ByteSpan bytes) {
    run(begin, begin + bytes.size());
  });
}

}  // namespace wasmd

#include "interp/memory_image.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

namespace wasmd {
namespace {

uint64_t EndOf(const std::pair<const uint64_t, ByteSpan>& piece) {
  return piece.first + piece.second.size();
}

bool IsZero(ByteSpan bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 &&
          std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

MemoryImage::Pieces::const_iterator MemoryImage::FirstAfter(
    uint64_t offset) const {
  auto at = pieces_.upper_bound(offset);
  if (at != pieces_.begin() && EndOf(*std::prev(at)) > offset) --at;
  return at;
}

void MemoryImage::Add(const ImagePiece& piece) {
  if (piece.bytes.empty()) return;
  const uint64_t begin = piece.offset;
  const uint64_t end = begin + piece.bytes.size();
  // Segments mostly come in ascending order.
  if (pieces_.empty() || EndOf(*pieces_.rbegin()) <= begin) {
    pieces_.emplace_hint(pieces_.end(), begin, piece.bytes);
    return;
  }
  auto at = FirstAfter(begin);
  while (at != pieces_.end() && at->first < end) {
    const auto [old_begin, old] = *at;
    at = pieces_.erase(at);
    if (old_begin < begin) {
      pieces_.emplace_hint(at, old_begin, old.first(begin - old_begin));
    }
    if (old_begin + old.size() > end) {
      at = pieces_.emplace_hint(at, end, old.subspan(end - old_begin));
    }
  }
  pieces_.emplace_hint(at, begin, piece.bytes);
}

void MemoryImage::CopyTo(uint64_t offset, MutableByteSpan to) const {
  if (to.empty()) return;
  const uint64_t end = offset + to.size();
  for (auto at = FirstAfter(offset); at != pieces_.end() && at->first < end;
       ++at) {
    const uint64_t from = std::max(offset, at->first);
    const uint64_t size = std::min(end, EndOf(*at)) - from;
    std::memcpy(to.data() + (from - offset),
                at->second.data() + (from - at->first), size);
  }
}

bool MemoryImage::Equals(uint64_t offset, ByteSpan bytes) const {
  std::array<uint8_t, 4096> image;
  while (!bytes.empty()) {
    const size_t size = std::min(bytes.size(), image.size());
    const auto next = FirstAfter(offset);
    if (next == pieces_.end() || next->first >= offset + size) {
      if (!IsZero(bytes.first(size))) return false;
    } else {
      image.fill(0);
      CopyTo(offset, MutableByteSpan(image.data(), size));
      if (std::memcmp(image.data(), bytes.data(), size) != 0) return false;
    }
    offset += size;
    bytes = bytes.subspan(size);
  }
  return true;
}

}  // namespace wasmd

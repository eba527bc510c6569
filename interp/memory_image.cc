#include "interp/memory_image.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <map>

namespace wasmd {
namespace {

using PieceMap = std::map<uint64_t, ByteSpan>;

uint64_t EndOf(const ImagePiece& piece) {
  return piece.offset + piece.bytes.size();
}
uint64_t EndOf(const PieceMap::value_type& piece) {
  return piece.first + piece.second.size();
}

// Puts a piece, which is not empty, over those that are there.
void PutOver(PieceMap& pieces, uint64_t begin, ByteSpan bytes) {
  const uint64_t end = begin + bytes.size();
  auto at = pieces.upper_bound(begin);
  if (at != pieces.begin() && EndOf(*std::prev(at)) > begin) --at;
  while (at != pieces.end() && at->first < end) {
    const auto [old_begin, old] = *at;
    at = pieces.erase(at);
    if (old_begin < begin) {
      pieces.emplace_hint(at, old_begin, old.first(begin - old_begin));
    }
    if (old_begin + old.size() > end) {
      at = pieces.emplace_hint(at, end, old.subspan(end - old_begin));
    }
  }
  pieces.emplace_hint(at, begin, bytes);
}

bool IsZero(ByteSpan bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 &&
          std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

std::vector<ImagePiece>::const_iterator MemoryImage::FirstAfter(
    uint64_t offset) const {
  return std::partition_point(
      pieces_.begin(), pieces_.end(),
      [offset](const ImagePiece& piece) { return EndOf(piece) <= offset; });
}

void MemoryImage::Add(const std::vector<ImagePiece>& pieces) {
  // Segments mostly come in ascending order.
  auto next = pieces.begin();
  for (; next != pieces.end(); ++next) {
    if (next->bytes.empty()) continue;
    if (!pieces_.empty() && EndOf(pieces_.back()) > next->offset) break;
    pieces_.push_back(*next);
  }
  if (next == pieces.end()) return;
  PieceMap all;
  for (const ImagePiece& piece : pieces_) {
    all.emplace_hint(all.end(), piece.offset, piece.bytes);
  }
  for (; next != pieces.end(); ++next) {
    if (!next->bytes.empty()) PutOver(all, next->offset, next->bytes);
  }
  pieces_.clear();
  for (const auto& [offset, bytes] : all) pieces_.push_back({offset, bytes});
}

void MemoryImage::CopyTo(uint64_t offset, MutableByteSpan to) const {
  if (to.empty()) return;
  const uint64_t end = offset + to.size();
  for (auto at = FirstAfter(offset); at != pieces_.end() && at->offset < end;
       ++at) {
    const uint64_t from = std::max(offset, at->offset);
    const uint64_t size = std::min(end, EndOf(*at)) - from;
    std::memcpy(to.data() + (from - offset),
                at->bytes.data() + (from - at->offset), size);
  }
}

bool MemoryImage::Equals(uint64_t offset, ByteSpan bytes) const {
  std::array<uint8_t, 4096> image;
  while (!bytes.empty()) {
    const size_t size = std::min(bytes.size(), image.size());
    const auto next = FirstAfter(offset);
    if (next == pieces_.end() || next->offset >= offset + size) {
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

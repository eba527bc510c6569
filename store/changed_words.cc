#include "store/changed_words.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/leb128.h"
#include "store/byte_patch.h"

namespace wasmd {

void ChangedWords::Mark(ByteSpan patch) {
  const bool is_well_formed =
      ForEachRun(patch, kPageBytes, [this](size_t begin, size_t end) {
        for (size_t word = begin / kWordBytes; word * kWordBytes < end;
             ++word) {
          bits_[word / 64] |= uint64_t{1} << (word % 64);
        }
      });
  CHECK(is_well_formed);
}

size_t ChangedWords::PatchBytes() const {
  size_t words = 0;
  size_t runs = 0;
  uint64_t before = 0;  // the word before is in here
  for (const uint64_t bits : bits_) {
    words += static_cast<size_t>(std::popcount(bits));
    runs += static_cast<size_t>(std::popcount(bits & ~(bits << 1 | before)));
    before = bits >> 63;
  }
  return words * kWordBytes + runs * 3;
}

size_t ChangedWords::Find(size_t from, bool is_in) const {
  while (from < kWords) {
    const uint64_t bits = is_in ? bits_[from / 64] : ~bits_[from / 64];
    const uint64_t rest = bits >> (from % 64);
    if (rest != 0) return from + static_cast<size_t>(std::countr_zero(rest));
    from = (from / 64 + 1) * 64;
  }
  return kWords;
}

void ChangedWords::AppendPatch(ByteSpan page, std::string* out) const {
  size_t written = 0;
  for (size_t word = Find(0, true); word < kWords;) {
    const size_t next = Find(word, false);
    const size_t begin = std::min(word * kWordBytes, page.size());
    const size_t end = std::min(next * kWordBytes, page.size());
    if (begin == end) return;
    AppendUnsignedLeb128(out, begin - written);
    AppendUnsignedLeb128(out, end - begin);
    out->append(AsText(page.subspan(begin, end - begin)));
    written = end;
    word = Find(next, true);
  }
}

}  // namespace wasmd

// ChangedWords: which words of a page changed since it was written whole, so
// that the sum of its patches can be written anew from what it is now.

#ifndef WASMD_STORE_CHANGED_WORDS_H_
#define WASMD_STORE_CHANGED_WORDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "store/commit.h"

namespace wasmd {

// Confined to one thread at a time.
class ChangedWords {
 public:
  // What a patch (byte_patch.h) changes, of a page of at most kPageBytes.
  void Mark(ByteSpan patch);

  // About how long their patch is.
  size_t PatchBytes() const;
  // Appends the patch that makes all of them what they are in `page`.
  void AppendPatch(ByteSpan page, std::string* out) const;

 private:
  static constexpr size_t kWordBytes = 8;
  static constexpr size_t kWords = kPageBytes / kWordBytes;

  bool Has(size_t word) const {
    return (bits_[word / 64] >> (word % 64) & 1) != 0;
  }
  // The first word from `from` on that is in here, or is not; else kWords.
  size_t Find(size_t from, bool is_in) const;

  std::array<uint64_t, kWords / 64> bits_ = {};
};

}  // namespace wasmd

#endif  // WASMD_STORE_CHANGED_WORDS_H_

// MemoryImage: what a linear memory holds before anything of the guest has run:
// zeros, and over them the active data segments that instantiations copied, the
// later one on top where two overlap. Nothing is copied here: the bytes are
// those of the modules, and outlive this.
//
// Confined to one thread at a time.

#ifndef WASMD_INTERP_MEMORY_IMAGE_H_
#define WASMD_INTERP_MEMORY_IMAGE_H_

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace wasmd {

// Bytes of a data segment and where in the memory they went.
struct ImagePiece {
  uint64_t offset = 0;
  ByteSpan bytes;
};

class MemoryImage {
 public:
  // On top of all that is there, one after the other. No offset + size
  // overflows.
  void Add(const std::vector<ImagePiece>& pieces);

  // The image from `offset` on, over `to`, which is all zero.
  void CopyTo(uint64_t offset, MutableByteSpan to) const;
  // True if `bytes` at `offset` are those of the image.
  bool Equals(uint64_t offset, ByteSpan bytes) const;

 private:
  // The first piece that ends after `offset`.
  std::vector<ImagePiece>::const_iterator FirstAfter(uint64_t offset) const;

  // By offset; none is empty, none overlap. There can be tens of thousands.
  std::vector<ImagePiece> pieces_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_MEMORY_IMAGE_H_

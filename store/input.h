// What is left for a process to read: a stream of bytes, with offsets from 0
// on, in the order in which it was appended. Whoever has the store may append,
// also to a process that another wasmd runs.

#ifndef WASMD_STORE_INPUT_H_
#define WASMD_STORE_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "store/commit.h"

namespace wasmd {

// The most that is appended at once.
inline constexpr size_t kMaxInputWriteBytes = size_t{1} << 20;

struct InputWrite {
  ProcessNumber process = 0;
  // Where the stream ends, or will begin to: nothing is appended elsewhere.
  uint64_t offset = 0;
  // A random number: appending the same once more is found to be that.
  uint64_t token = 0;
  ByteSpan bytes = {};
  bool closes = false;  // nothing follows
  // A stream without anything, which it is at first, begins at `offset`.
  bool begins = false;
};

struct InputEnd {
  uint64_t offset = 0;
  bool is_closed = false;
};

struct InputBytes {
  // Of the first byte: later than asked for where what was asked for is gone.
  uint64_t offset = 0;
  std::string bytes = {};  // empty: there is nothing from there on
  bool is_closed = false;  // and when it is empty: nothing will come
};

}  // namespace wasmd

#endif  // WASMD_STORE_INPUT_H_

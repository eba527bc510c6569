// BinaryReader: a cursor over a part of a module's binary that reads the
// primitives of the binary format (core specification, binary/values and
// binary/types). Private to wasm/.
//
// Every Read* returns false on malformed input and then error() says what and
// where; the cursor is somewhere inside the damage. Nothing is allocated unless
// something is wrong. Confined to one thread at a time.

#ifndef WASMD_WASM_BINARY_READER_H_
#define WASMD_WASM_BINARY_READER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "wasm/types.h"

namespace wasmd {

struct ReadError {
  std::string message;    // the specification's words first; no position
  uint32_t offset = 0;    // in the module's binary
  bool is_limit = false;  // of limits.h: not malformed, but too much for us
};

// InvalidArgument, or ResourceExhausted for a limit: "message (at byte N)".
absl::Status ToStatus(const ReadError& error);

class BinaryReader {
 public:
  // Reads `bytes`, whose first byte has offset `base_offset` in the module's
  // binary. The bytes outlive the reader.
  BinaryReader(ByteSpan bytes, uint32_t base_offset)
      : begin_(bytes.data()),
        at_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        limit_(end_),
        base_offset_(base_offset) {}

  bool AtEnd() const { return at_ == limit_; }
  uint32_t offset() const {
    return base_offset_ + static_cast<uint32_t>(at_ - begin_);
  }
  size_t remaining() const { return static_cast<size_t>(limit_ - at_); }
  ByteSpan Rest() const { return ByteSpan(at_, remaining()); }

  // The cursor itself, to go back to.
  const uint8_t* position() const { return at_; }
  void set_position(const uint8_t* position) { at_ = position; }
  void Skip(size_t size) { at_ += size; }  // size <= remaining()

  // Makes the next `size` <= remaining() bytes all that can be read, until the
  // result is given to RemoveLimit.
  const uint8_t* Limit(size_t size) {
    const uint8_t* outer = limit_;
    limit_ = at_ + size;
    return outer;
  }
  void RemoveLimit(const uint8_t* outer) { limit_ = outer; }

  [[nodiscard]] bool ReadByte(uint8_t* value) {
    if (at_ == limit_) [[unlikely]]
      return FailAtEnd();
    *value = *at_++;
    return true;
  }
  // The next byte without taking it, or -1 at the end.
  int PeekByte() const { return at_ == limit_ ? -1 : *at_; }

  [[nodiscard]] bool ReadU32(uint32_t* value) {
    if (at_ != limit_ && *at_ < 0x80) [[likely]] {
      *value = *at_++;
      return true;
    }
    return ReadU32Slow(value);
  }
  [[nodiscard]] bool ReadU64(uint64_t* value) {
    if (at_ != limit_ && *at_ < 0x80) [[likely]] {
      *value = *at_++;
      return true;
    }
    return ReadU64Slow(value);
  }
  [[nodiscard]] bool ReadS32(int32_t* value) {
    if (at_ != limit_ && *at_ < 0x80) [[likely]] {
      *value = (*at_++ ^ 0x40) - 0x40;  // extends bit 6
      return true;
    }
    return ReadS32Slow(value);
  }
  [[nodiscard]] bool ReadS33(int64_t* value);
  [[nodiscard]] bool ReadS64(int64_t* value);

  [[nodiscard]] bool ReadBytes(size_t size, ByteSpan* bytes) {
    if (remaining() < size) [[unlikely]]
      return FailAtEnd();
    *bytes = ByteSpan(at_, size);
    at_ += size;
    return true;
  }

  // The number of elements of a list, each of at least one byte.
  [[nodiscard]] bool ReadCount(uint32_t* count);
  // A size in bytes of what follows, which is all there.
  [[nodiscard]] bool ReadSize(uint32_t* size);
  // A name (binary-name); the view is into the bytes read.
  [[nodiscard]] bool ReadName(std::string_view* name);

  [[nodiscard]] bool ReadValueType(ValueType* type);
  [[nodiscard]] bool ReadReferenceType(ValueType* type);
  // A type index past HeapType::kMaxTypeIndex reads as that: no module has it.
  [[nodiscard]] bool ReadHeapType(HeapType* type);

  // Notes the error, always returns false.
  [[gnu::cold]] bool Fail(std::string_view message, uint32_t offset);
  [[gnu::cold]] bool FailLimit(std::string_view message, uint32_t offset);
  [[gnu::cold]] bool FailAtEnd();

  const ReadError& error() const { return error_; }

 private:
  bool ReadU32Slow(uint32_t* value);
  bool ReadU64Slow(uint64_t* value);
  bool ReadS32Slow(int32_t* value);

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  const uint8_t* limit_;
  uint32_t base_offset_;
  ReadError error_;
};

// The reference type with this one-byte code (0x69 to 0x74), as a heap type;
// false if there is none.
bool AbstractHeapTypeOfCode(uint8_t code, HeapType* type);

}  // namespace wasmd

#endif  // WASMD_WASM_BINARY_READER_H_

#include "wasm/binary_reader.h"

#include <algorithm>

#include "base/leb128.h"
#include "base/str_cat.h"
#include "base/utf8.h"

namespace wasmd {
namespace {

// The value range of a single byte that as an s33 is negative: such bytes code
// types and never type indices.
constexpr bool IsTypeCode(int byte) { return (byte & 0xC0) == 0x40; }

// Takes the integer, or notes why there is none.
template <typename T>
bool Take(BinaryReader* reader, const Leb128Result<T>& result, T* value) {
  if (result.error == Leb128Error::kNone) [[likely]] {
    *value = result.value;
    reader->Skip(result.size_bytes);
    return true;
  }
  switch (result.error) {
    case Leb128Error::kTooLong:
      return reader->Fail("integer representation too long", reader->offset());
    case Leb128Error::kTooLarge:
      return reader->Fail("integer too large", reader->offset());
    case Leb128Error::kTruncated:
    case Leb128Error::kNone:
      break;
  }
  return reader->FailAtEnd();
}

}  // namespace

absl::Status ToStatus(const ReadError& error) {
  const std::string text =
      StrCat(error.message, " (at byte ", error.offset, ")");
  return error.is_limit ? absl::ResourceExhaustedError(text)
                        : absl::InvalidArgumentError(text);
}

bool BinaryReader::Fail(std::string_view message, uint32_t offset) {
  error_ = {.message = std::string(message), .offset = offset};
  return false;
}

bool BinaryReader::FailLimit(std::string_view message, uint32_t offset) {
  error_ = {
      .message = std::string(message), .offset = offset, .is_limit = true};
  return false;
}

bool BinaryReader::FailAtEnd() {
  at_ = limit_;
  return Fail(limit_ == end_ ? "unexpected end"
                             : "unexpected end of section or function",
              offset());
}

bool BinaryReader::ReadU32Slow(uint32_t* value) {
  return Take(this, ReadUnsignedLeb128<uint32_t>(Rest()), value);
}

bool BinaryReader::ReadU64Slow(uint64_t* value) {
  return Take(this, ReadUnsignedLeb128<uint64_t>(Rest()), value);
}

bool BinaryReader::ReadS32Slow(int32_t* value) {
  return Take(this, ReadSignedLeb128<int32_t>(Rest()), value);
}

bool BinaryReader::ReadS33(int64_t* value) {
  return Take(this, ReadSignedLeb128<int64_t, 33>(Rest()), value);
}

bool BinaryReader::ReadS64(int64_t* value) {
  return Take(this, ReadSignedLeb128<int64_t>(Rest()), value);
}

bool BinaryReader::ReadCount(uint32_t* count) {
  const uint32_t at = offset();
  if (!ReadU32(count)) return false;
  if (*count > static_cast<size_t>(end_ - at_)) {
    return Fail("length out of bounds", at);
  }
  return *count <= remaining() || FailAtEnd();
}

bool BinaryReader::ReadSize(uint32_t* size) { return ReadCount(size); }

bool BinaryReader::ReadName(std::string_view* name) {
  uint32_t size = 0;
  if (!ReadSize(&size)) return false;
  const uint32_t at = offset();
  *name = AsText(Rest().first(size));
  const size_t valid = ValidUtf8Prefix(*name);
  if (valid != size) {
    return Fail("malformed UTF-8 encoding", at + static_cast<uint32_t>(valid));
  }
  Skip(size);
  return true;
}

bool AbstractHeapTypeOfCode(uint8_t code, HeapType* type) {
  static constexpr AbstractHeapType kTypes[] = {
      AbstractHeapType::kExn,    AbstractHeapType::kArray,
      AbstractHeapType::kStruct, AbstractHeapType::kI31,
      AbstractHeapType::kEq,     AbstractHeapType::kAny,
      AbstractHeapType::kExtern, AbstractHeapType::kFunc,
      AbstractHeapType::kNone,   AbstractHeapType::kNoExtern,
      AbstractHeapType::kNoFunc, AbstractHeapType::kNoExn,
  };
  if (code < 0x69 || code > 0x74) return false;
  *type = kTypes[code - 0x69];
  return true;
}

bool BinaryReader::ReadHeapType(HeapType* type) {
  const uint32_t at = offset();
  const int byte = PeekByte();
  if (IsTypeCode(byte)) {
    if (!AbstractHeapTypeOfCode(static_cast<uint8_t>(byte), type)) {
      return Fail("malformed heap type", at);
    }
    Skip(1);
    return true;
  }
  int64_t index = 0;
  if (!ReadS33(&index)) return false;
  if (index < 0) return Fail("malformed heap type", at);
  *type = HeapType::Concrete(
      static_cast<uint32_t>(std::min<int64_t>(index, HeapType::kMaxTypeIndex)));
  return true;
}

bool BinaryReader::ReadReferenceType(ValueType* type) {
  const uint32_t at = offset();
  uint8_t code = 0;
  if (!ReadByte(&code)) return false;
  HeapType heap_type = AbstractHeapType::kFunc;
  if (code == 0x63 || code == 0x64) {
    if (!ReadHeapType(&heap_type)) return false;
    *type = ValueType::Ref(heap_type, code == 0x63);
    return true;
  }
  if (!AbstractHeapTypeOfCode(code, &heap_type)) {
    return Fail("malformed reference type", at);
  }
  *type = ValueType::Ref(heap_type, true);
  return true;
}

bool BinaryReader::ReadValueType(ValueType* type) {
  switch (PeekByte()) {
    case 0x7F:
      *type = kI32Type;
      break;
    case 0x7E:
      *type = kI64Type;
      break;
    case 0x7D:
      *type = kF32Type;
      break;
    case 0x7C:
      *type = kF64Type;
      break;
    case 0x7B:
      *type = kV128Type;
      break;
    default: {
      const uint32_t at = offset();
      if (ReadReferenceType(type)) return true;
      if (error_.offset == at && error_.message == "malformed reference type") {
        return Fail("malformed value type", at);
      }
      return false;
    }
  }
  Skip(1);
  return true;
}

}  // namespace wasmd

#include "snapshot/value_codec.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/leb128.h"

namespace wasmd {
namespace {

// Codes of the binary format (core specification, binary/types).
constexpr uint8_t kI32Code = 0x7F;
constexpr uint8_t kI64Code = 0x7E;
constexpr uint8_t kF32Code = 0x7D;
constexpr uint8_t kF64Code = 0x7C;
constexpr uint8_t kV128Code = 0x7B;
constexpr uint8_t kRefNullCode = 0x63;
constexpr uint8_t kRefCode = 0x64;

uint8_t CodeOf(AbstractHeapType type) {
  switch (type) {
    case AbstractHeapType::kNoExn:
      return 0x74;
    case AbstractHeapType::kNoFunc:
      return 0x73;
    case AbstractHeapType::kNoExtern:
      return 0x72;
    case AbstractHeapType::kNone:
      return 0x71;
    case AbstractHeapType::kFunc:
      return 0x70;
    case AbstractHeapType::kExtern:
      return 0x6F;
    case AbstractHeapType::kAny:
      return 0x6E;
    case AbstractHeapType::kEq:
      return 0x6D;
    case AbstractHeapType::kI31:
      return 0x6C;
    case AbstractHeapType::kStruct:
      return 0x6B;
    case AbstractHeapType::kArray:
      return 0x6A;
    case AbstractHeapType::kExn:
      return 0x69;
  }
  CHECK(false);
}

std::optional<AbstractHeapType> AbstractOf(uint8_t code) {
  constexpr AbstractHeapType kByCode[] = {
      AbstractHeapType::kExn,    AbstractHeapType::kArray,
      AbstractHeapType::kStruct, AbstractHeapType::kI31,
      AbstractHeapType::kEq,     AbstractHeapType::kAny,
      AbstractHeapType::kExtern, AbstractHeapType::kFunc,
      AbstractHeapType::kNone,   AbstractHeapType::kNoExtern,
      AbstractHeapType::kNoFunc, AbstractHeapType::kNoExn,
  };
  if (code < 0x69 || code > 0x74) return std::nullopt;
  return kByCode[code - 0x69];
}

template <typename T>
void AppendFixed(T value, std::string* out) {
  char bytes[sizeof(T)];
  StoreLittle(bytes, value);
  out->append(bytes, sizeof(T));
}

// Kinds of runs of references; persisted.
enum RunKind : uint8_t { kEqual = 0, kAscending = 1, kListed = 2 };
constexpr unsigned kRunKindBits = 2;
// A shorter run costs less inside a list.
constexpr size_t kMinRun = 4;

size_t RunLength(std::span<const Slot> references, uint64_t step) {
  size_t length = 1;
  while (length < references.size() &&
         references[length] == references[length - 1] + step) {
    ++length;
  }
  return length;
}

struct Run {
  RunKind kind;
  size_t length;
};

// The run at the front of `references`; kListed with length 1 if none is worth
// writing as one.
Run FrontRun(std::span<const Slot> references) {
  const size_t equal = RunLength(references, 0);
  if (equal >= kMinRun) return {kEqual, equal};
  const size_t ascending = RunLength(references, 1);
  if (ascending >= kMinRun) return {kAscending, ascending};
  return {kListed, 1};
}

class ReferenceWriter {
 public:
  explicit ReferenceWriter(std::string* out) : out_(out) {}

  void Write(RunKind kind, std::span<const Slot> run) {
    if (run.empty()) return;
    AppendUnsignedLeb128(out_, run.size() << kRunKindBits | kind);
    if (kind == kListed) {
      for (const Slot reference : run) WriteDelta(reference);
    } else {
      WriteDelta(run.front());
      previous_ = run.back();
    }
  }

 private:
  void WriteDelta(Slot reference) {
    AppendSignedLeb128(out_, static_cast<int64_t>(reference - previous_));
    previous_ = reference;
  }

  std::string* out_;
  Slot previous_ = 0;
};

// Reads the runs of a reference sequence; `visit(first, step)` for each.
class RunReader {
 public:
  explicit RunReader(std::string_view bytes) : rest_(AsBytes(bytes)) {}

  bool AtEnd() const { return rest_.empty(); }

  // The kind and length of the next run; false if there is no valid one.
  bool ReadHeader(RunKind* kind, uint64_t* length) {
    const auto header = ReadUnsignedLeb128<uint64_t>(rest_);
    if (header.error != Leb128Error::kNone) return false;
    rest_ = rest_.subspan(header.size_bytes);
    *kind = static_cast<RunKind>(header.value & ((1u << kRunKindBits) - 1));
    *length = header.value >> kRunKindBits;
    return *kind <= kListed && *length > 0;
  }

  bool ReadDelta(int64_t* delta) {
    const auto result = ReadSignedLeb128<int64_t>(rest_);
    if (result.error != Leb128Error::kNone) return false;
    rest_ = rest_.subspan(result.size_bytes);
    *delta = result.value;
    return true;
  }

 private:
  ByteSpan rest_;
};

// True if the runs are well formed and add up to `count`.
bool CheckRuns(std::string_view bytes, uint64_t count) {
  RunReader reader(bytes);
  while (!reader.AtEnd()) {
    RunKind kind;
    uint64_t length;
    if (!reader.ReadHeader(&kind, &length) || length > count) return false;
    count -= length;
    int64_t delta;
    for (uint64_t i = 0; i < (kind == kListed ? length : 1); ++i) {
      if (!reader.ReadDelta(&delta)) return false;
    }
  }
  return count == 0;
}

}  // namespace

void AppendValueType(ValueType type, std::string* out) {
  const auto byte = [out](uint8_t code) {
    out->push_back(static_cast<char>(code));
  };
  switch (type.kind()) {
    case ValueKind::kI32:
      return byte(kI32Code);
    case ValueKind::kI64:
      return byte(kI64Code);
    case ValueKind::kF32:
      return byte(kF32Code);
    case ValueKind::kF64:
      return byte(kF64Code);
    case ValueKind::kV128:
      return byte(kV128Code);
    case ValueKind::kRef:
      break;
    case ValueKind::kBottom:
      CHECK(false);
  }
  const HeapType heap = type.heap_type();
  if (heap.is_concrete()) {
    byte(type.is_nullable() ? kRefNullCode : kRefCode);
    AppendSignedLeb128(out, heap.type_index());
    return;
  }
  if (!type.is_nullable()) byte(kRefCode);
  byte(CodeOf(heap.abstract()));
}

void AppendBits(ValueType type, Slot low, Slot high, std::string* out) {
  switch (type.kind()) {
    case ValueKind::kI32:
      return AppendSignedLeb128(out, FromSlot<int32_t>(low));
    case ValueKind::kI64:
      return AppendSignedLeb128(out, FromSlot<int64_t>(low));
    case ValueKind::kF32:
      return AppendFixed(FromSlot<uint32_t>(low), out);
    case ValueKind::kF64:
      return AppendFixed(low, out);
    case ValueKind::kV128:
      AppendFixed(low, out);
      return AppendFixed(high, out);
    case ValueKind::kRef:
      return AppendUnsignedLeb128(out, low);
    case ValueKind::kBottom:
      CHECK(false);
  }
}

void AppendValue(const Value& value, std::string* out) {
  AppendValueType(value.type, out);
  AppendBits(value.type, value.low, value.high, out);
}

std::string EncodeValues(std::span<const Value> values) {
  std::string out;
  for (const Value& value : values) AppendValue(value, &out);
  return out;
}

std::string EncodeValueTypes(std::span<const ValueType> types) {
  std::string out;
  for (const ValueType type : types) AppendValueType(type, &out);
  return out;
}

std::string EncodeReferences(std::span<const Slot> references) {
  std::string out;
  ReferenceWriter writer(&out);
  size_t listed = 0;  // at the front of `references`, still to be written
  while (listed < references.size()) {
    const Run run = FrontRun(references.subspan(listed));
    if (run.kind == kListed) {
      ++listed;
      continue;
    }
    writer.Write(kListed, references.first(listed));
    writer.Write(run.kind, references.subspan(listed, run.length));
    references = references.subspan(listed + run.length);
    listed = 0;
  }
  writer.Write(kListed, references);
  return out;
}

void ValueReader::Fail() {
  ok_ = false;
  rest_ = {};
}

uint8_t ValueReader::ReadByte() { return ReadFixed<uint8_t>(); }

template <typename T>
T ValueReader::ReadFixed() {
  if (rest_.size() < sizeof(T)) {
    Fail();
    return 0;
  }
  const T value = LoadLittle<T>(rest_.data());
  rest_ = rest_.subspan(sizeof(T));
  return value;
}

template <typename T>
T ValueReader::ReadSigned() {
  const auto result = ReadSignedLeb128<T>(rest_);
  if (result.error != Leb128Error::kNone) {
    Fail();
    return 0;
  }
  rest_ = rest_.subspan(result.size_bytes);
  return result.value;
}

uint64_t ValueReader::ReadUnsigned() {
  const auto result = ReadUnsignedLeb128<uint64_t>(rest_);
  if (result.error != Leb128Error::kNone) {
    Fail();
    return 0;
  }
  rest_ = rest_.subspan(result.size_bytes);
  return result.value;
}

ValueType ValueReader::ReadValueType() {
  const uint8_t code = ReadByte();
  if (!ok_) return kI32Type;
  switch (code) {
    case kI32Code:
      return kI32Type;
    case kI64Code:
      return kI64Type;
    case kF32Code:
      return kF32Type;
    case kF64Code:
      return kF64Type;
    case kV128Code:
      return kV128Type;
    default:
      break;
  }
  if (const auto abstract = AbstractOf(code)) {
    return ValueType::Ref(*abstract, true);
  }
  if (code == kRefCode && !rest_.empty()) {
    if (const auto abstract = AbstractOf(rest_.front())) {
      rest_ = rest_.subspan(1);
      return ValueType::Ref(*abstract, false);
    }
  }
  const int64_t index = ReadSigned<int64_t>();
  if (!ok_ || (code != kRefCode && code != kRefNullCode) || index < 0 ||
      index >= type_count_) {
    Fail();
    return kI32Type;
  }
  return ValueType::Ref(HeapType::Concrete(static_cast<uint32_t>(index)),
                        code == kRefNullCode);
}

void ValueReader::ReadBits(Value* value) {
  switch (value->type.kind()) {
    case ValueKind::kI32:
      value->low = ToSlot(ReadSigned<int32_t>());
      return;
    case ValueKind::kI64:
      value->low = ToSlot(ReadSigned<int64_t>());
      return;
    case ValueKind::kF32:
      value->low = ReadFixed<uint32_t>();
      return;
    case ValueKind::kF64:
      value->low = ReadFixed<uint64_t>();
      return;
    case ValueKind::kV128:
      value->low = ReadFixed<uint64_t>();
      value->high = ReadFixed<uint64_t>();
      return;
    case ValueKind::kRef:
      value->low = ReadUnsigned();
      return;
    case ValueKind::kBottom:
      CHECK(false);
  }
}

Value ValueReader::ReadValue() {
  Value value{.type = ReadValueType()};
  ReadBits(&value);
  return value;
}

absl::Status DecodeValues(std::string_view bytes, uint32_t type_count,
                          std::vector<Value>* values) {
  ValueReader reader(bytes, type_count);
  while (!reader.AtEnd()) values->push_back(reader.ReadValue());
  if (!reader.ok()) return absl::DataLossError("malformed values");
  return absl::OkStatus();
}

absl::Status DecodeValueTypes(std::string_view bytes, uint32_t type_count,
                              std::vector<ValueType>* types) {
  ValueReader reader(bytes, type_count);
  while (!reader.AtEnd()) types->push_back(reader.ReadValueType());
  if (!reader.ok()) return absl::DataLossError("malformed value types");
  return absl::OkStatus();
}

absl::Status DecodeReferences(std::string_view bytes, uint64_t count,
                              std::vector<Slot>* references) {
  if (!CheckRuns(bytes, count)) {
    return absl::DataLossError("malformed references");
  }
  references->clear();
  references->reserve(count);
  RunReader reader(bytes);
  Slot previous = 0;
  while (!reader.AtEnd()) {
    RunKind kind;
    uint64_t length;
    int64_t delta = 0;
    CHECK(reader.ReadHeader(&kind, &length));
    for (uint64_t i = 0; i < length; ++i) {
      if (i == 0 || kind == kListed) {
        CHECK(reader.ReadDelta(&delta));
        previous += static_cast<Slot>(delta);
      } else if (kind == kAscending) {
        ++previous;
      }
      references->push_back(previous);
    }
  }
  return absl::OkStatus();
}

}  // namespace wasmd

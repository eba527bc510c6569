// The byte strings inside a state record: value types, values and sequences of
// references (docs/snapshot-format.md, "Byte strings"). Persisted: the grammar
// never changes under one format version. Writers give the one shortest form;
// readers take nothing else for types, and any form for integers.

#ifndef WASMD_SNAPSHOT_VALUE_CODEC_H_
#define WASMD_SNAPSHOT_VALUE_CODEC_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "interp/slot.h"
#include "interp/value.h"
#include "wasm/types.h"

namespace wasmd {

// As the binary format of modules writes it, in its shortest form. A concrete
// heap type is written as its index. `type` is not kBottom.
void AppendValueType(ValueType type, std::string* out);

// The bits of a value of this type, without the type; `high` is that of a v128.
void AppendBits(ValueType type, Slot low, Slot high, std::string* out);

// Type and bits.
void AppendValue(const Value& value, std::string* out);
std::string EncodeValues(std::span<const Value> values);
std::string EncodeValueTypes(std::span<const ValueType> types);

// Runs of references that are equal, that ascend by one, or that are listed.
// A table of N functions in a row takes a few bytes.
std::string EncodeReferences(std::span<const Slot> references);

// Reads byte strings front to back. The first thing that is not well formed
// makes it fail: from then on it is at its end and reads zeros.
class ValueReader {
 public:
  // Concrete types must be below `type_count`.
  ValueReader(std::string_view bytes, uint32_t type_count)
      : rest_(AsBytes(bytes)), type_count_(type_count) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }

  uint8_t ReadByte();
  ValueType ReadValueType();
  // Fills low and high from `value->type`.
  void ReadBits(Value* value);
  Value ReadValue();

 private:
  template <typename T>
  T ReadFixed();
  template <typename T>
  T ReadSigned();
  uint64_t ReadUnsigned();
  void Fail();

  ByteSpan rest_;
  uint32_t type_count_;
  bool ok_ = true;
};

// The whole of `bytes`. DataLoss if it is not well formed.
absl::Status DecodeValues(std::string_view bytes, uint32_t type_count,
                          std::vector<Value>* values);
absl::Status DecodeValueTypes(std::string_view bytes, uint32_t type_count,
                              std::vector<ValueType>* types);
// Exactly `count` references; allocates nothing before it knows that the runs
// add up to that.
absl::Status DecodeReferences(std::string_view bytes, uint64_t count,
                              std::vector<Slot>* references);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_VALUE_CODEC_H_

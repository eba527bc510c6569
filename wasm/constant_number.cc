#include "wasm/constant_number.h"

#include "wasm/binary_reader.h"
#include "wasm/opcodes.h"

namespace wasmd {

namespace {

bool IsCode(int byte, Opcode opcode) {
  return byte == static_cast<int>(InfoOf(opcode).code);
}

}  // namespace

std::optional<ConstantNumber> ReadConstantNumber(ByteSpan bytes) {
  if (bytes.empty()) return std::nullopt;
  BinaryReader reader(bytes.subspan(1), 1);
  ConstantNumber number;
  if (IsCode(bytes[0], Opcode::kI32Const)) {
    int32_t value = 0;
    if (!reader.ReadS32(&value)) return std::nullopt;
    number.type = kI32Type;
    number.bits = static_cast<uint32_t>(value);
  } else if (IsCode(bytes[0], Opcode::kI64Const)) {
    int64_t value = 0;
    if (!reader.ReadS64(&value)) return std::nullopt;
    number.type = kI64Type;
    number.bits = static_cast<uint64_t>(value);
  } else {
    return std::nullopt;
  }
  if (!IsCode(reader.PeekByte(), Opcode::kEnd)) return std::nullopt;
  number.size_bytes = reader.offset() + 1;
  return number;
}

}  // namespace wasmd

#include "wasm/instruction_printer.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/bytes.h"
#include "base/str_cat.h"
#include "wasm/opcodes.h"

namespace wasmd {
namespace {

// Shortest digits that read back as the same number; NaNs with their payload.
template <typename Float, typename Bits, int kMantissaBits>
void AppendFloat(Bits bits, std::string* out) {
  const Float value = std::bit_cast<Float>(bits);
  if (std::isnan(value)) {
    constexpr Bits kPayload = (Bits{1} << kMantissaBits) - 1;
    if (std::signbit(value)) *out += '-';
    StrAppend(out, "nan:0x", absl::Hex(bits & kPayload));
    return;
  }
  char buffer[32];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof(buffer), value);
  out->append(buffer, end);
}

void AppendV128(const Instruction& in, std::string* out) {
  *out += " i32x4";
  for (size_t i = 0; i < 16; i += 4) {
    StrAppend(out, " 0x",
              absl::Hex(LoadLittle<uint32_t>(in.bytes16.data() + i),
                        absl::kZeroPad8));
  }
}

void AppendMemArg(const Instruction& in, std::string* out) {
  const MemArg& memarg = in.memarg;
  if (memarg.memory_index != 0) StrAppend(out, " ", memarg.memory_index);
  if (memarg.offset != 0) StrAppend(out, " offset=", memarg.offset);
  const int natural = std::countr_zero(InfoOf(in.opcode).access_bytes);
  if (memarg.align_log2 != static_cast<uint32_t>(natural)) {
    StrAppend(out, " align=", uint64_t{1} << memarg.align_log2);
  }
}

void AppendBlockType(const BlockType& type, std::string* out) {
  switch (type.kind) {
    case BlockType::Kind::kEmpty:
      break;
    case BlockType::Kind::kValue:
      StrAppend(out, " (result ", ToString(type.value), ")");
      break;
    case BlockType::Kind::kTypeIndex:
      StrAppend(out, " (type ", type.type_index, ")");
      break;
  }
}

void AppendCatches(const Instruction& in, std::string* out) {
  static constexpr std::string_view kNames[] = {"catch", "catch_ref",
                                                "catch_all", "catch_all_ref"};
  for (const CatchClause& clause : in.catches) {
    StrAppend(out, " (", kNames[static_cast<size_t>(clause.kind)]);
    if (clause.kind == CatchKind::kCatch ||
        clause.kind == CatchKind::kCatchRef) {
      StrAppend(out, " ", clause.tag_index);
    }
    StrAppend(out, " ", clause.label, ")");
  }
}

// A reference type in full: "(ref null func)", as casts want it.
std::string InFull(ValueType type) {
  return StrCat("(ref ", type.is_nullable() ? "null " : "",
                ToString(type.heap_type()), ")");
}

void AppendHeapType(const Instruction& in, std::string* out) {
  *out += ' ';
  *out += in.opcode == Opcode::kRefNull ? ToString(in.ref_type.heap_type())
                                        : InFull(in.ref_type);
}

void AppendSelectTypes(const Instruction& in, std::string* out) {
  for (const ValueType type : in.select_types) {
    StrAppend(out, " (result ", ToString(type), ")");
  }
}

// Index operands, in the order of the text format and without memories and
// tables that the text format leaves out when they are 0.
void AppendIndices(Immediates immediates, const Instruction& in,
                   std::string* out) {
  switch (immediates) {
    case Immediates::kTypeTable:
      if (in.index2 != 0) StrAppend(out, " ", in.index2);
      StrAppend(out, " (type ", in.index, ")");
      break;
    case Immediates::kElemTable:
    case Immediates::kDataMemory:
      if (in.index2 != 0) StrAppend(out, " ", in.index2);
      StrAppend(out, " ", in.index);
      break;
    case Immediates::kMemoryIndex:
      if (in.index != 0) StrAppend(out, " ", in.index);
      break;
    case Immediates::kMemoryMemory:
    case Immediates::kTableTable:
      if (in.index != 0 || in.index2 != 0) {
        StrAppend(out, " ", in.index, " ", in.index2);
      }
      break;
    case Immediates::kTypeField:
    case Immediates::kTypeCount:
    case Immediates::kTypeData:
    case Immediates::kTypeElem:
    case Immediates::kTypeType:
      StrAppend(out, " ", in.index, " ", in.index2);
      break;
    default:
      StrAppend(out, " ", in.index);
      break;
  }
}

}  // namespace

void AppendInstruction(const Instruction& in, std::string* out) {
  const OpcodeInfo& info = InfoOf(in.opcode);
  *out += info.mnemonic;
  switch (info.immediates) {
    case Immediates::kNone:
      break;
    case Immediates::kTryTable:
      AppendBlockType(in.block_type, out);
      AppendCatches(in, out);
      break;
    case Immediates::kBlockType:
      AppendBlockType(in.block_type, out);
      break;
    case Immediates::kLabelTable:
      for (const uint32_t label : in.labels) StrAppend(out, " ", label);
      break;
    case Immediates::kMemArg:
      AppendMemArg(in, out);
      break;
    case Immediates::kMemArgLane:
      AppendMemArg(in, out);
      StrAppend(out, " ", in.lane);
      break;
    case Immediates::kI32:
      StrAppend(out, " ", static_cast<int32_t>(in.constant));
      break;
    case Immediates::kI64:
      StrAppend(out, " ", static_cast<int64_t>(in.constant));
      break;
    case Immediates::kF32:
      *out += ' ';
      AppendFloat<float, uint32_t, 23>(static_cast<uint32_t>(in.constant), out);
      break;
    case Immediates::kF64:
      *out += ' ';
      AppendFloat<double, uint64_t, 52>(in.constant, out);
      break;
    case Immediates::kV128:
      AppendV128(in, out);
      break;
    case Immediates::kLane:
      StrAppend(out, " ", in.lane);
      break;
    case Immediates::kLanes16:
      for (const uint8_t lane : in.bytes16) StrAppend(out, " ", lane);
      break;
    case Immediates::kHeapType:
      AppendHeapType(in, out);
      break;
    case Immediates::kSelectTypes:
      AppendSelectTypes(in, out);
      break;
    case Immediates::kCastBranch:
      StrAppend(out, " ", in.index, " ", InFull(in.ref_type), " ",
                InFull(in.ref_type2));
      break;
    default:
      AppendIndices(info.immediates, in, out);
      break;
  }
}

namespace {

std::string FieldToString(const FieldType& field) {
  std::string type = field.packed == PackedType::kI8    ? "i8"
                     : field.packed == PackedType::kI16 ? "i16"
                                                        : ToString(field.value);
  return field.is_mutable ? StrCat("(mut ", type, ")") : type;
}

void AppendComposite(const SubType& type, std::string* out) {
  switch (type.kind) {
    case CompositeKind::kFunction:
      *out += "(func";
      for (const ValueType param : type.function.params) {
        StrAppend(out, " (param ", ToString(param), ")");
      }
      for (const ValueType result : type.function.results) {
        StrAppend(out, " (result ", ToString(result), ")");
      }
      break;
    case CompositeKind::kStruct:
      *out += "(struct";
      for (const FieldType& field : type.fields) {
        StrAppend(out, " (field ", FieldToString(field), ")");
      }
      break;
    case CompositeKind::kArray:
      StrAppend(out, "(array ", FieldToString(type.fields[0]));
      break;
  }
  *out += ')';
}

}  // namespace

std::string ToString(const SubType& type) {
  std::string out;
  const bool is_plain = type.is_final && !type.supertype;
  if (!is_plain) {
    out += type.is_final ? "(sub final " : "(sub ";
    if (type.supertype) StrAppend(&out, *type.supertype, " ");
  }
  AppendComposite(type, &out);
  if (!is_plain) out += ')';
  return out;
}

std::string ToString(const Limits& limits) {
  std::string out = StrCat(limits.min);
  if (limits.max) StrAppend(&out, " ", *limits.max);
  return out;
}

std::string ToString(const MemoryType& type) {
  std::string out = type.address == AddressType::kI64 ? "i64 " : "";
  out += ToString(type.limits);
  if (type.page_size_log2 != 16) {
    StrAppend(&out, " (pagesize 2^", type.page_size_log2, ")");
  }
  return out;
}

std::string ToString(const TableType& type) {
  return StrCat(type.address == AddressType::kI64 ? "i64 " : "",
                ToString(type.limits), " ", ToString(type.element));
}

std::string ToString(const GlobalType& type) {
  return type.is_mutable ? StrCat("(mut ", ToString(type.value), ")")
                         : ToString(type.value);
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else {
      StrAppend(&out, "\\", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  out += '"';
  return out;
}

}  // namespace wasmd

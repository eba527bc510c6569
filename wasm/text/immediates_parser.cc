#include "wasm/text/immediates_parser.h"

#include <array>
#include <bit>
#include <optional>
#include <string_view>

#include "base/leb128.h"
#include "base/str_cat.h"
#include "wasm/text/constants.h"
#include "wasm/text/numbers.h"

namespace wasmd::text {
namespace {

constexpr uint32_t kMemoryIndexFlag = 0x40;  // of the alignment field
constexpr std::string_view kOffsetPrefix = "offset=";
constexpr std::string_view kAlignPrefix = "align=";

void AppendOpcode(const OpcodeInfo& info, std::string* out) {
  if (info.prefix == 0) {
    out->push_back(static_cast<char>(info.code));
    return;
  }
  out->push_back(static_cast<char>(info.prefix));
  AppendUnsignedLeb128(out, info.code);
}

}  // namespace

void ImmediatesParser::Parse(std::optional<std::string>* label,
                             std::string* out) {
  const Token token = cursor_.Peek();
  if (token.kind != TokenKind::kKeyword) return cursor_.FailUnexpected();
  const std::string_view mnemonic = cursor_.TextOf(token);
  const std::optional<Opcode> opcode = FindOpcode(mnemonic);
  if (!opcode.has_value() || *opcode == Opcode::kEnd ||
      *opcode == Opcode::kElse) {
    return cursor_.Fail(StrCat("unknown operator ", mnemonic));
  }
  const OpcodeInfo& info = InfoOf(*opcode);
  if (!context_.features.Has(info.feature)) {
    return cursor_.Fail(
        StrCat("unknown operator ", mnemonic, ": its feature is off"));
  }
  cursor_.Next();
  if (label != nullptr) *label = cursor_.TakeId();
  // These choose between two opcodes by what follows.
  if (*opcode == Opcode::kSelect) return ParseSelect(out);
  if (info.immediates == Immediates::kHeapType) {
    return ParseHeapTypeImmediate(*opcode, out);
  }
  AppendOpcode(info, out);
  ParseImmediates(*opcode, info, out);
}

void ImmediatesParser::ParseImmediates(Opcode opcode, const OpcodeInfo& info,
                                       std::string* out) {
  if (ParseIndices(info.immediates, out)) return;
  switch (info.immediates) {
    case Immediates::kNone:
      return;
    case Immediates::kBlockType:
      out->append(types_.ParseBlockType());
      return;
    case Immediates::kTryTable:
      out->append(types_.ParseBlockType());
      return ParseCatches(out);
    case Immediates::kLabel:
      return ParseLabel(out);
    case Immediates::kLabelTable:
      return ParseLabelTable(out);
    case Immediates::kTypeTable:
      return ParseTypeTable(out);
    case Immediates::kMemArg:
      return ParseMemArg(info.access_bytes, /*has_lane=*/false, out);
    case Immediates::kMemArgLane:
      return ParseMemArg(info.access_bytes, /*has_lane=*/true, out);
    case Immediates::kI32:
      return ParseIntegerConstant(32, out);
    case Immediates::kI64:
      return ParseIntegerConstant(64, out);
    case Immediates::kF32:
      return ParseFloatConstant(32, out);
    case Immediates::kF64:
      return ParseFloatConstant(64, out);
    case Immediates::kV128:
      return ParseVectorConstant(out);
    case Immediates::kLane:
      return ParseLane(out);
    case Immediates::kLanes16:
      for (int i = 0; i < 16; ++i) ParseLane(out);
      return;
    case Immediates::kTypeField:
      return ParseTypeField(out);
    case Immediates::kCastBranch:
      return ParseCastBranch(out);
    default:
      cursor_.Fail(
          StrCat("cannot parse the immediates of ", InfoOf(opcode).mnemonic));
  }
}

// The shapes that are indices and nothing else; false for any other.
bool ImmediatesParser::ParseIndices(Immediates immediates, std::string* out) {
  const auto index = [&](const IndexSpace& space) {
    AppendUnsignedLeb128(out, types_.ParseIndex(space));
  };
  const auto optional_index = [&](const IndexSpace& space) {
    AppendUnsignedLeb128(out, types_.ParseOptionalIndex(space));
  };
  ModuleContext& c = context_;
  switch (immediates) {
    case Immediates::kFuncIndex:
      index(c.functions);
      break;
    case Immediates::kTypeIndex:
      index(c.types);
      break;
    case Immediates::kLocalIndex:
      index(locals_);
      break;
    case Immediates::kGlobalIndex:
      index(c.globals);
      break;
    case Immediates::kTagIndex:
      index(c.tags);
      break;
    case Immediates::kElemIndex:
      index(c.elements);
      break;
    case Immediates::kTableIndex:
      optional_index(c.tables);
      break;
    case Immediates::kMemoryIndex:
      optional_index(c.memories);
      break;
    case Immediates::kDataIndex:
      c.needs_data_count = true;
      index(c.data);
      break;
    case Immediates::kElemTable:
      ParseSwappedIndices(c.elements, c.tables, out);
      break;
    case Immediates::kDataMemory:
      c.needs_data_count = true;
      ParseSwappedIndices(c.data, c.memories, out);
      break;
    case Immediates::kTableTable:
      ParseOptionalPair(c.tables, out);
      break;
    case Immediates::kMemoryMemory:
      ParseOptionalPair(c.memories, out);
      break;
    case Immediates::kTypeType:
      ParseTwoIndices(c.types, c.types, out);
      break;
    case Immediates::kTypeElem:
      ParseTwoIndices(c.types, c.elements, out);
      break;
    case Immediates::kTypeData:
      c.needs_data_count = true;
      ParseTwoIndices(c.types, c.data, out);
      break;
    case Immediates::kTypeCount:
      index(c.types);
      AppendUnsignedLeb128(out, types_.ParseUnsignedNumber(32));
      break;
    default:
      return false;
  }
  return true;
}

void ImmediatesParser::ParseTwoIndices(const IndexSpace& first,
                                       const IndexSpace& second,
                                       std::string* out) {
  AppendUnsignedLeb128(out, types_.ParseIndex(first));
  AppendUnsignedLeb128(out, types_.ParseIndex(second));
}

void ImmediatesParser::ParseSwappedIndices(const IndexSpace& first,
                                           const IndexSpace& second,
                                           std::string* out) {
  const TokenKind next = cursor_.PeekKind(1);
  const bool has_both = next == TokenKind::kNumber || next == TokenKind::kId;
  const uint32_t second_index = has_both ? types_.ParseIndex(second) : 0;
  AppendUnsignedLeb128(out, types_.ParseIndex(first));
  AppendUnsignedLeb128(out, second_index);
}

void ImmediatesParser::ParseOptionalPair(const IndexSpace& space,
                                         std::string* out) {
  if (types_.AtIndex()) return ParseTwoIndices(space, space, out);
  out->append(2, '\0');
}

void ImmediatesParser::ParseLabel(std::string* out) {
  if (cursor_.PeekKind() != TokenKind::kId) {
    AppendUnsignedLeb128(out, types_.ParseUnsignedNumber(32));
    return;
  }
  const Token token = cursor_.Peek();
  const std::string id = *cursor_.TakeId();
  const std::optional<uint32_t> label = labels_.Find(id);
  if (!label.has_value()) {
    cursor_.FailAt(token, StrCat("unknown label $", id));
  }
  AppendUnsignedLeb128(out, label.value_or(0));
}

void ImmediatesParser::ParseLabelTable(std::string* out) {
  std::string labels;
  uint32_t count = 0;
  do {
    ParseLabel(&labels);
    ++count;
  } while (types_.AtIndex());
  // The last one is the default, which the count leaves out.
  AppendUnsignedLeb128(out, count - 1);
  out->append(labels);
}

void ImmediatesParser::ParseTypeTable(std::string* out) {
  const uint32_t table = types_.ParseOptionalIndex(context_.tables);
  const TypeUse use = types_.ParseTypeUse(/*allow_ids=*/false);
  AppendUnsignedLeb128(out, types_.ResolveTypeUse(use));
  AppendUnsignedLeb128(out, table);
}

void ImmediatesParser::ParseCatches(std::string* out) {
  // In the order of their codes in the binary format.
  constexpr std::array<std::string_view, 4> kKeywords = {
      "catch", "catch_ref", "catch_all", "catch_all_ref"};
  std::string clauses;
  uint32_t count = 0;
  const auto take_clause = [&] {
    for (size_t code = 0; code < kKeywords.size(); ++code) {
      if (!cursor_.TakeForm(kKeywords[code])) continue;
      clauses.push_back(static_cast<char>(code));
      if (code < 2) {
        AppendUnsignedLeb128(&clauses, types_.ParseIndex(context_.tags));
      }
      ParseLabel(&clauses);
      cursor_.ExpectRightParen();
      return true;
    }
    return false;
  };
  while (take_clause()) ++count;
  AppendUnsignedLeb128(out, count);
  out->append(clauses);
}

void ImmediatesParser::ParseMemArg(uint32_t access_bytes, bool has_lane,
                                   std::string* out) {
  bool has_memory = types_.AtIndex();
  // A lone number in front of what is no part of a memarg is the lane.
  if (has_lane && cursor_.PeekKind() == TokenKind::kNumber) {
    has_memory = cursor_.PeekKind(1) == TokenKind::kNumber ||
                 AtMemArgKeyword(kOffsetPrefix, 1) ||
                 AtMemArgKeyword(kAlignPrefix, 1);
  }
  const uint32_t memory = has_memory ? types_.ParseIndex(context_.memories) : 0;
  const uint64_t offset = ParseOffset();
  const uint32_t align_log2 = ParseAlignLog2(access_bytes);
  AppendUnsignedLeb128(out, align_log2 | (memory != 0 ? kMemoryIndexFlag : 0));
  if (memory != 0) AppendUnsignedLeb128(out, memory);
  AppendUnsignedLeb128(out, offset);
  if (has_lane) ParseLane(out);
}

bool ImmediatesParser::AtMemArgKeyword(std::string_view prefix,
                                       size_t ahead) const {
  return cursor_.PeekKind(ahead) == TokenKind::kKeyword &&
         cursor_.PeekText(ahead).starts_with(prefix);
}

uint64_t ImmediatesParser::ParseOffset() {
  if (!AtMemArgKeyword(kOffsetPrefix, 0)) return 0;
  const Token token = cursor_.Next();
  const NumberResult number =
      ParseUnsigned(cursor_.TextOf(token).substr(kOffsetPrefix.size()), 64);
  if (number.error == NumberError::kSyntax) {
    cursor_.FailAt(token, "unknown operator");
  } else if (number.error == NumberError::kOutOfRange) {
    cursor_.FailAt(token, "i64 constant out of range");
  }
  return number.bits;
}

uint32_t ImmediatesParser::ParseAlignLog2(uint32_t access_bytes) {
  if (!AtMemArgKeyword(kAlignPrefix, 0)) {
    return static_cast<uint32_t>(std::countr_zero(access_bytes));
  }
  const Token token = cursor_.Next();
  const NumberResult number =
      ParseUnsigned(cursor_.TextOf(token).substr(kAlignPrefix.size()), 64);
  if (!number.ok()) {
    cursor_.FailAt(token, "unknown operator");
  } else if (!std::has_single_bit(number.bits)) {
    cursor_.FailAt(token, "alignment must be a power of two");
  }
  return static_cast<uint32_t>(std::countr_zero(number.bits)) & 63;
}

void ImmediatesParser::ParseLane(std::string* out) {
  out->push_back(static_cast<char>(types_.ParseUnsignedNumber(8)));
}

void ImmediatesParser::ParseIntegerConstant(unsigned width, std::string* out) {
  const uint64_t bits = ParseIntegerLiteral(cursor_, width);
  AppendSignedLeb128(out, width == 32 ? static_cast<int32_t>(bits)
                                      : static_cast<int64_t>(bits));
}

void ImmediatesParser::ParseFloatConstant(unsigned width, std::string* out) {
  const uint64_t bits = ParseFloatLiteral(cursor_, width);
  for (unsigned shift = 0; shift < width; shift += 8) {
    out->push_back(static_cast<char>(bits >> shift));
  }
}

void ImmediatesParser::ParseVectorConstant(std::string* out) {
  for (uint8_t byte : ParseVectorLiteral(cursor_)) {
    out->push_back(static_cast<char>(byte));
  }
}

void ImmediatesParser::ParseSelect(std::string* out) {
  if (!cursor_.PeekForm("result")) {
    return AppendOpcode(InfoOf(Opcode::kSelect), out);
  }
  uint32_t count = 0;
  std::string types;
  while (cursor_.TakeForm("result")) {
    for (; !cursor_.AtEnd() && !cursor_.TakeRightParen(); ++count) {
      types += types_.ParseValueType();
    }
  }
  AppendOpcode(InfoOf(Opcode::kSelectTyped), out);
  AppendUnsignedLeb128(out, count);
  out->append(types);
}

void ImmediatesParser::ParseHeapTypeImmediate(Opcode opcode, std::string* out) {
  if (opcode == Opcode::kRefNull) {
    AppendOpcode(InfoOf(opcode), out);
    out->append(types_.ParseHeapType());
    return;
  }
  // ref.test and ref.cast: the row of the nullable target follows the other.
  const RefType target = types_.ParseRefType();
  const int row = static_cast<int>(opcode) + (target.nullable ? 1 : 0);
  AppendOpcode(InfoOf(static_cast<Opcode>(row)), out);
  out->append(target.heap_type);
}

void ImmediatesParser::ParseTypeField(std::string* out) {
  const uint32_t type_index = types_.ParseIndex(context_.types);
  AppendUnsignedLeb128(out, type_index);
  AppendUnsignedLeb128(out, types_.ParseFieldIndex(type_index));
}

void ImmediatesParser::ParseCastBranch(std::string* out) {
  constexpr uint8_t kSourceNullable = 1;
  constexpr uint8_t kTargetNullable = 2;
  std::string label;
  ParseLabel(&label);
  const RefType source = types_.ParseRefType();
  const RefType target = types_.ParseRefType();
  out->push_back(static_cast<char>((source.nullable ? kSourceNullable : 0) |
                                   (target.nullable ? kTargetNullable : 0)));
  out->append(label);
  out->append(source.heap_type);
  out->append(target.heap_type);
}

}  // namespace wasmd::text

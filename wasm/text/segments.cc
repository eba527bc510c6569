// Tables, memories and the segments that fill them: the part of FieldParser
// with the abbreviations of elem and data.

#include <utility>

#include "base/leb128.h"
#include "wasm/opcodes.h"
#include "wasm/text/field_parser.h"
#include "wasm/text/instruction_parser.h"

namespace wasmd::text {
namespace {

constexpr uint64_t kPageBytes = uint64_t{1} << 16;
constexpr char kFuncRef = 0x70;    // (ref null func)
constexpr char kFunctionKind = 0;  // element kind of a list of indices
constexpr std::string_view kNonNullFuncRef("\x64\x70");

// Flag bits of element and data segments (binary/modules).
constexpr uint8_t kPassiveFlag = 1;
constexpr uint8_t kExplicitIndexFlag = 2;
constexpr uint8_t kDeclarativeFlags = 3;
constexpr uint8_t kExpressionsFlag = 4;

// The constant expression 0 of an address type.
std::string ZeroOffset(bool is_64) {
  const Opcode opcode = is_64 ? Opcode::kI64Const : Opcode::kI32Const;
  return {static_cast<char>(InfoOf(opcode).code), 0,
          static_cast<char>(InfoOf(Opcode::kEnd).code)};
}

// Limits that fit `size` exactly.
std::string ExactLimits(bool is_64, uint64_t size) {
  std::string out(1, is_64 ? 5 : 1);
  AppendUnsignedLeb128(&out, size);
  AppendUnsignedLeb128(&out, size);
  return out;
}

std::string WithCount(const Section& items) {
  std::string out;
  AppendUnsignedLeb128(&out, items.count);
  return out + items.entries;
}

}  // namespace

void FieldParser::ParseTable(uint32_t index) {
  const bool is_64 = types_.TakeAddressType();
  if (types_.AtRefType()) return ParseTableWithElements(index, is_64);
  const std::string limits = types_.ParseLimits(is_64);
  const std::string type = types_.ParseRefType().Encode() + limits;
  if (cursor_.PeekKind() == TokenKind::kRightParen) {
    return module_.tables.Add(type);
  }
  constexpr std::string_view kHasInitializer("\x40\x00", 2);
  module_.tables.Add(std::string(kHasInitializer) + type + ParseExpression());
}

void FieldParser::ParseTableWithElements(uint32_t index, bool is_64) {
  ElementList list;
  list.ref_type = types_.ParseRefType().Encode();
  if (!cursor_.TakeForm("elem")) return cursor_.FailUnexpected();
  if (types_.AtIndex() && list.ref_type != std::string_view(&kFuncRef, 1) &&
      list.ref_type != kNonNullFuncRef) {
    // Of a more special type, indices need the form with expressions.
    list.has_expressions = true;
    while (types_.AtIndex()) {
      std::string item(1, static_cast<char>(InfoOf(Opcode::kRefFunc).code));
      AppendUnsignedLeb128(&item, types_.ParseIndex(context_.functions));
      item.push_back(static_cast<char>(InfoOf(Opcode::kEnd).code));
      list.items.Add(item);
    }
  } else if (types_.AtIndex()) {
    ParseFunctionIndices(&list);
  } else {
    list.has_expressions = true;
    ParseElementItems(&list);
  }
  cursor_.ExpectRightParen();
  module_.tables.Add(list.ref_type + ExactLimits(is_64, list.items.count));
  AddActiveElements(index, ZeroOffset(is_64), list);
}

void FieldParser::ParseMemory(uint32_t index) {
  const bool is_64 = types_.TakeAddressType();
  if (cursor_.PeekForm("data")) return ParseMemoryWithData(index, is_64);
  module_.memories.Add(types_.ParseLimits(is_64));
}

void FieldParser::ParseMemoryWithData(uint32_t index, bool is_64) {
  cursor_.TakeForm("data");
  const std::string bytes = ParseStrings();
  cursor_.ExpectRightParen();
  const uint64_t pages = (bytes.size() + kPageBytes - 1) / kPageBytes;
  module_.memories.Add(ExactLimits(is_64, pages));
  AddActiveData(index, ZeroOffset(is_64), bytes);
}

void FieldParser::ParseElements() {
  cursor_.TakeId();
  const bool is_declarative = cursor_.TakeKeyword("declare");
  const bool has_table = !is_declarative && cursor_.TakeForm("table");
  uint32_t table = 0;
  if (has_table) {
    table = types_.ParseIndex(context_.tables);
    cursor_.ExpectRightParen();
  }
  const bool is_active =
      has_table ||
      (!is_declarative && cursor_.PeekKind() == TokenKind::kLeftParen &&
       !types_.AtRefType());
  if (is_active) {
    const std::string offset = ParseOffset();
    AddActiveElements(table, offset,
                      ParseElementList(/*may_omit_func=*/!has_table));
    return cursor_.ExpectRightParen();
  }
  const ElementList list = ParseElementList(/*may_omit_func=*/false);
  const uint8_t flags = is_declarative ? kDeclarativeFlags : kPassiveFlag;
  std::string entry;
  if (list.has_expressions) {
    entry.push_back(static_cast<char>(flags | kExpressionsFlag));
    entry.append(list.ref_type);
  } else {
    entry.push_back(static_cast<char>(flags));
    entry.push_back(kFunctionKind);
  }
  module_.elements.Add(entry + WithCount(list.items));
  cursor_.ExpectRightParen();
}

void FieldParser::AddActiveElements(uint32_t table, std::string_view offset,
                                    const ElementList& list) {
  // The forms without table index are of type (ref func) with indices, funcref
  // with expressions.
  const bool is_short =
      table == 0 && (!list.has_expressions ||
                     list.ref_type == std::string_view(&kFuncRef, 1));
  const uint8_t expressions = list.has_expressions ? kExpressionsFlag : 0;
  std::string entry;
  if (is_short) {
    entry.push_back(static_cast<char>(expressions));
    entry.append(offset);
  } else {
    entry.push_back(static_cast<char>(expressions | kExplicitIndexFlag));
    AppendUnsignedLeb128(&entry, table);
    entry.append(offset);
    entry.append(list.has_expressions ? list.ref_type
                                      : std::string(1, kFunctionKind));
  }
  module_.elements.Add(entry + WithCount(list.items));
}

FieldParser::ElementList FieldParser::ParseElementList(bool may_omit_func) {
  ElementList list;
  if (types_.AtRefType()) {
    list.has_expressions = true;
    list.ref_type = types_.ParseRefType().Encode();
    ParseElementItems(&list);
    return list;
  }
  if (!cursor_.TakeKeyword("func") && !may_omit_func) cursor_.FailUnexpected();
  list.ref_type = kNonNullFuncRef;
  ParseFunctionIndices(&list);
  return list;
}

void FieldParser::ParseFunctionIndices(ElementList* list) {
  while (types_.AtIndex()) {
    std::string item;
    AppendUnsignedLeb128(&item, types_.ParseIndex(context_.functions));
    list->items.Add(item);
  }
}

void FieldParser::ParseElementItems(ElementList* list) {
  while (cursor_.PeekKind() == TokenKind::kLeftParen) {
    std::string item;
    if (cursor_.TakeForm("item")) {
      item = ParseExpression();
      cursor_.ExpectRightParen();
    } else {
      InstructionParser(cursor_, context_, no_locals_)
          .ParseFoldedExpression(&item);
    }
    list->items.Add(item);
  }
}

void FieldParser::ParseData() {
  cursor_.TakeId();
  uint32_t memory = 0;
  const bool has_memory = cursor_.TakeForm("memory");
  if (has_memory) {
    memory = types_.ParseIndex(context_.memories);
    cursor_.ExpectRightParen();
  }
  if (has_memory || cursor_.PeekKind() == TokenKind::kLeftParen) {
    const std::string offset = ParseOffset();
    AddActiveData(memory, offset, ParseStrings());
  } else {
    std::string entry(1, kPassiveFlag);
    AppendBytes(&entry, ParseStrings());
    module_.data.Add(entry);
  }
  cursor_.ExpectRightParen();
}

void FieldParser::AddActiveData(uint32_t memory, std::string_view offset,
                                std::string_view bytes) {
  std::string entry;
  if (memory == 0) {
    entry.push_back(0);
  } else {
    entry.push_back(kExplicitIndexFlag);
    AppendUnsignedLeb128(&entry, memory);
  }
  entry.append(offset);
  AppendBytes(&entry, bytes);
  module_.data.Add(entry);
}

std::string FieldParser::ParseOffset() {
  if (cursor_.TakeForm("offset")) {
    std::string out = ParseExpression();
    cursor_.ExpectRightParen();
    return out;
  }
  std::string out;
  InstructionParser(cursor_, context_, no_locals_).ParseFoldedExpression(&out);
  return out;
}

std::string FieldParser::ParseStrings() {
  std::string out;
  while (std::optional<std::string> piece = cursor_.TakeString()) out += *piece;
  return out;
}

}  // namespace wasmd::text

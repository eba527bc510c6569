#include "wasm/text/type_parser.h"

#include <array>
#include <string_view>

#include "base/leb128.h"
#include "base/str_cat.h"
#include "wasm/text/numbers.h"

namespace wasmd::text {
namespace {

// Codes of the binary format (binary/types).
constexpr char kNullableRef = 0x63;
constexpr char kNonNullRef = 0x64;
constexpr char kFunctionType = 0x60;
constexpr char kStructType = 0x5F;
constexpr char kArrayType = 0x5E;
constexpr char kSubType = 0x50;
constexpr char kFinalSubType = 0x4F;
constexpr char kPackedI8 = 0x78;
constexpr char kPackedI16 = 0x77;
constexpr char kEmptyBlockType = 0x40;

struct HeapTypeName {
  std::string_view name;
  std::string_view shorthand;  // of its nullable reference type
  char code;
};

constexpr std::array<HeapTypeName, 12> kHeapTypes = {{
    {"func", "funcref", 0x70},
    {"extern", "externref", 0x6F},
    {"any", "anyref", 0x6E},
    {"eq", "eqref", 0x6D},
    {"i31", "i31ref", 0x6C},
    {"struct", "structref", 0x6B},
    {"array", "arrayref", 0x6A},
    {"exn", "exnref", 0x69},
    {"none", "nullref", 0x71},
    {"noextern", "nullexternref", 0x72},
    {"nofunc", "nullfuncref", 0x73},
    {"noexn", "nullexnref", 0x74},
}};

struct NumberTypeName {
  std::string_view name;
  char code;
};

constexpr std::array<NumberTypeName, 5> kNumberTypes = {{
    {"i32", 0x7F},
    {"i64", 0x7E},
    {"f32", 0x7D},
    {"f64", 0x7C},
    {"v128", 0x7B},
}};

const HeapTypeName* FindShorthand(std::string_view text) {
  for (const HeapTypeName& type : kHeapTypes) {
    if (type.shorthand == text) return &type;
  }
  return nullptr;
}

std::string Unsigned(uint64_t value) {
  std::string out;
  AppendUnsignedLeb128(&out, value);
  return out;
}

}  // namespace

std::string RefType::Encode() const {
  const bool is_abstract = heap_type.size() == 1 && (heap_type[0] & 0x40) != 0;
  if (nullable && is_abstract) return heap_type;
  return (nullable ? kNullableRef : kNonNullRef) + heap_type;
}

bool TypeParser::AtIndex() const {
  return cursor_.PeekKind() == TokenKind::kNumber ||
         cursor_.PeekKind() == TokenKind::kId;
}

uint32_t TypeParser::ParseIndex(const IndexSpace& space) {
  if (cursor_.PeekKind() != TokenKind::kId) {
    return static_cast<uint32_t>(ParseUnsignedNumber(32));
  }
  const Token token = cursor_.Peek();
  const std::string id = *cursor_.TakeId();
  const std::optional<uint32_t> index = space.Find(id);
  if (!index.has_value()) {
    cursor_.FailAt(token, StrCat("unknown ", space.kind(), " $", id));
  }
  return index.value_or(0);
}

uint32_t TypeParser::ParseFieldIndex(uint32_t type_index) {
  const auto found = context_.fields.find(type_index);
  if (found == context_.fields.end()) return ParseIndex(IndexSpace("field"));
  return ParseIndex(found->second);
}

uint64_t TypeParser::ParseUnsignedNumber(unsigned width) {
  if (cursor_.PeekKind() != TokenKind::kNumber) {
    cursor_.FailUnexpected();
    return 0;
  }
  const Token token = cursor_.Next();
  const NumberResult number = ParseUnsigned(cursor_.TextOf(token), width);
  if (number.error == NumberError::kSyntax) {
    cursor_.FailAt(token, "unknown operator");
  } else if (number.error == NumberError::kOutOfRange) {
    cursor_.FailAt(token, StrCat("i", width, " constant out of range"));
  }
  return number.bits;
}

std::string TypeParser::ParseHeapType() {
  if (AtIndex()) {
    std::string out;
    AppendSignedLeb128(&out, ParseIndex(context_.types));
    return out;
  }
  for (const HeapTypeName& type : kHeapTypes) {
    if (cursor_.TakeKeyword(type.name)) return std::string(1, type.code);
  }
  cursor_.FailUnexpected();
  return "";
}

bool TypeParser::AtRefType() const {
  return cursor_.PeekForm("ref") ||
         (cursor_.PeekKind() == TokenKind::kKeyword &&
          FindShorthand(cursor_.PeekText()) != nullptr);
}

RefType TypeParser::ParseRefType() {
  RefType type;
  if (cursor_.TakeForm("ref")) {
    type.nullable = cursor_.TakeKeyword("null");
    type.heap_type = ParseHeapType();
    cursor_.ExpectRightParen();
    return type;
  }
  const HeapTypeName* shorthand = cursor_.PeekKind() == TokenKind::kKeyword
                                      ? FindShorthand(cursor_.PeekText())
                                      : nullptr;
  if (shorthand == nullptr) {
    cursor_.FailUnexpected();
    return type;
  }
  cursor_.Next();
  type.heap_type = std::string(1, shorthand->code);
  return type;
}

std::string TypeParser::ParseValueType() {
  for (const NumberTypeName& type : kNumberTypes) {
    if (cursor_.TakeKeyword(type.name)) return std::string(1, type.code);
  }
  return ParseRefType().Encode();
}

std::string TypeParser::ParseGlobalType() {
  const bool is_mutable = cursor_.TakeForm("mut");
  std::string out = ParseValueType();
  if (is_mutable) cursor_.ExpectRightParen();
  out.push_back(is_mutable ? 1 : 0);
  return out;
}

bool TypeParser::TakeAddressType() {
  if (cursor_.TakeKeyword("i64")) return true;
  cursor_.TakeKeyword("i32");
  return false;
}

std::string TypeParser::ParseLimits(bool is_64) {
  constexpr uint8_t kHasMax = 1;
  constexpr uint8_t kIs64 = 4;
  uint8_t flags = is_64 ? kIs64 : 0;
  std::string bounds = Unsigned(ParseUnsignedNumber(64));
  if (cursor_.PeekKind() == TokenKind::kNumber) {
    flags |= kHasMax;
    bounds += Unsigned(ParseUnsignedNumber(64));
  }
  return static_cast<char>(flags) + bounds;
}

void TypeParser::ParseParams(bool allow_ids, TypeUse* use) {
  std::string encoded;
  while (cursor_.TakeForm("param")) {
    if (cursor_.PeekKind() == TokenKind::kId) {
      if (!allow_ids) cursor_.FailUnexpected();
      TypeUse::Param& param = use->params.emplace_back();
      param.id = cursor_.TakeId();
      param.name = context_.annotations.TakeName(cursor_);
      encoded += ParseValueType();
      ++use->signature.param_count;
      cursor_.ExpectRightParen();
      continue;
    }
    while (!cursor_.AtEnd() && !cursor_.TakeRightParen()) {
      use->params.emplace_back();
      encoded += ParseValueType();
      ++use->signature.param_count;
    }
  }
  use->signature.encoded = Unsigned(use->signature.param_count) + encoded;
}

void TypeParser::ParseResults(TypeUse* use) {
  std::string encoded;
  while (cursor_.TakeForm("result")) {
    while (!cursor_.AtEnd() && !cursor_.TakeRightParen()) {
      encoded += ParseValueType();
      ++use->result_count;
    }
  }
  use->signature.encoded += Unsigned(use->result_count) + encoded;
}

TypeUse TypeParser::ParseTypeUse(bool allow_ids) {
  TypeUse use;
  use.at = cursor_.Peek();
  if (cursor_.TakeForm("type")) {
    use.type_index = ParseIndex(context_.types);
    cursor_.ExpectRightParen();
  }
  ParseParams(allow_ids, &use);
  ParseResults(&use);
  return use;
}

uint32_t TypeParser::ResolveTypeUse(const TypeUse& use) {
  if (cursor_.failed()) return 0;
  if (!use.type_index.has_value()) {
    return context_.type_table.FindOrAppend(use.signature);
  }
  // Without a signature to check, what the index names is validation's matter.
  if (!use.has_signature()) return *use.type_index;
  const TypeTable::Entry* type = context_.type_table.Find(*use.type_index);
  if (type == nullptr) {
    cursor_.FailAt(use.at, "unknown type");
  } else if (!type->is_function) {
    cursor_.FailAt(use.at, "non-function type");
  } else if (type->signature.encoded != use.signature.encoded) {
    cursor_.FailAt(use.at, "inline function type does not match explicit type");
  }
  return *use.type_index;
}

std::string TypeParser::ParseBlockType() {
  const TypeUse use = ParseTypeUse(/*allow_ids=*/false);
  if (!use.type_index.has_value() && use.signature.param_count == 0) {
    if (use.result_count == 0) return std::string(1, kEmptyBlockType);
    // Behind the two counts: the one result.
    if (use.result_count == 1) return use.signature.encoded.substr(2);
  }
  std::string out;
  AppendSignedLeb128(&out, ResolveTypeUse(use));
  return out;
}

void TypeParser::ParseTypeField() {
  context_.type_table.BeginGroup(1);
  const Definition definition = ParseTypeDefinition(context_.type_table.size());
  context_.type_table.Add(definition.encoded, definition.entry,
                          definition.is_plain && definition.entry.is_function);
}

void TypeParser::ParseRecField() {
  std::vector<Definition> definitions;
  while (cursor_.TakeForm("type")) {
    definitions.push_back(
        ParseTypeDefinition(context_.type_table.size() +
                            static_cast<uint32_t>(definitions.size())));
  }
  cursor_.ExpectRightParen();
  context_.type_table.BeginGroup(static_cast<uint32_t>(definitions.size()));
  for (const Definition& definition : definitions) {
    context_.type_table.Add(definition.encoded, definition.entry,
                            definitions.size() == 1 && definition.is_plain &&
                                definition.entry.is_function);
  }
}

// Behind "(type": the identifier is bound already.
TypeParser::Definition TypeParser::ParseTypeDefinition(uint32_t type_index) {
  cursor_.TakeId();
  Definition definition = ParseSubType(type_index);
  cursor_.ExpectRightParen();
  return definition;
}

TypeParser::Definition TypeParser::ParseSubType(uint32_t type_index) {
  Definition definition;
  if (!cursor_.TakeForm("sub")) {
    ParseCompositeType(type_index, &definition);
    return definition;
  }
  const bool is_final = cursor_.TakeKeyword("final");
  uint32_t supertype_count = 0;
  std::string supertypes;
  for (; AtIndex(); ++supertype_count) {
    supertypes += Unsigned(ParseIndex(context_.types));
  }
  ParseCompositeType(type_index, &definition);
  cursor_.ExpectRightParen();
  if (is_final && supertype_count == 0) return definition;
  definition.is_plain = false;
  definition.encoded = (is_final ? kFinalSubType : kSubType) +
                       Unsigned(supertype_count) + supertypes +
                       definition.encoded;
  return definition;
}

void TypeParser::ParseCompositeType(uint32_t type_index,
                                    Definition* definition) {
  std::string* out = &definition->encoded;
  if (cursor_.TakeForm("func")) {
    TypeUse use;
    ParseParams(/*allow_ids=*/true, &use);
    ParseResults(&use);
    *out = kFunctionType + use.signature.encoded;
    definition->entry = {.is_function = true, .signature = use.signature};
  } else if (cursor_.TakeForm("struct")) {
    ParseStructFields(type_index, out);
  } else if (cursor_.TakeForm("array")) {
    *out = kArrayType + ParseFieldType();
  } else {
    cursor_.FailUnexpected();
  }
  cursor_.ExpectRightParen();
}

void TypeParser::ParseStructFields(uint32_t type_index, std::string* out) {
  IndexSpace fields("field");
  std::string encoded;
  while (cursor_.TakeForm("field")) {
    const Token token = cursor_.Peek();
    if (token.kind == TokenKind::kId) {
      const std::optional<std::string> id = cursor_.TakeId();
      if (!fields.Add(id, context_.annotations.TakeName(cursor_))) {
        cursor_.FailAt(token, StrCat("duplicate field $", *id));
      }
      encoded += ParseFieldType();
      cursor_.ExpectRightParen();
      continue;
    }
    while (!cursor_.AtEnd() && !cursor_.TakeRightParen()) {
      fields.Add(std::nullopt);
      encoded += ParseFieldType();
    }
  }
  *out = kStructType + Unsigned(fields.size()) + encoded;
  context_.fields.emplace(type_index, std::move(fields));
}

std::string TypeParser::ParseFieldType() {
  const bool is_mutable = cursor_.TakeForm("mut");
  std::string out = ParseStorageType();
  if (is_mutable) cursor_.ExpectRightParen();
  out.push_back(is_mutable ? 1 : 0);
  return out;
}

std::string TypeParser::ParseStorageType() {
  if (cursor_.TakeKeyword("i8")) return std::string(1, kPackedI8);
  if (cursor_.TakeKeyword("i16")) return std::string(1, kPackedI16);
  return ParseValueType();
}

}  // namespace wasmd::text

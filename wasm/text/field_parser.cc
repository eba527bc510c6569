#include "wasm/text/field_parser.h"

#include <utility>

#include "base/leb128.h"
#include "base/str_cat.h"
#include "wasm/text/instruction_parser.h"

namespace wasmd::text {
namespace {

constexpr std::array<std::string_view, 5> kKindKeywords = {
    "func", "table", "memory", "global", "tag"};
// As messages name them.
constexpr std::array<std::string_view, 5> kKindNames = {
    "function", "table", "memory", "global", "tag"};

}  // namespace

std::optional<FieldParser::Kind> FieldParser::PeekKind() const {
  for (size_t i = 0; i < kKindKeywords.size(); ++i) {
    if (cursor_.PeekKeyword(kKindKeywords[i])) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

const IndexSpace& FieldParser::SpaceOf(Kind kind) const {
  switch (kind) {
    case Kind::kFunction:
      return context_.functions;
    case Kind::kTable:
      return context_.tables;
    case Kind::kMemory:
      return context_.memories;
    case Kind::kGlobal:
      return context_.globals;
    case Kind::kTag:
      return context_.tags;
  }
}

void FieldParser::ParseField() {
  if (cursor_.PeekForm("type") || cursor_.PeekForm("rec")) {
    return cursor_.SkipForm();
  }
  if (cursor_.TakeForm("import")) return ParseImport();
  if (cursor_.TakeForm("export")) return ParseExport();
  if (cursor_.TakeForm("start")) return ParseStart();
  if (cursor_.TakeForm("elem")) return ParseElements();
  if (cursor_.TakeForm("data")) return ParseData();
  if (cursor_.PeekKind() != TokenKind::kLeftParen) {
    return cursor_.FailUnexpected();
  }
  cursor_.Next();
  const std::optional<Kind> kind = PeekKind();
  if (!kind.has_value()) return cursor_.FailUnexpected();
  cursor_.Next();
  ParseDefinition(*kind);
}

void FieldParser::ParseDefinition(Kind kind) {
  const Token at = cursor_.Peek();
  const uint32_t index = Count(kind);
  cursor_.TakeId();
  const std::optional<ImportName> import = ParseInlineExterns(kind, index);
  if (import.has_value()) {
    AddImport(at, *import, kind, ParseExternType(kind));
    return cursor_.ExpectRightParen();
  }
  if (!first_definition_.has_value()) first_definition_ = kind;
  switch (kind) {
    case Kind::kFunction:
      ParseFunction(index);
      break;
    case Kind::kTable:
      ParseTable(index);
      break;
    case Kind::kMemory:
      ParseMemory(index);
      break;
    case Kind::kGlobal:
      ParseGlobal();
      break;
    case Kind::kTag:
      ParseTag();
      break;
  }
  cursor_.ExpectRightParen();
}

std::optional<FieldParser::ImportName> FieldParser::ParseInlineExterns(
    Kind kind, uint32_t index) {
  while (cursor_.TakeForm("export")) {
    AddExport(cursor_.ExpectName(), kind, index);
    cursor_.ExpectRightParen();
  }
  if (!cursor_.TakeForm("import")) return std::nullopt;
  ImportName import;
  import.module = cursor_.ExpectName();
  import.name = cursor_.ExpectName();
  cursor_.ExpectRightParen();
  return import;
}

void FieldParser::ParseImport() {
  const Token at = cursor_.Peek();
  ImportName name;
  name.module = cursor_.ExpectName();
  name.name = cursor_.ExpectName();
  if (cursor_.PeekKind() != TokenKind::kLeftParen) {
    return cursor_.FailUnexpected();
  }
  cursor_.Next();
  const std::optional<Kind> kind = PeekKind();
  if (!kind.has_value()) return cursor_.FailUnexpected();
  cursor_.Next();
  cursor_.TakeId();
  Count(*kind);
  AddImport(at, name, *kind, ParseExternType(*kind));
  cursor_.ExpectRightParen();
  cursor_.ExpectRightParen();
}

std::string FieldParser::ParseExternType(Kind kind) {
  std::string out;
  switch (kind) {
    case Kind::kFunction:
      AppendUnsignedLeb128(
          &out, types_.ResolveTypeUse(types_.ParseTypeUse(/*allow_ids=*/true)));
      return out;
    case Kind::kTag:
      out.push_back(0);  // the only attribute: exception
      AppendUnsignedLeb128(
          &out, types_.ResolveTypeUse(types_.ParseTypeUse(/*allow_ids=*/true)));
      return out;
    case Kind::kTable:
      return ParseTableType();
    case Kind::kMemory:
      return types_.ParseLimits(types_.TakeAddressType());
    case Kind::kGlobal:
      return types_.ParseGlobalType();
  }
}

std::string FieldParser::ParseTableType() {
  // The binary format has the element type first.
  const std::string limits = types_.ParseLimits(types_.TakeAddressType());
  return types_.ParseRefType().Encode() + limits;
}

void FieldParser::AddImport(const Token& at, const ImportName& name, Kind kind,
                            std::string_view type) {
  if (first_definition_.has_value()) {
    cursor_.FailAt(at,
                   StrCat("import after ",
                          kKindNames[static_cast<size_t>(*first_definition_)]));
  }
  std::string entry;
  AppendBytes(&entry, name.module);
  AppendBytes(&entry, name.name);
  entry.push_back(static_cast<char>(kind));
  entry.append(type);
  module_.imports.Add(entry);
}

void FieldParser::AddExport(std::string_view name, Kind kind, uint32_t index) {
  std::string entry;
  AppendBytes(&entry, name);
  entry.push_back(static_cast<char>(kind));
  AppendUnsignedLeb128(&entry, index);
  module_.exports.Add(entry);
}

void FieldParser::ParseExport() {
  const std::string name = cursor_.ExpectName();
  if (cursor_.PeekKind() != TokenKind::kLeftParen) {
    return cursor_.FailUnexpected();
  }
  cursor_.Next();
  const std::optional<Kind> kind = PeekKind();
  if (!kind.has_value()) return cursor_.FailUnexpected();
  cursor_.Next();
  AddExport(name, *kind, types_.ParseIndex(SpaceOf(*kind)));
  cursor_.ExpectRightParen();
  cursor_.ExpectRightParen();
}

void FieldParser::ParseStart() {
  if (module_.start.has_value()) cursor_.Fail("multiple start sections");
  module_.start = types_.ParseIndex(context_.functions);
  cursor_.ExpectRightParen();
}

void FieldParser::ParseFunction(uint32_t index) {
  const TypeUse use = types_.ParseTypeUse(/*allow_ids=*/true);
  const uint32_t type_index = types_.ResolveTypeUse(use);
  std::string entry;
  AppendUnsignedLeb128(&entry, type_index);
  module_.functions.Add(entry);

  IndexSpace locals("local");
  BindParams(use, &locals);
  std::string body = ParseLocals(&locals);
  InstructionParser(cursor_, context_, locals).ParseExpression(&body);
  std::string code;
  AppendBytes(&code, body);
  module_.code.Add(code);
  if (!locals.names().empty()) {
    context_.locals.emplace(index, std::move(locals));
  }
}

// Only a type that is named without its signature needs looking up; one that
// does not exist is validation's matter.
void FieldParser::BindParams(const TypeUse& use, IndexSpace* locals) {
  if (use.type_index.has_value() && !use.has_signature()) {
    const TypeTable::Entry* type = context_.type_table.Find(*use.type_index);
    const uint32_t count = type == nullptr ? 0 : type->signature.param_count;
    for (uint32_t i = 0; i < count; ++i) locals->Add(std::nullopt);
    return;
  }
  for (const TypeUse::Param& param : use.params) {
    if (!locals->Add(param.id, param.name)) {
      cursor_.FailAt(use.at, StrCat("duplicate local $", *param.id));
    }
  }
}

// The declarations in binary: runs of locals of one type.
std::string FieldParser::ParseLocals(IndexSpace* locals) {
  Section runs;
  uint32_t run_size = 0;
  std::string run_type;
  const auto end_run = [&] {
    if (run_size == 0) return;
    std::string run;
    AppendUnsignedLeb128(&run, run_size);
    runs.Add(run + run_type);
    run_size = 0;
  };
  const auto add = [&](const std::optional<std::string>& id) {
    const Token token = cursor_.Peek();
    const std::optional<std::string> name =
        id.has_value() ? context_.annotations.TakeName(cursor_) : std::nullopt;
    std::string type = types_.ParseValueType();
    if (!locals->Add(id, name)) {
      cursor_.FailAt(token, StrCat("duplicate local $", *id));
    }
    if (type != run_type) end_run();
    ++run_size;
    run_type = std::move(type);
  };
  while (cursor_.TakeForm("local")) {
    if (const std::optional<std::string> id = cursor_.TakeId()) {
      add(id);
      cursor_.ExpectRightParen();
      continue;
    }
    while (!cursor_.AtEnd() && !cursor_.TakeRightParen()) add(std::nullopt);
  }
  end_run();
  std::string out;
  AppendUnsignedLeb128(&out, runs.count);
  return out + runs.entries;
}

void FieldParser::ParseGlobal() {
  const std::string type = types_.ParseGlobalType();
  module_.globals.Add(type + ParseExpression());
}

void FieldParser::ParseTag() { module_.tags.Add(ParseExternType(Kind::kTag)); }

std::string FieldParser::ParseExpression() {
  std::string out;
  InstructionParser(cursor_, context_, no_locals_).ParseExpression(&out);
  return out;
}

}  // namespace wasmd::text

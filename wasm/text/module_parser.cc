#include "wasm/text/module_parser.h"

#include <optional>
#include <string>
#include <string_view>

#include "base/str_cat.h"
#include "wasm/text/annotations.h"
#include "wasm/text/field_parser.h"
#include "wasm/text/module_context.h"
#include "wasm/text/module_encoder.h"
#include "wasm/text/token_cursor.h"
#include "wasm/text/type_parser.h"

namespace wasmd::text {
namespace {

// Two passes over the fields: the first binds identifiers and then parses the
// types; the second parses everything else, in order, straight into sections.
class ModuleParser {
 public:
  ModuleParser(const TokenList& tokens, size_t begin, size_t end,
               const ParseWatOptions& options)
      : options_(options),
        cursor_(tokens, begin, end),
        context_(options.features, Annotations(tokens, begin, end)) {}

  absl::StatusOr<std::vector<uint8_t>> Parse() {
    if (!cursor_.TakeForm("module")) return ParseFields(std::nullopt);
    const std::optional<std::string> name = cursor_.TakeId();
    ReadFields();
    cursor_.ExpectRightParen();
    return Finish(name);
  }

  absl::StatusOr<std::vector<uint8_t>> ParseFields(
      const std::optional<std::string>& name) {
    ReadFields();
    return Finish(name);
  }

 private:
  void ReadFields() {
    const size_t first_field = cursor_.index();
    annotated_name_ = context_.annotations.TakeName(cursor_);
    while (AtField()) BindField();
    cursor_.Seek(first_field);
    while (AtField()) ParseTypes();
    cursor_.Seek(first_field);
    FieldParser fields(cursor_, context_, module_);
    context_.annotations.TakeCustoms(cursor_, &module_.customs);
    while (AtField()) {
      fields.ParseField();
      context_.annotations.TakeCustoms(cursor_, &module_.customs);
    }
  }

  absl::StatusOr<std::vector<uint8_t>> Finish(
      const std::optional<std::string>& name) {
    if (!cursor_.AtEnd()) cursor_.FailUnexpected();
    context_.annotations.CheckAllTaken(cursor_);
    if (cursor_.failed()) return cursor_.status();
    module_.name = annotated_name_.has_value() ? annotated_name_ : name;
    return EncodeModule(module_, context_, options_.names);
  }

  bool AtField() const { return cursor_.PeekKind() == TokenKind::kLeftParen; }

  // Takes the identifier here, if any, for the next entity of a space.
  void Bind(IndexSpace* space) {
    const Token token = cursor_.Peek();
    const std::optional<std::string> id = cursor_.TakeId();
    if (!space->Add(id, context_.annotations.TakeName(cursor_))) {
      cursor_.FailAt(token, StrCat("duplicate ", space->kind(), " $", *id));
    }
  }

  // Null for keywords that bind nothing.
  IndexSpace* SpaceOf(std::string_view keyword) {
    if (keyword == "type") return &context_.types;
    if (keyword == "func") return &context_.functions;
    if (keyword == "table") return &context_.tables;
    if (keyword == "memory") return &context_.memories;
    if (keyword == "global") return &context_.globals;
    if (keyword == "tag") return &context_.tags;
    if (keyword == "elem") return &context_.elements;
    if (keyword == "data") return &context_.data;
    return nullptr;
  }

  void BindField() {
    const size_t begin = cursor_.index();
    cursor_.Next();
    const std::string_view keyword = cursor_.PeekText();
    if (keyword == "rec") {
      cursor_.Next();
      BindTypes();
    } else if (keyword == "import") {
      BindImport();
    } else if (IndexSpace* space = SpaceOf(keyword)) {
      cursor_.Next();
      Bind(space);
      if (keyword == "table") BindInlineSegments("elem", &context_.elements);
      if (keyword == "memory") BindInlineSegments("data", &context_.data);
    }
    cursor_.Seek(begin);
    cursor_.SkipForm();
  }

  void BindTypes() {
    while (cursor_.PeekForm("type")) {
      const size_t begin = cursor_.index();
      cursor_.TakeForm("type");
      Bind(&context_.types);
      cursor_.Seek(begin);
      cursor_.SkipForm();
    }
  }

  // (import "module" "name" (kind $id? ...)); what is wrong with it otherwise,
  // the second pass says.
  void BindImport() {
    constexpr size_t kKindAt = 4;
    if (cursor_.PeekKind(kKindAt - 1) != TokenKind::kLeftParen) return;
    IndexSpace* space = SpaceOf(cursor_.PeekText(kKindAt));
    if (space == nullptr) return;
    cursor_.Seek(cursor_.index() + kKindAt + 1);
    Bind(space);
  }

  // The abbreviations (memory (data ...)) and (table type (elem ...)) define a
  // segment without identifier.
  void BindInlineSegments(std::string_view keyword, IndexSpace* space) {
    while (!cursor_.AtEnd() && cursor_.PeekKind() != TokenKind::kRightParen) {
      if (cursor_.PeekForm(keyword)) space->Add(std::nullopt);
      cursor_.SkipForm();
    }
  }

  void ParseTypes() {
    TypeParser types(cursor_, context_);
    if (cursor_.TakeForm("type")) return types.ParseTypeField();
    if (cursor_.TakeForm("rec")) return types.ParseRecField();
    cursor_.SkipForm();
  }

  const ParseWatOptions& options_;
  TokenCursor cursor_;
  ModuleContext context_;
  EncodedModule module_;
  std::optional<std::string> annotated_name_;
};

}  // namespace

absl::StatusOr<std::vector<uint8_t>> ParseModule(
    const TokenList& tokens, size_t begin, size_t end,
    const ParseWatOptions& options) {
  return ModuleParser(tokens, begin, end, options).Parse();
}

absl::StatusOr<std::vector<uint8_t>> ParseModuleFields(
    const TokenList& tokens, size_t begin, size_t end,
    const std::optional<std::string>& name, const ParseWatOptions& options) {
  return ModuleParser(tokens, begin, end, options).ParseFields(name);
}

}  // namespace wasmd::text

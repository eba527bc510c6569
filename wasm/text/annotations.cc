#include "wasm/text/annotations.h"

#include <array>
#include <utility>

#include "absl/status/statusor.h"
#include "base/str_cat.h"
#include "base/utf8.h"
#include "wasm/text/lexer.h"

namespace wasmd::text {
namespace {

struct SectionKeyword {
  std::string_view keyword;
  SectionId id;
};

constexpr std::array<SectionKeyword, 13> kSections = {{
    {"type", SectionId::kType},
    {"import", SectionId::kImport},
    {"func", SectionId::kFunction},
    {"table", SectionId::kTable},
    {"memory", SectionId::kMemory},
    {"tag", SectionId::kTag},
    {"global", SectionId::kGlobal},
    {"export", SectionId::kExport},
    {"start", SectionId::kStart},
    {"elem", SectionId::kElement},
    {"datacount", SectionId::kDataCount},
    {"code", SectionId::kCode},
    {"data", SectionId::kData},
}};

// Reads the contents of an annotation, which are tokens of their own.
class ContentsReader {
 public:
  // `cursor` gets the errors, at the annotation.
  ContentsReader(const Annotation& annotation, const TokenList& contents,
                 TokenCursor& cursor)
      : annotation_(annotation), reader_(contents), cursor_(cursor) {}

  std::string ReadName() {
    const std::string name = ReadUtf8("unexpected token");
    ExpectEnd();
    return name;
  }

  CustomSection ReadCustom() {
    CustomSection section;
    section.name = ReadUtf8("missing section name");
    if (reader_.PeekKind() == TokenKind::kLeftParen) ReadPlacement(&section);
    while (std::optional<std::string> piece = reader_.TakeString()) {
      section.contents += *piece;
    }
    ExpectEnd();
    return section;
  }

 private:
  void Fail(std::string_view message) {
    Token at;
    at.begin = annotation_.begin;
    cursor_.FailAt(at, StrCat("@", annotation_.id, " annotation: ", message));
  }

  void ExpectEnd() {
    if (!reader_.AtEnd()) Fail("unexpected token");
  }

  std::string ReadUtf8(std::string_view error) {
    std::optional<std::string> text = reader_.TakeString();
    if (!text.has_value()) {
      Fail(error);
      return "";
    }
    if (!IsValidUtf8(*text)) Fail("malformed UTF-8 encoding");
    return *std::move(text);
  }

  // (before first), (after last), (before section), (after section)
  void ReadPlacement(CustomSection* section) {
    if (reader_.TakeForm("before")) {
      section->order = CustomSection::Order::kBefore;
      if (!reader_.TakeKeyword("first")) section->place = ReadSection();
    } else if (reader_.TakeForm("after")) {
      section->order = CustomSection::Order::kAfter;
      if (!reader_.TakeKeyword("last")) section->place = ReadSection();
    } else {
      Fail("malformed placement");
    }
    if (!reader_.TakeRightParen()) Fail("unexpected token");
  }

  std::optional<SectionId> ReadSection() {
    for (const SectionKeyword& section : kSections) {
      if (reader_.TakeKeyword(section.keyword)) return section.id;
    }
    Fail("malformed section kind");
    return std::nullopt;
  }

  const Annotation& annotation_;
  TokenCursor reader_;
  TokenCursor& cursor_;
};

}  // namespace

Annotations::Annotations(const TokenList& list, size_t begin, size_t end)
    : list_(list) {
  for (const Annotation& annotation : list.annotations) {
    if (annotation.token_index >= begin && annotation.token_index <= end) {
      left_.emplace(annotation.token_index, &annotation);
    }
  }
}

const Annotation* Annotations::Take(size_t token_index, std::string_view id) {
  const auto [begin, end] =
      left_.equal_range(static_cast<uint32_t>(token_index));
  for (auto at = begin; at != end; ++at) {
    if (at->second->id != id) continue;
    const Annotation* annotation = at->second;
    left_.erase(at);
    return annotation;
  }
  return nullptr;
}

std::optional<std::string> Annotations::TakeName(TokenCursor& cursor) {
  const Annotation* annotation = Take(cursor.index(), "name");
  if (annotation == nullptr) return std::nullopt;
  const absl::StatusOr<TokenList> contents = Tokenize(list_.text.substr(
      annotation->begin, annotation->end - annotation->begin));
  if (!contents.ok()) {
    cursor.Fail("@name annotation: unexpected token");
    return std::nullopt;
  }
  return ContentsReader(*annotation, *contents, cursor).ReadName();
}

void Annotations::TakeCustoms(TokenCursor& cursor,
                              std::vector<CustomSection>* sections) {
  while (const Annotation* annotation = Take(cursor.index(), "custom")) {
    const absl::StatusOr<TokenList> contents = Tokenize(list_.text.substr(
        annotation->begin, annotation->end - annotation->begin));
    if (!contents.ok()) {
      return cursor.Fail("@custom annotation: unexpected token");
    }
    sections->push_back(
        ContentsReader(*annotation, *contents, cursor).ReadCustom());
  }
}

void Annotations::CheckAllTaken(TokenCursor& cursor) const {
  if (left_.empty()) return;
  Token at;
  const Annotation& annotation = *left_.begin()->second;
  at.begin = annotation.begin;
  cursor.FailAt(at, StrCat("misplaced @", annotation.id, " annotation"));
}

}  // namespace wasmd::text

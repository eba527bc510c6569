#include "wasm/text/token_cursor.h"

#include "base/str_cat.h"
#include "base/utf8.h"
#include "wasm/text/lexer.h"

namespace wasmd::text {
namespace {

// Longer tokens are cut in messages, which are one line for people.
constexpr size_t kMaxShownToken = 60;

}  // namespace

TokenCursor::TokenCursor(const TokenList& list, size_t begin, size_t end)
    : list_(list), index_(begin), end_(end) {
  end_token_ = list.tokens[end];
  end_token_.kind = TokenKind::kEnd;
}

Token TokenCursor::Next() {
  const Token token = Peek();
  if (index_ < end_) ++index_;
  return token;
}

bool TokenCursor::TakeKeyword(std::string_view keyword) {
  if (!PeekKeyword(keyword)) return false;
  ++index_;
  return true;
}

bool TokenCursor::TakeForm(std::string_view keyword) {
  if (!PeekForm(keyword)) return false;
  index_ += 2;
  return true;
}

bool TokenCursor::TakeRightParen() {
  if (PeekKind() != TokenKind::kRightParen) return false;
  ++index_;
  return true;
}

std::optional<std::string> TokenCursor::TakeId() {
  if (PeekKind() != TokenKind::kId) return std::nullopt;
  return DecodeId(TextOf(Next()));
}

std::optional<std::string> TokenCursor::TakeString() {
  if (PeekKind() != TokenKind::kString) return std::nullopt;
  return DecodeString(TextOf(Next()));
}

void TokenCursor::ExpectRightParen() {
  if (!TakeRightParen()) FailUnexpected();
}

std::string TokenCursor::ExpectString() {
  if (std::optional<std::string> text = TakeString()) return *std::move(text);
  FailUnexpected();
  return "";
}

std::string TokenCursor::ExpectName() {
  const Token token = Peek();
  std::string name = ExpectString();
  if (!IsValidUtf8(name)) FailAt(token, "malformed UTF-8 encoding");
  return name;
}

void TokenCursor::SkipForm() {
  size_t depth = 0;
  do {
    const TokenKind kind = PeekKind();
    if (kind == TokenKind::kEnd) return FailUnexpected();
    if (kind == TokenKind::kRightParen && depth == 0) return FailUnexpected();
    if (kind == TokenKind::kLeftParen) ++depth;
    if (kind == TokenKind::kRightParen) --depth;
    ++index_;
  } while (depth > 0);
}

void TokenCursor::FailAt(const Token& token, std::string_view message) {
  if (failed()) return;
  error_ =
      absl::InvalidArgumentError(At(PositionOf(list_, token.begin), message));
  index_ = end_;
}

void TokenCursor::FailAtLimit(std::string_view message) {
  if (failed()) return;
  error_ = absl::ResourceExhaustedError(
      At(PositionOf(list_, Peek().begin), message));
  index_ = end_;
}

void TokenCursor::FailUnexpected() {
  if (AtEnd()) return Fail("unexpected end");
  const std::string_view text = PeekText();
  if (text.size() > kMaxShownToken) return Fail("unexpected token");
  Fail(StrCat("unexpected token ", text));
}

}  // namespace wasmd::text

// TokenCursor: reading position in a TokenList, with one sticky error.
//
// The first Fail() is kept and moves the cursor to the end, where every Peek()
// is kEnd and every Take...() fails: parsing functions need no error checks of
// their own as long as each of their loops stops at kEnd.
//
// Confined to one thread at a time.

#ifndef WASMD_WASM_TEXT_TOKEN_CURSOR_H_
#define WASMD_WASM_TEXT_TOKEN_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "wasm/text/token.h"

namespace wasmd::text {

class TokenCursor {
 public:
  // Reads tokens [begin, end) of `list`, which outlives the cursor.
  TokenCursor(const TokenList& list, size_t begin, size_t end);
  // All of `list` but its kEnd.
  explicit TokenCursor(const TokenList& list)
      : TokenCursor(list, 0, list.tokens.size() - 1) {}

  size_t index() const { return index_; }
  // Goes to a token of the range; nothing after an error.
  void Seek(size_t index) {
    if (!failed()) index_ = index;
  }

  bool AtEnd() const { return index_ >= end_; }
  // The token `ahead` places further, or kEnd behind the last one.
  const Token& Peek(size_t ahead = 0) const {
    return index_ + ahead < end_ ? list_.tokens[index_ + ahead] : end_token_;
  }
  TokenKind PeekKind(size_t ahead = 0) const { return Peek(ahead).kind; }
  std::string_view TextOf(const Token& token) const {
    return list_.TextOf(token);
  }
  std::string_view PeekText(size_t ahead = 0) const {
    return TextOf(Peek(ahead));
  }
  const TokenList& list() const { return list_; }

  // Moves past the current token and returns it.
  Token Next();

  bool PeekKeyword(std::string_view keyword, size_t ahead = 0) const {
    return PeekKind(ahead) == TokenKind::kKeyword && PeekText(ahead) == keyword;
  }
  // "(" and then `keyword`.
  bool PeekForm(std::string_view keyword) const {
    return PeekKind() == TokenKind::kLeftParen && PeekKeyword(keyword, 1);
  }

  // Each moves past what it names if that is what comes next.
  bool TakeKeyword(std::string_view keyword);
  bool TakeForm(std::string_view keyword);
  bool TakeRightParen();
  std::optional<std::string> TakeId();
  std::optional<std::string> TakeString();

  // Each fails with "unexpected token" unless what it names comes next.
  void ExpectRightParen();
  std::string ExpectString();
  // A string that must be UTF-8: the name of an import or export.
  std::string ExpectName();

  // Moves past the whole parenthesised form or the single token here.
  void SkipForm();

  bool failed() const { return !error_.ok(); }
  void Fail(std::string_view message) { FailAt(Peek(), message); }
  void FailAt(const Token& token, std::string_view message);
  // The same, as ResourceExhausted: an implementation limit.
  void FailAtLimit(std::string_view message);
  // "unexpected token" with the text of what is there.
  void FailUnexpected();
  const absl::Status& status() const { return error_; }

 private:
  const TokenList& list_;
  size_t index_;
  size_t end_;
  Token end_token_;
  absl::Status error_;
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_TOKEN_CURSOR_H_

// Token: one lexical token of the text format (core specification,
// text/lexical). A token is a range of the source; what a string or identifier
// stands for is decoded where it is used. Plain values.

#ifndef WASMD_WASM_TEXT_TOKEN_H_
#define WASMD_WASM_TEXT_TOKEN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wasmd::text {

enum class TokenKind : uint8_t {
  kLeftParen,
  kRightParen,
  kKeyword,  // starts with a lower-case letter: i32.add, offset=8, nan:0x1
  kNumber,   // starts with a digit or a sign; its grammar is not yet checked
  kId,       // $name or $"name"
  kString,   // with its quotes; escapes are well-formed
  kEnd,      // end of the source
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  // Bytes [begin, end) of the source.
  uint32_t begin = 0;
  uint32_t end = 0;
};

// An annotation `(@id ...)`. All are white space to the grammar; these let the
// parser look at the few that mean something (appendix/custom).
struct Annotation {
  // It stands directly before this token.
  uint32_t token_index = 0;
  // The contents between the id and the closing parenthesis.
  uint32_t begin = 0;
  uint32_t end = 0;
  std::string id;
};

// The tokens of a source, with a kEnd at the back. `text` is borrowed.
struct TokenList {
  std::string_view text;
  std::vector<Token> tokens;
  std::vector<uint32_t> line_begins;    // offset of each line, ascending
  std::vector<Annotation> annotations;  // "custom" and "name" only

  std::string_view TextOf(const Token& token) const {
    return text.substr(token.begin, token.end - token.begin);
  }
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_TOKEN_H_

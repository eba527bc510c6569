#include "wasm/text/lexer.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "base/utf8.h"

namespace wasmd::text {
namespace {

constexpr std::array<bool, 256> MakeIdChars() {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<uint8_t>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<uint8_t>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<uint8_t>(c)] = true;
  for (char c : std::string_view("!#$%&'*+-./:<=>?@\\^_`|~")) {
    table[static_cast<uint8_t>(c)] = true;
  }
  return table;
}

constexpr std::array<bool, 256> kIdChars = MakeIdChars();

bool IsIdChar(char c) { return kIdChars[static_cast<uint8_t>(c)]; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

// The value of a hexadecimal digit, or -1.
int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Characters that only the contents of annotations may have.
bool IsReservedPunctuation(char c) {
  return c == ',' || c == ';' || c == '[' || c == ']' || c == '{' || c == '}';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {
    list_.text = text;
    list_.line_begins.push_back(0);
    for (size_t at = text.find('\n'); at != std::string_view::npos;
         at = text.find('\n', at + 1)) {
      list_.line_begins.push_back(static_cast<uint32_t>(at + 1));
    }
  }

  absl::StatusOr<TokenList> Run() {
    if (const size_t valid = ValidUtf8Prefix(text_); valid != text_.size()) {
      return Error(valid, "malformed UTF-8 encoding");
    }
    list_.tokens.reserve(text_.size() / 4 + 1);
    while (true) {
      RETURN_IF_ERROR(SkipSpace());
      if (at_ == text_.size()) break;
      RETURN_IF_ERROR(ReadToken());
    }
    Push(TokenKind::kEnd, at_);
    return std::move(list_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool Sees(std::string_view prefix) const {
    return text_.substr(at_, prefix.size()) == prefix;
  }
  absl::Status Error(size_t offset, std::string_view message) const {
    return absl::InvalidArgumentError(At(PositionOf(list_, offset), message));
  }
  void Push(TokenKind kind, size_t begin) {
    list_.tokens.push_back(
        {kind, static_cast<uint32_t>(begin), static_cast<uint32_t>(at_)});
  }

  absl::Status SkipSpace() {
    while (at_ < text_.size()) {
      if (IsSpace(Peek())) {
        ++at_;
      } else if (Sees(";;")) {
        SkipLineComment();
      } else if (Sees("(;")) {
        RETURN_IF_ERROR(SkipBlockComment());
      } else if (Sees("(@")) {
        RETURN_IF_ERROR(SkipAnnotation());
      } else {
        break;
      }
    }
    return absl::OkStatus();
  }

  void SkipLineComment() {
    while (at_ < text_.size() && Peek() != '\n' && Peek() != '\r') ++at_;
  }

  absl::Status SkipBlockComment() {
    const size_t begin = at_;
    size_t depth = 0;
    do {
      if (Sees("(;")) {
        ++depth;
        at_ += 2;
      } else if (Sees(";)")) {
        --depth;
        at_ += 2;
      } else if (at_ == text_.size()) {
        return Error(begin, "unclosed comment");
      } else {
        ++at_;
      }
    } while (depth > 0);
    return absl::OkStatus();
  }

  absl::Status SkipAnnotation() {
    const size_t begin = at_;
    Annotation annotation;
    annotation.token_index = static_cast<uint32_t>(list_.tokens.size());
    at_ += 2;
    RETURN_IF_ERROR(ReadAnnotationId(begin, &annotation.id));
    annotation.begin = static_cast<uint32_t>(at_);
    size_t depth = 1;
    while (depth > 0) {
      if (at_ == text_.size()) return Error(begin, "unclosed annotation");
      RETURN_IF_ERROR(SkipAnnotationPiece(&depth));
    }
    annotation.end = static_cast<uint32_t>(at_ - 1);
    if (annotation.id == "custom" || annotation.id == "name") {
      list_.annotations.push_back(std::move(annotation));
    }
    return absl::OkStatus();
  }

  absl::Status ReadAnnotationId(size_t begin, std::string* id) {
    if (Peek() == '"') {
      const size_t string_begin = at_;
      RETURN_IF_ERROR(SkipString());
      *id = DecodeString(text_.substr(string_begin, at_ - string_begin));
      if (!IsValidUtf8(*id)) {
        return Error(string_begin, "malformed UTF-8 encoding");
      }
    } else {
      const size_t id_begin = at_;
      while (IsIdChar(Peek())) ++at_;
      *id = text_.substr(id_begin, at_ - id_begin);
    }
    if (id->empty()) return Error(begin, "empty annotation id");
    return absl::OkStatus();
  }

  // One token, comment or blank of the contents of an annotation. Annotations
  // in it are only balanced parentheses.
  absl::Status SkipAnnotationPiece(size_t* depth) {
    const char c = Peek();
    if (Sees(";;")) {
      SkipLineComment();
    } else if (Sees("(;")) {
      return SkipBlockComment();
    } else if (c == '"') {
      return SkipString();
    } else if (c == '(' || c == ')') {
      *depth = c == '(' ? *depth + 1 : *depth - 1;
      ++at_;
    } else if (IsSpace(c) || IsIdChar(c) || IsReservedPunctuation(c)) {
      ++at_;
    } else {
      return Error(at_, "illegal character");
    }
    return absl::OkStatus();
  }

  absl::Status ReadToken() {
    const size_t begin = at_;
    const char c = Peek();
    if (c == '(' || c == ')') {
      ++at_;
      Push(c == '(' ? TokenKind::kLeftParen : TokenKind::kRightParen, begin);
      return absl::OkStatus();
    }
    TokenKind kind = TokenKind::kKeyword;
    if (c == '"') {
      kind = TokenKind::kString;
      RETURN_IF_ERROR(SkipString());
    } else if (c == '$') {
      kind = TokenKind::kId;
      RETURN_IF_ERROR(ReadId());
    } else if (IsIdChar(c)) {
      if (!IsLower(c)) kind = TokenKind::kNumber;
      if (!IsLower(c) && !IsDigit(c) && c != '+' && c != '-') {
        return Error(begin, "unknown operator");
      }
      while (IsIdChar(Peek())) ++at_;
    } else if (IsReservedPunctuation(c)) {
      return Error(begin, "unknown operator");
    } else {
      return Error(begin, "illegal character");
    }
    // A token ends at a blank or a parenthesis: 0drop, "a""b" and $x"y" are
    // reserved tokens, which nothing in the grammar uses.
    if (IsIdChar(Peek()) || Peek() == '"' || Peek() == ',' ||
        (IsReservedPunctuation(Peek()) && !Sees(";;"))) {
      return Error(begin, "unknown operator");
    }
    Push(kind, begin);
    return absl::OkStatus();
  }

  absl::Status ReadId() {
    const size_t begin = at_;
    ++at_;
    if (Peek() == '"') {
      RETURN_IF_ERROR(SkipString());
      const std::string name = DecodeId(text_.substr(begin, at_ - begin));
      if (name.empty()) return Error(begin, "empty identifier");
      if (!IsValidUtf8(name)) return Error(begin, "malformed UTF-8 encoding");
      return absl::OkStatus();
    }
    while (IsIdChar(Peek())) ++at_;
    if (at_ == begin + 1) return Error(begin, "empty identifier");
    return absl::OkStatus();
  }

  absl::Status SkipString() {
    const size_t begin = at_;
    ++at_;
    while (true) {
      if (at_ == text_.size()) return Error(begin, "unclosed string");
      const uint8_t c = static_cast<uint8_t>(Peek());
      if (c == '\n' || c == '\r') return Error(begin, "unclosed string");
      if (c < 0x20 || c == 0x7F) return Error(at_, "illegal character");
      ++at_;
      if (c == '"') return absl::OkStatus();
      if (c == '\\') RETURN_IF_ERROR(SkipEscape());
    }
  }

  // The rest of an escape, after its backslash.
  absl::Status SkipEscape() {
    const size_t begin = at_ - 1;
    const char c = Peek();
    if (std::string_view("tnr\"'\\").find(c) != std::string_view::npos) {
      ++at_;
      return absl::OkStatus();
    }
    if (HexValue(c) >= 0 && HexValue(Peek(1)) >= 0) {
      at_ += 2;
      return absl::OkStatus();
    }
    if (c == 'u' && Peek(1) == '{') {
      at_ += 2;
      return SkipUnicodeEscape(begin);
    }
    return Error(begin, "illegal escape");
  }

  absl::Status SkipUnicodeEscape(size_t begin) {
    uint32_t code = 0;
    size_t digits = 0;
    while (HexValue(Peek()) >= 0 ||
           (Peek() == '_' && digits > 0 && HexValue(Peek(1)) >= 0)) {
      if (Peek() != '_') {
        // Anything past 10FFFF stays there, so that it cannot wrap.
        code = std::min<uint32_t>(
            code * 16 + static_cast<uint32_t>(HexValue(Peek())), 0x110000);
        ++digits;
      }
      ++at_;
    }
    if (digits == 0 || Peek() != '}') return Error(begin, "illegal escape");
    ++at_;
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
      return Error(begin, "illegal escape: not a Unicode scalar value");
    }
    return absl::OkStatus();
  }

  std::string_view text_;
  size_t at_ = 0;
  TokenList list_;
};

// Decodes the \u{...} whose first digit is at `*at`, and moves past it.
void AppendUnicodeEscape(std::string_view literal, size_t* at,
                         std::string* out) {
  uint32_t code = 0;
  for (; literal[*at] != '}'; ++*at) {
    if (literal[*at] == '_') continue;
    code = code * 16 + static_cast<uint32_t>(HexValue(literal[*at]));
  }
  ++*at;
  AppendUtf8(out, code);
}

}  // namespace

absl::StatusOr<TokenList> Tokenize(std::string_view text) {
  if (text.size() >= std::numeric_limits<uint32_t>::max()) {
    return absl::ResourceExhaustedError(
        "text module is larger than 4 GiB; give it in binary");
  }
  return Lexer(text).Run();
}

std::string DecodeString(std::string_view literal) {
  std::string out;
  out.reserve(literal.size());
  for (size_t at = 1; at + 1 < literal.size();) {
    if (literal[at] != '\\') {
      out.push_back(literal[at++]);
      continue;
    }
    const char c = literal[at + 1];
    at += 2;
    switch (c) {
      case 't':
        out.push_back('\t');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case '"':
      case '\'':
      case '\\':
        out.push_back(c);
        break;
      case 'u':
        ++at;  // the brace
        AppendUnicodeEscape(literal, &at, &out);
        break;
      default:
        out.push_back(
            static_cast<char>(HexValue(c) * 16 + HexValue(literal[at])));
        ++at;
    }
  }
  return out;
}

std::string DecodeId(std::string_view id) {
  if (id.size() > 1 && id[1] == '"') return DecodeString(id.substr(1));
  return std::string(id.substr(1));
}

Position PositionOf(const TokenList& list, size_t offset) {
  const auto next = std::upper_bound(list.line_begins.begin(),
                                     list.line_begins.end(), offset);
  const auto line = static_cast<size_t>(next - list.line_begins.begin());
  return {line, offset - list.line_begins[line - 1] + 1};
}

std::string At(const Position& position, std::string_view message) {
  return StrCat(position.line, ":", position.column, ": ", message);
}

}  // namespace wasmd::text

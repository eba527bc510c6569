// Lexer of the text format (core specification, text/lexical): white space,
// nested comments, annotations, strings, identifiers, keywords and numbers.

#ifndef WASMD_WASM_TEXT_LEXER_H_
#define WASMD_WASM_TEXT_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "wasm/text/token.h"

namespace wasmd::text {

// Splits `text`, which must outlive the result, into tokens. InvalidArgument
// "LINE:COLUMN: what" where no token of the specification matches, where the
// source is not UTF-8, and where a string, comment or annotation is not closed;
// ResourceExhausted past 4 GiB. Linear in the size; thread-safe.
absl::StatusOr<TokenList> Tokenize(std::string_view text);

// The bytes that a string literal, given with its quotes, stands for. The
// literal must be one that Tokenize accepted.
std::string DecodeString(std::string_view literal);

// The name that an identifier token ($x or $"x") stands for; both forms of the
// same name give the same result.
std::string DecodeId(std::string_view id);

// A place in the source; both count from 1, columns in bytes.
struct Position {
  size_t line = 1;
  size_t column = 1;
};

// The place of a byte offset of the source. Logarithmic.
Position PositionOf(const TokenList& list, size_t offset);

// "LINE:COLUMN: message".
std::string At(const Position& position, std::string_view message);

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_LEXER_H_

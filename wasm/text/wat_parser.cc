#include "wasm/text/wat_parser.h"

#include "base/status_macros.h"
#include "wasm/text/lexer.h"
#include "wasm/text/module_parser.h"

namespace wasmd {

absl::StatusOr<std::vector<uint8_t>> ParseWat(std::string_view text,
                                              const ParseWatOptions& options) {
  ASSIGN_OR_RETURN(const text::TokenList tokens, text::Tokenize(text));
  return text::ParseModule(tokens, 0, tokens.tokens.size() - 1, options);
}

}  // namespace wasmd

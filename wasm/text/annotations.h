// Annotations that mean something in a module: @custom, a custom section, and
// @name, a name for the name section (core specification, appendix/custom).
// One that stands where it means nothing is an error.

#ifndef WASMD_WASM_TEXT_ANNOTATIONS_H_
#define WASMD_WASM_TEXT_ANNOTATIONS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/text/custom_section.h"
#include "wasm/text/token.h"
#include "wasm/text/token_cursor.h"

namespace wasmd::text {

// The annotations of one module, each taken once by the parser that knows what
// to do with it. Errors go to the cursor. Confined to one thread at a time.
class Annotations {
 public:
  // Those that stand before tokens [begin, end] of `list`, which is borrowed.
  Annotations(const TokenList& list, size_t begin, size_t end);

  // The name in a @name directly before the cursor's token, if there is one.
  std::optional<std::string> TakeName(TokenCursor& cursor);
  // Every @custom directly before the cursor's token, appended to `sections`.
  void TakeCustoms(TokenCursor& cursor, std::vector<CustomSection>* sections);
  // Fails if one has not been taken.
  void CheckAllTaken(TokenCursor& cursor) const;

 private:
  const Annotation* Take(size_t token_index, std::string_view id);

  const TokenList& list_;
  std::multimap<uint32_t, const Annotation*> left_;  // by token index
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_ANNOTATIONS_H_

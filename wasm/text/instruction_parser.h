// InstructionParser: sequences of instructions, flat and folded, from text to
// binary (core specification, text/instructions).
//
// Nesting is kept on a stack of its own, so that the depth of the source never
// reaches the native stack; past kMaxBlockNesting it is an error.

#ifndef WASMD_WASM_TEXT_INSTRUCTION_PARSER_H_
#define WASMD_WASM_TEXT_INSTRUCTION_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "wasm/text/immediates_parser.h"
#include "wasm/text/index_space.h"
#include "wasm/text/label_stack.h"
#include "wasm/text/module_context.h"
#include "wasm/text/token_cursor.h"

namespace wasmd::text {

class InstructionParser {
 public:
  // All are borrowed. `locals` are the parameters and locals in scope.
  InstructionParser(TokenCursor& cursor, ModuleContext& context,
                    const IndexSpace& locals)
      : cursor_(cursor), immediates_(cursor, context, locals, labels_) {}

  // Appends instructions up to the parenthesis that closes the form around
  // them, which is left, and the final `end`.
  void ParseExpression(std::string* out);

  // Appends one folded instruction and the final `end`.
  void ParseFoldedExpression(std::string* out);

 private:
  // What is open around the current token.
  enum class FrameKind : uint8_t {
    kFlatBlock,   // block, loop, try_table, up to its end
    kFlatIf,      // up to else or end
    kFlatElse,    // up to end
    kPlain,       // operands of a folded instruction
    kFolded,      // contents of a folded block, loop or try_table
    kFoldedIf,    // operands of a folded if, then its clauses
    kFoldedThen,  // contents of (then ...)
    kAfterThen,   // of a folded if
    kFoldedElse,  // contents of (else ...)
    kAfterElse,   // of a folded if
  };
  struct Frame {
    FrameKind kind;
    // The instruction to append behind its operands: kPlain, kFoldedIf.
    std::string pending{};
    // Of kFoldedIf: its label, in scope from `then` on.
    std::optional<std::string> label{};
  };

  void Run(size_t base, std::string* out);
  void StepSequence(std::string* out);
  void StepPlain(std::string* out);
  void StepFoldedIf(std::string* out);
  void StepAfterClause(std::string* out);
  void OpenFolded(std::string* out);
  void OpenFlat(std::string* out);
  void StartElse(std::string* out);
  void EndFlat(std::string* out);
  void CloseFolded(std::string* out);
  void CheckRepeatedLabel();
  bool InSequence() const;
  void PushFrame(Frame frame);

  TokenCursor& cursor_;
  LabelStack labels_;
  ImmediatesParser immediates_;
  std::vector<Frame> frames_;
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_INSTRUCTION_PARSER_H_

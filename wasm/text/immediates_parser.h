// ImmediatesParser: one instruction without its operands and without nested
// instructions, from text to binary (core specification, text/instructions).
// What an instruction takes is in its row of opcodes.def. Errors go to the
// cursor, whose rules apply.

#ifndef WASMD_WASM_TEXT_IMMEDIATES_PARSER_H_
#define WASMD_WASM_TEXT_IMMEDIATES_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wasm/opcodes.h"
#include "wasm/text/index_space.h"
#include "wasm/text/label_stack.h"
#include "wasm/text/module_context.h"
#include "wasm/text/token_cursor.h"
#include "wasm/text/type_parser.h"

namespace wasmd::text {

class ImmediatesParser {
 public:
  // All are borrowed; `locals` and `labels` are the scope of the instructions.
  ImmediatesParser(TokenCursor& cursor, ModuleContext& context,
                   const IndexSpace& locals, const LabelStack& labels)
      : cursor_(cursor),
        context_(context),
        locals_(locals),
        labels_(labels),
        types_(cursor, context) {}

  // Reads a mnemonic and its immediates and appends the instruction.
  void ParseInstruction(std::string* out) { Parse(nullptr, out); }

  // The same for block, loop, if and try_table, with the identifier of their
  // label, up to what they contain. The label comes into scope behind that.
  void ParseStructured(std::string* out, std::optional<std::string>* label) {
    Parse(label, out);
  }

 private:
  void Parse(std::optional<std::string>* label, std::string* out);
  void ParseImmediates(Opcode opcode, const OpcodeInfo& info, std::string* out);
  bool ParseIndices(Immediates immediates, std::string* out);
  void ParseTwoIndices(const IndexSpace& first, const IndexSpace& second,
                       std::string* out);
  // Written "second? first", stored "first second".
  void ParseSwappedIndices(const IndexSpace& first, const IndexSpace& second,
                           std::string* out);
  // Written and stored "first second", or neither for 0 and 0.
  void ParseOptionalPair(const IndexSpace& space, std::string* out);
  void ParseLabel(std::string* out);
  void ParseLabelTable(std::string* out);
  void ParseTypeTable(std::string* out);
  void ParseCatches(std::string* out);
  void ParseMemArg(uint32_t access_bytes, bool has_lane, std::string* out);
  bool AtMemArgKeyword(std::string_view prefix, size_t ahead) const;
  uint64_t ParseOffset();
  uint32_t ParseAlignLog2(uint32_t access_bytes);
  void ParseLane(std::string* out);
  void ParseIntegerConstant(unsigned width, std::string* out);
  void ParseFloatConstant(unsigned width, std::string* out);
  void ParseVectorConstant(std::string* out);
  void ParseSelect(std::string* out);
  void ParseHeapTypeImmediate(Opcode opcode, std::string* out);
  void ParseTypeField(std::string* out);
  void ParseCastBranch(std::string* out);

  TokenCursor& cursor_;
  ModuleContext& context_;
  const IndexSpace& locals_;
  const LabelStack& labels_;
  TypeParser types_;
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_IMMEDIATES_PARSER_H_

// FieldParser: the fields of a module except types, from text to the entries of
// their sections (core specification, text/modules). Identifiers and explicit
// types are in the context already. Errors go to the cursor, whose rules apply.

#ifndef WASMD_WASM_TEXT_FIELD_PARSER_H_
#define WASMD_WASM_TEXT_FIELD_PARSER_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wasm/text/index_space.h"
#include "wasm/text/module_context.h"
#include "wasm/text/module_encoder.h"
#include "wasm/text/token_cursor.h"
#include "wasm/text/type_parser.h"

namespace wasmd::text {

class FieldParser {
 public:
  FieldParser(TokenCursor& cursor, ModuleContext& context,
              EncodedModule& module)
      : cursor_(cursor),
        context_(context),
        module_(module),
        types_(cursor, context) {}

  // The field at "(", with its parentheses. Types are skipped.
  void ParseField();

 private:
  // Codes of the binary format for imports and exports.
  enum class Kind : uint8_t { kFunction, kTable, kMemory, kGlobal, kTag };

  struct ImportName {
    std::string module;
    std::string name;
  };

  std::optional<Kind> PeekKind() const;
  const IndexSpace& SpaceOf(Kind kind) const;
  // The index of the next entity of a kind, counting it.
  uint32_t Count(Kind kind) { return counts_[static_cast<size_t>(kind)]++; }

  void ParseImport();
  void ParseExport();
  void ParseStart();
  void ParseDefinition(Kind kind);
  // Inline exports, and an inline import if there is one.
  std::optional<ImportName> ParseInlineExterns(Kind kind, uint32_t index);
  // What follows an import's kind and identifier.
  std::string ParseExternType(Kind kind);
  std::string ParseTableType();
  void AddImport(const Token& at, const ImportName& name, Kind kind,
                 std::string_view type);
  void AddExport(std::string_view name, Kind kind, uint32_t index);

  void ParseFunction(uint32_t index);
  void BindParams(const TypeUse& use, IndexSpace* locals);
  std::string ParseLocals(IndexSpace* locals);
  void ParseGlobal();
  void ParseTag();

  void ParseTable(uint32_t index);
  void ParseTableWithElements(uint32_t index, bool is_64);
  void ParseMemory(uint32_t index);
  void ParseMemoryWithData(uint32_t index, bool is_64);
  void ParseElements();
  void ParseData();
  // A list of elements in binary, and how they are written.
  struct ElementList {
    bool has_expressions = false;
    std::string ref_type;  // encoded; of indices: (ref func)
    Section items;
  };
  ElementList ParseElementList(bool may_omit_func);
  void ParseElementItems(ElementList* list);
  void ParseFunctionIndices(ElementList* list);
  void AddActiveElements(uint32_t table, std::string_view offset,
                         const ElementList& list);
  void AddActiveData(uint32_t memory, std::string_view offset,
                     std::string_view bytes);
  // "(offset ...)" or one folded instruction.
  std::string ParseOffset();
  std::string ParseStrings();
  // A constant expression up to the closing parenthesis, which is left.
  std::string ParseExpression();

  TokenCursor& cursor_;
  ModuleContext& context_;
  EncodedModule& module_;
  TypeParser types_;
  const IndexSpace no_locals_{"local"};
  std::array<uint32_t, 5> counts_{};  // of entities so far, by Kind
  // The kind of the first definition; imports may not follow it.
  std::optional<Kind> first_definition_;
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_FIELD_PARSER_H_

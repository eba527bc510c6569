// TypeParser: types, limits, indices and type uses of the text format (core
// specification, text/types and text/modules), encoded for the binary format as
// they are read. Errors go to the cursor, whose rules apply.

#ifndef WASMD_WASM_TEXT_TYPE_PARSER_H_
#define WASMD_WASM_TEXT_TYPE_PARSER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wasm/text/index_space.h"
#include "wasm/text/module_context.h"
#include "wasm/text/token_cursor.h"

namespace wasmd::text {

struct RefType {
  bool nullable = true;
  std::string heap_type;  // encoded

  std::string Encode() const;
};

// "(type x)" and an inline signature, either of which may be missing.
struct TypeUse {
  std::optional<uint32_t> type_index;
  Token at;
  Signature signature;
  uint32_t result_count = 0;
  struct Param {
    std::optional<std::string> id;
    std::optional<std::string> name;  // of an annotation
  };
  std::vector<Param> params;

  bool has_signature() const {
    return signature.param_count + result_count > 0;
  }
};

class TypeParser {
 public:
  TypeParser(TokenCursor& cursor, ModuleContext& context)
      : cursor_(cursor), context_(context) {}

  // True if a number or an identifier comes next.
  bool AtIndex() const;
  // An index of `space` by number (not checked against its size, which is
  // validation's) or by identifier.
  uint32_t ParseIndex(const IndexSpace& space);
  // ParseIndex, or 0 where none is written.
  uint32_t ParseOptionalIndex(const IndexSpace& space) {
    return AtIndex() ? ParseIndex(space) : 0;
  }
  // A field of the struct type `type_index`.
  uint32_t ParseFieldIndex(uint32_t type_index);
  // uN.
  uint64_t ParseUnsignedNumber(unsigned width);

  std::string ParseHeapType();
  RefType ParseRefType();
  bool AtRefType() const;
  std::string ParseValueType();
  std::string ParseGlobalType();
  // min max?, after the address type `is_64`.
  std::string ParseLimits(bool is_64);
  // "i32" or "i64", if written: true for i64.
  bool TakeAddressType();

  // Parameters may have identifiers if `allow_ids`.
  TypeUse ParseTypeUse(bool allow_ids);
  // The type it means, appended if need be. Checks an inline signature against
  // the type that is named.
  uint32_t ResolveTypeUse(const TypeUse& use);
  std::string ParseBlockType();

  // A `type` or `rec` field behind its keyword, with the closing parenthesis.
  void ParseTypeField();
  void ParseRecField();

 private:
  struct Definition {
    std::string encoded;
    TypeTable::Entry entry;
    bool is_plain = true;  // final and without supertypes
  };

  void ParseParams(bool allow_ids, TypeUse* use);
  void ParseResults(TypeUse* use);
  Definition ParseTypeDefinition(uint32_t type_index);
  Definition ParseSubType(uint32_t type_index);
  void ParseCompositeType(uint32_t type_index, Definition* definition);
  void ParseStructFields(uint32_t type_index, std::string* out);
  std::string ParseFieldType();
  std::string ParseStorageType();

  TokenCursor& cursor_;
  ModuleContext& context_;
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_TYPE_PARSER_H_

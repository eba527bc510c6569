// Module: a decoded WebAssembly module (core specification, syntax/modules).
// Function bodies and segment contents stay in the module's own copy of the
// binary and are referred to by byte range, so that decoding allocates little
// and offsets in errors, frames and snapshots are offsets in the binary.
//
// Immutable after Decode; thread-safe; shared by every instance of it.

#ifndef WASMD_WASM_MODULE_H_
#define WASMD_WASM_MODULE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/sha256.h"
#include "wasm/types.h"

namespace wasmd {

// A range of the module's binary; offsets are from its first byte.
struct CodeRange {
  uint32_t begin = 0;
  uint32_t end = 0;  // one past the last byte
  uint32_t size() const { return end - begin; }
};

// A constant expression (valid-constant): its instructions with the final end.
using ConstantExpression = CodeRange;

enum class ExternKind : uint8_t { kFunction, kTable, kMemory, kGlobal, kTag };
std::string_view ToString(ExternKind kind);  // "function", "table", ...

struct Import {
  std::string module;
  std::string name;
  ExternKind kind;
  uint32_t index;  // in the index space of its kind; imports come first
};

struct Export {
  std::string name;
  ExternKind kind;
  uint32_t index;
};

struct Function {
  uint32_t type_index = 0;
  // Imports have no body. The locals declarations are in front of `code`:
  // `body` is the whole entry of the code section after its size.
  CodeRange body;
  // The instructions, with the final end. code.begin is the byte offset of the
  // function's first instruction: its entry safepoint.
  CodeRange code;
};

struct Table {
  TableType type;
  std::optional<ConstantExpression> initializer;
};

struct Memory {
  MemoryType type;
};

struct Global {
  GlobalType type;
  ConstantExpression initializer;  // empty for an import
};

struct Tag {
  TagType type;
};

enum class SegmentMode : uint8_t { kPassive, kActive, kDeclarative };

struct ElementSegment {
  SegmentMode mode = SegmentMode::kPassive;
  ValueType type = kFuncRefType;
  uint32_t table_index = 0;   // kActive
  ConstantExpression offset;  // kActive
  // Exactly one of these is used, as the binary has it.
  std::vector<uint32_t> functions;  // function indices
  std::vector<ConstantExpression> expressions;
  bool has_expressions = false;
  uint32_t size() const {
    return static_cast<uint32_t>(has_expressions ? expressions.size()
                                                 : functions.size());
  }
};

struct DataSegment {
  SegmentMode mode = SegmentMode::kPassive;
  uint32_t memory_index = 0;  // kActive
  ConstantExpression offset;  // kActive
  CodeRange bytes;
};

// One section as the binary has it, custom sections among them.
struct Section {
  uint8_t id = 0;      // of the binary format: 0 custom, 1 type, ...
  CodeRange contents;  // what follows the size
};
// "type", "import", ...; "custom" for 0; "unknown" if there is no such section.
std::string_view SectionName(uint8_t id);

struct CustomSection {
  std::string name;
  CodeRange bytes;  // the contents after the name
};

struct Module {
  // The binary this was decoded from.
  std::shared_ptr<const std::vector<uint8_t>> binary;
  Sha256Digest hash{};  // of the binary

  std::vector<SubType> types;
  std::vector<Import> imports;
  // Index spaces: imported entries first.
  std::vector<Function> functions;
  std::vector<Table> tables;
  std::vector<Memory> memories;
  std::vector<Global> globals;
  std::vector<Tag> tags;
  uint32_t imported_functions = 0;
  uint32_t imported_tables = 0;
  uint32_t imported_memories = 0;
  uint32_t imported_globals = 0;
  uint32_t imported_tags = 0;

  std::vector<Export> exports;
  std::optional<uint32_t> start;  // function index
  std::vector<ElementSegment> elements;
  std::vector<DataSegment> data;
  std::optional<uint32_t> data_count;  // of the data count section
  std::vector<CustomSection> custom_sections;

  std::vector<Section> sections;  // in the order of the binary
  // Indices of `exports` in the order of their names; equal names in the order
  // of the binary.
  std::vector<uint32_t> exports_by_name;

  ByteSpan Bytes(CodeRange range) const {
    return ByteSpan(*binary).subspan(range.begin, range.size());
  }
  const FunctionType& TypeOfFunction(uint32_t function_index) const {
    return types[functions[function_index].type_index].function;
  }
  // The export of this name, or null. Logarithmic.
  const Export* FindExport(std::string_view name) const;
  // The function whose code holds this byte offset, if any. Logarithmic.
  std::optional<uint32_t> FunctionAt(uint32_t code_offset) const;
};

}  // namespace wasmd

#endif  // WASMD_WASM_MODULE_H_

// ModuleBuilder and Code: binary modules for tests, without the text format.
// They write what they are told, also what is malformed or invalid.
//
//   ModuleBuilder builder;
//   const uint32_t type = builder.AddFunctionType({kI32Code}, {kI32Code});
//   const uint32_t function = builder.AddFunction(
//       type, Code().Op(Opcode::kLocalGet).U(0).Op(Opcode::kEnd));
//   builder.Export("identity", ExternKind::kFunction, function);
//   std::vector<uint8_t> binary = builder.Build();

#ifndef WASMD_WASM_TESTING_MODULE_BUILDER_H_
#define WASMD_WASM_TESTING_MODULE_BUILDER_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wasm/module.h"
#include "wasm/opcodes.h"

namespace wasmd::testing {

// Codes of types in the binary format.
enum TypeCode : uint8_t {
  kI32Code = 0x7F,
  kI64Code = 0x7E,
  kF32Code = 0x7D,
  kF64Code = 0x7C,
  kV128Code = 0x7B,
  kExnRefCode = 0x69,
  kArrayRefCode = 0x6A,
  kStructRefCode = 0x6B,
  kI31RefCode = 0x6C,
  kEqRefCode = 0x6D,
  kAnyRefCode = 0x6E,
  kExternRefCode = 0x6F,
  kFuncRefCode = 0x70,
  kNullRefCode = 0x71,
  kNullExternRefCode = 0x72,
  kNullFuncRefCode = 0x73,
  kNullExnRefCode = 0x74,
  kRefNullCode = 0x63,  // a heap type follows
  kRefCode = 0x64,      // a heap type follows
  kEmptyBlockCode = 0x40,
};

// Bytes one after another.
class Code {
 public:
  Code() = default;
  Code(std::initializer_list<int> bytes) { Bytes(bytes); }

  Code& Op(Opcode opcode);
  Code& Byte(int byte);
  Code& Bytes(std::initializer_list<int> bytes);
  Code& Append(const Code& code);
  Code& U(uint64_t value);             // unsigned LEB128
  Code& S(int64_t value);              // signed LEB128
  Code& Name(std::string_view bytes);  // size, then the bytes
  Code& F32(float value);
  Code& F64(double value);
  Code& MemArg(uint32_t align_log2, uint64_t offset);
  Code& I32Const(int32_t value) { return Op(Opcode::kI32Const).S(value); }
  Code& I64Const(int64_t value) { return Op(Opcode::kI64Const).S(value); }
  Code& End() { return Op(Opcode::kEnd); }

  const std::string& bytes() const { return bytes_; }
  std::vector<uint8_t> ToVector() const {
    return {bytes_.begin(), bytes_.end()};
  }

 private:
  std::string bytes_;
};

// Indices returned count imports first, as the binary format does: add imports
// of a kind before definitions of that kind.
class ModuleBuilder {
 public:
  using Types = std::initializer_list<uint8_t>;

  uint32_t AddFunctionType(Types params, Types results);
  // A whole recursive group in the binary format, of `count` types; returns the
  // index of the first.
  uint32_t AddRawTypes(const Code& group, uint32_t count = 1);

  uint32_t ImportFunction(std::string_view module, std::string_view name,
                          uint32_t type_index);
  // `type` in the binary format: limits, table type, ...
  uint32_t Import(std::string_view module, std::string_view name,
                  ExternKind kind, const Code& type);

  // `code` with its final end; `locals` is the list of (count, type).
  uint32_t AddFunction(
      uint32_t type_index, const Code& code,
      std::initializer_list<std::pair<uint32_t, uint8_t>> locals = {});
  // `body` is everything after the size.
  uint32_t AddRawFunction(uint32_t type_index, const Code& body);

  uint32_t AddTable(const Code& table);
  uint32_t AddTable(uint8_t type_code, uint64_t min);
  uint32_t AddMemory(const Code& limits);
  uint32_t AddMemory(uint64_t min_pages);
  uint32_t AddGlobal(const Code& type, const Code& initializer);
  uint32_t AddTag(uint32_t type_index);
  void Export(std::string_view name, ExternKind kind, uint32_t index);
  void SetStart(uint32_t function_index);
  // `segment` in the binary format, from its flags.
  uint32_t AddElement(const Code& segment);
  uint32_t AddData(const Code& segment);
  uint32_t AddActiveData(uint32_t offset, std::string_view bytes);
  uint32_t AddPassiveData(std::string_view bytes);
  void SetDataCount(uint32_t count);
  // Goes behind all other sections.
  void AddCustom(std::string_view name, const Code& contents);

  std::vector<uint8_t> Build() const;

  // A section with this content, with its id and size.
  static Code Section(uint8_t id, const Code& contents);
  // The magic number and the version.
  static Code Header();

 private:
  struct Entries {
    uint32_t count = 0;
    Code code;
  };
  uint32_t Add(uint8_t section, ExternKind kind, const Code& entry);

  std::map<uint8_t, Entries> sections_;  // by id; only those with lists
  uint32_t type_count_ = 0;
  uint32_t index_space_size_[5] = {};  // by ExternKind
  std::optional<uint32_t> start_;
  std::optional<uint32_t> data_count_;
  Code custom_;
};

}  // namespace wasmd::testing

#endif  // WASMD_WASM_TESTING_MODULE_BUILDER_H_

#include "wasm/testing/module_builder.h"

#include <bit>

#include "base/leb128.h"

namespace wasmd::testing {

Code& Code::Op(Opcode opcode) {
  const OpcodeInfo& info = InfoOf(opcode);
  if (info.prefix == 0) return Byte(static_cast<int>(info.code));
  return Byte(info.prefix).U(info.code);
}

Code& Code::Byte(int byte) {
  bytes_.push_back(static_cast<char>(byte));
  return *this;
}

Code& Code::Bytes(std::initializer_list<int> bytes) {
  for (const int byte : bytes) Byte(byte);
  return *this;
}

Code& Code::Append(const Code& code) {
  bytes_ += code.bytes_;
  return *this;
}

Code& Code::U(uint64_t value) {
  AppendUnsignedLeb128(&bytes_, value);
  return *this;
}

Code& Code::S(int64_t value) {
  AppendSignedLeb128(&bytes_, value);
  return *this;
}

Code& Code::Name(std::string_view bytes) {
  U(bytes.size());
  bytes_ += bytes;
  return *this;
}

Code& Code::F32(float value) {
  Op(Opcode::kF32Const);
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  for (int i = 0; i < 4; ++i) Byte(static_cast<int>(bits >> (8 * i) & 0xFF));
  return *this;
}

Code& Code::F64(double value) {
  Op(Opcode::kF64Const);
  const uint64_t bits = std::bit_cast<uint64_t>(value);
  for (int i = 0; i < 8; ++i) Byte(static_cast<int>(bits >> (8 * i) & 0xFF));
  return *this;
}

Code& Code::MemArg(uint32_t align_log2, uint64_t offset) {
  return U(align_log2).U(offset);
}

uint32_t ModuleBuilder::AddFunctionType(Types params, Types results) {
  Code type;
  type.Byte(0x60).U(params.size());
  for (const uint8_t code : params) type.Byte(code);
  type.U(results.size());
  for (const uint8_t code : results) type.Byte(code);
  return AddRawTypes(type);
}

uint32_t ModuleBuilder::AddRawTypes(const Code& group, uint32_t count) {
  ++sections_[1].count;
  sections_[1].code.Append(group);
  type_count_ += count;
  return type_count_ - count;
}

uint32_t ModuleBuilder::ImportFunction(std::string_view module,
                                       std::string_view name,
                                       uint32_t type_index) {
  return Import(module, name, ExternKind::kFunction, Code().U(type_index));
}

uint32_t ModuleBuilder::Import(std::string_view module, std::string_view name,
                               ExternKind kind, const Code& type) {
  return Add(
      2, kind,
      Code().Name(module).Name(name).Byte(static_cast<int>(kind)).Append(type));
}

uint32_t ModuleBuilder::AddFunction(
    uint32_t type_index, const Code& code,
    std::initializer_list<std::pair<uint32_t, uint8_t>> locals) {
  Code body;
  body.U(locals.size());
  for (const auto& [count, type] : locals) body.U(count).Byte(type);
  return AddRawFunction(type_index, body.Append(code));
}

uint32_t ModuleBuilder::AddRawFunction(uint32_t type_index, const Code& body) {
  ++sections_[10].count;
  sections_[10].code.Name(body.bytes());
  return Add(3, ExternKind::kFunction, Code().U(type_index));
}

uint32_t ModuleBuilder::AddTable(const Code& table) {
  return Add(4, ExternKind::kTable, table);
}

uint32_t ModuleBuilder::AddTable(uint8_t type_code, uint64_t min) {
  return AddTable(Code().Byte(type_code).Byte(0).U(min));
}

uint32_t ModuleBuilder::AddMemory(const Code& limits) {
  return Add(5, ExternKind::kMemory, limits);
}

uint32_t ModuleBuilder::AddMemory(uint64_t min_pages) {
  return AddMemory(Code().Byte(0).U(min_pages));
}

uint32_t ModuleBuilder::AddGlobal(const Code& type, const Code& initializer) {
  return Add(6, ExternKind::kGlobal, Code(type).Append(initializer));
}

uint32_t ModuleBuilder::AddTag(uint32_t type_index) {
  return Add(13, ExternKind::kTag, Code().Byte(0).U(type_index));
}

void ModuleBuilder::Export(std::string_view name, ExternKind kind,
                           uint32_t index) {
  ++sections_[7].count;
  sections_[7].code.Name(name).Byte(static_cast<int>(kind)).U(index);
}

void ModuleBuilder::SetStart(uint32_t function_index) {
  start_ = function_index;
}

uint32_t ModuleBuilder::AddElement(const Code& segment) {
  sections_[9].code.Append(segment);
  return sections_[9].count++;
}

uint32_t ModuleBuilder::AddData(const Code& segment) {
  sections_[11].code.Append(segment);
  return sections_[11].count++;
}

uint32_t ModuleBuilder::AddActiveData(uint32_t offset, std::string_view bytes) {
  return AddData(
      Code().Byte(0).I32Const(static_cast<int32_t>(offset)).End().Name(bytes));
}

uint32_t ModuleBuilder::AddPassiveData(std::string_view bytes) {
  return AddData(Code().Byte(1).Name(bytes));
}

void ModuleBuilder::SetDataCount(uint32_t count) { data_count_ = count; }

void ModuleBuilder::AddCustom(std::string_view name, const Code& contents) {
  custom_.Append(Section(0, Code().Name(name).Append(contents)));
}

uint32_t ModuleBuilder::Add(uint8_t section, ExternKind kind,
                            const Code& entry) {
  ++sections_[section].count;
  sections_[section].code.Append(entry);
  return index_space_size_[static_cast<int>(kind)]++;
}

std::vector<uint8_t> ModuleBuilder::Build() const {
  Code binary = Header();
  static constexpr uint8_t kOrder[] = {1, 2, 3, 4,  5,  13, 6,
                                       7, 8, 9, 12, 10, 11};
  for (const uint8_t id : kOrder) {
    if (id == 8 && start_) {
      binary.Append(Section(id, Code().U(*start_)));
    } else if (id == 12 && data_count_) {
      binary.Append(Section(id, Code().U(*data_count_)));
    } else if (const auto at = sections_.find(id); at != sections_.end()) {
      binary.Append(
          Section(id, Code().U(at->second.count).Append(at->second.code)));
    }
  }
  return binary.Append(custom_).ToVector();
}

Code ModuleBuilder::Section(uint8_t id, const Code& contents) {
  return Code().Byte(id).Name(contents.bytes());
}

Code ModuleBuilder::Header() {
  return Code({0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00});
}

}  // namespace wasmd::testing

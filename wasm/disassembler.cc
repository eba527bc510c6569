#include "wasm/disassembler.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "wasm/binary_reader.h"
#include "wasm/instruction_printer.h"
#include "wasm/instruction_reader.h"
#include "wasm/names.h"
#include "wasm/opcodes.h"

namespace wasmd {
namespace {

std::string Hex(uint32_t offset) {
  return StrCat(absl::Hex(offset, absl::kZeroPad8));
}

class Listing {
 public:
  Listing(const Module& module, const DisassembleOptions& options,
          std::ostream* out)
      : module_(module),
        options_(options),
        out_(*out),
        names_(ReadNames(module)) {}

  void WriteHeaders();
  absl::Status WriteCode();

 private:
  void WriteSections();
  void WriteTypes();
  void WriteImports();
  void WriteDefinitions();
  void WriteExports();
  void WriteElements();
  void WriteData();
  absl::Status WriteFunction(uint32_t index);
  void WriteLocals(const Function& function);
  void WriteInstruction(size_t depth);

  // A constant expression on one line, without its end.
  std::string Expression(ConstantExpression expression);
  std::string NameComment(uint32_t function_index) const {
    const auto at = names_.functions.find(function_index);
    return at == names_.functions.end() ? ""
                                        : StrCat("  ;; ", Quote(at->second));
  }

  const Module& module_;
  const DisassembleOptions& options_;
  std::ostream& out_;
  const NameSection names_;
  Instruction instruction_;
  std::string line_;
};

void Listing::WriteHeaders() {
  out_ << "module " << module_.binary->size() << " bytes, SHA-256 "
       << ToHex(module_.hash) << "\n";
  WriteSections();
  WriteTypes();
  WriteImports();
  WriteDefinitions();
  WriteExports();
  WriteElements();
  WriteData();
}

void Listing::WriteSections() {
  out_ << "\nsections\n";
  size_t custom = 0;
  for (const Section& section : module_.sections) {
    out_ << "  " << Hex(section.contents.begin) << "  "
         << SectionName(section.id) << ", " << section.contents.size()
         << " bytes";
    if (section.id == 0) {
      out_ << ", " << Quote(module_.custom_sections[custom++].name);
    }
    out_ << "\n";
  }
}

void Listing::WriteTypes() {
  if (module_.types.empty()) return;
  out_ << "\ntypes\n";
  for (size_t i = 0; i < module_.types.size(); ++i) {
    const SubType& type = module_.types[i];
    out_ << "  type[" << i << "] " << ToString(type);
    if (type.group_count > 1) {
      out_ << "  ;; group of " << type.group_count << " from "
           << type.group_begin;
    }
    if (type.canonical_index != i) {
      out_ << "  ;; same as type[" << type.canonical_index << "]";
    }
    out_ << "\n";
  }
}

void Listing::WriteImports() {
  if (module_.imports.empty()) return;
  out_ << "\nimports\n";
  for (const Import& entry : module_.imports) {
    out_ << "  " << ToString(entry.kind) << "[" << entry.index << "] "
         << Quote(entry.module) << " " << Quote(entry.name) << " ";
    switch (entry.kind) {
      case ExternKind::kFunction:
        out_ << "(type " << module_.functions[entry.index].type_index << ")";
        break;
      case ExternKind::kTable:
        out_ << ToString(module_.tables[entry.index].type);
        break;
      case ExternKind::kMemory:
        out_ << ToString(module_.memories[entry.index].type);
        break;
      case ExternKind::kGlobal:
        out_ << ToString(module_.globals[entry.index].type);
        break;
      case ExternKind::kTag:
        out_ << "(type " << module_.tags[entry.index].type.type_index << ")";
        break;
    }
    out_ << "\n";
  }
}

void Listing::WriteDefinitions() {
  out_ << "\ndefinitions\n";
  for (size_t i = module_.imported_functions; i < module_.functions.size();
       ++i) {
    const Function& function = module_.functions[i];
    out_ << "  function[" << i << "] (type " << function.type_index << "), "
         << function.body.size() << " bytes at " << Hex(function.body.begin)
         << NameComment(static_cast<uint32_t>(i)) << "\n";
  }
  for (size_t i = module_.imported_tables; i < module_.tables.size(); ++i) {
    const Table& table = module_.tables[i];
    out_ << "  table[" << i << "] " << ToString(table.type);
    if (table.initializer) out_ << " " << Expression(*table.initializer);
    out_ << "\n";
  }
  for (size_t i = module_.imported_memories; i < module_.memories.size(); ++i) {
    out_ << "  memory[" << i << "] " << ToString(module_.memories[i].type)
         << "\n";
  }
  for (size_t i = module_.imported_tags; i < module_.tags.size(); ++i) {
    out_ << "  tag[" << i << "] (type " << module_.tags[i].type.type_index
         << ")\n";
  }
  for (size_t i = module_.imported_globals; i < module_.globals.size(); ++i) {
    const Global& global = module_.globals[i];
    out_ << "  global[" << i << "] " << ToString(global.type) << " "
         << Expression(global.initializer) << "\n";
  }
}

void Listing::WriteExports() {
  if (!module_.exports.empty()) out_ << "\nexports\n";
  for (const Export& entry : module_.exports) {
    out_ << "  " << Quote(entry.name) << " " << ToString(entry.kind) << "["
         << entry.index << "]\n";
  }
  if (module_.start) out_ << "\nstart function[" << *module_.start << "]\n";
}

void Listing::WriteElements() {
  if (module_.elements.empty()) return;
  out_ << "\nelement segments\n";
  for (size_t i = 0; i < module_.elements.size(); ++i) {
    const ElementSegment& segment = module_.elements[i];
    out_ << "  element[" << i << "] " << ToString(segment.type);
    switch (segment.mode) {
      case SegmentMode::kPassive:
        out_ << " passive";
        break;
      case SegmentMode::kDeclarative:
        out_ << " declarative";
        break;
      case SegmentMode::kActive:
        out_ << " table[" << segment.table_index << "] "
             << Expression(segment.offset);
        break;
    }
    out_ << "\n";
    for (const uint32_t function : segment.functions) {
      out_ << "    function[" << function << "]" << NameComment(function)
           << "\n";
    }
    for (const ConstantExpression& item : segment.expressions) {
      out_ << "    " << Expression(item) << "\n";
    }
  }
}

void Listing::WriteData() {
  if (module_.data.empty()) return;
  out_ << "\ndata segments\n";
  for (size_t i = 0; i < module_.data.size(); ++i) {
    const DataSegment& segment = module_.data[i];
    out_ << "  data[" << i << "] " << segment.bytes.size() << " bytes at "
         << Hex(segment.bytes.begin);
    if (segment.mode == SegmentMode::kActive) {
      out_ << " memory[" << segment.memory_index << "] "
           << Expression(segment.offset);
    } else {
      out_ << " passive";
    }
    out_ << "\n";
  }
}

std::string Listing::Expression(ConstantExpression expression) {
  std::string text = "(";
  InstructionReader reader(module_.Bytes(expression), expression.begin);
  while (!reader.AtEnd() && reader.TryRead(&instruction_)) {
    if (reader.AtEnd()) break;  // the end
    if (text.size() > 1) text += "; ";
    AppendInstruction(instruction_, &text);
  }
  return text + ")";
}

absl::Status Listing::WriteCode() {
  for (size_t i = module_.imported_functions; i < module_.functions.size();
       ++i) {
    RETURN_IF_ERROR(WriteFunction(static_cast<uint32_t>(i)));
  }
  return absl::OkStatus();
}

void Listing::WriteLocals(const Function& function) {
  const CodeRange declarations = {function.body.begin, function.code.begin};
  BinaryReader reader(module_.Bytes(declarations), declarations.begin);
  uint32_t groups = 0;
  if (!reader.ReadU32(&groups)) return;
  for (uint32_t i = 0; i < groups; ++i) {
    uint32_t count = 0;
    ValueType type;
    if (!reader.ReadU32(&count) || !reader.ReadValueType(&type)) return;
    out_ << "  (local " << count << " x " << ToString(type) << ")\n";
  }
}

absl::Status Listing::WriteFunction(uint32_t index) {
  const Function& function = module_.functions[index];
  out_ << "\n"
       << Hex(function.body.begin) << "  function[" << index << "] (type "
       << function.type_index << ")" << NameComment(index) << "\n";
  WriteLocals(function);
  InstructionReader reader(module_.Bytes(function.code), function.code.begin);
  size_t depth = 0;
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.Read(&instruction_));
    const Opcode opcode = instruction_.opcode;
    const bool closes = opcode == Opcode::kEnd || opcode == Opcode::kElse;
    if (closes && depth > 0) --depth;
    WriteInstruction(depth);
    if ((InfoOf(opcode).flags & kBlock) || opcode == Opcode::kElse) ++depth;
  }
  return absl::OkStatus();
}

void Listing::WriteInstruction(size_t depth) {
  constexpr size_t kBytesColumns = 24;
  constexpr size_t kMaxIndent = 64;  // levels; deeper ones stay there
  line_ = StrCat(Hex(instruction_.offset), "  ");
  if (options_.bytes) {
    const size_t begin = line_.size();
    const CodeRange range = {instruction_.offset, instruction_.next_offset};
    for (const uint8_t byte : module_.Bytes(range)) {
      StrAppend(&line_, absl::Hex(byte, absl::kZeroPad2), " ");
    }
    line_.resize(std::max(line_.size(), begin + kBytesColumns), ' ');
  }
  line_.append(2 * std::min(depth, kMaxIndent) + 2, ' ');
  AppendInstruction(instruction_, &line_);
  if (InfoOf(instruction_.opcode).immediates == Immediates::kFuncIndex) {
    line_ += NameComment(instruction_.index);
  }
  line_ += '\n';
  out_ << line_;
}

}  // namespace

absl::Status Disassemble(const Module& module,
                         const DisassembleOptions& options, std::ostream& out) {
  Listing listing(module, options, &out);
  if (options.headers) listing.WriteHeaders();
  return options.code ? listing.WriteCode() : absl::OkStatus();
}

}  // namespace wasmd

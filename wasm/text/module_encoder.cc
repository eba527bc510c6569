#include "wasm/text/module_encoder.h"

#include <map>
#include <string_view>

#include "base/leb128.h"

namespace wasmd::text {
namespace {

// Section ids of the binary format, in the order that sections must have.
enum class SectionId : char {
  kCustom = 0,
  kType = 1,
  kImport = 2,
  kFunction = 3,
  kTable = 4,
  kMemory = 5,
  kTag = 13,
  kGlobal = 6,
  kExport = 7,
  kStart = 8,
  kElement = 9,
  kDataCount = 12,
  kCode = 10,
  kData = 11,
};

// Subsections of the name section: those of the specification, and 5 to 9 of
// the extended name section proposal, which tools understand.
enum class NameSubsection : char {
  kModule = 0,
  kFunctions = 1,
  kLocals = 2,
  kTypes = 4,
  kTables = 5,
  kMemories = 6,
  kGlobals = 7,
  kElements = 8,
  kData = 9,
  kFields = 10,
  kTags = 11,
};

void AppendSection(SectionId id, std::string_view contents, std::string* out) {
  out->push_back(static_cast<char>(id));
  AppendBytes(out, contents);
}

void AppendVectorSection(SectionId id, uint32_t count, std::string_view entries,
                         std::string* out) {
  if (count == 0) return;
  std::string contents;
  AppendUnsignedLeb128(&contents, count);
  contents.append(entries);
  AppendSection(id, contents, out);
}

void AppendVectorSection(SectionId id, const Section& section,
                         std::string* out) {
  AppendVectorSection(id, section.count, section.entries, out);
}

void AppendNumber(SectionId id, uint32_t number, std::string* out) {
  std::string contents;
  AppendUnsignedLeb128(&contents, number);
  AppendSection(id, contents, out);
}

void AppendNameMap(const std::map<uint32_t, std::string>& names,
                   std::string* out) {
  AppendUnsignedLeb128(out, names.size());
  for (const auto& [index, name] : names) {
    AppendUnsignedLeb128(out, index);
    AppendBytes(out, name);
  }
}

void AppendNames(NameSubsection id, const IndexSpace& space, std::string* out) {
  if (space.names().empty()) return;
  std::string contents;
  AppendNameMap(space.names(), &contents);
  out->push_back(static_cast<char>(id));
  AppendBytes(out, contents);
}

void AppendIndirectNames(NameSubsection id,
                         const std::map<uint32_t, IndexSpace>& spaces,
                         std::string* out) {
  uint32_t count = 0;
  std::string maps;
  for (const auto& [index, space] : spaces) {
    if (space.names().empty()) continue;
    ++count;
    AppendUnsignedLeb128(&maps, index);
    AppendNameMap(space.names(), &maps);
  }
  if (count == 0) return;
  std::string contents;
  AppendUnsignedLeb128(&contents, count);
  contents.append(maps);
  out->push_back(static_cast<char>(id));
  AppendBytes(out, contents);
}

void AppendNameSection(const EncodedModule& module,
                       const ModuleContext& context, std::string* out) {
  std::string contents;
  if (module.name.has_value()) {
    std::string name;
    AppendBytes(&name, *module.name);
    contents.push_back(static_cast<char>(NameSubsection::kModule));
    AppendBytes(&contents, name);
  }
  AppendNames(NameSubsection::kFunctions, context.functions, &contents);
  AppendIndirectNames(NameSubsection::kLocals, context.locals, &contents);
  AppendNames(NameSubsection::kTypes, context.types, &contents);
  AppendNames(NameSubsection::kTables, context.tables, &contents);
  AppendNames(NameSubsection::kMemories, context.memories, &contents);
  AppendNames(NameSubsection::kGlobals, context.globals, &contents);
  AppendNames(NameSubsection::kElements, context.elements, &contents);
  AppendNames(NameSubsection::kData, context.data, &contents);
  AppendIndirectNames(NameSubsection::kFields, context.fields, &contents);
  AppendNames(NameSubsection::kTags, context.tags, &contents);
  if (contents.empty()) return;
  std::string section;
  AppendBytes(&section, "name");
  section.append(contents);
  AppendSection(SectionId::kCustom, section, out);
}

}  // namespace

void AppendBytes(std::string* out, std::string_view bytes) {
  AppendUnsignedLeb128(out, bytes.size());
  out->append(bytes);
}

std::vector<uint8_t> EncodeModule(const EncodedModule& module,
                                  const ModuleContext& context, bool names) {
  constexpr std::string_view kHeader("\0asm\1\0\0\0", 8);
  std::string out(kHeader);
  AppendVectorSection(SectionId::kType, context.type_table.group_count(),
                      context.type_table.encoded_groups(), &out);
  AppendVectorSection(SectionId::kImport, module.imports, &out);
  AppendVectorSection(SectionId::kFunction, module.functions, &out);
  AppendVectorSection(SectionId::kTable, module.tables, &out);
  AppendVectorSection(SectionId::kMemory, module.memories, &out);
  AppendVectorSection(SectionId::kTag, module.tags, &out);
  AppendVectorSection(SectionId::kGlobal, module.globals, &out);
  AppendVectorSection(SectionId::kExport, module.exports, &out);
  if (module.start.has_value()) {
    AppendNumber(SectionId::kStart, *module.start, &out);
  }
  AppendVectorSection(SectionId::kElement, module.elements, &out);
  if (context.needs_data_count) {
    AppendNumber(SectionId::kDataCount, module.data.count, &out);
  }
  AppendVectorSection(SectionId::kCode, module.code, &out);
  AppendVectorSection(SectionId::kData, module.data, &out);
  if (names) AppendNameSection(module, context, &out);
  return std::vector<uint8_t>(out.begin(), out.end());
}

}  // namespace wasmd::text

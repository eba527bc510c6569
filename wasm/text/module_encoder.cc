#include "wasm/text/module_encoder.h"

#include <map>
#include <string_view>

#include "base/leb128.h"

namespace wasmd::text {
namespace {

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

// Puts sections one behind another, with the custom sections in between.
class Assembler {
 public:
  explicit Assembler(const std::vector<CustomSection>& customs)
      : customs_(customs), out_("\0asm\1\0\0\0", 8) {
    AppendCustoms(CustomSection::Order::kBefore, std::nullopt);
  }

  void AppendVector(SectionId id, uint32_t count, std::string_view entries) {
    std::string contents;
    AppendUnsignedLeb128(&contents, count);
    contents.append(entries);
    Append(id, count > 0, contents);
  }
  void AppendVector(SectionId id, const Section& section) {
    AppendVector(id, section.count, section.entries);
  }
  void AppendNumber(SectionId id, std::optional<uint32_t> number) {
    std::string contents;
    AppendUnsignedLeb128(&contents, number.value_or(0));
    Append(id, number.has_value(), contents);
  }

  std::string* out() { return &out_; }

  std::vector<uint8_t> Finish() {
    AppendCustoms(CustomSection::Order::kAfter, std::nullopt);
    return std::vector<uint8_t>(out_.begin(), out_.end());
  }

 private:
  void Append(SectionId id, bool is_present, std::string_view contents) {
    AppendCustoms(CustomSection::Order::kBefore, id);
    if (is_present) AppendSection(id, contents, &out_);
    AppendCustoms(CustomSection::Order::kAfter, id);
  }

  void AppendCustoms(CustomSection::Order order,
                     std::optional<SectionId> place) {
    for (const CustomSection& custom : customs_) {
      if (custom.order != order || custom.place != place) continue;
      std::string contents;
      AppendBytes(&contents, custom.name);
      contents.append(custom.contents);
      AppendSection(SectionId::kCustom, contents, &out_);
    }
  }

  const std::vector<CustomSection>& customs_;
  std::string out_;
};

}  // namespace

void AppendBytes(std::string* out, std::string_view bytes) {
  AppendUnsignedLeb128(out, bytes.size());
  out->append(bytes);
}

std::vector<uint8_t> EncodeModule(const EncodedModule& module,
                                  const ModuleContext& context, bool names) {
  Assembler assembler(module.customs);
  assembler.AppendVector(SectionId::kType, context.type_table.group_count(),
                         context.type_table.encoded_groups());
  assembler.AppendVector(SectionId::kImport, module.imports);
  assembler.AppendVector(SectionId::kFunction, module.functions);
  assembler.AppendVector(SectionId::kTable, module.tables);
  assembler.AppendVector(SectionId::kMemory, module.memories);
  assembler.AppendVector(SectionId::kTag, module.tags);
  assembler.AppendVector(SectionId::kGlobal, module.globals);
  assembler.AppendVector(SectionId::kExport, module.exports);
  assembler.AppendNumber(SectionId::kStart, module.start);
  assembler.AppendVector(SectionId::kElement, module.elements);
  assembler.AppendNumber(SectionId::kDataCount,
                         context.needs_data_count
                             ? std::optional<uint32_t>(module.data.count)
                             : std::nullopt);
  assembler.AppendVector(SectionId::kCode, module.code);
  assembler.AppendVector(SectionId::kData, module.data);
  if (names) AppendNameSection(module, context, assembler.out());
  return assembler.Finish();
}

}  // namespace wasmd::text

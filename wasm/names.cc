#include "wasm/names.h"

#include <cstddef>
#include <string_view>

#include "base/str_cat.h"
#include "wasm/binary_reader.h"
#include "wasm/limits.h"

namespace wasmd {
namespace {

enum SubsectionId : uint8_t {
  kModuleName = 0,
  kFunctionNames = 1,
  kLocalNames = 2,
};

class NameSectionReader {
 public:
  NameSectionReader(const Module& module, CodeRange range, NameSection* names)
      : module_(module),
        reader_(module.Bytes(range), range.begin),
        names_(*names) {}

  bool Read() {
    while (!reader_.AtEnd()) {
      uint8_t id = 0;
      uint32_t size = 0;
      if (!reader_.ReadByte(&id) || !reader_.ReadSize(&size)) return false;
      const uint8_t* const outer = reader_.Limit(size);
      if (!ReadSubsection(id)) return false;
      if (!reader_.AtEnd()) return false;
      reader_.RemoveLimit(outer);
    }
    return true;
  }

 private:
  bool ReadSubsection(uint8_t id) {
    switch (id) {
      case kModuleName: {
        std::string_view name;
        if (!reader_.ReadName(&name)) return false;
        names_.module = std::string(name);
        return true;
      }
      case kFunctionNames:
        return ReadFunctions();
      case kLocalNames:
        return ReadLocals();
      default:  // labels, types, ...: nothing that we use
        reader_.Skip(reader_.remaining());
        return true;
    }
  }

  bool ReadFunctions() {
    uint32_t count = 0;
    if (!reader_.ReadCount(&count)) return false;
    for (uint32_t i = 0; i < count; ++i) {
      uint32_t index = 0;
      std::string_view name;
      if (!reader_.ReadU32(&index) || !reader_.ReadName(&name)) return false;
      if (index < module_.functions.size()) {
        names_.functions.try_emplace(index, name);
      }
    }
    return true;
  }

  bool ReadLocals() {
    uint32_t functions = 0;
    if (!reader_.ReadCount(&functions)) return false;
    for (uint32_t i = 0; i < functions; ++i) {
      uint32_t function = 0;
      uint32_t count = 0;
      if (!reader_.ReadU32(&function) || !reader_.ReadCount(&count)) {
        return false;
      }
      for (uint32_t j = 0; j < count; ++j) {
        uint32_t index = 0;
        std::string_view name;
        if (!reader_.ReadU32(&index) || !reader_.ReadName(&name)) return false;
        if (function >= module_.functions.size()) continue;
        if (++local_names_ > kMaxLocalNames) continue;
        names_.locals[function].try_emplace(index, name);
      }
    }
    return true;
  }

  const Module& module_;
  BinaryReader reader_;
  NameSection& names_;
  uint32_t local_names_ = 0;
};

}  // namespace

NameSection ReadNames(const Module& module) {
  for (const CustomSection& section : module.custom_sections) {
    if (section.name != "name") continue;
    NameSection names;
    if (NameSectionReader(module, section.bytes, &names).Read()) return names;
    break;
  }
  return {};
}

std::string FunctionName(const Module& module, const NameSection& names,
                         uint32_t function_index) {
  const auto at = names.functions.find(function_index);
  if (at != names.functions.end()) return at->second;
  if (function_index < module.imported_functions) {
    for (const Import& entry : module.imports) {
      if (entry.kind == ExternKind::kFunction &&
          entry.index == function_index) {
        return StrCat(entry.module, ".", entry.name);
      }
    }
  }
  for (const Export& entry : module.exports) {
    if (entry.kind == ExternKind::kFunction && entry.index == function_index) {
      return entry.name;
    }
  }
  return StrCat("func[", function_index, "]");
}

}  // namespace wasmd

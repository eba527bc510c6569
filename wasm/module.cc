#include "wasm/module.h"

#include <algorithm>

namespace wasmd {

std::string_view ToString(ExternKind kind) {
  switch (kind) {
    case ExternKind::kFunction:
      return "function";
    case ExternKind::kTable:
      return "table";
    case ExternKind::kMemory:
      return "memory";
    case ExternKind::kGlobal:
      return "global";
    case ExternKind::kTag:
      return "tag";
  }
  return "unknown";
}

std::string_view SectionName(uint8_t id) {
  static constexpr std::string_view kNames[] = {
      "custom", "type",  "import",  "function", "table", "memory",     "global",
      "export", "start", "element", "code",     "data",  "data count", "tag"};
  return id < std::size(kNames) ? kNames[id] : "unknown";
}

const Export* Module::FindExport(std::string_view name) const {
  const auto at = std::lower_bound(
      exports_by_name.begin(), exports_by_name.end(), name,
      [this](uint32_t a, std::string_view b) { return exports[a].name < b; });
  if (at == exports_by_name.end() || exports[*at].name != name) return nullptr;
  return &exports[*at];
}

std::optional<uint32_t> Module::FunctionAt(uint32_t code_offset) const {
  const auto first = functions.begin() + imported_functions;
  // The first body that ends after the offset is the only one that can hold it.
  const auto at = std::lower_bound(
      first, functions.end(), code_offset,
      [](const Function& a, uint32_t b) { return a.code.end <= b; });
  if (at == functions.end() || code_offset < at->code.begin) {
    return std::nullopt;
  }
  return static_cast<uint32_t>(at - functions.begin());
}

}  // namespace wasmd

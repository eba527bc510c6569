// The sections of a module under construction, and their assembly to a binary
// (core specification, binary/modules).

#ifndef WASMD_WASM_TEXT_MODULE_ENCODER_H_
#define WASMD_WASM_TEXT_MODULE_ENCODER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/text/custom_section.h"
#include "wasm/text/module_context.h"

namespace wasmd::text {

// The contents of a section that is a vector: entries in binary, in order.
struct Section {
  uint32_t count = 0;
  std::string entries;

  void Add(std::string_view entry) {
    ++count;
    entries.append(entry);
  }
};

struct EncodedModule {
  Section imports;
  Section functions;
  Section tables;
  Section memories;
  Section tags;
  Section globals;
  Section exports;
  std::optional<uint32_t> start;
  Section elements;
  Section code;
  Section data;
  std::vector<CustomSection> customs;
  std::optional<std::string> name;  // of the module
};

// Appends a vector of bytes: its size and the bytes.
void AppendBytes(std::string* out, std::string_view bytes);

// `context` gives the types, and the identifiers of the name section if `names`
// asks for one.
std::vector<uint8_t> EncodeModule(const EncodedModule& module,
                                  const ModuleContext& context, bool names);

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_MODULE_ENCODER_H_

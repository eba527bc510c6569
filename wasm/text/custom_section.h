// Custom sections and their places among the sections of a module.

#ifndef WASMD_WASM_TEXT_CUSTOM_SECTION_H_
#define WASMD_WASM_TEXT_CUSTOM_SECTION_H_

#include <cstdint>
#include <optional>
#include <string>

namespace wasmd::text {

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

// A custom section, and where it goes: before or after another section, which
// may be absent; without `place`, before the first or after the last one.
struct CustomSection {
  enum class Order : uint8_t { kBefore, kAfter };
  std::string name;
  std::string contents;
  Order order = Order::kAfter;
  std::optional<SectionId> place;
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_CUSTOM_SECTION_H_

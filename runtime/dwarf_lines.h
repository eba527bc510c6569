// DwarfLines: which line of which source file an instruction comes from, and
// which functions were inlined there, by the DWARF in a module's custom
// sections
// (.debug_line, .debug_info and what they refer to).
//
// libdwarf does the reading. It is loaded at the first use, and there may be
// none: it is not linked. It was not made for hostile input; call FindLines in
// a confined child (confined_child.h) only.

#ifndef WASMD_RUNTIME_DWARF_LINES_H_
#define WASMD_RUNTIME_DWARF_LINES_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "wasm/module.h"

namespace wasmd {

struct SourceLine {
  std::string file;  // below the folder of the compilation where it is there
  uint64_t line = 0;
  // Of an inlined function: its name, mangled if its language does that. Empty
  // for the function that the module has.
  std::string inlined = {};
};

class DwarfLines {
 public:
  // Null if libdwarf is not there.
  static std::unique_ptr<DwarfLines> Load();
  virtual ~DwarfLines() = default;

  // For each of `code_offsets`, which are bytes from the start of the module's
  // binary, its line; after that of an inlined function the line that called
  // it, and so on. Empty where nothing is known. What is damaged is taken for
  // absent.
  virtual std::vector<std::vector<SourceLine>> FindLines(
      const Module& module, std::span<const uint32_t> code_offsets) const = 0;
};

// Has the module line information at all?
bool HasLines(const Module& module);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_DWARF_LINES_H_

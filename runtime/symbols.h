// Symbols: what people call the places of a program: functions without the
// mangling of C++ and Rust, and lines of source files.

#ifndef WASMD_RUNTIME_SYMBOLS_H_
#define WASMD_RUNTIME_SYMBOLS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/module.h"

namespace wasmd {

// The names as their sources have them: "shapes::Circle::Area() const" for
// "_ZNK6shapes6Circle4AreaEv". What is not mangled, or damaged, stays as it is.
// Rust's names are understood in both of their forms.
std::vector<std::string> Demangled(const std::vector<std::string>& names);

// Where an instruction comes from.
struct SourcePlace {
  std::string line;  // "shapes.cc:12"; empty where that is not known
  // The function, mangled, if it was inlined into that of the next place; else
  // empty.
  std::string inlined;
};

// For each offset in the module's binary its place, then where that was called
// from, if it was inlined. Empty where nothing is known: no debugging
// information, damage in it, or no libdwarf here.
std::vector<std::vector<SourcePlace>> SourcePlaces(
    const Module& module, std::span<const uint32_t> code_offsets);

// With control characters replaced, and cut if it is very long: fit for a
// terminal.
std::string Printable(std::string_view text);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_SYMBOLS_H_

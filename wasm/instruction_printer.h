// Instructions and types in the words of the text format, for listings, traces
// and messages.

#ifndef WASMD_WASM_INSTRUCTION_PRINTER_H_
#define WASMD_WASM_INSTRUCTION_PRINTER_H_

#include <string>
#include <string_view>

#include "wasm/instruction_reader.h"
#include "wasm/types.h"

namespace wasmd {

// Appends the instruction as the flat text format writes it, with indices for
// names: "i32.load offset=8", "br_table 0 1 2", "block (result i32)".
void AppendInstruction(const Instruction& instruction, std::string* out);

// The definition of a type without its index: "(func (param i32))",
// "(sub final 3 (struct (field (mut i8))))".
std::string ToString(const SubType& type);

std::string ToString(const Limits& limits);    // "1 2"
std::string ToString(const MemoryType& type);  // "i64 1 2"
std::string ToString(const TableType& type);   // "1 2 funcref"
std::string ToString(const GlobalType& type);  // "(mut i32)"

// The text in double quotes, with escapes for what is not printable ASCII.
std::string Quote(std::string_view text);

}  // namespace wasmd

#endif  // WASMD_WASM_INSTRUCTION_PRINTER_H_

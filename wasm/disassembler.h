// Disassembler: listings of modules for people (`wasmd objdump`).

#ifndef WASMD_WASM_DISASSEMBLER_H_
#define WASMD_WASM_DISASSEMBLER_H_

#include <ostream>

#include "absl/status/status.h"
#include "wasm/module.h"

namespace wasmd {

struct DisassembleOptions {
  bool headers = true;  // sections, imports, exports, segments
  bool code = true;     // every function, one instruction a line with offset
  bool bytes = false;   // the bytes of each instruction, too
};

// Writes the listing to `out`. The module need not be valid. Instructions are
// as in the flat text format, indices and all; names are comments.
// InvalidArgument if a function body is malformed; what came before it has been
// written.
absl::Status Disassemble(const Module& module,
                         const DisassembleOptions& options, std::ostream& out);

}  // namespace wasmd

#endif  // WASMD_WASM_DISASSEMBLER_H_

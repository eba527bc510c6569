// Opcode: every instruction of WebAssembly 3.0, and the facts of its row in
// opcodes.def. Everything here is constant data; thread-safe.

#ifndef WASMD_WASM_OPCODES_H_
#define WASMD_WASM_OPCODES_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "wasm/features.h"

namespace wasmd {

enum class Opcode : uint16_t {
#define OPCODE(name, ...) k##name,
#include "wasm/opcodes.def"
};

inline constexpr int kOpcodeCount = 0
#define OPCODE(...) +1
#include "wasm/opcodes.def"
    ;

// What follows an opcode in the binary format, in that order.
enum class Immediates : uint8_t {
  kNone,
  kBlockType,   // s33 block type
  kLabel,       // label index
  kLabelTable,  // vector of label indices, default label index
  kFuncIndex,
  kTypeIndex,
  kTypeTable,  // type index, table index
  kLocalIndex,
  kGlobalIndex,
  kTableIndex,
  kElemTable,   // element segment index, table index
  kTableTable,  // destination table, source table
  kElemIndex,
  kTagIndex,
  kTryTable,    // block type, vector of catch clauses
  kMemArg,      // alignment (with memory index), offset
  kMemArgLane,  // memarg, lane index
  kMemoryIndex,
  kMemoryMemory,  // destination memory, source memory
  kDataMemory,    // data segment index, memory index
  kDataIndex,
  kI32,
  kI64,
  kF32,
  kF64,
  kV128,
  kLane,
  kLanes16,      // 16 lane indices
  kHeapType,     // s33 heap type
  kSelectTypes,  // vector of value types
  kTypeField,    // type index, field index
  kTypeCount,    // type index, u32 count
  kTypeData,     // type index, data segment index
  kTypeElem,     // type index, element segment index
  kTypeType,     // type index, type index
  kCastBranch,   // flags byte, label index, heap type, heap type
};

enum OpcodeFlags : uint16_t {
  kTraps = 1 << 0,   // may trap
  kLoads = 1 << 1,   // reads linear memory
  kStores = 1 << 2,  // writes linear memory
  kCalls = 1 << 3,
  kSafepoint = 1 << 4,   // the machine can stop here (design: canonical frames)
  kBlock = 1 << 5,       // opens a label
  kTerminates = 1 << 6,  // what follows it in the block is unreachable
  kConstant = 1 << 7,    // allowed in constant expressions
};

struct OpcodeInfo {
  std::string_view mnemonic;
  // "operands:results" in the letters of opcodes.def, or "*".
  std::string_view signature;
  uint32_t code;
  uint16_t flags;
  uint8_t prefix;
  uint8_t access_bytes;
  Immediates immediates;
  Feature feature;
};

const OpcodeInfo& InfoOf(Opcode opcode);

// The instruction encoded as `prefix` (0 for none) and `code`, if there is one.
std::optional<Opcode> FindOpcode(uint8_t prefix, uint32_t code);

// The first instruction with this mnemonic ("select", "ref.test" and "ref.cast"
// name two each, told apart by their immediates).
std::optional<Opcode> FindOpcode(std::string_view mnemonic);

}  // namespace wasmd

#endif  // WASMD_WASM_OPCODES_H_

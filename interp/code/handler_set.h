// HandlerSet: how the translator asks for handlers: operation, destination and
// operand kinds to the address that an op of internal code starts with. Each
// dispatch back end (exec/backend.h) has one. Immutable; thread-safe.
//
// Layout of an op: handler address (two units), then one unit per field in the
// order destination slot, operands, the rest. Kinds that name the accumulator
// have no field; 64-bit immediates take two units.

#ifndef WASMD_INTERP_CODE_HANDLER_SET_H_
#define WASMD_INTERP_CODE_HANDLER_SET_H_

#include <array>
#include <cstdint>
#include <span>

#include "wasm/opcodes.h"
#include "wasm/types.h"

namespace wasmd {

// One unit of internal code.
using CodeUnit = uint32_t;
// Address of a handler, as bits.
using Handler = uint64_t;
inline constexpr uint32_t kHandlerUnits = 2;

// Where an operand is. The accumulator is r0 for integers and references, v0
// for floats and vectors.
enum class OperandKind : uint8_t { kSlot, kImmediate, kAccumulator };
inline constexpr int kOperandKinds = 3;

// Where a result goes; kBoth leaves it in the accumulator too.
enum class Destination : uint8_t { kAccumulator, kSlot, kBoth };
inline constexpr int kDestinations = 3;

// The variants of one op, by Destination; 0 where there is none.
using DestinationHandlers = std::array<Handler, kDestinations>;

enum class RegisterClass : uint8_t { kInteger, kFloat };

// Ops without variants.
enum class SimpleOp : uint8_t {
#define SIMPLE_OP(name) k##name,
#include "interp/code/simple_ops.def"
};
inline constexpr int kSimpleOpCount = 0
#define SIMPLE_OP(name) +1
#include "interp/code/simple_ops.def"
    ;

struct HandlerSet {
  // All 0 where there is no handler for these kinds.
  DestinationHandlers (*unary)(Opcode, OperandKind);
  DestinationHandlers (*binary)(Opcode, OperandKind left, OperandKind right);
  // Of memory 0 with 32-bit addresses. An immediate address has the offset
  // added already, and no offset field.
  DestinationHandlers (*load)(Opcode, OperandKind address);
  Handler (*store)(Opcode, OperandKind address, OperandKind value);
  // Vector instructions by the kinds of their operands and then of the
  // immediates of the instruction, which are immediates. Also kSelect of v128.
  DestinationHandlers (*vector)(Opcode, std::span<const OperandKind> kinds);
  // As load; `vector` is a slot or v0. The lane is the last field, as it is of
  // stores of lanes.
  DestinationHandlers (*load_lane)(Opcode, OperandKind address,
                                   OperandKind vector);
  // Not for v128. `condition` is a slot or r0. Immediates of integers and
  // references are whole slots.
  DestinationHandlers (*select)(ValueKind, OperandKind if_true,
                                OperandKind if_false, OperandKind condition);
  DestinationHandlers (*global_get)(ValueKind);
  // Branches if the condition is not zero, or with `negate` if it is zero;
  // `back` is for loops, with a look at the fuel.
  Handler (*branch_if)(OperandKind condition, bool negate, bool back);
  std::array<Handler, kSimpleOpCount> simple;

  Handler of(SimpleOp op) const { return simple[static_cast<size_t>(op)]; }
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_HANDLER_SET_H_

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

#include "interp/code/held_ops.h"
#include "interp/code/sequence_index.h"
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

// Where the address of a load or store comes from, before the offset of the
// instruction is added. Sums wrap at 32 bits.
enum class AddressKind : uint8_t {
  kSlot,
  kImmediate,    // with the offset added already; there is no offset field
  kAccumulator,  // r0
  kSlotImmediate,
  kAccumulatorImmediate,
  kSlotSlot,
  kAccumulatorSlot,
  kSlotShifted,         // slot + (slot << immediate)
  kAccumulatorShifted,  // slot + (r0 << immediate)
};
inline constexpr int kAddressKinds = 9;

// How a field or element that is not a v128 is read and written.
enum class FieldAccess : uint8_t {
  k8Signed,
  k8Unsigned,
  k16Signed,
  k16Unsigned,
  kI32,
  kI64,  // and references
  kF32,
  kF64,
};
inline constexpr int kFieldAccesses = 8;

// Ops without variants.
enum class SimpleOp : uint8_t {
#define SIMPLE_OP(name) k##name,
#include "interp/code/simple_ops.def"
};
inline constexpr int kSimpleOpCount = 0
#define SIMPLE_OP(name) +1
#include "interp/code/simple_ops.def"
    ;

// Two binary instructions in one op: second(first(left, right), third), or with
// `reversed` second(third, first(left, right)).
struct PairForm {
  Opcode first;
  Opcode second;
  bool reversed = false;
  OperandKind left = OperandKind::kSlot;
  OperandKind right = OperandKind::kSlot;
  OperandKind third = OperandKind::kSlot;
};

struct HandlerSet {
  // All 0 where there is no handler for these kinds.
  DestinationHandlers (*unary)(Opcode, OperandKind);
  DestinationHandlers (*binary)(Opcode, OperandKind left, OperandKind right);
  // Fields: left, right, third.
  DestinationHandlers (*pair)(const PairForm&);
  // binary(loaded, other), or with `reversed` binary(other, loaded). Fields:
  // the address and the offset as for load; other.
  DestinationHandlers (*load_binary)(Opcode load, AddressKind address,
                                     Opcode binary, bool reversed,
                                     OperandKind other);
  // i32: base + (index << shift). Fields: base, index, shift.
  DestinationHandlers (*add_shifted)(OperandKind base, OperandKind index);
  // Of memory 0 with 32-bit addresses. Fields: the address, the offset. Of
  // vectors, only v128.load and v128.store have forms that add up an address.
  DestinationHandlers (*load)(Opcode, AddressKind address);
  Handler (*store)(Opcode, AddressKind address, OperandKind value);
  // Vector instructions by the kinds of their operands and then of the
  // immediates of the instruction, which are immediates. Also kSelect of v128.
  DestinationHandlers (*vector)(Opcode, std::span<const OperandKind> kinds);
  // As load; `vector` is a slot or v0. The lane is the last field, as it is of
  // stores of lanes.
  DestinationHandlers (*load_lane)(Opcode, AddressKind address,
                                   OperandKind vector);
  // Not for v128. `condition` is a slot or r0. Immediates of integers and
  // references are whole slots.
  DestinationHandlers (*select)(ValueKind, OperandKind if_true,
                                OperandKind if_false, OperandKind condition);
  DestinationHandlers (*global_get)(ValueKind);
  // Branches if the condition is not zero, or with `negate` if it is zero;
  // `back` is for loops, with a look at the fuel.
  Handler (*branch_if)(OperandKind condition, bool negate, bool back);
  // Branches if the comparison holds, or with `negate` if it does not. Also for
  // i32.and: if the result is not zero. Integer comparisons have no negated
  // form: take the opposite. Fields: left, right, offset.
  Handler (*branch_compare)(Opcode, OperandKind left, OperandKind right,
                            bool negate, bool back);
  // i32: slot += addend; branches back if slot compared with `right` holds.
  // Leaves the sum in r0. Fields: slot, addend, right, offset.
  Handler (*add_branch)(Opcode comparison, OperandKind addend,
                        OperandKind right);
  // Returns the i32 sum. Fields: left, right.
  Handler (*return_add)(OperandKind left, OperandKind right);
  // Of any memory and address type. Fields: slot of the address, index of the
  // memory, offset u64; for lanes, the slot of the vector and the lane.
  DestinationHandlers (*load_any)(Opcode);
  // The same, then the slot of the value; for lanes, the lane.
  Handler (*store_any)(Opcode);
  // ref.i31, i31.get, array.len; and ref.test, with ValueType bits as a second
  // field. `operand` is a slot or r0.
  DestinationHandlers (*reference)(Opcode, OperandKind operand);
  // Fields: the reference, a slot or r0; the offset in the object.
  DestinationHandlers (*struct_get)(FieldAccess, OperandKind reference);
  // Fields: slot of the reference, offset, value.
  Handler (*struct_set)(FieldAccess, OperandKind value);
  // Fields: slot of the reference, index.
  DestinationHandlers (*array_get)(FieldAccess, OperandKind index);
  // Fields: slot of the reference, slot of the index, value.
  Handler (*array_set)(FieldAccess, OperandKind value);
  std::array<Handler, kSimpleOpCount> simple;
  // Ops that one handler does one after the other.
  const SequenceIndex* sequences;
  // Ops that can hold locals in registers; null if the back end has none.
  const HeldOps* held;

  Handler of(SimpleOp op) const { return simple[static_cast<size_t>(op)]; }
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_HANDLER_SET_H_

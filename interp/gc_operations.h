// The instructions of the GC proposal and of exceptions on a Store (core
// specification, exec/instructions, "Aggregate reference instructions"), as
// functions of their operands. The loop, constant expressions and tests share
// them.
//
// Operands and results are slots, a v128 two of them; operands of one
// instruction lie one after another in `operands`, as on the operand stack.
// `result` may overlap the operands: it is written last. Type, data and element
// indices are those of the instance's module, which has been validated.
//
// A status of kNeedsRoom means that nothing has happened yet and that the heap
// has no room: with all references in roots, call Store::heap().MakeRoom(),
// then either do the same again (operands may have moved: read them anew) or,
// if it returned false, trap with HeapExhausted.

#ifndef WASMD_INTERP_GC_OPERATIONS_H_
#define WASMD_INTERP_GC_OPERATIONS_H_

#include <cstdint>
#include <span>

#include "interp/heap.h"
#include "interp/module_instance.h"
#include "interp/object_layout.h"
#include "interp/reference.h"
#include "interp/slot.h"
#include "interp/store.h"
#include "interp/trap.h"
#include "wasm/types.h"

namespace wasmd {

class GcStatus {
 public:
  static constexpr GcStatus Ok() { return GcStatus(kOk); }
  static constexpr GcStatus NeedsRoom() { return GcStatus(kNeedsRoom); }
  static constexpr GcStatus OfTrap(TrapKind trap) {
    return GcStatus(static_cast<uint16_t>(kFirstTrap + static_cast<int>(trap)));
  }

  constexpr bool ok() const { return code_ == kOk; }
  constexpr bool needs_room() const { return code_ == kNeedsRoom; }
  constexpr bool is_trap() const { return code_ >= kFirstTrap; }
  constexpr TrapKind trap() const {  // is_trap()
    return static_cast<TrapKind>(code_ - kFirstTrap);
  }
  friend constexpr bool operator==(GcStatus, GcStatus) = default;

 private:
  static constexpr uint16_t kOk = 0;
  static constexpr uint16_t kNeedsRoom = 1;
  static constexpr uint16_t kFirstTrap = 2;
  explicit constexpr GcStatus(uint16_t code) : code_(code) {}
  uint16_t code_;
};

// Structs.
GcStatus StructNew(Store& store, const ModuleInstance& instance,
                   uint32_t type_index, const Slot* operands, Slot* result);
GcStatus StructNewDefault(Store& store, const ModuleInstance& instance,
                          uint32_t type_index, Slot* result);
// Fields are found by the layout of the object itself: a subtype has the fields
// of the static type at the same places. `extension` is that of struct.get_s
// and struct.get_u, and of no effect otherwise.
GcStatus StructGet(Store& store, uint32_t field_index, Extension extension,
                   Slot reference, Slot* result);
GcStatus StructSet(Store& store, uint32_t field_index, Slot reference,
                   const Slot* value);

// Arrays.
GcStatus ArrayNew(Store& store, const ModuleInstance& instance,
                  uint32_t type_index, const Slot* value, uint32_t length,
                  Slot* result);
GcStatus ArrayNewDefault(Store& store, const ModuleInstance& instance,
                         uint32_t type_index, uint32_t length, Slot* result);
GcStatus ArrayNewFixed(Store& store, const ModuleInstance& instance,
                       uint32_t type_index, const Slot* operands,
                       uint32_t length, Slot* result);
GcStatus ArrayNewData(Store& store, const ModuleInstance& instance,
                      uint32_t type_index, uint32_t data_index, uint32_t offset,
                      uint32_t length, Slot* result);
GcStatus ArrayNewElem(Store& store, const ModuleInstance& instance,
                      uint32_t type_index, uint32_t elem_index, uint32_t offset,
                      uint32_t length, Slot* result);
GcStatus ArrayGet(Store& store, Extension extension, Slot reference,
                  uint32_t index, Slot* result);
GcStatus ArraySet(Store& store, Slot reference, uint32_t index,
                  const Slot* value);
GcStatus ArrayLen(Store& store, Slot reference, Slot* result);
GcStatus ArrayFill(Store& store, Slot reference, uint32_t index,
                   const Slot* value, uint32_t length);
// The two arrays may be one.
GcStatus ArrayCopy(Store& store, Slot destination, uint32_t destination_index,
                   Slot source, uint32_t source_index, uint32_t length);
GcStatus ArrayInitData(Store& store, const ModuleInstance& instance,
                       uint32_t data_index, Slot reference, uint32_t index,
                       uint32_t offset, uint32_t length);
GcStatus ArrayInitElem(Store& store, const ModuleInstance& instance,
                       uint32_t elem_index, Slot reference, uint32_t index,
                       uint32_t offset, uint32_t length);

// ref.test: whether `reference` is of reference type `type`, whose concrete
// type is an index of the instance's module. Also what br_on_cast asks.
bool RefTest(const Store& store, const ModuleInstance& instance, Slot reference,
             ValueType type);
// ref.cast: Ok, or the trap. `reference` is its own result.
GcStatus RefCast(const Store& store, const ModuleInstance& instance,
                 Slot reference, ValueType type);

// i31.get_s and i31.get_u; ref.i31 is I31Reference. any.convert_extern and
// extern.convert_any are the identity on slots, and ref.eq is == on them.
GcStatus I31Get(Extension extension, Slot reference, Slot* result);

// An exception of a tag (spec: exninst) with the arguments that throw popped.
GcStatus ExceptionNew(Store& store, TagAddr tag, const Slot* operands,
                      Slot* result);
// `exception` is a reference to one, not null.
TagAddr ExceptionTag(const Store& store, Slot exception);
// The number of slots of its arguments, and the slots.
uint32_t ExceptionArgumentSlots(const Store& store, Slot exception);
void ExceptionArguments(const Store& store, Slot exception, Slot* out);

}  // namespace wasmd

#endif  // WASMD_INTERP_GC_OPERATIONS_H_

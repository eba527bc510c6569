#include "interp/exec/gc.h"

#include <bit>

#include "interp/exec/fuel.h"
#include "interp/heap.h"
#include "interp/module_instance.h"
#include "interp/object_layout.h"
#include "interp/store.h"

namespace wasmd {
namespace {

// i32 operands are zero-extended slots.
uint32_t Narrow(Slot operand) { return static_cast<uint32_t>(operand); }

// Of an array that was made or a range of one that was gone through.
GcStatus Charged(Context& context, GcStatus status, Slot array,
                 uint64_t length) {
  if (!status.ok()) return status;
  ChargeBytes(context, length * SizeOf(context.heap->TypeOf(array).element));
  return status;
}

}  // namespace

bool MakeRoom(Context& context) {
  ChargeBytes(context, context.heap->used_bytes());
  return context.heap->MakeRoom();
}

GcStatus ThrowOp(Context& context, const CodeUnit* fields, Slot* operands) {
  return ExceptionNew(*context.store, context.instance->tags[fields[0]],
                      operands, &context.exception);
}

GcStatus StructNewOp(Context& context, const CodeUnit* fields, Slot* operands) {
  return StructNew(*context.store, *context.instance, fields[0], operands,
                   operands);
}

GcStatus StructNewDefaultOp(Context& context, const CodeUnit* fields,
                            Slot* operands) {
  return StructNewDefault(*context.store, *context.instance, fields[0],
                          operands);
}

// Operands: value (two slots if a v128), length.
GcStatus ArrayNewOp(Context& context, const CodeUnit* fields, Slot* operands) {
  const FieldType& element =
      context.instance->module->types[fields[0]].fields[0];
  const uint32_t length = Narrow(operands[element.value.slot_count()]);
  const GcStatus status = ArrayNew(*context.store, *context.instance, fields[0],
                                   operands, length, operands);
  return Charged(context, status, operands[0], length);
}

GcStatus ArrayNewDefaultOp(Context& context, const CodeUnit* fields,
                           Slot* operands) {
  const uint32_t length = Narrow(operands[0]);
  const GcStatus status = ArrayNewDefault(*context.store, *context.instance,
                                          fields[0], length, operands);
  return Charged(context, status, operands[0], length);
}

GcStatus ArrayNewFixedOp(Context& context, const CodeUnit* fields,
                         Slot* operands) {
  return ArrayNewFixed(*context.store, *context.instance, fields[0], operands,
                       fields[1], operands);
}

// Operands: offset in the segment, length.
GcStatus ArrayNewDataOp(Context& context, const CodeUnit* fields,
                        Slot* operands) {
  const uint32_t length = Narrow(operands[1]);
  const GcStatus status =
      ArrayNewData(*context.store, *context.instance, fields[0], fields[1],
                   Narrow(operands[0]), length, operands);
  return Charged(context, status, operands[0], length);
}

GcStatus ArrayNewElemOp(Context& context, const CodeUnit* fields,
                        Slot* operands) {
  const uint32_t length = Narrow(operands[1]);
  const GcStatus status =
      ArrayNewElem(*context.store, *context.instance, fields[0], fields[1],
                   Narrow(operands[0]), length, operands);
  return Charged(context, status, operands[0], length);
}

// Operands: array, index, value (two slots if a v128), length.
GcStatus ArrayFillOp(Context& context, const CodeUnit*, Slot* operands) {
  if (operands[0] == kNullReference) {
    return GcStatus::OfTrap(TrapKind::kNullArrayReference);
  }
  const FieldStorage element = context.heap->TypeOf(operands[0]).element;
  const uint32_t length =
      Narrow(operands[element == FieldStorage::k128 ? 4 : 3]);
  const GcStatus status = ArrayFill(*context.store, operands[0],
                                    Narrow(operands[1]), operands + 2, length);
  return Charged(context, status, operands[0], length);
}

GcStatus ArrayCopyOp(Context& context, const CodeUnit*, Slot* operands) {
  const uint32_t length = Narrow(operands[4]);
  const GcStatus status =
      ArrayCopy(*context.store, operands[0], Narrow(operands[1]), operands[2],
                Narrow(operands[3]), length);
  return Charged(context, status, operands[0], length);
}

GcStatus ArrayInitDataOp(Context& context, const CodeUnit* fields,
                         Slot* operands) {
  const uint32_t length = Narrow(operands[3]);
  const GcStatus status =
      ArrayInitData(*context.store, *context.instance, fields[0], operands[0],
                    Narrow(operands[1]), Narrow(operands[2]), length);
  return Charged(context, status, operands[0], length);
}

GcStatus ArrayInitElemOp(Context& context, const CodeUnit* fields,
                         Slot* operands) {
  const uint32_t length = Narrow(operands[3]);
  const GcStatus status =
      ArrayInitElem(*context.store, *context.instance, fields[0], operands[0],
                    Narrow(operands[1]), Narrow(operands[2]), length);
  return Charged(context, status, operands[0], length);
}

bool TestReference(const Context& context, Slot reference, uint32_t bits) {
  const auto type = std::bit_cast<ValueType>(bits);
  const HeapType heap_type = type.heap_type();
  if (reference == kNullReference || !heap_type.is_concrete()) {
    return RefTest(*context.store, *context.instance, reference, type);
  }
  const TypeStore& types = context.store->types();
  const TypeId wanted = context.types[heap_type.type_index()];
  if (types.Get(wanted).kind == CompositeKind::kFunction) {
    return types.IsSubtype(context.functions[FunctionOf(reference)].type,
                           wanted);
  }
  return IsHeapReference(reference) &&
         types.IsSubtype(context.heap->TypeOf(reference).type, wanted);
}

}  // namespace wasmd

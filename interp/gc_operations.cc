#include "interp/gc_operations.h"

#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "wasm/module.h"

namespace wasmd {
namespace {

ObjectTypeIndex TypeFor(Store& store, const ModuleInstance& instance,
                        uint32_t type_index) {
  return store.heap().TypeFor(instance.types[type_index], instance.address,
                              type_index);
}

// A new object as `*result`.
GcStatus Allocate(Heap& heap, ObjectTypeIndex type, uint32_t length,
                  Slot* object) {
  *object = heap.TryAllocate(type, length);
  return *object == kNullReference ? GcStatus::NeedsRoom() : GcStatus::Ok();
}

// Fills the fields of a new struct or exception.
void StoreFields(Heap& heap, const StructLayout& layout, Slot object,
                 const Slot* operands) {
  uint8_t* at = heap.data() + object;
  for (const FieldLayout& field : layout.fields) {
    StoreField(at + field.offset, field.storage, operands);
    operands += field.slot_count;
  }
}

GcStatus NewStructLike(Heap& heap, ObjectTypeIndex type, const Slot* operands,
                       Slot* result) {
  Slot object;
  const GcStatus status = Allocate(heap, type, 0, &object);
  if (!status.ok()) return status;
  StoreFields(heap, heap.type(type).layout, object, operands);
  *result = object;
  return status;
}

bool InRange(uint64_t index, uint64_t length, uint64_t size) {
  return length <= size && index <= size - length;
}

// Writes `value` to each of `length` elements at `at`.
void FillElements(uint8_t* at, FieldStorage element, const Slot* value,
                  uint64_t length) {
  const uint64_t size = SizeOf(element);
  if (element == FieldStorage::k8) {
    std::memset(at, static_cast<uint8_t>(value[0]), length);
    return;
  }
  for (uint64_t i = 0; i < length; ++i) {
    StoreField(at + i * size, element, value);
  }
}

// An array with a range that lies inside.
struct ArrayRange {
  GcStatus status = GcStatus::Ok();
  FieldStorage element = FieldStorage::k64;
  uint64_t offset = 0;  // of the range in the heap
  uint64_t size_bytes = 0;
};

ArrayRange RangeOf(const Heap& heap, Slot reference, uint32_t index,
                   uint32_t length) {
  ArrayRange range;
  if (reference == kNullReference) {
    range.status = GcStatus::OfTrap(TrapKind::kNullArrayReference);
    return range;
  }
  if (!InRange(index, length, heap.LengthOf(reference))) {
    range.status = GcStatus::OfTrap(TrapKind::kOutOfBoundsArrayAccess);
    return range;
  }
  range.element = heap.TypeOf(reference).element;
  const uint64_t size = SizeOf(range.element);
  range.offset = reference + kObjectHeaderBytes + index * size;
  range.size_bytes = length * size;
  return range;
}

// The bytes of a data segment; none once it was dropped.
ByteSpan DataOf(const ModuleInstance& instance, uint32_t data_index) {
  if (instance.data_dropped[data_index]) return {};
  return instance.module->Bytes(instance.module->data[data_index].bytes);
}

}  // namespace

GcStatus StructNew(Store& store, const ModuleInstance& instance,
                   uint32_t type_index, const Slot* operands, Slot* result) {
  return NewStructLike(store.heap(), TypeFor(store, instance, type_index),
                       operands, result);
}

GcStatus StructNewDefault(Store& store, const ModuleInstance& instance,
                          uint32_t type_index, Slot* result) {
  Slot object;
  const GcStatus status =
      Allocate(store.heap(), TypeFor(store, instance, type_index), 0, &object);
  if (status.ok()) *result = object;
  return status;
}

GcStatus StructGet(Store& store, uint32_t field_index, Extension extension,
                   Slot reference, Slot* result) {
  if (reference == kNullReference) {
    return GcStatus::OfTrap(TrapKind::kNullStructReference);
  }
  const Heap& heap = store.heap();
  const FieldLayout& field = heap.TypeOf(reference).layout.fields[field_index];
  LoadField(heap.data() + reference + field.offset, field.storage, extension,
            result);
  return GcStatus::Ok();
}

GcStatus StructSet(Store& store, uint32_t field_index, Slot reference,
                   const Slot* value) {
  if (reference == kNullReference) {
    return GcStatus::OfTrap(TrapKind::kNullStructReference);
  }
  Heap& heap = store.heap();
  const FieldLayout& field = heap.TypeOf(reference).layout.fields[field_index];
  const uint64_t at = reference + field.offset;
  StoreField(heap.data() + at, field.storage, value);
  heap.MarkDirty(at, SizeOf(field.storage));
  return GcStatus::Ok();
}

GcStatus ArrayNew(Store& store, const ModuleInstance& instance,
                  uint32_t type_index, const Slot* value, uint32_t length,
                  Slot* result) {
  Heap& heap = store.heap();
  const ObjectTypeIndex type = TypeFor(store, instance, type_index);
  Slot object;
  const GcStatus status = Allocate(heap, type, length, &object);
  if (!status.ok()) return status;
  FillElements(heap.data() + object + kObjectHeaderBytes,
               heap.type(type).element, value, length);
  *result = object;
  return status;
}

GcStatus ArrayNewDefault(Store& store, const ModuleInstance& instance,
                         uint32_t type_index, uint32_t length, Slot* result) {
  Slot object;
  const GcStatus status = Allocate(
      store.heap(), TypeFor(store, instance, type_index), length, &object);
  if (status.ok()) *result = object;
  return status;
}

GcStatus ArrayNewFixed(Store& store, const ModuleInstance& instance,
                       uint32_t type_index, const Slot* operands,
                       uint32_t length, Slot* result) {
  Heap& heap = store.heap();
  const ObjectTypeIndex type = TypeFor(store, instance, type_index);
  Slot object;
  const GcStatus status = Allocate(heap, type, length, &object);
  if (!status.ok()) return status;
  const FieldStorage element = heap.type(type).element;
  const uint32_t slots = element == FieldStorage::k128 ? 2 : 1;
  uint8_t* at = heap.data() + object + kObjectHeaderBytes;
  for (uint32_t i = 0; i < length; ++i) {
    StoreField(at, element, operands);
    at += SizeOf(element);
    operands += slots;
  }
  *result = object;
  return status;
}

GcStatus ArrayNewData(Store& store, const ModuleInstance& instance,
                      uint32_t type_index, uint32_t data_index, uint32_t offset,
                      uint32_t length, Slot* result) {
  const FieldStorage element =
      StorageOf(instance.module->types[type_index].fields[0]);
  const uint64_t size = uint64_t{length} * SizeOf(element);
  const ByteSpan data = DataOf(instance, data_index);
  if (!InRange(offset, size, data.size())) {
    return GcStatus::OfTrap(TrapKind::kOutOfBoundsMemoryAccess);
  }
  Heap& heap = store.heap();
  Slot object;
  const GcStatus status =
      Allocate(heap, TypeFor(store, instance, type_index), length, &object);
  if (!status.ok()) return status;
  if (size != 0) {
    std::memcpy(heap.data() + object + kObjectHeaderBytes, data.data() + offset,
                size);
  }
  *result = object;
  return status;
}

GcStatus ArrayNewElem(Store& store, const ModuleInstance& instance,
                      uint32_t type_index, uint32_t elem_index, uint32_t offset,
                      uint32_t length, Slot* result) {
  const std::vector<Slot>& elements = instance.elements[elem_index];
  if (!InRange(offset, length, elements.size())) {
    return GcStatus::OfTrap(TrapKind::kOutOfBoundsTableAccess);
  }
  return ArrayNewFixed(store, instance, type_index, elements.data() + offset,
                       length, result);
}

GcStatus ArrayGet(Store& store, Extension extension, Slot reference,
                  uint32_t index, Slot* result) {
  const Heap& heap = store.heap();
  const ArrayRange range = RangeOf(heap, reference, index, 1);
  if (!range.status.ok()) return range.status;
  LoadField(heap.data() + range.offset, range.element, extension, result);
  return GcStatus::Ok();
}

GcStatus ArraySet(Store& store, Slot reference, uint32_t index,
                  const Slot* value) {
  return ArrayFill(store, reference, index, value, 1);
}

GcStatus ArrayLen(Store& store, Slot reference, Slot* result) {
  if (reference == kNullReference) {
    return GcStatus::OfTrap(TrapKind::kNullArrayReference);
  }
  *result = store.heap().LengthOf(reference);
  return GcStatus::Ok();
}

GcStatus ArrayFill(Store& store, Slot reference, uint32_t index,
                   const Slot* value, uint32_t length) {
  Heap& heap = store.heap();
  const ArrayRange range = RangeOf(heap, reference, index, length);
  if (!range.status.ok()) return range.status;
  FillElements(heap.data() + range.offset, range.element, value, length);
  heap.MarkDirty(range.offset, range.size_bytes);
  return GcStatus::Ok();
}

GcStatus ArrayCopy(Store& store, Slot destination, uint32_t destination_index,
                   Slot source, uint32_t source_index, uint32_t length) {
  Heap& heap = store.heap();
  const ArrayRange to = RangeOf(heap, destination, destination_index, length);
  if (to.status.is_trap() && destination == kNullReference) return to.status;
  const ArrayRange from = RangeOf(heap, source, source_index, length);
  if (from.status.is_trap() && source == kNullReference) return from.status;
  if (!to.status.ok()) return to.status;
  if (!from.status.ok()) return from.status;
  std::memmove(heap.data() + to.offset, heap.data() + from.offset,
               to.size_bytes);
  heap.MarkDirty(to.offset, to.size_bytes);
  return GcStatus::Ok();
}

GcStatus ArrayInitData(Store& store, const ModuleInstance& instance,
                       uint32_t data_index, Slot reference, uint32_t index,
                       uint32_t offset, uint32_t length) {
  Heap& heap = store.heap();
  const ArrayRange range = RangeOf(heap, reference, index, length);
  if (!range.status.ok()) return range.status;
  const ByteSpan data = DataOf(instance, data_index);
  if (!InRange(offset, range.size_bytes, data.size())) {
    return GcStatus::OfTrap(TrapKind::kOutOfBoundsMemoryAccess);
  }
  if (range.size_bytes == 0) return GcStatus::Ok();
  std::memcpy(heap.data() + range.offset, data.data() + offset,
              range.size_bytes);
  heap.MarkDirty(range.offset, range.size_bytes);
  return GcStatus::Ok();
}

GcStatus ArrayInitElem(Store& store, const ModuleInstance& instance,
                       uint32_t elem_index, Slot reference, uint32_t index,
                       uint32_t offset, uint32_t length) {
  Heap& heap = store.heap();
  const ArrayRange range = RangeOf(heap, reference, index, length);
  if (!range.status.ok()) return range.status;
  const std::vector<Slot>& elements = instance.elements[elem_index];
  if (!InRange(offset, length, elements.size())) {
    return GcStatus::OfTrap(TrapKind::kOutOfBoundsTableAccess);
  }
  if (length == 0) return GcStatus::Ok();
  std::memcpy(heap.data() + range.offset, elements.data() + offset,
              range.size_bytes);
  heap.MarkDirty(range.offset, range.size_bytes);
  return GcStatus::Ok();
}

bool RefTest(const Store& store, const ModuleInstance& instance, Slot reference,
             ValueType type) {
  if (reference == kNullReference) return type.is_nullable();
  const TypeStore& types = store.types();
  const HeapType target = Substitute(type.heap_type(), instance.types);
  if (types.TopOf(target) == AbstractHeapType::kFunc) {
    const TypeId function = store.function(FunctionOf(reference)).type;
    return types.IsSubtype(HeapType::Concrete(function), target);
  }
  return store.heap().Matches(reference, target);
}

GcStatus RefCast(const Store& store, const ModuleInstance& instance,
                 Slot reference, ValueType type) {
  return RefTest(store, instance, reference, type)
             ? GcStatus::Ok()
             : GcStatus::OfTrap(TrapKind::kCastFailure);
}

GcStatus I31Get(Extension extension, Slot reference, Slot* result) {
  if (reference == kNullReference) {
    return GcStatus::OfTrap(TrapKind::kNullI31Reference);
  }
  *result = extension == Extension::kSigned ? ToSlot(I31Signed(reference))
                                            : ToSlot(I31Unsigned(reference));
  return GcStatus::Ok();
}

GcStatus ExceptionNew(Store& store, TagAddr tag, const Slot* operands,
                      Slot* result) {
  const ObjectTypeIndex type =
      store.heap().TypeForException(tag, store.tag(tag).type);
  return NewStructLike(store.heap(), type, operands, result);
}

TagAddr ExceptionTag(const Store& store, Slot exception) {
  return store.heap().TypeOf(exception).name.tag;
}

uint32_t ExceptionArgumentSlots(const Store& store, Slot exception) {
  uint32_t slots = 0;
  for (const FieldLayout& field :
       store.heap().TypeOf(exception).layout.fields) {
    slots += field.slot_count;
  }
  return slots;
}

void ExceptionArguments(const Store& store, Slot exception, Slot* out) {
  const Heap& heap = store.heap();
  for (const FieldLayout& field : heap.TypeOf(exception).layout.fields) {
    LoadField(heap.data() + exception + field.offset, field.storage,
              Extension::kUnsigned, out);
    out += field.slot_count;
  }
}

}  // namespace wasmd

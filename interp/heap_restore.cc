#include "interp/heap_restore.h"

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/module_instance.h"
#include "interp/object_layout.h"
#include "interp/type_store.h"
#include "wasm/module.h"
#include "wasm/types.h"

namespace wasmd {
namespace {

absl::Status Damaged(uint64_t offset, std::string_view what) {
  return absl::DataLossError(StrCat("heap object at ", offset, ": ", what));
}

absl::StatusOr<TypeId> FindType(const Store& store,
                                const ObjectTypeName& name) {
  if (name.kind == ObjectKind::kException) {
    if (name.tag >= store.tag_count()) {
      return absl::DataLossError(StrCat("heap object type names tag ", name.tag,
                                        " of ", store.tag_count()));
    }
    return store.tag(name.tag).type;
  }
  if (name.instance >= store.instance_count() ||
      name.type_index >= store.instance(name.instance).types.size()) {
    return absl::DataLossError(StrCat("heap object type names type ",
                                      name.type_index, " of instance ",
                                      name.instance, ", which is not there"));
  }
  const TypeId id = store.instance(name.instance).types[name.type_index];
  const CompositeKind kind = name.kind == ObjectKind::kStruct
                                 ? CompositeKind::kStruct
                                 : CompositeKind::kArray;
  if (store.types().Get(id).kind != kind) {
    return absl::DataLossError(
        StrCat("heap object type names type ", name.type_index, " of instance ",
               name.instance, ", which is of another kind"));
  }
  return id;
}

absl::Status VerifyHeaders(const Heap& heap) {
  const uint64_t end = heap.used_bytes();
  uint64_t offset = kObjectAlignment;
  while (offset < end) {
    if (heap.TypeIndexOf(offset) >= heap.type_count()) {
      return Damaged(offset,
                     StrCat("has unknown type ", heap.TypeIndexOf(offset)));
    }
    const ObjectType& type = heap.TypeOf(offset);
    const uint32_t length = heap.LengthOf(offset);
    if (type.name.kind != ObjectKind::kArray && length != 0) {
      return Damaged(offset, "has a length, but is not an array");
    }
    const uint64_t size = Heap::SizeOf(type, length);
    if (size > end - offset) {
      return Damaged(offset, StrCat("of ", size, " bytes ends past the heap"));
    }
    offset += size;
  }
  return absl::OkStatus();
}

// The reference fields of one object type.
struct ReferenceField {
  uint32_t offset = 0;
  ValueType type;
};

std::vector<ReferenceField> ReferenceFieldsOf(const Store& store,
                                              const ObjectType& type) {
  const SubType& definition = store.types().Get(type.type);
  std::vector<ReferenceField> fields;
  if (type.name.kind == ObjectKind::kArray) {
    const ValueType element = definition.fields[0].value;
    if (element.is_ref()) fields.push_back({kObjectHeaderBytes, element});
    return fields;
  }
  for (size_t i = 0; i < type.layout.fields.size(); ++i) {
    const ValueType value = type.name.kind == ObjectKind::kException
                                ? definition.function.params[i]
                                : definition.fields[i].value;
    if (value.is_ref()) fields.push_back({type.layout.fields[i].offset, value});
  }
  return fields;
}

absl::Status VerifyReference(const Store& store, uint64_t object, uint64_t at,
                             ValueType type) {
  const Slot reference = LoadLittle<Slot>(store.heap().data() + object + at);
  if (store.IsValueOf(reference, type)) return absl::OkStatus();
  return Damaged(object, StrCat("has at ", at, " a value ", reference,
                                " that is not a ", ToString(type)));
}

absl::Status VerifyReferences(const Store& store) {
  const Heap& heap = store.heap();
  std::vector<std::vector<ReferenceField>> fields_of_types;
  for (ObjectTypeIndex i = 0; i < heap.type_count(); ++i) {
    fields_of_types.push_back(ReferenceFieldsOf(store, heap.type(i)));
  }
  uint64_t offset = kObjectAlignment;
  while (offset < heap.used_bytes()) {
    const ObjectTypeIndex index = heap.TypeIndexOf(offset);
    const std::vector<ReferenceField>& fields = fields_of_types[index];
    const ObjectType& type = heap.type(index);
    const uint32_t length = heap.LengthOf(offset);
    const uint64_t count = type.name.kind == ObjectKind::kArray ? length : 1;
    for (const ReferenceField& field : fields) {
      for (uint64_t i = 0; i < count; ++i) {
        RETURN_IF_ERROR(VerifyReference(
            store, offset, field.offset + i * sizeof(Slot), field.type));
      }
    }
    offset += Heap::SizeOf(type, length);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RestoreHeap(Store& store, const HeapState& state) {
  std::vector<TypeId> ids;
  ids.reserve(state.types.size());
  for (const ObjectTypeName& name : state.types) {
    ASSIGN_OR_RETURN(const TypeId id, FindType(store, name));
    ids.push_back(id);
  }
  return store.heap().Restore(state, ids);
}

absl::Status VerifyHeap(const Store& store) {
  RETURN_IF_ERROR(VerifyHeaders(store.heap()));
  return VerifyReferences(store);
}

}  // namespace wasmd

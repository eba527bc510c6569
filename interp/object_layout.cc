#include "interp/object_layout.h"

#include <algorithm>

namespace wasmd {

StructLayout LayOutStruct(const std::vector<FieldType>& fields) {
  StructLayout layout;
  layout.fields.reserve(fields.size());
  uint32_t end = kObjectHeaderBytes;
  for (const FieldType& field : fields) {
    FieldLayout at;
    at.storage = StorageOf(field);
    at.slot_count = static_cast<uint8_t>(field.value.slot_count());
    const uint32_t size = SizeOf(at.storage);
    const uint32_t alignment = std::min(size, kObjectAlignment);
    at.offset = (end + alignment - 1) & ~(alignment - 1);
    end = at.offset + size;
    layout.fields.push_back(at);
  }
  layout.size_bytes = (end + kObjectAlignment - 1) & ~(kObjectAlignment - 1);
  return layout;
}

}  // namespace wasmd

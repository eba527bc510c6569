#include "wasm/type_section_reader.h"

#include "base/str_cat.h"
#include "wasm/limits.h"

namespace wasmd {
namespace {

enum TypeCode : uint8_t {
  kRecursiveGroup = 0x4E,
  kFinalSubType = 0x4F,
  kOpenSubType = 0x50,
  kArrayType = 0x5E,
  kStructType = 0x5F,
  kFunctionTypeCode = 0x60,
  kPackedI16 = 0x77,
  kPackedI8 = 0x78,
};

class TypeSectionReader {
 public:
  TypeSectionReader(BinaryReader* reader, bool has_gc,
                    std::vector<SubType>* types)
      : reader_(*reader), has_gc_(has_gc), types_(*types) {}

  bool Read() {
    uint32_t groups = 0;
    if (!reader_.ReadCount(&groups)) return false;
    for (uint32_t i = 0; i < groups; ++i) {
      if (!ReadGroup()) return false;
    }
    return true;
  }

 private:
  bool ReadGroup();
  bool ReadSubType(SubType* type);
  bool ReadSupertypes(SubType* type);
  bool ReadComposite(SubType* type);
  bool ReadField(FieldType* field);
  bool ReadFields(std::vector<FieldType>* fields);
  bool ReadValueTypes(uint32_t limit, std::vector<ValueType>* types);

  BinaryReader& reader_;
  const bool has_gc_;
  std::vector<SubType>& types_;
};

bool TypeSectionReader::ReadGroup() {
  const uint32_t at = reader_.offset();
  const uint32_t begin = static_cast<uint32_t>(types_.size());
  uint32_t count = 1;
  if (has_gc_ && reader_.PeekByte() == kRecursiveGroup) {
    reader_.Skip(1);
    if (!reader_.ReadCount(&count)) return false;
  }
  if (count > kMaxRecursiveGroupTypes || begin + count > kMaxTypes) {
    return reader_.FailLimit(
        StrCat("too many types: ", begin + count, ", the limit is ", kMaxTypes),
        at);
  }
  for (uint32_t i = 0; i < count; ++i) {
    SubType& type = types_.emplace_back();
    type.group_begin = begin;
    type.group_count = count;
    if (!ReadSubType(&type)) return false;
  }
  return true;
}

bool TypeSectionReader::ReadSubType(SubType* type) {
  const int code = reader_.PeekByte();
  if (has_gc_ && (code == kFinalSubType || code == kOpenSubType)) {
    reader_.Skip(1);
    type->is_final = code == kFinalSubType;
    if (!ReadSupertypes(type)) return false;
  }
  return ReadComposite(type);
}

bool TypeSectionReader::ReadSupertypes(SubType* type) {
  if (!reader_.ReadCount(&type->supertype_count)) return false;
  for (uint32_t i = 0; i < type->supertype_count; ++i) {
    uint32_t index = 0;
    if (!reader_.ReadU32(&index)) return false;
    if (i == 0) type->supertype = index;
  }
  return true;
}

bool TypeSectionReader::ReadComposite(SubType* type) {
  const uint32_t at = reader_.offset();
  uint8_t code = 0;
  if (!reader_.ReadByte(&code)) return false;
  if (code == kFunctionTypeCode) {
    type->kind = CompositeKind::kFunction;
    return ReadValueTypes(kMaxParams, &type->function.params) &&
           ReadValueTypes(kMaxResults, &type->function.results);
  }
  if (has_gc_ && code == kStructType) {
    type->kind = CompositeKind::kStruct;
    return ReadFields(&type->fields);
  }
  if (has_gc_ && code == kArrayType) {
    type->kind = CompositeKind::kArray;
    return ReadField(&type->fields.emplace_back());
  }
  return reader_.Fail("malformed definition type", at);
}

bool TypeSectionReader::ReadFields(std::vector<FieldType>* fields) {
  const uint32_t at = reader_.offset();
  uint32_t count = 0;
  if (!reader_.ReadCount(&count)) return false;
  if (count > kMaxStructFields) {
    return reader_.FailLimit(StrCat("struct type with ", count,
                                    " fields, the limit is ", kMaxStructFields),
                             at);
  }
  fields->resize(count);
  for (FieldType& field : *fields) {
    if (!ReadField(&field)) return false;
  }
  return true;
}

bool TypeSectionReader::ReadField(FieldType* field) {
  const int code = reader_.PeekByte();
  if (code == kPackedI8 || code == kPackedI16) {
    reader_.Skip(1);
    field->value = kI32Type;
    field->packed = code == kPackedI8 ? PackedType::kI8 : PackedType::kI16;
  } else if (!reader_.ReadValueType(&field->value)) {
    return false;
  }
  return ReadMutability(&reader_, &field->is_mutable);
}

bool TypeSectionReader::ReadValueTypes(uint32_t limit,
                                       std::vector<ValueType>* types) {
  const uint32_t at = reader_.offset();
  uint32_t count = 0;
  if (!reader_.ReadCount(&count)) return false;
  if (count > limit) {
    return reader_.FailLimit(
        StrCat("function type with ", count,
               " parameters or results, the limit is ", limit),
        at);
  }
  types->resize(count);
  for (ValueType& type : *types) {
    if (!reader_.ReadValueType(&type)) return false;
  }
  return true;
}

}  // namespace

bool ReadTypeSection(BinaryReader* reader, const FeatureSet& features,
                     std::vector<SubType>* types) {
  return TypeSectionReader(reader, features.Has(Feature::kGc), types).Read();
}

bool ReadMutability(BinaryReader* reader, bool* is_mutable) {
  const uint32_t at = reader->offset();
  uint8_t byte = 0;
  if (!reader->ReadByte(&byte)) return false;
  if (byte > 1) return reader->Fail("malformed mutability", at);
  *is_mutable = byte == 1;
  return true;
}

}  // namespace wasmd

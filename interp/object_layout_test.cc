#include "interp/object_layout.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace wasmd {
namespace {

constexpr FieldType kI8{kI32Type, PackedType::kI8, true};
constexpr FieldType kI16{kI32Type, PackedType::kI16, true};

TEST(ObjectLayoutTest, FieldsAreAlignedInOrder) {
  const StructLayout layout =
      LayOutStruct({kI8, kI16, kI8, FieldType{kF32Type}, FieldType{kI64Type},
                    kI8, FieldType{kV128Type}, FieldType{kExternRefType}, kI8});
  const uint32_t kOffsets[] = {8, 10, 12, 16, 24, 32, 40, 56, 64};
  ASSERT_EQ(layout.fields.size(), std::size(kOffsets));
  for (size_t i = 0; i < std::size(kOffsets); ++i) {
    EXPECT_EQ(layout.fields[i].offset, kOffsets[i]) << i;
  }
  EXPECT_EQ(layout.size_bytes, 72);
  EXPECT_EQ(layout.fields[6].slot_count, 2);
}

TEST(ObjectLayoutTest, SubtypesKeepTheOffsetsOfTheirSupertype) {
  std::vector<FieldType> fields = {kI8, FieldType{kI64Type}, kI16};
  const StructLayout super = LayOutStruct(fields);
  fields.push_back(kI8);
  fields.push_back(FieldType{kV128Type});
  const StructLayout sub = LayOutStruct(fields);
  for (size_t i = 0; i < super.fields.size(); ++i) {
    EXPECT_EQ(super.fields[i].offset, sub.fields[i].offset);
  }
}

TEST(ObjectLayoutTest, EmptyStructsAreHeaders) {
  EXPECT_EQ(LayOutStruct({}).size_bytes, 8);
}

TEST(ObjectLayoutTest, ArraySizesDoNotOverflow) {
  constexpr uint32_t kMax = std::numeric_limits<uint32_t>::max();
  EXPECT_EQ(ArraySizeBytes(FieldStorage::k8, 0), 8);
  EXPECT_EQ(ArraySizeBytes(FieldStorage::k8, 1), 16);
  EXPECT_EQ(ArraySizeBytes(FieldStorage::k16, 4), 16);
  EXPECT_EQ(ArraySizeBytes(FieldStorage::k8, kMax), 0x100000008u);
  EXPECT_EQ(ArraySizeBytes(FieldStorage::k128, kMax), 0xFFFFFFFF8u);
}

TEST(ObjectLayoutTest, FieldsPackAndUnpack) {
  const struct {
    FieldStorage storage;
    Slot value;
    Slot as_unsigned;
    Slot as_signed;
  } kCases[] = {
      {FieldStorage::k8, 0x1F0, 0xF0, 0xFFFFFFF0},
      {FieldStorage::k8, 0x7F, 0x7F, 0x7F},
      {FieldStorage::k16, 0x1F0F0, 0xF0F0, 0xFFFFF0F0},
      {FieldStorage::k32, 0xF0F0F0F0, 0xF0F0F0F0, 0xF0F0F0F0},
      {FieldStorage::k64, ~Slot{1}, ~Slot{1}, ~Slot{1}},
  };
  for (const auto& test : kCases) {
    uint8_t bytes[16] = {};
    StoreField(bytes, test.storage, &test.value);
    for (uint32_t i = SizeOf(test.storage); i < 16; ++i) {
      EXPECT_EQ(bytes[i], 0) << "wrote past the field";
    }
    Slot out;
    LoadField(bytes, test.storage, Extension::kUnsigned, &out);
    EXPECT_EQ(out, test.as_unsigned);
    LoadField(bytes, test.storage, Extension::kSigned, &out);
    EXPECT_EQ(out, test.as_signed);
  }
  uint8_t bytes[16];
  const Slot vector[2] = {1, 2};
  StoreField(bytes, FieldStorage::k128, vector);
  Slot out[2];
  LoadField(bytes, FieldStorage::k128, Extension::kUnsigned, out);
  EXPECT_EQ(out[0], 1);
  EXPECT_EQ(out[1], 2);
}

}  // namespace
}  // namespace wasmd

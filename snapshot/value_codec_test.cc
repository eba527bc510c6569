#include "snapshot/value_codec.h"

#include <numeric>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/testing/status_matchers.h"
#include "interp/reference.h"

namespace wasmd {
namespace {

using testing::StatusIs;

constexpr AbstractHeapType kAbstractTypes[] = {
    AbstractHeapType::kFunc,   AbstractHeapType::kNoFunc,
    AbstractHeapType::kExtern, AbstractHeapType::kNoExtern,
    AbstractHeapType::kAny,    AbstractHeapType::kEq,
    AbstractHeapType::kI31,    AbstractHeapType::kStruct,
    AbstractHeapType::kArray,  AbstractHeapType::kNone,
    AbstractHeapType::kExn,    AbstractHeapType::kNoExn,
};

std::vector<ValueType> AllValueTypes() {
  std::vector<ValueType> types = {kI32Type, kI64Type, kF32Type, kF64Type,
                                  kV128Type};
  for (const bool nullable : {false, true}) {
    for (const AbstractHeapType type : kAbstractTypes) {
      types.push_back(ValueType::Ref(type, nullable));
    }
    for (const uint32_t index : {0u, 0x29u, 0x69u, 0x70u, 0x1234u}) {
      types.push_back(ValueType::Ref(HeapType::Concrete(index), nullable));
    }
  }
  return types;
}

TEST(ValueCodecTest, ValueTypesHaveTheCodesOfTheBinaryFormat) {
  EXPECT_EQ(EncodeValueTypes(std::vector{kI32Type, kI64Type, kF32Type, kF64Type,
                                         kV128Type, kFuncRefType,
                                         kExternRefType, kExnRefType}),
            "\x7F\x7E\x7D\x7C\x7B\x70\x6F\x69");
  EXPECT_EQ(EncodeValueTypes(
                std::vector{ValueType::Ref(HeapType::Concrete(200), true),
                            ValueType::Ref(HeapType::Concrete(1), false),
                            ValueType::Ref(AbstractHeapType::kI31, false)}),
            "\x63\xC8\x01\x64\x01\x64\x6C");
}

TEST(ValueCodecTest, EveryValueTypeComesBack) {
  const std::vector<ValueType> types = AllValueTypes();
  std::vector<ValueType> decoded;
  ASSERT_OK(DecodeValueTypes(EncodeValueTypes(types), 0x1235, &decoded));
  EXPECT_EQ(decoded, types);
}

TEST(ValueCodecTest, RefusesWhatIsNoValueType) {
  std::vector<ValueType> types;
  const auto decode = [&types](std::string_view bytes) {
    return DecodeValueTypes(bytes, 8, &types);
  };
  for (const std::string_view bytes :
       {std::string_view("\x7A"), std::string_view("\x68"),
        std::string_view("\x75"), std::string_view("\x63"),
        std::string_view("\x63\x70"),  // has a shorter form
        std::string_view("\x64\x08"),  // type index out of range
        std::string_view("\x63\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
        std::string_view("\x64\x40")}) {
    EXPECT_THAT(decode(bytes), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(ValueCodecTest, ValuesComeBackWithAllTheirBits) {
  const std::vector<Value> values = {
      I32Value(0),
      I32Value(0xFFFFFFFF),
      I32Value(0x80000000),
      I64Value(~uint64_t{0}),
      I64Value(uint64_t{1} << 63),
      {kF32Type, 0x7FC00001},
      {kF64Type, 0xFFF0000000000001},
      V128Value(0x0123456789ABCDEF, 0xFEDCBA9876543210),
      {kFuncRefType, FunctionReference(17)},
      {kExternRefType, HostReference(kMaxHostHandle)},
      {ValueType::Ref(HeapType::Concrete(3), true), kNullReference},
  };
  std::vector<Value> decoded;
  ASSERT_OK(DecodeValues(EncodeValues(values), 4, &decoded));
  EXPECT_EQ(decoded, values);
}

TEST(ValueCodecTest, EveryTruncationOfValuesIsFoundOrIsAShorterList) {
  const std::string bytes =
      EncodeValues(std::vector{I32Value(1000), F64Value(1.5), V128Value(1, 2)});
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::vector<Value> decoded;
    const bool is_whole = size == 0 || size == 3 || size == 12;
    EXPECT_EQ(DecodeValues(bytes.substr(0, size), 0, &decoded).ok(), is_whole)
        << size << " bytes";
  }
}

std::vector<Slot> Ascending(Slot first, size_t count) {
  std::vector<Slot> references(count);
  std::iota(references.begin(), references.end(), first);
  return references;
}

std::vector<Slot> Concatenated(
    std::initializer_list<std::vector<Slot>> pieces) {
  std::vector<Slot> all;
  for (const auto& piece : pieces) {
    all.insert(all.end(), piece.begin(), piece.end());
  }
  return all;
}

TEST(ValueCodecTest, ReferencesComeBack) {
  const std::vector<std::vector<Slot>> sequences = {
      {},
      {0},
      {~Slot{0}, 0, ~Slot{0}, 1},
      {5, 9, 2, 2, 2, 7, 8, 9},
      std::vector<Slot>(1000, 0),
      Ascending(1, 1000),
      Concatenated({{0}, Ascending(77, 9), std::vector<Slot>(4, 3), {1, 2, 3}}),
      Concatenated({{9, 9, 9}, Ascending(9, 4), {4}, std::vector<Slot>(5, 4)}),
  };
  for (const std::vector<Slot>& references : sequences) {
    std::vector<Slot> decoded;
    ASSERT_OK(DecodeReferences(EncodeReferences(references), references.size(),
                               &decoded));
    EXPECT_EQ(decoded, references);
  }
}

TEST(ValueCodecTest, RunsOfReferencesAreShort) {
  EXPECT_LE(EncodeReferences(std::vector<Slot>(10'000'000, 0)).size(), 6u);
  EXPECT_LE(EncodeReferences(Ascending(1, 100'000)).size(), 6u);
  // A table of functions in no order: about a delta each.
  EXPECT_LE(EncodeReferences(std::vector<Slot>{9, 40, 3, 77, 12, 60}).size(),
            9u);
}

TEST(ValueCodecTest, ReferencesMustAddUpToTheirCount) {
  const std::string bytes = EncodeReferences(std::vector<Slot>(100, 7));
  std::vector<Slot> references;
  for (const uint64_t count :
       {uint64_t{0}, uint64_t{99}, uint64_t{101}, ~uint64_t{0}}) {
    EXPECT_THAT(DecodeReferences(bytes, count, &references),
                StatusIs(absl::StatusCode::kDataLoss))
        << count;
  }
}

TEST(ValueCodecTest, RefusesMalformedRuns) {
  std::vector<Slot> references;
  for (const std::string_view bytes : {
           std::string_view("\x07\x00", 2),  // no such kind of run
           std::string_view("\x00\x01", 2),  // an empty run
           std::string_view("\x04"),         // no delta
           std::string_view("\x0A\x01"),     // a list that ends early
       }) {
    EXPECT_THAT(DecodeReferences(bytes, 1, &references),
                StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(DecodeReferences(bytes, 2, &references),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

}  // namespace
}  // namespace wasmd

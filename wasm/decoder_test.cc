#include "wasm/decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/sha256.h"
#include "base/testing/status_matchers.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"
#include "wasm/testing/module_builder.h"

namespace wasmd {
namespace {

using testing::Code;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kFuncRefCode;
using testing::kI32Code;
using testing::kI64Code;
using testing::ModuleBuilder;
using ::testing::StartsWith;
using testing::StatusIs;

constexpr auto kMalformed = absl::StatusCode::kInvalidArgument;

Code Section(uint8_t id, const Code& contents) {
  return ModuleBuilder::Section(id, contents);
}

// Decodes the header with these sections behind it.
absl::StatusOr<std::shared_ptr<const Module>> DecodeSections(
    std::initializer_list<Code> sections, FeatureSet features = {}) {
  Code binary = ModuleBuilder::Header();
  for (const Code& section : sections) binary.Append(section);
  return Decode(binary.ToVector(), {.features = features});
}

TEST(DecoderTest, EmptyModule) {
  const std::vector<uint8_t> binary = ModuleBuilder().Build();
  ASSERT_OK_AND_ASSIGN(auto module, Decode(binary));
  EXPECT_EQ(*module->binary, binary);
  EXPECT_EQ(module->hash, Sha256(binary));
  EXPECT_TRUE(module->sections.empty());
}

TEST(DecoderTest, HeaderErrors) {
  EXPECT_THAT(Decode({}), StatusIs(kMalformed, StartsWith("unexpected end")));
  EXPECT_THAT(Decode({0, 'a', 's'}),
              StatusIs(kMalformed, StartsWith("unexpected end")));
  EXPECT_THAT(Decode({'a', 's', 'm', 0}),
              StatusIs(kMalformed, "magic header not detected (at byte 0)"));
  EXPECT_THAT(Decode({0, 'a', 's', 'm', 1, 0, 0}),
              StatusIs(kMalformed, StartsWith("unexpected end")));
  EXPECT_THAT(Decode({0, 'a', 's', 'm', 0x0D, 0, 1, 0}),
              StatusIs(kMalformed, "unknown binary version (at byte 4)"));
}

TEST(DecoderTest, EverySection) {
  ModuleBuilder builder;
  const uint32_t type = builder.AddFunctionType({kI32Code}, {kI64Code});
  builder.ImportFunction("env", "f", type);
  builder.Import("env", "t", ExternKind::kTable, {kFuncRefCode, 0, 1});
  builder.Import("env", "m", ExternKind::kMemory, {1, 1, 2});
  builder.Import("env", "g", ExternKind::kGlobal, {kI32Code, 1});
  builder.Import("env", "e", ExternKind::kTag, {0, 0});
  builder.AddFunction(type, Code().Op(Opcode::kUnreachable).End(),
                      {{3, kI32Code}});
  builder.AddTable(Code({0x40, 0, kFuncRefCode, 5, 1, 2})
                       .Op(Opcode::kRefNull)
                       .Byte(kFuncRefCode)
                       .End());
  builder.AddMemory(Code({5, 1, 7}));
  builder.AddTag(type);
  builder.AddGlobal({kI64Code, 0}, Code().I64Const(-1).End());
  builder.Export("run", ExternKind::kFunction, 1);
  builder.SetStart(1);
  builder.AddElement(Code({0}).I32Const(0).End().U(2).U(0).U(1));
  builder.SetDataCount(2);
  builder.AddActiveData(8, "hello");
  builder.AddPassiveData("");
  builder.AddCustom("note", {1, 2, 3});
  ASSERT_OK_AND_ASSIGN(auto module, Decode(builder.Build()));

  ASSERT_EQ(module->types.size(), 1u);
  EXPECT_EQ(ToString(module->types[0].function), "[i32] -> [i64]");
  ASSERT_EQ(module->imports.size(), 5u);
  EXPECT_EQ(module->imports[3].name, "g");
  EXPECT_EQ(module->imports[4].kind, ExternKind::kTag);
  ASSERT_EQ(module->functions.size(), 2u);
  EXPECT_EQ(module->imported_functions, 1u);
  EXPECT_EQ(module->functions[0].code.size(), 0u);
  EXPECT_THAT(module->Bytes(module->functions[1].body),
              ElementsAre(1, 3, kI32Code, 0x00, 0x0B));
  EXPECT_THAT(module->Bytes(module->functions[1].code),
              ElementsAre(0x00, 0x0B));
  ASSERT_EQ(module->tables.size(), 2u);
  EXPECT_EQ(module->tables[0].initializer, std::nullopt);
  EXPECT_EQ(module->tables[1].type.address, AddressType::kI64);
  EXPECT_EQ(module->tables[1].type.limits, (Limits{1, 2}));
  EXPECT_EQ(module->tables[1].initializer->size(), 3u);
  ASSERT_EQ(module->memories.size(), 2u);
  EXPECT_EQ(module->memories[0].type.address, AddressType::kI32);
  EXPECT_EQ(module->memories[1].type.limits, (Limits{1, 7}));
  ASSERT_EQ(module->tags.size(), 2u);
  ASSERT_EQ(module->globals.size(), 2u);
  EXPECT_TRUE(module->globals[0].type.is_mutable);
  EXPECT_FALSE(module->globals[1].type.is_mutable);
  EXPECT_THAT(module->Bytes(module->globals[1].initializer),
              ElementsAre(0x42, 0x7F, 0x0B));
  EXPECT_EQ(module->start, 1u);
  ASSERT_EQ(module->elements.size(), 1u);
  EXPECT_THAT(module->elements[0].functions, ElementsAre(0, 1));
  EXPECT_EQ(module->data_count, 2u);
  ASSERT_EQ(module->data.size(), 2u);
  EXPECT_EQ(module->data[0].bytes.size(), 5u);
  EXPECT_EQ(module->data[1].mode, SegmentMode::kPassive);
  ASSERT_EQ(module->custom_sections.size(), 1u);
  EXPECT_EQ(module->custom_sections[0].name, "note");
  EXPECT_THAT(module->Bytes(module->custom_sections[0].bytes),
              ElementsAre(1, 2, 3));
  EXPECT_EQ(module->sections.size(), 14u);
  EXPECT_EQ(module->sections[0].id, 1);
}

TEST(DecoderTest, ElementSegmentsOfAllFlags) {
  const Code function_list = {1, 0};
  const Code expression_list = {1, 0xD2, 0, 0x0B};
  const Code offset = Code().I32Const(3).End();
  struct Case {
    Code segment;
    SegmentMode mode;
    const char* type;
    bool has_expressions;
  };
  const Case cases[] = {
      {Code({0}).Append(offset).Append(function_list), SegmentMode::kActive,
       "(ref func)", false},
      {Code({1, 0}).Append(function_list), SegmentMode::kPassive, "(ref func)",
       false},
      {Code({2, 0}).Append(offset).Byte(0).Append(function_list),
       SegmentMode::kActive, "(ref func)", false},
      {Code({3, 0}).Append(function_list), SegmentMode::kDeclarative,
       "(ref func)", false},
      {Code({4}).Append(offset).Append(expression_list), SegmentMode::kActive,
       "funcref", true},
      {Code({5, 0x64, 0x70}).Append(expression_list), SegmentMode::kPassive,
       "(ref func)", true},
      {Code({6, 0}).Append(offset).Byte(0x70).Append(expression_list),
       SegmentMode::kActive, "funcref", true},
      {Code({7, 0x6F}).Append(expression_list), SegmentMode::kDeclarative,
       "externref", true},
  };
  for (const Case& test : cases) {
    ASSERT_OK_AND_ASSIGN(
        auto module,
        DecodeSections({Section(9, Code({1}).Append(test.segment))}));
    const ElementSegment& segment = module->elements.at(0);
    EXPECT_EQ(segment.mode, test.mode);
    EXPECT_EQ(ToString(segment.type), test.type);
    EXPECT_EQ(segment.has_expressions, test.has_expressions);
    EXPECT_EQ(segment.size(), 1u);
  }
  EXPECT_THAT(
      DecodeSections({Section(9, {1, 8})}),
      StatusIs(kMalformed, StartsWith("malformed elements segment kind")));
  EXPECT_THAT(DecodeSections({Section(9, {1, 1, 1, 0})}),
              StatusIs(kMalformed, StartsWith("malformed element kind")));
  EXPECT_THAT(DecodeSections({Section(9, {1, 5, 0x7F, 0})}),
              StatusIs(kMalformed, StartsWith("malformed reference type")));
}

TEST(DecoderTest, SectionsComeOnceAndInOrder) {
  // The order of the binary format, each with an empty list.
  const uint8_t order[] = {1, 2, 3, 4, 5, 13, 6, 7, 9, 12, 10, 11};
  for (size_t i = 0; i < std::size(order); ++i) {
    for (size_t j = 0; j < std::size(order); ++j) {
      const auto module = DecodeSections(
          {Section(order[i], {0}), Section(0, {0}), Section(order[j], {0})});
      if (i < j) {
        EXPECT_OK(module) << int{order[i]} << " " << int{order[j]};
      } else {
        EXPECT_THAT(module, StatusIs(kMalformed,
                                     StartsWith("unexpected content after last "
                                                "section")));
      }
    }
  }
  EXPECT_THAT(DecodeSections({Section(8, {0}), Section(8, {0})}),
              StatusIs(kMalformed,
                       StartsWith("unexpected content after last section")));
}

TEST(DecoderTest, SectionErrors) {
  EXPECT_THAT(DecodeSections({Section(14, {0})}),
              StatusIs(kMalformed, "malformed section id 14 (at byte 8)"));
  EXPECT_THAT(DecodeSections({{1, 5, 0}}),
              StatusIs(kMalformed, StartsWith("length out of bounds")));
  EXPECT_THAT(DecodeSections({{1}}),
              StatusIs(kMalformed, StartsWith("unexpected end")));
  EXPECT_THAT(DecodeSections({{1, 0}}),
              StatusIs(kMalformed, StartsWith("unexpected end")));
  EXPECT_THAT(DecodeSections({Section(1, {0, 0})}),
              StatusIs(kMalformed, StartsWith("section size mismatch")));
  EXPECT_THAT(
      DecodeSections({{1, 0x80, 0x80, 0x80, 0x80, 0x80, 0}}),
      StatusIs(kMalformed, StartsWith("integer representation too long")));
  EXPECT_THAT(DecodeSections({Section(0, {})}),
              StatusIs(kMalformed, StartsWith("unexpected end")));
  EXPECT_THAT(DecodeSections({Section(0, {1, 0xFF})}),
              StatusIs(kMalformed, StartsWith("malformed UTF-8 encoding")));
  // A custom section of any kind is fine anywhere, also with a name twice.
  EXPECT_OK(DecodeSections({Section(0, {1, 'a'}), Section(0, {1, 'a', 9})}));
}

TEST(DecoderTest, CountsOfSectionsAgree) {
  const Code type = Section(1, {1, 0x60, 0, 0});
  EXPECT_THAT(
      DecodeSections({type, Section(3, {1, 0})}),
      StatusIs(kMalformed,
               StartsWith("function and code section have inconsistent")));
  EXPECT_THAT(
      DecodeSections({type, Section(10, {1, 2, 0, 0x0B})}),
      StatusIs(kMalformed,
               StartsWith("function and code section have inconsistent")));
  EXPECT_THAT(DecodeSections({Section(12, {1})}),
              StatusIs(kMalformed, StartsWith("data count and data section "
                                              "have inconsistent lengths")));
  EXPECT_THAT(DecodeSections({Section(12, {0}), Section(11, {1, 1, 0})}),
              StatusIs(kMalformed, StartsWith("data count and data section "
                                              "have inconsistent lengths")));
  EXPECT_OK(DecodeSections({type, Section(3, {0})}));
  EXPECT_OK(DecodeSections({Section(10, {0})}));
  EXPECT_OK(DecodeSections({Section(12, {0})}));
}

TEST(DecoderTest, FunctionBodies) {
  const auto decode = [](const Code& bodies) {
    return DecodeSections({Section(1, {1, 0x60, 0, 0}), Section(3, {1, 0}),
                           Section(10, Code({1}).Append(bodies))});
  };
  EXPECT_OK(decode({2, 0, 0x0B}));
  // What is inside a body is not looked at.
  EXPECT_OK(decode({2, 0, 0xFF}));
  EXPECT_OK(decode({1, 0}));
  EXPECT_THAT(decode({0}), StatusIs(kMalformed, StartsWith("unexpected end")));
  EXPECT_THAT(decode({3, 0, 0x0B}),
              StatusIs(kMalformed, StartsWith("length out of bounds")));
  EXPECT_THAT(decode({2, 0, 0x0B, 0}),
              StatusIs(kMalformed, StartsWith("section size mismatch")));
  EXPECT_THAT(decode({3, 1, 1, 0x40}),
              StatusIs(kMalformed, StartsWith("malformed value type")));
  // 2^32 - 1 locals can be written down, one more can not.
  EXPECT_OK(decode({8, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x7F, 0x0B}));
  EXPECT_THAT(
      decode({10, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x7F, 1, 0x7E, 0x0B}),
      StatusIs(kMalformed, StartsWith("too many locals")));
  EXPECT_THAT(decode({9, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 0x7F, 0x0B, 0x0B}),
              StatusIs(kMalformed, StartsWith("integer too large")));
}

TEST(DecoderTest, LimitsFlags) {
  const auto memory = [](const Code& limits, FeatureSet features = {}) {
    return DecodeSections({Section(5, Code({1}).Append(limits))}, features);
  };
  EXPECT_OK(memory({0, 0}));
  EXPECT_OK(memory({1, 1, 0}));  // the validator's to refuse
  EXPECT_OK(memory({4, 0}));
  EXPECT_OK(
      memory({5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0}));
  EXPECT_OK(
      memory({0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1}));
  for (const int flags : {2, 3, 8, 0x10, 0x81}) {
    EXPECT_THAT(memory({flags, 0, 0}),
                StatusIs(kMalformed, StartsWith("malformed limits flags")));
  }
  EXPECT_THAT(memory({4, 0}, FeatureSet().Without(Feature::kMemory64)),
              StatusIs(kMalformed, StartsWith("malformed limits flags")));
  ASSERT_OK_AND_ASSIGN(
      auto module,
      memory({8, 3, 0}, FeatureSet().With(Feature::kCustomPageSizes)));
  EXPECT_EQ(module->memories[0].type.page_size_log2, 0u);
  EXPECT_THAT(
      memory({0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2}),
      StatusIs(kMalformed, StartsWith("integer too large")));
}

TEST(DecoderTest, ImportsExportsGlobalsTables) {
  EXPECT_THAT(DecodeSections({Section(2, {1, 0, 0, 5, 0})}),
              StatusIs(kMalformed, StartsWith("malformed import kind")));
  EXPECT_THAT(DecodeSections({Section(2, {1, 0, 0, 4, 1, 0})}),
              StatusIs(kMalformed, StartsWith("malformed tag attribute")));
  EXPECT_THAT(DecodeSections({Section(2, {1, 1, 0x80, 0, 0, 0})}),
              StatusIs(kMalformed, StartsWith("malformed UTF-8 encoding")));
  EXPECT_THAT(DecodeSections({Section(7, {1, 0, 5, 0})}),
              StatusIs(kMalformed, StartsWith("malformed export kind")));
  EXPECT_THAT(DecodeSections({Section(6, {1, 0x7F, 2, 0x41, 0, 0x0B})}),
              StatusIs(kMalformed, StartsWith("malformed mutability")));
  EXPECT_THAT(DecodeSections({Section(4, {1, 0x40, 1, 0x70, 0, 0, 0x0B})}),
              StatusIs(kMalformed, StartsWith("zero byte expected")));
  EXPECT_THAT(DecodeSections({Section(4, {1, 0x7F, 0, 0})}),
              StatusIs(kMalformed, StartsWith("malformed reference type")));
}

TEST(DecoderTest, ConstantExpressionsEndWhereTheirBlocksSay) {
  const auto global = [](const Code& expression) {
    return DecodeSections({Section(6, Code({1, 0x7F, 0}).Append(expression))});
  };
  EXPECT_OK(global({0x0B}));
  // Not constant, but that is the validator's to say.
  EXPECT_OK(global({0x02, 0x40, 0x0B, 0x0B}));
  EXPECT_OK(global({0x04, 0x7F, 0x05, 0x0B, 0x0B}));
  EXPECT_THAT(global({0x41, 0}),
              StatusIs(kMalformed, StartsWith("unexpected end")));
  EXPECT_THAT(global({0x02, 0x40, 0x0B}),
              StatusIs(kMalformed, StartsWith("unexpected end")));
  EXPECT_THAT(global({0x05, 0x0B}),
              StatusIs(kMalformed, StartsWith("END opcode expected")));
  EXPECT_THAT(global({0x04, 0x40, 0x05, 0x05, 0x0B, 0x0B}),
              StatusIs(kMalformed, StartsWith("END opcode expected")));
  EXPECT_THAT(global({0xFF, 0x0B}),
              StatusIs(kMalformed, "illegal opcode ff (at byte 13)"));
}

TEST(DecoderTest, DataSegments) {
  EXPECT_OK(DecodeSections({Section(11, {1, 2, 9, 0x41, 0, 0x0B, 1, 'x'})}));
  EXPECT_THAT(DecodeSections({Section(11, {1, 3})}),
              StatusIs(kMalformed, StartsWith("malformed data segment kind")));
  EXPECT_THAT(DecodeSections({Section(11, {1, 1, 2, 'x'})}),
              StatusIs(kMalformed, StartsWith("length out of bounds")));
}

TEST(DecoderTest, RecursiveTypes) {
  ASSERT_OK_AND_ASSIGN(
      auto module,
      DecodeSections({Section(
          1, {3,                                           //
              0x4E, 2,                                     // a group of two
              0x50, 0, 0x5F, 2,    0x78, 1, 0x64, 1, 0,    // open struct
              0x4F, 1, 0,    0x5E, 0x63, 0, 1,             // final array
              0x4E, 0,                                     // a group of none
              0x50, 2, 0,    1,    0x60, 1, 0x7F, 0})}));  // two supertypes
  ASSERT_EQ(module->types.size(), 3u);
  const SubType& a = module->types[0];
  EXPECT_EQ(a.kind, CompositeKind::kStruct);
  EXPECT_FALSE(a.is_final);
  EXPECT_EQ(a.supertype, std::nullopt);
  EXPECT_EQ(a.group_count, 2u);
  ASSERT_EQ(a.fields.size(), 2u);
  EXPECT_EQ(a.fields[0].packed, PackedType::kI8);
  EXPECT_EQ(a.fields[0].value, kI32Type);
  EXPECT_TRUE(a.fields[0].is_mutable);
  EXPECT_EQ(a.fields[1].value, ValueType::Ref(HeapType::Concrete(1), false));
  const SubType& b = module->types[1];
  EXPECT_EQ(b.kind, CompositeKind::kArray);
  EXPECT_TRUE(b.is_final);
  EXPECT_EQ(b.supertype, 0u);
  EXPECT_EQ(b.group_begin, 0u);
  const SubType& c = module->types[2];
  EXPECT_EQ(c.supertype_count, 2u);
  EXPECT_EQ(c.group_begin, 2u);
  EXPECT_THAT(DecodeSections({Section(1, {1, 0x5D})}),
              StatusIs(kMalformed, StartsWith("malformed definition type")));
  EXPECT_THAT(DecodeSections({Section(1, {1, 0x50, 0, 0x50, 0, 0x60, 0, 0})}),
              StatusIs(kMalformed, StartsWith("malformed definition type")));
}

std::vector<uint32_t> CanonicalIndices(const Code& types) {
  const auto module = DecodeSections({Section(1, types)});
  EXPECT_OK(module);
  std::vector<uint32_t> indices;
  for (const SubType& type : (*module)->types) {
    indices.push_back(type.canonical_index);
  }
  return indices;
}

TEST(DecoderTest, EqualTypesHaveOneCanonicalIndex) {
  // Simple types are compared by structure.
  EXPECT_THAT(CanonicalIndices({4,                 //
                                0x60, 1, 0x7F, 0,  //
                                0x60, 1, 0x7E, 0,  //
                                0x60, 1, 0x7F, 0,  //
                                0x4F, 0, 0x60, 1, 0x7F, 0}),
              ElementsAre(0, 1, 0, 0));
  // Finality and the supertype are a part of identity.
  EXPECT_THAT(CanonicalIndices({4,                          //
                                0x50, 0, 0x60, 0,    0,     //
                                0x60, 0, 0,                 //
                                0x50, 1, 0,    0x60, 0, 0,  //
                                0x50, 1, 0,    0x60, 0, 0}),
              ElementsAre(0, 1, 2, 2));
  // References to equal types are equal.
  EXPECT_THAT(CanonicalIndices({4,                 //
                                0x60, 0, 0,        //
                                0x60, 0, 0,        //
                                0x5E, 0x63, 0, 0,  //
                                0x5E, 0x63, 1, 0}),
              ElementsAre(0, 0, 2, 2));
}

TEST(DecoderTest, RecursiveGroupsAreComparedAsAWhole) {
  // Two equal self-references, and the same inside a bigger group.
  EXPECT_THAT(CanonicalIndices({3,                    //
                                0x5F, 1, 0x63, 0, 0,  //
                                0x5F, 1, 0x63, 1, 0,  //
                                0x5F, 1, 0x63, 0, 0}),
              ElementsAre(0, 0, 2));
  EXPECT_THAT(
      CanonicalIndices({3,                                                  //
                        0x4E, 2, 0x5F, 1, 0x63, 1, 0, 0x5F, 1, 0x63, 0, 0,  //
                        0x4E, 2, 0x5F, 1, 0x63, 3, 0, 0x5F, 1, 0x63, 2, 0,  //
                        0x4E, 2, 0x5F, 1, 0x63, 4, 0, 0x5F, 1, 0x63, 5, 0}),
      ElementsAre(0, 1, 0, 1, 4, 5));
  // Equal members of one group are different types.
  EXPECT_THAT(CanonicalIndices({1, 0x4E, 2, 0x60, 0, 0, 0x60, 0, 0}),
              ElementsAre(0, 1));
}

TEST(DecoderTest, BadIndicesInTypesAreLeftToTheValidator) {
  EXPECT_THAT(CanonicalIndices({2, 0x50, 1, 9, 0x60, 0, 0,  //
                                0x5F, 1, 0x64, 0xFF, 0x7F + 0x80, 1, 0}),
              ElementsAre(0, 1));
}

TEST(DecoderTest, ImplementationLimits) {
  Code type = {1, 0x60};
  type.U(1001);
  for (int i = 0; i < 1001; ++i) type.Byte(0x7F);
  type.U(0);
  EXPECT_THAT(DecodeSections({Section(1, type)}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("1001 parameters or results")));
  Code memories;
  memories.U(1001);
  for (int i = 0; i < 1001; ++i) memories.Bytes({0, 0});
  EXPECT_THAT(DecodeSections({Section(5, memories)}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("too many entries")));
}

TEST(DecoderTest, FeaturesGateTheirForms) {
  const FeatureSet all;
  EXPECT_THAT(
      DecodeSections({Section(1, {1, 0x5F, 0})}, all.Without(Feature::kGc)),
      StatusIs(kMalformed, StartsWith("malformed definition type")));
  EXPECT_THAT(
      DecodeSections({Section(13, {0})}, all.Without(Feature::kExceptions)),
      StatusIs(kMalformed, StartsWith("malformed section id")));
  EXPECT_THAT(DecodeSections({Section(12, {0})}, all.Without(Feature::kWasm2)),
              StatusIs(kMalformed, StartsWith("malformed section id")));
}

}  // namespace
}  // namespace wasmd

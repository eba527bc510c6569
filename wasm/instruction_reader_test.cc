#include "wasm/instruction_reader.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/testing/status_matchers.h"
#include "wasm/opcodes.h"
#include "wasm/testing/module_builder.h"

namespace wasmd {
namespace {

using testing::Code;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

// The only instruction of `code`, which must take all of it.
Instruction ReadOne(const Code& code) {
  InstructionReader reader(AsBytes(code.bytes()), 50);
  Instruction instruction;
  EXPECT_OK(reader.Read(&instruction));
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_EQ(instruction.offset, 50u);
  EXPECT_EQ(instruction.next_offset, 50 + code.bytes().size());
  return instruction;
}

std::string ErrorOf(const Code& code) {
  InstructionReader reader(AsBytes(code.bytes()), 50);
  Instruction instruction;
  const absl::Status status = reader.Read(&instruction);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(reader.offset(), 50u);
  return std::string(status.message());
}

// Some immediates of this shape: small numbers that differ.
Code SampleImmediates(Immediates immediates) {
  switch (immediates) {
    case Immediates::kNone:
      return {};
    case Immediates::kBlockType:
      return {0x40};
    case Immediates::kLabelTable:
      return {2, 5, 6, 7};
    case Immediates::kTryTable:
      return {0x7F, 2, 0, 3, 4, 2, 1};
    case Immediates::kTypeTable:
    case Immediates::kElemTable:
    case Immediates::kTableTable:
    case Immediates::kMemoryMemory:
    case Immediates::kDataMemory:
    case Immediates::kTypeField:
    case Immediates::kTypeCount:
    case Immediates::kTypeData:
    case Immediates::kTypeElem:
    case Immediates::kTypeType:
    case Immediates::kMemArg:
      return {1, 2};
    case Immediates::kMemArgLane:
      return {1, 2, 3};
    case Immediates::kF32:
      return {1, 2, 3, 4};
    case Immediates::kF64:
      return {1, 2, 3, 4, 5, 6, 7, 8};
    case Immediates::kV128:
    case Immediates::kLanes16:
      return {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    case Immediates::kHeapType:
      return {0x70};
    case Immediates::kSelectTypes:
      return {1, 0x7F};
    case Immediates::kCastBranch:
      return {1, 2, 0x6E, 0x6D};
    default:
      return {3};  // one index, a lane or an integer
  }
}

TEST(InstructionReaderTest, EveryInstructionIsReadAndNeedsAllOfIt) {
  for (int i = 0; i < kOpcodeCount; ++i) {
    const Opcode opcode = static_cast<Opcode>(i);
    SCOPED_TRACE(InfoOf(opcode).mnemonic);
    Code code;
    code.Op(opcode).Append(SampleImmediates(InfoOf(opcode).immediates));
    EXPECT_EQ(ReadOne(code).opcode, opcode);
    for (size_t size = 0; size < code.bytes().size(); ++size) {
      const std::string part = code.bytes().substr(0, size);
      InstructionReader reader(AsBytes(part), 0);
      Instruction instruction;
      EXPECT_THAT(reader.Read(&instruction),
                  StatusIs(absl::StatusCode::kInvalidArgument,
                           ::testing::StartsWith("malformed: ")));
    }
  }
}

TEST(InstructionReaderTest, IndicesInTheOrderOfTheBinary) {
  EXPECT_EQ(ReadOne(Code().Op(Opcode::kLocalGet).U(300)).index, 300u);
  Instruction in = ReadOne(Code().Op(Opcode::kCallIndirect).U(7).U(9));
  EXPECT_EQ(in.index, 7u);   // type
  EXPECT_EQ(in.index2, 9u);  // table
  in = ReadOne(Code().Op(Opcode::kMemoryInit).U(1).U(2));
  EXPECT_EQ(in.index, 1u);   // data segment
  EXPECT_EQ(in.index2, 2u);  // memory
  in = ReadOne(Code().Op(Opcode::kArrayNewFixed).U(4).U(100));
  EXPECT_EQ(in.index, 4u);
  EXPECT_EQ(in.index2, 100u);
}

TEST(InstructionReaderTest, Constants) {
  EXPECT_EQ(ReadOne(Code().I32Const(-5)).constant, ~uint64_t{4});
  EXPECT_EQ(ReadOne(Code().I64Const(INT64_MIN)).constant, uint64_t{1} << 63);
  EXPECT_EQ(ReadOne(Code().F32(1.5f)).constant, std::bit_cast<uint32_t>(1.5f));
  EXPECT_EQ(ReadOne(Code().F64(-0.0)).constant, uint64_t{1} << 63);
  const Instruction in =
      ReadOne(Code()
                  .Op(Opcode::kV128Const)
                  .Append(SampleImmediates(Immediates::kV128)));
  EXPECT_EQ(in.bytes16[0], 1);
  EXPECT_EQ(in.bytes16[15], 16);
}

TEST(InstructionReaderTest, MemArgWithAndWithoutMemoryIndex) {
  Instruction in =
      ReadOne(Code().Op(Opcode::kI64Load).U(3).U(uint64_t{1} << 40));
  EXPECT_EQ(in.memarg.align_log2, 3u);
  EXPECT_EQ(in.memarg.memory_index, 0u);
  EXPECT_EQ(in.memarg.offset, uint64_t{1} << 40);
  in = ReadOne(Code().Op(Opcode::kV128Store8Lane).U(0x40).U(5).U(16).Byte(15));
  EXPECT_EQ(in.memarg.align_log2, 0u);
  EXPECT_EQ(in.memarg.memory_index, 5u);
  EXPECT_EQ(in.memarg.offset, 16u);
  EXPECT_EQ(in.lane, 15);
  EXPECT_THAT(ErrorOf(Code().Op(Opcode::kI64Load).U(0x80).U(0)),
              HasSubstr("malformed: malformed memop flags (at byte 51)"));
}

TEST(InstructionReaderTest, BlockTypes) {
  Instruction in = ReadOne(Code().Op(Opcode::kBlock).Byte(0x40));
  EXPECT_EQ(in.block_type.kind, BlockType::Kind::kEmpty);
  in = ReadOne(Code().Op(Opcode::kLoop).Byte(0x7E));
  EXPECT_EQ(in.block_type.kind, BlockType::Kind::kValue);
  EXPECT_EQ(in.block_type.value, kI64Type);
  in = ReadOne(Code().Op(Opcode::kIf).Bytes({0x64, 0x02}));
  EXPECT_EQ(in.block_type.value, ValueType::Ref(HeapType::Concrete(2), false));
  in = ReadOne(Code().Op(Opcode::kBlock).S(64));
  EXPECT_EQ(in.block_type.kind, BlockType::Kind::kTypeIndex);
  EXPECT_EQ(in.block_type.type_index, 64u);
  in = ReadOne(Code().Op(Opcode::kBlock).S(int64_t{0xFFFFFFFF}));
  EXPECT_EQ(in.block_type.type_index, 0xFFFFFFFFu);
  // 0x40 is one byte; a padded form of the same number is no type.
  EXPECT_THAT(ErrorOf(Code().Op(Opcode::kBlock).Bytes({0xC0, 0x7F})),
              HasSubstr("malformed block type"));
  EXPECT_THAT(ErrorOf(Code().Op(Opcode::kBlock).Byte(0x60)),
              HasSubstr("malformed value type"));
}

TEST(InstructionReaderTest, BranchesAndTables) {
  Instruction in =
      ReadOne(Code().Op(Opcode::kBrTable).U(3).U(1).U(2).U(3).U(0));
  EXPECT_THAT(in.labels, ElementsAre(1, 2, 3, 0));
  in = ReadOne(Code().Op(Opcode::kBrTable).U(0).U(9));
  EXPECT_THAT(in.labels, ElementsAre(9));
  in = ReadOne(Code().Op(Opcode::kBrOnCast).Bytes({2, 4, 0x6E, 0x05}));
  EXPECT_EQ(in.index, 4u);
  EXPECT_EQ(in.ref_type, ValueType::Ref(AbstractHeapType::kAny, false));
  EXPECT_EQ(in.ref_type2, ValueType::Ref(HeapType::Concrete(5), true));
  EXPECT_THAT(ErrorOf(Code().Op(Opcode::kBrOnCastFail).Bytes({4, 0, 0, 0})),
              HasSubstr("malformed br_on_cast_fail flags"));
  EXPECT_THAT(ErrorOf(Code().Op(Opcode::kBrTable).U(100).U(1)),
              HasSubstr("length out of bounds"));
}

TEST(InstructionReaderTest, ReferencesAndSelect) {
  EXPECT_EQ(ReadOne(Code().Op(Opcode::kRefNull).Byte(0x6F)).ref_type,
            kExternRefType);
  EXPECT_EQ(ReadOne(Code().Op(Opcode::kRefTest).U(3)).ref_type,
            ValueType::Ref(HeapType::Concrete(3), false));
  EXPECT_EQ(ReadOne(Code().Op(Opcode::kRefCastNull).U(3)).ref_type,
            ValueType::Ref(HeapType::Concrete(3), true));
  const Instruction in =
      ReadOne(Code().Op(Opcode::kSelectTyped).Bytes({2, 0x7F, 0x63, 0x01}));
  EXPECT_THAT(
      in.select_types,
      ElementsAre(kI32Type, ValueType::Ref(HeapType::Concrete(1), true)));
}

TEST(InstructionReaderTest, CatchClauses) {
  const Instruction in =
      ReadOne(Code()
                  .Op(Opcode::kTryTable)
                  .Bytes({0x40, 4, 0, 10, 11, 1, 12, 13, 2, 14, 3, 15}));
  ASSERT_EQ(in.catches.size(), 4u);
  EXPECT_EQ(in.catches[0].kind, CatchKind::kCatch);
  EXPECT_EQ(in.catches[0].tag_index, 10u);
  EXPECT_EQ(in.catches[0].label, 11u);
  EXPECT_EQ(in.catches[1].kind, CatchKind::kCatchRef);
  EXPECT_EQ(in.catches[1].tag_index, 12u);
  EXPECT_EQ(in.catches[2].kind, CatchKind::kCatchAll);
  EXPECT_EQ(in.catches[2].label, 14u);
  EXPECT_EQ(in.catches[3].kind, CatchKind::kCatchAllRef);
  EXPECT_THAT(ErrorOf(Code().Op(Opcode::kTryTable).Bytes({0x40, 1, 4, 0, 0})),
              HasSubstr("malformed catch clause"));
}

TEST(InstructionReaderTest, PrefixedCodesMayBePadded) {
  EXPECT_EQ(ReadOne({0xFD, 0x8E, 0x80, 0x00}).opcode, Opcode::kI8x16Swizzle);
  EXPECT_EQ(ReadOne({0xFD, 0x93, 0x02}).opcode,
            Opcode::kI32x4RelaxedDotI8x16I7x16AddS);
}

TEST(InstructionReaderTest, IllegalOpcodes) {
  EXPECT_EQ(ErrorOf({0xFF}), "malformed: illegal opcode ff (at byte 50)");
  EXPECT_EQ(ErrorOf({0x06}), "malformed: illegal opcode 06 (at byte 50)");
  EXPECT_EQ(ErrorOf({0xFE, 0x00}), "malformed: illegal opcode fe (at byte 50)");
  EXPECT_EQ(ErrorOf({0xFC, 0x12}),
            "malformed: illegal opcode fc 12 (at byte 50)");
  EXPECT_EQ(ErrorOf({0xFD, 0xFF, 0x7F}),
            "malformed: illegal opcode fd 3fff (at byte 50)");
  EXPECT_THAT(ErrorOf({0xFB}), HasSubstr("unexpected end"));
}

}  // namespace
}  // namespace wasmd

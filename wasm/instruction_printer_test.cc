#include "wasm/instruction_printer.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "wasm/decoder.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"
#include "wasm/testing/module_builder.h"
#include "wasm/text/wat_parser.h"
#include "wasm/types.h"

namespace wasmd {
namespace {

using testing::Code;

std::string Print(const Code& code) {
  InstructionReader reader(AsBytes(code.bytes()), 0);
  Instruction instruction;
  EXPECT_OK(reader.Read(&instruction));
  std::string out;
  AppendInstruction(instruction, &out);
  return out;
}

Code Op(Opcode opcode) { return Code().Op(opcode); }

TEST(InstructionPrinterTest, EveryShapeOfImmediates) {
  EXPECT_EQ(Print(Op(Opcode::kNop)), "nop");
  EXPECT_EQ(Print(Op(Opcode::kBlock).Byte(0x40)), "block");
  EXPECT_EQ(Print(Op(Opcode::kLoop).Byte(0x7F)), "loop (result i32)");
  EXPECT_EQ(Print(Op(Opcode::kIf).S(3)), "if (type 3)");
  EXPECT_EQ(Print(Op(Opcode::kBr).U(2)), "br 2");
  EXPECT_EQ(Print(Op(Opcode::kBrTable).Bytes({2, 0, 1, 5})), "br_table 0 1 5");
  EXPECT_EQ(Print(Op(Opcode::kCall).U(7)), "call 7");
  EXPECT_EQ(Print(Op(Opcode::kCallIndirect).U(3).U(0)),
            "call_indirect (type 3)");
  EXPECT_EQ(Print(Op(Opcode::kCallIndirect).U(3).U(1)),
            "call_indirect 1 (type 3)");
  EXPECT_EQ(Print(Op(Opcode::kTableInit).U(4).U(0)), "table.init 4");
  EXPECT_EQ(Print(Op(Opcode::kTableInit).U(4).U(5)), "table.init 5 4");
  EXPECT_EQ(Print(Op(Opcode::kTableCopy).U(0).U(0)), "table.copy");
  EXPECT_EQ(Print(Op(Opcode::kMemoryCopy).U(1).U(0)), "memory.copy 1 0");
  EXPECT_EQ(Print(Op(Opcode::kMemoryInit).U(2).U(1)), "memory.init 1 2");
  EXPECT_EQ(Print(Op(Opcode::kMemoryGrow).U(0)), "memory.grow");
  EXPECT_EQ(Print(Op(Opcode::kMemorySize).U(1)), "memory.size 1");
  EXPECT_EQ(
      Print(
          Op(Opcode::kTryTable).Bytes({0x40, 4, 0, 1, 2, 1, 3, 4, 2, 5, 3, 6})),
      "try_table (catch 1 2) (catch_ref 3 4) (catch_all 5) "
      "(catch_all_ref 6)");
  EXPECT_EQ(Print(Op(Opcode::kI32Load).MemArg(2, 0)), "i32.load");
  EXPECT_EQ(Print(Op(Opcode::kI32Load).MemArg(0, 8)),
            "i32.load offset=8 align=1");
  EXPECT_EQ(Print(Op(Opcode::kI64Store).Bytes({0x43, 2, 4})),
            "i64.store 2 offset=4");
  EXPECT_EQ(Print(Op(Opcode::kV128Load16Lane).Bytes({1, 0, 7})),
            "v128.load16_lane 7");
  EXPECT_EQ(Print(Code().I32Const(-1)), "i32.const -1");
  EXPECT_EQ(Print(Code().I64Const(INT64_MIN)),
            "i64.const -9223372036854775808");
  EXPECT_EQ(
      Print(Op(Opcode::kV128Const)
                .Bytes({1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0x80})),
      "v128.const i32x4 0x00000001 0x00000002 0x00000003 0x80000004");
  EXPECT_EQ(Print(Op(Opcode::kI8x16ExtractLaneU).Byte(9)),
            "i8x16.extract_lane_u 9");
  EXPECT_EQ(Print(Op(Opcode::kRefNull).Byte(0x70)), "ref.null func");
  EXPECT_EQ(Print(Op(Opcode::kRefTestNull).Byte(3)), "ref.test (ref null 3)");
  EXPECT_EQ(Print(Op(Opcode::kRefCast).Byte(0x6C)), "ref.cast (ref i31)");
  EXPECT_EQ(Print(Op(Opcode::kSelectTyped).Bytes({1, 0x6F})),
            "select (result externref)");
  EXPECT_EQ(Print(Op(Opcode::kStructGet).U(1).U(2)), "struct.get 1 2");
  EXPECT_EQ(Print(Op(Opcode::kBrOnCast).Bytes({1, 0, 0x6E, 4})),
            "br_on_cast 0 (ref null any) (ref 4)");
}

TEST(InstructionPrinterTest, FloatsReadBackExactly) {
  EXPECT_EQ(Print(Code().F32(0.1f)), "f32.const 0.1");
  EXPECT_EQ(Print(Code().F64(-0.0)), "f64.const -0");
  EXPECT_EQ(Print(Code().F64(1e300)), "f64.const 1e+300");
  EXPECT_EQ(Print(Code().F32(std::bit_cast<float>(0xFF800000))),
            "f32.const -inf");
  EXPECT_EQ(Print(Op(Opcode::kF32Const).Bytes({1, 0, 0xA0, 0xFF})),
            "f32.const -nan:0x200001");
  EXPECT_EQ(Print(Op(Opcode::kF64Const).Bytes({0, 0, 0, 0, 0, 0, 0xF8, 0x7F})),
            "f64.const nan:0x8000000000000");
}

// Immediates of which the text format leaves nothing out.
Code PlainImmediates(Immediates immediates, uint8_t access_bytes) {
  switch (immediates) {
    case Immediates::kNone:
      return {};
    case Immediates::kBlockType:
      return {0x7F};
    case Immediates::kLabelTable:
      return {2, 0, 0, 0};
    case Immediates::kTryTable:
      return {0x7F, 2, 0, 0, 0, 3, 0};
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
      return {0, 1};
    case Immediates::kMemArg:
      return Code({0x40 | std::countr_zero(access_bytes), 1, 9});
    case Immediates::kMemArgLane:
      return {0, 7, 1};
    case Immediates::kF32:
      return {1, 2, 3, 4};
    case Immediates::kF64:
      return {1, 2, 3, 4, 5, 6, 7, 8};
    case Immediates::kV128:
    case Immediates::kLanes16:
      return {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    case Immediates::kHeapType:
      return {0x6D};
    case Immediates::kSelectTypes:
      return {1, 0x63, 0};
    case Immediates::kCastBranch:
      return {1, 0, 0x6E, 0};
    default:
      return {1};
  }
}

TEST(InstructionPrinterTest, TheTextFormatReadsEveryInstructionBack) {
  for (int i = 0; i < kOpcodeCount; ++i) {
    const Opcode opcode = static_cast<Opcode>(i);
    if (opcode == Opcode::kElse || opcode == Opcode::kEnd) continue;
    const OpcodeInfo& info = InfoOf(opcode);
    SCOPED_TRACE(std::string(info.mnemonic));
    Code code =
        Op(opcode).Append(PlainImmediates(info.immediates, info.access_bytes));
    const bool is_block = info.flags & kBlock;
    const std::string text =
        StrCat("(module (type (func)) (func (local i32 i32) block ",
               Print(code), is_block ? " end" : "", " end))");
    SCOPED_TRACE(text);
    ASSERT_OK_AND_ASSIGN(std::vector<uint8_t> binary, ParseWat(text));
    ASSERT_OK_AND_ASSIGN(auto module, Decode(std::move(binary)));
    Code body;
    body.Op(Opcode::kBlock).Byte(0x40).Append(code);
    if (is_block) body.End();
    body.End().End();
    EXPECT_EQ(AsText(module->Bytes(module->functions[0].code)), body.bytes());
  }
}

TEST(InstructionPrinterTest, Types) {
  SubType type;
  type.function = {{kI32Type}, {kI64Type, kFuncRefType}};
  EXPECT_EQ(ToString(type), "(func (param i32) (result i64) (result funcref))");
  type.is_final = false;
  EXPECT_EQ(ToString(SubType(type)),
            "(sub (func (param i32) (result i64) (result funcref)))");
  SubType array;
  array.kind = CompositeKind::kArray;
  array.fields = {{kI32Type, PackedType::kI16, true}};
  array.supertype = 4;
  EXPECT_EQ(ToString(array), "(sub final 4 (array (mut i16)))");
  SubType structure;
  structure.kind = CompositeKind::kStruct;
  structure.fields = {{kF64Type, PackedType::kNotPacked, false},
                      {kI32Type, PackedType::kI8, true}};
  EXPECT_EQ(ToString(structure), "(struct (field f64) (field (mut i8)))");
  EXPECT_EQ(ToString(Limits{1, std::nullopt}), "1");
  EXPECT_EQ(ToString(MemoryType{{1, 2}, AddressType::kI64, 16}), "i64 1 2");
  EXPECT_EQ(ToString(TableType{kFuncRefType, {0, 5}, AddressType::kI32}),
            "0 5 funcref");
  EXPECT_EQ(ToString(GlobalType{kI32Type, true}), "(mut i32)");
}

TEST(InstructionPrinterTest, QuotesWhatIsNotPrintable) {
  EXPECT_EQ(Quote("a\"b\\c\n\xFF"), "\"a\\\"b\\\\c\\0a\\ff\"");
  EXPECT_EQ(Quote(""), "\"\"");
}

}  // namespace
}  // namespace wasmd

// Function bodies, seen through Validate: every family of instructions, what is
// accepted and what is not.

#include "wasm/function_validator.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "base/testing/status_matchers.h"
#include "wasm/decoder.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"
#include "wasm/testing/module_builder.h"
#include "wasm/types.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

using testing::Code;
using testing::kAnyRefCode;
using testing::kArrayRefCode;
using testing::kEmptyBlockCode;
using testing::kEqRefCode;
using testing::kExnRefCode;
using testing::kExternRefCode;
using testing::kF32Code;
using testing::kF64Code;
using testing::kFuncRefCode;
using testing::kI31RefCode;
using testing::kI32Code;
using testing::kI64Code;
using testing::kRefCode;
using testing::kRefNullCode;
using testing::kV128Code;
using testing::ModuleBuilder;

// Types of the module that bodies are checked in.
enum TypeIndex : uint32_t {
  kStructType = 0,    // open, (field i32 mut) (field i8) (field anyref mut)
  kSubStructType,     // below it, with (field (ref any)) more
  kI32ArrayType,      // mutable
  kPackedArrayType,   // i16, mutable
  kConstArrayType,    // i64, immutable
  kRefArrayType,      // funcref, mutable
  kNullaryType,       // [] -> []
  kI32ToI64Type,      // [i32] -> [i64]
  kPairType,          // [i32 i64] -> [i64 i32]
  kToI32Type,         // [] -> [i32]
  kNonNullArrayType,  // (ref any), mutable
  kAnyRefArrayType,   // anyref, mutable
};

void AddEnvironment(ModuleBuilder* builder) {
  builder->AddRawTypes(
      {0x50, 0, 0x5F, 3, kI32Code, 1, 0x78, 0, kAnyRefCode, 1});
  builder->AddRawTypes({0x50, 1, kStructType, 0x5F, 4, kI32Code, 1, 0x78, 0,
                        kAnyRefCode, 1, kRefCode, kAnyRefCode, 0});
  builder->AddRawTypes({0x5E, kI32Code, 1});
  builder->AddRawTypes({0x5E, 0x77, 1});
  builder->AddRawTypes({0x5E, kI64Code, 0});
  builder->AddRawTypes({0x5E, kFuncRefCode, 1});
  builder->AddFunctionType({}, {});
  builder->AddFunctionType({kI32Code}, {kI64Code});
  builder->AddFunctionType({kI32Code, kI64Code}, {kI64Code, kI32Code});
  builder->AddFunctionType({}, {kI32Code});
  builder->AddRawTypes({0x5E, kRefCode, kAnyRefCode, 1});
  builder->AddRawTypes({0x5E, kAnyRefCode, 1});
  // Function 0: [i32] -> [i64], declared by an export.
  builder->ImportFunction("m", "f", kI32ToI64Type);
  builder->Export("f", ExternKind::kFunction, 0);
  // Tables 0: funcref, 1: externref, 2: funcref with 64-bit addresses, 3: of
  // (ref null $nullary).
  builder->AddTable(kFuncRefCode, 1);
  builder->AddTable(kExternRefCode, 1);
  builder->AddTable({kFuncRefCode, 4, 1});
  builder->AddTable({kRefNullCode, kNullaryType, 0, 1});
  builder->AddMemory(1);       // 0
  builder->AddMemory({4, 1});  // 1: 64-bit addresses
  builder->AddTag(builder->AddFunctionType({kI32Code}, {}));  // 0
  builder->AddGlobal({kI32Code, 0}, Code().I32Const(1).End());
  builder->AddGlobal({kI64Code, 1}, Code().I64Const(1).End());
  builder->AddElement({1, 0, 1, 0});            // 0: (ref func)
  builder->AddElement({5, kExternRefCode, 0});  // 1: externref
  builder->SetDataCount(1);
  builder->AddPassiveData("data");
}

// The verdict about a function of this type with this code, to which the final
// end is added: "" or the message up to its position.
std::string Verdict(
    uint32_t type, const Code& code,
    std::initializer_list<std::pair<uint32_t, uint8_t>> locals = {}) {
  ModuleBuilder builder;
  AddEnvironment(&builder);
  builder.AddFunction(type, Code(code).End(), locals);
  const auto module = Decode(builder.Build());
  EXPECT_OK(module);
  const absl::Status status = Validate(**module);
  if (status.ok()) return "";
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string message(status.message());
  const size_t position = message.find(" (in function 1 at byte ");
  EXPECT_NE(position, std::string::npos) << message;
  return message.substr(0, position);
}

std::string Verdict(const Code& code) { return Verdict(kNullaryType, code); }

Code Op(Opcode opcode) { return Code().Op(opcode); }
Code Get(uint32_t local) { return Op(Opcode::kLocalGet).U(local); }
Code Null(int heap_type) { return Op(Opcode::kRefNull).Byte(heap_type); }
Code I32() { return Code().I32Const(0); }
Code I64() { return Code().I64Const(0); }

Code operator+(Code a, const Code& b) { return a.Append(b); }

const Code kDrop = Op(Opcode::kDrop);
const Code kUnreachable = Op(Opcode::kUnreachable);
const Code kEnd = Op(Opcode::kEnd);

#define EXPECT_VALID(code) EXPECT_EQ(Verdict(code), "")
#define EXPECT_INVALID(code, message) \
  EXPECT_THAT(Verdict(code), ::testing::StartsWith(message))
#define EXPECT_MISMATCH(code) EXPECT_INVALID(code, "type mismatch")

// A value of the type of a letter in opcodes.def; `address` for "a".
Code ValueOfLetter(char letter, const Code& address) {
  switch (letter) {
    case 'i':
      return I32();
    case 'l':
      return I64();
    case 'f':
      return Code().F32(0);
    case 'd':
      return Code().F64(0);
    case 'v':
      return Op(Opcode::kV128Const)
          .Append({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    default:
      return address;
  }
}

// Immediates for an instruction with a fixed signature on memory `memory`.
Code FixedImmediates(Immediates immediates, int memory) {
  switch (immediates) {
    case Immediates::kMemArg:
      return {0x40, memory, 0};
    case Immediates::kMemArgLane:
      return {0x40, memory, 0, 0};
    case Immediates::kMemoryIndex:
      return {memory};
    case Immediates::kF32:
      return {0, 0, 0, 0};
    case Immediates::kF64:
      return {0, 0, 0, 0, 0, 0, 0, 0};
    case Immediates::kV128:
    case Immediates::kLanes16:
      return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    case Immediates::kNone:
      return {};
    default:
      return {0};
  }
}

TEST(FunctionValidatorTest, EveryFixedSignatureTakesAndLeavesWhatItSays) {
  int count = 0;
  for (int i = 0; i < kOpcodeCount; ++i) {
    const OpcodeInfo& info = InfoOf(static_cast<Opcode>(i));
    if (info.signature == "*") continue;
    ++count;
    for (const int memory : {0, 1}) {
      SCOPED_TRACE(std::string(info.mnemonic));
      const Code address = memory == 0 ? I32() : I64();
      const size_t colon = info.signature.find(':');
      const std::string_view operands = info.signature.substr(0, colon);
      const std::string_view results = info.signature.substr(colon + 1);
      const Code self = Op(static_cast<Opcode>(i))
                            .Append(FixedImmediates(info.immediates, memory));
      Code good;
      for (const char letter : operands) {
        good.Append(ValueOfLetter(letter, address));
      }
      good.Append(self);
      // The result goes where only its type fits.
      for (const char letter : results) {
        good = ValueOfLetter(letter, address) + good + I32() +
               Op(Opcode::kSelect) + kDrop;
      }
      EXPECT_VALID(good);
      // One operand less, and each of a wrong type.
      for (size_t wrong = 0; wrong < operands.size(); ++wrong) {
        Code fewer;
        Code other;
        for (size_t j = 0; j < operands.size(); ++j) {
          const Code value = ValueOfLetter(operands[j], address);
          if (j != wrong) fewer.Append(value);
          other.Append(j == wrong ? Null(kFuncRefCode) : value);
        }
        EXPECT_MISMATCH(fewer + self + kUnreachable);
        EXPECT_MISMATCH(other + self + kUnreachable);
      }
      // Unreachable code gives whatever is missing.
      EXPECT_VALID(kUnreachable + self + (results.empty() ? Code() : kDrop));
    }
  }
  EXPECT_EQ(count, kOpcodeCount - 74);
}

TEST(FunctionValidatorTest, ResultsOfAFunction) {
  EXPECT_EQ(Verdict(kToI32Type, I32()), "");
  EXPECT_EQ(Verdict(kI32ToI64Type, I64()), "");
  EXPECT_EQ(Verdict(kPairType, Get(1) + Get(0)), "");
  EXPECT_EQ(Verdict(kToI32Type, {}),
            "type mismatch: end expects i32, found nothing");
  EXPECT_EQ(Verdict(kToI32Type, I64()),
            "type mismatch: end expects i32, found i64");
  EXPECT_THAT(Verdict(kToI32Type, I32() + I32()),
              ::testing::StartsWith("type mismatch: 1 values too many"));
  EXPECT_EQ(Verdict(kToI32Type, kUnreachable), "");
  EXPECT_MISMATCH(I32());
}

TEST(FunctionValidatorTest, Locals) {
  EXPECT_EQ(Verdict(kI32ToI64Type, Get(1), {{2, kI64Code}}), "");
  EXPECT_EQ(Verdict(kI32ToI64Type, Get(2), {{2, kI64Code}}), "");
  EXPECT_EQ(Verdict(kI32ToI64Type, Get(3), {{2, kI64Code}}), "unknown local 3");
  EXPECT_INVALID(Get(0), "unknown local 0");
  EXPECT_INVALID(I32() + Op(Opcode::kLocalSet).U(0), "unknown local 0");
  EXPECT_EQ(Verdict(kI32ToI64Type, I32() + Op(Opcode::kLocalTee).U(0) +
                                       Op(Opcode::kI64ExtendI32U)),
            "");
  EXPECT_THAT(Verdict(kI32ToI64Type, I64() + Op(Opcode::kLocalTee).U(0)),
              ::testing::StartsWith("type mismatch"));
}

TEST(FunctionValidatorTest, BillionsOfLocals) {
  const auto locals = {std::pair<uint32_t, uint8_t>{3'000'000'000, kI32Code},
                       {1'000'000'000, kF64Code}};
  EXPECT_EQ(Verdict(kNullaryType,
                    Get(2'999'999'999) + Op(Opcode::kI32Eqz) + kDrop, locals),
            "");
  EXPECT_EQ(Verdict(kNullaryType,
                    Get(3'000'000'000) + Op(Opcode::kF64Abs) + kDrop, locals),
            "");
  EXPECT_EQ(Verdict(kNullaryType, Get(4'000'000'000), locals),
            "unknown local 4000000000");
}

// A body with one local of type (ref any) before its code.
Code WithNonNullLocal(const Code& code) {
  return Code({1, 1, kRefCode, kAnyRefCode}).Append(code).End();
}

std::string VerdictWithNonNullLocal(const Code& code) {
  ModuleBuilder builder;
  AddEnvironment(&builder);
  builder.AddRawFunction(kNullaryType, WithNonNullLocal(code));
  const absl::Status status = Validate(*Decode(builder.Build()).value());
  return status.ok() ? "" : std::string(status.message());
}

TEST(FunctionValidatorTest, LocalsWithoutDefaultAreSetBeforeUse) {
  const Code set = I32() + Op(Opcode::kRefI31) + Op(Opcode::kLocalSet).U(0);
  const Code get = Get(0) + kDrop;
  const Code block = Op(Opcode::kBlock).Byte(kEmptyBlockCode);
  const Code branch_if = I32() + Op(Opcode::kIf).Byte(kEmptyBlockCode);
  const auto uninitialized = ::testing::StartsWith("uninitialized local 0");
  const auto& verdict = VerdictWithNonNullLocal;
  EXPECT_EQ(verdict({}), "");
  EXPECT_EQ(verdict(set + get), "");
  EXPECT_THAT(verdict(get), uninitialized);
  EXPECT_THAT(verdict(get + set), uninitialized);
  EXPECT_EQ(verdict(I32() + Op(Opcode::kRefI31) + Op(Opcode::kLocalTee).U(0) +
                    kDrop + get),
            "");
  // The end of a block forgets what was set in it, but not before it.
  EXPECT_THAT(verdict(block + set + kEnd + get), uninitialized);
  EXPECT_EQ(verdict(block + set + get + kEnd + set + get), "");
  EXPECT_EQ(verdict(set + block + set + kEnd + get), "");
  EXPECT_EQ(verdict(set + block + get + kEnd), "");
  // Neither does one branch of an if know what the other has set.
  EXPECT_THAT(verdict(branch_if + set + Op(Opcode::kElse) + get + kEnd),
              uninitialized);
  EXPECT_THAT(verdict(branch_if + set + Op(Opcode::kElse) + set + kEnd + get),
              uninitialized);
  // Unreachable code sets nothing.
  EXPECT_THAT(verdict(kUnreachable + get), uninitialized);
}

TEST(FunctionValidatorTest, Globals) {
  EXPECT_VALID(Op(Opcode::kGlobalGet).U(0) + Op(Opcode::kI32Eqz) + kDrop);
  EXPECT_VALID(I64() + Op(Opcode::kGlobalSet).U(1));
  EXPECT_INVALID(I32() + Op(Opcode::kGlobalSet).U(0), "immutable global 0");
  EXPECT_MISMATCH(I32() + Op(Opcode::kGlobalSet).U(1));
  EXPECT_INVALID(Op(Opcode::kGlobalGet).U(2), "unknown global 2");
}

TEST(FunctionValidatorTest, DropAndSelect) {
  EXPECT_MISMATCH(kDrop);
  const Code select = Op(Opcode::kSelect);
  EXPECT_VALID(I64() + I64() + I32() + select + kDrop);
  EXPECT_MISMATCH(I64() + I32() + I32() + select + kDrop);
  EXPECT_MISMATCH(Null(kFuncRefCode) + Null(kFuncRefCode) + I32() + select +
                  kDrop);
  EXPECT_VALID(kUnreachable + select + kDrop);
  EXPECT_VALID(kUnreachable + I64() + I32() + select + Op(Opcode::kI64Eqz) +
               kDrop);
  EXPECT_MISMATCH(kUnreachable + I64() + I32() + select + Op(Opcode::kI32Eqz) +
                  kDrop);
  const Code typed = Op(Opcode::kSelectTyped);
  EXPECT_VALID(Null(kFuncRefCode) + Null(kFuncRefCode) + I32() +
               Code(typed).Bytes({1, kFuncRefCode}) + kDrop);
  EXPECT_MISMATCH(Null(kFuncRefCode) + Null(kExternRefCode) + I32() +
                  Code(typed).Bytes({1, kFuncRefCode}) + kDrop);
  EXPECT_INVALID(kUnreachable + Code(typed).Byte(0), "invalid result arity");
  EXPECT_INVALID(kUnreachable + Code(typed).Bytes({2, kI32Code, kI32Code}),
                 "invalid result arity");
  EXPECT_INVALID(kUnreachable + Code(typed).Bytes({1, kRefCode, 50}),
                 "unknown type");
}

TEST(FunctionValidatorTest, Blocks) {
  const Code block = Op(Opcode::kBlock);
  EXPECT_VALID(Code(block).Byte(kEmptyBlockCode) + kEnd);
  EXPECT_VALID(Code(block).Byte(kI32Code) + I32() + kEnd + kDrop);
  EXPECT_MISMATCH(Code(block).Byte(kI32Code) + kEnd + kDrop);
  EXPECT_MISMATCH(Code(block).Byte(kEmptyBlockCode) + I32() + kEnd);
  // A block does not see the operands below it.
  EXPECT_MISMATCH(I32() + Code(block).Byte(kEmptyBlockCode) + kDrop + kEnd);
  EXPECT_VALID(I32() + I64() + Code(block).S(kPairType) + kDrop + kDrop +
               I64() + I32() + kEnd + kDrop + kDrop);
  EXPECT_MISMATCH(I64() + I32() + Code(block).S(kPairType) + kUnreachable +
                  kEnd + kUnreachable);
  EXPECT_INVALID(Code(block).S(kStructType) + kEnd,
                 "type mismatch: type 0 is not a function type");
  EXPECT_INVALID(Code(block).S(1000) + kEnd, "unknown type 1000");
  EXPECT_INVALID(Code(block).Bytes({kRefCode, 50}) + kEnd, "unknown type 50");
}

TEST(FunctionValidatorTest, If) {
  const Code if_ = Op(Opcode::kIf);
  const Code else_ = Op(Opcode::kElse);
  EXPECT_VALID(I32() + Code(if_).Byte(kEmptyBlockCode) + kEnd);
  EXPECT_MISMATCH(I64() + Code(if_).Byte(kEmptyBlockCode) + kEnd);
  EXPECT_VALID(I32() + Code(if_).Byte(kI32Code) + I32() + else_ + I32() + kEnd +
               kDrop);
  EXPECT_MISMATCH(I32() + Code(if_).Byte(kI32Code) + I32() + else_ + I64() +
                  kEnd + kDrop);
  EXPECT_MISMATCH(I32() + Code(if_).Byte(kI32Code) + else_ + I32() + kEnd +
                  kDrop);
  // Without else it must leave what it takes.
  EXPECT_MISMATCH(I32() + Code(if_).Byte(kI32Code) + I32() + kEnd + kDrop);
  EXPECT_MISMATCH(I32() + Code(if_).Byte(kI32Code) + kUnreachable + kEnd +
                  kDrop);
  EXPECT_MISMATCH(I32() + I32() + Code(if_).S(kI32ToI64Type) + kUnreachable +
                  kEnd + kDrop);
  // The else branch is reachable whatever the other was.
  EXPECT_MISMATCH(I32() + Code(if_).Byte(kI32Code) + kUnreachable + else_ +
                  kEnd + kDrop);
}

TEST(FunctionValidatorTest, Branches) {
  const Code block = Op(Opcode::kBlock).Byte(kI32Code);
  const Code loop = Op(Opcode::kLoop).Byte(kI32Code);
  EXPECT_VALID(block + I32() + Op(Opcode::kBr).U(0) + kEnd + kDrop);
  EXPECT_MISMATCH(block + Op(Opcode::kBr).U(0) + kEnd + kDrop);
  EXPECT_MISMATCH(block + I64() + Op(Opcode::kBr).U(0) + kEnd + kDrop);
  EXPECT_VALID(block + Op(Opcode::kBr).U(1) + kEnd + kDrop);
  EXPECT_INVALID(block + Op(Opcode::kBr).U(2) + kEnd, "unknown label 2");
  // The label of a loop takes its parameters.
  EXPECT_VALID(loop + Op(Opcode::kBr).U(0) + kEnd + kDrop);
  EXPECT_VALID(block + I32() + I32() + Op(Opcode::kBrIf).U(0) + kEnd + kDrop);
  EXPECT_MISMATCH(block + I32() + Op(Opcode::kBrIf).U(0) + kEnd + kDrop);
  // Behind br_if values have the types of the label.
  EXPECT_MISMATCH(Op(Opcode::kBlock).Byte(kAnyRefCode) + Null(kI31RefCode) +
                  I32() + Op(Opcode::kBrIf).U(0) + Op(Opcode::kI31GetS) +
                  kUnreachable + kEnd + kDrop);
  EXPECT_EQ(Verdict(kToI32Type, I32() + Op(Opcode::kReturn)), "");
  EXPECT_THAT(Verdict(kToI32Type, Op(Opcode::kReturn)),
              ::testing::StartsWith("type mismatch"));
}

TEST(FunctionValidatorTest, BrTable) {
  const Code i32_block = Op(Opcode::kBlock).Byte(kI32Code);
  const Code i64_block = Op(Opcode::kBlock).Byte(kI64Code);
  const Code void_block = Op(Opcode::kBlock).Byte(kEmptyBlockCode);
  const Code table = Op(Opcode::kBrTable);
  EXPECT_VALID(i32_block + I32() + I32() + Code(table).Bytes({2, 0, 0, 0}) +
               kEnd + kDrop);
  EXPECT_MISMATCH(i32_block + I32() + Code(table).Bytes({0, 0}) + kEnd + kDrop);
  EXPECT_INVALID(
      i32_block + I32() + I32() + Code(table).Bytes({1, 7, 0}) + kEnd + kDrop,
      "unknown label 7");
  // Labels of different arity, even where the operands are unknown.
  EXPECT_MISMATCH(void_block + i32_block + kUnreachable +
                  Code(table).Bytes({1, 0, 1}) + kEnd + kDrop + kEnd);
  // Different types fit a bottom operand only.
  EXPECT_MISMATCH(i64_block + i32_block + I32() + I32() +
                  Code(table).Bytes({1, 0, 1}) + kEnd + kDrop + I64() + kEnd +
                  kDrop);
  EXPECT_VALID(i64_block + i32_block + kUnreachable +
               Code(table).Bytes({1, 0, 1}) + kEnd + kDrop + I64() + kEnd +
               kDrop);
  EXPECT_MISMATCH(i64_block + i32_block + kUnreachable + I32() + I32() +
                  Code(table).Bytes({1, 0, 1}) + kEnd + kDrop + I64() + kEnd +
                  kDrop);
}

TEST(FunctionValidatorTest, UnreachableCodeIsStillTyped) {
  EXPECT_VALID(kUnreachable + Op(Opcode::kI32Add) + kDrop);
  EXPECT_VALID(kUnreachable + I32() + Op(Opcode::kI32Add) + kDrop);
  EXPECT_MISMATCH(kUnreachable + I64() + Op(Opcode::kI32Add) + kDrop);
  EXPECT_MISMATCH(kUnreachable + I32());
  // Only the innermost block is polymorphic.
  EXPECT_MISMATCH(Op(Opcode::kBlock).Byte(kEmptyBlockCode) + kUnreachable +
                  kEnd + kDrop);
  EXPECT_MISMATCH(kUnreachable + Op(Opcode::kBlock).Byte(kEmptyBlockCode) +
                  kDrop + kEnd);
  EXPECT_INVALID(kUnreachable + Get(0), "unknown local 0");
  // A reference of unknown type is a reference nevertheless.
  EXPECT_MISMATCH(kUnreachable + Op(Opcode::kRefAsNonNull) +
                  Op(Opcode::kI32Eqz) + kDrop);
  EXPECT_VALID(kUnreachable + Op(Opcode::kRefAsNonNull) +
               Op(Opcode::kArrayLen) + kDrop);
  EXPECT_VALID(kUnreachable +
               Op(Opcode::kArrayNewFixed).U(kI32ArrayType).U(0xFFFFFFFF) +
               kDrop);
}

TEST(FunctionValidatorTest, Calls) {
  EXPECT_VALID(I32() + Op(Opcode::kCall).U(0) + kDrop);
  EXPECT_MISMATCH(I64() + Op(Opcode::kCall).U(0) + kDrop);
  EXPECT_INVALID(Op(Opcode::kCall).U(2), "unknown function 2");
  const auto indirect = [](uint32_t type, uint32_t table) {
    return Op(Opcode::kCallIndirect).U(type).U(table);
  };
  EXPECT_VALID(I32() + I32() + indirect(kI32ToI64Type, 0) + kDrop);
  EXPECT_VALID(I32() + I64() + indirect(kI32ToI64Type, 2) + kDrop);
  EXPECT_VALID(I32() + indirect(kNullaryType, 3));
  EXPECT_MISMATCH(I32() + I32() + indirect(kI32ToI64Type, 2) + kDrop);
  EXPECT_MISMATCH(I32() + indirect(kNullaryType, 1));
  EXPECT_INVALID(I32() + indirect(kNullaryType, 4), "unknown table 4");
  EXPECT_INVALID(I32() + indirect(999, 0), "unknown type 999");
  EXPECT_MISMATCH(I32() + indirect(kStructType, 0));
  EXPECT_VALID(Null(kNullaryType) + Op(Opcode::kCallRef).U(kNullaryType));
  EXPECT_VALID(I32() + Op(Opcode::kRefFunc).U(0) +
               Op(Opcode::kCallRef).U(kI32ToI64Type) + kDrop);
  EXPECT_MISMATCH(Null(kFuncRefCode) + Op(Opcode::kCallRef).U(kNullaryType));
  EXPECT_MISMATCH(kUnreachable + Op(Opcode::kCallRef).U(kI32ArrayType));
}

TEST(FunctionValidatorTest, TailCalls) {
  const auto verdict = [](const Code& code) {
    return Verdict(kI32ToI64Type, code);
  };
  const auto mismatch = ::testing::StartsWith("type mismatch");
  EXPECT_EQ(verdict(Get(0) + Op(Opcode::kReturnCall).U(0)), "");
  EXPECT_EQ(verdict(Get(0) + I32() +
                    Op(Opcode::kReturnCallIndirect).U(kI32ToI64Type).U(0)),
            "");
  EXPECT_EQ(verdict(Get(0) + Null(kI32ToI64Type) +
                    Op(Opcode::kReturnCallRef).U(kI32ToI64Type)),
            "");
  EXPECT_THAT(verdict(Op(Opcode::kReturnCall).U(0)), mismatch);
  EXPECT_THAT(
      verdict(I32() + Op(Opcode::kReturnCallIndirect).U(kNullaryType).U(0)),
      mismatch);
  EXPECT_THAT(
      verdict(Null(kToI32Type) + Op(Opcode::kReturnCallRef).U(kToI32Type)),
      mismatch);
}

TEST(FunctionValidatorTest, Exceptions) {
  const auto try_table = [](std::initializer_list<int> catches) {
    return Op(Opcode::kTryTable).Byte(kEmptyBlockCode).Bytes(catches);
  };
  EXPECT_VALID(I32() + Op(Opcode::kThrow).U(0));
  EXPECT_MISMATCH(Op(Opcode::kThrow).U(0));
  EXPECT_INVALID(Op(Opcode::kThrow).U(1), "unknown tag 1");
  EXPECT_VALID(Null(kExnRefCode) + Op(Opcode::kThrowRef));
  EXPECT_MISMATCH(Null(kFuncRefCode) + Op(Opcode::kThrowRef));
  EXPECT_VALID(Op(Opcode::kBlock).Byte(kI32Code) + try_table({1, 0, 0, 0}) +
               kEnd + I32() + kEnd + kDrop);
  // Labels are those around the block, not its own.
  EXPECT_MISMATCH(Op(Opcode::kBlock).Byte(kI32Code) + try_table({1, 0, 0, 1}) +
                  kEnd + I32() + kEnd + kDrop);
  EXPECT_VALID(try_table({1, 2, 0}) + kEnd);
  EXPECT_INVALID(try_table({1, 2, 1}) + kEnd, "unknown label 1");
  EXPECT_INVALID(try_table({1, 0, 9, 0}) + kEnd, "unknown tag 9");
  EXPECT_MISMATCH(try_table({1, 3, 0}) + kEnd);
  EXPECT_VALID(Op(Opcode::kBlock).Bytes({kRefCode, kExnRefCode}) +
               try_table({1, 3, 0}) + kEnd + kUnreachable + kEnd + kDrop);
  EXPECT_MISMATCH(Op(Opcode::kBlock).Byte(kI32Code) + try_table({1, 1, 0, 0}) +
                  kEnd + I32() + kEnd + kDrop);
}

TEST(FunctionValidatorTest, MemoryAccesses) {
  const auto load = [](Opcode opcode, uint32_t align, uint64_t offset) {
    return Op(opcode).MemArg(align, offset);
  };
  EXPECT_VALID(I32() + load(Opcode::kI32Load, 2, UINT32_MAX) + kDrop);
  EXPECT_INVALID(I32() + load(Opcode::kI32Load, 3, 0) + kDrop,
                 "alignment must not be larger than natural");
  EXPECT_INVALID(I32() + load(Opcode::kI64Load8U, 1, 0) + kDrop,
                 "alignment must not be larger than natural");
  EXPECT_INVALID(I32() + load(Opcode::kI32Load, 63, 0) + kDrop,
                 "alignment must not be larger than natural");
  EXPECT_INVALID(I32() + load(Opcode::kI32Load, 0, uint64_t{1} << 32) + kDrop,
                 "offset out of range");
  EXPECT_VALID(I64() + Op(Opcode::kI32Load).Bytes({0x40, 1}).U(UINT64_MAX) +
               kDrop);
  EXPECT_MISMATCH(I32() + Op(Opcode::kI32Load).Bytes({0x40, 1, 0}) + kDrop);
  EXPECT_INVALID(I32() + Op(Opcode::kI32Load).Bytes({0x40, 2, 0}) + kDrop,
                 "unknown memory 2");
  EXPECT_INVALID(Op(Opcode::kMemorySize).U(2) + kDrop, "unknown memory 2");
}

TEST(FunctionValidatorTest, Lanes) {
  const Code v128 = ValueOfLetter('v', {});
  const auto lane = [&](Opcode opcode, int index) {
    return v128 + Op(opcode).Byte(index) + kDrop;
  };
  EXPECT_VALID(lane(Opcode::kI8x16ExtractLaneS, 15));
  EXPECT_INVALID(lane(Opcode::kI8x16ExtractLaneS, 16), "invalid lane index");
  EXPECT_VALID(lane(Opcode::kI16x8ExtractLaneU, 7));
  EXPECT_INVALID(lane(Opcode::kI16x8ExtractLaneU, 8), "invalid lane index");
  EXPECT_INVALID(lane(Opcode::kF32x4ExtractLane, 4), "invalid lane index");
  EXPECT_VALID(lane(Opcode::kF64x2ExtractLane, 1));
  EXPECT_INVALID(lane(Opcode::kF64x2ExtractLane, 2), "invalid lane index");
  EXPECT_INVALID(lane(Opcode::kI64x2ExtractLane, 255), "invalid lane index");
  const auto store = [&](Opcode opcode, int index) {
    return I32() + v128 + Op(opcode).Bytes({0, 0, index});
  };
  EXPECT_VALID(store(Opcode::kV128Store64Lane, 1));
  EXPECT_INVALID(store(Opcode::kV128Store64Lane, 2), "invalid lane index");
  EXPECT_INVALID(store(Opcode::kV128Store8Lane, 16), "invalid lane index");
  const auto shuffle = [&](int last) {
    return v128 + v128 +
           Op(Opcode::kI8x16Shuffle)
               .Bytes(
                   {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 31, last}) +
           kDrop;
  };
  EXPECT_VALID(shuffle(31));
  EXPECT_INVALID(shuffle(32), "invalid lane index");
}

TEST(FunctionValidatorTest, BulkMemory) {
  const Code three = I32() + I32() + I32();
  EXPECT_VALID(three + Op(Opcode::kMemoryInit).U(0).U(0));
  EXPECT_VALID(I64() + I32() + I32() + Op(Opcode::kMemoryInit).U(0).U(1));
  EXPECT_INVALID(three + Op(Opcode::kMemoryInit).U(1).U(0),
                 "unknown data segment 1");
  EXPECT_INVALID(three + Op(Opcode::kMemoryInit).U(0).U(2), "unknown memory 2");
  EXPECT_INVALID(Op(Opcode::kDataDrop).U(1), "unknown data segment 1");
  // The length is an i64 only where both addresses are.
  const auto copy = [](uint32_t to, uint32_t from) {
    return Op(Opcode::kMemoryCopy).U(to).U(from);
  };
  EXPECT_VALID(three + copy(0, 0));
  EXPECT_VALID(I64() + I64() + I64() + copy(1, 1));
  EXPECT_VALID(I64() + I32() + I32() + copy(1, 0));
  EXPECT_VALID(I32() + I64() + I32() + copy(0, 1));
  EXPECT_MISMATCH(I32() + I64() + I64() + copy(0, 1));
  EXPECT_VALID(I64() + I32() + I64() + Op(Opcode::kMemoryFill).U(1));
}

TEST(FunctionValidatorTest, Tables) {
  EXPECT_VALID(I32() + Op(Opcode::kTableGet).U(0) + Op(Opcode::kRefIsNull) +
               kDrop);
  EXPECT_VALID(I64() + Op(Opcode::kTableGet).U(2) + kDrop);
  EXPECT_MISMATCH(I32() + Op(Opcode::kTableGet).U(2) + kDrop);
  EXPECT_INVALID(I32() + Op(Opcode::kTableGet).U(9), "unknown table 9");
  EXPECT_VALID(I32() + Null(kExternRefCode) + Op(Opcode::kTableSet).U(1));
  EXPECT_MISMATCH(I32() + Null(kFuncRefCode) + Op(Opcode::kTableSet).U(1));
  EXPECT_VALID(Op(Opcode::kTableSize).U(2) + Op(Opcode::kI64Eqz) + kDrop);
  EXPECT_VALID(Null(kFuncRefCode) + I64() + Op(Opcode::kTableGrow).U(2) +
               Op(Opcode::kI64Eqz) + kDrop);
  EXPECT_VALID(I64() + Null(kFuncRefCode) + I64() +
               Op(Opcode::kTableFill).U(2));
  EXPECT_MISMATCH(I64() + Null(kFuncRefCode) + I32() +
                  Op(Opcode::kTableFill).U(2));
  const auto init = [](uint32_t segment, uint32_t table) {
    return Op(Opcode::kTableInit).U(segment).U(table);
  };
  const Code three = I32() + I32() + I32();
  EXPECT_VALID(three + init(0, 0));
  EXPECT_VALID(I64() + I32() + I32() + init(0, 2));
  EXPECT_VALID(three + init(1, 1));
  EXPECT_MISMATCH(three + init(1, 0));
  EXPECT_MISMATCH(three + init(0, 3));
  EXPECT_INVALID(three + init(2, 0), "unknown elem segment 2");
  EXPECT_INVALID(Op(Opcode::kElemDrop).U(2), "unknown elem segment 2");
  const auto copy = [](uint32_t to, uint32_t from) {
    return Op(Opcode::kTableCopy).U(to).U(from);
  };
  EXPECT_VALID(three + copy(0, 3));  // a subtype into funcref
  EXPECT_MISMATCH(three + copy(3, 0));
  EXPECT_MISMATCH(three + copy(0, 1));
  EXPECT_VALID(I64() + I32() + I32() + copy(2, 0));
  EXPECT_VALID(I64() + I64() + I64() + copy(2, 2));
}

TEST(FunctionValidatorTest, References) {
  EXPECT_VALID(Null(kNullaryType) + Op(Opcode::kRefIsNull) + kDrop);
  EXPECT_INVALID(Null(60) + kDrop, "unknown type 60");
  EXPECT_MISMATCH(I32() + Op(Opcode::kRefIsNull) + kDrop);
  EXPECT_VALID(Null(kEqRefCode) + Null(kI31RefCode) + Op(Opcode::kRefEq) +
               kDrop);
  EXPECT_MISMATCH(Null(kEqRefCode) + Null(kAnyRefCode) + Op(Opcode::kRefEq) +
                  kDrop);
  EXPECT_VALID(Op(Opcode::kRefFunc).U(0) + kDrop);
  EXPECT_INVALID(Op(Opcode::kRefFunc).U(1) + kDrop,
                 "undeclared function reference 1");
  EXPECT_INVALID(Op(Opcode::kRefFunc).U(2) + kDrop, "unknown function 2");
  EXPECT_VALID(I32() + Op(Opcode::kRefI31) + Op(Opcode::kI31GetU) + kDrop);
  EXPECT_MISMATCH(Null(kEqRefCode) + Op(Opcode::kI31GetS) + kDrop);
  // Conversions keep nullability.
  EXPECT_VALID(Null(kExternRefCode) + Op(Opcode::kAnyConvertExtern) +
               Op(Opcode::kExternConvertAny) + kDrop);
  EXPECT_VALID(I32() + Op(Opcode::kRefI31) + Op(Opcode::kExternConvertAny) +
               Op(Opcode::kAnyConvertExtern) + I32() +
               Op(Opcode::kArrayNew).U(kNonNullArrayType) + kDrop);
  EXPECT_MISMATCH(Null(kI31RefCode) + Op(Opcode::kExternConvertAny) +
                  Op(Opcode::kAnyConvertExtern) + I32() +
                  Op(Opcode::kArrayNew).U(kNonNullArrayType) + kDrop);
  EXPECT_MISMATCH(Null(kFuncRefCode) + Op(Opcode::kExternConvertAny) + kDrop);
}

TEST(FunctionValidatorTest, NullBranches) {
  const Code block = Op(Opcode::kBlock).Byte(kEmptyBlockCode);
  const Code ref_block = Op(Opcode::kBlock).Bytes({kRefCode, kAnyRefCode});
  EXPECT_VALID(block + Null(kAnyRefCode) + Op(Opcode::kBrOnNull).U(0) + I32() +
               Op(Opcode::kArrayNew).U(kNonNullArrayType) + kDrop + kEnd);
  EXPECT_MISMATCH(block + I32() + Op(Opcode::kBrOnNull).U(0) + kDrop + kEnd);
  EXPECT_MISMATCH(ref_block + Null(kAnyRefCode) + Op(Opcode::kBrOnNull).U(0) +
                  kUnreachable + kEnd + kDrop);
  EXPECT_VALID(ref_block + Null(kEqRefCode) + Op(Opcode::kBrOnNonNull).U(0) +
               kUnreachable + kEnd + kDrop);
  EXPECT_MISMATCH(ref_block + Null(kFuncRefCode) +
                  Op(Opcode::kBrOnNonNull).U(0) + kUnreachable + kEnd + kDrop);
  EXPECT_MISMATCH(block + Null(kAnyRefCode) + Op(Opcode::kBrOnNonNull).U(0) +
                  kUnreachable + kEnd);
  EXPECT_MISMATCH(Op(Opcode::kBlock).Byte(kI32Code) + kUnreachable +
                  Op(Opcode::kBrOnNonNull).U(0) + kUnreachable + kEnd + kDrop);
}

TEST(FunctionValidatorTest, Casts) {
  const auto test = [](int heap_type) {
    return Op(Opcode::kRefTest).Byte(heap_type);
  };
  EXPECT_VALID(Null(kAnyRefCode) + test(kStructType) + kDrop);
  EXPECT_VALID(Null(kI31RefCode) + test(kArrayRefCode) + kDrop);
  EXPECT_MISMATCH(Null(kFuncRefCode) + test(kStructType) + kDrop);
  EXPECT_VALID(Null(kFuncRefCode) + test(kNullaryType) + kDrop);
  EXPECT_MISMATCH(Null(kExternRefCode) + test(kAnyRefCode) + kDrop);
  EXPECT_INVALID(Null(kAnyRefCode) + test(60) + kDrop, "unknown type 60");
  // ref.cast leaves the type that it names.
  EXPECT_VALID(Null(kAnyRefCode) + Op(Opcode::kRefCast).Byte(kStructType) +
               I32() + Op(Opcode::kArrayNew).U(kNonNullArrayType) + kDrop);
  EXPECT_MISMATCH(Null(kAnyRefCode) +
                  Op(Opcode::kRefCastNull).Byte(kStructType) + I32() +
                  Op(Opcode::kArrayNew).U(kNonNullArrayType) + kDrop);
}

TEST(FunctionValidatorTest, CastBranches) {
  // Flags: bit 0 source nullable, bit 1 target nullable.
  const auto cast = [](Opcode opcode, int flags, int from, int to) {
    return Op(opcode).Bytes({flags, 0, from, to});
  };
  const Code struct_block = Op(Opcode::kBlock).Bytes({kRefCode, kStructType});
  const Code any_block = Op(Opcode::kBlock).Byte(kAnyRefCode);
  EXPECT_VALID(struct_block + Null(kAnyRefCode) +
               cast(Opcode::kBrOnCast, 1, kAnyRefCode, kStructType) +
               kUnreachable + kEnd + kDrop);
  // A null goes with a nullable target.
  EXPECT_MISMATCH(struct_block + Null(kAnyRefCode) +
                  cast(Opcode::kBrOnCast, 3, kAnyRefCode, kStructType) +
                  kUnreachable + kEnd + kDrop);
  EXPECT_VALID(any_block + Null(kAnyRefCode) +
               cast(Opcode::kBrOnCast, 3, kAnyRefCode, kStructType) + I32() +
               Op(Opcode::kArrayNew).U(kNonNullArrayType) + kEnd + kDrop);
  EXPECT_MISMATCH(any_block + Null(kAnyRefCode) +
                  cast(Opcode::kBrOnCast, 1, kAnyRefCode, kStructType) + I32() +
                  Op(Opcode::kArrayNew).U(kNonNullArrayType) + kEnd + kDrop);
  // The target must be below the source.
  EXPECT_MISMATCH(any_block + Null(kI31RefCode) +
                  cast(Opcode::kBrOnCast, 1, kI31RefCode, kStructType) + kEnd +
                  kDrop);
  EXPECT_MISMATCH(any_block + Null(kAnyRefCode) +
                  cast(Opcode::kBrOnCast, 2, kAnyRefCode, kStructType) + kEnd +
                  kDrop);
  // br_on_cast_fail takes the rest to the label and goes on with the target.
  EXPECT_VALID(any_block + Null(kAnyRefCode) +
               cast(Opcode::kBrOnCastFail, 1, kAnyRefCode, kStructType) +
               Op(Opcode::kStructGet).U(kStructType).U(0) + kDrop +
               Null(kAnyRefCode) + kEnd + kDrop);
  EXPECT_MISMATCH(struct_block + Null(kAnyRefCode) +
                  cast(Opcode::kBrOnCastFail, 1, kAnyRefCode, kStructType) +
                  kUnreachable + kEnd + kDrop);
  EXPECT_INVALID(
      kUnreachable +
          Op(Opcode::kBrOnCast).Bytes({0, 9, kAnyRefCode, kAnyRefCode}),
      "unknown label 9");
}

TEST(FunctionValidatorTest, Structs) {
  const Code make =
      I32() + I32() + Null(kAnyRefCode) + Op(Opcode::kStructNew).U(kStructType);
  const auto field = [](Opcode opcode, uint32_t type, uint32_t index) {
    return Op(opcode).U(type).U(index);
  };
  EXPECT_VALID(make + kDrop);
  EXPECT_MISMATCH(I32() + Op(Opcode::kStructNew).U(kStructType) + kDrop);
  EXPECT_VALID(Op(Opcode::kStructNewDefault).U(kStructType) + kDrop);
  EXPECT_MISMATCH(Op(Opcode::kStructNewDefault).U(kSubStructType) + kDrop);
  EXPECT_MISMATCH(Op(Opcode::kStructNewDefault).U(kI32ArrayType) + kDrop);
  EXPECT_INVALID(Op(Opcode::kStructNew).U(99) + kDrop, "unknown type 99");
  EXPECT_VALID(make + field(Opcode::kStructGet, kStructType, 0) +
               Op(Opcode::kI32Eqz) + kDrop);
  EXPECT_VALID(make + field(Opcode::kStructGetU, kStructType, 1) + kDrop);
  EXPECT_MISMATCH(make + field(Opcode::kStructGet, kStructType, 1) + kDrop);
  EXPECT_MISMATCH(make + field(Opcode::kStructGetS, kStructType, 0) + kDrop);
  EXPECT_INVALID(make + field(Opcode::kStructGet, kStructType, 3) + kDrop,
                 "unknown field 3");
  EXPECT_MISMATCH(make + field(Opcode::kStructGet, kSubStructType, 0) + kDrop);
  EXPECT_VALID(Null(kSubStructType) +
               field(Opcode::kStructGet, kStructType, 0) + kDrop);
  EXPECT_VALID(make + I32() + field(Opcode::kStructSet, kStructType, 0));
  EXPECT_INVALID(make + I32() + field(Opcode::kStructSet, kStructType, 1),
                 "immutable field 1");
  EXPECT_MISMATCH(make + I64() + field(Opcode::kStructSet, kStructType, 0));
}

TEST(FunctionValidatorTest, NewArrays) {
  const auto make = [](Opcode opcode, uint32_t type) {
    return Op(opcode).U(type);
  };
  EXPECT_VALID(I32() + I32() + make(Opcode::kArrayNew, kI32ArrayType) + kDrop);
  EXPECT_VALID(I32() + I32() + make(Opcode::kArrayNew, kPackedArrayType) +
               kDrop);
  EXPECT_MISMATCH(I64() + I32() + make(Opcode::kArrayNew, kI32ArrayType) +
                  kDrop);
  EXPECT_VALID(I32() + make(Opcode::kArrayNewDefault, kRefArrayType) + kDrop);
  EXPECT_MISMATCH(I32() + make(Opcode::kArrayNewDefault, kNonNullArrayType) +
                  kDrop);
  EXPECT_MISMATCH(I32() + make(Opcode::kArrayNewDefault, kStructType) + kDrop);
  EXPECT_VALID(I32() + I32() +
               make(Opcode::kArrayNewFixed, kI32ArrayType).U(2) + kDrop);
  EXPECT_VALID(make(Opcode::kArrayNewFixed, kI32ArrayType).U(0) + kDrop);
  EXPECT_MISMATCH(I32() + make(Opcode::kArrayNewFixed, kI32ArrayType).U(2) +
                  kDrop);
  const Code two = I32() + I32();
  EXPECT_VALID(two + make(Opcode::kArrayNewData, kPackedArrayType).U(0) +
               kDrop);
  EXPECT_INVALID(two + make(Opcode::kArrayNewData, kRefArrayType).U(0) + kDrop,
                 "array type is not numeric or vector");
  EXPECT_INVALID(two + make(Opcode::kArrayNewData, kI32ArrayType).U(1) + kDrop,
                 "unknown data segment 1");
  EXPECT_VALID(two + make(Opcode::kArrayNewElem, kRefArrayType).U(0) + kDrop);
  EXPECT_MISMATCH(two + make(Opcode::kArrayNewElem, kRefArrayType).U(1) +
                  kDrop);
  EXPECT_MISMATCH(two + make(Opcode::kArrayNewElem, kI32ArrayType).U(0) +
                  kDrop);
  EXPECT_INVALID(two + make(Opcode::kArrayNewElem, kRefArrayType).U(5) + kDrop,
                 "unknown elem segment 5");
}

TEST(FunctionValidatorTest, ArrayElements) {
  const Code array = Null(kI32ArrayType) + I32();
  const Code packed = Null(kPackedArrayType) + I32();
  EXPECT_VALID(array + Op(Opcode::kArrayGet).U(kI32ArrayType) + kDrop);
  EXPECT_MISMATCH(array + Op(Opcode::kArrayGetS).U(kI32ArrayType) + kDrop);
  EXPECT_MISMATCH(packed + Op(Opcode::kArrayGet).U(kPackedArrayType) + kDrop);
  EXPECT_VALID(packed + Op(Opcode::kArrayGetU).U(kPackedArrayType) + kDrop);
  EXPECT_MISMATCH(packed + Op(Opcode::kArrayGet).U(kI32ArrayType) + kDrop);
  EXPECT_VALID(packed + I32() + Op(Opcode::kArraySet).U(kPackedArrayType));
  EXPECT_INVALID(Null(kConstArrayType) + I32() + I64() +
                     Op(Opcode::kArraySet).U(kConstArrayType),
                 "immutable array");
  EXPECT_VALID(Null(kRefArrayType) + Op(Opcode::kArrayLen) + kDrop);
  EXPECT_MISMATCH(Null(kEqRefCode) + Op(Opcode::kArrayLen) + kDrop);
}

TEST(FunctionValidatorTest, BulkArrays) {
  const Code array = Null(kI32ArrayType) + I32();
  EXPECT_VALID(array + I32() + I32() + Op(Opcode::kArrayFill).U(kI32ArrayType));
  EXPECT_INVALID(Null(kConstArrayType) + I32() + I64() + I32() +
                     Op(Opcode::kArrayFill).U(kConstArrayType),
                 "immutable array");
  const auto copy = [](uint32_t to, uint32_t from) {
    return Null(static_cast<int>(to)) + I32() + Null(static_cast<int>(from)) +
           I32() + I32() + Op(Opcode::kArrayCopy).U(to).U(from);
  };
  EXPECT_VALID(copy(kI32ArrayType, kI32ArrayType));
  EXPECT_VALID(copy(kAnyRefArrayType, kNonNullArrayType));
  EXPECT_INVALID(copy(kNonNullArrayType, kAnyRefArrayType),
                 "array types do not match");
  EXPECT_INVALID(copy(kI32ArrayType, kPackedArrayType),
                 "array types do not match");
  EXPECT_INVALID(copy(kConstArrayType, kConstArrayType), "immutable array");
  EXPECT_VALID(array + I32() + I32() +
               Op(Opcode::kArrayInitData).U(kI32ArrayType).U(0));
  EXPECT_INVALID(Null(kRefArrayType) + I32() + I32() + I32() +
                     Op(Opcode::kArrayInitData).U(kRefArrayType).U(0),
                 "array type is not numeric or vector");
  EXPECT_VALID(Null(kRefArrayType) + I32() + I32() + I32() +
               Op(Opcode::kArrayInitElem).U(kRefArrayType).U(0));
  EXPECT_MISMATCH(Null(kRefArrayType) + I32() + I32() + I32() +
                  Op(Opcode::kArrayInitElem).U(kRefArrayType).U(1));
}

TEST(FunctionValidatorTest, NestingHasALimit) {
  ModuleBuilder builder;
  Code code;
  for (int i = 0; i < 100'001; ++i) {
    code.Op(Opcode::kBlock).Byte(kEmptyBlockCode);
  }
  for (int i = 0; i < 100'001; ++i) code.End();
  builder.AddFunction(builder.AddFunctionType({}, {}), code.End());
  EXPECT_THAT(Validate(*Decode(builder.Build()).value()),
              testing::StatusIs(absl::StatusCode::kResourceExhausted,
                                ::testing::HasSubstr("nested more than")));
}

TEST(FunctionValidatorTest, OperandsHaveALimit) {
  ModuleBuilder builder;
  Code type = {0x60, 0};
  type.U(1000);
  for (int i = 0; i < 1000; ++i) type.Byte(kI32Code);
  builder.AddRawTypes(type);
  builder.ImportFunction("m", "f", 0);
  const uint32_t nullary = builder.AddFunctionType({}, {});
  Code code;
  for (int i = 0; i < 1001; ++i) code.Op(Opcode::kCall).U(0);
  builder.AddFunction(nullary, code.Op(Opcode::kUnreachable).End());
  EXPECT_THAT(Validate(*Decode(builder.Build()).value()),
              testing::StatusIs(absl::StatusCode::kResourceExhausted,
                                ::testing::HasSubstr("operands")));
}

TEST(FunctionValidatorTest, LocalsInManyGroups) {
  const auto locals = {std::pair<uint32_t, uint8_t>{2000, kI32Code},
                       {0, kF32Code},
                       {47, kI64Code},
                       {1, kF64Code},  // index 2047: the last in the array
                       {3, kV128Code},
                       {0, kF32Code},
                       {1, kF32Code}};
  const auto verdict = [&](uint32_t index, Opcode opcode) {
    return Verdict(kNullaryType, Get(index) + Op(opcode) + kDrop, locals);
  };
  EXPECT_EQ(verdict(1999, Opcode::kI32Eqz), "");
  EXPECT_EQ(verdict(2000, Opcode::kI64Eqz), "");
  EXPECT_EQ(verdict(2046, Opcode::kI64Eqz), "");
  EXPECT_EQ(verdict(2047, Opcode::kF64Abs), "");
  EXPECT_EQ(verdict(2048, Opcode::kV128Not), "");
  EXPECT_EQ(verdict(2050, Opcode::kV128Not), "");
  EXPECT_EQ(verdict(2051, Opcode::kF32Abs), "");
  EXPECT_EQ(Verdict(kNullaryType, Get(2052), locals), "unknown local 2052");
}

TEST(FunctionValidatorTest, NoLocalsOfATypeThatDoesNotExist) {
  const auto validate = [](uint8_t count) {
    ModuleBuilder builder;
    const uint32_t type = builder.AddFunctionType({}, {});
    builder.AddRawFunction(type, {1, count, kRefNullCode, 7, 0x0B});
    return Validate(*Decode(builder.Build()).value());
  };
  EXPECT_OK(validate(0));
  EXPECT_FALSE(validate(1).ok());
}

}  // namespace
}  // namespace wasmd

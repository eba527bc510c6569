// The fuzz target on valid modules with small damage, always the same: what
// continuous integration can afford of fuzzing.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "base/testing/status_matchers.h"
#include "wasm/decoder.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"
#include "wasm/testing/module_builder.h"
#include "wasm/validator.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace wasmd {
namespace {

using testing::Code;
using testing::kAnyRefCode;
using testing::kEmptyBlockCode;
using testing::kExnRefCode;
using testing::kF64Code;
using testing::kFuncRefCode;
using testing::kI32Code;
using testing::kI64Code;
using testing::kRefCode;
using testing::kRefNullCode;
using testing::ModuleBuilder;

Code Op(Opcode opcode) { return Code().Op(opcode); }

// Loops, branches, memories, tables, globals, segments.
std::vector<uint8_t> NumericModule() {
  ModuleBuilder builder;
  const uint32_t type =
      builder.AddFunctionType({kI32Code, kI64Code}, {kI32Code});
  builder.ImportFunction("m", "f", type);
  builder.Import("m", "g", ExternKind::kGlobal, {kI32Code, 0});
  builder.AddFunction(type,
                      Code()
                          .Op(Opcode::kBlock)
                          .Byte(kEmptyBlockCode)
                          .Op(Opcode::kLoop)
                          .Byte(kEmptyBlockCode)
                          .Op(Opcode::kLocalGet)
                          .U(0)
                          .Op(Opcode::kBrIf)
                          .U(1)
                          .Op(Opcode::kLocalGet)
                          .U(0)
                          .Op(Opcode::kBrTable)
                          .Bytes({2, 0, 1, 1})
                          .End()
                          .End()
                          .Op(Opcode::kLocalGet)
                          .U(0)
                          .Op(Opcode::kI64Load32U)
                          .MemArg(2, 300)
                          .Op(Opcode::kLocalTee)
                          .U(1)
                          .Op(Opcode::kI32WrapI64)
                          .Op(Opcode::kLocalGet)
                          .U(1)
                          .I32Const(3)
                          .Op(Opcode::kCallIndirect)
                          .U(type)
                          .U(0)
                          .End(),
                      {{2, kI64Code}});
  builder.AddTable(kFuncRefCode, 4);
  builder.AddMemory({1, 1, 2});
  builder.AddGlobal(
      {kI32Code, 1},
      Op(Opcode::kGlobalGet).U(0).I32Const(1).Op(Opcode::kI32Add).End());
  builder.Export("run", ExternKind::kFunction, 1);
  builder.AddElement(Code({0}).I32Const(1).End().Bytes({2, 0, 1}));
  builder.SetDataCount(2);
  builder.AddActiveData(16, "some data");
  builder.AddPassiveData("more");
  builder.AddCustom("name", {1, 4, 1, 1, 1, 'r'});
  return builder.Build();
}

// Recursive types, structs, arrays, casts, references to functions.
std::vector<uint8_t> ReferenceModule() {
  ModuleBuilder builder;
  builder.AddRawTypes({0x4E, 2, 0x50, 0, 0x5F, 2, kI32Code, 1, kRefNullCode, 1,
                       1, 0x5E, kRefNullCode, 0, 1},
                      2);
  builder.AddRawTypes(
      {0x50, 1, 0, 0x5F, 3, kI32Code, 1, kRefNullCode, 1, 1, 0x78, 0});
  const uint32_t type = builder.AddFunctionType({kAnyRefCode}, {kI32Code});
  builder.AddFunction(type, Code()
                                .Op(Opcode::kBlock)
                                .Bytes({kRefCode, 2})
                                .Op(Opcode::kLocalGet)
                                .U(0)
                                .Op(Opcode::kBrOnCast)
                                .Bytes({1, 0, kAnyRefCode, 2})
                                .Op(Opcode::kRefCast)
                                .U(0)
                                .Op(Opcode::kStructGet)
                                .Bytes({0, 0})
                                .Op(Opcode::kReturn)
                                .End()
                                .Op(Opcode::kStructGetU)
                                .Bytes({2, 2})
                                .I32Const(4)
                                .Op(Opcode::kArrayNewDefault)
                                .U(1)
                                .Op(Opcode::kArrayLen)
                                .Op(Opcode::kI32Add)
                                .End());
  builder.AddTable(
      Code({0x40, 0, kRefCode, 3, 0, 1}).Op(Opcode::kRefFunc).U(0).End());
  builder.AddGlobal({kRefCode, 0, 0}, Op(Opcode::kStructNewDefault).U(0).End());
  return builder.Build();
}

// What function_validator_simple.cc checks, and enough behind it that it does.
std::vector<uint8_t> SimpleModule() {
  ModuleBuilder builder;
  const uint32_t type =
      builder.AddFunctionType({kI32Code, kI64Code}, {kI32Code});
  Code code;
  code.Op(Opcode::kLocalGet).U(0).Op(Opcode::kLocalTee).U(2);
  code.I32Const(-70000).Op(Opcode::kI32Add).Op(Opcode::kLocalSet).U(2);
  code.Op(Opcode::kLocalGet).U(1).I64Const(int64_t{1} << 60);
  code.Op(Opcode::kI64Xor).Op(Opcode::kI32WrapI64).Op(Opcode::kDrop);
  code.Op(Opcode::kLocalGet).U(0).Op(Opcode::kF64Load).MemArg(3, 100000);
  code.F64(1.5).Op(Opcode::kF64Mul);
  code.Op(Opcode::kLocalSet).U(3).Op(Opcode::kLocalGet).U(0);
  code.Op(Opcode::kLocalGet).U(3).Op(Opcode::kF64Store).MemArg(0, 8);
  code.F32(2).Op(Opcode::kDrop);
  code.Op(Opcode::kGlobalGet).U(0).Op(Opcode::kGlobalSet).U(0);
  code.Op(Opcode::kBlock).Byte(kEmptyBlockCode);
  code.Op(Opcode::kLoop).Byte(kEmptyBlockCode);
  code.Op(Opcode::kLocalGet).U(2).Op(Opcode::kBrIf).U(1);
  code.Op(Opcode::kLocalGet).U(2).Op(Opcode::kIf).Byte(kEmptyBlockCode);
  code.Op(Opcode::kLocalGet).U(2).Op(Opcode::kLocalGet).U(1);
  code.Op(Opcode::kCall).U(0).Op(Opcode::kDrop).End();
  code.Op(Opcode::kBr).U(0).End().End().Op(Opcode::kLocalGet).U(2);
  builder.AddFunction(type, code.End(), {{1, kI32Code}, {1, kF64Code}});
  builder.AddMemory(1);
  builder.AddGlobal({kI32Code, 1}, Code().I32Const(7).End());
  return builder.Build();
}

// Exceptions, tail calls, vectors, a second memory of 64 bits.
std::vector<uint8_t> ExceptionModule() {
  ModuleBuilder builder;
  const uint32_t tag_type = builder.AddFunctionType({kI32Code}, {});
  const uint32_t type = builder.AddFunctionType({}, {kI32Code});
  builder.AddFunction(type, Code()
                                .Op(Opcode::kBlock)
                                .Byte(kI32Code)
                                .Op(Opcode::kTryTable)
                                .Bytes({kEmptyBlockCode, 1, 0, 0, 0})
                                .I32Const(1)
                                .Op(Opcode::kThrow)
                                .U(0)
                                .End()
                                .Op(Opcode::kReturnCall)
                                .U(0)
                                .End()
                                .End());
  builder.AddFunction(type, Code()
                                .I64Const(8)
                                .I32Const(1)
                                .Op(Opcode::kI8x16Splat)
                                .Op(Opcode::kV128Load8Lane)
                                .Bytes({0x40, 1, 8, 3})
                                .Op(Opcode::kDrop)
                                .I32Const(0)
                                .End());
  builder.AddFunction(type, Code()
                                .I64Const(8)
                                .Op(Opcode::kV128Load)
                                .Bytes({0x44, 1, 8})
                                .Op(Opcode::kI8x16ExtractLaneS)
                                .Byte(15)
                                .Op(Opcode::kI32x4Splat)
                                .Op(Opcode::kV128AnyTrue)
                                .End());
  builder.AddMemory(1);
  builder.AddMemory({4, 1});
  builder.AddTag(tag_type);
  builder.AddGlobal({kExnRefCode, 0},
                    Op(Opcode::kRefNull).Byte(kExnRefCode).End());
  return builder.Build();
}

// Changes, takes out, puts in or doubles a few bytes.
void Damage(std::mt19937* random, std::vector<uint8_t>* bytes) {
  const auto below = [random](size_t limit) {
    return static_cast<ptrdiff_t>((*random)() % limit);
  };
  for (ptrdiff_t i = below(3); i >= 0; --i) {
    const ptrdiff_t at = below(bytes->size());
    switch (below(4)) {
      case 0:
        (*bytes)[static_cast<size_t>(at)] = static_cast<uint8_t>((*random)());
        break;
      case 1:
        (*bytes)[static_cast<size_t>(at)] ^=
            static_cast<uint8_t>(1 << below(8));
        break;
      case 2:
        bytes->erase(bytes->begin() + at);
        break;
      default:
        bytes->insert(bytes->begin() + at, static_cast<uint8_t>((*random)()));
        break;
    }
  }
}

TEST(ValidatorFuzzSmokeTest, DamagedModules) {
  const std::vector<uint8_t> seeds[] = {NumericModule(), ReferenceModule(),
                                        ExceptionModule(), SimpleModule()};
  std::mt19937 random(20260101);
  int valid = 0;
  int invalid = 0;
  int malformed = 0;
  for (const std::vector<uint8_t>& seed : seeds) {
    for (int i = 0; i < 3000; ++i) {
      std::vector<uint8_t> bytes = seed;
      Damage(&random, &bytes);
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
      const auto module = Decode(bytes);
      if (!module.ok()) {
        ++malformed;
      } else {
        ++(Validate(**module).ok() ? valid : invalid);
      }
    }
  }
  // The damage is neither harmless nor always the same kind.
  EXPECT_GT(valid, 100);
  EXPECT_GT(invalid, 500);
  EXPECT_GT(malformed, 3000);
}

TEST(ValidatorFuzzSmokeTest, SeedsAreValid) {
  for (const std::vector<uint8_t>& seed : {NumericModule(), ReferenceModule(),
                                           ExceptionModule(), SimpleModule()}) {
    const auto module = Decode(seed);
    ASSERT_OK(module);
    EXPECT_OK(Validate(**module));
    LLVMFuzzerTestOneInput(seed.data(), seed.size());
  }
}

TEST(ValidatorFuzzSmokeTest, EveryPrefix) {
  for (const std::vector<uint8_t>& seed : {NumericModule(), ReferenceModule(),
                                           ExceptionModule(), SimpleModule()}) {
    for (size_t size = 0; size < seed.size(); ++size) {
      LLVMFuzzerTestOneInput(seed.data(), size);
    }
  }
}

}  // namespace
}  // namespace wasmd

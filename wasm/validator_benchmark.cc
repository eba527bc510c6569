// Throughput of decoding and validation, in bytes of binary a second, on a made
// up module of typical code or on the file that WASMD_BENCHMARK_MODULE names.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "wasm/decoder.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"
#include "wasm/testing/module_builder.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

using testing::Code;
using testing::kEmptyBlockCode;
using testing::kF64Code;
using testing::kI32Code;
using testing::kI64Code;
using testing::ModuleBuilder;

// What compilers make of loops over arrays: about the mix of instructions and
// sizes of immediates that real programs have.
Code TypicalLoop(uint32_t callee) {
  return Code()
      .Op(Opcode::kBlock)
      .Byte(kEmptyBlockCode)
      .Op(Opcode::kLoop)
      .Byte(kEmptyBlockCode)
      .Op(Opcode::kLocalGet)
      .U(2)
      .Op(Opcode::kLocalGet)
      .U(1)
      .Op(Opcode::kI32GeU)
      .Op(Opcode::kBrIf)
      .U(1)
      .Op(Opcode::kLocalGet)
      .U(0)
      .Op(Opcode::kLocalGet)
      .U(2)
      .I32Const(3)
      .Op(Opcode::kI32Shl)
      .Op(Opcode::kI32Add)
      .Op(Opcode::kLocalTee)
      .U(3)
      .Op(Opcode::kLocalGet)
      .U(3)
      .Op(Opcode::kF64Load)
      .MemArg(3, 1024)
      .Op(Opcode::kLocalGet)
      .U(4)
      .Op(Opcode::kF64Mul)
      .Op(Opcode::kF64Store)
      .MemArg(3, 2048)
      .Op(Opcode::kLocalGet)
      .U(2)
      .I32Const(-65536)
      .Op(Opcode::kCall)
      .U(callee)
      .Op(Opcode::kIf)
      .Byte(kI32Code)
      .I32Const(1)
      .Op(Opcode::kElse)
      .I32Const(2)
      .End()
      .Op(Opcode::kLocalGet)
      .U(2)
      .Op(Opcode::kI32Add)
      .Op(Opcode::kLocalSet)
      .U(2)
      .Op(Opcode::kBr)
      .U(0)
      .End()
      .End();
}

std::vector<uint8_t> MakeModule() {
  constexpr uint32_t kFunctions = 20'000;
  constexpr int kLoopsInFunction = 8;
  ModuleBuilder builder;
  const uint32_t type =
      builder.AddFunctionType({kI32Code, kI32Code}, {kI32Code});
  builder.AddMemory(1);
  for (uint32_t i = 0; i < kFunctions; ++i) {
    Code code;
    for (int j = 0; j < kLoopsInFunction; ++j) code.Append(TypicalLoop(i));
    builder.AddFunction(type, code.Op(Opcode::kLocalGet).U(2).End(),
                        {{2, kI32Code}, {1, kF64Code}, {3, kI64Code}});
  }
  return builder.Build();
}

std::vector<uint8_t> TheModule() {
  const char* path = std::getenv("WASMD_BENCHMARK_MODULE");
  if (path == nullptr) return MakeModule();
  std::ifstream file(path, std::ios::binary);
  CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

void SetBytes(benchmark::State& state, size_t size) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(size));
}

void BM_Decode(benchmark::State& state) {
  const std::vector<uint8_t> binary = TheModule();
  for (auto _ : state) {
    std::vector<uint8_t> copy = binary;
    auto module = Decode(std::move(copy));
    CHECK(module.ok());
    benchmark::DoNotOptimize(module);
  }
  SetBytes(state, binary.size());
}
BENCHMARK(BM_Decode);

void BM_Validate(benchmark::State& state) {
  const auto module = Decode(TheModule());
  CHECK(module.ok());
  const ValidateOptions options = {.features = {},
                                   .threads = static_cast<int>(state.range(0))};
  for (auto _ : state) CHECK(Validate(**module, options).ok());
  SetBytes(state, (*module)->binary->size());
}
BENCHMARK(BM_Validate)->Arg(1)->ArgName("threads");
BENCHMARK(BM_Validate)->Arg(2)->Arg(4)->ArgName("threads")->UseRealTime();

}  // namespace
}  // namespace wasmd

#include "wasm/testing/module_generator.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <set>
#include <string_view>
#include <vector>

#include "base/testing/status_matchers.h"
#include "wasm/decoder.h"
#include "wasm/instruction_reader.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"
#include "wasm/testing/generated_instructions.h"
#include "wasm/validator.h"

namespace wasmd::testing {
namespace {

TEST(ModuleGeneratorTest, AnyBytesGiveAValidModule) {
  for (const std::vector<uint8_t>& bytes :
       {std::vector<uint8_t>{}, std::vector<uint8_t>(1, 0),
        std::vector<uint8_t>(5000, 0), std::vector<uint8_t>(5000, 1),
        std::vector<uint8_t>(5000, 0xFF)}) {
    ASSERT_OK_AND_ASSIGN(const auto module, Decode(GenerateModule(bytes)));
    EXPECT_OK(Validate(*module));
  }
}

TEST(ModuleGeneratorTest, RandomModulesAreValidAndHaveEveryInstruction) {
  std::set<Opcode> seen;
  std::mt19937 random(1);
  for (int i = 0; i < 1500; ++i) {
    std::vector<uint8_t> bytes(random() % 3000);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    ASSERT_OK_AND_ASSIGN(const auto module, Decode(GenerateModule(bytes)));
    ASSERT_OK(Validate(*module)) << "module " << i;
    for (const Function& function : module->functions) {
      if (function.code.size() == 0) continue;  // imported
      InstructionReader reader(module->Bytes(function.code),
                               function.code.begin);
      Instruction instruction;
      while (!reader.AtEnd()) {
        ASSERT_TRUE(reader.TryRead(&instruction));
        seen.insert(instruction.opcode);
      }
    }
  }
  for (const char result : std::string_view("ilfdv:")) {
    for (const Opcode opcode : InstructionsWithResult(result)) {
      EXPECT_TRUE(seen.contains(opcode)) << InfoOf(opcode).mnemonic;
    }
  }
  EXPECT_GE(seen.size(), 484u);
}

}  // namespace
}  // namespace wasmd::testing

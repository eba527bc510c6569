#include "wasm/module.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "wasm/decoder.h"
#include "wasm/testing/module_builder.h"

namespace wasmd {
namespace {

using testing::Code;
using testing::ModuleBuilder;

TEST(ModuleTest, FindsExportsByName) {
  ModuleBuilder builder;
  const uint32_t type = builder.AddFunctionType({}, {});
  builder.AddFunction(type, Code().End());
  builder.AddMemory(1);
  builder.Export("run", ExternKind::kFunction, 0);
  builder.Export("", ExternKind::kFunction, 0);
  builder.Export("memory", ExternKind::kMemory, 0);
  ASSERT_OK_AND_ASSIGN(auto module, Decode(builder.Build()));
  ASSERT_NE(module->FindExport("memory"), nullptr);
  EXPECT_EQ(module->FindExport("memory")->kind, ExternKind::kMemory);
  EXPECT_EQ(module->FindExport("run"), &module->exports[0]);
  EXPECT_EQ(module->FindExport(""), &module->exports[1]);
  EXPECT_EQ(module->FindExport("runs"), nullptr);
}

TEST(ModuleTest, FindsTheFunctionOfACodeOffset) {
  ModuleBuilder builder;
  const uint32_t type = builder.AddFunctionType({}, {});
  builder.ImportFunction("m", "f", type);
  builder.AddFunction(type, Code().Op(Opcode::kNop).End());
  builder.AddFunction(type, Code().End(), {{1, testing::kI32Code}});
  ASSERT_OK_AND_ASSIGN(auto module, Decode(builder.Build()));
  for (uint32_t i : {1u, 2u}) {
    const CodeRange code = module->functions[i].code;
    EXPECT_EQ(module->FunctionAt(code.begin), i);
    EXPECT_EQ(module->FunctionAt(code.end - 1), i);
    EXPECT_NE(module->FunctionAt(code.end), i);
    EXPECT_EQ(module->FunctionAt(code.begin - 1), std::nullopt);
  }
  EXPECT_EQ(module->FunctionAt(0), std::nullopt);
  EXPECT_EQ(module->FunctionAt(1'000'000), std::nullopt);
}

TEST(ModuleTest, NamesOfKindsAndSections) {
  EXPECT_EQ(ToString(ExternKind::kTag), "tag");
  EXPECT_EQ(ToString(ExternKind::kFunction), "function");
  EXPECT_EQ(SectionName(0), "custom");
  EXPECT_EQ(SectionName(12), "data count");
  EXPECT_EQ(SectionName(13), "tag");
  EXPECT_EQ(SectionName(14), "unknown");
}

}  // namespace
}  // namespace wasmd

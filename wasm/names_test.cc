#include "wasm/names.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/testing/status_matchers.h"
#include "wasm/decoder.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"
#include "wasm/testing/module_builder.h"

namespace wasmd {
namespace {

using testing::Code;
using testing::ModuleBuilder;

Code Subsection(int id, const Code& contents) {
  return Code().Byte(id).Name(contents.bytes());
}

// Functions: 0 imported, 1 exported as "run", 2 without anything.
std::shared_ptr<const Module> MakeModule(const Code& names) {
  ModuleBuilder builder;
  const uint32_t type = builder.AddFunctionType({}, {});
  builder.ImportFunction("env", "log", type);
  builder.AddFunction(type, Code().End());
  builder.AddFunction(type, Code().End());
  builder.AddMemory(0);
  builder.Export("memory", ExternKind::kMemory, 0);
  builder.Export("run", ExternKind::kFunction, 1);
  builder.AddCustom("other", {1, 2, 3});
  builder.AddCustom("name", names);
  return Decode(builder.Build()).value();
}

TEST(NamesTest, ReadsModuleFunctionAndLocalNames) {
  const auto module = MakeModule(
      Subsection(0, Code().Name("shop"))
          .Append(Subsection(1, Code().U(2).U(1).Name("main").U(2).Name("b")))
          .Append(Subsection(
              2, Code().U(1).U(1).U(2).U(0).Name("x").U(3).Name("y")))
          .Append(Subsection(9, Code({1, 2, 3}))));
  const NameSection names = ReadNames(*module);
  EXPECT_EQ(names.module, "shop");
  EXPECT_EQ(names.functions.size(), 2u);
  EXPECT_EQ(names.functions.at(1), "main");
  EXPECT_EQ(names.locals.at(1).at(0), "x");
  EXPECT_EQ(names.locals.at(1).at(3), "y");
  EXPECT_EQ(FunctionName(*module, names, 1), "main");
}

TEST(NamesTest, NamesForFunctionsWithoutOne) {
  const auto module = MakeModule({});
  const NameSection names = ReadNames(*module);
  EXPECT_EQ(FunctionName(*module, names, 0), "env.log");
  EXPECT_EQ(FunctionName(*module, names, 1), "run");
  EXPECT_EQ(FunctionName(*module, names, 2), "func[2]");
}

TEST(NamesTest, DamageIsIgnored) {
  const Code good = Subsection(1, Code().U(1).U(1).Name("main"));
  const Code damaged[] = {
      Code(good).Byte(1),                               // no size
      Code(good).Bytes({2, 99}),                        // size out of bounds
      Code(good).Append(Subsection(2, {1})),            // ends too early
      Code(good).Append(Subsection(0, {1, 'x', 'y'})),  // goes on too long
      Subsection(1, {1, 1, 1, 0xFF}),                   // not UTF-8
  };
  for (const Code& bytes : damaged) {
    const NameSection names = ReadNames(*MakeModule(bytes));
    EXPECT_TRUE(names.functions.empty());
    EXPECT_TRUE(names.module.empty());
  }
}

TEST(NamesTest, NamesOfNothingAreIgnored) {
  const auto module = MakeModule(
      Subsection(1, Code().U(2).U(3).Name("beyond").U(1).Name("main"))
          .Append(Subsection(2, Code().U(1).U(7).U(1).U(0).Name("x"))));
  const NameSection names = ReadNames(*module);
  EXPECT_EQ(names.functions.size(), 1u);
  EXPECT_TRUE(names.locals.empty());
}

}  // namespace
}  // namespace wasmd

#include "wasm/disassembler.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "base/testing/status_matchers.h"
#include "wasm/decoder.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"
#include "wasm/testing/module_builder.h"

namespace wasmd {
namespace {

using testing::Code;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::kFuncRefCode;
using testing::kI32Code;
using testing::kI64Code;
using testing::ModuleBuilder;
using testing::StatusIs;

std::string ListingOf(const ModuleBuilder& builder,
                      const DisassembleOptions& options) {
  const auto module = Decode(builder.Build());
  EXPECT_OK(module);
  std::ostringstream out;
  EXPECT_OK(Disassemble(**module, options, out));
  return out.str();
}

TEST(DisassemblerTest, Code) {
  ModuleBuilder builder;
  const uint32_t type = builder.AddFunctionType({kI32Code}, {kI32Code});
  builder.AddFunction(type,
                      Code()
                          .Op(Opcode::kLocalGet)
                          .U(0)
                          .Op(Opcode::kIf)
                          .Byte(kI32Code)
                          .I32Const(300)
                          .Op(Opcode::kElse)
                          .Op(Opcode::kLocalGet)
                          .U(0)
                          .Op(Opcode::kCall)
                          .U(0)
                          .End()
                          .End(),
                      {{2, kI64Code}});
  builder.AddCustom("name", {1, 4, 1, 0, 1, 'f'});
  EXPECT_EQ(ListingOf(builder, {.headers = false, .code = true, .bytes = true}),
            "\n"
            "00000018  function[0] (type 0)  ;; \"f\"\n"
            "  (local 2 x i64)\n"
            "0000001b  20 00                     local.get 0\n"
            "0000001d  04 7f                     if (result i32)\n"
            "0000001f  41 ac 02                    i32.const 300\n"
            "00000022  05                        else\n"
            "00000023  20 00                       local.get 0\n"
            "00000025  10 00                       call 0  ;; \"f\"\n"
            "00000027  0b                        end\n"
            "00000028  0b                        end\n");
  EXPECT_THAT(
      ListingOf(builder, {.headers = false, .code = true, .bytes = false}),
      HasSubstr("0000001d    if (result i32)\n"
                "0000001f      i32.const 300\n"));
}

TEST(DisassemblerTest, Headers) {
  ModuleBuilder builder;
  const uint32_t type = builder.AddFunctionType({}, {});
  builder.AddRawTypes({0x4E, 2, 0x5F, 1, 0x63, 2, 1, 0x60, 0, 0}, 2);
  builder.AddFunctionType({}, {});
  builder.ImportFunction("env", "f\n", type);
  builder.AddFunction(type, Code().End());
  builder.AddTable({0x40, 0, kFuncRefCode, 1, 1, 2, 0xD2, 0, 0x0B});
  builder.AddMemory({5, 1, 2});
  builder.AddTag(type);
  builder.AddGlobal({kI32Code, 1}, Code().I32Const(7).End());
  builder.Export("run", ExternKind::kFunction, 1);
  builder.SetStart(1);
  builder.AddElement(Code({0}).I32Const(0).End().Bytes({1, 1}));
  builder.AddElement({7, kFuncRefCode, 1, 0xD2, 0, 0x0B});
  builder.AddActiveData(16, "hello");
  builder.AddPassiveData("x");
  const std::string listing =
      ListingOf(builder, {.headers = true, .code = false, .bytes = false});
  for (const char* line : {
           "\nsections\n  0000000a  type, ",
           "  type[1] (struct (field (mut (ref null 2))))"
           "  ;; group of 2 from 1\n",
           "  type[3] (func)  ;; same as type[0]\n",
           "  function[0] \"env\" \"f\\0a\" (type 0)\n",
           "  function[1] (type 0), 2 bytes at ",
           "  table[0] 1 2 funcref (ref.func 0)\n",
           "  memory[0] i64 1 2\n",
           "  tag[0] (type 0)\n",
           "  global[0] (mut i32) (i32.const 7)\n",
           "  \"run\" function[1]\n",
           "\nstart function[1]\n",
           "  element[0] (ref func) table[0] (i32.const 0)\n"
           "    function[1]\n",
           "  element[1] funcref declarative\n    (ref.func 0)\n",
           "  data[0] 5 bytes at ",
           " memory[0] (i32.const 16)\n",
           " passive\n",
       }) {
    EXPECT_THAT(listing, HasSubstr(line));
  }
}

TEST(DisassemblerTest, MalformedBody) {
  ModuleBuilder builder;
  const uint32_t type = builder.AddFunctionType({}, {});
  builder.AddFunction(type, {0x01, 0xFF, 0x0B});
  ASSERT_OK_AND_ASSIGN(auto module, Decode(builder.Build()));
  std::ostringstream out;
  EXPECT_THAT(Disassemble(*module, {.headers = false}, out),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("illegal opcode ff")));
  EXPECT_THAT(out.str(), EndsWith("nop\n"));
}

}  // namespace
}  // namespace wasmd

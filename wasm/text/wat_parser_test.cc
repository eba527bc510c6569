#include "wasm/text/wat_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/leb128.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "wasm/features.h"
#include "wasm/opcodes.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr uint8_t kTypeSection = 1;
constexpr uint8_t kImportSection = 2;
constexpr uint8_t kFunctionSection = 3;
constexpr uint8_t kTableSection = 4;
constexpr uint8_t kMemorySection = 5;
constexpr uint8_t kGlobalSection = 6;
constexpr uint8_t kExportSection = 7;
constexpr uint8_t kStartSection = 8;
constexpr uint8_t kElementSection = 9;
constexpr uint8_t kCodeSection = 10;
constexpr uint8_t kDataSection = 11;
constexpr uint8_t kDataCountSection = 12;
constexpr uint8_t kTagSection = 13;

std::string Hex(ByteSpan bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (uint8_t byte : bytes) {
    if (!out.empty()) out.push_back(' ');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

// The contents of a section in hex, "" where there is none, or the error.
std::string Section(uint8_t id, std::string_view text, bool names = false) {
  ParseWatOptions options;
  options.names = names;
  const absl::StatusOr<std::vector<uint8_t>> binary = ParseWat(text, options);
  if (!binary.ok()) return std::string(binary.status().message());
  ByteSpan rest = ByteSpan(*binary).subspan(8);
  while (!rest.empty()) {
    const uint8_t found = rest[0];
    const auto size = ReadUnsignedLeb128<uint32_t>(rest.subspan(1));
    const ByteSpan contents = rest.subspan(1 + size.size_bytes, size.value);
    if (found == id) return Hex(contents);
    rest = rest.subspan(1 + size.size_bytes + size.value);
  }
  return "";
}

// The instructions of the first function of "(func instructions)" and more
// fields, in hex, without the final end.
std::string Code(std::string_view instructions, std::string_view fields = "") {
  const std::string hex =
      Section(kCodeSection, StrCat("(func ", instructions, ")", fields));
  if (hex.find(':') != std::string::npos) return hex;  // an error
  // count, size of the body, no locals; end. All of these are one byte.
  constexpr size_t kBefore = 9;
  constexpr size_t kEnd = 3;
  return hex.size() < kBefore + kEnd
             ? ""
             : hex.substr(kBefore, hex.size() - kBefore - kEnd);
}

std::string ErrorOf(std::string_view text) {
  const absl::StatusOr<std::vector<uint8_t>> binary = ParseWat(text);
  return binary.ok() ? "OK" : std::string(binary.status().message());
}

TEST(WatParserTest, AModuleMayLackItsParentheses) {
  ASSERT_OK_AND_ASSIGN(const std::vector<uint8_t> empty, ParseWat(""));
  EXPECT_EQ(Hex(empty), "00 61 73 6d 01 00 00 00");
  EXPECT_EQ(ParseWat("(module)").value(), empty);
  EXPECT_EQ(ParseWat("(module (func))").value(), ParseWat("(func)").value());
  EXPECT_EQ(ErrorOf("(module) (func)"), "1:10: unexpected token (");
  EXPECT_EQ(ErrorOf("(module"), "1:8: unexpected end");
  EXPECT_EQ(ErrorOf("(module))"), "1:9: unexpected token )");
  EXPECT_EQ(ErrorOf("(modul)"), "1:2: unexpected token modul");
}

// Every instruction without immediates, straight from the table.
TEST(WatParserTest, PlainInstructionsComeFromTheTable) {
  int tested = 0;
  for (int i = 0; i < kOpcodeCount; ++i) {
    const Opcode opcode = static_cast<Opcode>(i);
    const OpcodeInfo& info = InfoOf(opcode);
    if (info.immediates != Immediates::kNone || opcode == Opcode::kEnd ||
        opcode == Opcode::kElse) {
      continue;
    }
    std::string code;
    if (info.prefix != 0) code.push_back(static_cast<char>(info.prefix));
    if (info.prefix != 0) {
      AppendUnsignedLeb128(&code, info.code);
    } else {
      code.push_back(static_cast<char>(info.code));
    }
    EXPECT_EQ(Code(info.mnemonic), Hex(AsBytes(code))) << info.mnemonic;
    EXPECT_EQ(Code(StrCat("(", info.mnemonic, ")")), Hex(AsBytes(code)));
    ++tested;
  }
  EXPECT_GT(tested, 300);
}

TEST(WatParserTest, FoldedOperandsComeFirst) {
  EXPECT_EQ(Code("(i32.add (i32.const 1) (i32.mul (nop) (i32.const 2)))"),
            "41 01 01 41 02 6c 6a");
  EXPECT_EQ(Code("(drop (i32.const 1)) nop (nop)"), "41 01 1a 01 01");
  EXPECT_THAT(ErrorOf("(func (i32.add i32.const 1))"),
              HasSubstr("unexpected token i32.const"));
}

TEST(WatParserTest, BlocksFlatAndFolded) {
  EXPECT_EQ(Code("block nop end"), "02 40 01 0b");
  EXPECT_EQ(Code("(block nop (nop))"), "02 40 01 01 0b");
  EXPECT_EQ(Code("loop (result i32) i32.const 0 end"), "03 7f 41 00 0b");
  EXPECT_EQ(Code("if nop else unreachable end"), "04 40 01 05 00 0b");
  EXPECT_EQ(Code("(if (i32.const 1) (then nop) (else unreachable))"),
            "41 01 04 40 01 05 00 0b");
  EXPECT_EQ(Code("(if (then))"), "04 40 0b");
  EXPECT_EQ(Code("(if (nop) (nop) (then block end))"),
            "01 01 04 40 02 40 0b 0b");
  EXPECT_EQ(Code("block (param i32) end"), "02 01 0b");
  EXPECT_EQ(Code("block (result i32 i64) end"), "02 01 0b");
  EXPECT_EQ(Code("block (type 0) end"), "02 00 0b");
}

TEST(WatParserTest, UnbalancedBlocks) {
  for (const char* bad :
       {"(func block)", "(func end)", "(func else)", "(func (block end))",
        "(func block else end)", "(func if else else end)", "(func (if (then)",
        "(func (if (else)))", "(func (if (then) (then)))", "(func (then))",
        "(func (if (then) (else) (else)))", "(func (if (then) (nop)))",
        "(func (end))", "(func (if))", "(func if (then) end)", "(func ())"}) {
    EXPECT_NE(ErrorOf(bad), "OK") << bad;
  }
}

TEST(WatParserTest, Labels) {
  EXPECT_EQ(Code("block $a block $b br $a br $b br 2 end end"),
            "02 40 02 40 0c 01 0c 00 0c 02 0b 0b");
  EXPECT_EQ(Code("block $a block $a br $a end br $a end"),
            "02 40 02 40 0c 00 0b 0c 00 0b");
  EXPECT_EQ(Code("block $a end $a"), "02 40 0b");
  EXPECT_EQ(Code("if $a else $a end $a"), "04 40 05 0b");
  EXPECT_EQ(Code("(block $a br_table $a 0 1)"), "02 40 0e 02 00 00 01 0b");
  // The operands of an if are outside its label, and so are catch clauses.
  EXPECT_EQ(Code("(block $a (if $a (br $a) (then (br $a))))"),
            "02 40 0c 00 04 40 0c 00 0b 0b");
  EXPECT_EQ(Code("block $a try_table $a (catch_all $a) br $a end end"),
            "02 40 1f 40 01 02 00 0c 00 0b 0b");
  EXPECT_EQ(ErrorOf("(func block $a end br $a)"), "1:23: unknown label $a");
  EXPECT_EQ(ErrorOf("(func block $a end $b)"), "1:20: mismatching label $b");
  EXPECT_EQ(ErrorOf("(func block end $b)"), "1:17: mismatching label $b");
  EXPECT_EQ(ErrorOf("(func if $a else $b end)"), "1:18: mismatching label $b");
  EXPECT_THAT(ErrorOf("(func br_table)"), HasSubstr("unexpected token"));
}

TEST(WatParserTest, TryTableCatches) {
  EXPECT_EQ(Code("block try_table (result i32) (catch $e 0) (catch_ref 1 1) "
                 "(catch_all_ref 0) end end",
                 "(tag $d) (tag $e)"),
            "02 40 1f 7f 03 00 01 00 01 01 01 03 00 0b 0b");
  EXPECT_EQ(Code("(try_table (catch_all 0) nop)"), "1f 40 01 02 00 01 0b");
}

TEST(WatParserTest, Constants) {
  EXPECT_EQ(Code("i32.const -1 i32.const 0xffffffff"), "41 7f 41 7f");
  EXPECT_EQ(Code("i64.const 0x8000000000000000"),
            "42 80 80 80 80 80 80 80 80 80 7f");
  EXPECT_EQ(Code("f32.const 1 f64.const -nan:0x1"),
            "43 00 00 80 3f 44 01 00 00 00 00 00 f0 ff");
  EXPECT_EQ(Code("v128.const i16x8 0 1 2 3 4 5 -1 65535"),
            "fd 0c 00 00 01 00 02 00 03 00 04 00 05 00 ff ff ff ff");
  EXPECT_EQ(Code("v128.const f64x2 1 inf"),
            "fd 0c 00 00 00 00 00 00 f0 3f 00 00 00 00 00 00 f0 7f");
  EXPECT_EQ(ErrorOf("(func i32.const 0x1_0000_0000)"),
            "1:17: i32 constant out of range");
  EXPECT_THAT(ErrorOf("(func f32.const 1e39)"), HasSubstr("out of range"));
  EXPECT_THAT(ErrorOf("(func i32.const nan)"), HasSubstr("unexpected token"));
  EXPECT_THAT(ErrorOf("(func v128.const i32x4 0 0 0)"),
              HasSubstr("unexpected token"));
  EXPECT_THAT(ErrorOf("(func v128.const 0)"), HasSubstr("unexpected token"));
}

TEST(WatParserTest, MemoryArguments) {
  constexpr std::string_view kMemories = "(memory 1) (memory $m 1)";
  EXPECT_EQ(Code("i32.load"), "28 02 00");
  EXPECT_EQ(Code("i64.load8_u offset=300"), "31 00 ac 02");
  EXPECT_EQ(Code("i64.store offset=0x10 align=4"), "37 02 10");
  EXPECT_EQ(Code("i32.load $m offset=1", kMemories), "28 42 01 01");
  EXPECT_EQ(Code("i32.load 1 align=1", kMemories), "28 40 01 00");
  EXPECT_EQ(Code("v128.load8_lane 3"), "fd 54 00 00 03");
  EXPECT_EQ(Code("v128.load32_lane 1 3", kMemories), "fd 56 42 01 00 03");
  EXPECT_EQ(Code("v128.load32_lane $m 3", kMemories), "fd 56 42 01 00 03");
  EXPECT_EQ(Code("v128.store64_lane 1 align=2 1 i32.load", kMemories),
            "fd 5b 41 01 00 01 28 02 00");
  EXPECT_EQ(Code("v128.load8_lane 3 i32.const 0"), "fd 54 00 00 03 41 00");
  EXPECT_THAT(ErrorOf("(func i32.load align=3)"),
              HasSubstr("alignment must be a power of two"));
  EXPECT_THAT(ErrorOf("(func i32.load align=0)"),
              HasSubstr("alignment must be a power of two"));
  EXPECT_NE(ErrorOf("(func i32.load align=2 offset=1)"), "OK");
  EXPECT_NE(ErrorOf("(func i32.load offset=-1)"), "OK");
  EXPECT_NE(ErrorOf("(func i32.load offset= 1)"), "OK");
}

TEST(WatParserTest, IndexImmediates) {
  constexpr std::string_view kFields =
      "(table 1 funcref) (table $t 1 funcref) (memory 1) (memory $m 1)"
      "(elem $e func) (data $d) (data $f)";
  EXPECT_EQ(Code("table.get table.set $t", kFields), "25 00 26 01");
  EXPECT_EQ(Code("table.copy table.copy $t 0", kFields),
            "fc 0e 00 00 fc 0e 01 00");
  EXPECT_EQ(Code("table.init $e table.init $t $e", kFields),
            "fc 0c 00 00 fc 0c 00 01");
  EXPECT_EQ(Code("memory.init $f memory.init $m $f", kFields),
            "fc 08 01 00 fc 08 01 01");
  EXPECT_EQ(Code("memory.copy $m 0 memory.fill $m memory.size", kFields),
            "fc 0a 01 00 fc 0b 01 3f 00");
  EXPECT_EQ(Code("call_indirect $t (type 0) call_indirect", kFields),
            "11 00 01 11 00 00");
  EXPECT_EQ(Code("i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 255"),
            "fd 0d 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e ff");
  EXPECT_THAT(ErrorOf("(func i8x16.extract_lane_s 256)"),
              HasSubstr("out of range"));
  EXPECT_EQ(ErrorOf("(func call $f)"), "1:12: unknown func $f");
  EXPECT_EQ(ErrorOf("(func local.get $f)"), "1:17: unknown local $f");
}

TEST(WatParserTest, ReferenceInstructions) {
  EXPECT_EQ(Code("ref.null func ref.null 0 ref.null any"), "d0 70 d0 00 d0 6e");
  EXPECT_EQ(Code("ref.test (ref i31) ref.test i31ref ref.cast (ref null 0) "
                 "ref.cast (ref 0)"),
            "fb 14 6c fb 15 6c fb 17 00 fb 16 00");
  EXPECT_EQ(Code("block $l (br_on_cast $l anyref (ref eq)) end"),
            "02 40 fb 18 01 00 6e 6d 0b");
  EXPECT_EQ(Code("br_on_cast_fail 0 (ref any) (ref null i31)"),
            "fb 19 02 00 6e 6c");
  EXPECT_EQ(Code("select select (result i32) select (result i32) (result i64)"),
            "1b 1c 01 7f 1c 02 7f 7e");
  EXPECT_EQ(Code("struct.get $s $y struct.set $s 0 array.new_fixed 1 3",
                 "(type $s (struct (field $x i32) (field $y i64)))"),
            "fb 02 00 01 fb 05 00 00 fb 08 01 03");
  EXPECT_EQ(ErrorOf("(type $s (struct)) (func struct.get $s $y)"),
            "1:40: unknown field $y");
}

TEST(WatParserTest, Types) {
  EXPECT_EQ(Section(kTypeSection,
                    "(type (func (param i32 i64) (param $x f32) "
                    "(result v128)))"),
            "01 60 03 7f 7e 7d 01 7b");
  EXPECT_EQ(Section(kTypeSection,
                    "(type (struct (field i8 (mut i16)) (field $f f64))) "
                    "(type (array (mut funcref)))"),
            "02 5f 03 78 00 77 01 7c 00 5e 70 01");
  EXPECT_EQ(Section(kTypeSection,
                    "(type $a (sub (func))) (type (sub $a (func))) "
                    "(type (sub final $a (func))) (type (sub final (func)))"),
            "04 50 00 60 00 00 50 01 00 60 00 00 4f 01 00 60 00 00 60 00 00");
  EXPECT_EQ(Section(kTypeSection,
                    "(rec (type $a (array (ref $b))) (type $b (struct))) "
                    "(rec (type (struct))) (rec)"),
            "03 4e 02 5e 64 01 00 5f 00 5f 00 4e 00");
  EXPECT_EQ(Section(kTypeSection,
                    "(type (func (param anyref eqref i31ref structref arrayref "
                    "nullref externref nullexternref nullfuncref exnref "
                    "nullexnref (ref null func) (ref null 0) (ref none))))"),
            "01 60 0e 6e 6d 6c 6b 6a 71 6f 72 73 69 74 70 63 00 64 71 00");
  EXPECT_NE(ErrorOf("(type (struct (field $x i32) (field $x i32)))"), "OK");
  EXPECT_EQ(ErrorOf("(type $a (func)) (type $a (func))"),
            "1:24: duplicate type $a");
  EXPECT_EQ(ErrorOf("(type (func (param (ref $x))))"), "1:25: unknown type $x");
}

TEST(WatParserTest, TypeUses) {
  // Inline signatures reuse an equal simple type, or are appended.
  EXPECT_EQ(Section(kFunctionSection,
                    "(func (param i32)) (type (func)) (func) "
                    "(func (type 1) (param i32)) (func (param i32))"),
            "04 01 00 01 01");
  // Neither an open type nor one of a larger group is simple.
  EXPECT_EQ(Section(kFunctionSection,
                    "(type (sub (func))) (rec (type (func)) (type (func))) "
                    "(func)"),
            "01 03");
  EXPECT_EQ(ErrorOf("(type $t (func)) (func (type $t) (param i32))"),
            "1:24: inline function type does not match explicit type");
  EXPECT_THAT(ErrorOf("(type $t (struct)) (func (type $t) (param i32))"),
              HasSubstr("non-function type"));
  EXPECT_THAT(ErrorOf("(func (type 3) (param i32))"),
              HasSubstr("unknown type"));
  EXPECT_EQ(ErrorOf("(func (type 3))"), "OK");  // validation's matter
  EXPECT_NE(ErrorOf("(func (result i32) (param i32))"), "OK");
  EXPECT_NE(ErrorOf("(func (param $x i32 i32))"), "OK");
  EXPECT_NE(ErrorOf("(func block (param $x i32) end)"), "OK");
}

TEST(WatParserTest, Locals) {
  EXPECT_EQ(Section(kCodeSection,
                    "(func (param $p i32) (local i32 i32) (local $x i64) "
                    "(local i64) local.get $x local.get $p)"),
            "01 0a 02 02 7f 02 7e 20 03 20 00 0b");
  EXPECT_EQ(Section(kCodeSection,
                    "(type $t (func (param i32 i32))) "
                    "(func (type $t) (local $x i32) "
                    "local.set $x)"),
            "01 06 01 01 7f 21 02 0b");
  EXPECT_EQ(ErrorOf("(func (param $x i32) (local $x i32))"),
            "1:32: duplicate local $x");
  EXPECT_THAT(ErrorOf("(func (param $x i32) (param $x i32))"),
              HasSubstr("duplicate local $x"));
  EXPECT_NE(ErrorOf("(func nop (local i32))"), "OK");
}

TEST(WatParserTest, ImportsAndExports) {
  EXPECT_EQ(Section(kImportSection,
                    "(import \"a\" \"f\" (func $f (param i32)))"
                    "(table $t (import \"a\" \"t\") 1 2 externref)"
                    "(memory (import \"a\" \"m\") i64 1)"
                    "(global (import \"a\" \"g\") (mut i32))"
                    "(tag (import \"a\" \"e\") (param i32))"),
            "05 01 61 01 66 00 00 01 61 01 74 01 6f 01 01 02 "
            "01 61 01 6d 02 04 01 01 61 01 67 03 7f 01 01 61 01 65 04 00 00");
  EXPECT_EQ(Section(kExportSection,
                    "(func (export \"a\") (export \"b\")) (func $f) "
                    "(export \"\" (func $f)) (export \"m\" (memory 0)) "
                    "(global (export \"g\") i32 i32.const 0)"),
            "05 01 61 00 00 01 62 00 00 00 00 01 01 6d 02 00 01 67 03 00");
  EXPECT_EQ(ErrorOf("(func) (import \"\" \"\" (func))"),
            "1:16: import after function");
  EXPECT_EQ(ErrorOf("(memory 0) (table (import \"\" \"\") 1 funcref)"),
            "1:19: import after memory");
  EXPECT_THAT(ErrorOf("(import \"\\ff\" \"\" (func))"), HasSubstr("UTF-8"));
  EXPECT_THAT(ErrorOf("(export \"\\c0\" (func 0))"), HasSubstr("UTF-8"));
  EXPECT_EQ(ErrorOf("(func $f) (func $f)"), "1:17: duplicate func $f");
  EXPECT_EQ(ErrorOf("(import \"\" \"\" (func $f)) (func $f)"),
            "1:32: duplicate func $f");
}

TEST(WatParserTest, TablesAndElements) {
  EXPECT_EQ(Section(kTableSection,
                    "(table 1 funcref) (table i64 1 0x10 (ref null 0)) "
                    "(table 2 (ref func) (ref.func 0)) (table funcref (elem))"),
            "04 70 00 01 63 00 05 01 10 40 00 64 70 00 02 d2 00 0b "
            "70 01 00 00");
  EXPECT_EQ(Section(kElementSection,
                    "(table 1 funcref) (func $f)"
                    "(elem (i32.const 0) $f 0) (elem func $f)"
                    "(elem declare func $f) (elem (offset i32.const 1) func)"
                    "(elem (table 0) (i32.const 0) func $f)"
                    "(elem funcref (ref.func $f) (item ref.null func))"
                    "(elem (i32.const 0) funcref (item (ref.func 0)))"
                    "(elem (table 1) (i32.const 0) (ref func) (ref.func 0))"
                    "(elem (table 1) (i32.const 0) func 0)"
                    "(elem declare externref)"),
            "0a 00 41 00 0b 02 00 00 01 00 01 00 03 00 01 00 00 41 01 0b 00 "
            "00 41 00 0b 01 00 05 70 02 d2 00 0b d0 70 0b "
            "04 41 00 0b 01 d2 00 0b 06 01 41 00 0b 64 70 01 d2 00 0b "
            "02 01 41 00 0b 00 01 00 07 6f 00");
  EXPECT_EQ(Section(kElementSection, "(func) (table i64 funcref (elem 0))"),
            "01 00 42 00 0b 01 00");
  EXPECT_EQ(Section(kElementSection,
                    "(func) (type (func)) (table (ref null 0) (elem 0))"),
            "01 06 00 41 00 0b 63 00 01 d2 00 0b");
  // The segment inside a table counts in the index space.
  EXPECT_EQ(Code("elem.drop $e", "(table funcref (elem)) (elem $e func)"),
            "fc 0d 01");
  EXPECT_NE(ErrorOf("(table 1 funcref) (elem $f)"), "OK");
  EXPECT_NE(ErrorOf("(table 1 funcref) (elem (table 0) (i32.const 0) 0)"),
            "OK");
}

TEST(WatParserTest, MemoriesAndData) {
  EXPECT_EQ(Section(kMemorySection,
                    "(memory 1) (memory i64 1 2) "
                    "(memory i32 0 0) (memory (data \"a\"))"),
            "04 00 01 05 01 02 01 00 00 01 01 01");
  EXPECT_EQ(Section(kDataSection,
                    "(data (i32.const 0) \"a\" \"\\01\") (data) "
                    "(data (memory 1) (offset (i64.const 0)) \"b\") "
                    "(memory i64 (data \"c\"))"),
            "04 00 41 00 0b 02 61 01 01 00 02 01 42 00 0b 01 62 "
            "00 42 00 0b 01 63");
  EXPECT_EQ(Section(kDataCountSection, "(data) (func data.drop 0)"), "01");
  EXPECT_EQ(Section(kDataCountSection, "(data)"), "");
}

TEST(WatParserTest, GlobalsTagsAndStart) {
  EXPECT_EQ(Section(kGlobalSection,
                    "(global i32 i32.const 1) "
                    "(global $g (mut i64) (i64.const 2))"),
            "02 7f 00 41 01 0b 7e 01 42 02 0b");
  EXPECT_EQ(Section(kTagSection, "(tag $e (param i32)) (tag (type 0))"),
            "02 00 00 00 00");
  EXPECT_EQ(Section(kStartSection, "(start $f) (func) (func $f)"), "01");
  EXPECT_THAT(ErrorOf("(func) (start 0) (start 0)"),
              HasSubstr("multiple start sections"));
}

TEST(WatParserTest, NameSection) {
  // "name", module, functions, locals.
  EXPECT_EQ(
      Section(0, "(module $M (func $f (param $p i32) (local $x i32)) (func))",
              /*names=*/true),
      "04 6e 61 6d 65 00 02 01 4d 01 04 01 00 01 66 "
      "02 09 01 00 02 00 01 70 01 01 78");
  // Types, tables, memories, globals, elements, data, fields, tags.
  EXPECT_EQ(
      Section(0,
              "(type $T (struct (field $x i32))) (table $t 0 funcref) "
              "(memory $m 0) (global $g i32 i32.const 0) (elem $e func) "
              "(data $d) (tag $E)",
              /*names=*/true),
      "04 6e 61 6d 65 04 04 01 00 01 54 05 04 01 00 01 74 06 04 01 00 01 6d "
      "07 04 01 00 01 67 08 04 01 00 01 65 09 04 01 00 01 64 "
      "0a 06 01 00 01 00 01 78 0b 04 01 00 01 45");
  EXPECT_EQ(Section(0, "(func $f)", /*names=*/false), "");
  EXPECT_EQ(Section(0, "(func)", /*names=*/true), "");
}

TEST(WatParserTest, CustomSectionsOfAnnotations) {
  ParseWatOptions options;
  options.names = false;
  ASSERT_OK_AND_ASSIGN(
      const std::vector<uint8_t> binary,
      ParseWat("(module (@custom \"a\" (before memory) \"1\") (memory 0) "
               "(@custom \"b\" \"2\" \"3\") (@custom \"c\" (after memory)) "
               "(@custom \"d\" (before first)) (@custom \"e\" (after code)))",
               options));
  // d, a, the memory, c, e (there is no code), b.
  EXPECT_EQ(Hex(ByteSpan(binary).subspan(8)),
            "00 02 01 64 00 03 01 61 31 05 03 01 00 00 00 02 01 63 "
            "00 02 01 65 00 04 01 62 32 33");
  for (const char* bad :
       {"(@custom)", "(@custom 1)", "(@custom \"\\ff\")", "(@custom \"a\" b)",
        "(@custom \"a\" (type))", "(@custom \"a\" (after))",
        "(@custom \"a\" (after first))", "(@custom \"a\" (before data x))",
        "(func (@custom \"a\"))", "(@custom , )"}) {
    EXPECT_THAT(ErrorOf(bad), HasSubstr("annotation")) << bad;
  }
}

TEST(WatParserTest, NamesOfAnnotations) {
  EXPECT_EQ(
      Section(0,
              "(module $M (@name \"N\") (func $f (@name \"\\u{3bb}\") "
              "(param $p (@name \"q\") i32) (local $x (@name \"y\") i32)) "
              "(func (@name \"g\")))",
              /*names=*/true),
      "04 6e 61 6d 65 00 02 01 4e 01 08 02 00 02 ce bb 01 01 67 "
      "02 09 01 00 02 00 01 71 01 01 79");
  EXPECT_EQ(ErrorOf("(module (@name \"a\") (@name \"b\"))"),
            "1:27: misplaced @name annotation");
  EXPECT_THAT(ErrorOf("(func nop (@name \"a\"))"), HasSubstr("misplaced"));
  EXPECT_THAT(ErrorOf("(func (@name a))"), HasSubstr("@name annotation"));
  EXPECT_THAT(ErrorOf("(func (@name \"\\ff\"))"), HasSubstr("UTF-8"));
}

TEST(WatParserTest, ObsoleteAndUnknownMnemonics) {
  for (const char* bad :
       {"get_local 0", "current_memory", "i32.wrap/i64", "anyfunc", "i32.foo",
        "set_global 0", "try end", "i32.trunc_s:sat/f32", "tee_local 0"}) {
    EXPECT_THAT(ErrorOf(StrCat("(func ", bad, ")")),
                HasSubstr("unknown operator"))
        << bad;
  }
}

TEST(WatParserTest, FeaturesThatAreOff) {
  ParseWatOptions options;
  options.features = FeatureSet().Without(Feature::kSimd);
  EXPECT_THAT(ParseWat("(func i32x4.add)", options).status().message(),
              HasSubstr("its feature is off"));
  EXPECT_OK(ParseWat("(func i32.add)", options));
}

TEST(WatParserTest, ErrorsHaveLineAndColumn) {
  EXPECT_EQ(ErrorOf("(module\n  (func\n    i32.foo))"),
            "3:5: unknown operator i32.foo");
  EXPECT_THAT(ErrorOf("(func \"" + std::string(500, 'x') + "\")"),
              StartsWith("1:7: unexpected token"));
}

// Nesting costs memory, not native stack, and has a limit.
TEST(WatParserTest, DeepNesting) {
  const auto nested = [](std::string_view open, int depth) {
    std::string text = "(func ";
    for (int i = 0; i < depth; ++i) text += open;
    return text + std::string(static_cast<size_t>(depth), ')') + ")";
  };
  for (const char* open : {"(drop ", "(block ", "(loop $l "}) {
    EXPECT_EQ(ErrorOf(nested(open, 90'000)), "OK");
    EXPECT_THAT(ErrorOf(nested(open, 1'000'000)), HasSubstr("nested deeper"));
  }
  std::string flat = "(func ";
  for (int i = 0; i < 1'000'000; ++i) flat += "block ";
  EXPECT_THAT(ErrorOf(flat + ")"), HasSubstr("nested deeper"));
  EXPECT_TRUE(absl::IsResourceExhausted(ParseWat(flat + ")").status()));
  EXPECT_NE(ErrorOf(std::string(1'000'000, '(')), "OK");
}

}  // namespace
}  // namespace wasmd

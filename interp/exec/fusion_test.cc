// Ops that do two instructions compute what the two do one after the other: for
// all pairs of binary instructions, and of loads and binary instructions, where
// a fused op may come to be. The second function of each pair does the same
// with a block between the two, which keeps them apart.

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/str_cat.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"

namespace wasmd::testing {
namespace {

class FusionTest : public BackendTest {};

struct TypeCase {
  std::string_view type;
  std::string_view unary;
  std::vector<std::string_view> operations;
  std::vector<std::string_view> values;  // of each operand
  std::vector<std::string_view> loads;
};

const std::array<TypeCase, 4>& Types() {
  static const std::array<TypeCase, 4> kTypes = {{
      {"i32",
       "clz",
       {"add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "shr_s",
        "rotl", "eq"},
       {"-2147483643", "37", "-1"},
       {"i32.load", "i32.load8_u", "i32.load16_s"}},
      {"i64",
       "clz",
       {"add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "shr_s",
        "rotl"},
       {"-9223372036854775803", "69", "-1"},
       {"i64.load", "i64.load32_u"}},
      {"f32",
       "neg",
       {"add", "sub", "mul", "div", "min"},
       {"-1.25", "3e38", "nan"},
       {"f32.load"}},
      {"f64",
       "neg",
       {"add", "sub", "mul", "div", "min"},
       {"-1.25", "1e308", "nan"},
       {"f64.load"}},
  }};
  return kTypes;
}

// How an operand is written: a local, or a constant.
std::string Operand(const TypeCase& type, std::string_view local, bool constant,
                    size_t value) {
  if (constant)
    return StrCat("(", type.type, ".const ", type.values[value], ")");
  return StrCat("(local.get ", local, ")");
}

std::string Apart(const TypeCase& type, std::string_view expression) {
  return StrCat("(block (result ", type.type, ") (br 0 ", expression, "))");
}

// Two functions, "f<n>" and "g<n>", with the same body but for the block.
void AddFunctions(const TypeCase& type, std::string_view locals,
                  std::string_view operation, bool swapped, bool to_local,
                  std::string_view inner, std::string_view other, int number,
                  std::string* module) {
  for (const bool apart : {false, true}) {
    const std::string first = apart ? Apart(type, inner) : std::string(inner);
    std::string result =
        swapped
            ? StrCat("(", type.type, ".", operation, " ", other, first, ")")
            : StrCat("(", type.type, ".", operation, " ", first, other, ")");
    if (operation == "eq") {
      result = StrCat("(", type.type, ".extend_i32_u ", result, ")");
      if (type.type == "i32") {
        result = swapped ? StrCat("(i32.eq ", other, first, ")")
                         : StrCat("(i32.eq ", first, other, ")");
      }
    }
    StrAppend(module, "(func (export \"", apart ? "g" : "f", number, "\") ",
              locals, " (result ", type.type, ") ");
    if (to_local) {
      StrAppend(module, "(local.set $c ", result, ") (local.get $c)");
    } else {
      StrAppend(module, result);
    }
    StrAppend(module, ")\n");
  }
}

void ExpectSame(Machine& machine, int count, const TypeCase& type,
                const std::vector<Value>& arguments) {
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(machine.Call("m", StrCat("f", i), arguments),
              machine.Call("m", StrCat("g", i), arguments))
        << type.type << " function " << i;
  }
}

std::string Parameters(const TypeCase& type) {
  return StrCat("(param $a ", type.type, ") (param $b ", type.type,
                ") (param $c ", type.type, ") (param $p i32)");
}

std::vector<Value> Arguments(const TypeCase& type) {
  if (type.type == "i32") {
    return {I32Value(0x80000005u), I32Value(37), I32Value(0xFFFFFFFFu),
            I32Value(16)};
  }
  if (type.type == "i64") {
    return {I64Value(0x8000000000000005u), I64Value(69), I64Value(~0ull),
            I32Value(16)};
  }
  if (type.type == "f32") {
    return {F32Value(-1.25f), F32Value(3e38f),
            F32Value(std::bit_cast<float>(0xFFC00001u)), I32Value(16)};
  }
  return {F64Value(-1.25), F64Value(1e308),
          F64Value(std::bit_cast<double>(0xFFF8000000000001u)), I32Value(16)};
}

TEST_P(FusionTest, PairsOfBinaryInstructions) {
  for (const TypeCase& type : Types()) {
    std::string module = "(module ";
    int count = 0;
    for (const std::string_view first : type.operations) {
      if (first == "eq") continue;
      for (const std::string_view second : type.operations) {
        for (int kinds = 0; kinds < 32; ++kinds) {
          const std::string left = "(local.get $a)";
          const std::string right = Operand(type, "$b", (kinds & 1) != 0, 1);
          const std::string third =
              Operand(type, "$c", (kinds & 2) != 0, (kinds & 1) ? 0 : 2);
          std::string inner =
              StrCat("(", type.type, ".", first, " ", left, right, ")");
          // With the left operand in the accumulator.
          if ((kinds & 4) != 0) {
            inner = StrCat("(", type.type, ".", first, " (", type.type, ".",
                           type.unary, " ", left, ") ", right, ")");
          }
          AddFunctions(type, Parameters(type), second, (kinds & 8) != 0,
                       (kinds & 16) != 0, inner, third, count++, &module);
        }
      }
    }
    StrAppend(&module, ")");
    Machine machine(backend());
    machine.Add("m", module);
    ExpectSame(machine, count, type, Arguments(type));
  }
}

TEST_P(FusionTest, LoadsAndBinaryInstructions) {
  constexpr std::array<std::string_view, 7> kAddresses = {
      "(local.get $p)",
      "(i32.const 16)",
      "(i32.add (local.get $p) (i32.const 8))",
      "(i32.add (local.get $p) (local.get $p))",
      "(i32.mul (local.get $p) (i32.const 1))",
      "(i32.add (local.get $p) (i32.shl (local.get $p) (i32.const 1)))",
      "(i32.const 65532)",  // out of bounds for some
  };
  for (const TypeCase& type : Types()) {
    std::string module =
        "(module (memory 1) (data (i32.const 16) \"\\95\\a2\\03\\44\\f5\\86"
        "\\c7\\40\\19\\8a\\0b\\cc\\4d\\1e\\37\\40\\01\\02\\03\\04\\05\\06"
        "\\07\\c0\\99\\88\\77\\66\\55\\44\\33\\22\\11\\00\\ff\\fe\\fd\\fc"
        "\\fb\\fa\\f9\\f8\\f7\\f6\\f5\\f4\")\n";
    int count = 0;
    for (const std::string_view load : type.loads) {
      for (const std::string_view second : type.operations) {
        for (const std::string_view address : kAddresses) {
          for (int kinds = 0; kinds < 8; ++kinds) {
            AddFunctions(
                type, Parameters(type), second, (kinds & 1) != 0,
                (kinds & 2) != 0, StrCat("(", load, " offset=2 ", address, ")"),
                Operand(type, "$c", (kinds & 4) != 0, 1), count++, &module);
          }
        }
      }
    }
    StrAppend(&module, ")");
    Machine machine(backend());
    machine.Add("m", module);
    ExpectSame(machine, count, type, Arguments(type));
  }
}

// The value that the accumulator equalled before an op that was taken back is
// not mistaken for the result.
TEST_P(FusionTest, AliasesSurvive) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "f") (param $a i32) (param $b i32) (result i32)
      (local $x i32) (local $y i32)
      (local.set $x (i32.mul (local.get $a) (i32.const 3)))
      (local.set $y (i32.xor (i32.mul (local.get $x) (local.get $b))
                             (local.get $x)))
      (i32.add (i32.mul (local.get $x) (i32.const 1000))
               (i32.add (local.get $y) (local.get $x)))))
  )");
  // x = 15, y = (15 * 7) ^ 15 = 102.
  EXPECT_EQ(machine.Call("m", "f", {I32Value(5), I32Value(7)}), "i32:15117");
}

WASMD_FOR_EACH_BACKEND(FusionTest);

}  // namespace
}  // namespace wasmd::testing

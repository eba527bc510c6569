// Every numeric instruction, in every form of operands and destination that the
// translator makes of it, gives what the eval:: function gives. What those give
// is tested beside them.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/str_cat.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"
#include "wasm/opcodes.h"

namespace wasmd::testing {
namespace {

class NumericTest : public BackendTest {};
WASMD_FOR_EACH_BACKEND(NumericTest);

std::string_view TypeName(char letter) {
  switch (letter) {
    case 'i':
      return "i32";
    case 'l':
      return "i64";
    case 'f':
      return "f32";
    default:
      return "f64";
  }
}

std::vector<Value> Samples(char letter) {
  std::vector<Value> values;
  switch (letter) {
    case 'i':
      for (const uint32_t x : {0u, 1u, 7u, 31u, 33u, 0x7FFFFFFFu, 0x80000000u,
                               0xFFFFFFFFu, 0xFFFFFFF9u, 0x12345678u}) {
        values.push_back(I32Value(x));
      }
      break;
    case 'l':
      for (const uint64_t x :
           {uint64_t{0}, uint64_t{1}, uint64_t{7}, uint64_t{63}, uint64_t{65},
            uint64_t{0x7FFFFFFFFFFFFFFF}, uint64_t{0x8000000000000000},
            ~uint64_t{0}, uint64_t{0xFFFFFFFF}, uint64_t{0x123456789ABCDEF0}}) {
        values.push_back(I64Value(x));
      }
      break;
    case 'f':
      for (const uint32_t x :
           {0u, 0x80000000u, 0x3F800000u, 0xBF000000u, 0x40200000u, 0x7F800000u,
            0xFF800000u, 0x7FC00000u, 0xFFA00001u, 0x4F000000u, 0x00000001u,
            0x7F7FFFFFu}) {
        values.push_back(F32Value(FromSlot<float>(x)));
      }
      break;
    default:
      for (const uint64_t x :
           {uint64_t{0}, uint64_t{0x8000000000000000},
            uint64_t{0x3FF0000000000000}, uint64_t{0xBFE0000000000000},
            uint64_t{0x4004000000000000}, uint64_t{0x7FF0000000000000},
            uint64_t{0xFFF0000000000000}, uint64_t{0x7FF8000000000000},
            uint64_t{0xFFF4000000000001}, uint64_t{0x41E0000000000000},
            uint64_t{0x0000000000000001}, uint64_t{0x47EFFFFFE0000000}}) {
        values.push_back(F64Value(FromSlot<double>(x)));
      }
  }
  return values;
}

// A float as the text format has it, exactly.
std::string FloatText(bool negative, uint64_t fraction, bool is_nan,
                      double magnitude) {
  std::string text = negative ? "-" : "";
  if (is_nan) return StrCat(text, "nan:0x", absl::Hex(fraction));
  if (magnitude > std::numeric_limits<double>::max()) return text + "inf";
  char digits[64];
  std::snprintf(digits, sizeof(digits), "%a", magnitude);
  return text + digits;
}

std::string ConstOf(const Value& value) {
  if (value.type == kI32Type) return StrCat("(i32.const ", value.low, ")");
  if (value.type == kI64Type) return StrCat("(i64.const ", value.low, ")");
  if (value.type == kF32Type) {
    const float x = value.As<float>();
    return StrCat(
        "(f32.const ",
        FloatText(value.low >> 31, value.low & 0x7FFFFF, x != x, std::fabs(x)),
        ")");
  }
  const double x = value.As<double>();
  return StrCat("(f64.const ",
                FloatText(value.low >> 63, value.low & 0xFFFFFFFFFFFFF, x != x,
                          std::fabs(x)),
                ")");
}

// What computes an operand: the local as it is, a constant, or a value that
// just came out of an instruction.
std::string Computed(char letter, std::string_view local) {
  switch (letter) {
    case 'i':
      return StrCat("(i32.xor ", local, " (i32.const 0))");
    case 'l':
      return StrCat("(i64.xor ", local, " (i64.const 0))");
    case 'f':
      return StrCat("(f32.neg (f32.neg ", local, "))");
    default:
      return StrCat("(f64.neg (f64.neg ", local, "))");
  }
}

struct Numeric {
  std::string_view mnemonic;
  std::string_view operands;
  char result;
};

// All instructions on numbers only, without loads and constants.
std::vector<Numeric> Numerics() {
  std::vector<Numeric> all;
  for (int i = 0; i < kOpcodeCount; ++i) {
    const OpcodeInfo& info = InfoOf(static_cast<Opcode>(i));
    if (info.immediates != Immediates::kNone || info.access_bytes != 0 ||
        info.signature.find('v') != std::string_view::npos) {
      continue;
    }
    const size_t colon = info.signature.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon > 2 ||
        info.signature.size() != colon + 2) {
      continue;
    }
    all.push_back({info.mnemonic, info.signature.substr(0, colon),
                   info.signature.back()});
  }
  return all;
}

// One module per instruction: function "plain" takes the operands as locals and
// returns the result; the others are its variants.
class Variants {
 public:
  Variants(const Backend& backend, const Numeric& numeric)
      : machine_(backend), numeric_(numeric) {
    Generate();
    std::string text = "(module ";
    for (size_t i = 0; i < bodies_.size(); ++i) {
      text += StrCat("(func (export \"", i, "\") (param ");
      for (const char letter : numeric.operands) {
        text += StrCat(TypeName(letter), " ");
      }
      text += StrCat(") (result ", TypeName(numeric.result), ") (local $r ",
                     TypeName(numeric.result), ") ", bodies_[i], ")");
    }
    machine_.Add("m", text + ")");
  }

  size_t size() const { return bodies_.size(); }
  const std::string& body(size_t i) const { return bodies_[i]; }
  std::string Call(size_t variant, const std::vector<Value>& arguments) {
    return machine_.Call("m", std::to_string(variant), arguments);
  }

 private:
  void Generate() {
    std::vector<std::string> left = {
        "(local.get 0)", Computed(numeric_.operands[0], "(local.get 0)")};
    std::vector<std::string> expressions;
    for (const std::string& a : left) {
      if (numeric_.operands.size() == 1) {
        expressions.push_back(StrCat(numeric_.mnemonic, " ", a));
        continue;
      }
      for (const std::string& b :
           {std::string("(local.get 1)"),
            Computed(numeric_.operands[1], "(local.get 1)")}) {
        expressions.push_back(StrCat(numeric_.mnemonic, " ", a, " ", b));
      }
    }
    for (const std::string& expression : expressions) {
      const std::string result = StrCat("(", expression, ")");
      const std::string type(TypeName(numeric_.result));
      bodies_.push_back(result);
      bodies_.push_back(StrCat("(local.set $r ", result, ") (local.get $r)"));
      bodies_.push_back(
          StrCat("(drop (local.tee $r ", result, ")) (local.get $r)"));
      // The accumulator holds a value that is still needed.
      bodies_.push_back(StrCat(Computed(numeric_.result, "(local.get $r)"), " ",
                               result, " (local.set $r) (drop)",
                               " (local.get $r)"));
      bodies_.push_back(StrCat("(block (result ", type, ") ", result, ")"));
    }
  }

  Machine machine_;
  const Numeric numeric_;
  std::vector<std::string> bodies_;
};

TEST_P(NumericTest, EveryFormOfEveryInstructionAgrees) {
  const std::vector<Numeric> numerics = Numerics();
  EXPECT_EQ(numerics.size(), 136u);  // of WebAssembly 2.0 without vectors
  for (const Numeric& numeric : numerics) {
    SCOPED_TRACE(numeric.mnemonic);
    Variants variants(backend(), numeric);
    for (const Value& a : Samples(numeric.operands[0])) {
      for (const Value& b : Samples(numeric.operands.back())) {
        std::vector<Value> arguments = {a};
        if (numeric.operands.size() > 1) arguments.push_back(b);
        const std::string expected = variants.Call(0, arguments);
        for (size_t i = 1; i < variants.size(); ++i) {
          ASSERT_EQ(variants.Call(i, arguments), expected)
              << variants.body(i) << " " << ToString(a) << " " << ToString(b);
        }
        if (numeric.operands.size() == 1) break;
      }
    }
  }
}

// Constants on either side and on both.
TEST_P(NumericTest, ConstantOperands) {
  for (const Numeric& numeric : Numerics()) {
    SCOPED_TRACE(numeric.mnemonic);
    const char left = numeric.operands[0];
    const char right = numeric.operands.back();
    const bool binary = numeric.operands.size() == 2;
    std::string text =
        StrCat("(module (func (export \"plain\") (param ", TypeName(left), " ",
               TypeName(right), ") (result ", TypeName(numeric.result), ") (",
               numeric.mnemonic, " (local.get 0) ",
               binary ? "(local.get 1)" : "", "))");
    const std::vector<Value> lefts = Samples(left);
    const std::vector<Value> rights = Samples(right);
    for (size_t i = 0; i < lefts.size(); ++i) {
      const size_t j = (i * 5 + 3) % rights.size();
      const auto add = [&](const char* name, const std::string& a,
                           const std::string& b) {
        text +=
            StrCat("(func (export \"", name, i, "\") (param ", TypeName(left),
                   " ", TypeName(right), ") (result ", TypeName(numeric.result),
                   ") (", numeric.mnemonic, " ", a, " ", binary ? b : "", "))");
      };
      add("both", ConstOf(lefts[i]), ConstOf(rights[j]));
      add("left", ConstOf(lefts[i]), "(local.get 1)");
      add("right", "(local.get 0)", ConstOf(rights[j]));
      add("leftc", ConstOf(lefts[i]), Computed(right, "(local.get 1)"));
      add("rightc", Computed(left, "(local.get 0)"), ConstOf(rights[j]));
    }
    Machine machine(backend());
    machine.Add("m", text + ")");
    for (size_t i = 0; i < lefts.size(); ++i) {
      const std::vector<Value> arguments = {
          lefts[i], rights[(i * 5 + 3) % rights.size()]};
      const std::string expected = machine.Call("m", "plain", arguments);
      for (const char* name : {"both", "left", "right", "leftc", "rightc"}) {
        EXPECT_EQ(machine.Call("m", StrCat(name, i), arguments), expected)
            << name << " " << ToString(arguments[0]) << " "
            << ToString(arguments[1]);
      }
    }
  }
}

// One known answer or trap for each group of instructions, end to end.
TEST_P(NumericTest, KnownAnswers) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "div_s") (param i32 i32) (result i32)
      (i32.div_s (local.get 0) (local.get 1)))
    (func (export "rem_u") (param i64 i64) (result i64)
      (i64.rem_u (local.get 0) (local.get 1)))
    (func (export "trunc") (param f64) (result i32)
      (i32.trunc_f64_s (local.get 0)))
    (func (export "sat") (param f32) (result i64)
      (i64.trunc_sat_f32_u (local.get 0)))
    (func (export "extend") (param i64) (result i64)
      (i64.extend16_s (local.get 0)))
    (func (export "fmin") (param f64 f64) (result i64)
      (i64.reinterpret_f64 (f64.min (local.get 0) (local.get 1))))
    (func (export "fdiv") (param f32 f32) (result i32)
      (i32.reinterpret_f32 (f32.div (local.get 0) (local.get 1))))))");
  const auto call = [&](const char* name, std::vector<Value> arguments) {
    return machine.Call("m", name, arguments);
  };
  EXPECT_EQ(call("div_s", {I32Value(-7), I32Value(2)}), "i32:-3");
  EXPECT_EQ(call("div_s", {I32Value(1), I32Value(0)}),
            "trap: integer divide by zero");
  EXPECT_EQ(call("div_s", {I32Value(0x80000000), I32Value(~0u)}),
            "trap: integer overflow");
  EXPECT_EQ(call("rem_u", {I64Value(-1), I64Value(10)}), "i64:5");
  EXPECT_EQ(call("trunc", {F64Value(-3.9)}), "i32:-3");
  EXPECT_EQ(call("trunc", {F64Value(3e9)}), "trap: integer overflow");
  EXPECT_EQ(call("trunc", {F64Value(FromSlot<double>(~0ull))}),
            "trap: invalid conversion to integer");
  EXPECT_EQ(call("sat", {F32Value(-5)}), "i64:0");
  EXPECT_EQ(call("extend", {I64Value(0x18000)}), "i64:-32768");
  EXPECT_EQ(call("fmin", {F64Value(0.0), F64Value(-0.0)}),
            "i64:-9223372036854775808");
  // The canonical NaN, where the CPU makes a negative one.
  EXPECT_EQ(call("fdiv", {F32Value(0), F32Value(0)}), "i32:2143289344");
}

}  // namespace
}  // namespace wasmd::testing

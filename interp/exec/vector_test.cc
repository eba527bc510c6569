// Vector instructions in every form of operands and destination that the
// translator makes; loads and stores of vectors; v128 wherever values can be.
// What the instructions compute is tested in interp/eval.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/str_cat.h"
#include "interp/carded_region.h"
#include "interp/memory_instance.h"
#include "interp/module_instance.h"
#include "interp/testing/backends.h"
#include "interp/testing/machine.h"
#include "wasm/opcodes.h"

namespace wasmd::testing {
namespace {

using ::testing::ElementsAre;

class VectorTest : public BackendTest {};
WASMD_FOR_EACH_BACKEND(VectorTest);

const Value kA = V128Value(0x8001FE7F0055AA03, 0x7FC00000BF800000);
const Value kB = V128Value(0x0102030405060708, 0xFFF0000000000001);
const Value kC = V128Value(0x00FF00FF0F0F8001, 0x3FF0000040490FDB);

// Operands and result of an instruction in the letters of opcodes.def.
struct Signature {
  std::string operands;
  char result;
};

Signature SignatureOf(const OpcodeInfo& info) {
  const std::string text(info.signature);
  const size_t colon = text.find(':');
  return {text.substr(0, colon), text[colon + 1]};
}

std::string TypeName(char letter) {
  switch (letter) {
    case 'i':
      return "i32";
    case 'l':
      return "i64";
    case 'f':
      return "f32";
    case 'd':
      return "f64";
    default:
      return "v128";
  }
}

// Instructions that only compute.
std::vector<Opcode> PureVectorOpcodes() {
  std::vector<Opcode> opcodes;
  for (int i = 0; i < kOpcodeCount; ++i) {
    const OpcodeInfo& info = InfoOf(static_cast<Opcode>(i));
    if (info.prefix == 0xFD && !(info.flags & (kLoads | kStores))) {
      opcodes.push_back(static_cast<Opcode>(i));
    }
  }
  return opcodes;
}

TEST_P(VectorTest, EveryInstructionHasHandlers) {
  int count = 0;
  for (const Opcode opcode : PureVectorOpcodes()) {
    const OpcodeInfo& info = InfoOf(opcode);
    std::vector<OperandKind> kinds(SignatureOf(info).operands.size(),
                                   OperandKind::kSlot);
    if (info.immediates != Immediates::kNone) {
      kinds.push_back(OperandKind::kImmediate);
    }
    for (const Handler handler : backend().handlers->vector(opcode, kinds)) {
      EXPECT_NE(handler, 0u) << info.mnemonic;
    }
    ++count;
  }
  // 256 less the loads and stores.
  EXPECT_EQ(count, 234);
}

std::string Immediates(const OpcodeInfo& info) {
  switch (info.immediates) {
    case Immediates::kLane:
      return " 1";
    case Immediates::kLanes16:
      return " 0 17 2 31 4 5 6 7 24 23 10 11 12 13 14 15";
    case Immediates::kV128:
      return " i32x4 1 -2 3 -4";
    default:
      return "";
  }
}

// A value of local `index` that is in an accumulator, when nothing else needs
// it: computed by an instruction.
std::string Computed(char letter, uint32_t index) {
  const std::string local = StrCat("(local.get ", index, ")");
  switch (letter) {
    case 'i':
      return StrCat("(i32.add ", local, " (i32.load (i32.const 0)))");
    case 'l':
      return StrCat("(i64.add ", local, " (i64.load (i32.const 0)))");
    case 'f':
      return StrCat("(f32.neg (f32.neg ", local, "))");
    case 'd':
      return StrCat("(f64.neg (f64.neg ", local, "))");
    default:
      return StrCat("(v128.not (v128.not ", local, "))");
  }
}

// A function for each way to give the operands, and a last one that also uses
// the result in other ways. All give the same result.
std::string FormsOf(const OpcodeInfo& info) {
  const Signature signature = SignatureOf(info);
  const std::string result = TypeName(signature.result);
  const std::string op = StrCat(info.mnemonic, Immediates(info));
  const size_t count = signature.operands.size();
  std::string params = "(param";
  for (const char letter : signature.operands) {
    StrAppend(&params, " ", TypeName(letter));
  }
  params += ")";
  std::string text = "(module (memory 1)\n";
  std::string slots;
  for (size_t i = 0; i < count; ++i) StrAppend(&slots, " (local.get ", i, ")");
  // Operands whose bit of `forms` is set are computed.
  for (size_t forms = 0; forms < size_t{1} << count; ++forms) {
    std::string operands;
    for (size_t i = 0; i < count; ++i) {
      StrAppend(&operands, " ",
                forms >> i & 1
                    ? Computed(signature.operands[i], static_cast<uint32_t>(i))
                    : StrCat("(local.get ", i, ")"));
    }
    StrAppend(&text, "(func (export \"f", forms, "\") ", params, " (result ",
              result, ") (", op, operands, "))\n");
  }
  // Operands that are locals and in the accumulator at the same time.
  std::string tees;
  for (size_t i = 0; i < count; ++i) {
    StrAppend(&tees, " (local.tee ", i, " ",
              Computed(signature.operands[i], static_cast<uint32_t>(i)), ")");
  }
  StrAppend(&text, "(func (export \"tee\") ", params, " (result ", result,
            ") (", op, tees, "))\n");
  StrAppend(&text, "(func (export \"local\") ", params, " (result ", result,
            ") (local ", result, ") (local.set ", count, " (", op, slots,
            ")) (local.get ", count, "))\n");
  StrAppend(&text, "(func (export \"label\") ", params, " (result ", result,
            ") (block (result ", result, ") (br 0 (", op, slots, "))))\n");
  // The result waits below another in the same accumulator.
  StrAppend(&text, "(func (export \"below\") ", params, " (result ", result,
            ") (", op, slots, ") (", op, slots, ") (drop))\n");
  return text + ")";
}

std::vector<Value> ArgumentsFor(const std::string& operands) {
  const std::array vectors = {kA, kB, kC};
  std::vector<Value> arguments;
  for (size_t i = 0; i < operands.size(); ++i) {
    switch (operands[i]) {
      case 'i':
        arguments.push_back(I32Value(0x0A0B0C0D));
        break;
      case 'l':
        arguments.push_back(I64Value(0x0102030405060708));
        break;
      case 'f':
        arguments.push_back(F32Value(-1.5f));
        break;
      case 'd':
        arguments.push_back(F64Value(-1.5));
        break;
      default:
        arguments.push_back(vectors[i]);
    }
  }
  return arguments;
}

TEST_P(VectorTest, EveryFormOfOperandsGivesTheSame) {
  for (const Opcode opcode : PureVectorOpcodes()) {
    const OpcodeInfo& info = InfoOf(opcode);
    SCOPED_TRACE(std::string(info.mnemonic));
    const std::string operands = SignatureOf(info).operands;
    const std::vector<Value> arguments = ArgumentsFor(operands);
    Machine machine(backend());
    machine.Add("m", FormsOf(info));
    const std::string expected = machine.Call("m", "f0", arguments);
    EXPECT_EQ(expected.find("trap"), std::string::npos) << expected;
    for (size_t forms = 1; forms < size_t{1} << operands.size(); ++forms) {
      EXPECT_EQ(machine.Call("m", StrCat("f", forms), arguments), expected)
          << forms;
    }
    for (const char* name : {"tee", "local", "label", "below"}) {
      EXPECT_EQ(machine.Call("m", name, arguments), expected) << name;
    }
  }
}

TEST_P(VectorTest, OneOperandTwice) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "local") (param v128) (result v128)
      (i64x2.add (local.get 0) (local.get 0)))
    (func (export "tee") (param v128) (result v128)
      (i64x2.add (local.tee 0 (v128.not (local.get 0))) (local.get 0)))
    (func (export "three") (param v128) (result v128)
      (v128.bitselect (local.tee 0 (v128.not (local.get 0)))
        (local.get 0) (local.get 0)))
    (func (export "noncommutative") (param v128) (result v128)
      (i64x2.sub (local.get 0) (local.tee 0 (v128.not (local.get 0)))))))");
  const Value one = V128Value(1, 2);
  EXPECT_EQ(machine.Call("m", "local", {one}), ToString(V128Value(2, 4)));
  EXPECT_EQ(machine.Call("m", "tee", {one}),
            ToString(V128Value(~uint64_t{3}, ~uint64_t{5})));
  EXPECT_EQ(machine.Call("m", "three", {one}),
            ToString(V128Value(~uint64_t{1}, ~uint64_t{2})));
  EXPECT_EQ(machine.Call("m", "noncommutative", {one}),
            ToString(V128Value(3, 5)));
}

TEST_P(VectorTest, ConstantsOfScalarsAreImmediates) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "shift") (param v128) (result v128)
      (i16x8.shl (local.get 0) (i32.const 17)))
    (func (export "shift_computed") (param v128) (result v128)
      (i16x8.shl (v128.not (v128.not (local.get 0))) (i32.const 17)))
    (func (export "splat") (result v128) (i8x16.splat (i32.const 0x1FE)))
    (func (export "splat_f64") (result v128) (f64x2.splat (f64.const -0)))
    (func (export "replace") (param v128) (result v128)
      (i64x2.replace_lane 1 (local.get 0) (i64.const -5)))
    (func (export "replace_f32") (param v128) (result v128)
      (f32x4.replace_lane 3 (v128.not (local.get 0)) (f32.const 1)))))");
  EXPECT_EQ(machine.Call("m", "shift", {V128Value(0x8001000100010001, 1)}),
            ToString(V128Value(0x0002000200020002, 2)));
  EXPECT_EQ(machine.Call("m", "shift_computed", {V128Value(1, 0x4000)}),
            ToString(V128Value(2, 0x8000)));
  EXPECT_EQ(machine.Call("m", "splat"),
            "v128:0xfefefefefefefefefefefefefefefefe");
  EXPECT_EQ(machine.Call("m", "splat_f64"),
            "v128:0x80000000000000008000000000000000");
  EXPECT_EQ(machine.Call("m", "replace", {V128Value(7, 8)}),
            ToString(V128Value(7, static_cast<uint64_t>(-5))));
  EXPECT_EQ(machine.Call("m", "replace_f32", {V128Value(0, 0)}),
            ToString(V128Value(~uint64_t{0}, 0x3F800000FFFFFFFF)));
}

// The default profile's results as the handlers make them: compiled otherwise
// than in the tests of eval.
TEST_P(VectorTest, NansAreCanonical) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "sqrt") (param v128) (result v128) (f32x4.sqrt (local.get 0)))
    (func (export "div") (param v128) (result v128)
      (f64x2.div (local.get 0) (local.get 0)))
    (func (export "add") (param v128) (result v128)
      (f32x4.add (local.get 0) (local.get 0)))
    (func (export "floor") (param v128) (result v128)
      (f64x2.floor (local.get 0)))
    (func (export "demote") (param v128) (result v128)
      (f32x4.demote_f64x2_zero (local.get 0)))
    (func (export "madd") (param v128) (result v128)
      (f32x4.relaxed_madd (local.get 0) (local.get 0)
        (f32x4.neg (f32x4.mul (local.get 0) (local.get 0)))))))");
  const Value f32_nans = V128Value(0xFF8000017F800001, 0xFFC00000BF800000);
  EXPECT_EQ(machine.Call("m", "sqrt", {f32_nans}),
            "v128:0x7fc000007fc000007fc000007fc00000");
  EXPECT_EQ(machine.Call("m", "add", {f32_nans}),
            "v128:0x7fc00000c00000007fc000007fc00000");
  EXPECT_EQ(machine.Call("m", "div", {V128Value(0, 0x7FF0000000000000)}),
            "v128:0x7ff80000000000007ff8000000000000");
  const Value f64_nans = V128Value(0xFFF0000000000001, 0xFFFFFFFFFFFFFFFF);
  EXPECT_EQ(machine.Call("m", "floor", {f64_nans}),
            "v128:0x7ff80000000000007ff8000000000000");
  EXPECT_EQ(machine.Call("m", "demote", {f64_nans}),
            "v128:0x00000000000000007fc000007fc00000");
  // Not fused: the product's rounding error is lost.
  EXPECT_EQ(machine.Call("m", "madd",
                         {V128Value(0x3F8000013F800001, 0x3F8000013F800001)}),
            "v128:0x00000000000000000000000000000000");
}

struct Access {
  const char* instruction;
  int bytes;
  int lane;  // -1: the instruction has none
};

constexpr Access kLoads[] = {
    {"v128.load", 16, -1},        {"v128.load8x8_s", 8, -1},
    {"v128.load8x8_u", 8, -1},    {"v128.load16x4_s", 8, -1},
    {"v128.load16x4_u", 8, -1},   {"v128.load32x2_s", 8, -1},
    {"v128.load32x2_u", 8, -1},   {"v128.load8_splat", 1, -1},
    {"v128.load16_splat", 2, -1}, {"v128.load32_splat", 4, -1},
    {"v128.load64_splat", 8, -1}, {"v128.load32_zero", 4, -1},
    {"v128.load64_zero", 8, -1},  {"v128.load8_lane", 1, 15},
    {"v128.load16_lane", 2, 6},   {"v128.load32_lane", 4, 3},
    {"v128.load64_lane", 8, 1},
};
constexpr Access kStores[] = {
    {"v128.store", 16, -1},      {"v128.store8_lane", 1, 11},
    {"v128.store16_lane", 2, 5}, {"v128.store32_lane", 4, 2},
    {"v128.store64_lane", 8, 1},
};

std::string LaneOf(const Access& access) {
  return access.lane < 0 ? "" : StrCat(" ", access.lane);
}

// Exports that all load from the address given, local 0, into local 1.
std::string LoadsOf(const Access& access) {
  const std::string vector = access.lane < 0 ? "" : " (local.get 1)";
  const std::string computed =
      access.lane < 0 ? "" : " (v128.not (v128.not (local.get 1)))";
  const auto function = [](std::string_view name, const std::string& body) {
    return StrCat("(func (export \"", name,
                  "\") (param i32 v128) (result v128) ", body, ")\n");
  };
  const std::string at = StrCat("(", access.instruction, LaneOf(access));
  const std::string offset =
      StrCat("(", access.instruction, " offset=8", LaneOf(access));
  return StrCat(
      "(module (memory (export \"memory\") 1)\n",
      "(data (i32.const 96) \"\\91\\02\\83\\04\\f5\\06\\87\\08"
      "\\19\\fa\\0b\\8c\\0d\\8e\\0f\\f0\\11\\92\")\n",
      function("slot", StrCat(at, " (local.get 0)", vector, ")")),
      function("offset",
               StrCat(offset, " (i32.sub (local.get 0) (i32.const 8))", vector,
                      ")")),
      function("constant", StrCat(offset, " (i32.const 89)", vector, ")")),
      function("computed_vector", StrCat(at, " (local.get 0)", computed, ")")),
      function("both_computed",
               StrCat(offset, " (i32.sub (local.get 0) (i32.const 8))",
                      computed, ")")),
      function("into_local", StrCat("(local.set 1 ", at, " (local.get 0)",
                                    vector, ")) (local.get 1)")),
      function("beyond", StrCat(offset, " (i32.const -1)", vector, ")")), ")");
}

TEST_P(VectorTest, EveryLoadInEveryForm) {
  for (const Access& access : kLoads) {
    SCOPED_TRACE(access.instruction);
    Machine machine(backend());
    machine.Add("m", LoadsOf(access));
    const std::string expected = machine.Call("m", "slot", {I32Value(97), kA});
    EXPECT_EQ(expected.find("trap"), std::string::npos) << expected;
    for (const char* name : {"offset", "constant", "computed_vector",
                             "both_computed", "into_local"}) {
      EXPECT_EQ(machine.Call("m", name, {I32Value(97), kA}), expected) << name;
    }
    // Up to the last byte of the memory and not beyond; addresses do not wrap.
    const auto last = static_cast<uint32_t>(65536 - access.bytes);
    for (const char* name : {"slot", "offset", "both_computed"}) {
      EXPECT_EQ(machine.Call("m", name, {I32Value(last), kA}).find("trap"),
                std::string::npos);
      EXPECT_EQ(machine.Call("m", name, {I32Value(last + 1), kA}),
                "trap: out of bounds memory access");
    }
    EXPECT_EQ(machine.Call("m", "offset", {I32Value(7), kA}),
              "trap: out of bounds memory access");
    EXPECT_EQ(machine.Call("m", "beyond", {I32Value(0), kA}),
              "trap: out of bounds memory access");
  }
}

std::string StoresOf(const Access& access) {
  const auto function = [](std::string_view name, const std::string& body) {
    return StrCat("(func (export \"", name, "\") (param i32 v128) ", body,
                  ")\n");
  };
  const std::string at = StrCat("(", access.instruction, LaneOf(access));
  const std::string offset =
      StrCat("(", access.instruction, " offset=8", LaneOf(access));
  const std::string computed = " (v128.not (v128.not (local.get 1)))";
  return StrCat(
      "(module (memory (export \"memory\") 2)\n",
      "(func (export \"read\") (param i32) (result v128)"
      " (v128.load (local.get 0)))\n",
      function("slot", StrCat(at, " (local.get 0) (local.get 1))")),
      function("offset",
               StrCat(offset,
                      " (i32.sub (local.get 0) (i32.const 8)) (local.get 1))")),
      function("constant", StrCat(offset, " (i32.const 92) (local.get 1))")),
      function("constant_computed",
               StrCat(offset, " (i32.const 92)", computed, ")")),
      function("computed_vector", StrCat(at, " (local.get 0)", computed, ")")),
      function("both_computed",
               StrCat(offset, " (i32.sub (local.get 0) (i32.const 8))",
                      computed, ")")),
      function("beyond", StrCat(offset, " (i32.const -1) (local.get 1))")),
      function("beyond_computed",
               StrCat(offset, " (i32.const -1)", computed, ")")),
      ")");
}

TEST_P(VectorTest, EveryStoreInEveryForm) {
  for (const Access& access : kStores) {
    SCOPED_TRACE(access.instruction);
    // The bytes of the lane, then zeros.
    const Slot from[2] = {kA.low, kA.high};
    Slot to[2] = {0, 0};
    const int first = access.lane < 0 ? 0 : access.lane * access.bytes;
    std::memcpy(to, reinterpret_cast<const char*>(from) + first,
                static_cast<size_t>(access.bytes));
    const std::string expected = ToString(V128Value(to[0], to[1]));
    for (const char* name : {"slot", "offset", "constant", "constant_computed",
                             "computed_vector", "both_computed"}) {
      SCOPED_TRACE(name);
      Machine machine(backend());
      machine.Add("m", StoresOf(access));
      EXPECT_EQ(machine.Call("m", name, {I32Value(100), kA}), "");
      EXPECT_EQ(machine.Call("m", "read", {I32Value(100)}), expected);
      EXPECT_EQ(machine.Call("m", "read", {I32Value(84)}),
                ToString(V128Value(0, 0)));
    }
  }
}

TEST_P(VectorTest, StoresOutOfBoundsWriteNothing) {
  for (const Access& access : kStores) {
    SCOPED_TRACE(access.instruction);
    Machine machine(backend());
    machine.Add("m", StoresOf(access));
    const auto last = static_cast<uint32_t>(2 * 65536 - access.bytes);
    const std::string before =
        machine.Call("m", "read", {I32Value(2 * 65536 - 16)});
    for (const char* name : {"slot", "offset", "computed_vector",
                             "both_computed", "beyond", "beyond_computed"}) {
      EXPECT_EQ(machine.Call("m", name, {I32Value(last + 1), kA}),
                "trap: out of bounds memory access")
          << name;
    }
    EXPECT_EQ(machine.Call("m", "read", {I32Value(2 * 65536 - 16)}), before);
    EXPECT_EQ(machine.Call("m", "slot", {I32Value(last), kA}), "");
  }
}

TEST_P(VectorTest, StoresMarkAllPagesTheyTouch) {
  constexpr uint32_t kPage = uint32_t{1} << kCardPageLog2;
  for (const Access& access : kStores) {
    SCOPED_TRACE(access.instruction);
    Machine machine(backend());
    const ModuleInstance& instance = machine.Add("m", StoresOf(access));
    MemoryInstance& memory = *instance.memories[0];
    memory.ClearDirty();
    EXPECT_EQ(machine.Call("m", "slot", {I32Value(5 * kPage), kA}), "");
    EXPECT_THAT(memory.DirtyPages(), ElementsAre(5));
    if (access.bytes == 1) continue;
    EXPECT_EQ(machine.Call("m", "slot", {I32Value(9 * kPage - 1), kA}), "");
    EXPECT_THAT(memory.DirtyPages(), ElementsAre(5, 8, 9));
  }
}

TEST_P(VectorTest, LocalsAndOperands) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (func (export "zero") (result v128) (local i32 v128 i64 v128 v128)
      (v128.or (v128.or (local.get 1) (local.get 3)) (local.get 4)))
    ;; Operands of other widths above and below.
    (func (export "mixed") (param i32 v128 i64 v128 f64)
      (result i32 v128 i64 v128 f64)
      (local.get 0) (local.get 3) (local.get 2) (local.get 1) (local.get 4))
    ;; The operand keeps the old value of the local.
    (func (export "detached") (param v128) (result v128 v128)
      (local.get 0)
      (local.set 0 (v128.not (local.get 0)))
      (local.get 0))
    (func (export "drop") (param v128) (result v128)
      (local.get 0) (drop (v128.not (local.get 0))))))");
  EXPECT_EQ(machine.Call("m", "zero"), ToString(V128Value(0, 0)));
  EXPECT_EQ(
      machine.Call("m", "mixed",
                   {I32Value(1), kA, I64Value(2), kB, F64Value(0.5)}),
      StrCat("i32:1 ", ToString(kB), " i64:2 ", ToString(kA), " f64:0.5"));
  EXPECT_EQ(machine.Call("m", "detached", {kA}),
            StrCat(ToString(kA), " ", ToString(V128Value(~kA.low, ~kA.high))));
  EXPECT_EQ(machine.Call("m", "drop", {kA}), ToString(kA));
}

TEST_P(VectorTest, Globals) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (global $g (mut v128) (v128.const i64x2 5 6))
    (func (export "get") (result v128) (global.get $g))
    (func (export "get_computed") (result v128)
      (v128.not (v128.not (global.get $g))))
    (func (export "get_local") (result v128) (local v128)
      (local.set 0 (global.get $g)) (local.get 0))
    (func (export "set") (param v128) (global.set $g (local.get 0)))
    (func (export "set_computed") (param v128)
      (global.set $g (v128.not (local.get 0))))))");
  EXPECT_EQ(machine.Call("m", "get"), ToString(V128Value(5, 6)));
  EXPECT_EQ(machine.Call("m", "set", {kA}), "");
  EXPECT_EQ(machine.Call("m", "get"), ToString(kA));
  EXPECT_EQ(machine.Call("m", "set_computed", {kA}), "");
  const std::string expected = ToString(V128Value(~kA.low, ~kA.high));
  EXPECT_EQ(machine.Call("m", "get"), expected);
  EXPECT_EQ(machine.Call("m", "get_computed"), expected);
  EXPECT_EQ(machine.Call("m", "get_local"), expected);
}

TEST_P(VectorTest, SelectInEveryForm) {
  Machine machine(backend());
  const std::string not_a = "(v128.not (v128.not (local.get 0)))";
  const std::string not_b = "(v128.not (v128.not (local.get 1)))";
  const std::string not_c = "(i32.eqz (i32.eqz (local.get 2)))";
  const auto function = [](std::string_view name, const std::string& operands,
                           std::string_view select = "select") {
    return StrCat("(func (export \"", name,
                  "\") (param v128 v128 i32) (result v128) (", select, " ",
                  operands, "))\n");
  };
  const std::string a = "(local.get 0) ";
  const std::string b = "(local.get 1) ";
  const std::string c = "(local.get 2)";
  machine.Add("m", StrCat("(module ", function("slots", a + b + c),
                          function("typed", a + b + c, "select (result v128)"),
                          function("true", not_a + b + c),
                          function("false", a + not_b + c),
                          function("condition", a + b + not_c),
                          function("true_condition", not_a + b + not_c),
                          function("false_condition", a + not_b + not_c),
                          function("all", not_a + not_b + not_c), ")"));
  for (const char* name : {"slots", "typed", "true", "false", "condition",
                           "true_condition", "false_condition", "all"}) {
    EXPECT_EQ(machine.Call("m", name, {kA, kB, I32Value(1)}), ToString(kA))
        << name;
    EXPECT_EQ(machine.Call("m", name, {kA, kB, I32Value(0)}), ToString(kB))
        << name;
  }
  machine.Add("k", R"((module
    (func (export "yes") (param v128 v128) (result v128)
      (select (local.get 0) (local.get 1) (i32.const 1)))
    (func (export "no") (param v128 v128) (result v128)
      (select (v128.not (local.get 0)) (v128.not (local.get 1))
        (i32.const 0)))))");
  EXPECT_EQ(machine.Call("k", "yes", {kA, kB}), ToString(kA));
  EXPECT_EQ(machine.Call("k", "no", {kA, kB}),
            ToString(V128Value(~kB.low, ~kB.high)));
}

TEST_P(VectorTest, CallsAndBranches) {
  Machine machine(backend());
  machine.Add("m", R"((module
    (type $unary (func (param v128) (result v128)))
    (table funcref (elem $not))
    (func $not (param v128) (result v128) (v128.not (local.get 0)))
    (func $swap (param v128 i32 v128) (result v128 i32 v128)
      (local.get 2) (local.get 1) (local.get 0))
    (func $slot (param v128) (result v128) (local.get 0))
    (func (export "call") (param v128) (result v128)
      (call $not (v128.not (call $not (local.get 0)))))
    (func (export "slot") (param v128) (result v128)
      (v128.not (call $slot (local.get 0))))
    (func (export "multiple") (param v128 i32 v128) (result v128 i32 v128)
      (call $swap (local.get 0) (local.get 1) (v128.not (local.get 2))))
    (func (export "indirect") (param v128) (result v128)
      (call_indirect (type $unary) (v128.not (local.get 0)) (i32.const 0)))
    (func (export "br") (param v128 i32) (result v128)
      (block (result v128)
        (i32.const 7) (i64.const 8)
        (br_if 0 (v128.not (local.get 0)) (local.get 1))
        (return)))
    (func (export "br_table") (param v128 i32) (result v128)
      (v128.not (block (result v128)
        (v128.not (block (result v128)
          (i32.const 9)
          (br_table 0 1 2 (local.get 0) (local.get 1)))))))
    (func (export "loop") (param v128 i32) (result v128)
      (local.get 0)
      (loop (param v128) (result v128)
        (i64x2.add (v128.const i64x2 1 2))
        (local.set 1 (i32.sub (local.get 1) (i32.const 1)))
        (br_if 0 (local.get 1))))
    (func (export "if") (param v128 i32) (result v128)
      (local.get 0)
      (if (param v128) (result v128) (local.get 1)
        (then (v128.not)) (else (i64x2.neg))))))");
  const std::string a = ToString(kA);
  const std::string not_a = ToString(V128Value(~kA.low, ~kA.high));
  EXPECT_EQ(machine.Call("m", "call", {kA}), not_a);
  EXPECT_EQ(machine.Call("m", "slot", {kA}), not_a);
  EXPECT_EQ(machine.Call("m", "multiple", {kA, I32Value(3), kB}),
            StrCat(ToString(V128Value(~kB.low, ~kB.high)), " i32:3 ", a));
  EXPECT_EQ(machine.Call("m", "indirect", {kA}), a);
  EXPECT_EQ(machine.Call("m", "br", {kA, I32Value(0)}), not_a);
  EXPECT_EQ(machine.Call("m", "br", {kA, I32Value(1)}), not_a);
  EXPECT_EQ(machine.Call("m", "br_table", {kA, I32Value(0)}), a);
  EXPECT_EQ(machine.Call("m", "br_table", {kA, I32Value(1)}), not_a);
  EXPECT_EQ(machine.Call("m", "br_table", {kA, I32Value(2)}), a);
  EXPECT_EQ(machine.Call("m", "loop", {V128Value(10, 20), I32Value(5)}),
            ToString(V128Value(15, 30)));
  EXPECT_EQ(machine.Call("m", "if", {V128Value(1, 2), I32Value(1)}),
            ToString(V128Value(~uint64_t{1}, ~uint64_t{2})));
  EXPECT_EQ(machine.Call("m", "if", {V128Value(1, 2), I32Value(0)}),
            ToString(V128Value(~uint64_t{0}, ~uint64_t{1})));
}

TEST_P(VectorTest, HostFunctionsAndOtherInstances) {
  Machine machine(backend());
  machine.AddHost("env", "swap", {{kI32Type, kV128Type}, {kV128Type, kI32Type}},
                  [](HostCall& call) {
                    const Slot number = call.arguments[0];
                    const Slot low = call.arguments[1];
                    const Slot high = call.arguments[2];
                    call.results[0] = high;
                    call.results[1] = low;
                    call.results[2] = number + 1;
                    return HostResult::kReturn;
                  });
  machine.AddHost("env", "not", {{kV128Type}, {kV128Type}}, [](HostCall& call) {
    call.results[0] = ~call.arguments[0];
    call.results[1] = ~call.arguments[1];
    return HostResult::kReturn;
  });
  machine.Add("first", R"((module
    (import "env" "not" (func $not (param v128) (result v128)))
    (func (export "negate") (param v128) (result v128)
      (i64x2.neg (local.get 0)))
    (func (export "plus_one") (param v128) (result v128)
      (i64x2.sub (v128.const i64x2 0 0) (call $not (local.get 0))))))");
  machine.Add("second", R"((module
    (import "env" "swap"
      (func $swap (param i32 v128) (result v128 i32)))
    (import "first" "negate" (func $negate (param v128) (result v128)))
    (func (export "swap") (param i32 v128) (result v128 i32)
      (call $swap (local.get 0) (v128.not (local.get 1))))
    (func (export "negate") (param v128) (result v128)
      (v128.not (call $negate (v128.not (local.get 0)))))))");
  EXPECT_EQ(machine.Call("second", "swap", {I32Value(4), V128Value(1, 2)}),
            StrCat(ToString(V128Value(~uint64_t{2}, ~uint64_t{1})), " i32:5"));
  EXPECT_EQ(machine.Call("second", "negate", {V128Value(1, 2)}),
            ToString(V128Value(~uint64_t{2}, ~uint64_t{3})));
  EXPECT_EQ(machine.Call("first", "plus_one", {V128Value(1, 2)}),
            ToString(V128Value(2, 3)));
}

}  // namespace
}  // namespace wasmd::testing

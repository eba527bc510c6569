// Random sources through the whole of the text format. Invariants:
//
//  1. No source crashes, hangs or overflows the native stack.
//  2. An error is InvalidArgument, or ResourceExhausted past a limit, and says
//     "LINE:COLUMN: ".
//  3. What parses is well-formed in binary: it decodes, unless it names a type
//     or a size past an implementation limit.
//  4. Parsing the same source again gives the same result.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "wasm/decoder.h"
#include "wasm/text/wast_script.h"
#include "wasm/text/wat_parser.h"

namespace wasmd {
namespace {

using ::testing::MatchesRegex;

constexpr std::array<std::string_view, 6> kSeeds = {
    R"wat((module $m (type $t (func (param i32 i64) (result f32)))
      (import "a" "b" (func $f (type $t)))
      (memory $mem (export "m") 1 2) (table $tab i64 3 (ref null $t))
      (func $g (export "g") (param $x i32) (local $y (ref null $t))
        (if $l (local.get $x) (then (br $l)) (else nop))
        block $b (result i32) i32.const 1 br_if $b end drop
        (i32.store offset=4 align=2 (i32.const 0) (call $h (i32.const -1))))
      (func $h (param i32) (result i32) local.get 0)
      (start $k) (func $k)
      (elem $e (i32.const 0) $g $h) (data (i32.const 0) "a\00\u{20ac}")))wat",
    R"wat((rec (type $a (sub (struct (field $x (mut i8))
                             (field (ref null $b)))))
      (type $b (sub final $a (array (mut i32)))))
      (func (param (ref $a)) (struct.set $a $x (local.get 0) (i32.const 1))
        (drop (br_on_cast 0 anyref (ref $b) (ref.null any)))
        (drop (array.new_fixed $b 2 (i32.const 1) (i32.const 2)))
        (drop (ref.test (ref i31) (ref.i31 (i32.const 3)))))
      (tag $e (param i32))
      (func block $l (try_table (catch $e $l) (catch_all_ref 0)
        (throw $e (i32.const 1))) end unreachable))wat",
    R"wat((memory i64 (data "x" "y")) (table funcref (elem 0 0)) (global $g (mut
      v128) (v128.const f32x4 1 -0x1.8p3 nan:0x1 inf))
      (func (drop (v128.load8_lane 0 offset=1 3 (i64.const 0)
        (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
        (global.get $g) (global.get $g))))
        (memory.init 0 (i64.const 0) (i32.const 0) (i32.const 1))
        (drop (select (result funcref) (ref.func 0) (ref.null func)
          (call_indirect (result i32) (i32.const 0))))))wat",
    R"wat((module definition $d binary "\00asm" "\01\00\00\00")
      (module instance $i $d) (register "r" $i)
      (assert_return (invoke $i "f" (i32.const 1) (ref.extern 2))
        (either (f32.const nan:canonical) (v128.const i8x16 0 1 2 3 4 5 6 7 8 9
          10 11 12 13 14 15)) (ref.null))
      (assert_malformed (module quote "(func" " $x)") "unexpected"))wat",
    R"wat((@custom "x" (after func) "y") (; block (; nested ;) ;) ;; line
      (func $"quoted \41" (@name "z")) (export "" (func $"quoted A")))wat",
    R"wat((elem declare funcref (item ref.func 0) (ref.func 0)) (data $d)
      (elem (table 0) (offset i32.const 0) func) (table 1 1 (ref func)
      (ref.func 0)) (func (table.init 0 (i32.const 0) (i32.const 0)
      (i32.const 0)) (f64.const 1e308) (f32.const 0x1p-149) (i64.const
      -9223372036854775808) loop (br_table 0 1 0) end (if (then))))wat",
};

constexpr std::array<std::string_view, 40> kFragments = {
    "(",        ")",         "\"",       "$x",      "(;",      ";)",
    ";;",       "(@a",       "(@custom", "end",     "else",    "block",
    "if",       "(then",     "(else",    "(param",  "(result", "(type",
    "(func",    "(module",   "i32",      "0",       "-1",      "4294967296",
    "1e99999",  "nan:0x1",   "offset=",  "align=3", "\\",      "\\u{",
    "\xF0\x9F", "(ref null", "(rec",     "(sub",    "(elem",   "(data",
    "(import",  "try_table", "loop $x",  "\0",
};

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  size_t Below(size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random_);
  }

  std::string Mutate(std::string text) {
    const size_t count = 1 + Below(6);
    for (size_t i = 0; i < count && !text.empty(); ++i) MutateOnce(&text);
    return text;
  }

 private:
  void MutateOnce(std::string* text) {
    const size_t at = Below(text->size());
    const size_t size = 1 + Below(std::min<size_t>(text->size() - at, 40));
    switch (Below(6)) {
      case 0:
        (*text)[at] = static_cast<char>(Below(256));
        break;
      case 1:
        text->erase(at, size);
        break;
      case 2:
        text->insert(at, text->substr(at, size));
        break;
      case 3:
        text->insert(at, kFragments[Below(kFragments.size())]);
        break;
      case 4: {
        const std::string_view other = kSeeds[Below(kSeeds.size())];
        const size_t from = Below(other.size());
        text->insert(at, other.substr(from, 1 + Below(60)));
        break;
      }
      case 5:
        text->resize(at);
        break;
    }
  }

  std::mt19937 random_;
};

void ExpectGoodError(const absl::Status& status, std::string_view source) {
  EXPECT_TRUE(absl::IsInvalidArgument(status) ||
              absl::IsResourceExhausted(status))
      << status;
  EXPECT_THAT(std::string(status.message()), MatchesRegex("[0-9]+:[0-9]+: .+"))
      << source;
}

void CheckModule(std::string_view source) {
  const absl::StatusOr<std::vector<uint8_t>> binary = ParseWat(source);
  if (!binary.ok()) return ExpectGoodError(binary.status(), source);
  EXPECT_EQ(*ParseWat(source), *binary);
  const absl::Status decoded = Decode(*binary).status();
  EXPECT_TRUE(decoded.ok() || absl::IsResourceExhausted(decoded))
      << decoded << "\n"
      << source;
}

void CheckScript(std::string_view source) {
  const absl::StatusOr<std::vector<WastCommand>> script = ParseWast(source);
  if (!script.ok()) return ExpectGoodError(script.status(), source);
  for (const WastCommand& command : *script) {
    if (command.module.has_value()) command.module->Binary().IgnoreError();
  }
}

TEST(TextFuzzTest, TheSeedsThemselvesParse) {
  for (std::string_view seed : kSeeds) {
    const absl::StatusOr<std::vector<WastCommand>> script = ParseWast(seed);
    ASSERT_TRUE(script.ok()) << script.status() << seed;
    const absl::Status status = script->front().module->Binary().status();
    EXPECT_TRUE(status.ok()) << status << seed;
  }
}

TEST(TextFuzzTest, RandomMutationsNeverBreakAnything) {
  const int rounds = std::getenv("WASMD_LONG") == nullptr ? 20'000 : 200'000;
  Mutator mutator(/*seed=*/1);
  for (int round = 0; round < rounds; ++round) {
    std::string source(kSeeds[mutator.Below(kSeeds.size())]);
    source = mutator.Mutate(std::move(source));
    CheckModule(source);
    CheckScript(source);
    if (::testing::Test::HasFailure()) return;
  }
}

// Forms that nest, to a depth that no native stack would survive.
TEST(TextFuzzTest, DeepNestingOfEveryFormIsAnErrorOrFine) {
  for (std::string_view fragment : kFragments) {
    std::string source = "(func ";
    for (int i = 0; i < 300'000; ++i) {
      source += fragment;
      source += ' ';
    }
    CheckModule(source);
    CheckModule(source.substr(6));
    CheckScript("(assert_return (invoke \"f\") " + source);
  }
}

}  // namespace
}  // namespace wasmd

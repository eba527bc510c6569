#include "runtime/back_trace.h"

#include <dlfcn.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "interp/instantiate.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/translated_module.h"
#include "runtime/symbols.h"
#include "wasm/decoder.h"
#include "wasm/text/wat_parser.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

std::vector<uint8_t> TestData(const std::string& name) {
  std::ifstream file("runtime/testdata/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The back trace of the trap that _start ends with.
std::vector<std::string> TraceOf(std::vector<uint8_t> binary,
                                 size_t max_frames = 40) {
  auto module = Decode(std::move(binary));
  EXPECT_OK(module);
  EXPECT_OK(Validate(**module));
  Store store;
  const auto outcome =
      Instantiate(store, TranslatedModule::Create(*std::move(module)),
                  [](const Import&) { return std::nullopt; });
  EXPECT_OK(outcome);
  Thread thread(store);
  EXPECT_OK(thread.Start(outcome->instance->FindExport("_start")->address, {}));
  EXPECT_EQ(thread.Run(), RunResult::kTrapped);
  return BackTrace(thread, max_frames);
}

bool HasLibdwarf() { return dlopen("libdwarf.so.1", RTLD_NOW) != nullptr; }

class Dwarf : public ::testing::TestWithParam<std::string> {};

TEST_P(Dwarf, LinesAreThoseOfTheSource) {
  if (!HasLibdwarf()) GTEST_SKIP() << "libdwarf.so.1 is not there";
  const auto lines = TraceOf(TestData("shapes." + GetParam() + ".wasm"));
  EXPECT_THAT(
      lines,
      ElementsAre(MatchesRegex("#0 shapes::Circle::Ratio\\(int\\) const at "
                               "0x[0-9a-f]+, shapes.cc:16"),
                  MatchesRegex(
                      "#1 int shapes::RatioOf<shapes::Circle>\\(shapes::Circle "
                      "const&, int\\) at 0x[0-9a-f]+, shapes.cc:21"),
                  MatchesRegex("#2 Start at 0x[0-9a-f]+, shapes.cc:30")));
}

TEST_P(Dwarf, InlinedFunctionsAreShown) {
  if (!HasLibdwarf()) GTEST_SKIP() << "libdwarf.so.1 is not there";
  EXPECT_THAT(
      TraceOf(TestData("inlined." + GetParam() + ".wasm")),
      ElementsAre(MatchesRegex("#0 shapes::Half\\(int\\) \\(inlined\\) at "
                               "0x[0-9a-f]+, inlined.cc:7"),
                  MatchesRegex("#0 shapes::RatioOf\\(int\\) \\(inlined\\) at "
                               "0x[0-9a-f]+, inlined.cc:11"),
                  MatchesRegex("#0 shapes::Ratio\\(int\\) at "
                               "0x[0-9a-f]+, inlined.cc:15"),
                  MatchesRegex("#1 Start at 0x[0-9a-f]+, inlined.cc:22")));
}

// Everything after the code section may be anything: the functions and offsets
// stay, and lines are missing or wrong.
void ExpectNoHarmByDamage(
    const std::vector<uint8_t>& whole,
    const std::function<void(const std::vector<std::string>& lines)>& check) {
  const auto sound = Decode(whole);
  ASSERT_OK(sound);
  std::vector<CodeRange> ranges;
  for (const CustomSection& section : (*sound)->custom_sections) {
    if (section.name.starts_with(".debug_")) ranges.push_back(section.bytes);
  }
  ASSERT_GE(ranges.size(), 4u);
  std::mt19937 random(1);
  const auto below = [&](size_t end) {
    return std::uniform_int_distribution<size_t>(0, end - 1)(random);
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<uint8_t> binary = whole;
    const size_t changes = 1 + below(round % 3 == 0 ? 40 : 4);
    for (size_t i = 0; i < changes; ++i) {
      const CodeRange& range = ranges[below(ranges.size())];
      if (range.size() == 0) continue;
      uint8_t& byte = binary[range.begin + below(range.size())];
      byte = round % 2 == 0 ? static_cast<uint8_t>(below(256)) : 0xFF;
    }
    check(TraceOf(std::move(binary)));
  }
}

TEST_P(Dwarf, DamageIsHarmless) {
  ExpectNoHarmByDamage(
      TestData("shapes." + GetParam() + ".wasm"),
      [](const std::vector<std::string>& lines) {
        EXPECT_GE(lines.size(), 3u);
        EXPECT_THAT(lines, Contains(StartsWith("#0 shapes::Circle::Ratio(int) "
                                               "const at")));
      });
  ExpectNoHarmByDamage(TestData("inlined." + GetParam() + ".wasm"),
                       [](const std::vector<std::string>& lines) {
                         EXPECT_GE(lines.size(), 2u);
                         EXPECT_THAT(lines.back(), StartsWith("#1 Start at"));
                       });
}

INSTANTIATE_TEST_SUITE_P(Versions, Dwarf,
                         ::testing::Values("dwarf4", "dwarf5"));

std::vector<uint8_t> FromText(std::string_view text) {
  auto binary = ParseWat(text);
  EXPECT_OK(binary);
  return *std::move(binary);
}

TEST(BackTrace, WithoutDwarf) {
  EXPECT_THAT(TraceOf(FromText(R"((module
      (func $inner unreachable)
      (func (export "_start") (call $inner))))")),
              ElementsAre(MatchesRegex("#0 inner at 0x[0-9a-f]+"),
                          MatchesRegex("#1 _start at 0x[0-9a-f]+")));
}

TEST(BackTrace, OfADeepStackBothEnds) {
  const auto lines = TraceOf(FromText(R"((module
      (func $down (param i32)
        (if (i32.eqz (local.get 0)) (then unreachable))
        (call $down (i32.sub (local.get 0) (i32.const 1))))
      (func (export "_start") (call $down (i32.const 98)))))"),
                             /*max_frames=*/4);
  EXPECT_THAT(
      lines,
      ElementsAre(MatchesRegex("#0 down at .*"), MatchesRegex("#1 down at .*"),
                  "... 96 frames ...", MatchesRegex("#98 down at .*"),
                  MatchesRegex("#99 _start at .*")));
}

TEST(Demangled, NamesOfCxxAndRust) {
  EXPECT_THAT(Demangled({"main", "_ZN4core9panicking5panic17h0123456789abcdefE",
                         "_ZN1a1bEi", "_Z", "_ZZZZ", ""}),
              ElementsAre("main", "core::panicking::panic", "a::b(int)", "_Z",
                          "_ZZZZ", ""));
}

// What takes the demangler to its end takes the demangling only.
TEST(Demangled, HostileNamesStayAsTheyAre) {
  std::string deep = "_Z1f";
  for (int i = 0; i < 200000; ++i) deep += 'P';
  EXPECT_EQ(Demangled({deep, "_Z1gv"})[0].substr(0, 4), "_Z1f");
}

TEST(Printable, ControlCharactersAreReplaced) {
  EXPECT_EQ(Printable("a\x1b[31m\n"), "a?[31m?");
  EXPECT_EQ(Printable(std::string(1000, 'x')).size(), 303u);
}

}  // namespace
}  // namespace wasmd

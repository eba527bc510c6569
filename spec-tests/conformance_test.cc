#include "spec-tests/conformance.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdint>
#include <iostream>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/testing/status_matchers.h"
#include "spec-tests/name_filter.h"
#include "spec-tests/suite.h"

namespace wasmd::spec {
namespace {

constexpr char kNoSuite[] =
    "the official test suite is not here; set WASM_TESTSUITE to its folder";

enum class Mode : uint8_t { kStatic, kStraight, kSuspended };

// One file of the suite, or all of them.
absl::StatusOr<bool> RunSuite(Mode mode, const std::string& name) {
  ConformanceOptions options;
  options.workspace = FindWorkspace();
  options.is_static = mode == Mode::kStatic;
  if (mode == Mode::kSuspended) options.suspend_every = 1;
  if (!name.empty()) {
    std::string expression = "^";
    for (const char c : name) {
      if (c == '.') expression += '\\';
      expression += c;
    }
    auto filter = NameFilter::Create(expression + "$");
    if (!filter.ok()) return filter.status();
    options.filter = *std::move(filter);
  }
  return RunConformance(options, std::cout);
}

TEST(ConformanceTest, Static) {
  if (!FindSuite(FindWorkspace()).has_value()) GTEST_SKIP() << kNoSuite;
  ASSERT_OK_AND_ASSIGN(const bool as_expected, RunSuite(Mode::kStatic, ""));
  EXPECT_TRUE(as_expected);
}

// Every script is a test of its own, so that they can be spread over shards.
std::vector<std::string> ScriptNames() {
  const std::optional<std::string> suite = FindSuite(FindWorkspace());
  std::vector<std::string> names;
  if (!suite.has_value()) return names;
  const auto scripts = ListScripts(*suite);
  if (!scripts.ok()) return names;
  for (const ScriptFile& script : *scripts) names.push_back(script.name);
  return names;
}

class ScriptTest : public ::testing::TestWithParam<std::string> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ScriptTest);

TEST_P(ScriptTest, Straight) {
  ASSERT_OK_AND_ASSIGN(const bool as_expected,
                       RunSuite(Mode::kStraight, GetParam()));
  EXPECT_TRUE(as_expected);
}

TEST_P(ScriptTest, SuspendedAtEverySafepoint) {
  ASSERT_OK_AND_ASSIGN(const bool as_expected,
                       RunSuite(Mode::kSuspended, GetParam()));
  EXPECT_TRUE(as_expected);
}

INSTANTIATE_TEST_SUITE_P(Suite, ScriptTest, ::testing::ValuesIn(ScriptNames()),
                         [](const ::testing::TestParamInfo<std::string>& info) {
                           std::string name;
                           for (const char c : info.param) {
                             name += std::isalnum(static_cast<unsigned char>(c))
                                         ? c
                                         : '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace wasmd::spec

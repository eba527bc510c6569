#include "spec-tests/conformance.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/testing/status_matchers.h"
#include "spec-tests/suite.h"

namespace wasmd::spec {
namespace {

class ConformanceTest : public ::testing::Test {
 protected:
  ConformanceTest() { options_.workspace = FindWorkspace(); }

  void SetUp() override {
    if (!FindSuite(options_.workspace).has_value()) {
      GTEST_SKIP() << "the official test suite is not here; set WASM_TESTSUITE "
                      "to its folder";
    }
  }

  ConformanceOptions options_;
};

TEST_F(ConformanceTest, Static) {
  options_.is_static = true;
  ASSERT_OK_AND_ASSIGN(const bool as_expected,
                       RunConformance(options_, std::cout));
  EXPECT_TRUE(as_expected);
}

}  // namespace
}  // namespace wasmd::spec

#include "spec-tests/differential.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "wasm/testing/module_generator.h"

namespace wasmd::spec {
namespace {

std::vector<uint8_t> BytesOf(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(100 + random() % 3000);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

class DifferentialTest : public ::testing::TestWithParam<uint32_t> {};

// Each case tries many seeds; with WASMD_LONG a hundred times as many.
TEST_P(DifferentialTest, EveryWayGivesTheSame) {
  const uint32_t count = std::getenv("WASMD_LONG") != nullptr ? 10'000 : 100;
  uint32_t returned = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t seed = GetParam() * 1'000'000 + i;
    const auto log = CompareRuns(testing::GenerateModule(BytesOf(seed)));
    ASSERT_OK(log) << "seed " << seed;
    returned += log->find("trap") == std::string::npos;
  }
  // Modules that trap at once would show nothing.
  EXPECT_GT(returned, count / 4);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DifferentialTest, ::testing::Range(0u, 4u));

TEST(DifferentialTest, RefusesWhatIsNotValid) {
  EXPECT_FALSE(CompareRuns({1, 2, 3}).ok());
}

}  // namespace
}  // namespace wasmd::spec

#include "base/check.h"

#include <gtest/gtest.h>

namespace {

TEST(CheckTest, PassesWhenTrue) { CHECK(1 + 1 == 2); }

TEST(CheckDeathTest, AbortsWithPlaceAndCondition) {
  EXPECT_DEATH(CHECK(1 == 2),
               "internal error: .*check_test.cc:[0-9]+: CHECK.1 == 2. failed");
}

}  // namespace

#include "spec-tests/name_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"

namespace wasmd::spec {
namespace {

using ::testing::HasSubstr;
using ::wasmd::testing::StatusIs;

TEST(NameFilterTest, SearchesAnywhereInTheName) {
  ASSERT_OK_AND_ASSIGN(const NameFilter filter,
                       NameFilter::Create("^simd_|memory[0-9]"));
  EXPECT_TRUE(filter.Matches("simd_load.wast"));
  EXPECT_TRUE(filter.Matches("core/memory64.wast"));
  EXPECT_FALSE(filter.Matches("memory.wast"));
  EXPECT_FALSE(filter.Matches("core/simd_load.wast"));
}

TEST(NameFilterTest, RefusesABadExpression) {
  EXPECT_THAT(NameFilter::Create("a(b"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a(b")));
}

}  // namespace
}  // namespace wasmd::spec

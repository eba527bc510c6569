#include "spec-tests/expectations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"

namespace wasmd::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::wasmd::testing::StatusIs;

TEST(ExpectationsTest, OnePlaceALine) {
  ASSERT_OK_AND_ASSIGN(const Expectations expectations,
                       ParseExpectations("# a comment\n"
                                         "\n"
                                         "b/c.wast:12  # why not\r\n"
                                         "  a.wast:3 # because\n"
                                         "d.wast:* # all of it"));
  EXPECT_THAT(
      expectations,
      ElementsAre(Pair(CommandPlace("a.wast", 3), "because"),
                  Pair(CommandPlace("b/c.wast", 12), "why not"),
                  Pair(CommandPlace("d.wast", kEveryLine), "all of it")));
  ASSERT_OK_AND_ASSIGN(const Expectations none, ParseExpectations(""));
  EXPECT_THAT(none, IsEmpty());
}

TEST(ExpectationsTest, RefusesLinesThatSayTooLittleOrTwice) {
  for (const char* bad : {"a.wast:1", "a.wast:1 #", "a.wast # why", ":1 # why",
                          "a.wast: # why", "a.wast:1x # why", "a.wast:-1 # why",
                          "a.wast:** # why", "a.wast:1 # x\na.wast:1 # y"}) {
    EXPECT_THAT(ParseExpectations(bad),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << bad;
  }
  EXPECT_THAT(ParseExpectations("\n\nx").status().message(),
              HasSubstr("line 3"));
}

}  // namespace
}  // namespace wasmd::spec
